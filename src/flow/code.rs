//! [`CodeFlow`]: from a callback to tokens.
//!
//! The authorization code flow has one long pause, in which a web server lets go of everything: what
//! survives it is the [`PendingAuthorization`], plain data. Before the pause there is the request
//! ([`Client::authorization`]); after it, this machine.
//!
#![doc = include_str!("code.md")]

use crate::value::{Entropy, Timestamp};
use std::fmt;
use std::time::Duration;

use super::error::{FlowError, Misuse};
use super::exchange::TokenFlow;
use super::machine::{Machine, Outstanding};
use super::step::{Plain, Step};
use super::table::{Transition, transitions};
use super::transport_failure::TransportFailure;
use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::authorization::{Callback, CallbackError, PendingAuthorization};
use crate::endpoint::token::{TokenRequest, TokenResponse};
use crate::grant::AuthorizationCode;
use crate::jose::Signature;
use crate::reply::Reply;

transitions! {
    states Name { Redeeming, Done, Failed }
    events { NotBuilt, Answered, Refused, Lost }
    Redeeming + NotBuilt => Failed;
    Redeeming + Answered => Done;
    Redeeming + Refused => Failed;
    Redeeming + Lost => Failed;
}

/// Where it stands, with the tokens until they are handed out.
#[allow(clippy::large_enum_variant)] // moved once
enum State {
    Redeeming,
    Done(Option<TokenResponse>),
    Failed(FlowError),
}

impl State {
    const fn name(&self) -> Name {
        match self {
            Self::Redeeming => Name::Redeeming,
            Self::Done(_) => Name::Done,
            Self::Failed(_) => Name::Failed,
        }
    }
}

/// The second half of the authorization code flow: a checked callback, redeemed.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy};
/// # use grantwire::authorization::{Callback, PendingAuthorization};
/// # use grantwire::flow::CodeFlow;
/// # let server = AuthorizationServer::new().authorization_endpoint("https://as.example/authorize").token_endpoint("https://as.example/token");
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let mut entropy = Entropy::new([7; 32]);
/// let started = client.authorization().redirect_uri("https://client.example/cb").start(&mut entropy)?;
/// let stored = started.pending.to_bytes();           // into the user's own session, sealed
/// # let state = started.url.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
/// # let url = format!("https://client.example/cb?code=x&state={state}");
///
/// let pending = PendingAuthorization::from_bytes(&stored)?;
/// let flow = CodeFlow::resume(&client, pending, Callback::from_url(&url), entropy)?;
/// # Ok::<(), grantwire::Error>(())
/// ```
#[doc = ""]
#[doc = include_str!("code.md")]
///
/// Before it there is no machine: a callback that is another's, or that refuses, ends in [`CodeFlow::resume`].
pub struct CodeFlow {
    state: State,
    /// The exchange. What is outstanding is its own.
    flow: TokenFlow,
}

impl CodeFlow {
    /// The moves of this machine.
    pub const TRANSITIONS: &'static [Transition] = Name::TABLE;

    /// Checks the callback and starts to redeem its code.
    ///
    /// # Errors
    ///
    /// [`CallbackError`]: nothing was sent. When the callback is another's,
    /// [`CallbackError::into_pending`] gives the pending value back.
    pub fn resume(
        client: &Client,
        pending: PendingAuthorization,
        callback: Callback,
        entropy: Entropy,
    ) -> Result<Self, CallbackError> {
        let code = pending.code(callback)?;
        Ok(Self::redeem(client.token(AuthorizationCode::new(code)), entropy))
    }

    /// From a token request of the caller's making, with whatever parameters the server wants.
    #[must_use]
    pub const fn redeem(request: TokenRequest, entropy: Entropy) -> Self {
        Self { state: State::Redeeming, flow: TokenFlow::new(request, entropy) }
    }

    /// Binds the tokens to a DPoP key.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.flow = self.flow.dpop(dpop);
        self
    }

    /// How long an answer is waited for: see [`AnswerBy`](super::AnswerBy). Default: half a minute.
    #[must_use]
    pub fn answer_within(mut self, span: Duration) -> Self {
        self.flow = self.flow.answer_within(span);
        self
    }

    /// The name of the state, as in [`CodeFlow::TRANSITIONS`].
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.state.name().name()
    }

    /// The DPoP key and the nonces learned, for the session that follows.
    #[must_use]
    pub fn into_dpop(self) -> Option<Dpop> {
        self.flow.into_dpop()
    }

    /// The request and the entropy, to start again with after a request that was not sent.
    #[must_use]
    pub fn into_parts(self) -> (TokenRequest, Entropy, Option<Dpop>) {
        self.flow.into_parts()
    }

    /// Moves, as the table says.
    fn go(&mut self, event: Event, next: State) {
        debug_assert_eq!(self.state.name().after(event), Some(next.name()), "{event:?}");
        self.state = next;
    }

    /// What the exchange has come to, if it is over.
    fn settle(&mut self) {
        let (State::Redeeming, Some(result)) = (&self.state, self.flow.take_result()) else {
            return;
        };
        match result {
            Ok(tokens) => self.go(Event::Answered, State::Done(Some(tokens))),
            Err(error) => {
                let event = match &error {
                    FlowError::Reply(_) => Event::Refused,
                    FlowError::Transport(_) => Event::Lost,
                    _ => Event::NotBuilt,
                };
                self.go(event, State::Failed(error));
            }
        }
    }
}

impl Machine for CodeFlow {
    type Steps = Plain<TokenResponse>;

    fn poll(&mut self, now: Timestamp) -> Step<Plain<TokenResponse>> {
        loop {
            match &mut self.state {
                State::Done(tokens) => return Step::last(tokens.take()),
                State::Failed(error) => return Step::Done(Err(error.clone())),
                State::Redeeming => match self.flow.poll(now) {
                    // A request that is not built.
                    Step::Done(Err(error)) => self.go(Event::NotBuilt, State::Failed(error)),
                    step => return step,
                },
            }
        }
    }

    fn outstanding(&self) -> Option<Outstanding> {
        self.flow.outstanding()
    }

    fn abandon(&mut self, now: Timestamp) {
        self.flow.abandon(now);
        self.settle();
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        self.flow.handle_reply(now, reply)?;
        self.settle();
        Ok(())
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        self.flow.handle_failure(now, failure)?;
        self.settle();
        Ok(())
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        self.flow.handle_signature(signature)
    }
}

impl fmt::Debug for CodeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeFlow").field("state", &self.state.name()).finish_non_exhaustive()
    }
}
