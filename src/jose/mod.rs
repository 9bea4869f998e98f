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
//! Nothing here verifies a signature or reads a JWT.

mod alg;
mod certificate;
mod ecdsa;
mod error;
mod jwk;
mod jwt;
#[cfg(feature = "local-keys")]
mod local;
mod signing;

pub use alg::{Algorithm, Curve, KeyType};
pub use certificate::certificate_thumbprint;
pub use error::JwtError;
pub use jwk::{JwkError, PublicJwk};
pub use jwt::Jwt;
#[cfg(feature = "local-keys")]
pub use local::{KeyError, LocalKey};
pub use signing::{Signature, SignatureError, Signer, Unsigned};
