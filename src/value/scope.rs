//! [`Scope`]: what is asked for. What was granted is read by `reply`.

use super::text::{TextError, is_nqchar};
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
        let fine = |token: &str| !token.is_empty() && token.bytes().all(is_nqchar);
        if self.0.is_empty() || self.0.split(' ').all(fine) {
            Ok(&self.0)
        } else {
            Err(TextError::Character("scope"))
        }
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
