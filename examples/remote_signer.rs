//! `private_key_jwt` with a key that is somewhere else: a KMS, an HSM, another process.
//!
//! ```sh
//! cargo run --example remote_signer
//! ```
//!
//! A thread stands in for the KMS (`support/kms.rs`): it makes the key, keeps it, and answers
//! `sign(key id, bytes)` over a channel with DER signatures, as such services do. The request waits
//! as a draft; the bytes to sign come out of it and the signature goes in. No callback, no trait,
//! no async. The authorization server is embedded, on loopback, and verifies the signature.

mod support;

use std::error::Error;
use std::time::SystemTime;

use grantwire::client::PrivateKeyJwt;
use grantwire::grant::ClientCredentials;
use grantwire::jose::{Algorithm, SignatureError, Signer, Unsigned};
use grantwire::{AuthorizationServer, BuildError, Client, Entropy};
use grantwire_conformance::{Authentication, Config, Printer, Reply, Server, elide};
use support::{Http, Kms};

const ID: &str = "https://client.example/reports";
const KEY_ID: &str = "alias/reports-2026";

fn main() -> Result<(), Box<dyn Error>> {
    let kms = Kms::start(KEY_ID)?;
    let registered = Authentication::PrivateKeyJwt(vec![kms.public_jwk()]);
    let registered =
        grantwire_conformance::Client::new(ID, registered).with_grants(&["client_credentials"]);
    let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
    let issuer = format!("{}/oauth2", server.origin());

    // All the client knows of its key: the algorithm and the name.
    let signer = Signer::remote(Algorithm::Es256).key_id(KEY_ID);
    let at = AuthorizationServer::new()
        .issuer(issuer.as_str())
        .token_endpoint(&format!("{issuer}/token"));
    let client = Client::new(at, ID).auth(PrivateKeyJwt::new(signer));
    let exchange = client.token(ClientCredentials::new());
    let now = SystemTime::now().into();
    let mut entropy = Entropy::from_os()?;
    let printer = Printer::new();

    printer.title("A request whose key is elsewhere");
    printer.step("1. It cannot be built in one go");
    let error = exchange.request(now, &mut entropy).err();
    require(error == Some(BuildError::NeedsSignature), "a signature is asked for")?;
    printer.note(&format!("{}", BuildError::NeedsSignature));

    printer.step("2. A draft says what to sign, and waits");
    let mut draft = exchange.draft(now, &mut entropy)?;
    let duties = draft.duties();
    let unsigned = draft.unsigned().ok_or("the draft wants no signature")?.clone();
    printer.result(
        "Unsigned",
        &[
            ("algorithm", &unsigned.algorithm()),
            ("key id", &unsigned.key_id().unwrap_or_default()),
            ("input", &format!("{} bytes", unsigned.input().len())),
        ],
    );
    let signature = ask(&kms, &unsigned)?;
    printer.result("the KMS answers", &[("DER signature", &format!("{} bytes", signature.len()))]);

    printer.step("3. A signature made for another request is refused, and the draft is unharmed");
    let other = exchange.draft(now, &mut entropy)?;
    let other = other.unsigned().ok_or("the draft wants no signature")?;
    let stray = other.signed(ask(&kms, other)?);
    let error = draft.sign(&stray).err();
    require(error == Some(SignatureError::Ticket), "the wrong ticket is noticed")?;
    printer.refusal("SignatureError::Ticket", &[("says", &SignatureError::Ticket)]);

    printer.step("4. The right one goes in, and the request comes out");
    draft.sign(&unsigned.signed(signature))?;
    require(draft.unsigned().is_none(), "nothing more is to be signed")?;
    let answer = Http::new().send(draft.finish()?, duties)?;
    server.take_received().iter().for_each(|received| printer.request(received));
    printer.reply(&Reply::from_http(&answer));
    let tokens = exchange.read(&answer)?;
    printer.result(
        "TokenResponse",
        &[
            ("access token", &elide::secret(tokens.access_token().expose())),
            ("lifetime", &format!("{:?}", tokens.lifetime())),
        ],
    );
    printer.note("The server verified the signature with the public key it has registered.");
    Ok(())
}

/// What a program does for each [`Unsigned`]: hand the bytes to whoever holds the key.
fn ask(kms: &Kms, unsigned: &Unsigned) -> Result<Vec<u8>, Box<dyn Error>> {
    let key_id = unsigned.key_id().ok_or("the request names no key")?;
    kms.sign(key_id, unsigned.input()).ok_or_else(|| "the KMS gave no signature".into())
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
