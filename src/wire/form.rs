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

/// What a byte is to whoever writes it: the or of several is what a text is.
pub(crate) mod class {
    /// Not kept as it is in a form.
    pub(crate) const FORM: u8 = 1;
    /// Not kept as it is in a URL.
    pub(crate) const PERCENT: u8 = 2;
    /// Three bytes long in a form.
    pub(crate) const FORM_GROWS: u8 = 4;
    /// A control character of ASCII, but no tab.
    pub(crate) const CONTROL: u8 = 8;
    /// A tab.
    pub(crate) const TAB: u8 = 16;
    /// Part of a character beyond ASCII.
    pub(crate) const WIDE: u8 = 32;
    /// Neither a space nor NQCHAR of RFC 6749 Appendix A: visible ASCII but for `"` and `\`.
    pub(crate) const NOT_NQ: u8 = 64;
}

/// The class of each byte.
static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut all = [0; 256];
    let mut byte = 0_u8;
    loop {
        let (mut form, mut percent, mut other) =
            (class::FORM | class::FORM_GROWS, class::PERCENT, 0);
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                (form, percent) = (0, 0)
            }
            b'*' => form = 0,
            b'~' => percent = 0,
            b' ' => form = class::FORM,
            b'"' | b'\\' => other = class::NOT_NQ,
            b'\t' => other = class::TAB | class::NOT_NQ,
            0..=0x1F | 0x7F => other = class::CONTROL | class::NOT_NQ,
            0x80.. => other = class::WIDE | class::NOT_NQ,
            _ => {}
        }
        // The place of a byte is always within the table.
        #[allow(clippy::indexing_slicing)]
        {
            all[byte as usize] = form | percent | other;
        }
        byte = match byte.checked_add(1) {
            Some(next) => next,
            None => return all,
        };
    }
}

fn class_of(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// What the bytes of a text are, taken together.
pub(crate) fn classes_of(text: &str) -> u8 {
    text.bytes().fold(0, |all, byte| all | class_of(byte))
}

impl Escape {
    /// The class of bytes that do not stay as they are.
    pub(crate) const fn changed(self) -> u8 {
        match self {
            Self::Form => class::FORM,
            Self::Percent => class::PERCENT,
        }
    }

    const fn grows(self) -> u8 {
        match self {
            Self::Form => class::FORM_GROWS,
            Self::Percent => class::PERCENT,
        }
    }
}

/// How many bytes `text` takes when escaped.
pub(crate) fn escaped_len(escape: Escape, text: &str) -> usize {
    let grows = escape.grows();
    let grown = text.bytes().filter(|&byte| class_of(byte) & grows != 0).count();
    text.len().saturating_add(grown.saturating_mul(2))
}

/// Appends `text`, escaped.
pub(crate) fn push_escaped(out: &mut String, escape: Escape, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let hex = |nibble: u8| char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
    let (changed, grows) = (escape.changed(), escape.grows());
    let mut start = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        let class = class_of(byte);
        if class & changed == 0 {
            continue;
        }
        out.push_str(text.get(start..at).unwrap_or_default());
        start = at.saturating_add(1);
        if class & grows == 0 {
            out.push('+');
        } else {
            out.push('%');
            out.push(hex(byte >> 4));
            out.push(hex(byte & 15));
        }
    }
    out.push_str(text.get(start..).unwrap_or_default());
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
        let mut out = String::new();
        push_escaped(&mut out, escape, text);
        assert_eq!(out.len(), escaped_len(escape, text));
        out
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
