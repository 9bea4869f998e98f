//! Prints the table: instructions and allocations of each, and how often the floor's instructions.
//!
//! ```sh
//! benches/peers/run                                                  # the table, in Markdown
//! cargo run --release -- --profile 'oauth2: exchange' "$PWD/out"     # then callgrind_annotate out
//! ```

use std::collections::HashMap;
use std::process::{Command, ExitCode};

use grantwire_peers::{CRATES, callgrind, prepare};

const TIMES: usize = 64;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--run", ..] => {
            let done = callgrind::run_again(&arguments[1..], |name, _| prepare(name));
            done.ok_or_else(|| String::from("no such work"))
        }
        ["--profile", name, out] => callgrind::profile(out, name, 0, TIMES),
        [] => print(),
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

/// Allocations by `crate: work`.
type Counts = HashMap<String, u64>;

/// What the other program, which stands beside this one, has counted.
fn allocations() -> Result<Counts, String> {
    let beside = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(beside.with_file_name("allocations")).output();
    let output = output.map_err(|error| format!("allocations: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let counts = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = |line: &str| {
        let (count, name) = line.split_once('\t')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    counts.lines().map(|line| count(line).ok_or_else(|| line.to_owned())).collect()
}

/// What is printed, and the name of the work.
const ROWS: [(&str, &str); 9] = [
    ("build code, PKCE and Basic", "build"),
    ("read 200 of 2.2 KB", "read"),
    ("read 400 `invalid_grant`", "read 400"),
    ("exchange, built and read", "exchange"),
    ("refresh, built and read", "refresh"),
    ("authorization URL, state, PKCE", "url"),
    ("device, 3 pendings and a token", "device"),
    ("ES256 assertion and request", "es256"),
    ("EdDSA assertion and request", "eddsa"),
];

#[derive(Clone, Copy)]
struct Cost {
    instructions: u64,
    allocations: u64,
}

fn print() -> Result<(), String> {
    let allocations = allocations()?;
    let names: Vec<_> = CRATES.iter().map(|(name, _)| format!(" {name} |")).collect();
    println!("| work |{}", names.concat());
    println!("|---|{}", "---:|".repeat(CRATES.len()));
    for (title, work) in ROWS {
        let mut line = format!("| {title} |");
        let mut floor = None;
        for (name, _) in CRATES {
            let cost = cost(name, &allocations, work)?;
            line += &cost.map_or_else(|| String::from(" - |"), |cost| cell(cost, floor));
            floor = floor.or(cost);
        }
        println!("{line}");
    }
    Ok(())
}

fn cost(name: &str, allocations: &Counts, work: &str) -> Result<Option<Cost>, String> {
    let name = format!("{name}: {work}");
    let Some(&allocations) = allocations.get(&name) else { return Ok(None) };
    let instructions = callgrind::instructions(&name, 0, TIMES)?;
    Ok(Some(Cost { instructions, allocations }))
}

/// Thousands of instructions and the allocations, and how often the floor's instructions.
fn cell(cost: Cost, floor: Option<Cost>) -> String {
    let Cost { instructions, allocations } = cost;
    let shown = format!("{:.1} k, {allocations}", instructions as f64 / 1000.0);
    match floor {
        None => format!(" {shown} |"),
        Some(floor) => {
            format!(" {shown} (**{:.1}**) |", instructions as f64 / floor.instructions as f64)
        }
    }
}
