//! Protected resource metadata ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)): from a resource that said 401 to the servers whose tokens it
//! takes.
//!
//! Every address in it was supplied by the resource, or by whoever answers in its place: each is an
//! [`UntrustedUrl`] until the caller approves it.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request};
use serde::de::DeserializeOwned;

use super::exchange::Exchange;
use crate::reply::freshness::Freshness;
use crate::reply::members::List;
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::request::{BuildError, Draft};
use crate::server::{DEFAULT_BODY_LIMIT, Quirks};
use crate::value::{CredentialUse, EndpointUri, Entropy, Timestamp, UntrustedUrl};
use crate::wire::json;

/// A request for a resource's metadata.
///
/// ```
/// use grantwire::protected_resource::ProtectedResourceRequest;
///
/// let exchange = ProtectedResourceRequest::of("https://resource.example.com/resource1")?;
/// assert_eq!(
///     exchange.request().uri(),
///     "https://resource.example.com/.well-known/oauth-protected-resource/resource1",
/// );
/// # Ok::<(), grantwire::BuildError>(())
/// ```
#[derive(Clone)]
pub struct ProtectedResourceRequest {
    resource: String,
    accepted: Option<String>,
    address: EndpointUri,
    quirks: Quirks,
    limit: usize,
}

impl ProtectedResourceRequest {
    /// At the well-known address of this resource
    /// ([RFC 9728 §3.1](https://www.rfc-editor.org/rfc/rfc9728#section-3.1)).
    ///
    /// # Errors
    ///
    /// [`BuildError::Endpoint`] when the resource is no address that can be asked.
    pub fn of(resource: &str) -> Result<Self, BuildError> {
        let wrong = |error| BuildError::Endpoint { endpoint: "resource", error };
        let known = EndpointUri::parse(resource).map_err(wrong)?;
        let (front, query) = known.as_str().split_once('?').unwrap_or((known.as_str(), ""));
        let origin = known.origin_as_typed();
        let path = front.strip_prefix(origin).unwrap_or_default();
        // Only a slash that follows the host alone is dropped.
        let path = if path == "/" { "" } else { path };
        let mut url = format!("{origin}/.well-known/oauth-protected-resource{path}");
        if !query.is_empty() {
            url.push('?');
            url.push_str(query);
        }
        let address = EndpointUri::parse(&url).map_err(wrong)?;
        Ok(Self::at(address, resource))
    }

    /// At an address that a challenge named and the caller has approved, for the resource that was
    /// asked ([RFC 9728 §5](https://www.rfc-editor.org/rfc/rfc9728#section-5)).
    #[must_use]
    pub fn at(address: EndpointUri, resource: &str) -> Self {
        let (resource, quirks) = (resource.to_owned(), Quirks::new());
        Self { resource, accepted: None, address, quirks, limit: DEFAULT_BODY_LIMIT }
    }

    /// Also takes a document that names this resource, for one that calls itself something else than the URL
    /// it is reached at, such as its origin alone. What it names is then the resource that tokens are for
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)); be sure that the two are one, since
    /// [RFC 9728 §3.3](https://www.rfc-editor.org/rfc/rfc9728#section-3.3) would have nothing of such a document
    /// used.
    ///
    /// ```
    /// # use grantwire::protected_resource::ProtectedResourceRequest;
    /// # let body = br#"{"resource":"https://mcp.example.com"}"#;
    /// # let response = http::Response::builder().header("content-type", "application/json").body(body).unwrap();
    /// let exchange = ProtectedResourceRequest::of("https://mcp.example.com/mcp")?
    ///     .accept_resource("https://mcp.example.com");
    /// let about = exchange.read(&response)?;
    /// assert_eq!(about.resource(), "https://mcp.example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn accept_resource(mut self, resource: impl Into<String>) -> Self {
        self.accepted = Some(resource.into());
        self
    }

    /// How far this document is tolerated, such as a file that its host does not call JSON
    /// ([`Quirks::ignore_content_type`]). Default: not at all.
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = quirks;
        self
    }

    /// The most bytes of a document that are read. Default: 64 KiB.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> Request<Vec<u8>> {
        Draft::plain(&self.address)
    }

    /// Reads the reply. Where the request was sent with an [`etag`](ProtectedResource::etag), look at the
    /// status first: a 304 has no document to read, and [renews](ProtectedResource::renew) the one that is
    /// kept.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]; [`Unusable::ResourceMismatch`] when the document is about another resource
    /// ([RFC 9728 §3.3](https://www.rfc-editor.org/rfc/rfc9728#section-3.3)).
    pub fn read<'a>(&self, reply: impl Into<Reply<'a>>) -> Result<ProtectedResource, ReplyError> {
        Exchange::read(self, reply.into())
    }
}

