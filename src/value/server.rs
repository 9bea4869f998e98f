//! [`AuthorizationServer`]: where a server's doors are, and how it is to be read.
//!
//! Plain configuration, cheap to clone. It is not a metadata document; one can be made from a
//! document, or typed in. Nothing is fetched.

use std::fmt;
use std::sync::Arc;

use super::build_error::BuildError;
use super::ident::Issuer;
use super::quirk::Quirks;
use super::uri::{EndpointError, EndpointUri, danger};

/// The most bytes of a body that are read unless the server says otherwise: 64 KiB.
pub const DEFAULT_BODY_LIMIT: usize = 64 * 1024;

/// An authorization server as this client knows it.
///
/// Setters never fail: an address that cannot be used is reported by the request that needs it, so a
/// server without a token endpoint is no error until a token is asked for.
///
/// ```
/// use grantwire::AuthorizationServer;
///
/// let server = AuthorizationServer::new()
///     .issuer("https://as.example")
///     .authorization_endpoint("https://as.example/authorize")
///     .token_endpoint("https://as.example/token");
/// ```
#[derive(Debug, Clone, Default)]
pub struct AuthorizationServer(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    issuer: Option<Issuer>,
    authorization: Option<Result<EndpointUri, EndpointError>>,
    token: Option<Result<EndpointUri, EndpointError>>,
    device: Option<Result<EndpointUri, EndpointError>>,
    announces_iss: bool,
    body_limit: usize,
    quirks: Quirks,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            issuer: None,
            authorization: None,
            token: None,
            device: None,
            announces_iss: false,
            body_limit: DEFAULT_BODY_LIMIT,
            quirks: Quirks::default(),
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("issuer", &self.issuer)
            .field("authorization_endpoint", &self.authorization)
            .field("token_endpoint", &self.token)
            .finish_non_exhaustive()
    }
}

impl AuthorizationServer {
    /// A server of which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn parts(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }

    /// The issuer identifier, byte for byte. Needed for client assertions, and to check `iss` in
    /// authorization responses.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<Issuer>) -> Self {
        self.parts().issuer = Some(issuer.into());
        self
    }

    /// Where the user's browser is sent ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)).
    #[must_use]
    pub fn authorization_endpoint(mut self, url: &str) -> Self {
        self.parts().authorization = Some(EndpointUri::parse(url));
        self
    }

    /// Where tokens are asked for ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)).
    #[must_use]
    pub fn token_endpoint(mut self, url: &str) -> Self {
        self.parts().token = Some(EndpointUri::parse(url));
        self
    }

    /// As [`AuthorizationServer::token_endpoint`], over plain `http` to any host.
    #[must_use]
    pub fn token_endpoint_insecure(mut self, url: &str, permission: danger::PlainHttp) -> Self {
        self.parts().token = Some(EndpointUri::parse_insecure(url, permission));
        self
    }

    /// Where device codes are asked for ([RFC 8628 §3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.1)).
    #[must_use]
    pub fn device_authorization_endpoint(mut self, url: &str) -> Self {
        self.parts().device = Some(EndpointUri::parse(url));
        self
    }

    /// The server announces that every authorization response carries `iss`
    /// ([RFC 9207 §3](https://www.rfc-editor.org/rfc/rfc9207#section-3)); a response without it is then refused.
    #[must_use]
    pub fn announces_iss(mut self) -> Self {
        self.parts().announces_iss = true;
        self
    }

    /// The most bytes of a body that are read. Default: 64 KiB.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.parts().body_limit = bytes;
        self
    }

    /// How far this server is tolerated.
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.parts().quirks = quirks;
        self
    }

    pub(crate) fn known_issuer(&self) -> Option<&Issuer> {
        self.0.issuer.as_ref()
    }

    pub(crate) fn must_send_iss(&self) -> bool {
        self.0.announces_iss
    }

    pub(crate) fn limit(&self) -> usize {
        self.0.body_limit
    }

    pub(crate) fn tolerances(&self) -> &Quirks {
        &self.0.quirks
    }

    pub(crate) fn authorization_uri(&self) -> Result<&EndpointUri, BuildError> {
        usable("authorization_endpoint", self.0.authorization.as_ref())
    }

    pub(crate) fn device_authorization_uri(&self) -> Result<&EndpointUri, BuildError> {
        usable("device_authorization_endpoint", self.0.device.as_ref())
    }

    pub(crate) fn token_uri(&self) -> Result<&EndpointUri, BuildError> {
        usable("token_endpoint", self.0.token.as_ref())
    }
}

fn usable<'a>(
    endpoint: &'static str,
    known: Option<&'a Result<EndpointUri, EndpointError>>,
) -> Result<&'a EndpointUri, BuildError> {
    match known {
        Some(Ok(uri)) => Ok(uri),
        Some(Err(error)) => Err(BuildError::Endpoint { endpoint, error: *error }),
        None => Err(BuildError::EndpointMissing { endpoint }),
    }
}
