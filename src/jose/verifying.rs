//! Two-phase verifying: [`Unverified`] goes out, a [`Verdict`] comes back, and only [`Verified`] opens
//! the payload.
//!
//! The mirror of signing. A backend in this process is the same path, taken at once. This file does
//! no arithmetic, and what the claims mean is for whoever expected the token.

use std::fmt;

use serde::de::DeserializeOwned;

use super::alg::{Algorithm, KeyType};
use super::backend::{Validity, Verify};
use super::error::VerifyError;
use super::jws::{Content, is_same_typ};
use super::unverified::Unverified;
use super::verification_key::VerificationKey;
use crate::value::Issuer;
use crate::wire::json;

/// What somebody found out about an [`Unverified`], tied to it.
#[derive(Clone)]
pub struct Verdict {
    validity: Validity,
    tie: [u8; 32],
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verdict({})", self.validity)
    }
}

impl Unverified {
    /// Ties what was found out to this token, algorithm and key.
    ///
    /// ```
    /// # use grantwire::jose::{Algorithm, Jws, PublicJwk, Validity, VerificationKey};
    /// # let jwk = r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// # let key = VerificationKey::new("https://as.example", PublicJwk::from_json(jwk)?)?;
    /// # let zeros = "A".repeat(86);
    /// # let token = format!("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJqb2UifQ.{zeros}");
    /// # fn kms_verify(_key: &PublicJwk, _input: &[u8], _signature: &[u8]) -> bool { true }
    /// let unverified = Jws::parse(&token)?.with_key(&[Algorithm::EdDsa], &key)?;
    /// // Elsewhere, and as long as it takes:
    /// let (input, signature) = (unverified.signing_input(), unverified.signature());
    /// let verdict = match kms_verify(unverified.key(), input, signature) {
    ///     true => unverified.verdict(Validity::Valid),
    ///     false => unverified.verdict(Validity::Invalid),
    /// };
    /// let verified = unverified.accept(&verdict)?;
    /// assert_eq!(verified.claim::<String>("sub").as_deref(), Some("joe"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn verdict(&self, validity: Validity) -> Verdict {
        Verdict { validity, tie: self.tie() }
    }

    /// Whether a verdict is about this token, algorithm and key.
    #[must_use]
    pub fn is_judged_by(&self, verdict: &Verdict) -> bool {
        verdict.tie == self.tie()
    }

    /// Opens the payload, if the verdict is about this and says valid.
    ///
    /// # Errors
    ///
    /// [`VerifyError::OtherVerdict`], [`VerifyError::Signature`] or [`VerifyError::Unsupported`].
    pub fn accept(&self, verdict: &Verdict) -> Result<Verified, VerifyError> {
        if !self.is_judged_by(verdict) {
            return Err(VerifyError::OtherVerdict);
        }
        self.clone().open(verdict.validity)
    }

    /// Verifies here and now.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Signature`] or [`VerifyError::Unsupported`].
    pub fn verify_with(self, backend: &dyn Verify) -> Result<Verified, VerifyError> {
        let (input, signature) = (self.signing_input(), self.signature());
        let key = self.verification_key();
        let validity = backend.verify(key, self.algorithm(), input, signature);
        self.open(validity)
    }

    fn open(self, validity: Validity) -> Result<Verified, VerifyError> {
        let (jws, algorithm, key) = self.into_parts();
        match validity {
            Validity::Valid => {
                let (key_type, issuer) = (key.jwk().key_type(), key.issuer().clone());
                Ok(Verified { algorithm, key_type, issuer, content: jws.into_content() })
            }
            Validity::Invalid => Err(VerifyError::Signature),
            Validity::Unsupported => Err(VerifyError::Unsupported(algorithm)),
        }
    }
}

impl VerificationKey {
    /// Verifies a signature over any bytes, for what is signed and is no token.
    ///
    /// # Errors
    ///
    /// [`VerifyError`]: the key is not for this algorithm, the signature cannot be one of its, or is
    /// none over these bytes.
    pub fn verify(
        &self,
        backend: &dyn Verify,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        self.check_form(algorithm, signature)?;
        match backend.verify(self, algorithm, input, signature) {
            Validity::Valid => Ok(()),
            Validity::Invalid => Err(VerifyError::Signature),
            Validity::Unsupported => Err(VerifyError::Unsupported(algorithm)),
        }
    }
}

/// A token whose signature is good. Nothing else can make one.
///
/// It says that the owner of the key wrote these claims, not that they are for this client or still
/// true: that is for the kind of token to say, such as an ID token.
#[derive(Clone)]
pub struct Verified {
    algorithm: Algorithm,
    key_type: KeyType,
    issuer: Issuer,
    content: Content,
}

impl Verified {
    /// A token under a shared secret.
    pub(super) fn by_secret(algorithm: Algorithm, issuer: Issuer, content: Content) -> Self {
        Self { algorithm, key_type: KeyType::Symmetric, issuer, content }
    }

    /// The algorithm it was signed with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The kind of key that verified it. For `EdDSA` this says the curve, which the name does not.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// Whose key verified it. Compare it with the `iss` claim: a key of one issuer verifies no other's
    /// token.
    #[must_use]
    pub const fn key_issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// OPTIONAL. What kind of JWT it is ([RFC 7515 §4.1.9](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9)).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.content.typ.as_deref()
    }

    /// Whether `typ` is this one: in any letter case, and with or without `application/` before it
    /// ([RFC 7515 §4.1.9](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9)).
    #[must_use]
    pub fn is_typ(&self, name: &str) -> bool {
        self.typ().is_some_and(|typ| is_same_typ(typ, name))
    }

    /// A claim by name, as any type; `None` when it is absent or of another type.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&self.content.payload, name).ok()??.read()
    }

    /// All claims, as the JSON that arrived.
    #[must_use]
    pub fn expose_json(&self) -> &str {
        &self.content.payload
    }

    /// Whether it came out of an encrypted token.
    #[must_use]
    pub const fn was_encrypted(&self) -> bool {
        self.content.decrypted
    }

    /// The content alone, for whoever has checked the rest.
    pub(crate) fn into_content(self) -> Content {
        self.content
    }
}

/// The claims may be about a person.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("algorithm", &self.algorithm)
            .field("key_issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
