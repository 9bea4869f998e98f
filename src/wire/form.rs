//! `application/x-www-form-urlencoded`, both ways.
//!
//! Writing is ours: it measures first and then writes each byte once, straight into the caller's
//! buffer. Reading is `serde_urlencoded`'s, which the property tests also use as the writer's oracle.
//! Which parameters exist, and which may repeat, is decided in `value::params`, not here.

use std::borrow::Cow;

/// Which bytes stay as they are, and what a space becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// The form encoding of RFC 6749 Appendix B and of browsers: `*-._` stay, a space is `+`.
    Form,
    /// RFC 3986 percent-encoding: `-._~` stay, a space is `%20`. For URLs, where some servers and
    /// proxies do not read `+` as a space, and for HTTP Basic.
    Percent,
}

impl Escape {
    const fn keeps(self, byte: u8) -> bool {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => true,
            b'*' => matches!(self, Escape::Form),
            b'~' => matches!(self, Escape::Percent),
            _ => false,
        }
    }

    const fn space_is_plus(self) -> bool {
        matches!(self, Escape::Form)
    }
}

/// How many bytes `text` takes when escaped.
pub(crate) fn escaped_len(escape: Escape, text: &str) -> usize {
    let grown = text
        .bytes()
        .filter(|&byte| !(escape.keeps(byte) || byte == b' ' && escape.space_is_plus()))
        .count();
    text.len().saturating_add(grown.saturating_mul(2))
}

/// Appends `text`, escaped.
pub(crate) fn push_escaped(out: &mut Vec<u8>, escape: Escape, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let hex = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
    let mut rest = text.as_bytes();
    while let Some(stop) = rest.iter().position(|&byte| !escape.keeps(byte)) {
        let (plain, tail) = rest.split_at(stop);
        out.extend_from_slice(plain);
        if let Some((&byte, tail)) = tail.split_first() {
            if byte == b' ' && escape.space_is_plus() {
                out.push(b'+');
            } else {
                out.extend_from_slice(&[b'%', hex(byte >> 4), hex(byte & 15)]);
            }
            rest = tail;
        }
    }
    out.extend_from_slice(rest);
}

/// How many bytes `name=value` takes.
pub(crate) fn pair_len(escape: Escape, name: &str, value: &str) -> usize {
    escaped_len(escape, name).saturating_add(1).saturating_add(escaped_len(escape, value))
}

/// Appends `name=value`, with a `&` before it unless it is the first after `start`.
pub(crate) fn push_pair(out: &mut Vec<u8>, start: usize, escape: Escape, name: &str, value: &str) {
    if out.len() > start {
        out.push(b'&');
    }
    push_escaped(out, escape, name);
    out.push(b'=');
    push_escaped(out, escape, value);
}

/// Reads every pair, in order, repeated names included. Invalid UTF-8 becomes U+FFFD.
pub(crate) fn pairs(text: &[u8]) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    // The reader accepts every byte string, so there is no failure to report.
    serde_urlencoded::from_bytes(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(escape: Escape, text: &str) -> String {
        let mut out = Vec::new();
        push_escaped(&mut out, escape, text);
        assert_eq!(out.len(), escaped_len(escape, text));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rfc_6749_appendix_b() {
        assert_eq!(escaped(Escape::Form, " %&+£€"), "+%25%26%2B%C2%A3%E2%82%AC");
    }

    #[test]
    fn the_two_escapes_differ_in_three_bytes() {
        assert_eq!(escaped(Escape::Form, "a*b~c d"), "a*b%7Ec+d");
        assert_eq!(escaped(Escape::Percent, "a*b~c d"), "a%2Ab~c%20d");
    }

    #[test]
    fn repeated_names_stay_visible() {
        assert_eq!(
            pairs(b"a=1&a=2&b"),
            [("a".into(), "1".into()), ("a".into(), "2".into()), ("b".into(), "".into())]
        );
    }
}
