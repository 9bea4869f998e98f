//! [`LocalKey`]: a private key in this process, from PEM, DER or a private JWK.
//!
//! All arithmetic is `aws-lc-rs`'s, and so is the reading of PKCS#8, PKCS#1 and SEC1. What is here is
//! the check that key and algorithm fit; `pair` chooses the loader and `private_jwk` reads the members
//! of a JWK; `verify` checks signatures. Encrypted keys are not opened, and no private key is written out.

use std::fmt;
use std::sync::Arc;

use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use crate::jose::signing::SignHere;
use crate::jose::{Algorithm, KeyType, PublicJwk, Signature, Signer, Unsigned};

mod error;
mod pair;
mod private_jwk;
mod verify;

pub use error::KeyError;
use pair::{KINDS, Pair};
use private_jwk::PrivateJwk;
pub use verify::LocalVerifier;

/// A private key that signs with one algorithm. It becomes a [`Signer`] with `into()`.
///
/// The key is parsed once, when it is loaded. Clones share it, so the one key can serve client
/// assertions and DPoP proofs and still name its [`PublicJwk`]. ECDSA and RSASSA-PSS signatures draw
/// randomness inside the cryptographic library; with the other algorithms the same input gives the
/// same signature.
///
/// ```
/// use grantwire::jose::{Algorithm, Jwt, LocalKey, Signer};
///
/// let key = LocalKey::from_jwk(Algorithm::Es256, r#"{"kty":"EC","crv":"P-256","kid":"test-only",
///     "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
///     "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
///     "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#)?;
/// let unsigned = Jwt::new().claim("sub", "s6BhdRkqt3").unsigned(&Signer::from(key.clone()))?;
/// let jwt = unsigned.finish(&key.sign(&unsigned)?)?;
/// assert_eq!(jwt.expose().split('.').count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct LocalKey {
    key: Arc<Key>,
    key_id: Option<Arc<str>>,
}

