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

mod ciba;
mod code;
mod deadlines;
mod device;
mod driver;
mod error;
mod exchange;
mod identity_assertion;
mod machine;
mod polling;
mod session;
mod table;
mod wait;

pub use crate::dpop::Dpop;
pub use ciba::CibaFlow;
pub use code::CodeFlow;
pub use deadlines::Deadlines;
pub use device::DeviceFlow;
pub use driver::{BlockingDriver, DriveError, Driver};
pub use error::{FlowError, Misuse, TransportFailure};
pub use exchange::{ExchangeFlow, ResourceFlow, TokenFlow};
pub use identity_assertion::IdentityAssertionFlow;
pub use machine::{Machine, Persisted, Step};
pub use polling::DEFAULT_LIFETIME;
pub use session::{
    AfterUnknown, Rotation, SecretSnapshot, Session, SessionConfig, SessionStatus, SnapshotError,
};
pub use table::{Transition, mermaid};
