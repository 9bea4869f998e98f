//! The table: instructions and allocations of each, as multiples of the floor's.

use super::count::{Work, allocations, instructions, valgrind_is_here};
use super::{CRATES, Entry};

pub const TIMES: usize = 64;

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

pub fn print() -> Result<(), String> {
    if !valgrind_is_here() {
        return Err(String::from("valgrind is not on this machine"));
    }
    let names: Vec<_> = CRATES.iter().map(|(name, _)| format!(" {name} |")).collect();
    println!("| work |{}", names.concat());
    println!("|---|{}", "---:|".repeat(CRATES.len()));
    for (title, work) in ROWS {
        let mut line = format!("| {title} |");
        let mut floor = None;
        for (name, entries) in CRATES {
            let cost = cost(name, entries, work)?;
            line += &cost.map_or_else(|| String::from(" - |"), |cost| cell(cost, floor));
            floor = floor.or(cost);
        }
        println!("{line}");
    }
    Ok(())
}

fn cost(name: &str, entries: &[Entry], work: &str) -> Result<Option<Cost>, String> {
    let counted = |work| counted(name, entries, work);
    if let Some(cost) = counted(work)? {
        return Ok(Some(cost));
    }
    let whole = match work {
        "read" => counted("exchange")?,
        "read 400" => counted("exchange 400")?,
        _ => None,
    };
    let Some((whole, build)) = whole.zip(counted("build")?) else { return Ok(None) };
    Ok(Some(Cost {
        instructions: whole.instructions - build.instructions,
        allocations: whole.allocations - build.allocations,
    }))
}

fn counted(name: &str, entries: &[Entry], work: &str) -> Result<Option<Cost>, String> {
    let Some((_, prepare)) = entries.iter().find(|(known, _)| *known == work) else {
        return Ok(None);
    };
    let prepare: &fn() -> Work = prepare;
    Ok(Some(Cost {
        allocations: allocations(prepare).count_total,
        instructions: instructions(&format!("{name}: {work}"), 0, TIMES)?,
    }))
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
