//! Authorization server metadata ([RFC 8414](https://www.rfc-editor.org/rfc/rfc8414)), and OpenID discovery.
//!
//! From an issuer to an [`AuthorizationServer`](crate::AuthorizationServer). What a document says is believed only when its
//! `issuer` is the one that was asked for. Nothing is fetched here and nothing is kept.

mod choice;
pub(crate) mod document;
mod request;

pub use document::{Announced, Metadata};
pub use request::{MetadataRequest, WellKnown};
