//! The server's doors. One file or folder a door, with the request and the reply together.

pub mod authorization;
pub mod device;
pub mod resource;
pub mod token;
