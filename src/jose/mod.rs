//! Signatures in two phases.
//!
//! A request that needs a signature hands out an [`Unsigned`]: the bytes, the algorithm, the key id.
//! Whoever holds the key signs, and [`Unsigned::signed`] ties the result to the input it was made
//! for. A key in this process is the same path, taken at once. That is all a KMS or an HSM needs, and
//! it takes no callback, no trait and no async.
//!
//! ```
//! use grantwire::jose::{Algorithm, Jwt, Signer};
//!
//! # fn kms_sign(_key: Option<&str>, _bytes: &[u8]) -> Vec<u8> { vec![1; 64] }
//! let signer = Signer::remote(Algorithm::Es256).key_id("my-kms-key");
//! let unsigned = Jwt::new().claim("sub", "s6BhdRkqt3").unsigned(&signer)?;
//! let signature = unsigned.signed(kms_sign(unsigned.key_id(), unsigned.input()));
//! let jwt = unsigned.finish(&signature)?;
//! assert_eq!(jwt.expose().split('.').count(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Verifying is the mirror of it: a [`Jws`] is taken apart, a key is chosen out of a [`KeySet`], an
//! [`Unverified`] goes out, a [`Verdict`] comes back, and only [`Verified`] opens the claims. [`Sign`]
//! and [`Verify`] let any cryptographic library stand in for the one of the feature `local-keys`.
//!
//! What the claims of a token mean is not known here.

mod alg;
mod backend;
mod certificate;
mod ecdsa;
mod error;
mod jwe;
mod jwk;
mod jws;
mod jwt;
mod key_set;
#[cfg(feature = "local-keys")]
mod local;
mod shared_secret;
mod signing;
mod unverified;
mod verification_key;
mod verifying;

pub use alg::{Algorithm, Curve, KeyType};
pub use backend::{Sign, Validity, Verify};
pub use certificate::certificate_thumbprint;
pub use error::{JwsError, JwsPart, JwtError, VerifyError};
pub use jwe::Jwe;
pub use jwk::{JwkError, PublicJwk};
pub(crate) use jws::{Content, is_same_typ};
pub use jws::{Jws, UnverifiedClaims};
pub use jwt::Jwt;
pub use key_set::{KeyChoice, KeySet, KeySetError, SkippedKey};
#[cfg(feature = "local-keys")]
pub use local::{KeyError, LocalKey, LocalVerifier};
pub use shared_secret::SharedSecret;
pub use signing::{Signature, SignatureError, Signer, Unsigned};
pub use unverified::Unverified;
pub use verification_key::VerificationKey;
pub use verifying::{Verdict, Verified};
