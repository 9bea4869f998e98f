//! What must hold of every machine, whatever happens to it, in whatever order.
//!
//! Events are made up and told without asking whether they fit: answers nobody asked for, garbage,
//! signatures of something else, a clock that jumps. Single cases with names are in the other tests of
//! the machines.

#[path = "../given/mod.rs"]
mod given;
#[path = "../machines/mod.rs"]
mod machines;

mod anything;
mod deadlines;
mod events;
mod queue;
mod snapshots;
mod spent;
mod timing;
