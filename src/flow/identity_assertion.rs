//! [`IdentityAssertionFlow`]: a user's identity at one server, turned into access at another
//! ([draft-ietf-oauth-identity-assertion-authz-grant](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant)).
//!
//! Two exchanges: the identity provider gives an identity assertion for the resource's server (a token
//! exchange), and that server takes it as a grant (`jwt-bearer`). Signing the user in comes before both
//! and is not done here.
//!
#![doc = include_str!("identity_assertion.md")]

mod state;

use crate::reply::Presented;
use crate::reply::{Reply, ReplyError, Rules, Unusable};
use crate::request::BuildError;
use crate::value::{AuthorizationDetails, CredentialUse, Entropy, Scope, Secret, Timestamp};
use std::time::Duration;
use std::{fmt, mem};

use state::{Event, Name, Question, State};

use super::answer_by::DEFAULT_ANSWER_WITHIN;
use super::error::{FlowError, Misuse};
use super::exchange::TokenFlow;
use super::machine::{Machine, Outstanding};
use super::step::{Plain, Step};
use super::table::Transition;
use super::transport_failure::TransportFailure;
use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::token::{TokenRequest, TokenResponse};
use crate::grant::{JwtBearer, TokenExchange, TokenTypeIdentifier};
use crate::jose::Signature;

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
/// assert!(matches!(flow.poll(Timestamp::EPOCH), Step::Send(request, ..) if request.uri().host() == Some("acme.idp.example")));
/// ```
#[doc = ""]
#[doc = include_str!("identity_assertion.md")]
pub struct IdentityAssertionFlow {
    state: State,
    /// Who redeems the assertion.
    resource: Client,
    answer_within: Duration,
}

