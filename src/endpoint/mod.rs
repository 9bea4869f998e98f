//! The server's doors. One file or folder a door, with the request and the reply together.

pub mod attestation_challenge;
pub mod authorization;
pub mod backchannel;
mod confirmation;
pub mod device;
pub mod end_session;
pub mod introspection;
pub mod metadata;
mod ping;
pub mod protected_resource;
pub mod registration;
pub mod resource;
pub mod revocation;
pub mod token;
pub mod userinfo;
