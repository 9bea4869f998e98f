//! How instructions are counted: this program runs itself again under `valgrind --tool=callgrind`.
//!
//! No time is measured: it says more of the machine than of the crate.

use std::process::Command;

use super::work::Work;

/// The instructions of one piece of work, on average over so many.
///
/// This program is run again under callgrind, with arguments that it must hand to [`run_again`]. Only what
/// happens there is counted, so that what the process itself costs is left out, and so is the first piece
/// of work, which pays for what is made once: a cryptographic library seeds its generator then, and how
/// long that takes is chance.
///
/// # Errors
///
/// What valgrind, or the program under it, said.
pub fn instructions(name: &str, size: usize, times: usize) -> Result<u64, String> {
    let output = callgrind("/dev/null", name, size, times)?.output();
    let output = output.map_err(|error| format!("valgrind: {error}"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{name} failed under valgrind:\n{report}"));
    }
    let line = report.lines().find_map(|line| line.split_once("Collected :"));
    match line.and_then(|(_, count)| count.trim().parse::<u64>().ok()) {
        Some(count) if count > 0 => Ok(count / times as u64),
        _ => Err(format!("{name}: valgrind counted nothing:\n{report}")),
    }
}

/// Writes callgrind's account of so many pieces of work, for `callgrind_annotate`.
///
/// # Errors
///
/// What valgrind said.
pub fn profile(out: &str, name: &str, size: usize, times: usize) -> Result<(), String> {
    let status = callgrind(out, name, size, times)?.status();
    match status.map_err(|error| format!("valgrind: {error}"))?.success() {
        true => Ok(()),
        false => Err(String::from("the program failed under valgrind")),
    }
}

fn callgrind(out: &str, name: &str, size: usize, times: usize) -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", &format!("--callgrind-out-file={out}")]);
    command.args(["--collect-atstart=no", "--toggle-collect=*counted_runs*"]);
    command.arg(program).args(["--run", name, &size.to_string(), &times.to_string()]);
    Ok(command)
}

/// What the program under callgrind does.
pub fn run_again(
    arguments: &[String],
    prepare: impl Fn(&str, usize) -> Option<Work>,
) -> Option<()> {
    let [name, size, times] = arguments else { return None };
    let (size, times) = (size.parse().ok()?, times.parse::<usize>().ok()?);
    let mut first = prepare(name, size)?;
    let mut works: Vec<Work> = (0..times).map(|_| prepare(name, size)).collect::<Option<_>>()?;
    first.once();
    counted_runs(&mut works);
    Some(())
}

/// A function of its own, so that callgrind can be told its name.
#[inline(never)]
fn counted_runs(works: &mut [Work]) {
    for work in works {
        work.once();
    }
}
