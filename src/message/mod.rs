//! One request out, one reply in.
//!
//! [`draft`] builds requests, with holes where signatures belong. [`reply`] sorts what comes back into
//! a document, a refusal, or something that cannot be used. Which endpoint it was and what a good
//! answer means is decided one floor up.

pub mod challenge;
pub mod draft;
pub mod refusal;
pub mod reply;
