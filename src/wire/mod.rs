//! Bytes in and bytes out: base64url, form encoding, and all reading and writing of JSON.
//!
//! Nothing here knows OAuth, and nothing here is public.

pub(crate) mod ascii;
pub(crate) mod base64url;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod kept;
mod member;
pub(crate) mod pairs;
mod pick;
mod quote;
mod text;
