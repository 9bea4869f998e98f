//! Bytes in and bytes out: base64url, form encoding, one opaque header value, and the only way to the JSON library.
//!
//! Nothing here knows OAuth, and nothing here is public.

pub(crate) mod base64url;
pub(crate) mod form;
pub(crate) mod header;
pub(crate) mod json;
pub(crate) mod json_text;
mod json_writer;
