//! How a request is put together: parameters, headers, assertions, signatures, and the rules for sending it.
//!
//! Nothing here has seen a reply, and nothing here knows a grant or a client authentication method: they
//! write into what is here.

pub(crate) mod assertion;
mod bearer;
mod draft;
mod error;
pub(crate) mod headers;
pub(crate) mod params;
mod send_rules;
pub(crate) mod signature;

pub use assertion::AssertionAudience;
pub(crate) use assertion::{AssertionClaims, claim_setters};
pub use draft::Draft;
pub use error::BuildError;
pub use send_rules::{Duties, Resend};
pub(crate) use signature::{ASSERTION_TYPE, SignatureSlots, Slot};
