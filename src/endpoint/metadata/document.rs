//! [`Metadata`]: an authorization server's own words, as far as they can be used
//! ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
//!
//! One bad endpoint costs that endpoint; what is announced in a strange form is stricter, never laxer.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use crate::reply::freshness::Freshness;
use crate::reply::members::List;
use crate::reply::{Deviation, Unusable};
use crate::server::{AuthorizationServer, Endpoint};
use crate::value::{EndpointError, EndpointUri, Issuer};
use crate::wire::json::{self, Members};

/// What an authorization server says of itself ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2),
/// [RFC 8414 §3.2](https://www.rfc-editor.org/rfc/rfc8414#section-3.2)).
#[derive(Clone)]
pub struct Metadata {
    pub(super) issuer: Issuer,
    server: AuthorizationServer,
    unusable: Vec<(Endpoint, EndpointError)>,
    unusable_aliases: Vec<(Endpoint, EndpointError)>,
    pub(super) auth_methods: Option<List>,
    grant_types: Option<List>,
    dpop_algorithms: Option<List>,
    challenge_methods: Option<List>,
    requires_push: bool,
    pub(super) freshness: Freshness,
    deviations: Vec<Deviation>,
    body: String,
}

/// What a server announces of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Announced {
    /// It is named.
    Yes,
    /// There is a list, and it is not in it.
    No,
    /// There is no list, or not all of the list could be read and what could does not name it.
    Unsaid,
}

impl Metadata {
    /// The issuer, as it names itself.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The server, for a [`Client`](crate::Client): issuer, endpoints, mTLS aliases, and what it
    /// announces of `iss` and `S256`.
    #[must_use]
    pub const fn server(&self) -> &AuthorizationServer {
        &self.server
    }

    /// Endpoints that are announced with an address that cannot be used. The others still can. Plain `http`
    /// on a loopback host is usable only if the issuer that was asked is on one: a server elsewhere has no
    /// say in what is sent to whoever listens on this machine.
    #[must_use]
    pub fn unusable_endpoints(&self) -> &[(Endpoint, EndpointError)] {
        &self.unusable
    }

    /// The same of the aliases for clients that present a certificate
    /// ([RFC 8705 §5](https://www.rfc-editor.org/rfc/rfc8705#section-5)). Such a client cannot use the endpoint
    /// then; it does not fall back to the one for all. An alias that is no text counts as absent, and is a deviation.
    #[must_use]
    pub fn unusable_aliases(&self) -> &[(Endpoint, EndpointError)] {
        &self.unusable_aliases
    }

    /// Whether a client authentication method is announced for the token endpoint. When nothing is
    /// announced the RFC's default is `client_secret_basic`.
    #[must_use]
    pub fn auth_method(&self, name: &str) -> Announced {
        announced(self.auth_methods.as_ref(), name)
    }

    /// Whether a grant is announced. When nothing is announced the RFC's default is
    /// `authorization_code` and `implicit`.
    #[must_use]
    pub fn grant_type(&self, name: &str) -> Announced {
        announced(self.grant_types.as_ref(), name)
    }

    /// Whether a code challenge method is announced.
    #[must_use]
    pub fn code_challenge_method(&self, name: &str) -> Announced {
        announced(self.challenge_methods.as_ref(), name)
    }

    /// Whether an algorithm is announced for DPoP proofs
    /// ([RFC 9449 §5.1](https://www.rfc-editor.org/rfc/rfc9449#section-5.1)).
    #[must_use]
    pub fn dpop_algorithm(&self, name: &str) -> Announced {
        announced(self.dpop_algorithms.as_ref(), name)
    }

    /// Whether authorization requests must be pushed
    /// ([RFC 9126 §5](https://www.rfc-editor.org/rfc/rfc9126#section-5)).
    #[must_use]
    pub const fn requires_pushed_requests(&self) -> bool {
        self.requires_push
    }

    /// How long the document may be kept, counted from its arrival: its `Cache-Control: max-age` less its
    /// `Age` ([RFC 9111 §4.2](https://www.rfc-editor.org/rfc/rfc9111#section-4.2)); `None` when it does not say,
    /// and zero when it must not be kept, or not without asking again.
    #[must_use]
    pub const fn max_age(&self) -> Option<Duration> {
        self.freshness.max_age()
    }

