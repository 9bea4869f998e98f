//! A sans-IO OAuth 2.0 client.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::unwrap_used))]

pub mod client;
mod endpoint;
mod error;
pub mod grant;
pub mod jose;
pub mod message;
mod proof;
pub mod provider;
mod value;
mod wire;

pub use client::Client;
pub use endpoint::token::{AccessToken, TokenRequest, TokenResponse, TokenType};
pub use endpoint::{authorization, resource, token};
pub use error::Error;
pub use message::ReplyError;
pub use proof::pkce;
pub use value::{
    AuthorizationServer, BuildError, ClientId, CredentialUse, DEFAULT_BODY_LIMIT, Deviation,
    Duties, EndpointError, EndpointUri, Entropy, GrantedScope, Issuer, Lifetime, Malformed, Quirks,
    RedirectUri, Resend, RetryAfter, Scope, Secret, Timestamp,
};

/// Every permission that weakens something, in one place to search for.
pub mod danger {
    pub use crate::proof::pkce::danger::{NoPkce, PlainPkce};
    pub use crate::value::uri::danger::PlainHttp;
}
