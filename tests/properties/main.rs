//! What must hold for every input, tried on many made-up ones.
//!
//! What goes into a request comes back out of it, nothing that is read makes the crate panic, and no
//! damage to a part of a reply costs the tokens in it. Everything goes through the public API, and
//! the readers and writers it is held against are other people's: `serde_urlencoded`, `serde_json`,
//! `base64`. Single cases with names are in the other tests.

mod asked;
mod callbacks;
mod controls;
mod never;
mod pending;
mod replies;
mod requests;
mod text;
mod tokens;
mod urls;
mod values;
