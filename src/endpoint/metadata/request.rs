//! [`MetadataRequest`]: where an issuer's metadata is asked for, and whether it is believed.

use http::Request;

use super::document::Metadata;
use crate::endpoint::Exchange;
use crate::reply::freshness::Freshness;
use crate::reply::{Reply, ReplyError, Rules, Unusable, body};
use crate::request::{BuildError, Draft};
use crate::server::{DEFAULT_BODY_LIMIT, Quirks};
use crate::value::{CredentialUse, EndpointError, EndpointUri, Entropy, Issuer, Timestamp};

/// Which of the well-known addresses is asked.
///
/// Where a provider does not say, ask in this order, and go on when the answer is a 404
/// ([`ReplyError::status`]). A document that names another issuer is not believed at any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WellKnown {
    /// `/.well-known/oauth-authorization-server`, between host and path
    /// ([RFC 8414 §3.1](https://www.rfc-editor.org/rfc/rfc8414#section-3.1)).
    OAuth,
    /// `/.well-known/openid-configuration`, after the path
    /// ([OpenID Connect Discovery §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig)).
    OpenId,
    /// `/.well-known/openid-configuration`, between host and path
    /// ([RFC 8414 §5](https://www.rfc-editor.org/rfc/rfc8414#section-5)).
    OpenIdInserted,
}

/// A request for an issuer's metadata.
///
/// ```
/// use grantwire::metadata::{MetadataRequest, WellKnown};
///
/// let exchange = MetadataRequest::new("https://example.com/issuer1", WellKnown::OAuth);
/// let request = exchange.request()?;
/// assert_eq!(
///     request.uri(),
///     "https://example.com/.well-known/oauth-authorization-server/issuer1",
/// );
/// # Ok::<(), grantwire::BuildError>(())
/// ```
#[derive(Debug, Clone)]
pub struct MetadataRequest {
    issuer: Issuer,
    accepted: Option<Issuer>,
    address: Result<EndpointUri, EndpointError>,
    quirks: Quirks,
    limit: usize,
}

impl MetadataRequest {
    /// Asks this issuer at this address.
    pub fn new(issuer: impl Into<Issuer>, form: WellKnown) -> Self {
        let issuer = issuer.into();
        let address = well_known(&issuer, form);
        Self { issuer, accepted: None, address, quirks: Quirks::new(), limit: DEFAULT_BODY_LIMIT }
    }

    /// Also takes a document that names this issuer, for servers that are reached under one name and
    /// call themselves another. What it names is then the issuer; be sure that the two are one.
    #[must_use]
    pub fn accept_issuer(mut self, issuer: impl Into<Issuer>) -> Self {
        self.accepted = Some(issuer.into());
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
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the issuer is no `https` address (or `http` on a loopback host), or has a
    /// query or fragment.
    pub fn request(&self) -> Result<Request<Vec<u8>>, BuildError> {
        self.build()?.finish()
    }

    fn address(&self) -> Result<&EndpointUri, BuildError> {
        let wrong = |error: &_| BuildError::Endpoint { endpoint: "issuer", error: *error };
        self.address.as_ref().map_err(wrong)
    }

    fn build(&self) -> Result<Draft, BuildError> {
        Ok(Draft::document(self.address()?, self.limit))
    }

    /// Reads the reply.
    ///
    /// Where the request was sent with the [`etag`](Metadata::etag) of a document that is kept, look at the
    /// status first: a 304 says that it still holds, and for how long ([`Metadata::renew`]); there is no
    /// document in it to read.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]; [`Unusable::IssuerMismatch`] when the document is another issuer's
    /// ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
    pub fn read<'a>(&self, reply: impl Into<Reply<'a>>) -> Result<Metadata, ReplyError> {
        Exchange::read(self, reply.into())
    }
}

impl Exchange for MetadataRequest {
    type Output = Metadata;

    fn draft(&self, _: Timestamp, _: &mut Entropy) -> Result<Draft, BuildError> {
        self.build()
    }

    fn target(&self) -> Result<&str, BuildError> {
        self.address().map(EndpointUri::as_str)
    }

    fn read(&self, reply: Reply<'_>) -> Result<Metadata, ReplyError> {
        let credential = CredentialUse::Repeated;
        let rules =
            Rules { quirks: &self.quirks, limit: self.limit, credential, success: "issuer" };
        let mut body = body::open(reply, rules)?;
        body.expect_status(reply, 200);
        // Who was asked counts, whatever the document calls itself.
        let local = self.address.as_ref().is_ok_and(EndpointUri::is_local);
        let mut metadata = Metadata::interpret(&body.text, body.deviations, local)
            .map_err(|why| rules.unusable(reply, why))?;
        let named = &metadata.issuer;
        if *named != self.issuer && Some(named) != self.accepted.as_ref() {
            return Err(rules.unusable(reply, Unusable::IssuerMismatch));
        }
        metadata.freshness = Freshness::of(reply.headers);
        Ok(metadata)
    }
}

/// The address of an issuer's metadata; a slash at the issuer's end is dropped first.
fn well_known(issuer: &Issuer, form: WellKnown) -> Result<EndpointUri, EndpointError> {
    let issuer = EndpointUri::parse(issuer.as_str())?;
    let issuer = issuer.as_str();
    if issuer.contains('?') {
        return Err(EndpointError::Malformed);
    }
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    let scheme = issuer.find("://").map_or(0, |at| at.saturating_add(3));
    let path = issuer.get(scheme..).and_then(|rest| rest.find('/'));
    let split = path.map_or(issuer.len(), |at| at.saturating_add(scheme));
    let (front, path) = issuer.split_at_checked(split).unwrap_or((issuer, ""));
    EndpointUri::parse(&match form {
        WellKnown::OAuth => format!("{front}/.well-known/oauth-authorization-server{path}"),
        WellKnown::OpenId => format!("{issuer}/.well-known/openid-configuration"),
        WellKnown::OpenIdInserted => format!("{front}/.well-known/openid-configuration{path}"),
    })
}
