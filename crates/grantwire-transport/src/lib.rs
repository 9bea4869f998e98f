//! HTTP stacks for [`grantwire`], one feature each: every one sends a request once, and does what its
//! [`Duties`](grantwire::Duties) ask.
//!
//! | feature | module | for |
//! |---|---|---|
//! | `ureq` | `ureq` | `ureq` 3 |
//! | `reqwest` | `reqwest` | `reqwest`, async |
//! | `reqwest-blocking` | `reqwest_blocking` | `reqwest`, blocking |
//! | `hyper` | `hyper` | `hyper` 1 on `tokio`, with `rustls` |
//! | `tower` | `tower` | a service around yours |
//! | `curl` | `curl` | libcurl, built from source |
//! | `fetch` | `fetch` | a browser; its own part of it is `fetch::browser`, on `wasm32` only |
//!
//! No feature is on unless it is asked for. In a browser only `fetch` is there.
//!
//! What each has to keep to is the [guide for your own stack](grantwire::guide::stacks), and all go through
//! one table of hostile cases, `tests/stacks`. None follows a redirect, keeps a connection or sends again by
//! itself: a [`Driver`](grantwire::flow::Driver) does where the duties allow it. None logs, and no failure says
//! more than a machine has to know.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "curl", not(target_arch = "wasm32")))]
pub mod curl;
#[cfg(feature = "fetch")]
pub mod fetch;
#[cfg(all(feature = "hyper", not(target_arch = "wasm32")))]
pub mod hyper;
#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
pub mod reqwest;
#[cfg(all(feature = "reqwest-blocking", not(target_arch = "wasm32")))]
pub mod reqwest_blocking;
#[cfg(all(feature = "tower", not(target_arch = "wasm32")))]
pub mod tower;
#[cfg(all(feature = "ureq", not(target_arch = "wasm32")))]
pub mod ureq;
