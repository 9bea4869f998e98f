//! [`UntrustedUrl`]: an address that somebody else supplied, and nobody has approved.
//!
//! A resource names its metadata, and its metadata names authorization servers. Whoever follows such
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
