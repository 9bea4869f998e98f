//! Bytes in and bytes out: base64url, form encoding, one opaque header value, and all reading and writing of JSON.
//!
//! Nothing here knows OAuth, and nothing here is public.

pub(crate) mod ascii;
pub(crate) mod base64url;
pub(crate) mod form;
pub(crate) mod header;
pub(crate) mod json;
pub(crate) mod json_text;
mod json_writer;
pub(crate) mod kept;
mod member;
pub(crate) mod pairs;
mod pick;
mod text;
mod unique;
