//! Whether a whole text is of one class of ASCII.
//!
//! The text is looked at to its end and not only to the first byte that is wrong: the compiler then looks at
//! many bytes at once, and nearly every text is right.

/// Visible ASCII: no space, no control character.
pub(crate) fn is_graphic(text: &str) -> bool {
    all(text, |byte| byte.wrapping_sub(0x21) < 0x5E)
}

/// Visible ASCII and spaces.
pub(crate) fn is_printable(text: &str) -> bool {
    all(text, |byte| byte.wrapping_sub(0x20) < 0x5F)
}

/// Whether a text holds none of the characters that must be escaped in JSON and need not be ASCII: the control
/// characters below the space.
pub(crate) fn has_no_json_control(text: &[u8]) -> bool {
    text.iter().fold(0_u8, |wrong, byte| wrong | u8::from(*byte < 0x20)) == 0
}

/// Whether a text holds a backslash.
pub(crate) fn has_backslash(text: &str) -> bool {
    text.bytes().fold(0_u8, |found, byte| found | u8::from(byte == b'\\')) != 0
}

#[inline(always)]
fn all(text: &str, fine: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(0_u8, |wrong, byte| wrong | u8::from(!fine(byte))) == 0
}

/// Whether a text holds a control character of ASCII or of Latin-1.
pub(crate) fn has_control(text: &str) -> bool {
    !is_printable(text) && text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_in_its_classes() {
        for c in ('\0'..='\u{A1}').chain(['\u{FFFD}', 'é']) {
            // Alone, and at the end of a text that is long enough to be looked at in pieces.
            for text in [c.to_string(), format!("{}{c}", "a".repeat(67))] {
                assert_eq!(is_graphic(&text), c.is_ascii_graphic(), "{c:?}");
                assert_eq!(is_printable(&text), c.is_ascii_graphic() || c == ' ', "{c:?}");
                assert_eq!(has_control(&text), c.is_control(), "{c:?}");
                assert_eq!(has_no_json_control(text.as_bytes()), c >= ' ', "{c:?}");
                assert_eq!(has_backslash(&text), c == '\\', "{c:?}");
            }
        }
    }
}
