//! [`UntrustedUrl`] and [`UntrustedText`]: what somebody else supplied, and nobody has approved.
//!
//! A text is for a person to read, and escaped first. A resource names its metadata, and its metadata names authorization servers. Whoever follows such
//! an address without looking can be sent anywhere, inside networks too. No request can be built from
//! this type: it must be approved first.

use std::fmt;

use super::uri::{EndpointError, EndpointUri};

/// An address from a challenge or a metadata document.
#[derive(Clone, PartialEq, Eq)]
pub struct UntrustedUrl(Box<str>);

impl UntrustedUrl {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The address as it was sent, to look at and to compare.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Approves it: the caller has compared it with what it expects, or has asked somebody.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] when it is not `https`, or `http` on a loopback host.
    pub fn approve(&self) -> Result<EndpointUri, EndpointError> {
        EndpointUri::parse(&self.0)
    }

    /// Approves it only if it has the scheme, host and port of an address that is trusted already;
    /// `None` otherwise.
    #[must_use]
    pub fn approve_same_origin(&self, trusted: &EndpointUri) -> Option<EndpointUri> {
        let uri = self.approve().ok()?;
        (uri.origin() == trusted.origin()).then_some(uri)
    }
}

impl fmt::Debug for UntrustedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UntrustedUrl(..)")
    }
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

/// Text that a server, or whoever wrote a URL, put there for a person to read.
///
/// It may quote secrets and it may hold markup or control characters, so it is never shown by `Debug`
/// and there is no `Display`: ask for [`UntrustedText::escaped`].
#[derive(Clone, PartialEq, Eq)]
pub struct UntrustedText(Box<str>);

impl UntrustedText {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text exactly as it was sent.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// At most 512 characters of it, with control, invisible and reordering characters escaped: fit for a log or a terminal,
    /// not for HTML.
    #[must_use]
    pub fn escaped(&self) -> String {
        printable(&self.0, 512)
    }
}

impl fmt::Debug for UntrustedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UntrustedText(..)")
    }
}
