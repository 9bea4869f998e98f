//! The contract: [`Step`], [`Machine`] and [`Persisted`].

use std::convert::Infallible;
use std::fmt;

use http::{Request, Response};

use super::error::{FlowError, Misuse, TransportFailure};
use crate::jose::{Signature, Unsigned};
use crate::reply::Reply;
use crate::request::Duties;
use crate::value::Timestamp;

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

/// What a machine wants next. `P` is what it stores; a machine that stores nothing has no such wish,
/// and a `match` on its steps needs no arm for it.
#[allow(clippy::exhaustive_enums)] // a driver must do all of it, so a new wish must break it
#[allow(clippy::large_enum_variant)] // it is moved once for each request, and a box would cost more
pub enum Step<T, P = Infallible> {
    /// Send this request, as its duties say, and call `handle_reply` or `handle_failure`.
    Send(Request<Vec<u8>>, Duties),
    /// Have this signed, and call `handle_signature`.
    Sign(Unsigned),
    /// Nothing to do before this moment; then call `poll` again. Calling earlier does no harm.
    Wait(Timestamp),
    /// Store this, and call `handle_persisted`.
    Persist(P),
    /// An answer is outstanding.
    Outstanding,
    /// It is over, one way or the other.
    Done(T),
}

/// A request is not shown: its own `Debug` prints the body and the URL.
impl<T: fmt::Debug, P: fmt::Debug> fmt::Debug for Step<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(..) => f.write_str("Send(..)"),
            Self::Sign(unsigned) => f.debug_tuple("Sign").field(unsigned).finish(),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
            Self::Persist(snapshot) => f.debug_tuple("Persist").field(snapshot).finish(),
            Self::Outstanding => f.write_str("Outstanding"),
            Self::Done(result) => f.debug_tuple("Done").field(result).finish(),
        }
    }
}

/// A machine, as a driver sees it. Object-safe.
pub trait Machine {
    /// What it is for.
    type Output;
    /// What it stores; [`Infallible`] for nothing.
    type Snapshot;

    /// What to do next.
    fn poll(&mut self, now: Timestamp) -> Step<Result<Self::Output, FlowError>, Self::Snapshot>;

    /// The reply to the request handed out.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when none is outstanding.
    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse>;

    /// There is no reply to the request handed out, or, as [`TransportFailure::NotSent`], no signature
    /// of the input handed out.
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
        outcome: Persisted<Self::Snapshot>,
    ) -> Result<(), Misuse> {
        let _ = (now, outcome);
        Err(Misuse::NotPersisting)
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
