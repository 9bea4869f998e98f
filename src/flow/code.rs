//! [`CodeFlow`]: from a callback to tokens.
//!
//! The authorization code flow has one long pause, in which a web server lets go of everything: what
//! survives it is the [`PendingAuthorization`], plain data. Before the pause there is the request
//! ([`Client::authorization`]); after it, this machine.
//!
#![doc = include_str!("code.md")]

use std::convert::Infallible;
use std::fmt;

use super::error::{FlowError, Misuse, TransportFailure};
use super::exchange::TokenFlow;
use super::machine::{Machine, Step};
use super::table::Transition;
use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::authorization::{Callback, CallbackError, PendingAuthorization};
use crate::endpoint::token::{TokenRequest, TokenResponse};
use crate::grant::AuthorizationCode;
use crate::jose::Signature;
use crate::reply::Reply;
use crate::value::{Entropy, Timestamp};

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
pub struct CodeFlow(TokenFlow);

impl CodeFlow {
    /// The moves of this flow. The first three are made by the browser and by [`CodeFlow::resume`],
    /// the others are [`TokenFlow`]'s.
    pub const TRANSITIONS: &'static [Transition] = &[
        Transition::new("AwaitCallback", "CallbackForAnother", "AwaitCallback"),
        Transition::new("AwaitCallback", "CallbackRefused", "Failed"),
        Transition::new("AwaitCallback", "CallbackChecked", "Redeeming"),
        Transition::new("Redeeming", "Answered", "Done"),
        Transition::new("Redeeming", "Refused", "Failed"),
        Transition::new("Redeeming", "Lost", "Failed"),
    ];

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
        Ok(Self(TokenFlow::new(client.token(AuthorizationCode::new(code)), entropy)))
    }

    /// From a token request of the caller's making, with whatever parameters the server wants.
    #[must_use]
    pub const fn redeem(request: TokenRequest, entropy: Entropy) -> Self {
        Self(TokenFlow::new(request, entropy))
    }

    /// Binds the tokens to a DPoP key.
    #[must_use]
    pub fn dpop(self, dpop: Dpop) -> Self {
        Self(self.0.dpop(dpop))
    }

    /// The name of the state, as in [`CodeFlow::TRANSITIONS`].
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.0.state() {
            "Done" => "Done",
            "Failed" => "Failed",
            _ => "Redeeming",
        }
    }

    /// The DPoP key and the nonces learned, for the session that follows.
    #[must_use]
    pub fn into_dpop(self) -> Option<Dpop> {
        self.0.into_dpop()
    }

    /// The request and the entropy, to start again with after a request that was not sent.
    #[must_use]
    pub fn into_parts(self) -> (TokenRequest, Entropy, Option<Dpop>) {
        self.0.into_parts()
    }
}

impl Machine for CodeFlow {
    type Output = TokenResponse;
    type Snapshot = Infallible;

    fn poll(&mut self, now: Timestamp) -> Step<Result<TokenResponse, FlowError>> {
        self.0.poll(now)
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        self.0.handle_reply(now, reply)
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        self.0.handle_failure(now, failure)
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        self.0.handle_signature(signature)
    }
}

impl fmt::Debug for CodeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeFlow").field("state", &self.state()).finish_non_exhaustive()
    }
}
