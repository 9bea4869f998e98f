//! [`DeviceFlow`]: asking whether the user has decided ([RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4)).
//!
//! It starts when the device has its code. Asking for that is an exchange of its own
//! ([`Client::device_authorization`]), and showing the user code is the caller's.
//!
#![doc = include_str!("device.md")]

use crate::value::{Entropy, Timestamp};
use std::fmt;
use std::time::Duration;

use super::error::{FlowError, Misuse};
use super::exchange::TokenFlow;
use super::machine::{Machine, Outstanding};
use super::polling::{Due, Polling};
use super::step::{Plain, Step};
use super::table::{Transition, transitions};
use super::transport_failure::TransportFailure;
use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::device::DeviceAuthorization;
use crate::endpoint::token::{TokenRequest, TokenResponse};
use crate::grant::DeviceCode;
use crate::jose::Signature;
use crate::reply::Reply;

transitions! {
    states Name { Waiting, Asking, Done, Failed }
    events { IntervalOver, CodeExpired, Pending, NetworkFailed, Abandoned, Approved, Refused, NotBuilt }
    Waiting + IntervalOver => Asking;
    Waiting + CodeExpired => Failed;
    Asking + CodeExpired if "the request has not left" => Failed;
    Asking + Pending => Waiting;
    Asking + NetworkFailed => Waiting;
    Asking + Abandoned if "the request has left" => Waiting;
    Asking + Approved => Done;
    Asking + Refused => Failed;
    Asking + NotBuilt => Failed;
}

/// Where it stands. The schedule is there while there is something to ask.
#[allow(clippy::large_enum_variant)] // moved a few times in minutes
enum State {
    Waiting(Polling),
    Asking(Polling),
    /// With what came of it, until that is handed out.
    Done(Option<TokenResponse>),
    Failed(FlowError),
}

impl State {
    const fn name(&self) -> Name {
        match self {
            Self::Waiting(_) => Name::Waiting,
            Self::Asking(_) => Name::Asking,
            Self::Done(_) => Name::Done,
            Self::Failed(_) => Name::Failed,
        }
    }

    const fn polling(&mut self) -> Option<&mut Polling> {
        match self {
            Self::Waiting(polling) | Self::Asking(polling) => Some(polling),
            Self::Done(_) | Self::Failed(_) => None,
        }
    }
}

/// Polls the token endpoint until the user has decided or the code has expired.
///
/// Between polls it waits the server's interval, longer after `slow_down`, `Retry-After` or a failure. It never
/// asks early, and never after the code's end.
///
/// An error response ends it, whatever its code, but for `authorization_pending` and `slow_down`. Every other failure
/// may be a gateway's or pass by itself, so polling goes on, slower each time
/// ([`FailureClass`](crate::reply::FailureClass) has the table): to the code's end once the endpoint has said that
/// the code is pending, before that for as many failures as [`DeviceFlow::patience`] says.
#[doc = ""]
#[doc = include_str!("device.md")]
pub struct DeviceFlow {
    state: State,
    /// The exchange, which is made again for each poll. What is outstanding is its own.
    flow: TokenFlow,
    /// The last failure before the one that ended it.
    last_failure: Option<FlowError>,
}

