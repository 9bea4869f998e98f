//! [`PrivateJwk`]: the members of a private key in JSON.
//!
//! It reads what a signature needs and leaves the rest (`use`, `key_ops`, `x5c`) aside. Nothing read
//! here reaches an error, and decoded numbers are wiped.

use std::borrow::Cow;

use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use zeroize::Zeroizing;

use super::error::KeyError;
use super::pair::{Pair, ecdsa_algorithm, rejected};
use crate::jose::{Curve, JwkError, KeyType};
use crate::wire::{base64url, json};

const MEMBERS: &[&str; 14] =
    &["kty", "crv", "alg", "kid", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi"];

/// Larger than any key, even with a certificate chain beside it.
const LIMIT: usize = 64 * 1024;

/// A private key in JSON ([RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6)), its members unread.
pub(super) struct PrivateJwk<'a>(json::Members<'a, 14>);

impl<'a> PrivateJwk<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, JwkError> {
        if text.len() > LIMIT {
            return Err(JwkError::TooLarge);
        }
        json::object(text, MEMBERS).map(Self).map_err(|_| JwkError::Json)
    }

    /// The kind of key, from `kty` and `crv`.
    pub(super) fn key_type(&self) -> Result<KeyType, JwkError> {
        let known = match self.text("kty")?.as_ref() {
            "EC" => Curve::from_name(&self.text("crv")?).map(KeyType::Ec),
            "OKP" => (self.text("crv")? == "Ed25519").then_some(KeyType::Ed25519),
            "RSA" => Some(KeyType::Rsa),
            "oct" => Some(KeyType::Symmetric),
            _ => None,
        };
        known.ok_or(JwkError::Unsupported)
    }

    /// A member that may be missing, but must be a string if it is there.
    pub(super) fn optional(&self, name: &'static str) -> Result<Option<Cow<'a, str>>, JwkError> {
        let member = self.0.get(name);
        member.map(|member| member.string().ok_or(JwkError::Member(name))).transpose()
    }

    /// The key itself, which is of this kind.
    pub(super) fn pair(&self, kind: KeyType) -> Result<Pair, KeyError> {
        let pair = match kind {
            KeyType::Ec(curve) => {
                let len = curve.coordinate_len();
                let (x, y, d) =
                    (self.sized("x", len)?, self.sized("y", len)?, self.sized("d", len)?);
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                let algorithm = ecdsa_algorithm(curve);
                let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &d, &point);
                pair.map(|pair| Pair::Ec(curve, pair))
            }
            KeyType::Ed25519 => {
                let (x, d) = (self.sized("x", 32)?, self.sized("d", 32)?);
                Ed25519KeyPair::from_seed_and_public_key(&d, &x).map(Pair::Ed25519)
            }
            KeyType::Rsa => {
                let (n, e) = (self.number("n")?, self.number("e")?);
                let components = KeyPairComponents {
                    public_key: PublicKeyComponents { n: bare(&n), e: bare(&e) },
                    d: self.number("d")?,
                    p: self.number("p")?,
                    q: self.number("q")?,
                    dP: self.number("dp")?,
                    dQ: self.number("dq")?,
                    qInv: self.number("qi")?,
                };
                RsaKeyPair::from_components(&components).map(Pair::Rsa)
            }
            KeyType::Symmetric => return Err(KeyError::Jwk(JwkError::Unsupported)),
        };
        pair.map_err(|error| rejected(error, KeyError::Numbers))
    }

    fn text(&self, name: &'static str) -> Result<Cow<'a, str>, JwkError> {
        self.optional(name)?.ok_or(JwkError::Member(name))
    }

    fn number(&self, name: &'static str) -> Result<Zeroizing<Vec<u8>>, JwkError> {
        let decoded = match self.text(name)? {
            Cow::Borrowed(text) => base64url::decode(text),
            // A text with escapes was copied to undo them, and the copy may be secret.
            Cow::Owned(text) => base64url::decode(&Zeroizing::new(text)),
        };
        let decoded = decoded.map(Zeroizing::new).filter(|bytes| !bytes.is_empty());
        decoded.ok_or(JwkError::Member(name))
    }

    fn sized(&self, name: &'static str, len: usize) -> Result<Zeroizing<Vec<u8>>, JwkError> {
        let bytes = self.number(name)?;
        if bytes.len() != len {
            return Err(JwkError::Length(name));
        }
        Ok(bytes)
    }
}

/// A number without leading zeros. Some writers add one to `n`, against RFC 7518 section 6.3.1.1; it
/// is the same number.
pub(super) fn bare(mut number: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = number {
        number = rest;
    }
    number
}
