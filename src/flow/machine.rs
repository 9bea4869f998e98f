//! The contract: [`Machine`], and the answers it takes.

use crate::reply::Reply;
use crate::value::Timestamp;
use http::Response;

use super::error::Misuse;
use super::step::{Step, Steps};
use super::transport_failure::TransportFailure;
use crate::jose::Signature;

/// What became of a snapshot that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)] // what a compare-and-swap can say
pub enum Persisted<P> {
    /// It is stored.
    Stored,
    /// It is not, because the store holds this one, which is as new or newer.
    Conflict(P),
    /// Nobody knows, or the store is not to be reached. It will be handed out again.
    Failed,
}

/// What a look into the store has found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)] // it is there, it is not, or nobody knows
pub enum Loaded<P> {
    /// This is stored.
    Found(P),
    /// Nothing is stored.
    Gone,
    /// The store is not to be reached.
    Failed,
}

/// What a machine waits for, once it has handed it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)] // one for each step that is answered
pub enum Outstanding {
    /// A reply, or the lack of one: [`Step::Send`].
    Send,
    /// A signature: [`Step::Sign`].
    Sign,
    /// A verdict: [`Step::Verify`].
    Verify,
    /// What became of a write: [`Step::Persist`].
    Persist,
    /// What a look has found: [`Step::Load`].
    Load,
    /// What a person has answered: [`Step::Ask`].
    Ask,
    /// What the caller has chosen: [`Step::Choose`].
    Choose,
}

/// A machine, as a driver sees it. Object-safe: `&mut dyn Machine<Steps = Plain<TokenResponse>>`.
pub trait Machine {
    /// What its steps hold.
    type Steps: Steps;

    /// What to do next.
    ///
    /// A machine that has ended does nothing any more. The value it has ended with is handed out once and not
    /// copied; polled again, it says [`FlowError::Over`](super::FlowError::Over). An error it has ended with
    /// repeats. A [`Session`](super::Session) and a [`TokenSource`](super::TokenSource) never end: each poll is
    /// asking for the token.
    fn poll(&mut self, now: Timestamp) -> Step<Self::Steps>;

    /// What was handed out and not answered yet, if anything.
    fn outstanding(&self) -> Option<Outstanding>;

    /// Nobody will answer what is outstanding: whoever was to do so has gone away.
    ///
    /// A request that presented a credential that is good once, such as a code or a refresh token, is treated as
    /// one that may have arrived, as [`TransportFailure::UNKNOWN`] is. All else costs nothing: it is handed out
    /// again, made anew, when the machine is polled. An answer that comes after all is a [`Misuse`].
    ///
    /// Changes nothing when nothing is outstanding. Drivers call it when a run is dropped or ends early.
    fn abandon(&mut self, now: Timestamp);

    /// The reply to the request handed out.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when none is outstanding.
    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse>;

    /// There is no reply to the request handed out, or, as one that was
    /// [not sent](TransportFailure::NOT_SENT), no signature of the input handed out.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when none is outstanding.
    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse>;

    /// The signature of the input handed out.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when none is outstanding, or it is not the signature of that input.
    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse>;

    /// What became of the snapshot handed out.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when none is outstanding.
    fn handle_persisted(
        &mut self,
        now: Timestamp,
        outcome: Persisted<<Self::Steps as Steps>::Snapshot>,
    ) -> Result<(), Misuse> {
        let _ = (now, outcome);
        Err(Misuse::NotPersisting)
    }

    /// What a look into the store has found.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when none is outstanding.
    fn handle_loaded(
        &mut self,
        now: Timestamp,
        found: Loaded<<Self::Steps as Steps>::Snapshot>,
    ) -> Result<(), Misuse> {
        let _ = (now, found);
        Err(Misuse::NotLoading)
    }

    /// Whether the signature handed out is good.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when none is outstanding, or it is not the verdict on that signature.
    fn handle_verdict(
        &mut self,
        now: Timestamp,
        verdict: <Self::Steps as Steps>::Verdict,
    ) -> Result<(), Misuse> {
        let _ = (now, verdict);
        Err(Misuse::NotVerifying)
    }

    /// What a person has answered.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when nobody was asked.
    fn handle_answer(
        &mut self,
        now: Timestamp,
        answer: <Self::Steps as Steps>::Answer,
    ) -> Result<(), Misuse> {
        let _ = (now, answer);
        Err(Misuse::NotAsking)
    }

    /// What the caller has chosen.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when there is nothing to choose.
    fn handle_choice(
        &mut self,
        now: Timestamp,
        choice: <Self::Steps as Steps>::Choice,
    ) -> Result<(), Misuse> {
        let _ = (now, choice);
        Err(Misuse::NotChoosing)
    }

    /// As [`Machine::handle_reply`], from a response.
    ///
    /// # Errors
    ///
    /// As [`Machine::handle_reply`].
    fn handle_response<B: AsRef<[u8]>>(
        &mut self,
        now: Timestamp,
        response: &Response<B>,
    ) -> Result<(), Misuse>
    where
        Self: Sized,
    {
        self.handle_reply(now, Reply::from(response))
    }
}
