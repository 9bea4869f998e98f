//! [`ExchangeFlow`]: one exchange, with its signatures and its nonce. The machine inside all others.
//!
#![doc = include_str!("exchange.md")]

use crate::dpop::Dpop;
use crate::endpoint::Exchange;
use crate::reply::{ErrorCode, Refusal, Reply, ReplyError};
use crate::request::{BuildError, Draft};
use crate::value::{CredentialUse, Entropy, Timestamp};
use std::time::Duration;
use std::{fmt, mem};

use super::answer_by::{AnswerBy, DEFAULT_ANSWER_WITHIN};
use super::error::{FlowError, Misuse};
use super::machine::{Machine, Outstanding};
use super::step::{Plain, Step};
use super::table::{Transition, transitions};
use super::transport_failure::TransportFailure;
use crate::endpoint::resource::ResourceRequest;
use crate::endpoint::token::TokenRequest;
use crate::jose::Signature;

transitions! {
    states Name { Ready, Drafted, Sent, Done, Failed }
    events {
        Built, NotBuilt, NotSigned, Sent, Answered, NonceAsked, ChallengeAsked, Refused, Lost, Abandoned,
    }
    Ready + Built => Drafted;
    Ready + NotBuilt => Failed;
    Drafted + Sent if "no signature is missing" => Sent;
    Drafted + NotSigned => Failed;
    Drafted + Abandoned => Ready;
    Sent + NonceAsked if "for the first time" => Ready;
    Sent + ChallengeAsked if "for the first time" => Ready;
    Sent + Answered => Done;
    Sent + Refused => Failed;
    Sent + Lost => Failed;
    Sent + Abandoned if "it can be presented again" => Ready;
}

/// Where an exchange stands.
#[allow(clippy::large_enum_variant)] // moved a few times in a whole exchange, and a box would cost more
enum State<T> {
    Ready,
    /// Built; what it still wants signed is in it.
    Drafted(Draft),
    Sent,
    /// With what came of it, until that is handed out.
    Done(Option<T>),
    Failed(FlowError),
}

impl<T> State<T> {
    const fn name(&self) -> Name {
        match self {
            Self::Ready => Name::Ready,
            Self::Drafted(_) => Name::Drafted,
            Self::Sent => Name::Sent,
            Self::Done(_) => Name::Done,
            Self::Failed(_) => Name::Failed,
        }
    }
}

/// One exchange with any endpoint, driven to its end.
#[doc = ""]
#[doc = include_str!("exchange.md")]
pub struct ExchangeFlow<E: Exchange> {
    exchange: E,
    entropy: Entropy,
    dpop: Option<Dpop>,
    answer_within: Duration,
    state: State<E::Output>,
    outstanding: Option<Outstanding>,
    nonce_retried: bool,
    challenge_retried: bool,
}

/// One exchange with the token endpoint.
pub type TokenFlow = ExchangeFlow<TokenRequest>;

/// One request to a resource. Every answer but a nonce challenge is a value, a 401 too:
/// [`resource::check`](crate::endpoint::resource::check) says what it means for the token.
pub type ResourceFlow = ExchangeFlow<ResourceRequest>;

impl<E: Exchange> ExchangeFlow<E> {
    /// The moves of this machine.
    pub const TRANSITIONS: &'static [Transition] = Name::TABLE;

    /// Drives this exchange.
    #[must_use]
    pub const fn new(exchange: E, entropy: Entropy) -> Self {
        Self {
            exchange,
            entropy,
            dpop: None,
            answer_within: DEFAULT_ANSWER_WITHIN,
            state: State::Ready,
            outstanding: None,
            nonce_retried: false,
            challenge_retried: false,
        }
    }

