//! [`BlockingDriver`]: the driver for closures that answer at once.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};

use super::answer_by::AnswerBy;
use super::driver::{DriveError, Driver, drive};
use super::machine::{Machine, Persisted};
use super::persist::{NoBlockingStore, Snapshot, Store, StoredAtOnceBy};
use super::step::Steps;
use super::transport_failure::TransportFailure;
use crate::jose::{Signature, Unsigned};
use crate::request::Duties;
use crate::value::Timestamp;

/// As [`Driver`], for closures that answer at once. Made by [`Driver::blocking`].
///
/// A driver that is kept in a struct has a name as [`BoxBlockingDriver`](super::BoxBlockingDriver), from
/// [`BlockingDriver::boxed`].
pub struct BlockingDriver<Now, Sleep, Send, Sign = NoBlockingSigner, Persist = NoBlockingStore>(
    pub(super) Driver<Now, Sleep, Send, Sign, Persist>,
);

/// No way to sign.
pub type NoBlockingSigner = fn(Unsigned) -> Option<Signature>;

impl Driver<(), (), ()> {
    /// For blocking callers: every closure answers at once.
    ///
    /// `send` times out by the [`AnswerBy`] that it is given, and tells a failure as what it is:
    /// [`TransportFailure::not_sent`] only when connecting failed.
    pub fn blocking<Now, Sleep, Send, B>(
        now: Now,
        sleep: Sleep,
        send: Send,
    ) -> BlockingDriver<Now, Sleep, Send>
    where
        Now: FnMut() -> Timestamp,
        Sleep: FnMut(Timestamp),
        Send: FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Result<Response<B>, TransportFailure>,
        B: AsRef<[u8]>,
    {
        BlockingDriver(Driver::of(now, sleep, send, |_| None, Store::none()))
    }
}

impl<Now, Sleep, Send, Sign, Storing> BlockingDriver<Now, Sleep, Send, Sign, Storing> {
    /// As [`Driver::sign`].
    pub fn sign<S>(self, sign: S) -> BlockingDriver<Now, Sleep, Send, S, Storing>
    where
        S: FnMut(Unsigned) -> Option<Signature>,
    {
        let (now, sleep, send, _, persist) = self.0.into_parts();
        BlockingDriver(Driver::of(now, sleep, send, sign, persist))
    }

    /// As [`Driver::persist`].
    pub fn persist<F, P>(self, persist: F) -> BlockingDriver<Now, Sleep, Send, Sign, Store<F, P>>
    where
        F: FnMut(P) -> Persisted<P>,
        P: Snapshot,
    {
        let (now, sleep, send, sign, _) = self.0.into_parts();
        BlockingDriver(Driver::of(now, sleep, send, sign, Store::new(persist)))
    }

    /// Drives a machine to its end. As [`Driver::run`].
    ///
    /// # Errors
    ///
    /// [`DriveError`].
    pub fn run<M, S, B>(&mut self, machine: &mut M) -> Result<S::Output, DriveError>
    where
        M: Machine<Steps = S> + ?Sized,
        S: Steps<
                Look = Infallible,
                Unverified = Infallible,
                Question = Infallible,
                Options = Infallible,
            >,
        Now: FnMut() -> Timestamp,
        Sleep: FnMut(Timestamp),
        Send: FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Result<Response<B>, TransportFailure>,
        Sign: FnMut(Unsigned) -> Option<Signature>,
        S::Snapshot: StoredAtOnceBy<Storing>,
        B: AsRef<[u8]>,
    {
        let (now, sleep, send, sign, persist) = self.0.parts();
        let run = drive(
            machine,
            now,
            |until| {
                sleep(until);
                ready(())
            },
            |request, duties, answer_by| ready(send(request, duties, answer_by)),
            |unsigned| ready(sign(unsigned)),
            |snapshot| ready(snapshot.stored_at_once_by(persist)),
        );
        // Every future in it is ready at once, so one poll goes to the end.
        match pin!(run).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(DriveError::Outstanding),
        }
    }
}

impl<A, B, C, D, E> fmt::Debug for BlockingDriver<A, B, C, D, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlockingDriver")
    }
}