impl DeviceFlow {
    /// The moves of this machine.
    pub const TRANSITIONS: &'static [Transition] = Name::TABLE;

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
            state: State::Waiting(Polling::new(now, interval, lifetime)),
            flow: TokenFlow::new(request, entropy),
            last_failure: None,
        }
    }

    /// Asks nothing before it is called, but for once shortly before the end.
    pub(super) fn wait_for_call(&mut self) {
        if let Some(polling) = self.state.polling() {
            polling.wait_for_call();
        }
    }

    /// The answer is there: ask at once, or as soon as the interval allows.
    pub(super) fn called(&mut self) {
        if let Some(polling) = self.state.polling() {
            polling.called();
        }
    }

    /// How long an answer to one poll is waited for: see [`AnswerBy`](super::AnswerBy). Default: half a
    /// minute, and never beyond the code's end.
    #[must_use]
    pub fn answer_within(mut self, span: Duration) -> Self {
        self.flow = self.flow.answer_within(span);
        self
    }

    /// How many failures in a row end it before the endpoint has said that the code is pending: they may mean a
    /// wrong address. A request that was not sent does not count. Default: 4.
    #[must_use]
    pub const fn patience(mut self, failures: u32) -> Self {
        if let Some(polling) = self.state.polling() {
            polling.set_patience(failures);
        }
        self
    }

    /// The longest pause between two polls: how long a server's `Retry-After` is followed at the most, and how far
    /// pauses after failures grow. The interval is never cut. Default: to the code's end.
    #[must_use]
    pub const fn longest_wait(mut self, longest: Duration) -> Self {
        if let Some(polling) = self.state.polling() {
            polling.set_longest_wait(longest);
        }
        self
    }

    /// The last failure that did not end it. A 2xx that could not be read is kept before all others, since it may
    /// have brought the tokens, which come once.
    #[must_use]
    pub const fn last_failure(&self) -> Option<&FlowError> {
        match &self.state {
            State::Waiting(polling) | State::Asking(polling) => polling.last_failure(),
            State::Done(_) | State::Failed(_) => self.last_failure.as_ref(),
        }
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
        self.state.name().name()
    }

    /// Moves, as the table says.
    fn go(&mut self, event: Event, next: State) {
        debug_assert_eq!(self.state.name().after(event), Some(next.name()), "{event:?}");
        // The schedule knows what went wrong on the way, and goes with the state it belongs to.
        if matches!(next, State::Failed(_)) {
            let last = self.state.polling().and_then(|polling| polling.last_failure().cloned());
            self.last_failure = last;
        }
        self.state = next;
    }

    /// The interval counts from the answer, not from the next call of `poll`.
    fn settle_if_done(&mut self, now: Timestamp) {
        if let Some(result) = self.flow.take_result() {
            self.settle(now, result);
        }
    }

    /// What came of the exchange.
    fn settle(&mut self, now: Timestamp, result: Result<TokenResponse, FlowError>) {
        self.flow.again();
        let State::Asking(polling) = &mut self.state else { return };
        match result {
            Ok(tokens) => self.go(Event::Approved, State::Done(Some(tokens))),
            Err(error @ FlowError::Transport(_)) => {
                let next = polling.lost(now, &error).then(|| polling.clone());
                match next {
                    Some(polling) => self.go(Event::NetworkFailed, State::Waiting(polling)),
                    None => self.go(Event::Refused, State::Failed(error)),
                }
            }
            Err(error @ FlowError::Reply(_)) => {
                let next = polling.refused(now, &error).then(|| polling.clone());
                match next {
                    Some(polling) => self.go(Event::Pending, State::Waiting(polling)),
                    None => self.go(Event::Refused, State::Failed(error)),
                }
            }
            Err(other) => self.go(Event::NotBuilt, State::Failed(other)),
        }
    }

    /// The code's time is over.
    fn expire(&mut self) {
        // What was asked for on the way here is no longer wanted.
        self.flow.again();
        self.go(Event::CodeExpired, State::Failed(FlowError::Expired));
    }
}

impl Machine for DeviceFlow {
    type Steps = Plain<TokenResponse>;

    fn poll(&mut self, now: Timestamp) -> Step<Plain<TokenResponse>> {
        // At most one turn ends an exchange and the next one waits, so this stops by itself.
        loop {
            match &mut self.state {
                State::Done(tokens) => return Step::last(tokens.take()),
                State::Failed(error) => return Step::Done(Err(error.clone())),
                State::Waiting(polling) => match polling.due(now) {
                    Due::At(moment) => return Step::Wait(moment),
                    Due::Never => self.expire(),
                    Due::Now => {
                        polling.asked();
                        let polling = polling.clone();
                        self.go(Event::IntervalOver, State::Asking(polling));
                    }
                },
                State::Asking(polling) => {
                    // A signature may have taken its time: look at the end once more before sending.
                    let expired = polling.due(now) == Due::Never;
                    let left = polling.left(now);
                    if expired && self.flow.outstanding() != Some(Outstanding::Send) {
                        self.expire();
                        continue;
                    }
                    match self.flow.poll(now) {
                        Step::Send(request, duties, answer_by) => {
                            return Step::Send(request, duties, answer_by.at_most(left));
                        }
                        Step::Done(result) => self.settle(now, result),
                        other => return other,
                    }
                }
            }
        }
    }

    fn outstanding(&self) -> Option<Outstanding> {
        self.flow.outstanding()
    }

    /// Asks again: at once when nothing had left, else after the interval.
    fn abandon(&mut self, now: Timestamp) {
        let State::Asking(polling) = &mut self.state else { return };
        if self.flow.outstanding() == Some(Outstanding::Send) {
            polling.abandoned(now);
            let polling = polling.clone();
            self.flow.again();
            self.go(Event::Abandoned, State::Waiting(polling));
        } else {
            self.flow.abandon(now);
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

impl fmt::Debug for DeviceFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceFlow").field("state", &self.state.name()).finish_non_exhaustive()
    }
}
