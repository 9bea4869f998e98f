//! [`Scope`]: what is asked for. What was granted is read by `reply`.

use super::text::TextError;
use crate::wire::form::{self, class};
use std::borrow::Cow;
use std::fmt;

/// What is asked for: scope tokens, each separated from the next by one space
/// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)).
///
/// An empty scope is the same as none: the parameter is left out. A token outside the grammar
/// (control characters, `"`, `\`, non-ASCII, two spaces in a row) is refused when the request is built.
///
/// ```
/// use grantwire::Scope;
/// assert_eq!(Scope::from("openid profile"), Scope::from_tokens(["openid", "profile"]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Scope(Cow<'static, str>);

impl Scope {
    /// Joins tokens with single spaces.
    pub fn from_tokens<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> Self {
        let mut text = String::new();
        for token in tokens {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(token.as_ref());
        }
        Self(text.into())
    }

    /// The scope as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The single tokens, in order.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|token| !token.is_empty())
    }

    pub(crate) fn check(&self) -> Result<&str, TextError> {
        self.check_classes().map(|(text, _)| text)
    }

    /// As [`Scope::check`], and what the bytes are.
    pub(crate) fn check_classes(&self) -> Result<(&str, u8), TextError> {
        // A space may stand between two tokens, and nowhere else.
        let text: &str = &self.0;
        let pairs = text.bytes().zip(text.bytes().skip(1));
        let doubled = pairs.fold(false, |found, two| found | (two == (b' ', b' ')));
        let classes = form::classes_of(text);
        let fine = classes & class::NOT_NQ == 0
            && !doubled
            && !text.starts_with(' ')
            && !text.ends_with(' ');
        if fine { Ok((text, classes)) } else { Err(TextError::Character("scope")) }
    }
}

impl From<&str> for Scope {
    fn from(text: &str) -> Self {
        Self(Cow::Owned(text.into()))
    }
}

impl From<String> for Scope {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
