//! The server's doors. One file or folder a door, with the request and the reply together.

pub mod attestation_challenge;
pub mod authorization;
pub mod backchannel;
mod call;
mod client_call;
pub mod device;
pub mod end_session;
mod exchange;
mod form_post;
pub mod introspection;
pub mod logout;
pub mod metadata;
pub mod protected_resource;
pub mod registration;
pub mod resource;
pub mod revocation;
pub mod token;
pub(crate) mod token_type_hint;
pub mod userinfo;

pub use exchange::Exchange;
