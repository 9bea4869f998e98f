//! [`IdentityAssertionFlow`]: a user's identity at one server, turned into access at another
//! ([draft-ietf-oauth-identity-assertion-authz-grant](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant)).
//!
//! Two exchanges: the identity provider gives an identity assertion for the resource's server (a token
//! exchange), and that server takes it as a grant (`jwt-bearer`). Signing the user in comes before both
//! and is not done here.
//!
#![doc = include_str!("identity_assertion.md")]

use std::convert::Infallible;
use std::fmt;

use super::error::{FlowError, Misuse, TransportFailure};
use super::exchange::TokenFlow;
use super::machine::{Machine, Step};
use super::table::{Transition, transitions};
use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::token::{TokenRequest, TokenResponse};
use crate::grant::{JwtBearer, TokenExchange, TokenTypeIdentifier};
use crate::jose::Signature;
use crate::reply::{Reply, Rules, Unusable};
use crate::request::BuildError;
use crate::value::{AuthorizationDetails, CredentialUse, Entropy, Scope, Secret, Timestamp};

transitions! {
    states { Asserting, Redeeming, Done, NotAsserted, NotRedeemed }
    events { Asserted, AssertionFailed, Answered, RedemptionFailed }
    Asserting + Asserted => Redeeming;
    Asserting + AssertionFailed => NotAsserted;
    Redeeming + Answered => Done;
    Redeeming + RedemptionFailed => NotRedeemed;
}

/// From an ID token or a SAML assertion to an access token of another server.
///
/// When it fails, [`IdentityAssertionFlow::state`] says at which of the two: `NotAsserted` is the identity
/// provider's doing, `NotRedeemed` the other server's.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # use grantwire::client::ClientSecretBasic;
/// # use grantwire::flow::{Machine, Step};
/// # let idp = AuthorizationServer::new().token_endpoint("https://acme.idp.example/oauth2/token");
/// # let chat = AuthorizationServer::new().issuer("https://acme.chat.example/").token_endpoint("https://acme.chat.example/oauth2/token");
/// # let at_idp = Client::new(idp, "wiki").auth(ClientSecretBasic::new("s"));
/// # let at_chat = Client::new(chat, "f53f191f9311af35").auth(ClientSecretBasic::new("s"));
/// # let entropy = Entropy::new([7; 32]);
/// use grantwire::flow::IdentityAssertionFlow;
/// use grantwire::grant::TokenTypeIdentifier;
///
/// let mut flow = IdentityAssertionFlow::new(&at_idp, &at_chat, "eyJraWQi...", TokenTypeIdentifier::ID_TOKEN, entropy)
///     .resource("https://api.chat.example/")
///     .scope("chat.read chat.history");
/// assert!(matches!(flow.poll(Timestamp::EPOCH), Step::Send(request, _) if request.uri().host() == Some("acme.idp.example")));
/// ```
#[doc = ""]
#[doc = include_str!("identity_assertion.md")]
pub struct IdentityAssertionFlow {
    state: State,
    /// The request to the identity provider, until it is under way.
    request: Option<TokenRequest>,
    audience: Option<String>,
    resource: Client,
    entropy: Option<Entropy>,
    dpop: Option<Dpop>,
    both_bound: bool,
    /// The exchange that is under way.
    exchange: Option<Box<TokenFlow>>,
    assertion: Option<Secret>,
    result: Option<Result<TokenResponse, FlowError>>,
}

impl IdentityAssertionFlow {
    /// The moves of this machine.
    pub const TRANSITIONS: &'static [Transition] = State::TABLE;

    /// Asks the identity provider, as the client that is known there, about the user of this token, for the
    /// server that `resource` belongs to
    /// ([draft-ietf-oauth-identity-assertion-authz-grant §4.3](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant#section-4.3)).
    pub fn new(
        identity_provider: &Client,
        resource: &Client,
        subject_token: impl Into<Secret>,
        kind: impl Into<TokenTypeIdentifier>,
        entropy: Entropy,
    ) -> Self {
        let exchange = TokenExchange::new(subject_token, kind);
        Self::with_exchange(identity_provider, resource, exchange, entropy)
    }

    /// As [`IdentityAssertionFlow::new`], by an exchange of the caller's: with an actor, perhaps. What it
    /// asks for is an identity assertion, whatever was set before.
    #[must_use]
    pub fn with_exchange(
        identity_provider: &Client,
        resource: &Client,
        exchange: TokenExchange,
        entropy: Entropy,
    ) -> Self {
        let exchange = exchange.requested_token_type(TokenTypeIdentifier::ID_JAG);
        Self {
            state: State::Asserting,
            request: Some(identity_provider.token(exchange)),
            audience: None,
            resource: resource.clone(),
            entropy: Some(entropy),
            dpop: None,
            both_bound: false,
            exchange: None,
            assertion: None,
            result: None,
        }
    }

    fn asking(mut self, change: impl FnOnce(TokenRequest) -> TokenRequest) -> Self {
        self.request = self.request.map(change);
        self
    }

    /// OPTIONAL. The scope asked for, in the resource's terms.
    #[must_use]
    pub fn scope(self, scope: impl Into<Scope>) -> Self {
        self.asking(|request| request.scope(scope))
    }

