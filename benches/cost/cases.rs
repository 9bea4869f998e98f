//! The four things a caller waits for, prepared so that one call of each can be counted.
//!
//! What a caller has in hand beforehand (its strings, the response) is made before the counting
//! starts. Who counts, and what a budget means, is decided by whoever uses this file.

#![allow(dead_code, reason = "the benchmark and the test each take the part they need")]

use std::rc::Rc;

use grantwire::authorization::StartedAuthorization;
use grantwire::client::ClientSecretBasic;
use grantwire::grant::{AuthorizationCode, ClientCredentials};
use grantwire::pkce::CodeVerifier;
use grantwire::{
    AuthorizationServer, Client, Entropy, RedirectUri, ReplyError, Scope, Timestamp, TokenResponse,
};
use http::{HeaderValue, Request, Response};

/// What one run made, kept so that dropping it is not counted.
#[allow(clippy::large_enum_variant)] // boxing would be an allocation that is not the crate's
pub enum Made {
    Request(Request<Vec<u8>>),
    Tokens(TokenResponse),
    Refused(ReplyError),
    Url(StartedAuthorization),
}

/// One run, with everything it needs in hand.
pub type Run = Box<dyn FnOnce() -> Made>;

/// One thing to count.
pub struct Case {
    pub name: &'static str,
    /// The most allocations one run may take.
    pub budget: u64,
    pub prepare: fn() -> Run,
}

pub const CASES: &[Case] = &[
    Case { name: "code request, from client.token()", budget: 5, prepare: token_and_request },
    Case { name: "code request, request() alone", budget: 5, prepare: request_alone },
    Case { name: "token reply, 200", budget: 7, prepare: token_reply },
    Case { name: "refusal, 400 invalid_grant", budget: 7, prepare: refusal },
    Case { name: "authorization URL", budget: 2, prepare: authorization_url },
];

pub fn client() -> Client {
    let server = AuthorizationServer::new()
        .issuer("https://as.example")
        .authorization_endpoint("https://as.example/authorize")
        .token_endpoint("https://as.example/token")
        .body_limit(2 << 20);
    Client::new(server, "s6BhdRkqt3").auth(ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw"))
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_752_702_206);

/// A code, PKCE and a redirect URI, as most clients send them.
fn grant() -> AuthorizationCode {
    let verifier = CodeVerifier::from_text("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA")
        .redirect_uri("https://client.example.com/cb")
        .code_verifier(verifier.expect("the verifier of RFC 7636"))
}

fn token_and_request() -> Run {
    let (client, grant, mut entropy) = (client(), grant(), Entropy::new([7; 32]));
    Box::new(move || {
        let request = client.token(grant).request(NOW, &mut entropy);
        Made::Request(request.expect("the request is complete"))
    })
}

fn request_alone() -> Run {
    let (exchange, mut entropy) = (client().token(grant()), Entropy::new([7; 32]));
    Box::new(move || {
        let request = exchange.request(NOW, &mut entropy);
        // The exchange would be dropped here, and a caller still needs it to read the reply.
        std::mem::forget(exchange);
        Made::Request(request.expect("the request is complete"))
    })
}

/// A reply with the headers that real servers send. HTTP stacks hand values out as parts of one
/// buffer, which are copied as cheaply as these.
pub fn response(status: u16, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in [
        ("content-type", "application/json;charset=UTF-8"),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
        ("date", "Sat, 21 Nov 2026 22:59:00 GMT"),
    ] {
        response = response.header(name, HeaderValue::from_static(value));
    }
    response.body(body).expect("the headers are well formed")
}

/// A run that reads this reply to a client credentials request.
pub fn reading(response: Response<Vec<u8>>) -> Run {
    let exchange = client().token(ClientCredentials::new());
    let response = Rc::new(response);
    Box::new(move || {
        let read = exchange.read(&*response);
        std::mem::forget((exchange, response));
        match read {
            Ok(tokens) => Made::Tokens(tokens),
            Err(error) => Made::Refused(error),
        }
    })
}

/// A JWT of so many bytes, as far as a client can tell.
fn jwt(len: usize) -> String {
    let header = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.";
    let signature = format!(".{}", "s".repeat(86));
    let payload = "p".repeat(len - header.len() - signature.len());
    format!("{header}{payload}{signature}")
}

fn token_reply() -> Run {
    let body = format!(
        r#"{{"access_token":"{}","token_type":"Bearer","expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","scope":"openid profile email offline_access","id_token":"{}"}}"#,
        jwt(900),
        jwt(1024),
    );
    reading(response(200, body.into_bytes()))
}

fn refusal() -> Run {
    let body =
        br#"{"error":"invalid_grant","error_description":"The authorization code has expired."}"#;
    reading(response(400, body.to_vec()))
}

fn authorization_url() -> Run {
    let (client, mut entropy) = (client(), Entropy::new([7; 32]));
    let redirect_uri = RedirectUri::from("https://client.example.com/cb");
    let scope = Scope::from("openid profile email offline_access");
    Box::new(move || {
        let request = client.authorization().redirect_uri(redirect_uri).scope(scope);
        Made::Url(request.start(&mut entropy).expect("the request is complete"))
    })
}

/// What holds for whatever a run made, budgets aside.
pub fn check(name: &str, made: &Made) -> Result<(), String> {
    let fail = |what: &str| Err(format!("{name}: {what}"));
    match made {
        Made::Request(request) if request.body().capacity() != request.body().len() => {
            fail("the body's buffer is not of exactly the right size")
        }
        Made::Request(request) if !request.headers().contains_key("authorization") => {
            fail("the request has no credentials")
        }
        Made::Tokens(tokens) if !tokens.deviations().is_empty() => fail("the reply has deviations"),
        Made::Refused(error) if error.refusal().is_none() => fail("the reply is no refusal"),
        Made::Url(started) if !started.url.contains("&scope=openid%20profile%20") => {
            fail("the URL has no scope")
        }
        _ => Ok(()),
    }
}
