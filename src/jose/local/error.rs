//! [`KeyError`]: why a private key was not loaded or did not sign.
//!
//! It holds kinds and algorithms, never anything of a key.

use std::fmt;

use crate::jose::{Algorithm, JwkError, KeyType};

/// Why a key was not loaded or did not sign. Nothing of the key is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The key says it is for another algorithm than the one asked for.
    Algorithm {
        /// What the key is for; `None` when that is no signature algorithm known here.
        key: Option<Algorithm>,
        /// What it was asked to do.
        asked: Algorithm,
    },
    /// It is neither PKCS#8, PKCS#1 nor SEC1, is damaged, or holds a key of an unsupported kind. A
    /// key that its own identifier ties to RSASSA-PSS is of such a kind; one marked RSA does PS256.
    Der,
    /// The PEM document holds an encrypted key.
    Encrypted,
    /// The cryptographic library could not make a key.
    Generate,
    /// The JWK cannot be read; the cause says which member is at fault.
    Jwk(JwkError),
    /// The key is not of the kind that the algorithm takes.
    Mismatch {
        /// What the key is.
        key: KeyType,
        /// The algorithm it was loaded for.
        algorithm: Algorithm,
    },
    /// The JWK's numbers do not belong to one key.
    Numbers,
    /// There is no private key in the PEM document, or it is damaged.
    Pem,
    /// An RSA key of fewer than 2048 bits ([RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3)) or more than 8192.
    RsaSize,
    /// The algorithm signs with a shared secret, which is not a private key.
    SharedSecret(Algorithm),
    /// The cryptographic library could not sign.
    Sign,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm { key: Some(key), asked } => {
                write!(f, "the key is for {key}, but was asked for {asked}")
            }
            Self::Algorithm { key: None, asked } => {
                write!(f, "the key is for an algorithm not known here, but was asked for {asked}")
            }
            Self::Der => f.write_str(
                "the key is not RSA, Ed25519, P-256, P-384 or P-521 in PKCS#8, PKCS#1 or SEC1, or is damaged",
            ),
            Self::Encrypted => f.write_str("the key is encrypted: decrypt it first"),
            Self::Generate => f.write_str("no key could be generated"),
            Self::Jwk(_) => f.write_str("the private JWK cannot be read"),
            Self::Mismatch { key, algorithm } => {
                write!(f, "the key is {key}, but {algorithm} takes {}", algorithm.key_type())
            }
            Self::Numbers => f.write_str("the numbers of the JWK do not belong to one key"),
            Self::Pem => f.write_str("the PEM document holds no private key, or is damaged"),
            Self::RsaSize => f.write_str("the RSA key has fewer than 2048 or more than 8192 bits"),
            Self::SharedSecret(algorithm) => write!(
                f,
                "{algorithm} takes a shared secret, not a private key: use client_secret_jwt"
            ),
            Self::Sign => f.write_str("the key could not sign"),
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Jwk(error) => Some(error),
            _ => None,
        }
    }
}

impl From<JwkError> for KeyError {
    fn from(error: JwkError) -> Self {
        Self::Jwk(error)
    }
}
