//! How many instructions the crate takes, beside how many it may.
//!
//! ```sh
//! cargo bench --bench cost              # the tables; fails when something is over its budget
//! cargo bench --bench cost -- read      # only what has `read` in its name
//!
//! # Where the instructions of one operation go; line numbers change none of them.
//! export CARGO_PROFILE_BENCH_DEBUG=line-tables-only
//! cargo bench --bench cost -- --profile 'read 200 of 2.2 KB' "$PWD/out"
//! callgrind_annotate out
//! ```
//!
//! It needs valgrind. Allocations and bytes are counted by the test of the same name.

mod budgets;
mod callgrind;
mod hostile;
mod inputs;
mod linear;
mod operations;
mod table;
mod work;

use std::process::ExitCode;

use budgets::{HOSTILE, LINEAR, OPERATIONS};
use table::{Figure, Table};
use work::Work;

/// How often an operation is done: enough to drown what differs from one to the next.
const TIMES: usize = 64;
/// The same where one piece of work drowns that by itself.
const TIMES_SIZED: usize = 1;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo's own, which means nothing here.
    arguments.retain(|argument| argument != "--bench");
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--run", ..] => {
            callgrind::run_again(&arguments[1..], prepare).ok_or("no such work".into())
        }
        ["--profile", name, out] => callgrind::profile(out, name, 0, TIMES),
        [] => tables(""),
        [wanted] => tables(wanted),
        _ => Err(String::from("no such argument")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nFAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The work of this name. An operation has no size.
fn prepare(name: &str, size: usize) -> Option<Work> {
    let operation = OPERATIONS.iter().find(|it| it.name == name).map(|it| (it.prepare)());
    let sized = || HOSTILE.iter().chain(LINEAR).find(|it| it.name == name);
    operation.or_else(|| sized().map(|it| (it.prepare)(size)))
}

/// What has `wanted` in its name.
fn tables(wanted: &str) -> Result<(), String> {
    let mut table = Table::default();
    table.title("one operation");
    for it in OPERATIONS.iter().filter(|it| it.name.contains(wanted)) {
        let found = callgrind::instructions(it.name, 0, TIMES)?;
        table.row(it.name, [Figure { what: "instructions", found, most: it.instructions }]);
    }
    for (title, rows) in [("hostile input", HOSTILE), ("many of one thing", LINEAR)] {
        table.title(title);
        for it in rows.iter().filter(|it| it.name.contains(wanted)) {
            let [small, large] =
                it.sizes.map(|size| callgrind::instructions(it.name, size, TIMES_SIZED));
            let (small, large) = (small?, large?);
            let each = large / it.sizes[1] as u64;
            let grown = it.growth_of([small, large]);
            table.row(
                it.name,
                [
                    Figure { what: "for each one", found: each, most: it.each },
                    Figure { what: "growth %", found: grown, most: it.growth },
                ],
            );
        }
    }
    match table.failures.join("\nFAILED: ") {
        none if none.is_empty() => Ok(()),
        failures => Err(failures),
    }
}
