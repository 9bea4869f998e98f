//! Bytes in and bytes out: base64url, form encoding, one opaque header value, and all reading and writing of JSON.
//!
//! Nothing here knows OAuth, and nothing here is public.

pub(crate) mod ascii;
pub(crate) mod base64url;
pub(crate) mod form;
pub(crate) mod header;
pub(crate) mod json;
mod json_writer;
mod member;
mod pick;
mod text;
mod unique;
