//! Demonstrating Proof of Possession ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): the key, the proof, and the nonces.
//!
//! A proof is made for one request and used once; when a nonce is asked for and who repeats the
//! request is decided in `flow`. Nothing here verifies a proof.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method};
use sha2::{Digest as _, Sha256};

use crate::jose::{Jwt, KeyType, PublicJwk, Signer, Unsigned};
use crate::value::header::opaque;
use crate::value::{BuildError, Entropy, Timestamp};
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
            .text("jti", &base64url::encode(&entropy.next("dpop jti")))
            .text("htm", of.method.as_str())
            .text("htu", target)
            .number("iat", now.as_unix_seconds());
        if let Some(token) = of.access_token {
            jwt = jwt.text("ath", &base64url::encode(&Sha256::digest(token)));
        }
        if let Some(nonce) = of.nonce {
            jwt = jwt.text("nonce", nonce);
        }
        jwt.unsigned_without_key_id(&self.0.signer)
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

/// The nonces servers have given, by origin and key ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
///
/// Plain data that can be moved from one flow to the next. The newest nonce of each origin and key is
/// kept, for at most 64 of them; the one longest unused goes first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Nonces(Vec<Known>);

#[derive(Clone, PartialEq, Eq)]
struct Known {
    origin: String,
    key: String,
    nonce: String,
}

impl Nonces {
    const LIMIT: usize = 64;

    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The nonce to send to this URL with this key.
    #[must_use]
    pub fn get(&self, url: &str, key: &DpopKey) -> Option<&str> {
        let origin = origin(url)?;
        let found =
            self.0.iter().find(|known| known.origin == origin && known.key == key.thumbprint());
        found.map(|known| known.nonce.as_str())
    }

    /// Learns the nonce of a response, successful or not, to a request to this URL with this key
    /// ([RFC 9449 §8.2](https://www.rfc-editor.org/rfc/rfc9449#section-8.2)).
    /// Returns whether a new one came. Two different nonces in one response are both ignored.
    pub fn learn(&mut self, url: &str, key: &DpopKey, headers: &HeaderMap) -> bool {
        let (Some(origin), Some(nonce)) = (origin(url), nonce_of(headers)) else { return false };
        let (nonce, key) = (nonce.to_owned(), key.thumbprint().to_owned());
        let position = self.0.iter().position(|known| known.origin == origin && known.key == key);
        let is_new = match position.map(|at| self.0.remove(at)) {
            Some(known) => known.nonce != nonce,
            None => true,
        };
        if self.0.len() >= Self::LIMIT {
            self.0.remove(0);
        }
        // Nearly always there is one, and a session holds it for as long as it lives.
        self.0.reserve_exact(1);
        self.0.push(Known { origin, key, nonce });
        is_new
    }
}

/// A nonce is whatever text a server put in a header.
impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonces({} known)", self.0.len())
    }
}

/// The one nonce of a response ([RFC 9449 §8.1](https://www.rfc-editor.org/rfc/rfc9449#section-8.1)): visible ASCII but for `"` and `\`.
fn nonce_of(headers: &HeaderMap) -> Option<&str> {
    opaque(headers, "dpop-nonce").filter(|nonce| !nonce.contains(['"', '\\']))
}

/// Scheme, host and port, in lower case, without a default port.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let default = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(default).unwrap_or(&authority);
    Some(format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let of = |url| origin(url).unwrap();
        assert_eq!(of("HTTPS://AS.example:443/token?x#y"), "https://as.example");
        assert_eq!(of("https://as.example:8443"), "https://as.example:8443");
        assert_eq!(of("http://[::1]:80/"), "http://[::1]");
    }

    #[test]
    fn two_different_nonces_are_both_ignored() {
        let mut headers = HeaderMap::new();
        headers.append("dpop-nonce", "a".parse().unwrap());
        headers.append("dpop-nonce", "a".parse().unwrap());
        assert_eq!(nonce_of(&headers), Some("a"));
        headers.append("dpop-nonce", "b".parse().unwrap());
        assert_eq!(nonce_of(&headers), None);
    }
}
