//! The names OAuth gives things: [`ClientId`], [`Issuer`], [`Scope`].
//!
//! They keep the caller's text byte for byte. Making one never fails; a request that would carry one
//! outside its grammar is refused when it is built.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::build_error::BuildError;
use super::uri::EndpointUri;
use crate::wire::ascii;
pub(crate) use crate::wire::ascii::has_control;
use crate::wire::form::{self, class};

/// A client identifier ([RFC 6749 §2.2](https://www.rfc-editor.org/rfc/rfc6749#section-2.2)): visible ASCII and spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// The identifier as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn check(&self) -> Result<&str, BuildError> {
        match self.as_str() {
            "" => Err(BuildError::Empty { parameter: "client_id".into() }),
            id if is_vschar(id) => Ok(id),
            _ => Err(BuildError::Character { parameter: "client_id".into() }),
        }
    }
}

/// An authorization server's issuer identifier ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
///
/// Compared byte for byte; a trailing slash makes another issuer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(Arc<str>);

impl Issuer {
    /// The identifier as announced.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn check(&self) -> Result<&str, BuildError> {
        match self.as_str() {
            "" => Err(BuildError::Empty { parameter: "issuer".into() }),
            text if ascii::is_graphic(text) => Ok(text),
            _ => Err(BuildError::Character { parameter: "issuer".into() }),
        }
    }
}

macro_rules! from_text {
    ($($name:ident),+) => {$(
        impl From<&str> for $name {
            fn from(text: &str) -> Self { Self(text.into()) }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self { Self(text.into()) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )+};
}

from_text!(ClientId, Issuer);

/// An address that a resource's metadata named and the caller has approved.
impl From<EndpointUri> for Issuer {
    fn from(approved: EndpointUri) -> Self {
        Self(approved.as_str().into())
    }
}

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

    pub(crate) fn check(&self) -> Result<&str, BuildError> {
        self.check_classes().map(|(text, _)| text)
    }

    /// As [`Scope::check`], and what the bytes are.
    pub(super) fn check_classes(&self) -> Result<(&str, u8), BuildError> {
        // A space may stand between two tokens, and nowhere else.
        let text: &str = &self.0;
        let pairs = text.bytes().zip(text.bytes().skip(1));
        let doubled = pairs.fold(false, |found, two| found | (two == (b' ', b' ')));
        let classes = form::classes_of(text);
        let fine = classes & class::NOT_NQ == 0
            && !doubled
            && !text.starts_with(' ')
            && !text.ends_with(' ');
        if fine { Ok((text, classes)) } else { Err(BuildError::Scope) }
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

/// VSCHAR of RFC 6749 Appendix A: space to tilde.
pub(crate) fn is_vschar(text: &str) -> bool {
    form::classes_of(text) & (class::CONTROL | class::TAB | class::WIDE) == 0
}

/// Text for a terminal or a log: what is not seen, or reorders what is seen, is escaped.
pub(crate) fn printable(text: &str, most: usize) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let escape = |c: char| if hidden(c) { c.escape_default().collect() } else { String::from(c) };
    text.chars().take(most).map(escape).collect()
}
