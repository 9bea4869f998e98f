//! [`Step`]: what a machine wants next, and [`Steps`]: what the steps of one machine hold.
//!
//! There is one `Step` for all machines. A step that a machine never says holds a value of a type without
//! values, so that a `match` needs no arm for it.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use http::Request;

use super::answer_by::AnswerBy;
use super::error::FlowError;
use crate::jose::Unsigned;
use crate::request::Duties;
use crate::value::Timestamp;

/// What a machine wants next. `S` says what its steps hold: [`Plain`] for a machine that sends, signs and
/// waits, [`Storing`] for one that stores something too.
///
/// Where a step holds [`Infallible`], which has no values, it cannot be said, and its arm may be left out of
/// a `match` by value:
///
/// ```
/// use grantwire::flow::{Plain, Step};
/// use grantwire::TokenResponse;
///
/// fn name(step: Step<Plain<TokenResponse>>) -> &'static str {
///     match step {
///         Step::Send(_request, _duties, _answer_by) => "send this",
///         Step::Sign(_unsigned) => "have this signed",
///         Step::Wait(_until) => "come back then",
///         Step::Outstanding => "an answer is outstanding",
///         Step::Done(_result) => "it is over",
///         // No arm for `Persist`, `Load`, `Verify`, `Ask` and `Choose`: this machine cannot say them.
///     }
/// }
/// # let _ = name;
/// ```
#[allow(clippy::exhaustive_enums)] // a driver must do all of it, so a new wish must break it
#[allow(clippy::large_enum_variant)] // it is moved once for each request, and a box would cost more
pub enum Step<S: Steps> {
    /// Send this request, as its duties say, and call [`handle_reply`](super::Machine::handle_reply) or
    /// [`handle_failure`](super::Machine::handle_failure). An HTTP stack gives up when [`AnswerBy`] is over, and
    /// reports that as a failure; an answer that comes later all the same is still taken.
    Send(Request<Vec<u8>>, Duties, AnswerBy),
    /// Have this signed, and call [`handle_signature`](super::Machine::handle_signature).
    Sign(Unsigned),
    /// Have this signature verified, and call [`handle_verdict`](super::Machine::handle_verdict).
    Verify(S::Unverified),
    /// Nothing to do before this moment; then call `poll` again. Calling earlier does no harm.
    Wait(Timestamp),
    /// Store this, and call [`handle_persisted`](super::Machine::handle_persisted).
    Persist(S::Snapshot),
    /// Look into the store, and call [`handle_loaded`](super::Machine::handle_loaded).
    Load(S::Look),
    /// Ask a person, and call [`handle_answer`](super::Machine::handle_answer).
    Ask(S::Question),
    /// Choose one of these, and call [`handle_choice`](super::Machine::handle_choice).
    Choose(S::Options),
    /// An answer is outstanding: [`outstanding`](super::Machine::outstanding) says of what kind.
    Outstanding,
    /// It is over, one way or the other.
    Done(Result<S::Output, FlowError>),
}

/// What the steps of one machine hold, and what answers them. [`Infallible`] for what it never wants.
///
/// [`Plain`] and [`Storing`] serve most machines; another set is a type without values and one `impl`:
///
/// ```
/// use std::convert::Infallible;
/// use grantwire::TokenResponse;
/// use grantwire::flow::{Machine, Step, Steps};
///
/// /// Of a machine that sends a person to an address, and is told where they came back to.
/// enum Visiting {}
///
/// impl Steps for Visiting {
///     type Output = TokenResponse;
///     type Snapshot = Infallible;
///     type Look = Infallible;
///     type Unverified = Infallible;
///     type Verdict = Infallible;
///     type Question = String;
///     type Answer = String;
///     type Options = Infallible;
///     type Choice = Infallible;
/// }
///
/// fn drive(machine: &mut dyn Machine<Steps = Visiting>, visit: fn(String) -> String) {
///     # let now = grantwire::Timestamp::EPOCH;
///     if let Step::Ask(address) = machine.poll(now) {
///         let _ = machine.handle_answer(now, visit(address));
///     }
/// }
/// # let _ = drive;
/// ```
pub trait Steps {
    /// What the machine is for: [`Step::Done`].
    type Output;
    /// What it stores: [`Step::Persist`]. What a look finds: [`Loaded`](super::Loaded).
    type Snapshot;
    /// What says where to look: [`Step::Load`].
    type Look;
    /// A signature that is to be verified: [`Step::Verify`].
    type Unverified;
    /// What became of [`Steps::Unverified`].
    type Verdict;
    /// What a person is asked, such as the address to go to: [`Step::Ask`].
    type Question;
    /// What came of [`Steps::Question`].
    type Answer;
    /// What there is to choose from: [`Step::Choose`].
    type Options;
    /// What was chosen of [`Steps::Options`].
    type Choice;
}

/// The steps of a machine that sends, signs and waits, and ends with a `T`. It stores nothing, verifies nothing
/// and asks nobody.
pub struct Plain<T>(Infallible, PhantomData<T>);

/// The steps of a machine that stores a `P` beside that, and hands out a `T`.
pub struct Storing<T, P>(Infallible, PhantomData<(T, P)>);

impl<T> Steps for Plain<T> {
    type Output = T;
    type Snapshot = Infallible;
    type Look = Infallible;
    type Unverified = Infallible;
    type Verdict = Infallible;
    type Question = Infallible;
    type Answer = Infallible;
    type Options = Infallible;
    type Choice = Infallible;
}

impl<T, P> Steps for Storing<T, P> {
    type Output = T;
    type Snapshot = P;
    type Look = Infallible;
    type Unverified = Infallible;
    type Verdict = Infallible;
    type Question = Infallible;
    type Answer = Infallible;
    type Options = Infallible;
    type Choice = Infallible;
}

impl<S: Steps> Step<S> {
    /// What a machine has ended with, which is handed out once.
    pub(super) fn last(output: Option<S::Output>) -> Self {
        Self::Done(output.ok_or(FlowError::Over))
    }
}

/// What is secret in a step is not shown: neither a request, whose own `Debug` prints the body and the URL, nor
/// what came of it.
impl<S: Steps> fmt::Debug for Step<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(_, duties, by) => f
                .debug_struct("Send")
                .field("duties", duties)
                .field("answer_by", by)
                .finish_non_exhaustive(),
            Self::Sign(unsigned) => f.debug_tuple("Sign").field(unsigned).finish(),
            Self::Verify(_) => f.write_str("Verify(..)"),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
            Self::Persist(_) => f.write_str("Persist(..)"),
            Self::Load(_) => f.write_str("Load(..)"),
            Self::Ask(_) => f.write_str("Ask(..)"),
            Self::Choose(_) => f.write_str("Choose(..)"),
            Self::Outstanding => f.write_str("Outstanding"),
            Self::Done(Ok(_)) => f.write_str("Done(Ok(..))"),
            Self::Done(Err(error)) => write!(f, "Done(Err({error:?}))"),
        }
    }
}