    /// How long an answer is waited for: see [`AnswerBy`]. Default: half a minute.
    #[must_use]
    pub const fn answer_within(mut self, span: Duration) -> Self {
        self.answer_within = span;
        self
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
        self.state.name().name()
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

    /// The exchange.
    pub(super) const fn exchange(&self) -> &E {
        &self.exchange
    }

    /// Starts over with the same exchange, for a machine that asks again, or after what nobody answers.
    pub(super) fn again(&mut self) {
        self.state = State::Ready;
        self.outstanding = None;
        self.nonce_retried = false;
        self.challenge_retried = false;
    }

    /// The result, if there is one, for a machine around this one.
    pub(super) fn take_result(&mut self) -> Option<Result<E::Output, FlowError>> {
        match &mut self.state {
            State::Done(output) => output.take().map(Ok),
            State::Failed(error) => Some(Err(error.clone())),
            State::Ready | State::Drafted(_) | State::Sent => None,
        }
    }

    /// Moves, as the table says, and gives back what the state before has held.
    fn go(&mut self, event: Event, next: State<E::Output>) -> State<E::Output> {
        debug_assert_eq!(self.state.name().after(event), Some(next.name()), "{event:?}");
        mem::replace(&mut self.state, next)
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
            Ok(draft) if draft.wants_proof() => {
                self.go(Event::NotBuilt, State::Failed(BuildError::NeedsProof.into()));
            }
            Ok(draft) => {
                self.go(Event::Built, State::Drafted(draft));
            }
            Err(error) => {
                self.go(Event::NotBuilt, State::Failed(error.into()));
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
    type Steps = Plain<E::Output>;

    fn poll(&mut self, now: Timestamp) -> Step<Plain<E::Output>> {
        if self.outstanding.is_some() {
            return Step::Outstanding;
        }
        if matches!(self.state, State::Ready) {
            self.prepare(now);
        }
        if let State::Drafted(draft) = &self.state {
            if let Some(unsigned) = draft.unsigned() {
                self.outstanding = Some(Outstanding::Sign);
                return Step::Sign(unsigned.clone());
            }
            if let State::Drafted(draft) = self.go(Event::Sent, State::Sent) {
                let duties = draft.duties();
                match draft.finish() {
                    Ok(request) => {
                        self.outstanding = Some(Outstanding::Send);
                        let answer_by = AnswerBy::new(now, self.answer_within);
                        return Step::Send(request, duties, answer_by);
                    }
                    // Whatever a draft can lack was asked for before.
                    Err(error) => drop(self.go(Event::Lost, State::Failed(error.into()))),
                }
            }
        }
        match &mut self.state {
            State::Done(output) => Step::last(output.take()),
            State::Failed(error) => Step::Done(Err(error.clone())),
            State::Ready | State::Drafted(_) | State::Sent => Step::Outstanding,
        }
    }

    fn outstanding(&self) -> Option<Outstanding> {
        self.outstanding
    }

    fn abandon(&mut self, _: Timestamp) {
        let is_once = self.exchange.credential_use() == CredentialUse::Once;
        match self.outstanding.take() {
            Some(Outstanding::Send) if is_once => {
                let failure = TransportFailure::unknown("nobody waited for the answer any more");
                self.go(Event::Lost, State::Failed(FlowError::Transport(failure)));
            }
            Some(_) => {
                self.go(Event::Abandoned, State::Ready);
                self.again();
            }
            None => {}
        }
    }

    fn handle_reply(&mut self, _: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        if self.outstanding != Some(Outstanding::Send) {
            return Err(Misuse::NotSending);
        }
        self.outstanding = None;
        match self.read(reply) {
            (_, Some(again)) => {
                self.nonce_retried |= again == Event::NonceAsked;
                self.challenge_retried |= again == Event::ChallengeAsked;
                self.go(again, State::Ready);
            }
            (Ok(output), None) => drop(self.go(Event::Answered, State::Done(Some(output)))),
            (Err(error), None) => {
                self.go(Event::Refused, State::Failed(error.into()));
            }
        }
        Ok(())
    }

    fn handle_failure(&mut self, _: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        let event = match self.outstanding {
            Some(Outstanding::Send) => Event::Lost,
            // A signer that fails is a request that was not sent.
            Some(Outstanding::Sign) if failure.is_not_sent() => Event::NotSigned,
            _ => return Err(Misuse::NotSending),
        };
        self.outstanding = None;
        self.go(event, State::Failed(FlowError::Transport(failure)));
        Ok(())
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        match (&mut self.state, self.outstanding) {
            (State::Drafted(draft), Some(Outstanding::Sign)) => {
                draft.sign(signature).map_err(Misuse::Signature)?;
                self.outstanding = None;
                Ok(())
            }
            _ => Err(Misuse::NotSigning),
        }
    }
}

impl<E: Exchange> fmt::Debug for ExchangeFlow<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeFlow").field("state", &self.state.name()).finish_non_exhaustive()
    }
}
