//! What a caller waits for, prepared so that one of each can be counted.
//!
//! A client, a server's answer and what goes into the request are in the caller's hands before the
//! counting starts, in this crate's types. `benches/peers` counts the same work of other crates over the
//! same bytes.

#![allow(dead_code, reason = "each program takes the part it needs")]

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

use super::inputs;
use super::work::{Work, kept};

pub const NOW: Timestamp = Timestamp::from_unix_seconds(inputs::NOW);

pub fn entropy() -> Entropy {
    Entropy::new([7; 32])
}

pub fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer(inputs::ISSUER)
        .authorization_endpoint(inputs::AUTHORIZATION_ENDPOINT)
        .token_endpoint(inputs::TOKEN_ENDPOINT)
        .device_authorization_endpoint(inputs::DEVICE_ENDPOINT)
        .introspection_endpoint("https://as.example/introspect")
        .body_limit(4 << 20)
}

pub fn client() -> &'static Client {
    let basic = ClientSecretBasic::new(inputs::CLIENT_SECRET);
    kept(Client::new(server(), inputs::CLIENT_ID).auth(basic))
}

/// A reply with the headers that real servers send. HTTP stacks hand values out as parts of one
/// buffer, which are copied as cheaply as these.
pub fn response(status: u16, body: impl Into<Vec<u8>>) -> &'static Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in inputs::HEADERS {
        response = response.header(name, HeaderValue::from_static(value));
    }
    kept(response.body(body.into()).expect("the headers are well formed"))
}

fn tokens() -> &'static Response<Vec<u8>> {
    response(200, inputs::TOKENS)
}

fn has_tokens(tokens: &TokenResponse) {
    assert!(inputs::TOKENS.contains(tokens.access_token().expose()));
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
    let verifier = CodeVerifier::from_text(inputs::VERIFIER);
    AuthorizationCode::unchecked(inputs::CODE)
        .redirect_uri(inputs::REDIRECT_URI)
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
    let exchange = kept(client().token(code()));
    let response = response(400, inputs::INVALID_GRANT);
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
    let grant = RefreshToken::new(inputs::REFRESH_TOKEN);
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
    let redirect_uri = RedirectUri::from(inputs::REDIRECT_URI);
    let scope = Scope::from_tokens(inputs::SCOPES);
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
    let authorization: &DeviceAuthorization = kept(
        client
            .device_authorization()
            .read(response(200, inputs::DEVICE_CODES))
            .expect("it is a device code"),
    );
    let (pending, tokens, entropy) = (response(400, inputs::PENDING), tokens(), entropy());
    let poll = move || {
        let mut flow = DeviceFlow::new(client, authorization, NOW, entropy);
        let mut now = NOW;
        let mut asked = 0;
        loop {
            match flow.poll(now) {
                Step::Wait(until) => now = until,
                Step::Send(request, duties, _) => {
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

fn assertion(algorithm: Algorithm, jwk: &str) -> Work {
    let key =
        LocalKey::from_jwk(algorithm, jwk).expect("it is a private key").key_id(inputs::KEY_ID);
    let client = kept(Client::new(server(), inputs::CLIENT_ID).auth(PrivateKeyJwt::new(key)));
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
    assertion(Algorithm::Es256, inputs::ES256)
}

pub fn eddsa_assertion() -> Work {
    assertion(Algorithm::EdDsa, inputs::ED25519)
}

/// The request of [`build`], to compare others with.
pub fn code_request() -> Request<Vec<u8>> {
    client().token(code()).request(NOW, &mut entropy()).expect("it is complete")
}

/// The request of [`refresh`].
pub fn refresh_request() -> Request<Vec<u8>> {
    let grant = RefreshToken::new(inputs::REFRESH_TOKEN);
    client().token(grant).request(NOW, &mut entropy()).expect("it is complete")
}

/// The URL of [`authorization_url`].
pub fn authorization_url_text() -> String {
    let request = client()
        .authorization()
        .redirect_uri(inputs::REDIRECT_URI)
        .scope(Scope::from_tokens(inputs::SCOPES));
    request.start(&mut entropy()).expect("it is complete").url.to_string()
}

/// The request of [`es256_assertion`].
pub fn assertion_request() -> Request<Vec<u8>> {
    let key = LocalKey::from_jwk(Algorithm::Es256, inputs::ES256).expect("it is a private key");
    let method = PrivateKeyJwt::new(key.key_id(inputs::KEY_ID));
    let client = Client::new(server(), inputs::CLIENT_ID).auth(method);
    let exchange = client.token(ClientCredentials::new());
    exchange.request(NOW, &mut entropy()).expect("it is complete")
}
