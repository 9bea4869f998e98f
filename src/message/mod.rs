//! One request out, one reply in.

pub(crate) mod door;
pub(crate) mod draft;
mod exchange;

pub use draft::Draft;
pub use exchange::Exchange;
