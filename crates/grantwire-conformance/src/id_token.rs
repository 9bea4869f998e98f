//! ID tokens of this server that come back: as a hint, as a subject.
//!
//! Signature and issuer are checked here. Whether it may be old, and for whom it must have been
//! issued, is for whoever asks.

use serde_json::Value;

use super::clients::Client;
use super::judge::Judge;
use super::jws::Jws;
use super::rules::Rules;

/// An ID token of this server's own.
pub struct IdToken {
    pub subject: String,
    audience: String,
    pub expires_at: u64,
}

impl IdToken {
    /// Reads one, and believes it only if this server has signed it.
    pub fn read(judge: &Judge, rules: &Rules, text: &str) -> Result<Self, &'static str> {
        let jws = Jws::parse(text)?;
        if jws.header("typ") != Some("JWT") {
            return Err("typ is not that of an ID token");
        }
        let jwks = judge.signing_key.jwks();
        jws.verify_with_jwk(jwks.pointer("/keys/0").unwrap_or(&Value::Null))?;
        if jws.claim("iss") != Some(&rules.issuer) {
            return Err("iss is not this issuer");
        }
        let claim = |name| jws.claim(name).map(str::to_owned).ok_or("a claim is missing");
        Ok(Self {
            subject: claim("sub")?,
            audience: claim("aud")?,
            expires_at: jws.payload.get("exp").and_then(Value::as_u64).ok_or("it has no exp")?,
        })
    }

    /// Whether this client is the one it was issued to.
    pub fn is_for(&self, client: &Client) -> bool {
        self.audience == client.id
    }
}
