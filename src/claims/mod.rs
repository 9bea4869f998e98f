//! What a verified token says, held against what was expected.
//!
//! [`TokenRules`] is what this client expects of everything that one issuer signs for it;
//! [`ExpectedIdToken`] adds what belongs to one sign-in. A signature is checked in
//! [`jose`](crate::jose); here the claims are: whose token it is, for whom, for how long, for which
//! sign-in. No clock, no fetch, no HTTP.
//!
//! ```
//! use grantwire::claims::{ExpectedIdToken, IssuedWith, TokenRules};
//! # use grantwire::jose::{Algorithm, Jwt, KeySet, LocalKey, LocalVerifier, Signer};
//! # use grantwire::Timestamp;
//! # let own = LocalKey::generate(Algorithm::Es256)?.key_id("1");
//! # let claims = Jwt::new().claim("iss", "https://server.example.com").claim("sub", "248289761001")
//! #     .claim("aud", "s6BhdRkqt3").claim("exp", 1311281970).claim("iat", 1311280970)
//! #     .claim("nonce", "n-0S6_WzA2Mj").unsigned(&Signer::from(own.clone()))?;
//! # let id_token = claims.finish(&own.sign(&claims)?)?;
//! # let jwks = format!(r#"{{"keys":[{}]}}"#, own.public_jwk().to_json());
//! # let now = Timestamp::from_unix_seconds(1311280980);
//! let rules = TokenRules::new("https://server.example.com", "s6BhdRkqt3").algorithm(Algorithm::Es256);
//! let keys = KeySet::read("https://server.example.com", &jwks)?;
//!
//! let expected = ExpectedIdToken::new(&rules).nonce("n-0S6_WzA2Mj");
//! let with = IssuedWith::token_endpoint("SlAV32hkKG");
//! let identity = expected.verify(id_token.expose(), &keys, &LocalVerifier::new(), with, now)?;
//! assert_eq!(identity.subject(), "248289761001");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checking;
mod error;
mod expected;
mod hash;
mod id_token;
mod issued_with;
mod logout_token;
mod original;
pub(crate) mod permission;
mod reader;
mod response;
mod rules;
mod standard;

pub use error::{ClaimFault, ClaimsError, TokenKind};
pub use expected::ExpectedIdToken;
pub use id_token::IdToken;
pub use issued_with::IssuedWith;
pub use logout_token::LogoutToken;
pub use original::OriginalIdToken;
pub(crate) use response::CheckedResponse;
pub use rules::{IssuerClaim, TokenRules};
pub use standard::{Address, StandardClaims};
