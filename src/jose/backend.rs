//! [`Sign`] and [`Verify`]: what a cryptographic library, a KMS or an HSM has to do to stand in here.
//!
//! Two object-safe traits of one method each. Whoever cannot answer at once takes the two phases by
//! hand instead, and needs neither.

use std::fmt;
use std::sync::Arc;

use super::alg::Algorithm;
use super::signing::{SignHere, Signer};
use super::verification_key::VerificationKey;

/// A private key that signs when it is asked, whatever library holds it.
///
/// ```
/// use grantwire::jose::{Algorithm, Jwt, Sign, Signer};
///
/// struct Softtoken;
///
/// impl Sign for Softtoken {
///     fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Option<Vec<u8>> {
///         # let sign_es256 = |_: &[u8]| vec![1; 64];
///         (algorithm == Algorithm::Es256).then(|| sign_es256(input))
///     }
/// }
///
/// let signer = Signer::with_backend(Algorithm::Es256, Softtoken).key_id("2026");
/// assert_eq!(format!("{signer:?}"), "Signer(ES256, local)");
/// ```
pub trait Sign: Send + Sync {
    /// The signature over these bytes; `None` when it cannot be made. ECDSA signatures may be `r||s`
    /// or DER.
    fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Option<Vec<u8>>;
}

impl Signer {
    /// The key is in this process, in the hands of any library: requests are signed at once.
    #[must_use]
    pub fn with_backend(algorithm: Algorithm, backend: impl Sign + 'static) -> Self {
        Self::here(algorithm, Arc::new(Backend { algorithm, backend }))
    }
}

struct Backend<B> {
    algorithm: Algorithm,
    backend: B,
}

impl<B: Sign> SignHere for Backend<B> {
    fn sign(&self, input: &[u8]) -> Option<Vec<u8>> {
        self.backend.sign(self.algorithm, input)
    }
}

/// A library that checks signatures, whichever it is.
///
/// `LocalVerifier` of the feature `local-keys` is one. It sees public keys only; tokens under a
/// shared secret are verified by [`SharedSecret`](super::SharedSecret).
///
/// ```
/// use grantwire::jose::{Algorithm, Validity, VerificationKey, Verify};
///
/// struct Ed25519Only;
///
/// impl Verify for Ed25519Only {
///     fn verify(
///         &self,
///         key: &VerificationKey,
///         algorithm: Algorithm,
///         input: &[u8],
///         signature: &[u8],
///     ) -> Validity {
///         # struct Parsed(Vec<u8>);
///         # impl Parsed { fn verify(&self, _: &[u8], _: &[u8]) -> bool { !self.0.is_empty() } }
///         if algorithm != Algorithm::EdDsa {
///             return Validity::Unsupported;
///         }
///         // Parsed for the first token, and kept with the key.
///         match key.parsed(algorithm, |jwk| jwk.number("x").map(Parsed)) {
///             Some(key) if key.verify(input, signature) => Validity::Valid,
///             Some(_) => Validity::Invalid,
///             None => Validity::Unsupported,
///         }
///     }
/// }
/// ```
pub trait Verify: Send + Sync {
    /// Whether `signature` is one of this key over `input`, by this algorithm.
    ///
    /// The key is of the algorithm's kind, RSA keys have 2048 bits and more, and the signature is as
    /// long as this key's are: `r||s` for ECDSA, with neither half zero.
    fn verify(
        &self,
        key: &VerificationKey,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Validity;
}

/// What was found out about a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Validity {
    /// The key's owner signed these bytes.
    Valid,
    /// Somebody else did, or nobody.
    Invalid,
    /// It cannot be told: the algorithm is not supported, or the key was not taken.
    Unsupported,
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unsupported => "unsupported",
        })
    }
}
