//! Presenting an access token, and what a resource says when it does not take it.
//!
//! The request to the resource is the caller's; this file puts the token into it. Bearer tokens
//! ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)) and headers of a provider's own; a token bound
//! to a DPoP key goes by a [`ResourceRequest`].

mod denied;
pub(crate) mod details;
pub(crate) mod request;

pub use denied::{Denied, check};
pub use details::Details;
pub use request::ResourceRequest;
