//! [`TextError`]: why a text is not what it should be; and the character classes of RFC 6749 Appendix A.
//!
//! They know no parameter list: the noun that is checked says what it is called.

use std::fmt;

use crate::wire::ascii;
pub(crate) use crate::wire::ascii::has_control;

/// Why a text cannot be sent as what it is meant to be. The text itself is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextError {
    /// It holds a character outside its grammar, such as a control character.
    Character(&'static str),
    /// It is empty where there must be something.
    Empty(&'static str),
    /// It breaks a rule of its own.
    Rule(&'static str, &'static str),
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(name) => write!(f, "`{name}` holds a character outside its grammar"),
            Self::Empty(name) => write!(f, "`{name}` is empty"),
            Self::Rule(name, rule) => write!(f, "`{name}`: {rule}"),
        }
    }
}

impl std::error::Error for TextError {}

/// VSCHAR of RFC 6749 Appendix A: space to tilde.
pub(crate) fn is_vschar(text: &str) -> bool {
    ascii::is_printable(text)
}

/// NQCHAR of RFC 6749 Appendix A: visible ASCII but for `"` and `\`.
pub(crate) fn is_nqchar(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}
