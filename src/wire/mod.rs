//! Bytes in and bytes out: base64url, form encoding, and the only door to the JSON library.
//!
//! Nothing here knows OAuth, and nothing here is public.

pub(crate) mod base64url;
pub(crate) mod form;
pub(crate) mod json;
mod quote;
