//! Clients that prove nothing: `none`, and callers without an identifier.

use super::authentication::ClientAuthentication;
use super::credentials::Credentials;
use crate::request::BuildError;

/// `none`: a public client, which only says who it is
/// ([RFC 6749 §3.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.2.1)). The default.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct PublicClient;

impl PublicClient {
    /// The method `none`.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl ClientAuthentication for PublicClient {
    fn name(&self) -> &str {
        "none"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        to.send_client_id()
    }
}

/// Nothing at all: for a grant whose assertion says enough, where identifying the client is optional
/// ([RFC 7521 §4.1](https://www.rfc-editor.org/rfc/rfc7521#section-4.1)). See [`Client::unidentified`](crate::Client::unidentified).
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Unidentified;

impl Unidentified {
    /// No method.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl ClientAuthentication for Unidentified {
    fn name(&self) -> &str {
        "unidentified"
    }

    fn identifies_client(&self) -> bool {
        false
    }

    fn write<'a>(&'a self, _: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        Ok(())
    }
}
