//! This crate beside its peers and beside a floor, over the same bytes in one run.
//!
//! ```sh
//! benches/peers/run                                          # the table, in Markdown
//! cargo run --release -- --profile 'oauth2: exchange' out    # then callgrind_annotate out
//! ```
//!
//! Allocations are counted in this process, instructions by running it again under callgrind: the rig is
//! the one of `benches/cost`. What a user has in hand beforehand (a client, its endpoints, the text of a
//! code) is in the types of each crate before the counting starts; the request, what was read and the
//! response are dropped within it.

#[path = "../../cost/count.rs"]
mod count;
mod floor;
mod huskarl;
#[path = "../../cost/inputs.rs"]
mod inputs;
mod oauth2;
mod openidconnect;
#[path = "../../cost/operations.rs"]
mod operations;
mod ours;
mod table;

use std::process::ExitCode;

use count::Work;

/// One piece of work by one crate. `exchange` and `exchange 400` are built and read; who only offers these
/// has no `read` and no `read 400`, which are then the difference to `build`.
type Entry = (&'static str, fn() -> Work);

/// Who does what, the floor first.
const CRATES: [(&str, &[Entry]); 5] = [
    ("floor", floor::WORK),
    ("grantwire", ours::WORK),
    ("oauth2", oauth2::WORK),
    ("openidconnect", openidconnect::WORK),
    ("huskarl", huskarl::WORK),
];

/// The work of this name, `crate: work`.
fn prepare(name: &str, _size: usize) -> Option<Work> {
    let (who, what) = name.split_once(": ")?;
    let (_, work) = CRATES.iter().find(|(known, _)| *known == who)?;
    work.iter().find(|(known, _)| *known == what).map(|(_, prepare)| prepare())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--run", ..] => count::run_again(&arguments[1..], prepare).ok_or("no such work".into()),
        ["--profile", name, out] => count::profile(out, name, 0, table::TIMES),
        [] => table::print(),
        _ => Err(String::from("no such argument")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}
