//! A tour of the crate: three published systems, spoken to as their documentation says.
//!
//! ```sh
//! cargo run --example tour
//! cargo run --example tour -- --full   # every request in full, also those seen before
//! ```
//!
//! An authorization server is embedded and listens on loopback. It is strict and does not use the
//! crate; it verifies everything it is sent. A blocking HTTP client (`ureq`) carries the requests.
//! Every request is printed as it crossed the wire and every answer as it was read, secrets
//! shortened, and every outcome is held against what was expected, failures included. The program
//! ends by itself, and not with success if anything was otherwise.

#[path = "../support/mod.rs"]
mod support;

mod agekey;
mod dressipi;
mod guide;
mod pingone;
mod shape;
mod show;

use std::process::ExitCode;
use std::time::Instant;

use guide::{Guide, Outcome};

/// One system.
struct Chapter {
    title: &'static str,
    about: [&'static str; 2],
    visit: fn(&mut Guide) -> Outcome<()>,
    /// How many steps there are, and how many requests are sent.
    planned: (u32, u32),
}

const CHAPTERS: [Chapter; 3] = [
    Chapter {
        title: "AgeKey: is this person at least 13? 18?",
        about: [
            "Age assurance with passkeys. A relying party asks and gets booleans. When all are false",
            "and an upgrade was asked for, a code comes too; it buys a token that pays for the upgrade.",
        ],
        visit: agekey::visit,
        planned: (14, 15),
    },
    Chapter {
        title: "Dressipi: a profile that lives in a refresh token",
        about: [
            "Fashion recommendations. A public client with PKCE and an API key on every call. Each",
            "authorize call makes a new profile, so losing the refresh token loses the profile.",
        ],
        visit: dressipi::visit,
        planned: (8, 12),
    },
    Chapter {
        title: "PingOne: a signature in place of a secret",
        about: [
            "A cloud authorization server with five ways to authenticate a client, rotating refresh",
            "tokens, and two shapes of error. Then everything that can go wrong on the way back.",
        ],
        visit: pingone::visit,
        planned: (20, 25),
    },
];

fn main() -> ExitCode {
    let began = Instant::now();
    let full = std::env::args().any(|argument| argument == "--full");
    let mut guide = match Guide::new(full) {
        Ok(guide) => guide,
        Err(error) => {
            eprintln!("the tour cannot begin: {error}");
            return ExitCode::FAILURE;
        }
    };
    let printer = guide.printer;
    printer.title("grantwire, a tour");
    for line in [
        "Three published systems, as documented, in success and in failure.",
        "grantwire builds each request and reads each answer; the socket, the clock and the random",
        "bytes are this program's. The server is strict, embedded, and no friend of the crate.",
        "",
        "→ a request, as the server received it      ← the answer",
        "= what grantwire makes of it                ✓ something to notice, and checked",
        "Secrets are shortened: eyJh…(412) is four characters of 412. What looks like something seen",
        "before is one line; `-- --full` prints all of it.",
    ] {
        printer.note(line);
    }
    for Chapter { title, about, visit, planned: (steps, requests) } in CHAPTERS {
        guide.chapter(title, &about);
        let ended = visit(&mut guide);
        guide.end(ended, steps, requests);
    }
    guide.close(began.elapsed())
}
