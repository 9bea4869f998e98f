//! [`Owner`]: the client and server that a credential belongs to.

use super::identifier::{ClientId, Issuer};

/// The client and server that a credential belongs to.
pub(crate) struct Owner {
    pub(crate) client_id: ClientId,
    pub(crate) issuer: Option<Issuer>,
}

impl Owner {
    /// Whether it is this client, at the server of this issuer as far as the issuer was known.
    pub(crate) fn is(&self, client_id: &ClientId, issuer: Option<&Issuer>) -> bool {
        let same_server = self.issuer.is_none() || self.issuer.as_ref() == issuer;
        self.client_id == *client_id && same_server
    }
}
