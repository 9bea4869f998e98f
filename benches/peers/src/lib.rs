//! This crate beside its peers and beside a floor, over the same bytes in one run.
//!
//! The work and the rig are those of `benches/cost`. What a user has in hand beforehand (a client, its
//! endpoints, the text of a code) is in the types of each crate before the counting starts; the request, what
//! was read and the response are dropped within it.
//!
//! Two programs count: `peers` the instructions, and `allocations` what its name says, apart because an
//! allocator that counts takes instructions too, and most from those that allocate most.

#[path = "../../cost/callgrind.rs"]
pub mod callgrind;
mod floor;
mod huskarl;
#[path = "../../cost/inputs.rs"]
mod inputs;
mod oauth2;
mod openidconnect;
#[path = "../../cost/operations.rs"]
mod operations;
mod ours;
#[path = "../../cost/work.rs"]
pub mod work;

use work::Work;

/// One piece of work by one crate.
pub type Entry = (&'static str, fn() -> Work);

/// Who does what, the floor first.
pub const CRATES: [(&str, &[Entry]); 5] = [
    ("floor", floor::WORK),
    ("grantwire", ours::WORK),
    ("oauth2", oauth2::WORK),
    ("openidconnect", openidconnect::WORK),
    ("huskarl", huskarl::WORK),
];

/// The work of this name, `crate: work`.
pub fn prepare(name: &str) -> Option<Work> {
    let (who, what) = name.split_once(": ")?;
    let (_, work) = CRATES.iter().find(|(known, _)| *known == who)?;
    work.iter().find(|(known, _)| *known == what).map(|(_, prepare)| prepare())
}
