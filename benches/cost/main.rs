//! What the crate costs: allocations, bytes and instructions, beside what they may be.
//!
//! ```sh
//! cargo bench --bench cost                     # the tables; fails when something is over its budget
//! cargo bench --bench cost -- read             # only what has `read` in its name
//!
//! # Where the instructions of one operation go; line numbers change none of them.
//! export CARGO_PROFILE_BENCH_DEBUG=line-tables-only
//! cargo bench --bench cost -- --profile 'read 200 of 2.2 KB' out
//! callgrind_annotate --auto=yes out
//! ```
//!
//! Instructions need valgrind, and the program says so where it is missing.

mod budgets;
mod count;
mod hostile;
mod inputs;
mod linear;
mod operations;
mod table;

use std::process::ExitCode;

use budgets::{HOSTILE, LINEAR, OPERATIONS};
use count::Work;
use table::{TIMES, Table};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--run", ..] => match count::run_again(&arguments[1..], prepare) {
            Some(()) => ExitCode::SUCCESS,
            None => ExitCode::FAILURE,
        },
        // Cargo adds `--bench` at the end.
        ["--profile", name, out, ..] => match count::profile(out, name, 0, TIMES) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                println!("FAILED: {error}");
                ExitCode::FAILURE
            }
        },
        words => {
            let wanted = words.iter().find(|word| !word.starts_with("--")).copied().unwrap_or("");
            tables(wanted)
        }
    }
}

/// The work of this name. An operation has no size.
fn prepare(name: &str, size: usize) -> Option<Work> {
    let operation = OPERATIONS.iter().find(|it| it.name == name).map(|it| (it.prepare)());
    let sized = || HOSTILE.iter().chain(LINEAR).find(|it| it.name == name);
    operation.or_else(|| sized().map(|it| (it.prepare)(size)))
}

fn tables(wanted: &str) -> ExitCode {
    let mut table = Table::new(count::valgrind_is_here());
    if !count::valgrind_is_here() {
        println!("instructions are not counted: valgrind is not on this machine\n");
    }
    table.operations(OPERATIONS, wanted);
    println!();
    table.sized("hostile input", HOSTILE, wanted);
    println!();
    table.sized("many of one thing", LINEAR, wanted);
    for failure in &table.failures {
        println!("FAILED: {failure}");
    }
    if table.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
