//! [`DeviceFlow`]: asking whether the user has decided ([RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4)).
//!
//! It starts when the device has its code. Asking for that is an exchange of its own
//! ([`Client::device_authorization`]), and showing the user code is the caller's.
//!
#![doc = include_str!("device.md")]

use std::convert::Infallible;
use std::fmt;

use super::error::{FlowError, Misuse, TransportFailure};
use super::exchange::{Dpop, TokenFlow};
use super::machine::{Machine, Step};
use super::polling::{Due, Polling};
use super::table::{Transition, transitions};
use crate::client::Client;
use crate::endpoint::device::DeviceAuthorization;
use crate::endpoint::token::{TokenRequest, TokenResponse};
use crate::grant::DeviceCode;
use crate::jose::Signature;
use crate::message::Reply;
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
/// failure. It never asks early, and never after the code's end.
#[doc = ""]
#[doc = include_str!("device.md")]
pub struct DeviceFlow {
    state: State,
    polling: Polling,
    /// The exchange under way, and what to make the next one from.
    call: Call,
    result: Option<Result<TokenResponse, FlowError>>,
}

enum Call {
    Resting {
        request: TokenRequest,
        entropy: Entropy,
        dpop: Option<Dpop>,
    },
    UnderWay(Box<TokenFlow>),
    /// Only while one becomes the other.
    Moving,
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
        Self {
            state: State::Waiting,
            polling: Polling::new(now, authorization.interval, lifetime),
            call: Call::Resting { request, entropy, dpop: None },
            result: None,
        }
    }

    /// Binds the tokens to a DPoP key.
    #[must_use]
    pub fn dpop(mut self, with: Dpop) -> Self {
        if let Call::Resting { dpop, .. } = &mut self.call {
            *dpop = Some(with);
        }
        self
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

    /// Takes the exchange apart when it is over, or puts one together.
    fn exchange(&mut self, under_way: bool) -> Option<&mut TokenFlow> {
        self.call = match (std::mem::replace(&mut self.call, Call::Moving), under_way) {
            (Call::Resting { request, entropy, dpop }, true) => {
                let flow = TokenFlow::new(request, entropy);
                Call::UnderWay(Box::new(match dpop {
                    Some(dpop) => flow.dpop(dpop),
                    None => flow,
                }))
            }
            (Call::UnderWay(flow), false) => {
                let (request, entropy, dpop) = flow.into_parts();
                Call::Resting { request, entropy, dpop }
            }
            (as_it_is, _) => as_it_is,
        };
        match &mut self.call {
            Call::UnderWay(flow) => Some(flow),
            Call::Resting { .. } | Call::Moving => None,
        }
    }

    /// What came of the exchange.
    fn settle(&mut self, now: Timestamp, result: Result<TokenResponse, FlowError>) {
        self.exchange(false);
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
                    Due::Now => self.go(Event::IntervalOver),
                },
                State::Asking => {
                    // A signature may have taken its time: look at the end once more before sending.
                    let expired = self.polling.due(now) == Due::Never;
                    let Some(flow) = self.exchange(true) else { return Step::Outstanding };
                    if expired && !flow.is_outstanding() {
                        self.exchange(false);
                        self.end(Event::CodeExpired, Err(FlowError::Expired));
                        continue;
                    }
                    match flow.poll(now) {
                        Step::Done(result) => self.settle(now, result),
                        other => return other,
                    }
                }
            }
        }
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        match &mut self.call {
            Call::UnderWay(flow) => flow.handle_reply(now, reply)?,
            _ => return Err(Misuse::NotSending),
        }
        self.settle_if_done(now);
        Ok(())
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        match &mut self.call {
            Call::UnderWay(flow) => flow.handle_failure(now, failure)?,
            _ => return Err(Misuse::NotSending),
        }
        self.settle_if_done(now);
        Ok(())
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        match &mut self.call {
            Call::UnderWay(flow) => flow.handle_signature(signature),
            _ => Err(Misuse::NotSigning),
        }
    }
}

impl DeviceFlow {
    /// The interval counts from the answer, not from the next call of `poll`.
    fn settle_if_done(&mut self, now: Timestamp) {
        let Call::UnderWay(flow) = &mut self.call else { return };
        if let Some(result) = flow.take_result() {
            self.settle(now, result);
        }
    }
}

impl fmt::Debug for DeviceFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceFlow").field("state", &self.state).finish_non_exhaustive()
    }
}