    /// OPTIONAL, repeatable. The resource itself
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    #[must_use]
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.asking(|request| request.resource(resource))
    }

    /// For whom the assertion is. Default: the issuer of the resource's server.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// OPTIONAL. What exactly is asked for, beyond scopes
    /// ([RFC 9396 §6](https://www.rfc-editor.org/rfc/rfc9396#section-6)).
    #[must_use]
    pub fn authorization_details(self, details: AuthorizationDetails) -> Self {
        self.asking(|request| request.authorization_details(details))
    }

    /// Adds a parameter of the identity provider's own to the first request.
    #[must_use]
    pub fn parameter(self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.asking(|request| request.parameter(name, value))
    }

    /// Binds the access token, which is the second request's, to a DPoP key.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.dpop = Some(dpop);
        self
    }

    /// Binds both to a DPoP key: the assertion is then good only with that key
    /// ([draft-ietf-oauth-identity-assertion-authz-grant](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant)).
    #[must_use]
    pub fn dpop_for_both(mut self, dpop: Dpop) -> Self {
        self.both_bound = true;
        self.dpop(dpop)
    }

    /// The DPoP key and the nonces learned, for what follows.
    #[must_use]
    pub fn into_dpop(self) -> Option<Dpop> {
        self.exchange.and_then(|exchange| exchange.into_dpop()).or(self.dpop)
    }

    /// The name of the state, as in [`IdentityAssertionFlow::TRANSITIONS`].
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.state.name()
    }

    /// The identity assertion, once there is one. A second request that was not sent has not spent it: it
    /// can be presented as a [`JwtBearer`].
    #[must_use]
    pub const fn assertion(&self) -> Option<&Secret> {
        self.assertion.as_ref()
    }

    fn go(&mut self, event: Event) {
        if let Some(next) = self.state.after(event) {
            self.state = next;
        }
    }

    fn end(&mut self, event: Event, result: Result<TokenResponse, FlowError>) {
        self.go(event);
        self.result = Some(result);
    }

    fn fail(&mut self, error: impl Into<FlowError>) {
        let event = match self.state {
            State::Asserting => Event::AssertionFailed,
            _ => Event::RedemptionFailed,
        };
        self.end(event, Err(error.into()));
    }

    /// Starts the first exchange, at the first poll.
    fn ask(&mut self) {
        let (Some(request), Some(entropy)) = (self.request.take(), self.entropy.take()) else {
            return;
        };
        let issuer = self.resource.server().known_issuer().ok_or(BuildError::IssuerMissing);
        let audience = match self.audience.take() {
            Some(audience) => Ok(audience),
            None => issuer.and_then(|issuer| Ok(issuer.check()?.to_owned())),
        };
        match audience {
            Ok(audience) => {
                let request = request.audience(audience);
                let dpop = if self.both_bound { self.dpop.take() } else { None };
                self.start(request, entropy, dpop);
            }
            Err(error) => self.fail(error),
        }
    }

    fn start(&mut self, request: TokenRequest, entropy: Entropy, dpop: Option<Dpop>) {
        let flow = TokenFlow::new(request, entropy);
        self.exchange = Some(Box::new(match dpop {
            Some(dpop) => flow.dpop(dpop),
            None => flow,
        }));
    }

    /// What the exchange under way has come to, if it is over.
    fn settle(&mut self, reply: Option<Reply<'_>>) {
        let Some(result) = self.exchange.as_mut().and_then(|flow| flow.take_result()) else {
            return;
        };
        match (result, self.state) {
            (Err(error), _) => self.fail(error),
            (Ok(tokens), State::Asserting) => self.redeem(&tokens, reply),
            (Ok(tokens), _) => self.end(Event::Answered, Ok(tokens)),
        }
    }

    /// The first exchange has given something; the second presents it, if it is what was asked for
    /// ([draft-ietf-oauth-identity-assertion-authz-grant §4.4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant#section-4.4)).
    fn redeem(&mut self, tokens: &TokenResponse, reply: Option<Reply<'_>>) {
        let is_assertion = tokens.issued_token_type() == Some(&TokenTypeIdentifier::ID_JAG);
        let first = self.exchange.take().map(|flow| flow.into_parts());
        match (first, reply) {
            (Some((_, entropy, dpop)), _) if is_assertion => {
                let assertion = Secret::new(tokens.access_token().expose());
                self.assertion = Some(assertion.clone());
                let request = self.resource.token(JwtBearer::new(assertion));
                let dpop = self.dpop.take().or(dpop);
                self.start(request, entropy, dpop);
                self.go(Event::Asserted);
            }
            (Some((exchange, ..)), Some(reply)) => {
                let server = exchange.client().server();
                let rules = Rules {
                    quirks: server.tolerances(),
                    limit: server.limit(),
                    credential: CredentialUse::Repeated,
                    success: "access_token",
                };
                self.fail(rules.unusable(reply, Unusable::IssuedTokenType));
            }
            // A result comes of a reply, and of the exchange that was under way.
            _ => {}
        }
    }
}

impl Machine for IdentityAssertionFlow {
    type Output = TokenResponse;
    type Snapshot = Infallible;

    fn poll(&mut self, now: Timestamp) -> Step<Result<TokenResponse, FlowError>> {
        self.ask();
        if let Some(result) = &self.result {
            return Step::Done(result.clone());
        }
        let Some(exchange) = &mut self.exchange else { return Step::Outstanding };
        match exchange.poll(now) {
            // Only a request that is not built comes to its end here; all else does in `handle_*`.
            Step::Done(_) => {
                self.settle(None);
                match &self.result {
                    Some(result) => Step::Done(result.clone()),
                    None => Step::Outstanding,
                }
            }
            step => step,
        }
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        self.exchange.as_mut().ok_or(Misuse::NotSending)?.handle_reply(now, reply)?;
        self.settle(Some(reply));
        Ok(())
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        self.exchange.as_mut().ok_or(Misuse::NotSending)?.handle_failure(now, failure)?;
        self.settle(None);
        Ok(())
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        self.exchange.as_mut().ok_or(Misuse::NotSigning)?.handle_signature(signature)
    }
}

impl fmt::Debug for IdentityAssertionFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityAssertionFlow").field("state", &self.state).finish_non_exhaustive()
    }
}
