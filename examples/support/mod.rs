//! What the examples share besides the server: a blocking HTTP client, a browser, a clock, and a
//! stand-in for a KMS.
//!
//! Neither is part of the `grantwire` crate, which does no IO and holds no key it is not given.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "each example is a program of its own, and uses only a part of this module"
)]

mod browser;
mod clock;
mod kms;
mod send;

pub use self::{
    browser::visit,
    clock::{now, sleep_until},
    kms::Kms,
    send::{Http, SendError},
};
