//! Local keys through the public API: loading, mismatches, signatures, public halves.
//!
//! **Every private key used here is for tests only**; `material` has them. Signatures are verified
//! with `aws-lc-rs` and the public JWK alone, and compared with the RFCs' own where the algorithm is
//! deterministic. What a server thinks of them is for the interop tests to say.

mod damage;
mod jwk;
mod material;
mod pem;
mod signing;
mod tools;
