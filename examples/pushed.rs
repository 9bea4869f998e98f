//! An authorization request that nobody on the way can read or change: signed by a key that is
//! somewhere else, and pushed to the server before the browser goes there.
//!
//! ```sh
//! cargo run --example pushed
//! ```
//!
//! A thread stands in for the KMS (`support/kms.rs`). A push here wants two signatures, one for the
//! request object and one for the client itself; each comes out of the draft as bytes, and goes back
//! in. The browser then carries a reference that works once. The same object, carried by the browser
//! instead, cannot be changed either. The server is embedded, on loopback, and verifies everything.
//!
//! To copy: steps 2 to 4 of `main` with `ask`; the loop over what is to be signed is the same for any
//! draft, whatever it holds.
//!
//! ```toml
//! grantwire = { version = "0.1", features = ["getrandom"] }
//! http = "1"
//! ```

mod embedded;
mod support;

use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use embedded::jws::Jws;
use embedded::{Authentication, Config, Printer, Received, Reply, Server, elide};
use grantwire::authorization::{Callback, CallbackErrorKind, RequestObject};
use grantwire::client::PrivateKeyJwt;
use grantwire::flow::{CodeFlow, Driver};
use grantwire::jose::{Algorithm, Signature, Signer, Unsigned};
use grantwire::reply::ErrorCode;
use grantwire::{AuthorizationServer, Client, Entropy};
use http::{Request, Response};
use support::{Http, Kms, now, sleep_until};

const ID: &str = "https://client.example/bank";
const CALLBACK: &str = "https://client.example/cb";
const KEY_ID: &str = "alias/bank-2026";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let kms = Kms::start(KEY_ID)?;
    let key = Authentication::PrivateKeyJwt(vec![kms.public_jwk()]);
    let registered = embedded::Client::new(ID, key)
        .redirecting_to(CALLBACK)
        .with_scopes(&["accounts"])
        .signing_requests();
    let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
    let issuer = format!("{}/oauth2", server.origin());
    let at = AuthorizationServer::new()
        .issuer(issuer.as_str())
        .authorization_endpoint(&format!("{issuer}/authorize"))
        .pushed_authorization_request_endpoint(&format!("{issuer}/par"))
        .token_endpoint(&format!("{issuer}/token"));
    let signer = Signer::remote(Algorithm::Es256).key_id(KEY_ID);
    let client = Client::new(at, ID).auth(PrivateKeyJwt::new(signer.clone()));
    let (http, printer, mut entropy) = (Http::new(), Printer::new(), Entropy::from_os()?);
    let asking = || client.authorization().redirect_uri(CALLBACK).scope("accounts");

    printer.title("A request that is signed and pushed");
    printer.step("1. This server takes no request from this client that is not signed");
    let plain = asking().start(&mut entropy)?;
    let callback = Callback::from_url(&support::visit(&http, &plain.url)?);
    let refused = plain.pending.code(callback).err().ok_or("an unsigned request was taken")?;
    printer.refusal("CallbackError", &[("says", &refused)]);
    let invalid = matches!(refused.kind(), CallbackErrorKind::Refused(refusal)
        if *refusal.code() == ErrorCode::InvalidRequest);
    require(invalid, "the refusal came to the callback")?;

    printer.step("2. The push, and all that is to be signed in it");
    let started = asking().signed(RequestObject::new(signer.clone())).push(&mut entropy)?;
    let mut draft = started.exchange.draft(now(), &mut entropy)?;
    let duties = draft.duties();
    let mut signed = 0;
    while let Some(unsigned) = draft.unsigned().cloned() {
        show(printer, &unsigned)?;
        draft.sign(&ask(&kms, &unsigned)?)?;
        signed += 1;
    }
    require(signed == 2, "one signature for the request, and one for the client")?;
    let request = draft.finish()?;
    printer.request(&Received::from_http(&request));
    let answer = http.send(request, duties)?;
    printer.reply(&Reply::from_http(&answer));
    let pushed = started.exchange.read(&answer)?;

    printer.step("3. The browser carries a reference, and nothing else");
    let url = started.exchange.url(&pushed)?;
    printer.note(url.as_str());
    require(!url.contains("redirect_uri") && !url.contains("scope"), "nothing can be read")?;
    let callback = Callback::from_url(&support::visit(&http, &url)?);
    let again = http.send_plain(Request::get(url.as_str()).body(Vec::new())?)?;
    printer.note(&format!("a second visit: {}", again.status()));
    require(again.status() == 400, "the reference works once")?;

    printer.step("4. The code becomes tokens; the client signs once more");
    let mut driver = Driver::blocking(now, sleep_until, |request, duties| {
        printer.request(&Received::from_http(&request));
        let answer: Response<Vec<u8>> = http.transport(request, duties)?;
        printer.reply(&Reply::from_http(&answer));
        Ok(answer)
    })
    .sign(|unsigned: Unsigned| ask(&kms, &unsigned).ok());
    let mut flow = CodeFlow::resume(&client, started.pending, callback, Entropy::from_os()?)?;
    let tokens = driver.run(&mut flow)?;
    printer.result(
        "TokenResponse",
        &[("access token", &elide::secret(tokens.access_token().expose()))],
    );

    printer.title("The same without a push: the browser carries the object itself");
    let mut draft = asking().signed(RequestObject::new(signer)).draft(now(), &mut entropy)?;
    let unsigned = draft.unsigned().ok_or("the draft wants no signature")?.clone();
    draft.sign(&ask(&kms, &unsigned)?)?;
    let started = draft.finish()?;
    printer.note(&elide::url(&started.url));
    let widened = Request::get(widened(&started.url)?).body(Vec::new())?;
    let refused = http.send_plain(widened)?;
    let why = String::from_utf8_lossy(refused.body());
    printer.note(&format!("with another scope in it: {}, {why}", refused.status()));
    require(refused.status() == 400, "what was signed cannot be changed")?;
    let callback = Callback::from_url(&support::visit(&http, &started.url)?);
    started.pending.code(callback)?;
    printer.note("as it was signed: the callback has a code");
    Ok(())
}

