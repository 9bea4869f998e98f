//! [`Jws`]: a signed token as it arrived, taken apart and not yet believed.
//!
//! Only the compact serialization is read. Header members that bring a key with them (`jwk`, `jku`,
//! `x5c`, `x5u`) are never looked at: a token cannot say whom to believe. Whether the signature is one
//! is asked in `verifying`.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::alg::Algorithm;
use super::error::{JwsError, JwsPart, VerifyError};
use crate::wire::base64url;
use crate::wire::json::{self, Member, Places, UniqueError, unique_object};

/// The longest token that is read, in bytes.
const LIMIT: usize = 64 * 1024;

/// A JWS in the compact serialization ([RFC 7515 §7.1](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)): three parts in base64url, of
/// which the first two are JSON objects.
///
/// Nothing in it has been verified. Its claims are reached through
/// [`Verified`](super::Verified), or through [`Jws::unverified_claims`] by whoever knows that they may
/// be made up.
///
/// ```
/// use grantwire::jose::{Jws, JwsError};
///
/// let jws = Jws::parse("eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJqb2UifQ.AA")?;
/// assert_eq!(jws.key_id(), Some("1"));
/// assert_eq!(Jws::parse("2YotnFZFEjr1zCsicMWpAA").unwrap_err(), JwsError::Parts);
/// # Ok::<(), JwsError>(())
/// ```
#[derive(Clone)]
pub struct Jws {
    text: Zeroizing<String>,
    input_len: usize,
    algorithm: Named,
    key_id: Option<Box<str>>,
    typ: Option<Box<str>>,
    payload: Zeroizing<String>,
    claims: Places<CLAIMS_COUNT>,
    signature: Vec<u8>,
    decrypted: bool,
}

/// What `alg` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Known(Algorithm),
    Unsecured,
    Unknown,
}

const HEADER: &[&str; 5] = &["alg", "kid", "typ", "crit", "b64"];

/// The claims that mean something to this crate. Where they stand is noted while the payload is looked
/// through, so that it is not read twice.
const CLAIMS: &[&str; CLAIMS_COUNT] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "events",
    "jti",
    "token_introspection",
];
const CLAIMS_COUNT: usize = 17;

impl Jws {
    /// Takes a token apart. Its length and nesting are bounded (64 KiB, 64 levels), each part must be
    /// canonical base64url, and no member of the header or claim may stand twice.
    ///
    /// # Errors
    ///
    /// [`JwsError`]: it is no JWS, is encrypted, or asks for an extension.
    pub fn parse(text: &str) -> Result<Self, JwsError> {
        if text.len() > LIMIT {
            return Err(JwsError::TooLong { limit: LIMIT });
        }
        let [header, payload, signature] = parts(text)?;
        let decoded = object(header, JwsPart::Header)?;
        let members =
            unique_object(&decoded, HEADER).map_err(|why| refused(why, JwsPart::Header))?;
        if members.has("crit") {
            return Err(JwsError::Critical);
        }
        if members.has("b64") {
            return Err(JwsError::UnencodedPayload);
        }
        let string = |name: &'static str| match members.has(name) {
            false => Ok(None),
            true => members
                .get(name)
                .and_then(|member| member.string())
                .map(Some)
                .ok_or(JwsError::HeaderMember(name)),
        };
        let algorithm = match string("alg")?.ok_or(JwsError::HeaderMember("alg"))?.as_ref() {
            "none" => Named::Unsecured,
            name => Algorithm::from_name(name).map_or(Named::Unknown, Named::Known),
        };
        let boxed = |text: Cow<'_, str>| text.into_owned().into_boxed_str();
        let (key_id, typ) = (string("kid")?.map(boxed), string("typ")?.map(boxed));
        let payload = object(payload, JwsPart::Payload)?;
        let claims =
            unique_object(&payload, CLAIMS).map_err(|why| refused(why, JwsPart::Payload))?;
        let claims = Places::of(&payload, CLAIMS, &claims);
        let input_len = text.len().saturating_sub(signature.len()).saturating_sub(1);
        let signature = base64url::decode(signature).ok_or(JwsError::Base64(JwsPart::Signature))?;
        let text = Zeroizing::new(text.to_owned());
        let decrypted = false;
        Ok(Self { text, input_len, algorithm, key_id, typ, payload, claims, signature, decrypted })
    }

    /// The algorithm that the header names, if it is one known here. That a token names it is no
    /// reason to use it.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        match self.algorithm {
            Named::Known(algorithm) => Some(algorithm),
            Named::Unsecured | Named::Unknown => None,
        }
    }

    /// Whether the header says `none`: nobody signed it
    /// ([RFC 7515 Appendix A.5](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.5)).
    #[must_use]
    pub fn is_unsecured(&self) -> bool {
        self.algorithm == Named::Unsecured
    }

    /// The algorithm, if it is one of those expected.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Unsecured`] for `none`, [`VerifyError::Algorithm`] for any other that is not
    /// expected.
    pub fn expect_algorithm(&self, expected: &[Algorithm]) -> Result<Algorithm, VerifyError> {
        match self.algorithm {
            Named::Known(algorithm) if expected.contains(&algorithm) => Ok(algorithm),
            Named::Known(algorithm) => Err(VerifyError::Algorithm(Some(algorithm))),
            Named::Unknown => Err(VerifyError::Algorithm(None)),
            Named::Unsecured => Err(VerifyError::Unsecured),
        }
    }

    /// OPTIONAL. The `kid` of the key that is said to have signed it. Whoever wrote the token wrote
    /// this too: compare it, and put it into no query and no address.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// OPTIONAL. What kind of JWT it says it is ([RFC 7515 §4.1.9](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9)).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// What it says, unverified: **anybody can have written it**. It serves to show a token, or to read one that was
    /// made for somebody else.
    #[must_use]
    pub fn unverified_claims(&self) -> UnverifiedClaims<'_> {
        UnverifiedClaims { payload: &self.payload }
    }

    /// The bytes that were signed: header, dot and payload as they arrived.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.text.as_bytes().get(..self.input_len).unwrap_or_default()
    }

    /// The signature as it arrived, decoded.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The whole token, for the hash that ties a verdict to it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it came out of an encrypted token.
    #[must_use]
    pub const fn was_encrypted(&self) -> bool {
        self.decrypted
    }

    /// A claim that this crate reads by itself, unverified; `null` counts as absent.
    pub(crate) fn unverified_claim(&self, name: &str) -> Option<Member<'_>> {
        self.claims.find(&self.payload, name).filter(|claim| claim.raw() != "null")
    }

    pub(super) fn out_of_encryption(self) -> Self {
        Self { decrypted: true, ..self }
    }

    /// What is left when it has been verified, or is knowingly not.
    pub(crate) fn into_content(self) -> Content {
        let Self { typ, payload, claims, decrypted, .. } = self;
        Content { typ, payload, claims, decrypted }
    }
}