    /// By which name this version of the document can be asked for again
    /// ([RFC 9110 §8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3)), to be sent byte for byte in
    /// `If-None-Match`. A 304 then says that the document still holds.
    ///
    /// ```
    /// # use grantwire::metadata::{MetadataRequest, WellKnown};
    /// # let body = br#"{"issuer":"https://as.example"}"#;
    /// # let first = http::Response::builder().header("content-type", "application/json").header("etag", "\"v1\"").body(body).unwrap();
    /// # let send = |_: http::Request<Vec<u8>>| http::Response::builder().status(304).body("").unwrap();
    /// let exchange = MetadataRequest::new("https://as.example", WellKnown::OAuth);
    /// let mut kept = exchange.read(&first)?;
    /// // When its time is over:
    /// let mut request = exchange.request()?;
    /// if let Some(etag) = kept.etag() {
    ///     request.headers_mut().insert("if-none-match", etag.clone());
    /// }
    /// let response = send(request);
    /// if response.status() == 304 {
    ///     kept.renew(response.headers());
    /// } else {
    ///     kept = exchange.read(&response)?;
    /// }
    /// # assert_eq!(kept.issuer().as_str(), "https://as.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn etag(&self) -> Option<&HeaderValue> {
        self.freshness.etag.as_ref()
    }

    /// Takes over what the headers of a 304 say of how long the document may be kept, counted from the
    /// arrival of the 304 ([RFC 9111 §4.3.4](https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4)). What they
    /// leave out stays as it was.
    pub fn renew(&mut self, headers: &HeaderMap) {
        self.freshness.renew(headers);
    }

    /// How the document departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Any member by name, as any type; `None` when it is absent or of another type.
    #[must_use]
    pub fn extra<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&self.body, name).ok()??.read()
    }

    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// `local` when the document comes from this machine.
    pub(super) fn interpret(
        text: &str,
        mut deviations: Vec<Deviation>,
        local: bool,
    ) -> Result<Self, Unusable> {
        let members = json::object(text, MEMBERS)?;
        let issuer = members.get("issuer").ok_or(Unusable::MemberMissing("issuer"))?;
        let issuer = issuer.string().filter(|issuer| !issuer.is_empty());
        let issuer = Issuer::from(issuer.ok_or(Unusable::MemberMalformed("issuer"))?.into_owned());
        let mut server = AuthorizationServer::new().issuer(issuer.clone());
        let aliases = members.get(ALIASES).map(|aliases| aliases.raw());
        let (aliases, strange) = match aliases {
            Some(object) if object.starts_with('{') => {
                (Some(json::object(object, MEMBERS)?), false)
            }
            other => (None, other.is_some()),
        };
        if strange {
            deviations.push(Deviation::MalformedMember(ALIASES));
        }
        let parse = if local { EndpointUri::parse } else { EndpointUri::parse_remote };
        let (mut unusable, mut unusable_aliases) = (Vec::new(), Vec::new());
        for endpoint in Endpoint::ALL.iter().copied() {
            let found = address(&members, endpoint, &mut deviations).map(|url| parse(&url));
            let alias =
                aliases.as_ref().and_then(|aliases| address(aliases, endpoint, &mut deviations));
            let alias = alias.map(|url| parse(&url));
            for (uri, all) in [(&found, &mut unusable), (&alias, &mut unusable_aliases)] {
                if let Some(Err(error)) = uri {
                    all.push((endpoint, *error));
                }
            }
            server = server.found(endpoint, found, alias);
        }
        let mut list = |name| List::of(&members, name, &mut deviations);
        let auth_methods = list(METHODS);
        let grant_types = list("grant_types_supported");
        let dpop_algorithms = list("dpop_signing_alg_values_supported");
        let challenge_methods = list("code_challenge_methods_supported");
        if announced(challenge_methods.as_ref(), "S256") == Announced::No {
            server = server.announces_no_s256();
        }
        if flag(&members, "authorization_response_iss_parameter_supported", &mut deviations) {
            server = server.announces_iss();
        }
        let requires_push =
            flag(&members, "require_pushed_authorization_requests", &mut deviations);
        Ok(Self {
            issuer,
            server,
            unusable,
            unusable_aliases,
            auth_methods,
            grant_types,
            dpop_algorithms,
            challenge_methods,
            requires_push,
            freshness: Freshness::default(),
            deviations,
            body: text.to_owned(),
        })
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata").field("server", &self.server).finish_non_exhaustive()
    }
}

const ALIASES: &str = "mtls_endpoint_aliases";
pub(super) const METHODS: &str = "token_endpoint_auth_methods_supported";
/// What is read, endpoints included: none of it may stand twice.
const MEMBERS: &[&str; 19] = &[
    "authorization_endpoint",
    "token_endpoint",
    "device_authorization_endpoint",
    "pushed_authorization_request_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "backchannel_authentication_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
    "challenge_endpoint",
    "registration_endpoint",
    "issuer",
    ALIASES,
    METHODS,
    "grant_types_supported",
    "dpop_signing_alg_values_supported",
    "code_challenge_methods_supported",
    "authorization_response_iss_parameter_supported",
    "require_pushed_authorization_requests",
];

/// An endpoint's address, unchecked; what is no text at all counts as absent and is reported.
fn address<const N: usize>(
    members: &Members<'_, N>,
    endpoint: Endpoint,
    deviations: &mut Vec<Deviation>,
) -> Option<String> {
    let url = members.get(endpoint.name())?.string().filter(|url| !url.is_empty());
    if url.is_none() {
        deviations.push(Deviation::MalformedMember(endpoint.name()));
    }
    url.map(Into::into)
}

/// What could not be read may have been the name, so only a whole list denies it.
pub(super) fn announced(list: Option<&List>, name: &str) -> Announced {
    match list {
        Some(list) if list.has(name) => Announced::Yes,
        Some(list) if list.whole => Announced::No,
        _ => Announced::Unsaid,
    }
}

/// Anything but `false` counts as true: what is announced in a strange form is stricter, never laxer.
fn flag<const N: usize>(
    members: &Members<'_, N>,
    name: &'static str,
    deviations: &mut Vec<Deviation>,
) -> bool {
    let Some(member) = members.get(name) else { return false };
    if !matches!(member.raw(), "true" | "false") {
        deviations.push(Deviation::MalformedMember(name));
    }
    member.raw() != "false"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_read() {
        assert!(Endpoint::ALL.iter().all(|endpoint| MEMBERS.contains(&endpoint.name())));
    }
}