impl LocalKey {
    /// Reads the first private key of a PEM document: PKCS#8 (`PRIVATE KEY`), PKCS#1
    /// (`RSA PRIVATE KEY`) or SEC1 (`EC PRIVATE KEY`). Other sections are skipped.
    ///
    /// # Errors
    ///
    /// [`KeyError::Pem`] or [`KeyError::Encrypted`] when there is no key to read, else as
    /// [`LocalKey::from_der`].
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        takes_key_pair(algorithm)?;
        // The reader's own error quotes the document, so it is not kept as a cause. Its base64 buffer
        // is out of our reach; what it hands over is wiped.
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map(Zeroizing::new);
        let der = der.map_err(|_| match pem.contains("ENCRYPTED") {
            true => KeyError::Encrypted,
            false => KeyError::Pem,
        })?;
        Self::load(algorithm, &der)
    }

    /// Reads PKCS#8 ([RFC 5208 §5](https://www.rfc-editor.org/rfc/rfc5208#section-5)),
    /// PKCS#1 ([RFC 8017 Appendix A.1.2](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2)) or
    /// SEC1 ([RFC 5915 §3](https://www.rfc-editor.org/rfc/rfc5915#section-3)), whichever it is. Bytes
    /// after the key are left aside.
    ///
    /// # Errors
    ///
    /// [`KeyError::Der`] when it is none of them, [`KeyError::Mismatch`] when the key is not of the
    /// algorithm's kind, [`KeyError::RsaSize`], and [`KeyError::SharedSecret`] for `HS256` and its
    /// kin.
    pub fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        takes_key_pair(algorithm)?;
        let der = PrivateKeyDer::try_from(der).map_err(|_| KeyError::Der)?;
        Self::load(algorithm, &der)
    }

    /// Reads a private JWK: `EC` with `d`, `x`, `y`; `RSA` with `n`, `e`, `d` and all of `p`, `q`,
    /// `dp`, `dq`, `qi` ([RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6)); `OKP` on Ed25519
    /// with `d`, `x` ([RFC 8037 §2](https://www.rfc-editor.org/rfc/rfc8037#section-2)). Its `kid` becomes
    /// the key id. Its `alg`, if there is one, must be the algorithm asked for; a key for `EdDSA` is
    /// also one for `Ed25519`, and the other way round.
    ///
    /// # Errors
    ///
    /// [`KeyError::Jwk`] when a member is at fault, [`KeyError::Numbers`] when the members do not
    /// belong together, [`KeyError::Algorithm`] when `alg` says otherwise, and the errors of
    /// [`LocalKey::from_der`] except [`KeyError::Der`].
    pub fn from_jwk(algorithm: Algorithm, jwk_json: &str) -> Result<Self, KeyError> {
        takes_key_pair(algorithm)?;
        let jwk = PrivateJwk::parse(jwk_json)?;
        let key = jwk.key_type()?;
        if key != algorithm.key_type() {
            return Err(KeyError::Mismatch { key, algorithm });
        }
        if let Some(stated) = jwk.optional("alg")? {
            let stated = Algorithm::from_name(&stated);
            let same_key = key == KeyType::Ed25519 && stated.map(Algorithm::key_type) == Some(key);
            if stated != Some(algorithm) && !same_key {
                return Err(KeyError::Algorithm { key: stated, asked: algorithm });
            }
        }
        let loaded = Self::new(algorithm, jwk.pair(key)?)?;
        Ok(match jwk.optional("kid")? {
            Some(key_id) => loaded.key_id(key_id.into_owned()),
            None => loaded,
        })
    }

    /// Makes a new key, for tests and for DPoP keys that live as long as the process. RSA keys get
    /// 2048 bits. This draws randomness from the operating system; nothing else in this crate does,
    /// but for `Entropy::from_os` and the signatures of some algorithms.
    ///
    /// # Errors
    ///
    /// [`KeyError::SharedSecret`] for `HS256` and its kin, [`KeyError::Generate`] if the
    /// cryptographic library fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        takes_key_pair(algorithm)?;
        let pair = Pair::generate(algorithm.key_type()).ok_or(KeyError::Generate)?;
        Self::new(algorithm, pair)
    }

    /// Sets the `kid`, in place of the one that came with the key.
    #[must_use]
    pub fn key_id(mut self, key_id: impl Into<Arc<str>>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// The `kid`, if there is one.
    #[must_use]
    pub fn key_id_str(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The algorithm it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm
    }

    /// The public half, with the `kid` if there is one.
    #[must_use]
    pub fn public_jwk(&self) -> PublicJwk {
        let public = self.key.public.clone();
        match self.key_id_str() {
            Some(key_id) => public.with_key_id(key_id),
            None => public,
        }
    }

    /// The public half's thumbprint, as [`PublicJwk::thumbprint`].
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.key.public.thumbprint()
    }

    /// Signs what a request asked to have signed, for those who take the two phases by hand.
    ///
    /// # Errors
    ///
    /// [`KeyError::Algorithm`] when another algorithm was asked for (here `EdDSA` and `Ed25519` are
    /// two, since the header names one), [`KeyError::Sign`] if the cryptographic library fails.
    pub fn sign(&self, unsigned: &Unsigned) -> Result<Signature, KeyError> {
        if unsigned.algorithm() != self.algorithm() {
            let (key, asked) = (Some(self.algorithm()), unsigned.algorithm());
            return Err(KeyError::Algorithm { key, asked });
        }
        let bytes = self.key.sign(unsigned.input()).ok_or(KeyError::Sign)?;
        Ok(unsigned.signed(bytes))
    }

    /// Finds out what the key is, and takes it if that is what the algorithm wants.
    fn load(algorithm: Algorithm, der: &PrivateKeyDer<'_>) -> Result<Self, KeyError> {
        let wanted = algorithm.key_type();
        for key in KINDS {
            match Pair::load(key, der) {
                Err(KeyError::Der) => {}
                pair if key == wanted => return Self::new(algorithm, pair?),
                _ => return Err(KeyError::Mismatch { key, algorithm }),
            }
        }
        Err(KeyError::Der)
    }

    fn new(algorithm: Algorithm, pair: Pair) -> Result<Self, KeyError> {
        // No key comes out of the library whose public half cannot be taken apart.
        let public = pair.public_jwk().ok_or(KeyError::Numbers)?;
        let key = Arc::new(Key { algorithm, pair, public });
        Ok(Self { key, key_id: None })
    }
}

impl From<LocalKey> for Signer {
    fn from(key: LocalKey) -> Self {
        let signer = Self::here(key.algorithm(), key.key);
        match key.key_id {
            Some(key_id) => signer.key_id(key_id),
            None => signer,
        }
    }
}

/// The algorithm and no more.
impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalKey({})", self.algorithm())
    }
}

/// `HS256` and its kin take what both sides know, which is not for this file to load.
fn takes_key_pair(algorithm: Algorithm) -> Result<(), KeyError> {
    match algorithm.key_type() {
        KeyType::Symmetric => Err(KeyError::SharedSecret(algorithm)),
        _ => Ok(()),
    }
}

/// What clones share.
struct Key {
    algorithm: Algorithm,
    pair: Pair,
    public: PublicJwk,
}

impl SignHere for Key {
    fn sign(&self, input: &[u8]) -> Option<Vec<u8>> {
        self.pair.sign(self.algorithm, input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Jwt;

    #[test]
    fn a_signer_takes_the_same_path_as_the_key() {
        let key = LocalKey::generate(Algorithm::EdDsa).unwrap().key_id("k");
        let signer = Signer::from(key.clone());
        let unsigned = Jwt::new().claim("sub", "s6BhdRkqt3").unsigned(&signer).unwrap();
        let by_signer = signer.jws(&unsigned).unwrap().unwrap();
        let by_key = key.sign(&unsigned).unwrap();
        assert_eq!(unsigned.key_id(), Some("k"));
        assert!(by_signer == unsigned.finish(&by_key).unwrap());
    }
}
