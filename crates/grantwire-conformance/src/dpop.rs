//! DPoP, as a server sees it ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): proofs checked, and
//! nonces given out.
//!
//! Everything in a proof is checked: header, key, signature, claims, time, and that it comes only
//! once. What a key is then bound to is the business of `token` and `bearer`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::assertion::UsedIds;
use super::clients::Possession;
use super::jws::Jws;
use super::message::Received;

/// How old a proof may be, and how far ahead of the server's clock, in seconds.
const OLDEST: u64 = 60;
const SKEW: u64 = 5;

/// What a proof may be signed with. Symmetric algorithms and none are unknown.
pub const ALGORITHMS: [&str; 6] = ["ES256", "ES384", "RS256", "PS256", "EdDSA", "Ed25519"];

/// A nonce is given out for so many seconds, and is good for as many more.
const NONCE_WINDOW: u64 = 30;

/// Who asks for a nonce. A nonce of the one is not good at the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    TokenEndpoint,
    Resource,
}

/// What a proof has to be about.
pub struct Expected<'a> {
    pub party: Party,
    pub method: &'a str,
    pub url: &'a str,
    /// The access token that came with it.
    pub access_token: Option<&'a str>,
    pub nonce_required: bool,
    pub now: u64,
}

/// Why a proof is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproven {
    Invalid(&'static str),
    /// It is sound, and its nonce is missing or no longer good.
    NonceNeeded,
}

/// The server's memory: proofs seen, and what its nonces are made of.
pub struct Dpop {
    seen: UsedIds,
    secret: [u8; 32],
}

impl Dpop {
    pub fn new(secret: [u8; 32]) -> Self {
        Self { seen: UsedIds::default(), secret }
    }

    /// The nonce that is given out now.
    pub fn nonce(&self, party: Party, now: u64) -> String {
        self.nonce_of(party, now / NONCE_WINDOW)
    }

    /// That nonce, where the client has to use one.
    pub fn nonce_for(&self, policy: Possession, party: Party, now: u64) -> Option<String> {
        (policy == Possession::WithNonce).then(|| self.nonce(party, now))
    }

    fn nonce_of(&self, party: Party, window: u64) -> String {
        let label: &[u8] = match party {
            Party::TokenEndpoint => b"token endpoint",
            Party::Resource => b"resource",
        };
        let hash = Sha256::new().chain_update(self.secret).chain_update(window.to_be_bytes());
        URL_SAFE_NO_PAD.encode(hash.chain_update(label).finalize())
    }

    /// Checks the proof of a request, and returns the thumbprint of its key. `None` when there is no
    /// proof.
    pub fn check(
        &mut self,
        received: &Received,
        expected: &Expected<'_>,
    ) -> Result<Option<String>, Unproven> {
        let header = received.header("dpop").map_err(|_| Unproven::Invalid("two proofs came"))?;
        let Some(proof) = header else { return Ok(None) };
        let jws = Jws::parse(proof).map_err(Unproven::Invalid)?;
        let thumbprint = check_header(&jws).map_err(Unproven::Invalid)?;
        check_claims(&jws, expected).map_err(Unproven::Invalid)?;
        let jti = jws.claim("jti").filter(|jti| !jti.is_empty());
        let jti = jti.ok_or(Unproven::Invalid("the proof has no jti"))?;
        // Remembered for as long as the proof could still pass for a fresh one.
        let until = expected.now.saturating_add(OLDEST).saturating_add(SKEW).saturating_add(1);
        if !self.seen.take(&thumbprint, jti, until, expected.now) {
            return Err(Unproven::Invalid("jti was used before"));
        }
        self.check_nonce(&jws, expected)?;
        Ok(Some(thumbprint))
    }

    fn check_nonce(&self, jws: &Jws<'_>, expected: &Expected<'_>) -> Result<(), Unproven> {
        let window = expected.now / NONCE_WINDOW;
        let is_good = |nonce: &str| {
            [window, window.saturating_sub(1)]
                .into_iter()
                .any(|window| nonce == self.nonce_of(expected.party, window))
        };
        match jws.claim("nonce") {
            Some(nonce) if is_good(nonce) => Ok(()),
            None if !expected.nonce_required => Ok(()),
            _ => Err(Unproven::NonceNeeded),
        }
    }
}

/// Type, key and signature; returns the key's thumbprint
/// ([RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3)).
fn check_header(jws: &Jws<'_>) -> Result<String, &'static str> {
    if jws.header("typ") != Some("dpop+jwt") {
        return Err("typ is not dpop+jwt");
    }
    let jwk = jws.header.get("jwk").ok_or("the proof has no jwk")?;
    let private = ["d", "p", "q", "dp", "dq", "qi", "k"];
    if private.into_iter().any(|member| jwk.get(member).is_some()) {
        return Err("the proof gives a private key away");
    }
    // Symmetric algorithms and none are unknown to this.
    jws.verify_with_jwk(jwk)?;
    thumbprint(jwk).ok_or("the proof's jwk is not complete")
}

fn check_claims(jws: &Jws<'_>, expected: &Expected<'_>) -> Result<(), &'static str> {
    if jws.claim("htm") != Some(expected.method) {
        return Err("htm is not the method of the request");
    }
    if jws.claim("htu") != Some(expected.url) {
        return Err("htu is not the URL of the request");
    }
    let iat = jws.payload.get("iat").and_then(Value::as_u64).ok_or("the proof has no iat")?;
    let now = expected.now;
    if iat > now.saturating_add(SKEW) || iat.saturating_add(OLDEST) < now {
        return Err("iat is too old or in the future");
    }
    let hash = expected.access_token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
    if jws.claim("ath") != hash.as_deref() {
        return Err("ath is not the hash of the access token that came");
    }
    Ok(())
}

/// [RFC 7638 §3](https://www.rfc-editor.org/rfc/rfc7638#section-3): the required members, in the order
/// of their names.
pub fn thumbprint(jwk: &Value) -> Option<String> {
    let names: &[&str] = match jwk.get("kty")?.as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        "OKP" => &["crv", "kty", "x"],
        _ => return None,
    };
    let mut members = Vec::new();
    for name in names {
        members.push(format!("\"{name}\":{}", Value::from(jwk.get(*name)?.as_str()?)));
    }
    Some(URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{{{}}}", members.join(",")))))
}
