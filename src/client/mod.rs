//! [`Client`]: who asks, and how it proves that.
//!
//! A client belongs to one authorization server. What it asks for is a grant, where it asks is an
//! endpoint; neither is known here.

mod attestation;
mod authentication;
mod bearer;
mod credentials;
mod jwt;
mod mutual_tls;
mod none;
mod secret;

use std::fmt;
use std::sync::Arc;

pub use attestation::ClientAttestation;
pub use authentication::ClientAuthentication;
pub use bearer::BearerToken;
pub use credentials::Credentials;
pub(crate) use credentials::Outcome;
pub use jwt::{ClientSecretJwt, PrivateKeyJwt};
pub use mutual_tls::{MutualTls, SelfSignedTlsClientAuth, TlsClientAuth};
pub use none::{PublicClient, Unidentified};
pub use secret::{ClientSecretBasic, ClientSecretPost};

pub use crate::request::AssertionAudience;
use crate::request::BuildError;
use crate::request::headers::ExtraHeaders;
use crate::server::{AuthorizationServer, Endpoint};
use crate::value::{ClientId, EndpointUri, Secret};

/// A client of one authorization server. Cheap to clone, free of type parameters, `Send` and `Sync`.
///
/// Setters never fail; what cannot be sent is reported when a request is built.
///
/// ```
/// use grantwire::client::ClientSecretBasic;
/// use grantwire::{AuthorizationServer, Client};
///
/// let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
/// let client = Client::new(server, "s6BhdRkqt3")
///     .auth(ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw"))
///     .header("user-agent", "reports/2.1");
/// ```
#[derive(Clone)]
pub struct Client(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    server: AuthorizationServer,
    id: ClientId,
    auth: Arc<dyn ClientAuthentication>,
    headers: ExtraHeaders,
}

impl Client {
    /// A public client; set [`Client::auth`] for any other kind.
    pub fn new(server: AuthorizationServer, client_id: impl Into<ClientId>) -> Self {
        Self(Arc::new(Parts {
            server,
            id: client_id.into(),
            auth: Arc::new(PublicClient::new()),
            headers: ExtraHeaders::default(),
        }))
    }

    /// A caller that has no client identifier and sends none: a service account that signs its own
    /// assertions, or a resource that presents a token
    /// ([RFC 7521 §4.1](https://www.rfc-editor.org/rfc/rfc7521#section-4.1)).
    #[must_use]
    pub fn unidentified(server: AuthorizationServer) -> Self {
        Self::new(server, "").auth(Unidentified::new())
    }

    /// How the client authenticates, at every endpoint unless one request says otherwise.
    #[must_use]
    pub fn auth(mut self, method: impl ClientAuthentication + 'static) -> Self {
        Arc::make_mut(&mut self.0).auth = Arc::new(method);
        self
    }

    /// Adds a header to every request. Those this crate writes itself cannot be set.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        Arc::make_mut(&mut self.0).headers.plain(name, value);
        self
    }

    /// Adds a header to every request and marks its value sensitive.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: impl Into<Secret>) -> Self {
        Arc::make_mut(&mut self.0).headers.secret(name, &value.into());
        self
    }

    /// The server it belongs to.
    #[must_use]
    pub fn server(&self) -> &AuthorizationServer {
        &self.0.server
    }

    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &ClientId {
        &self.0.id
    }

    pub(crate) fn method(&self) -> &dyn ClientAuthentication {
        self.0.auth.as_ref()
    }

    /// Where an endpoint is for this client, which may present a certificate.
    pub(crate) fn endpoint(&self, endpoint: Endpoint) -> Result<&EndpointUri, BuildError> {
        self.endpoint_by(endpoint, None)
    }

    /// As [`Client::endpoint`], when one request is authenticated in another way.
    pub(crate) fn endpoint_by(
        &self,
        endpoint: Endpoint,
        method: Option<&dyn ClientAuthentication>,
    ) -> Result<&EndpointUri, BuildError> {
        let certificate = method.unwrap_or_else(|| self.method()).presents_certificate();
        Ok(self.server().uri(endpoint, certificate)?)
    }

    pub(crate) fn extra_headers(&self) -> &ExtraHeaders {
        &self.0.headers
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.0.id)
            .field("auth", &self.0.auth.name())
            .finish_non_exhaustive()
    }
}
