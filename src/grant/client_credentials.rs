//! The client credentials grant ([RFC 6749 §4.4.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2)).

use super::Grant;
use crate::value::CredentialUse;

/// `grant_type=client_credentials`: the client asks for itself.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ClientCredentials;

impl ClientCredentials {
    /// The grant has no parameters of its own; the scope belongs to the request.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl From<ClientCredentials> for Grant {
    fn from(_: ClientCredentials) -> Self {
        Self::new("client_credentials", CredentialUse::Repeated)
    }
}
