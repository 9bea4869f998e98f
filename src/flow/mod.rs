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
//!   [`Machine::handle_failure`], [`Machine::handle_signature`], [`Machine::handle_persisted`] and their
//!   sisters, one for each step that is answered;
//! - **[`Machine::poll`]**, by which wishes come out, as a [`Step`].
//!
//! `poll` hands out each request, signing input and snapshot once, by value. While its answer is
//! outstanding, `poll` says [`Step::Outstanding`] and changes nothing, so calling it again is always
//! safe, and [`Machine::outstanding`] says what is waited for; [`Step::Wait`] repeats. An event that does not
//! fit is a [`Misuse`]: the state is unharmed. A failure of the protocol comes out of `poll` as `Done(Err(..))`,
//! and the machine stays there. The value that a machine ends with is handed out once, and not copied
//! ([`FlowError::Over`] after that); a [`Session`] and a [`TokenSource`] never end.
//!
//! When nobody will answer any more, because a task was cancelled or a process gave up, there is
//! [`Machine::abandon`]. It costs nothing that is not on the wire.
//!
//! `now` is an argument. A clock that runs backwards is no error, and a remaining wait never grows
//! beyond its original length. Every wait has a bound: an answer is waited for no longer than [`AnswerBy`] says.
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
//!         Step::Send(request, _duties, _answer_by) => match send(request) {
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

mod answer_by;
mod blocking;
mod boxed;
mod ciba;
mod code;
mod deadlines;
mod device;
mod driver;
mod error;
mod exchange;
mod identity_assertion;
mod machine;
mod persist;
mod polling;
mod session;
mod step;
mod table;
mod token_source;
mod transport_failure;
mod wait;

pub use crate::dpop::Dpop;
pub use answer_by::{AnswerBy, DEFAULT_ANSWER_WITHIN};
pub use blocking::{BlockingDriver, NoBlockingSigner};
pub use boxed::{BoxBlockingDriver, BoxDriver, LocalBoxBlockingDriver, LocalBoxDriver};
pub use ciba::CibaFlow;
pub use code::CodeFlow;
pub use deadlines::Deadlines;
pub use device::DeviceFlow;
pub use driver::{DriveError, Driver, NoSigner};
pub use error::{FlowError, Misuse};
pub use exchange::{ExchangeFlow, ResourceFlow, TokenFlow};
pub use identity_assertion::IdentityAssertionFlow;
pub use machine::{Loaded, Machine, Outstanding, Persisted};
pub use persist::{NoBlockingStore, NoStore, Snapshot, Store, StoredAtOnceBy, StoredBy};
pub use polling::DEFAULT_LIFETIME;
pub use session::{AfterUnknown, Rotation, SecretSnapshot, Session, SessionConfig, SessionStatus};
pub use step::{Plain, Step, Steps, Storing};
pub use table::{Transition, mermaid};
pub use token_source::TokenSource;
pub use transport_failure::TransportFailure;
