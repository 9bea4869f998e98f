//! [`Unverified`]: what goes out to be verified.
//!
//! It can only be made of a token, an algorithm that was expected and a key that fits, so whoever
//! verifies has nothing left to decide. What comes back is in `verifying`.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::alg::Algorithm;
use super::error::VerifyError;
use super::jwk::PublicJwk;
use super::jws::Jws;
use super::verification_key::VerificationKey;

/// A signature to be verified: the bytes, the algorithm, the public key, the signature.
///
/// The algorithm is one that was expected and the key is of its kind; RSA keys have 2048 bits and
/// more, and the signature is as long as this key's signatures are, ECDSA's in the form `r||s` with
/// neither half zero. Verify [`Unverified::signature`] over [`Unverified::signing_input`] and say what
/// came out by [`Unverified::verdict`], or hand the whole thing to
/// [`Unverified::verify_with`].
#[derive(Clone)]
pub struct Unverified {
    pub(super) jws: Jws,
    algorithm: Algorithm,
    key: VerificationKey,
}

impl Jws {
    /// Asks for this token to be verified with this key.
    ///
    /// # Errors
    ///
    /// [`VerifyError`]: the algorithm is none of those expected, the key is not for it, or the
    /// signature cannot be one of this key. The signature itself has not been looked into.
    pub fn with_key(
        self,
        expected: &[Algorithm],
        key: &VerificationKey,
    ) -> Result<Unverified, VerifyError> {
        let algorithm = self.expect_algorithm(expected)?;
        key.check_form(algorithm, self.signature())?;
        Ok(Unverified { jws: self, algorithm, key: key.clone() })
    }
}

impl Unverified {
    /// The bytes that the signature is over. The algorithm does the hashing; a KMS that wants a digest
    /// gets the hash of these bytes.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.jws.signing_input()
    }

    /// The signature: `r||s` for ECDSA.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.jws.signature()
    }

    /// The algorithm to verify with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key to verify with.
    #[must_use]
    pub fn key(&self) -> &PublicJwk {
        self.key.jwk()
    }

    /// The key with whose it is.
    #[must_use]
    pub const fn verification_key(&self) -> &VerificationKey {
        &self.key
    }

    /// A hash of token, algorithm and key: a verdict about anything else has another.
    pub(super) fn tie(&self) -> [u8; 32] {
        let hash = Sha256::new().chain_update(self.algorithm.name()).chain_update([0]);
        let hash = hash.chain_update(self.key.jwk().thumbprint()).chain_update([0]);
        hash.chain_update(self.jws.text()).finalize().into()
    }

    pub(super) fn into_parts(self) -> (Jws, Algorithm, VerificationKey) {
        (self.jws, self.algorithm, self.key)
    }
}

/// The token may be a credential, so its length must do.
impl fmt::Debug for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.signing_input().len();
        write!(f, "Unverified({}, {len} bytes)", self.algorithm)
    }
}
