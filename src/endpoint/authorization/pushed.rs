//! Pushed authorization requests ([RFC 9126 §2](https://www.rfc-editor.org/rfc/rfc9126#section-2)): the parameters go to the server first, and
//! the browser carries only a reference to them. What is wrong with them is said at once, in the codes of
//! both endpoints ([RFC 9126 §2.3](https://www.rfc-editor.org/rfc/rfc9126#section-2.3)).

use crate::request::{BuildError, SignatureSlots};
use std::fmt;

use super::pending::{PendingAuthorization, Secrets};
use super::request::AuthorizationRequest;
use super::request_object::{RequestObject, SignedAuthorizationRequest};
use super::url::AuthorizationUrl;
use crate::endpoint::client_call::{BackChannel, Door, door};
use crate::pkce;
use crate::reply::members::Lifetime;
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::request::params::Params;
use crate::server::Endpoint;
use crate::value::{Entropy, Secret, Timestamp};
use crate::wire::json;

/// A started push: the request to send, and what to keep until the callback.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartedPush {
    /// The request, its reply, and the URL that follows from both.
    pub exchange: PushedAuthorizationRequest,
    /// What the callback will be checked against. Keep it in the user's own session.
    pub pending: PendingAuthorization,
}

/// A pushed authorization request.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # let server = AuthorizationServer::new()
/// #     .authorization_endpoint("https://as.example/authorize")
/// #     .pushed_authorization_request_endpoint("https://as.example/par");
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// let started = client.authorization().redirect_uri("https://client.example/cb").push(&mut entropy)?;
/// let request = started.exchange.request(now, &mut entropy)?;
/// # let mut response = http::Response::new(br#"{"request_uri":"urn:example:bwc4JK-ESC0w8acc191e-Y1LTC2","expires_in":90}"#.to_vec());
/// # *response.status_mut() = http::StatusCode::CREATED;
/// let pushed = started.exchange.read(&response)?;
/// let url = started.exchange.url(&pushed)?;           // send the browser there, once
/// assert!(url.ends_with("?client_id=s6BhdRkqt3&request_uri=urn%3Aexample%3Abwc4JK-ESC0w8acc191e-Y1LTC2"));
/// # Ok::<(), grantwire::Error>(())
/// ```
pub struct PushedAuthorizationRequest {
    channel: BackChannel,
    authorization: AuthorizationRequest,
    secrets: Secrets,
    challenge: String,
    object: Option<RequestObject>,
    client_id: bool,
    front: Vec<(String, String)>,
}

impl AuthorizationRequest {
    /// Sends the request to the server itself, and the browser only with a reference to it
    /// ([RFC 9126 §2.1](https://www.rfc-editor.org/rfc/rfc9126#section-2.1)). With a [`dpop_jkt`](AuthorizationRequest::dpop_jkt) the push says
    /// which key the code is for ([RFC 9449 §10.1](https://www.rfc-editor.org/rfc/rfc9449#section-10.1)).
    ///
    /// # Errors
    ///
    /// [`BuildError`] when a value cannot be sent.
    pub fn push(self, entropy: &mut Entropy) -> Result<StartedPush, BuildError> {
        self.push_object(None, entropy)
    }

    fn push_object(
        self,
        object: Option<RequestObject>,
        entropy: &mut Entropy,
    ) -> Result<StartedPush, BuildError> {
        let secrets = self.secrets(entropy)?;
        let challenge = pkce::s256(secrets.verifier());
        let pending = self.pending(secrets.clone());
        let exchange = PushedAuthorizationRequest {
            channel: BackChannel::of(&self.client),
            challenge: String::from_utf8_lossy(&challenge).into_owned(),
            secrets,
            authorization: self,
            object,
            client_id: true,
            front: Vec::new(),
        };
        Ok(StartedPush { exchange, pending })
    }
}

impl SignedAuthorizationRequest {
    /// Sends the request object to the server itself
    /// ([RFC 9126 §3](https://www.rfc-editor.org/rfc/rfc9126#section-3)). It is made anew, and signed, for each request.
    ///
    /// # Errors
    ///
    /// As [`AuthorizationRequest::push`].
    pub fn push(self, entropy: &mut Entropy) -> Result<StartedPush, BuildError> {
        self.request.push_object(Some(self.object), entropy)
    }
}

impl PushedAuthorizationRequest {
    /// Leaves `client_id` out of the body when the client authenticates without it. The RFC asks for
    /// it; PingOne's own sample has none.
    #[must_use]
    pub const fn without_client_id(mut self) -> Self {
        self.client_id = false;
        self
    }

