//! The character classes of RFC 6749 Appendix A. They know no parameter.

/// VSCHAR of RFC 6749 Appendix A: space to tilde.
pub(crate) fn is_vschar(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7E))
}

/// NQCHAR of RFC 6749 Appendix A: visible ASCII but for `"` and `\`.
pub(crate) fn is_nqchar(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

/// Whether the text holds a control character of ASCII or of Latin-1.
pub(crate) fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}
