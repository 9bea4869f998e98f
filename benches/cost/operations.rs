//! What a caller waits for, prepared so that one of each can be counted.
//!
//! A client, a server's answer and what goes into the request are in the caller's hands before the
//! counting starts, in this crate's types. `benches/peers` counts the same work of other crates over the
//! same bytes.

#![allow(dead_code, reason = "the benchmark and the test each take the part they need")]

use std::time::Duration;

use grantwire::authorization::StartedAuthorization;
use grantwire::client::{ClientSecretBasic, PrivateKeyJwt};
use grantwire::device::DeviceAuthorization;
use grantwire::flow::{DeviceFlow, Machine, Step};
use grantwire::grant::{AuthorizationCode, ClientCredentials, RefreshToken};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::pkce::CodeVerifier;
use grantwire::{
    AuthorizationServer, Client, Entropy, RedirectUri, ReplyError, Scope, Timestamp, TokenResponse,
};
use http::{HeaderValue, Request, Response};

use super::count::{Work, kept};

pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_752_702_206);

pub fn entropy() -> Entropy {
    Entropy::new([7; 32])
}

pub fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://as.example")
        .authorization_endpoint("https://as.example/authorize")
        .token_endpoint("https://as.example/token")
        .device_authorization_endpoint("https://as.example/device")
        .introspection_endpoint("https://as.example/introspect")
        .body_limit(4 << 20)
}

pub fn client() -> &'static Client {
    let basic = ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw");
    kept(Client::new(server(), "s6BhdRkqt3").auth(basic))
}

/// A reply with the headers that real servers send. HTTP stacks hand values out as parts of one
/// buffer, which are copied as cheaply as these.
pub fn response(status: u16, body: impl Into<Vec<u8>>) -> &'static Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in [
        ("content-type", "application/json;charset=UTF-8"),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
        ("date", "Sat, 21 Nov 2026 22:59:00 GMT"),
    ] {
        response = response.header(name, HeaderValue::from_static(value));
    }
    kept(response.body(body.into()).expect("the headers are well formed"))
}

/// A JWT of so many bytes, as far as a client can tell.
fn jwt(len: usize) -> String {
    let header = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.";
    let signature = format!(".{}", "s".repeat(86));
    let payload = "p".repeat(len - header.len() - signature.len());
    format!("{header}{payload}{signature}")
}

/// The tokens of a sign-in, 2.2 KB of them.
fn tokens() -> &'static Response<Vec<u8>> {
    let (access, id) = (jwt(900), jwt(1124));
    let body = format!(
        r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","scope":"openid profile email offline_access","id_token":"{id}"}}"#
    );
    response(200, body)
}

fn has_tokens(tokens: &TokenResponse) {
    assert_eq!(tokens.access_token().expose().len(), 900);
    assert!(tokens.deviations().is_empty(), "the reply has deviations");
}

/// What every request with client authentication in a header is.
fn has_credentials(request: &Request<Vec<u8>>) {
    assert!(request.headers().contains_key("authorization"), "the request has no credentials");
    fits(request);
}

fn fits(request: &Request<Vec<u8>>) {
    let body = request.body();
    assert_eq!(body.capacity(), body.len(), "the body's buffer is not of exactly the right size");
}

/// A code, PKCE and a redirect URI, as most clients send them.
fn code() -> AuthorizationCode {
    let verifier = CodeVerifier::from_text("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA")
        .redirect_uri("https://client.example.com/cb")
        .code_verifier(verifier.expect("the verifier of RFC 7636"))
}

pub fn build() -> Work {
    let (client, code, mut entropy) = (client(), code(), entropy());
    let build = move || client.token(code).request(NOW, &mut entropy).expect("it is complete");
    Work::new(build, has_credentials)
}

pub fn read_tokens() -> Work {
    let exchange = kept(client().token(code()));
    let response = tokens();
    Work::new(move || exchange.read(response).expect("they are tokens"), has_tokens)
}

