//! The public surface of the crate, one line for each thing a caller can name.
//!
//! It is computed from the source, so that it runs on a stable toolchain. Macros are not expanded:
//! what they are called with and what they write is listed instead.

mod header;
pub mod list;
mod render;
mod walk;
