//! The table of what was counted beside what is allowed, and what is over it.

#![allow(dead_code, reason = "the benchmark and the test each take the part they need")]

use super::budgets::{Operation, STEPS, Sized};
use super::count::{allocations, instructions};

/// How often an operation is done for its instructions: enough to drown what differs from run to run.
pub const TIMES: usize = 64;
/// The same where one piece of work drowns it by itself.
const TIMES_SIZED: usize = 1;

pub struct Table {
    pub failures: Vec<String>,
    with_instructions: bool,
}

impl Table {
    /// Instructions are counted of a program that hands its arguments to [`super::count::run_again`].
    pub fn new(with_instructions: bool) -> Self {
        Self { failures: Vec::new(), with_instructions }
    }

    /// The operations with `wanted` in their names.
    pub fn operations(&mut self, rows: &[Operation], wanted: &str) {
        println!(
            "{:34}{:>12}{:>8}{:>8}{:>14}{:>10}",
            "one operation", "allocations", "budget", "bytes", "instructions", "budget"
        );
        for it in rows.iter().filter(|it| it.name.contains(wanted)) {
            let info = allocations(it.prepare);
            let counted = self.instructions(it.name, 0, TIMES);
            println!(
                "{:34}{:>12}{:>8}{:>8}{:>14}{:>10}",
                it.name,
                info.count_total,
                it.allocations,
                info.bytes_total,
                shown(counted),
                it.instructions
            );
            self.hold(it.name, "allocations", Some(info.count_total), it.allocations);
            self.hold(it.name, "instructions", counted, it.instructions);
        }
    }

    /// The work of two sizes with `wanted` in its name.
    pub fn sized(&mut self, title: &str, rows: &[Sized], wanted: &str) {
        println!(
            "{title:34}{:>14}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}",
            "sizes", "peak %", "budget", "all %", "budget", "each", "budget", "growth", "budget"
        );
        for it in rows.iter().filter(|it| it.name.contains(wanted)) {
            let [small, large] = it.sizes.map(|size| allocations(|| (it.prepare)(size)));
            let [peak, bytes] =
                [large.bytes_max, large.bytes_total].map(|bytes| bytes * 100 / it.sizes[1] as u64);
            let counted = it.sizes.map(|size| self.instructions(it.name, size, TIMES_SIZED));
            let each = counted[1].map(|count| count / it.sizes[1] as u64);
            let growth = match counted {
                [Some(small), Some(large)] => Some(grown(small, large, it.sizes)),
                _ => None,
            };
            println!(
                "{:34}{:>14}{peak:>8}{:>8}{bytes:>8}{:>8}{:>8}{:>8}{:>8}{:>8}",
                it.name,
                format!("{} {}", it.sizes[0], it.sizes[1]),
                it.peak,
                it.bytes,
                shown(each),
                it.each,
                shown(growth),
                it.growth,
            );
            self.hold(it.name, "per cent of its size at once", Some(peak), it.peak);
            self.hold(it.name, "per cent of its size in all", Some(bytes), it.bytes);
            let steps = grown(small.bytes_total, large.bytes_total, it.sizes);
            self.hold(it.name, "per cent growth of all bytes", Some(steps), STEPS);
            self.hold(it.name, "instructions for each one", each, it.each);
            self.hold(it.name, "per cent growth of instructions", growth, it.growth);
        }
    }

    fn instructions(&mut self, name: &str, size: usize, times: usize) -> Option<u64> {
        let counted = self.with_instructions.then(|| instructions(name, size, times))?;
        counted.map_err(|error| self.failures.push(error)).ok()
    }

    fn hold(&mut self, name: &str, what: &str, found: Option<u64>, most: u64) {
        if let Some(found) = found.filter(|found| *found > most) {
            self.failures.push(format!("{name}: {found} {what}, where {most} are allowed"));
        }
    }
}

/// How many times faster than the sizes the cost has grown, in hundredths.
fn grown(small: u64, large: u64, sizes: [usize; 2]) -> u64 {
    let [few, many] = sizes.map(|size| size as u64);
    // What costs nothing at the smaller size must cost nothing at the larger.
    (large * few * 100).checked_div(small * many).unwrap_or(if large == 0 { 0 } else { u64::MAX })
}

fn shown(counted: Option<u64>) -> String {
    counted.map_or_else(|| String::from("-"), |count| count.to_string())
}
