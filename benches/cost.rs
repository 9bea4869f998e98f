//! What requests and replies cost: allocations, bytes, and instructions where valgrind is there.
//!
//! `cargo bench --bench cost` prints the figures and fails when one is over its budget. Instructions
//! are counted by running this program again under `valgrind --tool=callgrind`, once with one run and
//! once with many, so that what the process itself costs falls out. No time is measured: it says more
//! of the machine than of the crate.

#[path = "cost/cases.rs"]
mod cases;
#[path = "cost/hostile.rs"]
mod hostile;

use std::process::{Command, ExitCode};

use allocation_counter::measure;
use cases::{CASES, Run, check};
use hostile::{LARGE, SHAPES, SMALL};

/// How many runs are prepared for the counting of instructions.
const PREPARED: usize = 65;
/// The same for bodies of many kilobytes, where one run drowns what surrounds it.
const PREPARED_LARGE: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, size, runs] = arguments.as_slice()
        && flag == "--run"
    {
        return run_for_valgrind(name, size, runs);
    }
    let mut failures = Vec::new();
    let instructions = Command::new("valgrind").arg("--version").output().is_ok();
    if !instructions {
        println!("instructions are not counted: valgrind is not on this machine\n");
    }
    print_cases(instructions, &mut failures);
    print_shapes(instructions, &mut failures);
    for failure in &failures {
        println!("FAILED: {failure}");
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print_cases(instructions: bool, failures: &mut Vec<String>) {
    println!(
        "{:36}{:>12}{:>8}{:>8}{:>14}",
        "case", "allocations", "budget", "bytes", "instructions"
    );
    for case in CASES {
        let mut made: Vec<_> = (0..2).map(|_| (case.prepare)()()).collect();
        let run = (case.prepare)();
        made.reserve(1);
        let info = measure(|| made.push(run()));
        failures.extend(made.iter().filter_map(|made| check(case.name, made).err()));
        if info.count_total > case.budget {
            let count = info.count_total;
            failures.push(format!("{}: {count} allocations of {}", case.name, case.budget));
        }
        let counted = instructions.then(|| instructions_of(case.name, 0, PREPARED));
        let shown = shown(counted, failures);
        println!(
            "{:36}{:>12}{:>8}{:>8}{shown:>14}",
            case.name, info.count_total, case.budget, info.bytes_total
        );
    }
}

fn print_shapes(instructions: bool, failures: &mut Vec<String>) {
    let (small, large) = (SMALL >> 10, LARGE >> 10);
    println!(
        "\nhostile bodies of {small} and of {large} KiB; linear is a ratio of {}",
        large / small
    );
    println!(
        "{:28}{:>12}{:>12}{:>7}{:>14}{:>14}{:>7}",
        "shape", "bytes", "bytes", "ratio", "instructions", "instructions", "ratio"
    );
    for shape in SHAPES {
        let bytes = [SMALL, LARGE].map(|size| {
            let run = shape.run(size);
            measure(|| drop(run())).bytes_total
        });
        let mut line = format!("{:28}", shape.name);
        line += &compared("bytes", 12, shape.name, bytes, failures);
        if instructions {
            let counted =
                [SMALL, LARGE].map(|size| instructions_of(shape.name, size, PREPARED_LARGE));
            match counted {
                [Ok(small), Ok(large)] => {
                    line += &compared("instructions", 14, shape.name, [small, large], failures);
                }
                [Err(error), _] | [_, Err(error)] => failures.push(error),
            }
        }
        println!("{line}");
    }
}

/// Two figures and their ratio, which may be a tenth above that of the sizes.
fn compared(
    what: &str,
    width: usize,
    name: &str,
    [small, large]: [u64; 2],
    failures: &mut Vec<String>,
) -> String {
    let ratio = large as f64 / small as f64;
    if ratio > (LARGE / SMALL) as f64 * 1.1 {
        failures.push(format!("{name}: {what} grow faster than the body"));
    }
    format!("{small:>width$}{large:>width$}{ratio:>7.2}")
}

fn shown(counted: Option<Result<u64, String>>, failures: &mut Vec<String>) -> String {
    match counted {
        Some(Ok(count)) => count.to_string(),
        Some(Err(error)) => {
            failures.push(error);
            String::from("?")
        }
        None => String::from("-"),
    }
}

/// The instructions of one run, on average over all prepared runs but the first.
fn instructions_of(name: &str, size: usize, prepared: usize) -> Result<u64, String> {
    let (first, all) = (under_valgrind(name, size, 1)?, under_valgrind(name, size, prepared)?);
    Ok(all.saturating_sub(first) / (prepared - 1) as u64)
}

fn under_valgrind(name: &str, size: usize, runs: usize) -> Result<u64, String> {
    let fail = |what: &str| format!("{name}: {what}");
    let program = std::env::current_exe().map_err(|error| fail(&error.to_string()))?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["--run", name, &size.to_string(), &runs.to_string()])
        .output()
        .map_err(|error| fail(&error.to_string()))?;
    if !output.status.success() {
        return Err(fail("the program failed under valgrind"));
    }
    let report = String::from_utf8_lossy(&output.stderr);
    let line = report.lines().find_map(|line| line.split_once("Collected :"));
    let count = line.and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| fail("valgrind said nothing of instructions"))
}

/// What the copy under valgrind does: prepares always as much, then runs as often as asked.
fn run_for_valgrind(name: &str, size: &str, runs: &str) -> ExitCode {
    let (Ok(size), Ok(runs)) = (size.parse::<usize>(), runs.parse::<usize>()) else {
        return ExitCode::FAILURE;
    };
    let case = CASES.iter().find(|case| case.name == name);
    let shape = SHAPES.iter().find(|shape| shape.name == name);
    let prepared: Vec<Run> = match (case, shape) {
        (Some(case), _) => (0..PREPARED).map(|_| (case.prepare)()).collect(),
        (_, Some(shape)) => (0..PREPARED_LARGE).map(|_| shape.run(size)).collect(),
        (None, None) => return ExitCode::FAILURE,
    };
    let mut prepared = prepared.into_iter();
    for run in prepared.by_ref().take(runs) {
        // Dropping is not counted, here or with the runs that are left over.
        std::mem::forget(std::hint::black_box(run()));
    }
    prepared.for_each(std::mem::forget);
    ExitCode::SUCCESS
}
