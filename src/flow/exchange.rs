//! [`ExchangeFlow`]: one exchange, with its signatures and its nonce. The machine inside all others.
//!
#![doc = include_str!("exchange.md")]

use crate::dpop::Dpop;
use std::convert::Infallible;
use std::fmt;

use super::error::{FlowError, Misuse, TransportFailure};
use super::machine::{Machine, Step};
use super::table::{Transition, transitions};
use crate::endpoint::Exchange;
use crate::endpoint::resource::ResourceRequest;
use crate::endpoint::token::TokenRequest;
use crate::jose::Signature;
use crate::reply::{ErrorCode, Refusal, Reply, ReplyError};
use crate::request::Draft;
use crate::value::{Entropy, Timestamp};

transitions! {
    states { Ready, ToSign, AwaitSignature, ToSend, AwaitReply, Done, Failed }
    events {
        Complete, NeedsSignature, NotBuilt, SignatureAsked, Signed, SignedMoreToSign, Sent, Answered,
        NonceAsked, ChallengeAsked, Refused, Lost,
    }
    Ready + Complete => ToSend;
    Ready + NeedsSignature => ToSign;
    Ready + NotBuilt => Failed;
    ToSign + SignatureAsked => AwaitSignature;
    AwaitSignature + SignedMoreToSign => ToSign;
    AwaitSignature + Signed => ToSend;
    AwaitSignature + Lost => Failed;
    ToSend + Sent => AwaitReply;
    AwaitReply + NonceAsked => Ready;
    AwaitReply + ChallengeAsked => Ready;
    AwaitReply + Answered => Done;
    AwaitReply + Refused => Failed;
    AwaitReply + Lost => Failed;
}

/// One exchange with any endpoint, driven to its end.
#[doc = ""]
#[doc = include_str!("exchange.md")]
pub struct ExchangeFlow<E: Exchange> {
    exchange: E,
    entropy: Entropy,
    dpop: Option<Dpop>,
    state: State,
    draft: Option<Draft>,
    nonce_retried: bool,
    challenge_retried: bool,
    result: Option<Result<E::Output, FlowError>>,
}

/// One exchange with the token endpoint.
pub type TokenFlow = ExchangeFlow<TokenRequest>;

/// One request to a resource. Every answer but a nonce challenge is a value, a 401 too:
/// [`resource::check`](crate::endpoint::resource::check) says what it means for the token.
pub type ResourceFlow = ExchangeFlow<ResourceRequest>;

impl<E: Exchange> ExchangeFlow<E> {
    /// The moves of this machine.
    pub const TRANSITIONS: &'static [Transition] = State::TABLE;

    /// Drives this exchange.
    #[must_use]
    pub const fn new(exchange: E, entropy: Entropy) -> Self {
        Self {
            exchange,
            entropy,
            dpop: None,
            state: State::Ready,
            draft: None,
            nonce_retried: false,
            challenge_retried: false,
            result: None,
        }
    }

