//! A sans-IO OAuth 2.0 client.
//!
//! Pure types build [`http::Request`] values for every grant and client authentication method, and
//! read [`http::Response`] values into typed tokens or typed errors. Nothing here opens a socket,
//! reads a clock, draws randomness, spawns or logs: the caller brings an HTTP stack, the time as a
//! [`Timestamp`], and 32 random bytes as [`Entropy`].
//!
//! # In scope, out of scope
//!
//! In: what a client says to an authorization server and what it makes of the answer, believing what a
//! server signs, and putting a token into a request to a resource. Out: sending, redirects, TLS, storage,
//! user interfaces, and everything a server does.
//!
//! # A whole trip
//!
//! ```
//! use grantwire::authorization::Callback;
//! use grantwire::client::ClientSecretBasic;
//! use grantwire::grant::AuthorizationCode;
//! use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
//!
//! # fn random_bytes() -> [u8; 32] { [7; 32] }
//! # fn send(_: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
//! #     http::Response::new(br#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600}"#.to_vec())
//! # }
//! let server = AuthorizationServer::new()
//!     .issuer("https://as.example")
//!     .authorization_endpoint("https://as.example/authorize")
//!     .token_endpoint("https://as.example/token");
//! let client = Client::new(server, "s6BhdRkqt3").auth(ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw"));
//! let mut entropy = Entropy::new(random_bytes());
//!
//! // 1. Send the browser away, and keep `pending` in this user's session.
//! let started = client.authorization().redirect_uri("https://client.example/cb").start(&mut entropy)?;
//! # let state = started.url.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
//! # let query = format!("code=SplxlOBeZQQYbYS6WxSbIA&state={state}");
//!
//! // 2. Check what comes back. Only this makes a code.
//! let code = started.pending.code(Callback::from_query(&query))?;
//!
//! // 3. Redeem the code.
//! let exchange = client.token(AuthorizationCode::new(code));
//! let now = Timestamp::from(std::time::SystemTime::now());
//! let response = send(exchange.request(now, &mut entropy)?);
//! let tokens = exchange.read(&response)?;
//! assert_eq!(tokens.lifetime().ends(now).unwrap(), now + std::time::Duration::from_secs(3600));
//! # Ok::<(), grantwire::Error>(())
//! ```
//!
//! # Where to start
//!
//! | to | see |
//! |---|---|
//! | sign a user in | [`Client::authorization`], [`authorization`], [`flow::CodeFlow`] |
//! | sign or push that request | [`AuthorizationRequest::signed`](authorization::AuthorizationRequest::signed), [`AuthorizationRequest::push`](authorization::AuthorizationRequest::push) |
//! | sign a user in where there is no browser | [`Client::device_authorization`], [`flow::DeviceFlow`] |
//! | ask a user on their own phone | [`Client::backchannel_authentication`], [`flow::CibaFlow`] |
//! | ask for a token by any grant | [`Client::token`], [`grant`] |
//! | keep tokens fresh, across restarts | [`flow::Session`] |
//! | authenticate the client | [`client`]; a key elsewhere: [`jose`] |
//! | bind tokens to a key | [`dpop`], [`flow::Dpop`] |
//! | find the server's endpoints | [`metadata`]; from a resource's 401: [`protected_resource`] |
//! | register a client | [`registration`] |
//! | use a token, and understand a 401 | [`AccessToken::present`], [`resource`] |
//! | know who signed in | [`claims`] |
//! | be told that a session has ended | [`logout`] |
//! | verify what is signed with any library | [`jose`] |
//! | revoke, introspect, describe the user, sign out | [`Client::revoke`], [`Client::introspect`], [`Client::userinfo`], [`Client::end_session`] |
//! | understand a failure | [`Error::reply`], [`ReplyError`] |
//! | tolerate what a provider does | [`Quirks`] |
//! | see which sections are implemented | [`coverage`] |
//!
//! # Several messages over time
//!
//! [`flow`] holds the machines: one exchange with its signatures and nonce, the second half of the code
//! flow, device and CIBA polling, and [`Session`](flow::Session), which keeps tokens fresh across
//! processes and crashes. One small loop drives them all; [`flow::Driver`] is that loop.
//!
//! # What the transport owes
//!
//! A sans-IO crate cannot keep an HTTP client from following a redirect or from sending a request
//! twice. [`Duties`] says what each request may and may not have done to it, and
//! [`guide::stacks`] how to keep to it on each stack.
//!
//! # Optional features
//!
//! `local-keys` signs here, from PEM, DER or JWK private keys: `jose::LocalKey`. `getrandom` adds
//! `Entropy::from_os`. Neither is on by default.
//!
//! # Secrets
//!
//! No `Debug`, `Display` or error of this crate shows a token, secret, code or body. The
//! [`http::Request`] it hands out is not this crate's type: its `Debug` prints the body as bytes, so
//! keep it out of logs. Header values that hold secrets are marked sensitive.
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

pub mod claims;
pub mod client;
pub mod dpop;
mod endpoint;
mod error;
pub mod flow;
pub mod grant;
pub mod jose;
pub mod pkce;
pub mod provider;
pub mod reply;
pub mod request;
mod server;
mod stored;
mod value;
mod wire;

pub use client::Client;
pub use endpoint::token::{self, TokenRequest, TokenResponse};
pub use endpoint::{
    Exchange, attestation_challenge, authorization, backchannel, device, end_session,
    introspection, logout, metadata, protected_resource, registration, resource, revocation,
    userinfo,
};
pub use error::Error;
pub use reply::{Deviation, GrantedScope, Lifetime, Malformed, ReplyError, RetryAfter};
pub use request::{BuildError, Duties, Resend};
pub use server::{AuthorizationServer, DEFAULT_BODY_LIMIT, Endpoint, Meaning, Quirks};
pub use stored::StoredError;
pub use value::{
    AccessToken, AuthorizationDetails, ClientId, CredentialUse, EndpointError, EndpointUri,
    Entropy, Issuer, RedirectUri, Scope, Secret, TextError, Timestamp, TokenType, UntrustedText,
    UntrustedUrl,
};

/// The sections of each specification that this crate implements, and where.
#[doc = include_str!("coverage.md")]
pub mod coverage {}

/// Longer reading: what an HTTP stack owes, and how to come here from other crates.
pub mod guide {
    #[doc = include_str!("guide/stacks.md")]
    pub mod stacks {}

    #[doc = include_str!("guide/migrating.md")]
    pub mod migrating {}
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// Every permission that weakens something, in one place to search for.
pub mod danger {
    pub use crate::claims::permission::{UncheckedSignature, UnsecuredIdToken};
    pub use crate::grant::danger::Password;
    pub use crate::pkce::danger::{NoPkce, PlainPkce};
    pub use crate::value::uri::danger::PlainHttp;
}
