//! What a test is given: a moment, random bytes, servers, clients, and replies made by hand.
//!
//! It goes through the public API alone, and it judges nothing.

#![allow(dead_code, reason = "each test takes the part it needs")]

use grantwire::authorization::{Callback, PendingAuthorization, StartedAuthorization};
use grantwire::grant::{AuthorizationCode, CheckedCode, ClientCredentials, RefreshToken};
use grantwire::{
    AuthorizationServer, BuildError, Client, Entropy, Quirks, ReplyError, Secret, Timestamp,
    TokenRequest, TokenResponse,
};
use http::{Request, Response};

pub const ISSUER: &str = "https://as.example";
pub const AUTHORIZE: &str = "https://as.example/authorize";
pub const TOKEN: &str = "https://as.example/token";
pub const CALLBACK: &str = "https://client.example.com/cb";
pub const CLIENT_ID: &str = "s6BhdRkqt3";
pub const JSON: &str = "application/json;charset=UTF-8";

pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000)
}

pub fn entropy() -> Entropy {
    Entropy::new([7; 32])
}

pub fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer(ISSUER)
        .authorization_endpoint(AUTHORIZE)
        .token_endpoint(TOKEN)
}

pub fn client() -> Client {
    Client::new(server(), CLIENT_ID)
}

pub fn lenient(quirks: Quirks) -> Client {
    Client::new(server().quirks(quirks), CLIENT_ID)
}

/// An exchange whose credential is spent by presenting it.
pub fn code_exchange(client: &Client) -> TokenRequest {
    client.token(AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA"))
}

/// An exchange whose refresh token may rotate.
pub fn refresh(client: &Client) -> TokenRequest {
    client.token(RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA"))
}

/// An exchange that can be repeated.
pub fn own_token(client: &Client) -> TokenRequest {
    client.token(ClientCredentials::new())
}

pub fn build(exchange: &TokenRequest) -> Result<Request<Vec<u8>>, BuildError> {
    exchange.request(now(), &mut entropy())
}

pub fn built(exchange: &TokenRequest) -> Request<Vec<u8>> {
    build(exchange).expect("a request")
}

pub fn body_of(request: &Request<Vec<u8>>) -> &str {
    std::str::from_utf8(request.body()).expect("a form is ASCII")
}

/// The pairs of a form, in order.
pub fn pairs(form: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(form).expect("a form")
}

pub fn pairs_of(request: &Request<Vec<u8>>) -> Vec<(String, String)> {
    pairs(body_of(request))
}

/// Those very pairs, for comparing.
pub fn as_pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The names of a form's parameters, in order.
pub fn names_of(request: &Request<Vec<u8>>) -> Vec<String> {
    pairs_of(request).into_iter().map(|(name, _)| name).collect()
}

/// Every header with its value, in alphabetical order.
pub fn headers_of(request: &Request<Vec<u8>>) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| value.to_str().expect("visible ASCII").to_owned();
    let mut all: Vec<_> =
        request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    all.sort();
    all
}

/// The query parameter of a URL.
pub fn query(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    pairs(query).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// A reply with these headers.
pub fn answer(
    status: u16,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.into()).expect("a response")
}

/// A reply in JSON.
pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    answer(status, &[("content-type", JSON)], body)
}

/// What a code exchange reads from a 200 in JSON.
pub fn tokens(body: &str) -> TokenResponse {
    code_exchange(&client()).read(&json(200, body)).expect(body)
}

/// Why a code exchange reads nothing from a reply.
pub fn failure(reply: &Response<Vec<u8>>) -> ReplyError {
    code_exchange(&client()).read(reply).expect_err("no tokens in it")
}

/// An authorization that has been started, with a redirect URI.
pub fn started(client: &Client) -> StartedAuthorization {
    client.authorization().redirect_uri(CALLBACK).start(&mut entropy()).expect("a URL")
}

/// A pending authorization whose `state` is `xyz`.
pub fn pending(client: &Client) -> PendingAuthorization {
    let request = client.authorization().redirect_uri(CALLBACK).state(Secret::new("xyz"));
    request.start(&mut entropy()).expect("a URL").pending
}

/// A code that has been through the check.
pub fn checked(pending: PendingAuthorization, query: &str) -> CheckedCode {
    pending.code(Callback::from_query(query)).expect("a code")
}
