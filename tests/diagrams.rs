//! Each machine's diagram in its documentation is drawn from the table that moves it.
//!
//! `GRANTWIRE_BLESS=1 cargo test --test diagrams` draws them again after a change.

use std::path::PathBuf;

use grantwire::flow::{
    CodeFlow, DeviceFlow, IdentityAssertionFlow, Session, TokenFlow, Transition, mermaid,
};

const MACHINES: &[(&str, &[Transition])] = &[
    ("src/flow/exchange.md", TokenFlow::TRANSITIONS),
    ("src/flow/code.md", CodeFlow::TRANSITIONS),
    ("src/flow/device.md", DeviceFlow::TRANSITIONS),
    ("src/flow/identity_assertion.md", IdentityAssertionFlow::TRANSITIONS),
    ("src/flow/session.md", Session::TRANSITIONS),
];

fn path(of: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(of)
}

fn drawn(table: &[Transition]) -> String {
    format!("# States\n\n```mermaid\n{}```\n", mermaid(table))
}

#[test]
fn every_diagram_is_its_table() {
    for (file, table) in MACHINES {
        let wanted = drawn(table);
        if std::env::var_os("GRANTWIRE_BLESS").is_some() {
            std::fs::write(path(file), &wanted).expect("the diagram can be written");
        }
        let found = std::fs::read_to_string(path(file)).expect("the diagram is there");
        assert_eq!(found, wanted, "{file} is not its table; bless it");
    }
}

#[test]
fn the_readme_shows_two_of_them() {
    let readme = std::fs::read_to_string(path("README.md")).expect("the README is there");
    for (name, table) in [("device", DeviceFlow::TRANSITIONS), ("session", Session::TRANSITIONS)] {
        let diagram = format!("```mermaid\n{}```", mermaid(table));
        assert!(readme.contains(&diagram), "the README's {name} diagram is not its table");
    }
}

#[test]
fn no_event_leads_two_ways() {
    for (file, table) in MACHINES {
        for (at, row) in table.iter().enumerate() {
            let twin = |other: &&Transition| (other.from, other.event) == (row.from, row.event);
            assert!(!table[..at].iter().any(|other| twin(&other)), "{file}: {row:?} is not alone");
        }
    }
}