pub fn read_invalid_grant() -> Work {
    let body =
        r#"{"error":"invalid_grant","error_description":"The authorization code has expired."}"#;
    let exchange = kept(client().token(code()));
    let response = response(400, body);
    let read = move || exchange.read(response).expect_err("it is an error response");
    Work::new(read, |error: &ReplyError| assert!(error.refusal().is_some()))
}

pub fn exchange() -> Work {
    let (client, code, mut entropy, response) = (client(), code(), entropy(), tokens());
    let exchange = move || {
        let exchange = client.token(code);
        let request = exchange.request(NOW, &mut entropy).expect("it is complete");
        (request, exchange.read(response).expect("they are tokens"))
    };
    Work::new(exchange, |(request, tokens)| {
        has_credentials(request);
        has_tokens(tokens);
    })
}

pub fn refresh() -> Work {
    let grant = RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA");
    let (client, mut entropy, response) = (client(), entropy(), tokens());
    let refresh = move || {
        let exchange = client.token(grant);
        let request = exchange.request(NOW, &mut entropy).expect("it is complete");
        (request, exchange.read(response).expect("they are tokens"))
    };
    Work::new(refresh, |(request, tokens)| {
        has_credentials(request);
        has_tokens(tokens);
    })
}

pub fn authorization_url() -> Work {
    let (client, mut entropy) = (client(), entropy());
    let redirect_uri = RedirectUri::from("https://client.example.com/cb");
    let scope = Scope::from("openid profile email offline_access");
    let start = move || {
        let request = client.authorization().redirect_uri(redirect_uri).scope(scope);
        request.start(&mut entropy).expect("it is complete")
    };
    Work::new(start, |started: &StartedAuthorization| {
        for part in ["&scope=openid%20profile%20", "&state=", "&code_challenge="] {
            assert!(started.url.contains(part), "the URL has no {part}");
        }
    })
}

/// The user takes three polls to decide.
pub fn device() -> Work {
    let client = client();
    let codes = r#"{"device_code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","expires_in":1800,"interval":5}"#;
    let authorization: &DeviceAuthorization = kept(
        client.device_authorization().read(response(200, codes)).expect("it is a device code"),
    );
    let (pending, tokens, entropy) =
        (response(400, r#"{"error":"authorization_pending"}"#), tokens(), entropy());
    let poll = move || {
        let mut flow = DeviceFlow::new(client, authorization, NOW, entropy);
        let mut now = NOW;
        let mut asked = 0;
        loop {
            match flow.poll(now) {
                Step::Wait(until) => now = until,
                Step::Send(request, duties) => {
                    drop((request, duties));
                    asked += 1;
                    let answer = if asked > 3 { tokens } else { pending };
                    now = now + Duration::from_secs(1);
                    flow.handle_response(now, answer).expect("a request is outstanding");
                }
                Step::Done(result) => return (asked, result.expect("they are tokens")),
                Step::Sign(_) | Step::Outstanding => unreachable!("it never waits for us"),
                Step::Persist(never) => match never {},
            }
        }
    };
    Work::new(poll, |(asked, tokens)| {
        assert_eq!(*asked, 4);
        has_tokens(tokens);
    })
}

/// RFC 7515 appendix A.3.1.
const ES256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// RFC 8037 appendix A.1.
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn assertion(algorithm: Algorithm, jwk: &str) -> Work {
    let key = LocalKey::from_jwk(algorithm, jwk).expect("it is a private key").key_id("k1");
    let client = kept(Client::new(server(), "s6BhdRkqt3").auth(PrivateKeyJwt::new(key)));
    let mut entropy = entropy();
    let build = move || {
        let exchange = client.token(ClientCredentials::new());
        exchange.request(NOW, &mut entropy).expect("it is complete")
    };
    Work::new(build, |request: &Request<Vec<u8>>| {
        let body = String::from_utf8_lossy(request.body());
        assert!(body.contains("&client_assertion=ey"), "the request has no assertion");
        fits(request);
    })
}

pub fn es256_assertion() -> Work {
    assertion(Algorithm::Es256, ES256)
}

pub fn eddsa_assertion() -> Work {
    assertion(Algorithm::EdDsa, ED25519)
}
