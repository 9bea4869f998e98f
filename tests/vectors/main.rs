//! The examples that the RFCs print, each against what this crate writes and reads.
//!
//! Requests are compared byte for byte where the RFC's own encoding is the usual one, and pair by
//! pair where it escapes more than it must (`.` as `%2E`). **The private keys are the RFCs' own**, so
//! they are known to everyone. Vectors of the device grant, of DPoP and of metadata are not here.

#[path = "../given/mod.rs"]
mod given;

mod assertions;
mod basic;
mod framework;
mod issuer;
mod jwk;
mod jws;
mod keys;
mod pkce;
mod pushed;
