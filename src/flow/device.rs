//! [`DeviceFlow`]: asking whether the user has decided ([RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4)).
//!
//! It starts when the device has its code. Asking for that is an exchange of its own
//! ([`Client::device_authorization`]), and showing the user code is the caller's.
//!
#![doc = include_str!("device.md")]

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use super::error::{FlowError, Misuse, TransportFailure};
use super::exchange::TokenFlow;
use super::machine::{Machine, Step};
use super::polling::{Due, Polling};
use super::table::{Transition, transitions};
use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::device::DeviceAuthorization;
use crate::endpoint::token::{TokenRequest, TokenResponse};
use crate::grant::DeviceCode;
use crate::jose::Signature;
use crate::reply::Reply;
use crate::value::{Entropy, Timestamp};

transitions! {
    states { Waiting, Asking, Done, Failed }
    events { IntervalOver, CodeExpired, Pending, NetworkFailed, Approved, Refused, NotBuilt }
    Waiting + IntervalOver => Asking;
    Waiting + CodeExpired => Failed;
    Asking + CodeExpired => Failed;
    Asking + Pending => Waiting;
    Asking + NetworkFailed => Waiting;
    Asking + Approved => Done;
    Asking + Refused => Failed;
    Asking + NotBuilt => Failed;
}

/// Polls the token endpoint until the user has decided or the code has expired.
///
/// Between polls it waits the server's interval, longer after `slow_down`, `Retry-After` or a network
/// failure. It never asks early, and never after the code's end. A refusal ends it, and so does a 403 with
/// any other JSON object that does not say when to come back; a 403 with a page may be a gateway's, and
/// does not.
#[doc = ""]
#[doc = include_str!("device.md")]
pub struct DeviceFlow {
    state: State,
    polling: Polling,
    /// The exchange, which is made again for each poll.
    flow: TokenFlow,
    result: Option<Result<TokenResponse, FlowError>>,
}

impl DeviceFlow {
    /// The moves of this machine.
    pub const TRANSITIONS: &'static [Transition] = State::TABLE;

    /// Polls for this authorization, received at `now`.
    #[must_use]
    pub fn new(
        client: &Client,
        authorization: &DeviceAuthorization,
        now: Timestamp,
        entropy: Entropy,
    ) -> Self {
        let request = client.token(DeviceCode::new(authorization.device_code.clone()));
        let lifetime = authorization.lifetime.known();
        Self::polling(request, authorization.interval, lifetime, now, entropy)
    }

    /// Polls with a request of another kind that is answered in the same way.
    pub(super) fn polling(
        request: TokenRequest,
        interval: Duration,
        lifetime: Option<Duration>,
        now: Timestamp,
        entropy: Entropy,
    ) -> Self {
        Self {
            state: State::Waiting,
            polling: Polling::new(now, interval, lifetime),
            flow: TokenFlow::new(request, entropy),
            result: None,
        }
    }

    /// Asks nothing before it is called, but for once shortly before the end.
    pub(super) fn wait_for_call(&mut self) {
        self.polling.wait_for_call();
    }

    /// The answer is there: ask at once, or as soon as the interval allows.
    pub(super) fn called(&mut self) {
        self.polling.called();
    }

    /// Binds the tokens to a DPoP key.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.flow = self.flow.dpop(dpop);
        self
    }

    /// The DPoP key and the nonces learned, for what follows.
    #[must_use]
    pub fn into_dpop(self) -> Option<Dpop> {
        self.flow.into_dpop()
    }

    /// The name of the state, as in [`DeviceFlow::TRANSITIONS`].
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.state.name()
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

    /// What came of the exchange.
    fn settle(&mut self, now: Timestamp, result: Result<TokenResponse, FlowError>) {
        self.flow.again();
        match result {
            Ok(tokens) => self.end(Event::Approved, Ok(tokens)),
            Err(FlowError::Transport(_)) => {
                self.polling.lost(now);
                self.go(Event::NetworkFailed);
            }
            Err(FlowError::Reply(error)) => {
                if self.polling.refused(now, &error) {
                    self.go(Event::Pending);
                } else {
                    self.end(Event::Refused, Err(FlowError::Reply(error)));
                }
            }
            Err(other) => self.end(Event::NotBuilt, Err(other)),
        }
    }
}

impl Machine for DeviceFlow {
    type Output = TokenResponse;
    type Snapshot = Infallible;

    fn poll(&mut self, now: Timestamp) -> Step<Result<TokenResponse, FlowError>> {
        // At most one turn ends an exchange and the next one waits, so this stops by itself.
        loop {
            match self.state {
                State::Done | State::Failed => {
                    let result = self.result.clone();
                    return Step::Done(result.unwrap_or(Err(FlowError::Expired)));
                }
                State::Waiting => match self.polling.due(now) {
                    Due::At(moment) => return Step::Wait(moment),
                    Due::Never => self.end(Event::CodeExpired, Err(FlowError::Expired)),
                    Due::Now => {
                        self.polling.asked();
                        self.go(Event::IntervalOver);
                    }
                },
                State::Asking => {
                    // A signature may have taken its time: look at the end once more before sending.
                    let expired = self.polling.due(now) == Due::Never;
                    if expired && !self.flow.is_outstanding() {
                        // What was asked for on the way here is no longer wanted.
                        self.flow.again();
                        self.end(Event::CodeExpired, Err(FlowError::Expired));
                        continue;
                    }
                    match self.flow.poll(now) {
                        Step::Done(result) => self.settle(now, result),
                        other => return other,
                    }
                }
            }
        }
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        self.flow.handle_reply(now, reply)?;
        self.settle_if_done(now);
        Ok(())
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        self.flow.handle_failure(now, failure)?;
        self.settle_if_done(now);
        Ok(())
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        self.flow.handle_signature(signature)
    }
}

impl DeviceFlow {
    /// The interval counts from the answer, not from the next call of `poll`.
    fn settle_if_done(&mut self, now: Timestamp) {
        if let Some(result) = self.flow.take_result() {
            self.settle(now, result);
        }
    }
}

impl fmt::Debug for DeviceFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceFlow").field("state", &self.state).finish_non_exhaustive()
    }
}
