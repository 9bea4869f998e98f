//! The names OAuth gives things: [`ClientId`], [`Issuer`].
//!
//! They keep the caller's text byte for byte. Making one never fails; a request that would carry one
//! outside its grammar is refused when it is built.

use std::fmt;
use std::sync::Arc;

use super::text::{TextError, is_vschar};
use super::uri::EndpointUri;
use crate::wire::ascii;

/// A client identifier ([RFC 6749 §2.2](https://www.rfc-editor.org/rfc/rfc6749#section-2.2)): visible ASCII and spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// The identifier as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn check(&self) -> Result<&str, TextError> {
        match self.as_str() {
            "" => Err(TextError::Empty("client_id")),
            id if is_vschar(id) => Ok(id),
            _ => Err(TextError::Character("client_id")),
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

    pub(crate) fn check(&self) -> Result<&str, TextError> {
        match self.as_str() {
            "" => Err(TextError::Empty("issuer")),
            text if ascii::is_graphic(text) => Ok(text),
            _ => Err(TextError::Character("issuer")),
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
