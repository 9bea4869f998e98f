//! DPoP with a key that is somewhere else: tokens that are worth nothing without it.
//!
//! ```sh
//! cargo run --example dpop
//! ```
//!
//! A thread stands in for a KMS or a phone's keystore (`support/kms.rs`). Each proof comes out of the
//! machine as bytes to be signed, and each `use_dpop_nonce` leads to one more request with a proof of
//! its own: at the token endpoint, at the resource, and at the refresh. The authorization server is
//! embedded, on loopback, and checks every proof.

mod support;

use std::cell::Cell;
use std::error::Error;

use grantwire::authorization::Callback;
use grantwire::dpop::DpopKey;
use grantwire::flow::{
    AnswerBy, CodeFlow, Dpop, Driver, ResourceFlow, TokenFlow, TransportFailure,
};
use grantwire::grant::RefreshToken;
use grantwire::jose::{Algorithm, PublicJwk, Signer, Unsigned};
use grantwire::resource::{self, ResourceRequest};
use grantwire::{AuthorizationServer, Client, Duties, Entropy, TokenType};
use grantwire_conformance::jws::Jws;
use grantwire_conformance::{Authentication, Config, Possession, Received, Server, elide};
use http::{Request, Response};
use serde_json::Value;
use support::{Http, Kms};

const ID: &str = "https://app.example";
const CALLBACK: &str = "https://app.example/cb";
const KEY_ID: &str = "alias/phone-2026";

fn main() -> Result<(), Box<dyn Error>> {
    let registered = grantwire_conformance::Client::new(ID, Authentication::None)
        .redirecting_to(CALLBACK)
        .with_possession(Possession::WithNonce);
    let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
    let issuer = format!("{}/oauth2", server.origin());
    let at = AuthorizationServer::new()
        .issuer(issuer.as_str())
        .authorization_endpoint(&format!("{issuer}/authorize"))
        .token_endpoint(&format!("{issuer}/token"));
    let client = Client::new(at, ID);

    // The program knows the public half of the key, and its name.
    let kms = Kms::start(KEY_ID)?;
    let public = PublicJwk::from_json(&kms.public_jwk().to_string())?;
    let signer = Signer::remote(Algorithm::Es256).key_id(KEY_ID);
    let dpop = Dpop::new(DpopKey::new(signer, &public)?);
    println!("the key's thumbprint is {}", dpop.key().thumbprint());

    let (http, signed) = (Http::new(), Cell::new(0));
    let mut driver =
        Driver::blocking(support::now, support::sleep_until, |request, duties, answer_by| {
            send(&http, request, duties, answer_by)
        })
        .sign(|unsigned: Unsigned| {
            signed.set(signed.get() + 1);
            let signature = kms.sign(unsigned.key_id()?, unsigned.input())?;
            Some(unsigned.signed(signature))
        });

    println!("\nA code, asked for with the key's thumbprint, is redeemed with a proof");
    let mut entropy = Entropy::from_os()?;
    let asking = client.authorization().redirect_uri(CALLBACK).dpop_jkt(dpop.key());
    let started = asking.start(&mut entropy)?;
    let callback = Callback::from_url(&support::visit(&http, started.url.as_str())?);
    let mut flow = CodeFlow::resume(&client, started.pending, callback, entropy)?.dpop(dpop);
    let tokens = driver.run(&mut flow)?;
    let dpop = flow.into_dpop().ok_or("the key is gone")?;
    let bound = tokens.access_token();
    println!("  a {} token", bound.token_type().as_str());
    require(*bound.token_type() == TokenType::Dpop, "the token is bound to the key")?;

    println!("\nThe resource has a nonce of its own");
    let request = || Request::get(format!("{issuer}/userinfo")).body(Vec::new());
    let exchange = ResourceRequest::new(request()?, bound)?;
    let mut flow = ResourceFlow::new(exchange, Entropy::from_os()?).dpop(dpop);
    let answer = driver.run(&mut flow)?;
    resource::check(&answer)?;
    let about: Value = serde_json::from_slice(answer.expose_body())?;
    println!("  it knows {} of {}", about["sub"], about["client_id"]);
    let dpop = flow.into_dpop().ok_or("the key is gone")?;

    println!("\nA refresh, with the same key");
    let token = tokens.refresh_token().ok_or("no refresh token came")?.clone();
    let exchange = client.token(RefreshToken::new(token));
    let mut flow = TokenFlow::new(exchange, Entropy::from_os()?).dpop(dpop);
    let renewed = driver.run(&mut flow)?;
    println!("  a {} token", renewed.access_token().token_type().as_str());

    println!("\nWithout the key the token is worth nothing");
    let refusal = bound.present(&mut http::HeaderMap::new()).err();
    println!("  this crate: {}", refusal.ok_or("a bound token was presented as a bearer token")?);
    let stolen = format!("Bearer {}", renewed.access_token().expose());
    let stolen = Request::get(format!("{issuer}/userinfo")).header("authorization", stolen);
    let answer = http.send_plain(stolen.body(Vec::new())?)?;
    println!("  the resource: {}", answer.status());
    require(answer.status() == 401, "a stolen token is refused")?;

    // Three requests, each with one nonce retry, and each of the six with a proof of its own.
    println!("\nThe KMS signed {} proofs", signed.get());
    require(signed.get() == 6, "each request had its own proof, and one retry")
}

/// Sends, and shows what a proof says.
fn send(
    http: &Http,
    request: Request<Vec<u8>>,
    duties: Duties,
    answer_by: AnswerBy,
) -> Result<Response<Vec<u8>>, TransportFailure> {
    let received = Received::from_http(&request);
    if let Ok(Some(Ok(proof))) = received.header("dpop").map(|proof| proof.map(Jws::parse)) {
        let text = |name| proof.claim(name).unwrap_or("none");
        let secret = |name| proof.claim(name).map_or("none".to_owned(), elide::secret);
        let (nonce, ath) = (secret("nonce"), secret("ath"));
        println!("  → {} {}, nonce {nonce}, ath {ath}", text("htm"), received.path());
    }
    let answer = http.transport(request, duties, answer_by)?;
    let asked = if answer.status().is_success() { "" } else { ", and here is a nonce" };
    println!("  ← {}{asked}", answer.status());
    Ok(answer)
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