impl Exchange for ProtectedResourceRequest {
    type Output = ProtectedResource;

    fn draft(&self, _: Timestamp, _: &mut Entropy) -> Result<Draft, BuildError> {
        Ok(Draft::document(&self.address, self.limit))
    }

    fn target(&self) -> Result<&str, BuildError> {
        Ok(self.address.as_str())
    }

    fn read(&self, reply: Reply<'_>) -> Result<ProtectedResource, ReplyError> {
        let credential = CredentialUse::Repeated;
        let rules =
            Rules { quirks: &self.quirks, limit: self.limit, credential, success: "resource" };
        let mut body = body::open(reply, rules)?;
        body.expect_status(reply, 200);
        let mut resource = ProtectedResource::interpret(&body.text, body.deviations)
            .map_err(|why| rules.unusable(reply, why))?;
        let named = &resource.resource;
        if *named != self.resource && Some(named) != self.accepted.as_ref() {
            return Err(rules.unusable(reply, Unusable::ResourceMismatch));
        }
        resource.freshness = Freshness::of(reply.headers);
        Ok(resource)
    }
}

/// The resource's own query can be a secret, as an endpoint's can.
impl fmt::Debug for ProtectedResourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResourceRequest")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// What a resource says of itself ([RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2),
/// [RFC 9728 §3.2](https://www.rfc-editor.org/rfc/rfc9728#section-3.2)).
#[derive(Clone)]
pub struct ProtectedResource {
    resource: String,
    servers: Vec<UntrustedUrl>,
    scopes: Vec<String>,
    freshness: Freshness,
    deviations: Vec<Deviation>,
    body: String,
}

const MEMBERS: &[&str; 3] = &["resource", "authorization_servers", "scopes_supported"];

impl ProtectedResource {
    fn interpret(text: &str, mut deviations: Vec<Deviation>) -> Result<Self, Unusable> {
        const NAME: &str = "resource";
        let members = json::object(text, MEMBERS)?;
        let resource = members.get(NAME).ok_or(Unusable::MemberMissing(NAME))?;
        let resource = resource.string().ok_or(Unusable::MemberMalformed(NAME))?.into_owned();
        let mut list = |name: &'static str| -> Vec<String> {
            List::of(&members, name, &mut deviations).map_or_else(Vec::new, |list| list.known)
        };
        let servers = list("authorization_servers");
        let scopes = list("scopes_supported");
        let servers = servers.iter().map(|server| UntrustedUrl::new(server)).collect();
        let (freshness, body) = (Freshness::default(), text.to_owned());
        Ok(Self { resource, servers, scopes, freshness, deviations, body })
    }

    /// The resource, as it names itself: as it was asked for, or as the caller
    /// [accepts](ProtectedResourceRequest::accept_resource).
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The issuers whose tokens it takes. Approve one before asking it for anything; its
    /// [metadata](crate::metadata) must then name the same issuer. What in the list is no text is left out
    /// and [reported](ProtectedResource::deviations).
    #[must_use]
    pub fn authorization_servers(&self) -> &[UntrustedUrl] {
        &self.servers
    }

    /// The scopes it knows.
    #[must_use]
    pub fn scopes_supported(&self) -> &[String] {
        &self.scopes
    }

    /// How long the document may be kept, counted from its arrival, as
    /// [`Metadata::max_age`](crate::endpoint::metadata::Metadata::max_age) has it.
    #[must_use]
    pub const fn max_age(&self) -> Option<Duration> {
        self.freshness.max_age()
    }

    /// By which name this version of the document can be asked for again, as
    /// [`Metadata::etag`](crate::endpoint::metadata::Metadata::etag) has it.
    #[must_use]
    pub const fn etag(&self) -> Option<&HeaderValue> {
        self.freshness.etag.as_ref()
    }

    /// Takes over what a 304 says of how long, as
    /// [`Metadata::renew`](crate::endpoint::metadata::Metadata::renew) does.
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
}

impl fmt::Debug for ProtectedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.resource.split('?').next().unwrap_or_default();
        f.debug_struct("ProtectedResource").field("resource", &shown).finish_non_exhaustive()
    }
}
