//! How a reply is read.
//!
//! Status, headers and body on one side, what one endpoint expects on the other: a [`Reply`] becomes an
//! opened body, an error response, or something that cannot be used. Nothing here has seen a request, and
//! nothing here knows a client, a grant or a key.

pub(crate) mod body;
mod challenge;
pub(crate) mod class;
mod deviation;
mod error;
mod error_code;
mod error_response;
mod evidence;
pub(crate) mod expected;
pub(crate) mod freshness;
pub(crate) mod jwt;
mod media_type;
pub(crate) mod members;
mod phrase;
mod raw;
mod retry_after;
pub(crate) mod rule;
mod unusable;

pub use challenge::{Challenge, ChallengeError};
pub use class::FailureClass;
pub(crate) use class::Pace;
pub use deviation::Deviation;
pub use error::{ReplyError, ReplyErrorKind};
pub use error_code::{ErrorCode, Fault};
pub use error_response::Refusal;
pub(crate) use expected::{Presented, Rules};
pub use members::{GrantedScope, Lifetime, Malformed};
pub use raw::{RawReply, Reply};
pub use retry_after::RetryAfter;
pub use rule::FailureRule;
pub use unusable::Unusable;
