//! One opaque header value, as a server gave it and wants it back. It knows no name of a header.

use http::HeaderMap;

/// An opaque value that a server has given in a header, to be given back: visible ASCII and not long. Two
/// that differ are both ignored.
pub(crate) fn opaque<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    let fine = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let usable = !first.is_empty() && first.len() <= 4096 && fine(first);
    (usable && values.all(|other| other.as_bytes() == first.as_bytes())).then_some(first)
}
