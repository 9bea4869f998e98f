//! Request objects: an authorization request as a JWT that the client has signed
//! ([RFC 9101](https://www.rfc-editor.org/rfc/rfc9101)).
//!
//! Type, signature, issuer, audience and time are checked here, and out come the parameters. Whether
//! they make a good request is for `authorize`.

use serde_json::Value;

use super::clients::Client;
use super::form::Form;
use super::jws::Jws;
use super::refusal::Refusal;
use super::rules::Rules;

/// The one value of `typ`, so that no other JWT can pass for one
/// ([RFC 9101 §10.8](https://www.rfc-editor.org/rfc/rfc9101#section-10.8)).
const TYPE: &str = "oauth-authz-req+jwt";

/// Claims that are about the JWT and not about the request.
const OUTER: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];

/// How far `iat` and `nbf` may lie ahead of the server's clock, in seconds.
const SKEW: u64 = 5;

/// Checks a request object of this client's, and reads the parameters in it.
pub fn read(text: &str, client: &Client, rules: &Rules, now: u64) -> Result<Form, Refusal> {
    let jws = Jws::parse(text).map_err(Refusal::invalid_request_object)?;
    check(&jws, client, rules, now).map_err(Refusal::invalid_request_object)?;
    let mut pairs = Vec::new();
    for (name, value) in jws.payload.iter().filter(|(name, _)| !OUTER.contains(&name.as_str())) {
        match value {
            // `resource` may stand more than once, and a claim can do so only as an array.
            Value::Array(values) if name == "resource" => {
                pairs.extend(values.iter().map(|value| (name.clone(), text_of(value))));
            }
            _ => pairs.push((name.clone(), text_of(value))),
        }
    }
    Ok(Form::from_pairs(pairs))
}

/// A parameter's text: JSON that is no string stays JSON.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn check(jws: &Jws<'_>, client: &Client, rules: &Rules, now: u64) -> Result<(), &'static str> {
    if jws.header("typ") != Some(TYPE) {
        return Err("typ of the request object is not oauth-authz-req+jwt");
    }
    jws.verify_with_one_of(client.keys(), rules.signature_algorithms)?;
    if jws.claim("iss") != Some(&client.id) || jws.claim("client_id") != Some(&client.id) {
        return Err("iss and client_id of the request object are not the client");
    }
    // Such a JWT could be a client assertion.
    if jws.claim("sub") == Some(&client.id) {
        return Err("sub of the request object is the client");
    }
    let is_ours = match jws.payload.get("aud") {
        Some(Value::String(audience)) => *audience == rules.issuer,
        Some(Value::Array(audiences)) => audiences.iter().any(|each| *each == rules.issuer),
        _ => false,
    };
    if !is_ours {
        return Err("aud of the request object is not this issuer");
    }
    let expires_at = jws.time("exp")?.ok_or("the request object has no exp")?;
    if expires_at <= now {
        return Err("the request object has expired");
    }
    if expires_at > now.saturating_add(rules.assertion_lifetime) {
        return Err("exp of the request object is too far ahead");
    }
    for name in ["iat", "nbf"] {
        if jws.time(name)?.is_some_and(|time| time > now.saturating_add(SKEW)) {
            return Err("iat or nbf of the request object is in the future");
        }
    }
    if ["request", "request_uri"].iter().any(|name| jws.payload.contains_key(*name)) {
        return Err("there is a request inside the request object");
    }
    Ok(())
}
