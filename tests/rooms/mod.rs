//! The rules that a tree of sources must keep. They return what is wrong, as lines to read.

pub mod arrows;
pub mod habits;
