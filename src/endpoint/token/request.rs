//! [`TokenRequest`]: a grant, a client, and the parameters that any grant may have.

use crate::grant::{AssertionContext, Grant};
use crate::request::{BuildError, Draft, SignatureSlots};
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Request};

use super::answer;
use super::response::TokenResponse;
use crate::client::{Client, ClientAuthentication};
use crate::endpoint::Exchange;
use crate::endpoint::client_call::learn;
use crate::endpoint::form_post::FormPost;
use crate::reply::{ErrorCode, Refusal, Reply, ReplyError, ReplyErrorKind, Rules, Unusable};
use crate::request::headers::ExtraHeaders;
use crate::request::params::Params;
use crate::server::{Endpoint, Quirks};
use crate::value::{
    AuthorizationDetails, EndpointUri, Entropy, Scope, Secret, Timestamp, TokenType,
};

/// One exchange with the token endpoint: the request, and how its reply is read.
///
/// Made by [`Client::token`]. It can build its request more than once; each has fresh assertions.
pub struct TokenRequest {
    client: Client,
    grant: Grant,
    scope: Scope,
    resources: Vec<String>,
    audiences: Vec<String>,
    details: Option<AuthorizationDetails>,
    extras: Vec<(String, Secret)>,
    headers: ExtraHeaders,
    auth: Option<Arc<dyn ClientAuthentication>>,
    challenge: Option<String>,
    bearer_allowed: bool,
}

impl Client {
    /// Asks the token endpoint with this grant.
    pub fn token(&self, grant: impl Into<Grant>) -> TokenRequest {
        TokenRequest {
            client: self.clone(),
            grant: grant.into(),
            scope: Scope::default(),
            resources: Vec::new(),
            audiences: Vec::new(),
            details: None,
            extras: Vec::new(),
            headers: ExtraHeaders::default(),
            auth: None,
            challenge: None,
            bearer_allowed: false,
        }
    }
}

