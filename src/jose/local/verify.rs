//! [`LocalVerifier`]: signatures checked here, by `aws-lc-rs`.
//!
//! Which key and algorithm is decided before; this file only hands the numbers over. A key is parsed
//! once and kept with the key.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};

use super::private_jwk::bare;
use crate::jose::alg::{Algorithm, Curve, KeyType};
use crate::jose::backend::{Validity, Verify};
use crate::jose::jwk::PublicJwk;
use crate::jose::verification_key::VerificationKey;

/// Verifies in this process, with `aws-lc-rs`: every algorithm of
/// [`Algorithm::ALL`] that takes a key pair.
///
/// ```
/// use grantwire::jose::{Algorithm, Jwt, Jws, LocalKey, LocalVerifier, Signer, VerificationKey};
///
/// let own = LocalKey::generate(Algorithm::Es256)?;
/// let unsigned = Jwt::new().claim("sub", "248289761001").unsigned(&Signer::from(own.clone()))?;
/// let jwt = unsigned.finish(&own.sign(&unsigned)?)?;
///
/// let key = VerificationKey::new("https://as.example", own.public_jwk())?;
/// let unverified = Jws::parse(jwt.expose())?.with_key(&[Algorithm::Es256], &key)?;
/// let verified = unverified.verify_with(&LocalVerifier::new())?;
/// assert_eq!(verified.claim::<String>("sub").as_deref(), Some("248289761001"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct LocalVerifier;

impl LocalVerifier {
    /// It holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Verify for LocalVerifier {
    fn verify(
        &self,
        key: &VerificationKey,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Validity {
        let Some(key) = key.parsed(algorithm, |jwk| parse(algorithm, jwk)) else {
            return Validity::Unsupported;
        };
        match key.verify_sig(input, signature) {
            Ok(()) => Validity::Valid,
            Err(_) => Validity::Invalid,
        }
    }
}

fn parse(algorithm: Algorithm, jwk: &PublicJwk) -> Option<ParsedPublicKey> {
    match algorithm.key_type() {
        KeyType::Ec(curve) => {
            // An uncompressed point: 4, x, y (SEC 1 section 2.3.3).
            let point = [vec![4], jwk.number("x")?, jwk.number("y")?].concat();
            ParsedPublicKey::new(ecdsa(curve), point).ok()
        }
        KeyType::Ed25519 => ParsedPublicKey::new(&ED25519, jwk.number("x")?).ok(),
        KeyType::Rsa => {
            let (n, e) = (jwk.number("n")?, jwk.number("e")?);
            let numbers = RsaPublicKeyComponents { n: bare(&n), e: bare(&e) };
            numbers.to_parsed_public_key(rsa(algorithm)?).ok()
        }
        KeyType::Symmetric => None,
    }
}

fn ecdsa(curve: Curve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED,
        Curve::P521 => &ECDSA_P521_SHA512_FIXED,
    }
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}
