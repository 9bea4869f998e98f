//! Requests and answers for the eye: everything that is a secret, shortened.
//!
//! `eyJhbGciOiJIUzI1NiJ9…` becomes `eyJh…(412)`: enough to tell two apart, nothing to use.

use serde_json::Value;

/// Headers whose value is a credential.
const SECRET_HEADERS: [&str; 7] = [
    "authorization",
    "cookie",
    "dpop",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
    "x-dressipi-jwt",
];

/// Parameters and JSON members whose value is a credential, or a whole request that nobody reads
/// letter by letter.
const SECRET_PARAMETERS: [&str; 18] = [
    "access_token",
    "actor_token",
    "assertion",
    "auth_req_id",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "id_token",
    "id_token_hint",
    "login_hint_token",
    "password",
    "refresh_token",
    "registration_access_token",
    "request",
    "subject_token",
    "token",
];

/// A secret, shortened: its first four characters if it is long, and its length.
pub fn secret(value: &str) -> String {
    let length = value.chars().count();
    let shown = if length >= 16 { 4 } else { 0 };
    let start: String = value.chars().take(shown).collect();
    format!("{start}…({length})")
}

/// A header's value; the scheme of a credential stays.
pub fn header(name: &str, value: &str) -> String {
    if name == "location" {
        return url(value);
    }
    if !SECRET_HEADERS.contains(&name) {
        return value.to_owned();
    }
    match value.split_once(' ') {
        Some((scheme, credentials)) => format!("{scheme} {}", secret(credentials)),
        None => secret(value),
    }
}

/// A query, fragment or form body, pair by pair, as it was written.
pub fn pairs(text: &str) -> Vec<String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if SECRET_PARAMETERS.contains(&name) => {
                format!("{name}={}", secret(value))
            }
            _ => pair.to_owned(),
        })
        .collect()
}

/// A URL, or the path and query of one.
pub fn url(url: &str) -> String {
    let (rest, fragment) = match url.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (url, None),
    };
    let mut elided = match rest.split_once('?') {
        Some((path, query)) => format!("{path}?{}", pairs(query).join("&")),
        None => rest.to_owned(),
    };
    if let Some(fragment) = fragment {
        elided.push('#');
        elided.push_str(&pairs(fragment).join("&"));
    }
    elided
}

/// A JSON value, secrets shortened at every depth. PingOne's `code` is the name of an error, not
/// a credential, so a `code` beside a `message` stays.
pub fn json(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(json).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| {
                let is_name = name == "code" && members.contains_key("message");
                let elided = match member {
                    Value::String(text)
                        if SECRET_PARAMETERS.contains(&name.as_str()) && !is_name =>
                    {
                        Value::String(secret(text))
                    }
                    other => json(other),
                };
                (name.clone(), elided)
            })
            .collect(),
        other => other.clone(),
    }
}
