//! Client assertions: a JWT that says who the client is
//! ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)).
//!
//! Everything in it is checked: header, signature, claims, times, and that it comes only once.

use std::collections::HashMap;

use super::clients::{Authentication, Client};
use super::jws::Jws;
use super::rules::Rules;

/// The value of `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far `iat` and `nbf` may lie ahead of the server's clock, in seconds.
const SKEW: u64 = 5;

/// The `jti` values already used, each until its assertion expires.
#[derive(Default)]
pub struct UsedIds(HashMap<(String, String), u64>);

impl UsedIds {
    /// Notes an identifier. False when it was there already.
    pub fn take(&mut self, issuer: &str, jti: &str, expires_at: u64, now: u64) -> bool {
        self.0.retain(|_, until| *until > now);
        self.0.insert((issuer.to_owned(), jti.to_owned()), expires_at).is_none()
    }
}

/// Who the assertion says it is from, before anything is believed.
pub fn claimed_client(jws: &Jws<'_>) -> Result<String, &'static str> {
    match (jws.claim("iss"), jws.claim("sub")) {
        (Some(issuer), Some(subject)) if issuer == subject => Ok(subject.to_owned()),
        (Some(_), Some(_)) => Err("iss and sub of the assertion differ"),
        _ => Err("the assertion has no iss or no sub"),
    }
}

/// Checks an assertion from `client`, whose identifier [`claimed_client`] has read.
pub fn check(
    jws: &Jws<'_>,
    client: &Client,
    rules: &Rules,
    used: &mut UsedIds,
    now: u64,
) -> Result<(), &'static str> {
    check_signature(jws, client, rules)?;
    let audience = jws
        .payload
        .get("aud")
        .ok_or("the assertion has no aud")?
        .as_str()
        .ok_or("aud is not a single string")?;
    if audience != rules.issuer && audience != rules.token_endpoint {
        return Err("aud is neither the issuer nor the token endpoint");
    }
    let expires_at = jws.time("exp")?.ok_or("the assertion has no exp")?;
    if expires_at <= now {
        return Err("the assertion has expired");
    }
    if expires_at > now.saturating_add(rules.assertion_lifetime) {
        return Err("exp is too far ahead");
    }
    for name in ["iat", "nbf"] {
        if jws.time(name)?.is_some_and(|time| time > now.saturating_add(SKEW)) {
            return Err("iat or nbf is in the future");
        }
    }
    match jws.claim("jti") {
        Some("") => Err("jti is empty"),
        Some(jti) if !used.take(&client.id, jti, expires_at, now) => Err("jti was used before"),
        Some(_) => Ok(()),
        None if jws.payload.contains_key("jti") => Err("jti is not a string"),
        None if rules.jti_required => Err("the assertion has no jti"),
        None => Ok(()),
    }
}

fn check_signature(jws: &Jws<'_>, client: &Client, rules: &Rules) -> Result<(), &'static str> {
    let typ = jws.header("typ").ok_or("the assertion has no typ")?;
    if !rules.assertion_types.contains(&typ) {
        return Err("typ is not one this server takes");
    }
    match &client.authentication {
        Authentication::ClientSecretJwt(secret) => jws.verify_hmac(secret.as_bytes()),
        Authentication::PrivateKeyJwt(keys) => {
            jws.verify_with_one_of(keys, rules.signature_algorithms)
        }
        _ => Err("this client does not authenticate with an assertion"),
    }
}
