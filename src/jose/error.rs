//! [`JwtError`], [`JwsError`] and [`VerifyError`]: why a JWT was not made, why one cannot be read, why one is
//! not verified. What is wrong with a key or a signature that was made is said beside those.
//!
//! They hold kinds, names of members and algorithms; never a token, a claim's value or a key. Of what is
//! refused each text says what is wrong, after which section, and what to do.

use std::borrow::Cow;
use std::fmt;

use super::alg::{Algorithm, KeyType};
use crate::value::untrusted::printable;

/// Why a JWT was not made. No claim is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtError {
    /// An added header member is one that this crate writes itself.
    MemberManaged(Cow<'static, str>),
    /// A header member or a claim was added twice.
    MemberRepeated(Cow<'static, str>),
    /// The key that is in this process could not sign.
    Signing,
    /// A member or claim cannot be written as JSON.
    Unwritable,
}

impl fmt::Display for JwtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemberManaged(name) => {
                write!(f, "the header member `{}` is written by this crate", printable(name, 64))
            }
            Self::MemberRepeated(name) => {
                write!(f, "the member or claim `{}` was added twice", printable(name, 64))
            }
            Self::Signing => f.write_str("the local key could not sign"),
            Self::Unwritable => f.write_str("a member or claim cannot be written as JSON"),
        }
    }
}

impl std::error::Error for JwtError {}

/// One of the three parts of a JWS in the compact serialization
/// ([RFC 7515 §7.1](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwsPart {
    /// The JOSE header.
    Header,
    /// The payload: the claims of a JWT.
    Payload,
    /// The signature.
    Signature,
}

impl fmt::Display for JwsPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a text is not a JWS that is read. No key has been looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwsError {
    /// A part is not base64url in its one canonical form: no padding, no white space, no stray bits
    /// ([RFC 7515 §2](https://www.rfc-editor.org/rfc/rfc7515#section-2)).
    Base64(JwsPart),
    /// The content of an encrypted token is compressed, and could be of any size
    /// ([RFC 8725 §3.6](https://www.rfc-editor.org/rfc/rfc8725#section-3.6)).
    Compressed,
    /// The header has `crit`. No extension is understood here, so the token must be refused
    /// ([RFC 7515 §4.1.11](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11)).
    Critical,
    /// A member name stands twice ([RFC 7515 §4](https://www.rfc-editor.org/rfc/rfc7515#section-4),
    /// [RFC 7519 §4](https://www.rfc-editor.org/rfc/rfc7519#section-4)).
    Duplicate(JwsPart),
    /// The token is encrypted: it has the five parts of a JWE
    /// ([RFC 7516 §7.1](https://www.rfc-editor.org/rfc/rfc7516#section-7.1)).
    Encrypted,
    /// A header member is absent or of the wrong type.
    HeaderMember(&'static str),
    /// A part is not one JSON object in UTF-8 ([RFC 7515 §5.2](https://www.rfc-editor.org/rfc/rfc7515#section-5.2)).
    Json(JwsPart),
    /// It has not the three parts of a JWS.
    Parts,
    /// A part is nested deeper than 64 levels.
    TooDeep(JwsPart),
    /// It is longer than this limit.
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The header has `b64`: a payload that is not encoded is not read
    /// ([RFC 7797 §6](https://www.rfc-editor.org/rfc/rfc7797#section-6)).
    UnencodedPayload,
}

impl fmt::Display for JwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base64(part) => write!(
                f,
                "the token's {part} is not canonical base64url (RFC 7515 section 2); the token is damaged or forged"
            ),
            Self::Critical => f.write_str(
                "the token's header has `crit`, and no extension is understood here (RFC 7515 section 4.1.11); it must be refused",
            ),
            Self::Compressed => f.write_str(
                "the token's content is compressed (RFC 8725 section 3.6), and could be of any size; register the client without compression",
            ),
            Self::Duplicate(part) => write!(
                f,
                "a member name stands twice in the token's {part} (RFC 7515 section 4); the token is forged, or its issuer writes bad JSON"
            ),
            Self::Encrypted => f.write_str(
                "the token is encrypted (RFC 7516 section 7.1); decrypt it first, or register the client without encryption",
            ),
            Self::HeaderMember(name) => write!(
                f,
                "the token's header member `{name}` is absent or of the wrong type (RFC 7515 section 4.1); the issuer has to fix it"
            ),
            Self::Json(part) => write!(
                f,
                "the token's {part} is not one JSON object in UTF-8 (RFC 7515 section 5.2); it is no JWT"
            ),
            Self::Parts => f.write_str(
                "the token has not the three parts of a JWS (RFC 7515 section 7.1); is it an opaque token?",
            ),
            Self::TooDeep(part) => {
                write!(f, "the token's {part} is nested deeper than 64 levels; it was not read")
            }
            Self::TooLong { limit } => {
                write!(f, "the token is longer than {limit} bytes; it was not read")
            }
            Self::UnencodedPayload => f.write_str(
                "the token's header has `b64`, and an unencoded payload is not read (RFC 7797 section 6)",
            ),
        }
    }
}

