//! One request out, one reply in.
//!
//! [`Draft`] is a request with holes where signatures belong. A [`Reply`] is sorted into a document, a
//! [`Refusal`], or something that cannot be used. Which endpoint it was and what a good answer means
//! is decided one floor up.

mod challenge;
pub(crate) mod document;
pub(crate) mod door;
pub(crate) mod draft;
mod exchange;
mod failure;
mod refusal;
mod reply;
mod unusable;

pub use challenge::{Challenge, ChallengeError};
pub use draft::Draft;
pub use exchange::Exchange;
pub use failure::{FailureClass, ReplyError, ReplyErrorKind};
pub use refusal::{ErrorCode, Fault, Refusal};
pub use reply::{RawReply, Reply};
pub use unusable::Unusable;
