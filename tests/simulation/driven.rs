//! [`Driven`]: whatever a process drives, a session or the client's own tokens, behind one face.

use grantwire::AccessToken;
use grantwire::Timestamp;
use grantwire::flow::{
    Machine, Misuse, Outstanding, Persisted, SecretSnapshot, Session, Step, Storing, TokenSource,
    TransportFailure,
};
use grantwire::jose::Signature;
use grantwire::reply::Reply;

#[allow(clippy::large_enum_variant)] // few of them, and moved rarely
pub enum Driven {
    Session(Session),
    Source(TokenSource),
}

macro_rules! either {
    ($self:expr, $it:ident => $do:expr) => {
        match $self {
            Driven::Session($it) => $do,
            Driven::Source($it) => $do,
        }
    };
}

impl Driven {
    pub const fn state(&self) -> &'static str {
        either!(self, it => it.state())
    }

    pub fn next_deadline(&self) -> Option<Timestamp> {
        either!(self, it => it.next_deadline())
    }

    pub fn access_token(&self, now: Timestamp) -> Option<&AccessToken> {
        either!(self, it => it.access_token(now))
    }

    /// What a session knows of the store.
    pub const fn snapshot(&self) -> Option<&SecretSnapshot> {
        match self {
            Self::Session(session) => Some(session.snapshot()),
            Self::Source(_) => None,
        }
    }

    pub fn refuse_access_token(&mut self) {
        either!(self, it => it.refuse_access_token());
    }

    pub fn resend(&mut self) -> Result<(), Misuse> {
        match self {
            Self::Session(session) => session.resend(),
            Self::Source(_) => Err(Misuse::NotNow),
        }
    }
}

impl Machine for Driven {
    type Steps = Storing<AccessToken, SecretSnapshot>;

    fn poll(&mut self, now: Timestamp) -> Step<Self::Steps> {
        match self {
            Self::Session(session) => session.poll(now),
            Self::Source(source) => match source.poll(now) {
                Step::Send(request, duties, answer_by) => Step::Send(request, duties, answer_by),
                Step::Sign(unsigned) => Step::Sign(unsigned),
                Step::Wait(until) => Step::Wait(until),
                Step::Outstanding => Step::Outstanding,
                Step::Done(result) => Step::Done(result),
            },
        }
    }

    fn outstanding(&self) -> Option<Outstanding> {
        either!(self, it => it.outstanding())
    }

    fn abandon(&mut self, now: Timestamp) {
        either!(self, it => it.abandon(now));
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        either!(self, it => it.handle_reply(now, reply))
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        either!(self, it => it.handle_failure(now, failure))
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        either!(self, it => it.handle_signature(signature))
    }

    fn handle_persisted(
        &mut self,
        now: Timestamp,
        outcome: Persisted<SecretSnapshot>,
    ) -> Result<(), Misuse> {
        match self {
            Self::Session(session) => session.handle_persisted(now, outcome),
            Self::Source(_) => Err(Misuse::NotPersisting),
        }
    }
}