impl std::error::Error for JwsError {}

/// Why a token is not verified. Nothing in it is to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token cannot be read.
    Jws(JwsError),
    /// Its algorithm is none of those expected; which one it is, unless it is not known here
    /// ([RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1)).
    Algorithm(Option<Algorithm>),
    /// The key, or its `alg`, `use` or `key_ops`, is not for this algorithm
    /// ([RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4)).
    KeyMismatch {
        /// What the key is.
        key: KeyType,
        /// What the token is signed with.
        algorithm: Algorithm,
    },
    /// The shared secret is shorter than the algorithm's hash
    /// ([RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)).
    SecretTooShort {
        /// The fewest bytes that the algorithm takes.
        least: usize,
    },
    /// The issuer's set has no key for this token
    /// ([OpenID Connect Core §10.1.1](https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys)).
    NoKey,
    /// The set has the key that the token names, and that key cannot be used: see
    /// [`KeySet::skipped`](super::KeySet::skipped).
    KeySkipped,
    /// Several keys fit and the token does not say which one
    /// ([OpenID Connect Core §10.1](https://openid.net/specs/openid-connect-core-1_0.html#Signing)).
    SeveralKeys,
    /// The token is not signed: its `alg` is `none`
    /// ([RFC 8725 §3.2](https://www.rfc-editor.org/rfc/rfc8725#section-3.2)).
    Unsecured,
    /// The signature has another length than the algorithm's signatures have
    /// ([RFC 7518 §3.4](https://www.rfc-editor.org/rfc/rfc7518#section-3.4)).
    SignatureLength {
        /// How long they are, in bytes.
        expected: usize,
        /// How long it is.
        got: usize,
    },
    /// The signature is not one of this key over these bytes.
    Signature,
    /// Whoever verifies cannot do this algorithm or this key.
    Unsupported(Algorithm),
    /// The verdict is about another token, or none is waited for.
    OtherVerdict,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jws(error) => error.fmt(f),
            Self::Algorithm(Some(algorithm)) => write!(
                f,
                "the token is signed with {algorithm}, which is not expected (RFC 8725 section 3.1); expect it if the client is registered for it"
            ),
            Self::Algorithm(None) => f.write_str(
                "the token is signed with an algorithm not known here (RFC 8725 section 3.1); register the client for another",
            ),
            Self::KeyMismatch { key, algorithm } => write!(
                f,
                "the key is {key}, or said to be for something else, and cannot verify {algorithm} (RFC 7517 section 4)"
            ),
            Self::SecretTooShort { least } => write!(
                f,
                "the shared secret has fewer than {least} bytes (RFC 7518 section 3.2); have a longer one issued, or call `allow_short`"
            ),
            Self::NoKey => f.write_str(
                "the issuer's key set has no key for this token (OpenID Connect Core section 10.1.1); fetch the set again, once",
            ),
            Self::KeySkipped => f.write_str(
                "the issuer's key set has the key that the token names, but it cannot be used; `KeySet::skipped` says why",
            ),
            Self::SeveralKeys => f.write_str(
                "several keys of the issuer fit and the token names none (OpenID Connect Core section 10.1); the issuer has to set `kid`",
            ),
            Self::Unsecured => f.write_str(
                "the token is not signed, its `alg` is none (RFC 8725 section 3.2); anybody could have written it",
            ),
            Self::SignatureLength { expected, got } => write!(
                f,
                "the signature has {got} bytes where {expected} are expected (RFC 7518 section 3.4); the token is damaged or forged"
            ),
            Self::Signature => f.write_str(
                "the signature does not verify (RFC 7515 section 5.2); the token is damaged, forged, or signed with another key",
            ),
            Self::Unsupported(algorithm) => {
                write!(f, "whoever verifies cannot check {algorithm} with this key; use another backend")
            }
            Self::OtherVerdict => f.write_str(
                "the verdict is about another token or key; give it to the one it was made for",
            ),
        }
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Jws(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

impl From<JwsError> for VerifyError {
    fn from(error: JwsError) -> Self {
        Self::Jws(error)
    }
}