/// What a program does for each [`Unsigned`]: hand the bytes to whoever holds the key.
fn ask(kms: &Kms, unsigned: &Unsigned) -> Outcome<Signature> {
    let key_id = unsigned.key_id().ok_or("the request names no key")?;
    let signature = kms.sign(key_id, unsigned.input()).ok_or("the KMS gave no signature")?;
    Ok(unsigned.signed(signature))
}

/// What the KMS is asked to sign.
fn show(printer: Printer, unsigned: &Unsigned) -> Outcome<()> {
    let text = format!("{}.AA", std::str::from_utf8(unsigned.input())?);
    let jwt = Jws::parse(&text)?;
    let members = jwt.payload.iter().map(|(name, value)| match name.as_str() {
        "jti" | "state" | "code_challenge" => (name, elide::secret(value.as_str().unwrap_or(""))),
        _ => (name, value.to_string()),
    });
    let members: Vec<_> = members.collect();
    let fields: Vec<(&str, &dyn std::fmt::Display)> =
        members.iter().map(|(name, value)| (name.as_str(), value as _)).collect();
    printer.result(&format!("Unsigned: {}", jwt.header("typ").unwrap_or("no typ")), &fields);
    Ok(())
}

/// The URL with another scope in its request object, as somebody on the way would like it.
fn widened(url: &str) -> Outcome<String> {
    let object = url.split("request=").nth(1).ok_or("there is no request object in the URL")?;
    let claims = object.split('.').nth(1).ok_or("the request object is no JWT")?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(claims)?)?;
    let wider = URL_SAFE_NO_PAD.encode(text.replace("accounts", "payments"));
    Ok(url.replace(claims, &wider))
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
