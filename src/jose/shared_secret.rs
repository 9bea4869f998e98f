//! [`SharedSecret`]: verifying with a secret that both sides know.
//!
//! `HS256` and its kin. The secret is in this process by its nature, so there are no two phases. A
//! public key never becomes one: this takes a secret, and `VerificationKey` fits no such algorithm.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::alg::{Algorithm, KeyType};
use super::error::VerifyError;
use super::jws::Jws;
use super::verifying::Verified;
use crate::value::{Issuer, Secret};

/// A secret shared with one issuer: the client secret, used as its UTF-8 bytes
/// ([OpenID Connect Core §10.1](https://openid.net/specs/openid-connect-core-1_0.html#Signing)).
///
/// A public client has none. A password that a person chose is none either
/// ([RFC 8725 §3.5](https://www.rfc-editor.org/rfc/rfc8725#section-3.5)).
///
/// ```
/// use grantwire::jose::{Algorithm, SharedSecret, Jws, VerifyError};
///
/// let secret = SharedSecret::new("https://as.example", "7Fjfp0ZBr1KtDRbnfVdmIw-vtuWsa4Ns");
/// let jws = Jws::parse("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqb2UifQ.AAAA")?;
/// let error = secret.verify(jws, &[Algorithm::Hs256]).unwrap_err();
/// assert_eq!(error, VerifyError::SignatureLength { expected: 32, got: 3 });
/// # Ok::<(), grantwire::jose::JwsError>(())
/// ```
#[derive(Clone)]
pub struct SharedSecret {
    issuer: Issuer,
    secret: Zeroizing<Vec<u8>>,
    short: bool,
}

impl SharedSecret {
    /// A secret shared with this issuer.
    pub fn new(issuer: impl Into<Issuer>, secret: impl Into<Secret>) -> Self {
        Self::from_bytes(issuer, secret.into().expose().as_bytes())
    }

    /// A secret that is no text.
    pub fn from_bytes(issuer: impl Into<Issuer>, secret: impl Into<Vec<u8>>) -> Self {
        Self { issuer: issuer.into(), secret: Zeroizing::new(secret.into()), short: false }
    }

    /// Takes a secret shorter than the algorithm's hash, against
    /// [RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2): somebody may find it out by trying. For servers that issue such secrets and
    /// sign with them.
    #[must_use]
    pub const fn allow_short(mut self) -> Self {
        self.short = true;
        self
    }

    /// Verifies a token. Its `kid`, if it has one, means nothing here.
    ///
    /// # Errors
    ///
    /// [`VerifyError`]: the algorithm is not expected or takes no secret, the secret is too short, or
    /// the tag is not one of this secret.
    pub fn verify(&self, jws: Jws, expected: &[Algorithm]) -> Result<Verified, VerifyError> {
        let algorithm = jws.expect_algorithm(expected)?;
        self.verify_bytes(algorithm, jws.signing_input(), jws.signature())?;
        Ok(Verified::by_secret(algorithm, self.issuer.clone(), jws.into_content()))
    }

    /// Verifies a tag over any bytes, in a time that says nothing about it.
    ///
    /// # Errors
    ///
    /// As [`SharedSecret::verify`].
    pub fn verify_bytes(
        &self,
        algorithm: Algorithm,
        input: &[u8],
        tag: &[u8],
    ) -> Result<(), VerifyError> {
        let (KeyType::Symmetric, Some(len)) = (algorithm.key_type(), algorithm.signature_len())
        else {
            return Err(VerifyError::KeyMismatch { key: KeyType::Symmetric, algorithm });
        };
        let secret = self.secret.as_slice();
        if secret.is_empty() || secret.len() < len && !self.short {
            return Err(VerifyError::SecretTooShort { least: len });
        }
        let got = tag.len();
        if got != len {
            return Err(VerifyError::SignatureLength { expected: len, got });
        }
        if is_tag(algorithm, secret, input, tag) { Ok(()) } else { Err(VerifyError::Signature) }
    }
}

/// Whether this is the tag, in a time that says nothing about it
/// (RFC 7518 section 3.2).
fn is_tag(algorithm: Algorithm, secret: &[u8], input: &[u8], tag: &[u8]) -> bool {
    macro_rules! mac {
        ($hash:ty) => {
            Hmac::<$hash>::new_from_slice(secret)
                .is_ok_and(|mac| mac.chain_update(input).verify_slice(tag).is_ok())
        };
    }
    match algorithm {
        Algorithm::Hs256 => mac!(Sha256),
        Algorithm::Hs384 => mac!(Sha384),
        Algorithm::Hs512 => mac!(Sha512),
        _ => false,
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSecret").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
