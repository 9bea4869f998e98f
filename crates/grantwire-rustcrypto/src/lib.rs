//! Signing and verifying for [`grantwire`] in pure Rust, for projects that have no C compiler or want none.
//!
//! It shows what it takes to stand in for the backend of the feature `local-keys`: one method for each trait.
//! What is checked before (that the key fits the algorithm, the length of the signature) is checked by
//! `grantwire`; what is here is the arithmetic of others. `ES256`, the `RS*` and `PS*` family, and Ed25519 are
//! verified; for the rest the verdict is [`Validity::Unsupported`]. `ES256` and Ed25519 are signed with; RSA
//! is not, because its library does not hide how long it takes (RUSTSEC-2023-0071).
//!
//! ```
//! use ed25519_dalek::SigningKey;
//! use grantwire::jose::{Algorithm, Jws, Jwt, PublicJwk, Signer, VerificationKey};
//! use grantwire_rustcrypto::{Ed25519, RustCrypto};
//!
//! # let random_bytes = [7; 32];
//! let key = Ed25519::new(SigningKey::from_bytes(&random_bytes));
//! let public = VerificationKey::new("https://as.example", PublicJwk::from_json(&key.public_jwk())?)?;
//!
//! let request = Jwt::new().claim("sub", "248289761001");
//! let signer = Signer::with_backend(Algorithm::EdDsa, key);
//! # let unsigned = request.unsigned(&signer)?;
//! # let other = Ed25519::new(SigningKey::from_bytes(&random_bytes));
//! # let signature = grantwire::jose::Sign::sign(&other, Algorithm::EdDsa, unsigned.input()).unwrap();
//! # let token = unsigned.finish(&unsigned.signed(signature))?;
//! let unverified = Jws::parse(token.expose())?.with_key(&[Algorithm::EdDsa], &public)?;
//! let verified = unverified.verify_with(&RustCrypto)?;
//! assert_eq!(verified.claim::<String>("sub").as_deref(), Some("248289761001"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::jose::{Algorithm, PublicJwk, Sign, Validity, VerificationKey, Verify};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use rsa::{BoxedUint, pkcs1v15, pss};
use sha2::{Sha256, Sha384, Sha512};

/// Checks signatures with `p256`, `rsa` and `ed25519-dalek`. Each key is parsed once, and kept with the key.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustCrypto;

/// A public key as its library holds it.
enum Key {
    P256(p256::ecdsa::VerifyingKey),
    Rsa(rsa::PublicKey),
    Ed25519(ed25519_dalek::VerifyingKey),
}

impl Verify for RustCrypto {
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
        match check(&key, algorithm, input, signature) {
            Some(true) => Validity::Valid,
            Some(false) => Validity::Invalid,
            None => Validity::Unsupported,
        }
    }
}

fn parse(algorithm: Algorithm, jwk: &PublicJwk) -> Option<Key> {
    match algorithm {
        Algorithm::Es256 => {
            let point = [vec![4], jwk.number("x")?, jwk.number("y")?].concat();
            p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok().map(Key::P256)
        }
        Algorithm::EdDsa | Algorithm::Ed25519 => {
            let bytes: [u8; 32] = jwk.number("x")?.try_into().ok()?;
            ed25519_dalek::VerifyingKey::from_bytes(&bytes).ok().map(Key::Ed25519)
        }
        Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512 => {
            let number = |name| Some(BoxedUint::from_be_slice_vartime(&jwk.number(name)?));
            let (n, e) = (number("n")?, number("e")?);
            rsa::PublicKey::new_with_size_limits(n, e, 2048..=8192).ok().map(Key::Rsa)
        }
        _ => None,
    }
}

/// Whether the signature is good; `None` when the algorithm is not for this key.
fn check(key: &Key, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Option<bool> {
    macro_rules! rsa {
        ($scheme:ident, $hash:ty, $key:expr) => {{
            let Ok(signature) = $scheme::Signature::try_from(signature) else { return Some(false) };
            $scheme::VerifyingKey::<$hash>::new($key.clone()).verify(input, &signature).is_ok()
        }};
    }
    Some(match (key, algorithm) {
        (Key::P256(key), Algorithm::Es256) => {
            let signature = p256::ecdsa::Signature::from_slice(signature);
            signature.is_ok_and(|signature| key.verify(input, &signature).is_ok())
        }
        // Strict: no key or point of small order, no second form of a signature.
        (Key::Ed25519(key), Algorithm::EdDsa | Algorithm::Ed25519) => {
            let signature = ed25519_dalek::Signature::from_slice(signature);
            signature.is_ok_and(|signature| key.verify_strict(input, &signature).is_ok())
        }
        (Key::Rsa(key), Algorithm::Rs256) => rsa!(pkcs1v15, Sha256, key),
        (Key::Rsa(key), Algorithm::Rs384) => rsa!(pkcs1v15, Sha384, key),
        (Key::Rsa(key), Algorithm::Rs512) => rsa!(pkcs1v15, Sha512, key),
        // The salt is as long as the hash (RFC 7518 section 3.5), which is what the library asks for.
        (Key::Rsa(key), Algorithm::Ps256) => rsa!(pss, Sha256, key),
        (Key::Rsa(key), Algorithm::Ps384) => rsa!(pss, Sha384, key),
        (Key::Rsa(key), Algorithm::Ps512) => rsa!(pss, Sha512, key),
        _ => return None,
    })
}

/// An Ed25519 private key that signs.
pub struct Ed25519(ed25519_dalek::SigningKey);

impl Ed25519 {
    /// With this key.
    #[must_use]
    pub fn new(key: ed25519_dalek::SigningKey) -> Self {
        Self(key)
    }

    /// The public half, as JSON.
    #[must_use]
    pub fn public_jwk(&self) -> String {
        let x = base64url(self.0.verifying_key().as_bytes());
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#)
    }
}

impl Sign for Ed25519 {
    fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Option<Vec<u8>> {
        let fits = matches!(algorithm, Algorithm::EdDsa | Algorithm::Ed25519);
        fits.then(|| ed25519_dalek::Signer::sign(&self.0, input).to_bytes().to_vec())
    }
}

/// A P-256 private key that signs, without randomness (RFC 6979).
pub struct P256(p256::ecdsa::SigningKey);

impl P256 {
    /// With this key.
    #[must_use]
    pub fn new(key: p256::ecdsa::SigningKey) -> Self {
        Self(key)
    }

    /// The public half, as JSON.
    #[must_use]
    pub fn public_jwk(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(false);
        let half = |bytes: Option<&[u8]>| base64url(bytes.unwrap_or_default());
        let (x, y) = (half(point.x().map(|x| x.as_slice())), half(point.y().map(|y| y.as_slice())));
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#)
    }
}

impl Sign for P256 {
    fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Option<Vec<u8>> {
        if algorithm != Algorithm::Es256 {
            return None;
        }
        let signature: p256::ecdsa::Signature = self.0.try_sign(input).ok()?;
        Some(signature.to_bytes().to_vec())
    }
}

macro_rules! no_secrets {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

no_secrets!(Ed25519, P256);

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
