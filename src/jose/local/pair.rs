//! [`Pair`]: a parsed private key of one kind, as the cryptographic library holds it.
//!
//! One loader and one public half for each kind. Which algorithm a key is for is `LocalKey`'s affair,
//! and so is the JSON of a JWK.

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair, RsaSignatureEncoding,
};
use rustls_pki_types::PrivateKeyDer;

use super::error::KeyError;
use crate::jose::{Algorithm, Curve, KeyType, PublicJwk, ecdsa};

/// The kinds of private key there are. Curves come by their size: a SEC1 key that does not name its
/// curve is then taken for the smallest that it fits.
pub(super) const KINDS: [KeyType; 5] = [
    KeyType::Rsa,
    KeyType::Ed25519,
    KeyType::Ec(Curve::P256),
    KeyType::Ec(Curve::P384),
    KeyType::Ec(Curve::P521),
];

/// A parsed private key. The library wipes it when it is dropped.
pub(super) enum Pair {
    Ec(Curve, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Pair {
    /// Loads a key of this kind; [`KeyError::Der`] when it is none.
    pub(super) fn load(kind: KeyType, der: &PrivateKeyDer<'_>) -> Result<Self, KeyError> {
        let bytes = der.secret_der();
        let pair = match (kind, der) {
            (KeyType::Ec(curve), PrivateKeyDer::Pkcs8(_) | PrivateKeyDer::Sec1(_)) => {
                let pair = EcdsaKeyPair::from_private_key_der(ecdsa_algorithm(curve), bytes);
                pair.map(|pair| Self::Ec(curve, pair))
            }
            (KeyType::Ed25519, PrivateKeyDer::Pkcs8(_)) => {
                Ed25519KeyPair::from_pkcs8(bytes).map(Self::Ed25519)
            }
            (KeyType::Rsa, PrivateKeyDer::Pkcs8(_)) => RsaKeyPair::from_pkcs8(bytes).map(Self::Rsa),
            (KeyType::Rsa, PrivateKeyDer::Pkcs1(_)) => RsaKeyPair::from_der(bytes).map(Self::Rsa),
            _ => return Err(KeyError::Der),
        };
        pair.map_err(|error| rejected(error, KeyError::Der))
    }

    /// Makes a key of this kind; `None` when there is none, or the library fails.
    pub(super) fn generate(kind: KeyType) -> Option<Self> {
        match kind {
            KeyType::Ec(curve) => {
                let pair = EcdsaKeyPair::generate(ecdsa_algorithm(curve)).ok()?;
                Some(Self::Ec(curve, pair))
            }
            KeyType::Ed25519 => Ed25519KeyPair::generate().ok().map(Self::Ed25519),
            KeyType::Rsa => RsaKeyPair::generate(KeySize::Rsa2048).ok().map(Self::Rsa),
            KeyType::Symmetric => None,
        }
    }

    /// The public half, without a key id.
    pub(super) fn public_jwk(&self) -> Option<PublicJwk> {
        match self {
            Self::Ec(curve, pair) => {
                // An uncompressed point: 4, x, y (SEC 1 section 2.3.3).
                let point = pair.public_key().as_ref().strip_prefix(&[4])?;
                let (x, y) = point.split_at_checked(curve.coordinate_len())?;
                Some(PublicJwk::ec(*curve, x, y))
            }
            Self::Ed25519(pair) => Some(PublicJwk::ed25519(pair.public_key().as_ref())),
            Self::Rsa(pair) => {
                let (n, e) = ecdsa::two_integers(pair.public_key().as_ref())?;
                Some(PublicJwk::rsa(n, e))
            }
        }
    }

    /// Signs; ECDSA signatures come out as `r||s`. `None` when the library fails.
    pub(super) fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Option<Vec<u8>> {
        // The library ignores this argument and draws from its own source.
        let random = SystemRandom::new();
        match self {
            Self::Ec(_, pair) => Some(pair.sign(&random, input).ok()?.as_ref().to_vec()),
            Self::Ed25519(pair) => Some(pair.try_sign(input).ok()?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(rsa_encoding(algorithm)?, &random, input, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

/// The library gives its reasons as names; size is the one a caller can act on.
pub(super) fn rejected(error: KeyRejected, otherwise: KeyError) -> KeyError {
    match error.description_() {
        "TooSmall" | "TooLarge" => KeyError::RsaSize,
        _ => otherwise,
    }
}

pub(super) fn ecdsa_algorithm(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
    }
}

fn rsa_encoding(algorithm: Algorithm) -> Option<&'static RsaSignatureEncoding> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_SHA512),
        _ => None,
    }
}
