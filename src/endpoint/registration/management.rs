//! Reading, updating and deleting a registration
//! ([RFC 7592 §2](https://www.rfc-editor.org/rfc/rfc7592#section-2)).
//!
//! An answer may carry a new secret and a new token, and the old ones are then no longer good. So an
//! answer that is lost may have taken them along, and only a delete may be sent again.

use std::fmt;

use http::{Method, StatusCode};

use super::metadata::ClientMetadata;
use super::response::{self, Expected, Registration};
use crate::endpoint::call::{Call, Channel, call};
use crate::reply::{Reply, ReplyError, ReplyErrorKind, Rules, body};
use crate::request::{BuildError, Draft, Resend};
use crate::server::{AuthorizationServer, Endpoint};
use crate::value::{ClientId, CredentialUse, EndpointError, EndpointUri, Secret};

/// A client's own page at the server, the client configuration endpoint, and the token that opens it.
///
/// It can be made from stored parts. A token that an answer brings replaces this one:
///
/// ```
/// use grantwire::registration::ClientConfiguration;
/// use grantwire::{AuthorizationServer, EndpointUri};
///
/// let uri = EndpointUri::parse("https://server.example.com/register/s6BhdRkqt3")?;
/// let server = AuthorizationServer::new();
/// let configuration = ClientConfiguration::new(&server, "s6BhdRkqt3", uri, "reg-23410913-abewfq.123483");
/// let request = configuration.read_client().request()?;
/// assert_eq!(request.headers()["authorization"], "Bearer reg-23410913-abewfq.123483");
/// # Ok::<(), grantwire::Error>(())
/// ```
///
/// A 401 says that the token is not good or that the client is gone, whatever its body; 403 that this
/// client may not do this; 405 that this server does not offer it. The status is in
/// [`ReplyError::raw`].
#[derive(Clone)]
pub struct ClientConfiguration {
    server: AuthorizationServer,
    client_id: ClientId,
    uri: EndpointUri,
    token: Secret,
    channel: Channel,
}

impl ClientConfiguration {
    /// From `client_id`, `registration_client_uri` and `registration_access_token`. Of the server, the
    /// tolerances and the body limit count here.
    pub fn new(
        server: &AuthorizationServer,
        client_id: impl Into<ClientId>,
        registration_client_uri: EndpointUri,
        registration_access_token: impl Into<Secret>,
    ) -> Self {
        Self {
            server: server.clone(),
            client_id: client_id.into(),
            uri: registration_client_uri,
            token: registration_access_token.into(),
            channel: Channel::new(server.limit()),
        }
    }

    /// The connection must present a client certificate.
    #[must_use]
    pub const fn client_certificate(mut self) -> Self {
        self.channel.certificate = true;
        self
    }

    /// Adds a header to every request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.channel.headers.plain(name, value);
        self
    }

    /// Adds a header to every request and marks its value sensitive.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.channel.headers.secret(name, &value.into());
        self
    }

    /// Asks what is registered. The answer may bring a new secret and a new token: store
    /// [`Registration::or_previous`] before anything else.
    #[must_use]
    pub fn read_client(&self) -> ClientReadRequest {
        ClientReadRequest { at: self.clone() }
    }

    /// Replaces what is registered by this, all of it: what is left out is deleted, so start from
    /// [`Registration::metadata`]. The answer may bring a new secret and a new token, as with a read.
    #[must_use]
    pub fn update_client(&self, metadata: ClientMetadata) -> ClientUpdateRequest {
        ClientUpdateRequest { at: self.clone(), metadata, client_secret: None }
    }

    /// Deletes the client. Doing it twice does no harm, but the second time the answer is a 401.
    #[must_use]
    pub fn delete_client(&self) -> ClientDeleteRequest {
        ClientDeleteRequest { at: self.clone() }
    }

    fn rules(&self, credential: CredentialUse, success: &'static str) -> Rules<'_> {
        Rules { quirks: self.server.tolerances(), limit: self.server.limit(), credential, success }
    }

    fn registration(
        &self,
        reply: Reply<'_>,
        method: Option<String>,
    ) -> Result<Registration, ReplyError> {
        let rules = self.rules(CredentialUse::Once, "client_id");
        let expected = Expected { status: 200, method, client_id: Some(self.client_id.clone()) };
        response::read(reply, rules, expected).map_err(|error| rules.token_refused(reply, error))
    }

    fn token(&self) -> Result<Option<&Secret>, BuildError> {
        if self.token.is_empty() {
            return Err(BuildError::Empty { parameter: "registration_access_token".into() });
        }
        Ok(Some(&self.token))
    }
}

