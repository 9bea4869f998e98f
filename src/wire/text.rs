//! [`Text`]: a body as text, with what had to be done to it.

use std::borrow::Cow;

/// A body as text: one byte order mark stripped, invalid UTF-8 replaced, each said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) had_bom: bool,
    pub(crate) was_lossy: bool,
}

/// Makes text of a body.
pub(crate) fn text(body: &[u8]) -> Text<'_> {
    let (body, had_bom) = match body.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (rest, true),
        None => (body, false),
    };
    match std::str::from_utf8(body) {
        Ok(text) => Text { text: Cow::Borrowed(text), had_bom, was_lossy: false },
        Err(_) => Text { text: Cow::Owned(replaced(body)), had_bom, was_lossy: true },
    }
}

/// The text of bytes that are not all UTF-8. Bytes that stand together become one U+FFFD, so that no text is
/// more than twice as long as its bytes.
pub(crate) fn replaced(bytes: &[u8]) -> String {
    let mut len = 0_usize;
    each_part(bytes, &mut |part| len = len.saturating_add(part.len()));
    let mut text = String::with_capacity(len);
    each_part(bytes, &mut |part| text.push_str(part));
    text
}

fn each_part(bytes: &[u8], each: &mut dyn FnMut(&str)) {
    let mut in_gap = false;
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            each(chunk.valid());
            in_gap = false;
        }
        if !chunk.invalid().is_empty() && !std::mem::replace(&mut in_gap, true) {
            each("\u{FFFD}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_that_stand_together_are_replaced_by_one_character() {
        assert_eq!(replaced(b"a\xFF\xFE\xE2\x82b\xFF"), "a\u{FFFD}b\u{FFFD}");
        assert_eq!(text(b"\xEF\xBB\xBF\xFF").text, "\u{FFFD}");
        assert_eq!(text("\u{FEFF}é".as_bytes()).text, Cow::Borrowed("é"));
    }

    #[test]
    fn no_text_is_more_than_twice_as_long() {
        for bytes in [&b"\xFF".repeat(1000)[..], &b"a\xFF".repeat(500), &b"\xE2\x82a".repeat(300)] {
            let text = replaced(bytes);
            assert!(text.len() <= 2 * bytes.len());
            assert_eq!(text.capacity(), text.len());
        }
        // One alone is the only one that grows by more.
        assert_eq!(replaced(b"\xFF").len(), 3);
    }
}
