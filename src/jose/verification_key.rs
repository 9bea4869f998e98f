//! [`VerificationKey`]: one public key of one issuer, and what it may be used for.
//!
//! A key that nobody should trust (an RSA key that is too short) cannot become one. What is in a set
//! and which key fits a token is for `key_set`.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::alg::{Algorithm, KeyType};
use super::error::VerifyError;
use super::jwk::{JwkError, PublicJwk};
use crate::value::Issuer;

/// The shortest RSA modulus that verifies anything, in bits
/// (RFC 7518 section 3.3).
const RSA_MIN_BITS: usize = 2048;
/// The longest; a longer one only costs time.
const RSA_MAX_BITS: usize = 8192;
/// The longest exponent that cryptographic libraries take.
const EXPONENT_MAX_BITS: usize = 33;

/// A public key that verifies signatures of one issuer, and of nobody else.
///
/// Cheap to clone; clones share what a library has made of the key.
///
/// ```
/// use grantwire::jose::{Algorithm, PublicJwk, VerificationKey};
///
/// let jwk = PublicJwk::from_json(
///     r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
/// )?;
/// let key = VerificationKey::new("https://as.example", jwk)?;
/// assert!(key.fits(Algorithm::EdDsa) && !key.fits(Algorithm::Es256));
/// # Ok::<(), grantwire::jose::JwkError>(())
/// ```
#[derive(Clone)]
pub struct VerificationKey(Arc<Inner>);

struct Inner {
    jwk: PublicJwk,
    issuer: Issuer,
    algorithm: Stated,
    /// How many bytes an RSA key's signatures have; 0 for other keys.
    modulus_len: usize,
    parsed: OnceLock<(Algorithm, Arc<dyn Any + Send + Sync>)>,
}

/// What the key's own `alg` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    Any,
    One(Algorithm),
    /// An algorithm that is not known here, so the key fits nothing.
    Unknown,
}

impl VerificationKey {
    /// A key of this issuer.
    ///
    /// # Errors
    ///
    /// [`JwkError::RsaSize`] and [`JwkError::RsaExponent`]: the key would verify what it should not.
    pub fn new(issuer: impl Into<Issuer>, jwk: PublicJwk) -> Result<Self, JwkError> {
        Self::stating(issuer.into(), jwk, Stated::Any)
    }

    /// Only for signatures by this algorithm, as the key's `alg` says
    /// ([RFC 7517 §4.4](https://www.rfc-editor.org/rfc/rfc7517#section-4.4)).
    #[must_use]
    pub fn only(self, algorithm: Algorithm) -> Self {
        let Inner { jwk, issuer, modulus_len, .. } = &*self.0;
        Self::whole(issuer.clone(), jwk.clone(), Stated::One(algorithm), *modulus_len)
    }

    pub(super) fn stating(
        issuer: Issuer,
        jwk: PublicJwk,
        algorithm: Stated,
    ) -> Result<Self, JwkError> {
        let mut modulus_len = 0;
        if jwk.key_type() == KeyType::Rsa {
            let (n, e) = (jwk.number("n").unwrap_or_default(), jwk.number("e").unwrap_or_default());
            if !(RSA_MIN_BITS..=RSA_MAX_BITS).contains(&bits(&n)) {
                return Err(JwkError::RsaSize);
            }
            modulus_len = bits(&n).div_ceil(8);
            let odd = e.last().is_some_and(|byte| byte % 2 == 1);
            if !odd || !(2..=EXPONENT_MAX_BITS).contains(&bits(&e)) {
                return Err(JwkError::RsaExponent);
            }
        }
        Ok(Self::whole(issuer, jwk, algorithm, modulus_len))
    }

    fn whole(issuer: Issuer, jwk: PublicJwk, algorithm: Stated, modulus_len: usize) -> Self {
        Self(Arc::new(Inner { jwk, issuer, algorithm, modulus_len, parsed: OnceLock::new() }))
    }

