//! How a reply is read.
//!
//! Status, headers and body on one side, what one endpoint expects on the other. Nothing here has seen a
//! request, and nothing here knows a client, a grant or a key.

mod deviation;
pub(crate) mod freshness;
pub(crate) mod members;
mod retry_after;

pub use deviation::Deviation;
pub use members::{GrantedScope, Lifetime, Malformed};
pub use retry_after::RetryAfter;