    /// Adds a parameter to the URL that the browser opens, beside `client_id` and `request_uri`.
    #[must_use]
    pub fn url_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.front.push((name.into(), value.into()));
        self
    }

    /// The URL for the browser ([RFC 9126 §4](https://www.rfc-editor.org/rfc/rfc9126#section-4)). Use it once.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the server has no authorization endpoint.
    pub fn url(&self, pushed: &PushedAuthorization) -> Result<AuthorizationUrl, BuildError> {
        let client = &self.channel.client;
        let endpoint = client.server().uri(Endpoint::Authorization, false)?.as_str();
        let mut params = Params::new();
        for (name, value) in &self.front {
            params.managed(name.as_str(), value.as_str())?;
        }
        let name = client.server().tolerances().client_id_parameter.as_deref();
        params.managed(name.unwrap_or("client_id"), client.id().check()?)?;
        params.managed("request_uri", pushed.request_uri.expose())?;
        AuthorizationUrl::of(endpoint, &params)
    }
}

/// What the server made of a push ([RFC 9126 §2.2](https://www.rfc-editor.org/rfc/rfc9126#section-2.2)).
#[derive(Debug, Clone)]
pub struct PushedAuthorization {
    request_uri: Secret,
    lifetime: Lifetime,
    deviations: Vec<Deviation>,
}

impl PushedAuthorization {
    /// The reference, whatever kind of URN it is. It works once, for this client.
    #[must_use]
    pub fn request_uri(&self) -> &str {
        self.request_uri.expose()
    }

    /// How long it works.
    #[must_use]
    pub const fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }
}

door!(PushedAuthorizationRequest => PushedAuthorization);

impl Door for PushedAuthorizationRequest {
    type Answer = PushedAuthorization;
    const ENDPOINT: Endpoint = Endpoint::PushedAuthorizationRequest;
    const SUCCESS: &'static str = "request_uri";

    fn channel(&self) -> &BackChannel {
        &self.channel
    }

    fn channel_mut(&mut self) -> &mut BackChannel {
        &mut self.channel
    }

    fn is_single_use(&self) -> bool {
        self.object.is_some()
    }

    /// What stands beside an object would not count.
    fn check_extra(&self, name: &str) -> Result<(), BuildError> {
        if self.object.is_some() {
            let rule = "belongs in the request object; add it before the request is signed";
            return Err(BuildError::Invalid { parameter: name.to_owned().into(), rule });
        }
        Ok(())
    }

    /// With a request object, everything else is a claim
    /// ([RFC 9126 §3](https://www.rfc-editor.org/rfc/rfc9126#section-3)).
    fn write<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError> {
        if self.object.is_some() {
            return match self.client_id {
                true => self.authorization.write_client_id(params),
                false => Ok(()),
            };
        }
        self.authorization.write(&self.secrets, &self.challenge, self.client_id, params)
    }

    fn sign(
        &self,
        now: Timestamp,
        entropy: &mut Entropy,
        params: &mut Params<'_>,
        slots: &mut SignatureSlots,
    ) -> Result<(), BuildError> {
        let Some(object) = &self.object else { return Ok(()) };
        let mut claims = Params::new();
        self.authorization.write(&self.secrets, &self.challenge, true, &mut claims)?;
        let endpoint = self.address()?.as_str();
        let jwt = object.jwt(&self.channel.client, &claims, endpoint, now, entropy)?;
        slots.sign_parameter("request", &jwt, object.signer(), params)
    }

    fn understand(reply: Reply<'_>, rules: Rules<'_>) -> Result<PushedAuthorization, ReplyError> {
        let mut body = body::open(reply, rules)?;
        body.expect_status(reply, 201);
        interpret(&body.text, rules, body.deviations).map_err(|why| rules.unusable(reply, why))
    }
}

const MEMBERS: &[&str; 2] = &["request_uri", "expires_in"];

fn interpret(
    text: &str,
    rules: Rules<'_>,
    mut deviations: Vec<Deviation>,
) -> Result<PushedAuthorization, Unusable> {
    const NAME: &str = "request_uri";
    let members = json::object(text, MEMBERS)?;
    let member = members.get(NAME).ok_or(Unusable::MemberMissing(NAME))?;
    let request_uri = member
        .string()
        .filter(|uri| !uri.is_empty() && uri.bytes().all(|byte| byte.is_ascii_graphic()));
    let request_uri = Secret::new(request_uri.ok_or(Unusable::MemberMalformed(NAME))?);
    let lifetime = Lifetime::read(members.get("expires_in"), rules.quirks, &mut deviations);
    Ok(PushedAuthorization { request_uri, lifetime, deviations })
}

impl fmt::Debug for PushedAuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedAuthorizationRequest")
            .field("client", &self.channel.client)
            .finish_non_exhaustive()
    }
}
