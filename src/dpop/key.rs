//! [`DpopKey`]: the key that tokens are bound to, and the proof it makes for one request.
//!
//! A proof is made for one request and used once; when a nonce is asked for and who repeats the
//! request is decided in `flow`. Nothing here verifies a proof.

use crate::request::{BuildError, Draft};
use std::fmt;
use std::sync::Arc;

use http::Method;
use sha2::{Digest as _, Sha256};

use crate::jose::{Jwt, KeyType, PublicJwk, Signer, Unsigned};
use crate::value::{Entropy, Timestamp};
use crate::wire::base64url;

/// A key that tokens are bound to: who signs, and the public half that goes into every proof.
///
/// The signer may be here or elsewhere. Keep one key for as long as a refresh token lives: a public
/// client's refresh token is bound to it ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)). Cheap to clone.
#[derive(Clone)]
pub struct DpopKey(Arc<Parts>);

struct Parts {
    signer: Signer,
    jwk: serde_json::Value,
    thumbprint: String,
}

impl DpopKey {
    /// From a signer and its public key.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] when the signer's algorithm is symmetric or does not take this key.
    pub fn new(signer: impl Into<Signer>, public: &PublicJwk) -> Result<Self, BuildError> {
        let signer = signer.into();
        let takes = signer.algorithm().key_type();
        if takes == KeyType::Symmetric || takes != public.key_type() {
            let rule = "a DPoP proof takes an asymmetric algorithm and its own public key";
            return Err(BuildError::Invalid { parameter: "jwk".into(), rule });
        }
        let unreadable = |_| BuildError::Invalid { parameter: "jwk".into(), rule: "is not JSON" };
        let jwk =
            serde_json::from_str(&public.clone().without_key_id().to_json()).map_err(unreadable)?;
        Ok(Self(Arc::new(Parts { signer, jwk, thumbprint: public.thumbprint() })))
    }

    /// The key's thumbprint, for the authorization parameter `dpop_jkt`
    /// ([RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10)).
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    pub(crate) fn signer(&self) -> &Signer {
        &self.0.signer
    }

    /// The proof of one request ([RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2)), to be signed. `target` loses its
    /// query and fragment; `access_token` is hashed into `ath`.
    pub(crate) fn proof(
        &self,
        of: Proved<'_>,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Unsigned, BuildError> {
        let target = of.target.split(['?', '#']).next().unwrap_or_default();
        let mut jwt = Jwt::new()
            .typ("dpop+jwt")
            .header("jwk", self.0.jwk.clone())
            .claim("jti", base64url::encode(&entropy.next("dpop jti")))
            .claim("htm", of.method.as_str())
            .claim("htu", target)
            .claim("iat", now.as_unix_seconds());
        if let Some(token) = of.access_token {
            jwt = jwt.claim("ath", base64url::encode(&Sha256::digest(token)));
        }
        if let Some(nonce) = of.nonce {
            jwt = jwt.claim("nonce", nonce);
        }
        Ok(jwt.unsigned_without_key_id(&self.0.signer)?)
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey").field("signer", &self.0.signer).finish_non_exhaustive()
    }
}

#[cfg(feature = "local-keys")]
impl From<crate::jose::LocalKey> for DpopKey {
    /// A local key always fits its own algorithm.
    fn from(key: crate::jose::LocalKey) -> Self {
        let public = key.public_jwk().clone();
        let thumbprint = public.thumbprint();
        let jwk = serde_json::from_str(&public.without_key_id().to_json()).unwrap_or_default();
        Self(Arc::new(Parts { signer: key.into(), jwk, thumbprint }))
    }
}

/// What a proof is about.
#[derive(Clone, Copy)]
pub(crate) struct Proved<'a> {
    pub(crate) method: &'a Method,
    pub(crate) target: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) access_token: Option<&'a str>,
}

/// What binds a request to a DPoP key.
#[derive(Clone, Copy)]
pub(crate) struct Binding<'a> {
    pub(crate) key: &'a DpopKey,
    pub(crate) target: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) access_token: Option<&'a str>,
}

impl Binding<'_> {
    /// Adds the proof of this request to its draft.
    pub(crate) fn prove(
        self,
        draft: &mut Draft,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<(), BuildError> {
        let Self { key, target, nonce, access_token } = self;
        let method = draft.method();
        let input = key.proof(Proved { method, target, nonce, access_token }, now, entropy)?;
        draft.put_proof(input, key.signer())
    }
}
