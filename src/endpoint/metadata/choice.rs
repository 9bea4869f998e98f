//! Choosing from what a server announces. Nothing is ever tried out: a method that is refused would have
//! spent a code by then.

use super::document::{Announced, METHODS, Metadata, announced};
use crate::jose::Algorithm;
use crate::reply::Deviation;
use crate::reply::members::List;
use crate::server::Endpoint;
use crate::wire::json;

/// What a server takes at its token endpoint when it does not say
/// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
const DEFAULT_METHOD: &str = "client_secret_basic";

impl Metadata {
    /// The first of these client authentication methods that the server takes at its token endpoint, in the
    /// client's own order of preference; `None` when it takes none of them, or says so in a form that cannot
    /// be read, be it a part of the list. A server that does not say takes `client_secret_basic`.
    ///
    /// ```
    /// # use grantwire::metadata::{MetadataRequest, WellKnown};
    /// # let body = br#"{"issuer":"https://as.example","token_endpoint_auth_methods_supported":["client_secret_basic","private_key_jwt"],"token_endpoint_auth_signing_alg_values_supported":["RS256","ES256"]}"#;
    /// # let response = http::Response::builder().header("content-type", "application/json").body(body).unwrap();
    /// # let metadata = MetadataRequest::new("https://as.example", WellKnown::OAuth).read(&response)?;
    /// use grantwire::jose::Algorithm;
    ///
    /// let method = metadata.choose_auth_method(&["tls_client_auth", "private_key_jwt", "client_secret_post"]);
    /// assert_eq!(method, Some("private_key_jwt"));
    /// let algorithm = metadata.choose_signing_algorithm(&[Algorithm::EdDsa, Algorithm::Es256]);
    /// assert_eq!(algorithm, Some(Algorithm::Es256));
    /// # Ok::<(), grantwire::ReplyError>(())
    /// ```
    #[must_use]
    pub fn choose_auth_method<'n>(&self, able: &[&'n str]) -> Option<&'n str> {
        // The default is for silence. What was said and could not be read may have been stronger, than the
        // default and than what stands beside it.
        let silent = !self.deviations().contains(&Deviation::MalformedMember(METHODS));
        let taken = |name: &str| match &self.auth_methods {
            Some(list) => list.whole && list.has(name),
            None => silent && name == DEFAULT_METHOD,
        };
        able.iter().copied().find(|name| taken(name))
    }

    /// The first of these algorithms that the server takes in client assertions at its token endpoint, in
    /// the client's own order; `None` when it takes none of them, does not say, or says so in a
    /// form that cannot be read, be it a part of the list.
    #[must_use]
    pub fn choose_signing_algorithm(&self, able: &[Algorithm]) -> Option<Algorithm> {
        let list: Vec<String> = self.extra("token_endpoint_auth_signing_alg_values_supported")?;
        able.iter().copied().find(|algorithm| list.iter().any(|known| known == algorithm.name()))
    }

    /// Whether a client authentication method is announced for another endpoint. Revocation and
    /// introspection have lists of their own; at all others what holds for the token endpoint holds
    /// ([RFC 9126 §2](https://www.rfc-editor.org/rfc/rfc9126#section-2)).
    #[must_use]
    pub fn auth_method_at(&self, endpoint: Endpoint, name: &str) -> Announced {
        let own = match endpoint {
            Endpoint::Introspection => "introspection_endpoint_auth_methods_supported",
            Endpoint::Revocation => "revocation_endpoint_auth_methods_supported",
            _ => return self.auth_method(name),
        };
        let member = json::member(self.body(), own).ok().flatten();
        announced(member.filter(|list| list.raw() != "null").and_then(List::read).as_ref(), name)
    }
}