    /// Binds the request to a DPoP key.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.dpop = Some(dpop);
        self
    }

    /// The name of the state, as in [`ExchangeFlow::TRANSITIONS`].
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.state.name()
    }

    /// The DPoP key and the nonces learned, for the next flow.
    #[must_use]
    pub fn into_dpop(self) -> Option<Dpop> {
        self.dpop
    }

    /// The exchange and the entropy, to start again with: after a request that was not sent, a
    /// single-use code is still good.
    #[must_use]
    pub fn into_parts(self) -> (E, Entropy, Option<Dpop>) {
        (self.exchange, self.entropy, self.dpop)
    }

    /// Starts over with the same exchange, for a machine that asks again.
    pub(super) fn again(&mut self) {
        self.state = State::Ready;
        self.draft = None;
        self.nonce_retried = false;
        self.challenge_retried = false;
        self.result = None;
    }

    /// The result, if there is one, for a machine around this one.
    pub(super) fn take_result(&mut self) -> Option<Result<E::Output, FlowError>> {
        self.result.take()
    }

    /// Whether the request has left and nothing is known of it yet.
    pub(super) fn is_outstanding(&self) -> bool {
        self.state == State::AwaitReply
    }

    /// Moves by the table. Events are only raised in states that take them, so one that does not fit
    /// changes nothing.
    fn go(&mut self, event: Event) -> bool {
        let next = self.state.after(event);
        if let Some(next) = next {
            self.state = next;
        }
        next.is_some()
    }

    fn end(&mut self, event: Event, result: Result<E::Output, FlowError>) {
        if self.go(event) {
            self.draft = None;
            self.result = Some(result);
        }
    }

    fn prepare(&mut self, now: Timestamp) {
        let drafted = match &self.dpop {
            None => self.exchange.draft(now, &mut self.entropy),
            Some(Dpop { key, nonces }) => self.exchange.target().and_then(|target| {
                let nonce = nonces.get(target, key);
                self.exchange.draft_bound(key, nonce, now, &mut self.entropy)
            }),
        };
        match drafted {
            Err(error) => self.end(Event::NotBuilt, Err(error.into())),
            Ok(draft) => {
                let needs = draft.unsigned().is_some();
                self.draft = Some(draft);
                self.go(if needs { Event::NeedsSignature } else { Event::Complete });
            }
        }
    }

    /// The challenge that the server has given for an attested client's proof, for the next exchange
    /// ([draft-ietf-oauth-attestation-based-client-auth §7.4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-7.4)).
    #[must_use]
    pub fn learned_challenge(&self) -> Option<&str> {
        self.exchange.learned_challenge()
    }

    /// Reads the reply and learns its nonce and its challenge. Says whether the server asks for what it
    /// has just given, for the first time.
    fn read(&mut self, reply: Reply<'_>) -> (Result<E::Output, ReplyError>, Option<Event>) {
        let challenged = self.exchange.learn(reply.headers) && !self.challenge_retried;
        let (read, given) = match &mut self.dpop {
            None => (self.exchange.read(reply), false),
            Some(Dpop { key, nonces }) => {
                let target = self.exchange.target();
                let learned = target.is_ok_and(|target| nonces.learn(target, key, reply.headers));
                (self.exchange.read_bound(reply), learned && !self.nonce_retried)
            }
        };
        // With any other status something else is the matter, and the status says what.
        let status = matches!(reply.status.as_u16(), 400 | 401);
        let refusal = read.as_ref().err().and_then(ReplyError::refusal).filter(|_| status);
        let again = match refusal.map(Refusal::code) {
            Some(ErrorCode::UseDpopNonce) if given => Some(Event::NonceAsked),
            Some(ErrorCode::UseAttestationChallenge) if challenged => Some(Event::ChallengeAsked),
            _ => None,
        };
        (read, again)
    }
}

impl<E: Exchange> Machine for ExchangeFlow<E> {
    type Output = E::Output;
    type Snapshot = Infallible;

    fn poll(&mut self, now: Timestamp) -> Step<Result<E::Output, FlowError>> {
        if self.state == State::Ready {
            self.prepare(now);
        }
        if self.state == State::ToSign
            && let Some(unsigned) = self.draft.as_ref().and_then(Draft::unsigned).cloned()
        {
            self.go(Event::SignatureAsked);
            return Step::Sign(unsigned);
        }
        if self.state == State::ToSend
            && let Some(draft) = self.draft.take()
        {
            let duties = draft.duties();
            match draft.finish() {
                Ok(request) => {
                    self.go(Event::Sent);
                    return Step::Send(request, duties);
                }
                // Only a complete draft comes this far, so no row of the table is for this.
                Err(error) => self.result = Some(Err(error.into())),
            }
        }
        match &self.result {
            Some(result) => Step::Done(result.clone()),
            None => Step::Outstanding,
        }
    }

    fn handle_reply(&mut self, _: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        if self.state != State::AwaitReply {
            return Err(Misuse::NotSending);
        }
        match self.read(reply) {
            (_, Some(again)) => {
                self.nonce_retried |= again == Event::NonceAsked;
                self.challenge_retried |= again == Event::ChallengeAsked;
                self.go(again);
            }
            (Ok(output), None) => self.end(Event::Answered, Ok(output)),
            (Err(error), None) => self.end(Event::Refused, Err(error.into())),
        }
        Ok(())
    }

    fn handle_failure(&mut self, _: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        // A signer that fails is a request that was not sent.
        let unsigned = self.state == State::AwaitSignature && failure == TransportFailure::NotSent;
        if self.state != State::AwaitReply && !unsigned {
            return Err(Misuse::NotSending);
        }
        self.end(Event::Lost, Err(FlowError::Transport(failure)));
        Ok(())
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        let draft = match (&mut self.draft, self.state) {
            (Some(draft), State::AwaitSignature) => draft,
            _ => return Err(Misuse::NotSigning),
        };
        draft.sign(signature).map_err(Misuse::Signature)?;
        let more = draft.unsigned().is_some();
        self.go(if more { Event::SignedMoreToSign } else { Event::Signed });
        Ok(())
    }
}

impl<E: Exchange> fmt::Debug for ExchangeFlow<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeFlow").field("state", &self.state).finish_non_exhaustive()
    }
}