/// It may hold claims about a person.
impl fmt::Debug for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.algorithm {
            Named::Known(algorithm) => write!(f, "Jws({algorithm}, {} bytes)", self.text.len()),
            Named::Unsecured => write!(f, "Jws(none, {} bytes)", self.text.len()),
            Named::Unknown => write!(f, "Jws(unknown, {} bytes)", self.text.len()),
        }
    }
}

/// What a token says, and what it says it is.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) typ: Option<Box<str>>,
    pub(crate) payload: Zeroizing<String>,
    claims: Places<CLAIMS_COUNT>,
    pub(crate) decrypted: bool,
}

impl Content {
    /// A claim that this crate reads by itself, `null` included.
    pub(crate) fn claim(&self, name: &str) -> Option<Member<'_>> {
        self.claims.find(&self.payload, name)
    }
}

/// Whether two media types are one: letter case does not count, and `application/` may be left out
/// (RFC 7515 section 4.1.9).
pub(crate) fn is_same_typ(a: &str, b: &str) -> bool {
    bare(a).eq_ignore_ascii_case(bare(b))
}

fn bare(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => typ,
    }
}

/// The three parts. What follows a sixth is not looked for.
fn parts(text: &str) -> Result<[&str; 3], JwsError> {
    let mut parts = text.split('.');
    let mut next = || parts.next();
    match (next(), next(), next(), next(), next(), next()) {
        (Some(header), Some(payload), Some(signature), None, ..) => {
            Ok([header, payload, signature])
        }
        (_, _, _, _, Some(_), None) => Err(JwsError::Encrypted),
        _ => Err(JwsError::Parts),
    }
}

/// Decodes a part that must be text.
pub(super) fn object(part: &str, which: JwsPart) -> Result<Zeroizing<String>, JwsError> {
    let bytes = base64url::decode(part).ok_or(JwsError::Base64(which))?;
    String::from_utf8(bytes).map(Zeroizing::new).map_err(|_| JwsError::Json(which))
}

pub(super) fn refused(why: UniqueError, which: JwsPart) -> JwsError {
    match why {
        UniqueError::Json => JwsError::Json(which),
        UniqueError::Repeated => JwsError::Duplicate(which),
        UniqueError::TooDeep => JwsError::TooDeep(which),
    }
}

/// Claims that nobody has verified.
#[derive(Clone, Copy)]
pub struct UnverifiedClaims<'a> {
    payload: &'a str,
}

impl<'a> UnverifiedClaims<'a> {
    /// A claim by name, as any type; `None` when it is absent or of another type.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(self.payload, name).ok()??.read()
    }

    /// All of them, as the JSON that arrived.
    #[must_use]
    pub const fn expose_json(&self) -> &'a str {
        self.payload
    }
}

impl fmt::Debug for UnverifiedClaims<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedClaims(..)")
    }
}