impl IdentityAssertionFlow {
    /// The moves of this machine.
    pub const TRANSITIONS: &'static [Transition] = Name::TABLE;

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
            state: State::Ready(Box::new(Question {
                request: identity_provider.token(exchange),
                audience: None,
                entropy,
                dpop: None,
                both_bound: false,
            })),
            resource: resource.clone(),
            answer_within: DEFAULT_ANSWER_WITHIN,
        }
    }

    /// Changes what is asked, before it is.
    fn asking(mut self, change: impl FnOnce(&mut Question)) -> Self {
        if let State::Ready(question) = &mut self.state {
            change(question);
        }
        self
    }

    fn requesting(mut self, change: impl FnOnce(TokenRequest) -> TokenRequest) -> Self {
        if let State::Ready(question) = self.state {
            let request = change(question.request);
            self.state = State::Ready(Box::new(Question { request, ..*question }));
        }
        self
    }

    /// OPTIONAL. The scope asked for, in the resource's terms.
    #[must_use]
    pub fn scope(self, scope: impl Into<Scope>) -> Self {
        self.requesting(|request| request.scope(scope))
    }

    /// OPTIONAL, repeatable. The resource itself
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    #[must_use]
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.requesting(|request| request.resource(resource))
    }

    /// For whom the assertion is. Default: the issuer of the resource's server.
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.asking(|question| question.audience = Some(audience.into()))
    }

    /// OPTIONAL. What exactly is asked for, beyond scopes
    /// ([RFC 9396 §6](https://www.rfc-editor.org/rfc/rfc9396#section-6)).
    #[must_use]
    pub fn authorization_details(self, details: AuthorizationDetails) -> Self {
        self.requesting(|request| request.authorization_details(details))
    }

    /// Adds a parameter of the identity provider's own to the first request.
    #[must_use]
    pub fn parameter(self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.requesting(|request| request.parameter(name, value))
    }

    /// Binds the access token, which is the second request's, to a DPoP key.
    #[must_use]
    pub fn dpop(self, dpop: Dpop) -> Self {
        self.asking(|question| question.dpop = Some(Box::new(dpop)))
    }

    /// Binds both to a DPoP key: the assertion is then good only with that key
    /// ([draft-ietf-oauth-identity-assertion-authz-grant](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant)).
    #[must_use]
    pub fn dpop_for_both(self, dpop: Dpop) -> Self {
        self.dpop(dpop).asking(|question| question.both_bound = true)
    }

    /// How long each of the two answers is waited for: see [`AnswerBy`](super::AnswerBy). Default: half a minute.
    #[must_use]
    pub const fn answer_within(mut self, span: Duration) -> Self {
        self.answer_within = span;
        self
    }

    /// The DPoP key and the nonces learned, for what follows.
    #[must_use]
    pub fn into_dpop(self) -> Option<Dpop> {
        match self.state {
            State::Ready(question) => question.dpop.map(|dpop| *dpop),
            State::NotAsserted { dpop, .. } => dpop.map(|dpop| *dpop),
            State::Asserting { flow, dpop } => flow.into_dpop().or(dpop.map(|dpop| *dpop)),
            State::Redeeming { flow, .. }
            | State::Done { flow, .. }
            | State::NotRedeemed { flow, .. } => flow.into_dpop(),
        }
    }

    /// The name of the state, as in [`IdentityAssertionFlow::TRANSITIONS`].
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.state.name().name()
    }

    /// The identity assertion, once there is one. A second request that was not sent has not spent it: it
    /// can be presented as a [`JwtBearer`].
    #[must_use]
    pub const fn assertion(&self) -> Option<&Secret> {
        match &self.state {
            State::Redeeming { assertion, .. }
            | State::Done { assertion, .. }
            | State::NotRedeemed { assertion, .. } => Some(assertion),
            State::Ready(_) | State::Asserting { .. } | State::NotAsserted { .. } => None,
        }
    }

    /// Moves, as the table says, from the state before, taken apart, to the next.
    fn go(&mut self, event: Event, next: impl FnOnce(State) -> State) {
        let name = self.state.name();
        let before = mem::replace(
            &mut self.state,
            State::NotAsserted { error: FlowError::Over, dpop: None },
        );
        self.state = next(before);
        debug_assert_eq!(name.after(event), Some(self.state.name()), "{event:?}");
    }

    /// Starts the first exchange, at the first poll.
    fn start(&mut self) {
        let State::Ready(question) = &mut self.state else { return };
        let issuer = self.resource.server().known_issuer().ok_or(BuildError::IssuerMissing);
        let audience = match question.audience.take() {
            Some(audience) => Ok(audience),
            None => issuer.and_then(|issuer| Ok(issuer.check()?.to_owned())),
        };
        match audience {
            Err(error) => self.fail(error.into()),
            Ok(audience) => {
                let within = self.answer_within;
                self.go(Event::Started, |before| match before {
                    State::Ready(question) => {
                        let Question { request, entropy, dpop, both_bound, .. } = *question;
                        let (first, second) = if both_bound { (dpop, None) } else { (None, dpop) };
                        let flow = exchange(request.audience(audience), entropy, first, within);
                        State::Asserting { flow, dpop: second }
                    }
                    other => other,
                });
            }
        }
    }

    fn fail(&mut self, error: FlowError) {
        let event = match self.state.name() {
            Name::Ready => Event::NotBuilt,
            Name::Asserting => Event::AssertionFailed,
            _ => Event::RedemptionFailed,
        };
        self.go(event, |before| match before {
            State::Ready(question) => State::NotAsserted { error, dpop: question.dpop },
            State::Asserting { flow, dpop } => {
                let dpop = flow.into_dpop().map(Box::new).or(dpop);
                State::NotAsserted { error, dpop }
            }
            State::Redeeming { flow, assertion } => State::NotRedeemed { error, flow, assertion },
            ended => ended,
        });
    }

    /// What the exchange under way has come to, if it is over.
    fn settle(&mut self, reply: Option<Reply<'_>>) {
        let Some(result) = self.state.flow().and_then(TokenFlow::take_result) else { return };
        match result {
            Err(error) => self.fail(error),
            Ok(tokens) if self.state.name() == Name::Asserting => self.redeem(&tokens, reply),
            Ok(tokens) => self.go(Event::Answered, |before| match before {
                State::Redeeming { flow, assertion } => {
                    State::Done { tokens: Some(Box::new(tokens)), flow, assertion }
                }
                other => other,
            }),
        }
    }

    /// The first exchange has given something; the second presents it, if it is what was asked for
    /// ([draft-ietf-oauth-identity-assertion-authz-grant §4.4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant#section-4.4)).
    fn redeem(&mut self, tokens: &TokenResponse, reply: Option<Reply<'_>>) {
        if tokens.issued_token_type() != Some(&TokenTypeIdentifier::ID_JAG) {
            let unusable =
                self.state.flow().zip(reply).map(|(flow, reply)| not_asserted(flow, reply));
            // A result with tokens comes of a reply, so there is one.
            return self.fail(unusable.map_or(FlowError::Over, FlowError::from));
        }
        let assertion = Secret::new(tokens.access_token().expose());
        let request = self.resource.token(JwtBearer::new(assertion.clone()));
        let within = self.answer_within;
        self.go(Event::Asserted, |before| match before {
            State::Asserting { flow, dpop } => {
                let (_, entropy, first) = flow.into_parts();
                let dpop = dpop.or(first.map(Box::new));
                State::Redeeming { flow: exchange(request, entropy, dpop, within), assertion }
            }
            other => other,
        });
    }
}

