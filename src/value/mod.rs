//! The nouns: values that know their own grammar.
//!
//! They hold what a caller or a server said, byte for byte where bytes matter. They know no grant, no
//! endpoint and no message.

pub(crate) mod access_token;
pub(crate) mod authorization_details;
mod credential_use;
mod entropy;
pub(crate) mod identifier;
pub(crate) mod kept;
pub(crate) mod owner;
mod scope;
pub(crate) mod secret;
pub(crate) mod text;
mod time;
pub(crate) mod untrusted;
pub(crate) mod uri;

pub use access_token::{AccessToken, TokenType};
pub use authorization_details::AuthorizationDetails;
pub use credential_use::CredentialUse;
pub use entropy::Entropy;
pub use identifier::{ClientId, Issuer};
pub(crate) use owner::Owner;
pub use scope::Scope;
pub use secret::Secret;
pub use text::TextError;
pub use time::Timestamp;
pub use untrusted::{UntrustedText, UntrustedUrl};
pub use uri::{EndpointError, EndpointUri, RedirectUri};
