//! One request out, one reply in.
//!
//! [`Draft`] is a request with holes where signatures belong. A [`Reply`] is sorted into a document, a
//! [`Refusal`], or something that cannot be used. Which endpoint it was and what a good answer means
//! is decided one floor up.

mod challenge;
pub(crate) mod class;
pub(crate) mod document;
pub(crate) mod door;
pub(crate) mod draft;
mod evidence;
mod exchange;
mod failure;
mod phrase;
mod refusal;
mod reply;
pub(crate) mod rule;
mod unusable;

pub use challenge::{Challenge, ChallengeError};
pub use class::FailureClass;
pub use draft::Draft;
pub use exchange::Exchange;
pub use failure::{ReplyError, ReplyErrorKind};
pub use refusal::{ErrorCode, Fault, Refusal, UntrustedText};
pub use reply::{RawReply, Reply};
pub use rule::FailureRule;
pub use unusable::Unusable;