    /// The key.
    #[must_use]
    pub fn jwk(&self) -> &PublicJwk {
        &self.0.jwk
    }

    /// Whose key it is.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    /// The `alg` of the key, if it has one that is known here.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self.0.algorithm {
            Stated::One(algorithm) => Some(algorithm),
            Stated::Any | Stated::Unknown => None,
        }
    }

    /// The `alg` to write down so that it reads back alike: a name that is no algorithm stands for any
    /// that is not known here.
    pub(super) fn stated_name(&self) -> Option<&'static str> {
        match self.0.algorithm {
            Stated::Any => None,
            Stated::One(algorithm) => Some(algorithm.name()),
            Stated::Unknown => Some("unknown"),
        }
    }

    /// Whether it can verify this algorithm: its type and curve fit, and its `alg` does not say
    /// otherwise. A key for `EdDSA` is one for `Ed25519` too, and the other way round.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = algorithm.key_type();
        let same_key = kind == KeyType::Ed25519;
        self.0.jwk.key_type() == kind
            && match self.0.algorithm {
                Stated::Any => true,
                Stated::One(stated) => stated == algorithm || same_key && stated.key_type() == kind,
                Stated::Unknown => false,
            }
    }

    /// Whether a signature can be one of this key at all, before anybody computes.
    pub(super) fn check_form(
        &self,
        algorithm: Algorithm,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        if !self.fits(algorithm) {
            return Err(VerifyError::KeyMismatch { key: self.0.jwk.key_type(), algorithm });
        }
        let expected = algorithm.signature_len().unwrap_or(self.0.modulus_len);
        let got = signature.len();
        if got != expected {
            return Err(VerifyError::SignatureLength { expected, got });
        }
        if let KeyType::Ec(curve) = algorithm.key_type() {
            // Both numbers of an ECDSA signature are positive (FIPS 186-5 section 6.4.2).
            let mut halves = signature.chunks(curve.coordinate_len());
            if halves.any(|half| half.iter().all(|byte| *byte == 0)) {
                return Err(VerifyError::Signature);
            }
        }
        Ok(())
    }

    /// What a backend has made of the key for this algorithm, or makes now. The first that asks is
    /// remembered, so that a key is parsed once and not for each token.
    pub fn parsed<T: Send + Sync + 'static>(
        &self,
        algorithm: Algorithm,
        parse: impl FnOnce(&PublicJwk) -> Option<T>,
    ) -> Option<Arc<T>> {
        if let Some((made_for, parsed)) = self.0.parsed.get()
            && *made_for == algorithm
            && let Ok(parsed) = Arc::downcast::<T>(Arc::clone(parsed))
        {
            return Some(parsed);
        }
        let parsed = Arc::new(parse(&self.0.jwk)?);
        // Another thread, or another backend, may have been first; then this one is used just now.
        let _ = self.0.parsed.set((algorithm, Arc::clone(&parsed) as Arc<dyn Any + Send + Sync>));
        Some(parsed)
    }
}

/// Without what a backend has made of it.
impl PartialEq for VerificationKey {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&*self.0, &*other.0);
        a.jwk == b.jwk && a.issuer == b.issuer && a.algorithm == b.algorithm
    }
}

impl Eq for VerificationKey {}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey")
            .field("issuer", &self.0.issuer)
            .field("jwk", &self.0.jwk)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

/// The length of a big-endian number without its leading zeros.
fn bits(number: &[u8]) -> usize {
    let mut number = number;
    while let [0, rest @ ..] = number {
        number = rest;
    }
    let zeros = number.first().map_or(0, |first| first.leading_zeros());
    let zeros = usize::try_from(zeros).unwrap_or(0);
    number.len().saturating_mul(8).saturating_sub(zeros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_without_leading_zeros() {
        for (number, len) in
            [(&[][..], 0), (&[0, 0], 0), (&[1], 1), (&[3], 2), (&[0, 0x80], 8), (&[1, 0, 1], 17)]
        {
            assert_eq!(bits(number), len, "{number:?}");
        }
    }
}