fn exchange(
    request: TokenRequest,
    entropy: Entropy,
    dpop: Option<Box<Dpop>>,
    within: Duration,
) -> Box<TokenFlow> {
    let flow = TokenFlow::new(request, entropy).answer_within(within);
    Box::new(match dpop {
        Some(dpop) => flow.dpop(*dpop),
        None => flow,
    })
}

/// The identity provider gave something else than was asked for.
fn not_asserted(flow: &TokenFlow, reply: Reply<'_>) -> ReplyError {
    let server = flow.exchange().client().server();
    let rules = Rules {
        quirks: server.tolerances(),
        limit: server.limit(),
        credential: CredentialUse::Repeated,
        success: "access_token",
        presented: Presented::Grant,
    };
    rules.unusable(reply, Unusable::IssuedTokenType)
}

impl Machine for IdentityAssertionFlow {
    type Steps = Plain<TokenResponse>;

    fn poll(&mut self, now: Timestamp) -> Step<Plain<TokenResponse>> {
        loop {
            match &mut self.state {
                State::Ready(_) => self.start(),
                State::Done { tokens, .. } => {
                    return Step::last(tokens.take().map(|held| *held));
                }
                State::NotAsserted { error, .. } | State::NotRedeemed { error, .. } => {
                    return Step::Done(Err(error.clone()));
                }
                State::Asserting { flow, .. } | State::Redeeming { flow, .. } => {
                    match flow.poll(now) {
                        // Only a request that is not built comes to its end here; all else does in `handle_*`.
                        Step::Done(result) => self.fail(result.err().unwrap_or(FlowError::Over)),
                        step => return step,
                    }
                }
            }
        }
    }

    fn outstanding(&self) -> Option<Outstanding> {
        match &self.state {
            State::Asserting { flow, .. } | State::Redeeming { flow, .. } => flow.outstanding(),
            _ => None,
        }
    }

    fn abandon(&mut self, now: Timestamp) {
        if let Some(flow) = self.state.flow() {
            flow.abandon(now);
            self.settle(None);
        }
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        self.state.flow().ok_or(Misuse::NotSending)?.handle_reply(now, reply)?;
        self.settle(Some(reply));
        Ok(())
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        self.state.flow().ok_or(Misuse::NotSending)?.handle_failure(now, failure)?;
        self.settle(None);
        Ok(())
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        self.state.flow().ok_or(Misuse::NotSigning)?.handle_signature(signature)
    }
}

impl fmt::Debug for IdentityAssertionFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityAssertionFlow")
            .field("state", &self.state.name())
            .finish_non_exhaustive()
    }
}