impl Registration {
    /// Where this registration is read, updated and deleted.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] when the server gave no address, or no token, that can be used;
    /// [`BuildError::Endpoint`] when a server that is reached by `https` gave an address of this machine,
    /// where it has nothing to say and anybody may listen.
    pub fn configuration(
        &self,
        server: &AuthorizationServer,
    ) -> Result<ClientConfiguration, BuildError> {
        let missing = |name: &'static str| BuildError::Invalid {
            parameter: name.into(),
            rule: "the server gave none that can be used, so this registration cannot be managed",
        };
        let uri = self.client_uri.clone().ok_or_else(|| missing("registration_client_uri"))?;
        let reached = [Endpoint::Registration, Endpoint::Token];
        let remote =
            reached.iter().any(|door| server.uri(*door, false).is_ok_and(EndpointUri::is_secure));
        if remote && !uri.is_secure() {
            let error = EndpointError::Loopback;
            return Err(BuildError::Endpoint { endpoint: "registration_client_uri", error });
        }
        let token = self.access_token.clone();
        let token = token.ok_or_else(|| missing("registration_access_token"))?;
        Ok(ClientConfiguration::new(server, self.client_id.clone(), uri, token))
    }
}

/// The token is not shown, nor the address, which may hold one.
impl fmt::Debug for ClientConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfiguration")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A client read request ([RFC 7592 §2.1](https://www.rfc-editor.org/rfc/rfc7592#section-2.1)).
#[derive(Debug)]
pub struct ClientReadRequest {
    at: ClientConfiguration,
}

call!(ClientReadRequest => Registration);

impl Call for ClientReadRequest {
    type Answer = Registration;

    fn address(&self) -> Result<&EndpointUri, BuildError> {
        Ok(&self.at.uri)
    }

    fn build(&self) -> Result<Draft, BuildError> {
        let resend = Resend::OnlyIfNotSent;
        self.at.channel.draft(Method::GET, &self.at.uri, self.at.token()?, resend)
    }

    fn understand(&self, reply: Reply<'_>) -> Result<Registration, ReplyError> {
        self.at.registration(reply, None)
    }
}

/// A client update request ([RFC 7592 §2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)).
pub struct ClientUpdateRequest {
    at: ClientConfiguration,
    metadata: ClientMetadata,
    client_secret: Option<Secret>,
}

impl ClientUpdateRequest {
    /// OPTIONAL. The secret as it is, for servers that want to see it. It cannot be changed this way.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }
}

call!(ClientUpdateRequest => Registration);

impl Call for ClientUpdateRequest {
    type Answer = Registration;

    fn address(&self) -> Result<&EndpointUri, BuildError> {
        Ok(&self.at.uri)
    }

    fn build(&self) -> Result<Draft, BuildError> {
        let mut first = vec![("client_id", self.at.client_id.check()?)];
        if let Some(secret) = self.client_secret.as_ref().filter(|secret| !secret.is_empty()) {
            first.push(("client_secret", secret.expose()));
        }
        let body = self.metadata.write(&first)?;
        self.at.channel.draft_json(Method::PUT, &self.at.uri, self.at.token()?, body)
    }

    fn understand(&self, reply: Reply<'_>) -> Result<Registration, ReplyError> {
        self.at.registration(reply, self.metadata.auth_method())
    }
}

impl fmt::Debug for ClientUpdateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientUpdateRequest")
            .field("at", &self.at)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

/// A client delete request ([RFC 7592 §2.3](https://www.rfc-editor.org/rfc/rfc7592#section-2.3)).
#[derive(Debug)]
pub struct ClientDeleteRequest {
    at: ClientConfiguration,
}

/// The server says that the client is gone, and with it its secret and its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted;

call!(ClientDeleteRequest => Deleted);

impl Call for ClientDeleteRequest {
    type Answer = Deleted;

    fn address(&self) -> Result<&EndpointUri, BuildError> {
        Ok(&self.at.uri)
    }

    fn build(&self) -> Result<Draft, BuildError> {
        let resend = Resend::Always;
        self.at.channel.draft(Method::DELETE, &self.at.uri, self.at.token()?, resend)
    }

    fn understand(&self, reply: Reply<'_>) -> Result<Deleted, ReplyError> {
        let rules = self.at.rules(CredentialUse::Repeated, "");
        let success = reply.status.is_success();
        if reply.status == StatusCode::NO_CONTENT {
            return Ok(Deleted);
        }
        match body::open(reply, rules) {
            // Any other 2xx will do, if there is no error in it.
            Ok(_) if success => Ok(Deleted),
            Ok(_) => Err(rules.failure(reply, ReplyErrorKind::Unavailable)),
            Err(error) if success && matches!(error.kind(), ReplyErrorKind::Unusable(_)) => {
                Ok(Deleted)
            }
            Err(error) => Err(rules.token_refused(reply, error)),
        }
    }
}
