//! Client authentication at the token endpoint
//! ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)).
//!
//! First what the request presents, exactly one method; then whether it is the method and the
//! credential the client is registered with.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::assertion::{self, ASSERTION_TYPE};
use super::clients::{Authentication, Client};
use super::form::{self, Form};
use super::judge::Judge;
use super::jws::Jws;
use super::message::Received;
use super::refusal::Refusal;
use super::rules::Rules;

/// What the request presents as proof.
enum Presented<'a> {
    Nothing,
    Basic { secret: String },
    Post { secret: &'a str },
    Assertion(Jws<'a>),
}

/// The client that sent the request, if it proves to be one.
pub fn authenticate(
    judge: &mut Judge,
    rules: &Rules,
    received: &Received,
    form: &Form,
) -> Result<Arc<Client>, Refusal> {
    let (id, presented) = presented(received, form)?;
    let client = judge
        .clients
        .find(rules.system, &id)
        .ok_or_else(|| Refusal::invalid_client("the client is not known"))?;
    check_headers(&client, received)?;
    let now = judge.now();
    match (&client.authentication, presented) {
        (Authentication::None, Presented::Nothing) => Ok(()),
        (Authentication::ClientSecretBasic(registered), Presented::Basic { secret }) => {
            same(registered, &secret)
        }
        (Authentication::ClientSecretPost(registered), Presented::Post { secret }) => {
            same(registered, secret)
        }
        (
            Authentication::ClientSecretJwt(_) | Authentication::PrivateKeyJwt(_),
            Presented::Assertion(jws),
        ) => assertion::check(&jws, &client, rules, &mut judge.used_ids, now),
        _ => Err("unsupported authentication method"),
    }
    .map_err(Refusal::invalid_client)?;
    Ok(client)
}

/// Checks the headers a client has to send besides OAuth's own.
pub fn check_headers(client: &Client, received: &Received) -> Result<(), Refusal> {
    for (name, value) in &client.required_headers {
        if received.header(name)? != Some(value) {
            return Err(Refusal::invalid_client(format!("header {name} is missing or wrong")));
        }
    }
    Ok(())
}

/// The client identifier and the one proof that comes with it.
fn presented<'a>(received: &Received, form: &'a Form) -> Result<(String, Presented<'a>), Refusal> {
    let authorization = received.header("authorization")?;
    let secret = form.get("client_secret");
    let assertion = form.get("client_assertion");
    let body_id = form.get("client_id");
    let methods = [authorization.is_some(), secret.is_some(), assertion.is_some()];
    if methods.into_iter().filter(|used| *used).count() > 1 {
        return Err(Refusal::invalid_request("more than one client authentication method"));
    }
    if assertion.is_none() && form.get("client_assertion_type").is_some() {
        return Err(Refusal::about("client_assertion", "is missing"));
    }
    let (id, presented) = if let Some(header) = authorization {
        let (id, secret) = basic(header).map_err(Refusal::invalid_client)?;
        (id, Presented::Basic { secret })
    } else if let Some(secret) = secret {
        let id = form.required("client_id")?;
        (id.to_owned(), Presented::Post { secret })
    } else if let Some(assertion) = assertion {
        if form.required("client_assertion_type")? != ASSERTION_TYPE {
            return Err(Refusal::invalid_client("client_assertion_type is unknown"));
        }
        let jws = Jws::parse(assertion).map_err(Refusal::invalid_client)?;
        let id = assertion::claimed_client(&jws).map_err(Refusal::invalid_client)?;
        (id, Presented::Assertion(jws))
    } else {
        let id = body_id.ok_or_else(|| Refusal::invalid_client("no client authentication"))?;
        (id.to_owned(), Presented::Nothing)
    };
    if body_id.is_some_and(|body_id| body_id != id) {
        return Err(Refusal::invalid_request("client_id is not the client that authenticates"));
    }
    Ok((id, presented))
}

/// Reads `Basic`: Base64, then a colon, then both halves form-decoded
/// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
fn basic(header: &str) -> Result<(String, String), &'static str> {
    let (scheme, credentials) =
        header.split_once(' ').ok_or("the Authorization header has no credentials")?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err("the Authorization header is not Basic");
    }
    let decoded =
        STANDARD.decode(credentials).map_err(|_| "the Basic credentials are not Base64")?;
    let text = String::from_utf8(decoded).map_err(|_| "the Basic credentials are not text")?;
    let (id, secret) = text.split_once(':').ok_or("the Basic credentials have no colon")?;
    form::decode(id)
        .zip(form::decode(secret))
        .ok_or("the Basic credentials are not form-urlencoded")
}

fn same(registered: &str, presented: &str) -> Result<(), &'static str> {
    if registered == presented { Ok(()) } else { Err("the client secret is wrong") }
}
