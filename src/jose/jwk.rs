//! [`PublicJwk`]: a public key as JSON, and its thumbprint.
//!
//! Public keys only: a document with private members is refused, so that a private key cannot slip
//! into a registration or a proof. Private keys are loaded in `local`.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::alg::{Curve, KeyType};
use crate::wire::{base64url, json};

/// A public key ([RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4)): EC on a NIST curve, RSA, or Ed25519.
///
/// ```
/// let jwk = grantwire::jose::PublicJwk::from_json(
///     r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
/// )?;
/// assert_eq!(jwk.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), grantwire::jose::JwkError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicJwk {
    key: Key,
    key_id: Option<String>,
}

/// The members that make the key, in base64url as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Ec { curve: Curve, x: String, y: String },
    Rsa { n: String, e: String },
    Ed25519 { x: String },
}

/// Why a document is not a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwkError {
    /// The document is not a JSON object, or a member is repeated.
    Json,
    /// It is larger than any key.
    TooLarge,
    /// A member that the key type needs is absent, not a string, or not canonical base64url.
    Member(&'static str),
    /// A member is not as long as the curve asks for.
    Length(&'static str),
    /// It holds private members and must stay where it is.
    Private,
    /// An RSA exponent that is even, one, or longer than 33 bits. Only asked for verifying.
    RsaExponent,
    /// An RSA key of fewer than 2048 bits ([RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3)) or more than 8192.
    /// Only asked for verifying.
    RsaSize,
    /// A `kty` or `crv` that is not supported.
    Unsupported,
}

impl fmt::Display for JwkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json => f.write_str("the key is not one JSON object"),
            Self::TooLarge => f.write_str("the key is larger than 64 KiB"),
            Self::Member(name) => write!(f, "the key's `{name}` is absent or not base64url"),
            Self::Length(name) => write!(f, "the key's `{name}` has the wrong length"),
            Self::Private => {
                f.write_str("the key holds private members, where a public key is wanted")
            }
            Self::RsaExponent => f.write_str(
                "the RSA key's exponent is even, one, or longer than 33 bits; it must not verify anything",
            ),
            Self::RsaSize => f.write_str(
                "the RSA key has fewer than 2048 bits (RFC 7518 section 3.3) or more than 8192",
            ),
            Self::Unsupported => f.write_str("the key's `kty` or `crv` is not supported"),
        }
    }
}

impl std::error::Error for JwkError {}

const MEMBERS: &[&str; 14] =
    &["kty", "crv", "x", "y", "n", "e", "kid", "d", "p", "q", "dp", "dq", "qi", "k"];
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "k"];

/// Larger than any key, even with a certificate chain beside it.
const LIMIT: usize = 64 * 1024;

impl PublicJwk {
    /// Reads a public key. Members that are not needed (`use`, `alg`, `x5c`) are left aside.
    ///
    /// # Errors
    ///
    /// [`JwkError`] says which member is at fault; private members are refused.
    pub fn from_json(text: &str) -> Result<Self, JwkError> {
        if text.len() > LIMIT {
            return Err(JwkError::TooLarge);
        }
        let members = json::object(text, MEMBERS).map_err(|_| JwkError::Json)?;
        if PRIVATE.iter().any(|name| members.get(name).is_some()) {
            return Err(JwkError::Private);
        }
        let text = |name: &'static str| {
            let text = members.get(name).and_then(|member| member.string());
            text.ok_or(JwkError::Member(name))
        };
        let number = |name: &'static str, len: Option<usize>| {
            let text = text(name)?;
            let bytes = base64url::decode(&text).filter(|bytes| !bytes.is_empty());
            let bytes = bytes.ok_or(JwkError::Member(name))?;
            match len {
                Some(len) if bytes.len() != len => Err(JwkError::Length(name)),
                _ => Ok(text.into_owned()),
            }
        };
        let key = match text("kty")?.as_ref() {
            "EC" => {
                let curve = Curve::from_name(&text("crv")?).ok_or(JwkError::Unsupported)?;
                let len = Some(curve.coordinate_len());
                Key::Ec { curve, x: number("x", len)?, y: number("y", len)? }
            }
            "RSA" => Key::Rsa { n: number("n", None)?, e: number("e", None)? },
            "OKP" if text("crv")? == "Ed25519" => Key::Ed25519 { x: number("x", Some(32))? },
            _ => return Err(JwkError::Unsupported),
        };
        let key_id = members.get("kid").and_then(|kid| kid.string()).map(|kid| kid.into_owned());
        Ok(Self { key, key_id })
    }

    /// An EC key from its two coordinates, big-endian and padded to the curve's length.
    #[cfg(feature = "local-keys")]
    pub(super) fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Self {
        let key = Key::Ec { curve, x: base64url::encode(x), y: base64url::encode(y) };
        Self { key, key_id: None }
    }

    /// An RSA key from modulus and exponent, big-endian without leading zeros.
    #[cfg(feature = "local-keys")]
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Self {
        Self { key: Key::Rsa { n: base64url::encode(n), e: base64url::encode(e) }, key_id: None }
    }

    /// An Ed25519 key.
    #[cfg(feature = "local-keys")]
    pub(super) fn ed25519(x: &[u8]) -> Self {
        Self { key: Key::Ed25519 { x: base64url::encode(x) }, key_id: None }
    }

    /// Sets `kid`.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// Drops `kid`.
    #[must_use]
    pub fn without_key_id(mut self) -> Self {
        self.key_id = None;
        self
    }

    /// The `kid`, if there is one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The kind of key.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        match self.key {
            Key::Ec { curve, .. } => KeyType::Ec(curve),
            Key::Rsa { .. } => KeyType::Rsa,
            Key::Ed25519 { .. } => KeyType::Ed25519,
        }
    }

    /// A number of the key, big-endian as it is written: `x` and `y` of EC, `n` and `e` of RSA, `x` of
    /// Ed25519 ([RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6)); `None` when this kind of key has no such member.
    #[must_use]
    pub fn number(&self, member: &str) -> Option<Vec<u8>> {
        let text = match (&self.key, member) {
            (Key::Ec { x, .. } | Key::Ed25519 { x }, "x") => x,
            (Key::Ec { y, .. }, "y") => y,
            (Key::Rsa { n, .. }, "n") => n,
            (Key::Rsa { e, .. }, "e") => e,
            _ => return None,
        };
        base64url::decode(text)
    }

    /// The key as JSON: the public members in lexicographic order, then `kid` if there is one.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = self.required_members();
        if let Some(key_id) = &self.key_id {
            json.pop();
            json.push_str(",\"kid\":");
            json::push_string(&mut json, key_id);
            json.push('}');
        }
        json
    }

    /// The SHA-256 thumbprint in base64url ([RFC 7638 §3](https://www.rfc-editor.org/rfc/rfc7638#section-3)).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        base64url::encode(&Sha256::digest(self.required_members()))
    }

    /// The required members in lexicographic order without white space, which is what is hashed.
    fn required_members(&self) -> String {
        match &self.key {
            Key::Ec { curve, x, y } => {
                let crv = curve.name();
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Key::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Key::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
        }
    }
}
