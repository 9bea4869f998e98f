//! [`RegistrationRequest`]: asking a server to make a client
//! ([RFC 7591 §3.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.1)).

use std::fmt;

use http::Method;

use super::metadata::ClientMetadata;
use super::response::{self, Expected, Registration};
use crate::endpoint::call::{Call, Channel, call};
use crate::reply::{Reply, ReplyError, Rules};
use crate::request::{BuildError, Draft};
use crate::server::{AuthorizationServer, Endpoint};
use crate::value::{CredentialUse, EndpointUri, Secret};

/// A client registration request.
///
/// Sent twice, it makes two clients; so a lost answer, or a server that fails, leaves it unknown
/// whether there is one.
///
/// ```
/// # use grantwire::AuthorizationServer;
/// # use grantwire::registration::{ClientMetadata, RegistrationRequest};
/// # let server = AuthorizationServer::new().registration_endpoint("https://server.example.com/register");
/// let metadata = ClientMetadata::new().redirect_uris(["com.example.app:/callback"]);
/// let exchange = RegistrationRequest::new(&server, metadata).initial_access_token("ey23f2.adfj230");
/// let request = exchange.request()?;
/// assert_eq!(request.body(), br#"{"redirect_uris":["com.example.app:/callback"]}"#);
/// # Ok::<(), grantwire::BuildError>(())
/// ```
pub struct RegistrationRequest {
    server: AuthorizationServer,
    metadata: ClientMetadata,
    initial_access_token: Option<Secret>,
    channel: Channel,
}

impl RegistrationRequest {
    /// Asks this server to register a client of this kind.
    #[must_use]
    pub fn new(server: &AuthorizationServer, metadata: ClientMetadata) -> Self {
        let channel = Channel::new(server.limit());
        Self { server: server.clone(), metadata, initial_access_token: None, channel }
    }

    /// OPTIONAL. The token that a server gave out for registering, where not everybody may; it goes as
    /// `Authorization: Bearer`, marked sensitive.
    #[must_use]
    pub fn initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.initial_access_token = Some(token.into());
        self
    }

    /// The connection must present a client certificate, as some ecosystems ask for. The request then
    /// goes to the server's alias for such connections, if it has one.
    #[must_use]
    pub const fn client_certificate(mut self) -> Self {
        self.channel.certificate = true;
        self
    }

    /// Adds a header to this request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.channel.headers.plain(name, value);
        self
    }

    /// Adds a header to this request and marks its value sensitive.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.channel.headers.secret(name, &value.into());
        self
    }
}

call!(RegistrationRequest => Registration);

impl Call for RegistrationRequest {
    type Answer = Registration;

    fn address(&self) -> Result<&EndpointUri, BuildError> {
        Ok(self.server.uri(Endpoint::Registration, self.channel.certificate)?)
    }

    fn build(&self) -> Result<Draft, BuildError> {
        let body = self.metadata.write(&[])?;
        let token = self.initial_access_token.as_ref();
        if token.is_some_and(Secret::is_empty) {
            return Err(BuildError::Empty { parameter: "initial_access_token".into() });
        }
        self.channel.draft_json(Method::POST, self.address()?, token, body)
    }

    fn understand(&self, reply: Reply<'_>) -> Result<Registration, ReplyError> {
        let rules = Rules {
            quirks: self.server.tolerances(),
            limit: self.server.limit(),
            credential: CredentialUse::Once,
            success: "client_id",
        };
        let method = self.metadata.auth_method();
        response::read(reply, rules, Expected { status: 201, method, client_id: None })
    }
}

impl fmt::Debug for RegistrationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrationRequest")
            .field("server", &self.server)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}
