//! The nouns: values that know their own grammar.
//!
//! They hold what a caller or a server said, byte for byte where bytes matter. They know no grant, no
//! endpoint and no message.

mod build_error;
pub(crate) mod details;
mod duties;
mod entropy;
mod granted;
pub(crate) mod header;
pub(crate) mod ident;
mod lifetime;
mod meaning;
mod number;
pub(crate) mod params;
mod quirk;
pub(crate) mod secret;
mod server;
mod time;
mod untrusted;
pub(crate) mod uri;

pub use build_error::BuildError;
pub use details::AuthorizationDetails;
pub use duties::{CredentialUse, Duties, Resend};
pub use entropy::Entropy;
pub use granted::GrantedScope;
pub use ident::{ClientId, Issuer, Scope};
pub use lifetime::{Lifetime, Malformed};
pub use meaning::Meaning;
pub use quirk::{Deviation, Quirks};
pub use secret::Secret;
pub use server::{AuthorizationServer, DEFAULT_BODY_LIMIT, Endpoint};
pub use time::{RetryAfter, Timestamp};
pub use untrusted::UntrustedUrl;
pub use uri::{EndpointError, EndpointUri, RedirectUri};
