//! The server's doors. One file or folder a door, with the request and the reply together.

pub mod authorization;
pub mod device;
pub mod introspection;
pub mod metadata;
pub mod resource;
pub mod revocation;
pub mod token;