impl TokenRequest {
    /// OPTIONAL. The scope asked for; on refresh it may only narrow the one granted.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Scope>) -> Self {
        self.scope = scope.into();
        self
    }

    /// OPTIONAL, repeatable. Where the token will be used: an absolute URI without a fragment
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// OPTIONAL, repeatable. For whom the token is, by the server's own name
    /// ([RFC 8693 §2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1)).
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// OPTIONAL. What exactly is asked for, beyond scopes
    /// ([RFC 9396 §6](https://www.rfc-editor.org/rfc/rfc9396#section-6)).
    #[must_use]
    pub fn authorization_details(mut self, details: AuthorizationDetails) -> Self {
        self.details = Some(details);
        self
    }

    /// Adds a parameter of the server's own. It may not have the name of one that this crate writes,
    /// and an empty value is left out.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.extras.push((name.into(), value.into()));
        self
    }

    /// Adds a header to this request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.plain(name, value);
        self
    }

    /// Adds a header to this request and marks its value sensitive.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.headers.secret(name, &value.into());
        self
    }

    /// Authenticates this one request in another way than the client does.
    #[must_use]
    pub fn auth(mut self, method: impl ClientAuthentication + 'static) -> Self {
        self.auth = Some(Arc::new(method));
        self
    }

    /// The challenge for an attested client's proof, from
    /// [`Client::attestation_challenge`](crate::Client::attestation_challenge) or an earlier exchange.
    #[must_use]
    pub fn attestation_challenge(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    /// The client that asks.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The same request by another client, or by the same one with its configuration mended: after
    /// `invalid_client` the code or refresh token in it is still good. What was said of this request's
    /// authentication is forgotten: the other client's counts.
    #[must_use]
    pub fn for_client(mut self, client: &Client) -> Self {
        self.client = client.clone();
        (self.auth, self.challenge) = (None, None);
        self
    }

    /// The request, ready to send. What the transport owes it comes with
    /// [`Draft::into_parts`]: `exchange.draft(now, &mut entropy)?.into_parts()`.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: nothing was sent. [`BuildError::NeedsSignature`] when the key is elsewhere;
    /// then [`TokenRequest::draft`] is the way.
    pub fn request(
        &self,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Request<Vec<u8>>, BuildError> {
        self.draft(now, entropy)?.finish()
    }

    /// The request with a hole for each signature whose key is elsewhere, and with its duties.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: nothing was sent.
    pub fn draft(&self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError> {
        let client = &self.client;
        self.grant.check_owner(client.id(), client.server().known_issuer())?;
        let mut params = Params::new();
        let endpoint = client.endpoint_by(Endpoint::Token, self.auth.as_deref())?;
        let context =
            AssertionContext { server: client.server(), endpoint: endpoint.as_str(), now };
        let mut slots = SignatureSlots::default();
        self.grant.write(context, entropy, &mut params, &mut slots)?;
        params.managed("scope", self.scope.check()?)?;
        for resource in &self.resources {
            params.resource(resource)?;
        }
        for audience in &self.audiences {
            params.managed("audience", audience.as_str())?;
        }
        let details = self.details.as_ref().map_or("", AuthorizationDetails::as_json);
        params.managed("authorization_details", details)?;
        for (name, value) in &self.extras {
            params.extra(name, value.expose())?;
        }
        let form = FormPost {
            client,
            endpoint,
            params,
            slots,
            headers: &self.headers,
            auth: self.auth.as_deref(),
            challenge: self.challenge.as_deref(),
            credential: self.grant.credential_use(),
            once: self.grant.is_paced() || self.grant.has_signed_assertion(),
        };
        form.draft(now, entropy)
    }

    /// Reads the reply.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]: refused, redirected, unavailable or unusable. After a 2xx that cannot be used
    /// the tokens may still be in [`ReplyError::raw`].
    pub fn read<'a>(&self, reply: impl Into<Reply<'a>>) -> Result<TokenResponse, ReplyError> {
        self.read_with(reply, self.client.server().tolerances())
    }

    /// Reads a reply, perhaps for the second time, with other tolerances than the server's.
    ///
    /// # Errors
    ///
    /// As [`TokenRequest::read`].
    pub fn read_with<'a>(
        &self,
        reply: impl Into<Reply<'a>>,
        quirks: &Quirks,
    ) -> Result<TokenResponse, ReplyError> {
        let (reply, rules) = (reply.into(), self.rules(quirks));
        answer::read(reply, rules, self.grant.exchanged_for()).map_err(|error| {
            // Where a server has another word for a dead refresh token, it is that.
            let code = error.refusal().map(|refusal| refusal.code().as_str());
            let dead = code.is_some() && code == quirks.dead_refresh_code.as_deref();
            match error.refusal() {
                Some(said) if dead && self.grant.grant_type() == "refresh_token" => {
                    let refusal = Refusal { code: ErrorCode::InvalidGrant, ..said.clone() };
                    rules.failure(reply, ReplyErrorKind::Refused(refusal))
                }
                _ => error,
            }
        })
    }

    fn rules<'q>(&self, quirks: &'q Quirks) -> Rules<'q> {
        Rules {
            quirks,
            limit: self.client.server().limit(),
            credential: self.grant.credential_use(),
            success: "access_token",
        }
    }

    /// With a DPoP proof in the request, takes a token all the same that is not bound to the key.
    /// By default such an answer is unusable ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
    #[must_use]
    pub fn allow_unbound_token(mut self) -> Self {
        self.bearer_allowed = true;
        self
    }
}

impl Exchange for TokenRequest {
    type Output = TokenResponse;

    fn draft(&self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError> {
        Self::draft(self, now, entropy)
    }

    fn read(&self, reply: Reply<'_>) -> Result<TokenResponse, ReplyError> {
        self.read_with(reply, self.client.server().tolerances())
    }

    fn target(&self) -> Result<&str, BuildError> {
        self.client.endpoint_by(Endpoint::Token, self.auth.as_deref()).map(EndpointUri::as_str)
    }

    fn learn(&mut self, headers: &HeaderMap) -> bool {
        let method = self.auth.as_deref().unwrap_or_else(|| self.client.method());
        learn(&mut self.challenge, method, headers)
    }

    fn learned_challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    fn read_bound(&self, reply: Reply<'_>) -> Result<TokenResponse, ReplyError> {
        let response = Exchange::read(self, reply)?;
        let kind = response.access_token().token_type();
        // An exchange may give what is no access token, and `N_A` says nothing of how that is bound.
        let other = *kind == TokenType::NotApplicable && self.grant.exchanged_for().is_some();
        if *kind != TokenType::Dpop && !other && !self.bearer_allowed {
            let rules = self.rules(self.client.server().tolerances());
            return Err(rules.unusable(reply, Unusable::NotBound));
        }
        Ok(response)
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("client", &self.client)
            .field("grant", &self.grant)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
