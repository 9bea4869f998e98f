//! The embedded authorization server refuses what it has to refuse.
//!
//! The examples are judged by that server, so here the server is judged: each rule it claims to
//! check is broken once. This does not test the `grantwire` crate, and does not use it.

mod agekey;
mod assertions;
mod authentication;
mod ciba;
mod codes;
mod device;
mod dpop;
mod dressipi;
mod exchange;
mod faults;
mod introspection;
mod metadata;
mod pingone;
mod pushed;
mod registration;
mod resources;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantwire_conformance::{Client, Clock, Config, Judge, Received, Reply};
use serde_json::Value;

const ORIGIN: &str = "http://127.0.0.1:9";
const START: u64 = 1_800_000_000;
const CALLBACK: &str = "https://client.example/cb";

/// The pair of [RFC 7636 Appendix B](https://www.rfc-editor.org/rfc/rfc7636#appendix-B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A judge and the hand on its clock.
struct World {
    judge: Judge,
    clock: Arc<AtomicU64>,
}

impl World {
    fn new(clients: Vec<Client>) -> Self {
        Self::with(Config { clients, ..Config::default() })
    }

    fn with(config: Config) -> Self {
        let clock = Arc::new(AtomicU64::new(START));
        let config = Config { clock: Clock::Manual(Arc::clone(&clock)), ..config };
        let judge = Judge::new(config, ORIGIN).expect("a judge");
        Self { judge, clock }
    }

    fn advance(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::AcqRel);
    }

    fn send(&mut self, received: &Received) -> Reply {
        self.judge.answer(received).expect("an answer")
    }

    fn get(&mut self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        self.send(&Received::new("GET", &format!("{path}?{}", form(parameters))))
    }

    fn post(&mut self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        self.send(&token_request(path, parameters))
    }

    /// A code of the generic issuer, asked for with PKCE.
    fn code(&mut self, client_id: &str) -> String {
        let reply = self.get(
            "/oauth2/authorize",
            &[
                ("response_type", "code"),
                ("client_id", client_id),
                ("redirect_uri", CALLBACK),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ],
        );
        parameter(&reply, "code").expect("a code")
    }

    /// Sends [`exchange`].
    fn exchange(&mut self, client_id: &str, code: &str) -> Reply {
        self.send(&exchange(client_id, code))
    }

    /// The status that a bearer token earns at the generic resource.
    fn userinfo(&mut self, token: &str) -> u16 {
        let authorization = format!("Bearer {token}");
        let request =
            Received::new("GET", "/oauth2/userinfo").with_header("authorization", &authorization);
        self.send(&request).status
    }
}

/// A request with the client's secret in the header.
fn basic(client_id: &str, secret: &str, request: Received) -> Received {
    let credentials = STANDARD.encode(format!("{client_id}:{secret}"));
    request.with_header("authorization", &format!("Basic {credentials}"))
}

fn form(parameters: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(parameters).expect("a form")
}

fn token_request(path: &str, parameters: &[(&str, &str)]) -> Received {
    Received::new("POST", path)
        .with_header("content-type", "application/x-www-form-urlencoded")
        .with_body(form(parameters))
}

/// A code exchange at the generic issuer by a public client.
fn exchange(client_id: &str, code: &str) -> Received {
    token_request(
        "/oauth2/token",
        &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", client_id),
        ],
    )
}

/// A parameter of the `Location` that a reply sends the user agent to.
fn parameter(reply: &Reply, name: &str) -> Option<String> {
    let location = reply.header("location")?;
    let (_, parameters) = location.split_once(['?', '#'])?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(parameters).ok()?;
    pairs.into_iter().find(|(each, _)| each == name).map(|(_, value)| value)
}

/// A text member of a JSON reply.
fn member(reply: &Reply, name: &str) -> Option<String> {
    reply.value().get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Status and OAuth error of a reply.
fn refusal(reply: &Reply) -> (u16, String) {
    (reply.status, member(reply, "error").unwrap_or_default())
}

fn refused(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}
