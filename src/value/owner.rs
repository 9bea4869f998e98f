//! [`Owner`]: the client and the server that a credential belongs to. It says whether another is the same,
//! and neither who asks nor what a mismatch is called.

use std::sync::Arc;

use super::identifier::{ClientId, Issuer};

/// The client and the server that a credential belongs to.
///
/// A server is known by its issuer identifier, by its token endpoint, or by both. A server that publishes no
/// metadata often has no issuer, so the address alone must be able to tell two of them apart.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) client_id: ClientId,
    pub(crate) issuer: Option<Issuer>,
    /// Only compared, so it need not be an address that may be sent to.
    pub(crate) token_endpoint: Option<Arc<str>>,
}

impl Owner {
    /// Whether a credential that lives for minutes may be presented by `other`: everything that both know of
    /// the server agrees, and something does unless nothing was known when the credential was asked for.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let compared = self.compared(other);
        let same = compared.contains(&Some(true)) && !compared.contains(&Some(false));
        self.client_id == other.client_id && (same || self.knows_no_server())
    }

    /// Whether `other` is the same server after months, in which a configuration gains an issuer or a server
    /// moves its token endpoint: it is enough that one of the two agrees.
    pub(crate) fn is_same_server(&self, other: &Self) -> bool {
        let nothing_known = self.knows_no_server() && other.knows_no_server();
        self.compared(other).contains(&Some(true)) || nothing_known
    }

    fn knows_no_server(&self) -> bool {
        self.issuer.is_none() && self.token_endpoint.is_none()
    }

    /// Issuer and token endpoint: whether they agree, where both know them.
    fn compared(&self, other: &Self) -> [Option<bool>; 2] {
        let issuers = self.issuer.as_ref().zip(other.issuer.as_ref());
        let endpoints = self.token_endpoint.as_ref().zip(other.token_endpoint.as_ref());
        [issuers.map(|(own, its)| own == its), endpoints.map(|(own, its)| own == its)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(issuer: &str, token_endpoint: &str) -> Owner {
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Owner {
            client_id: "c".into(),
            issuer: known(issuer).map(Issuer::from),
            token_endpoint: known(token_endpoint).map(Arc::from),
        }
    }

    /// What was known, what the other knows; whether a code may go there, whether a session is resumed.
    const TABLE: &[([&str; 2], [&str; 2], bool, bool)] = &[
        (["i", "t"], ["i", "t"], true, true),
        (["i", "t"], ["i", ""], true, true),
        (["i", "t"], ["", "t"], true, true),
        (["", "t"], ["i", "t"], true, true),
        (["i", ""], ["i", "t"], true, true),
        // One agrees, the other does not.
        (["i", "t"], ["i", "u"], false, true),
        (["i", "t"], ["j", "t"], false, true),
        // Nothing agrees.
        (["i", "t"], ["j", "u"], false, false),
        (["", "t"], ["", "u"], false, false),
        (["", "t"], ["i", "u"], false, false),
        (["i", ""], ["j", "t"], false, false),
        // Nothing can be compared.
        (["i", ""], ["", "t"], false, false),
        (["", "t"], ["i", ""], false, false),
        (["i", "t"], ["", ""], false, false),
        (["", ""], ["i", "t"], true, false),
        (["", ""], ["", ""], true, true),
    ];

    #[test]
    fn which_server_is_the_same() {
        for &(known, asking, now, later) in TABLE {
            let (own, other) = (owner(known[0], known[1]), owner(asking[0], asking[1]));
            assert_eq!(own.is(&other), now, "{known:?} {asking:?}");
            assert_eq!(own.is_same_server(&other), later, "{known:?} {asking:?}");
            let stranger = Owner { client_id: "d".into(), ..other };
            assert!(!own.is(&stranger), "{known:?} {asking:?}");
        }
    }
}
