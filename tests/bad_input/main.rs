//! Bad input of every kind: a clear, typed error before anything is sent or believed, with nothing
//! secret in it and nothing of what was received lost.
//!
//! What an attacker would do with the same inputs is in `attacks`; what single providers send is in
//! `providers`.

#[path = "../given/mod.rs"]
mod given;

mod replies;
mod requests;
mod texts;
