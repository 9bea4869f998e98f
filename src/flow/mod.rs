//! Several messages over time, as machines.
//!
//! A machine holds the protocol's sequence and timing and nothing else: no socket, no clock, no task.
//! It says what it wants next, and is told what came of it.
//!
//! # The contract
//!
//! Each machine has four kinds of method:
//!
//! - **getters**, which change nothing;
//! - **commands**, by which the caller changes its mind;
//! - **`handle_*`**, by which the world's answers go in: [`Machine::handle_reply`],
//!   [`Machine::handle_failure`], [`Machine::handle_signature`], [`Machine::handle_persisted`];
//! - **[`Machine::poll`]**, by which wishes come out, as a [`Step`].
//!
//! `poll` hands out each request, signing input and snapshot once, by value. While its answer is
//! outstanding, `poll` says [`Step::Outstanding`] and changes nothing, so calling it again is always
//! safe; [`Step::Wait`] and [`Step::Done`] repeat. An event that does not fit is a [`Misuse`]: the
//! state is unharmed. A failure of the protocol comes out of `poll` as `Done(Err(..))`, and the machine
//! stays there.
//!
//! `now` is an argument. A clock that runs backwards is no error, and a remaining wait never grows
//! beyond its original length.
//!
//! ```
//! # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, grant::ClientCredentials};
//! # use grantwire::flow::{Machine, Step, TokenFlow, TransportFailure};
//! # fn send(_: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, TransportFailure> {
//! #     Ok(http::Response::new(br#"{"access_token":"a","token_type":"Bearer"}"#.to_vec()))
//! # }
//! # fn now() -> Timestamp { Timestamp::EPOCH }
//! # fn sleep_until(_: Timestamp) {}
//! # let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
//! # let client = Client::new(server, "c");
//! # let entropy = Entropy::new([7; 32]);
//! let mut flow = TokenFlow::new(client.token(ClientCredentials::new()), entropy);
//! let tokens = loop {
//!     match flow.poll(now()) {
//!         Step::Send(request, _duties) => match send(request) {
//!             Ok(response) => flow.handle_response(now(), &response)?,
//!             Err(failure) => flow.handle_failure(now(), failure)?,
//!         },
//!         Step::Sign(_unsigned) => unreachable!("this client has no key elsewhere"),
//!         Step::Wait(until) => sleep_until(until),
//!         Step::Outstanding => unreachable!("one thing at a time"),
//!         Step::Done(result) => break result?,
//!     }
//! };
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Driver`] is that loop, written once, for blocking and async callers.

mod code;
mod deadlines;
mod device;
mod driver;
mod error;
mod exchange;
mod polling;
mod session;
mod table;
mod wait;

use std::convert::Infallible;

use http::{Request, Response};

pub use code::CodeFlow;
pub use deadlines::Deadlines;
pub use device::DeviceFlow;
pub use driver::{BlockingDriver, DriveError, Driver};
pub use error::{FlowError, Misuse, TransportFailure};
pub use exchange::{Dpop, ExchangeFlow, ResourceFlow, TokenFlow};
pub use polling::DEFAULT_LIFETIME;
pub use session::{
    AfterUnknown, Persisted, Rotation, SecretSnapshot, Session, SessionConfig, SessionStatus,
    SnapshotError,
};
pub use table::{Transition, mermaid};

use crate::jose::{Signature, Unsigned};
use crate::message::Reply;
use crate::value::{Duties, Timestamp};

/// What a machine wants next. `P` is what it stores; a machine that stores nothing has no such wish,
/// and a `match` on its steps needs no arm for it.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums)] // a driver must do all of it, so a new wish must break it
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

    /// There is no reply to the request handed out.
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
