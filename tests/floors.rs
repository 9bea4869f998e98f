//! Rooms and floors: who may import whom, as data, read against every path in `src`.
//!
//! Also the small rules that keep the rooms readable: short bodies, names that are nouns, a first
//! line that says what a file is, no way to panic, and a `lib.rs` that only re-exports.
//! It reads text; what the compiler already checks is not checked again.

mod rooms;
mod source;

use rooms::arrows::{circles, wrong_arrows};
use rooms::habits::{more_than_a_face, panics_and_detours, untidy};
use source::{assert_none, read_sources, sources_of};

/// Floor, room, and the rooms it may import. A room that is not built yet may stand here.
const FLOORS: &[(u8, &str, &[&str])] = &[
    (1, "wire", &[]),
    (1, "profile", &[]),
    (2, "value", &["wire"]),
    (3, "jose", &["value", "wire"]),
    (3, "server", &["profile", "value"]),
    (3, "pkce", &["value", "wire"]),
    (3, "stored", &["value", "wire"]),
    (4, "request", &["jose", "server", "profile", "value", "wire"]),
    (4, "reply", &["server", "profile", "value", "wire"]),
    (4, "claims", &["jose", "server", "profile", "value", "wire"]),
    (5, "client", &["request", "jose", "server", "profile", "value", "wire"]),
    (5, "grant", &["request", "jose", "server", "pkce", "profile", "value"]),
    (5, "dpop", &["request", "jose", "value", "wire"]),
    (6, "endpoint", BELOW_ENDPOINT),
    (7, "provider", BELOW_FLOW),
    (7, "flow", BELOW_FLOW),
    (8, "error", BELOW_ERROR),
];

const BELOW_ENDPOINT: &[&str] = &[
    "client", "grant", "dpop", "claims", "request", "reply", "stored", "pkce", "server", "jose",
    "value", "profile", "wire",
];

const BELOW_FLOW: &[&str] = &[
    "endpoint", "client", "grant", "dpop", "claims", "request", "reply", "stored", "pkce",
    "server", "jose", "value", "profile", "wire",
];

const BELOW_ERROR: &[&str] = &[
    "flow", "provider", "endpoint", "client", "grant", "dpop", "claims", "request", "reply",
    "stored", "pkce", "server", "jose", "value", "profile", "wire",
];

/// The face re-exports and has no code, so what it may import needs no list.
const FACE: &str = "lib";

#[test]
fn the_table_points_down() {
    let floor =
        |room: &str| FLOORS.iter().find(|(_, name, _)| *name == room).map(|(floor, _, _)| *floor);
    for (own, name, allowed) in FLOORS {
        for other in *allowed {
            assert!(
                floor(other).is_some_and(|other| other < *own),
                "`{name}` does not stand above `{other}`"
            );
        }
    }
}

#[test]
fn rooms_import_only_what_the_table_says() {
    assert_none(&wrong_arrows(&read_sources()));
}

#[test]
fn no_room_hides_a_circle() {
    assert_none(&circles(&read_sources()));
}

#[test]
fn files_are_short_named_and_introduced() {
    assert_none(&untidy(&read_sources()));
}

#[test]
fn nothing_can_panic_by_name() {
    assert_none(&panics_and_detours(&read_sources()));
}

#[test]
fn the_face_only_re_exports() {
    assert_none(&more_than_a_face(&read_sources()));
}

/// The rules above, against made-up sources: a rule that cannot fail proves nothing.
mod made_up {
    use super::*;
    use source::lex::Kind;

    fn arrows(files: &[(&str, &str)]) -> String {
        wrong_arrows(&sources_of(files)).join("\n")
    }

    fn knots(files: &[(&str, &str)]) -> String {
        circles(&sources_of(files)).join("\n")
    }

    #[test]
    fn upward_arrows_are_caught_in_every_form() {
        let forms = [
            "use crate::flow::Step;",
            "use crate::{wire::form, flow::{self, Step}};",
            "use crate::{wire::{form, json::{Door}}, flow as machine};",
            "use super::super::flow::Step;",
            "pub(crate) use crate::flow::Step;",
            "fn f(step: &crate::flow::Step) {}",
            "fn f() { let s = super::super::flow::step(); }",
            "fn f() { for x in crate::flow::steps() {} }",
            "impl From<crate::flow::Step> for X {}",
            "macro_rules! m { () => { $crate::flow::step() } }",
            "mod inner { use super::super::super::flow::Step; }",
            "const C: char = '\"'; use crate::flow::Step; // \"",
            "fn f<'a>(x: &'a str) -> crate::flow::Step<'a> {}",
            "const R: &str = r#\"\"# ; use crate::flow::Step; const S: &str = \"\";",
        ];
        for form in forms {
            let found = arrows(&[
                ("lib.rs", "pub mod flow; pub mod value; mod wire;"),
                ("flow.rs", ""),
                ("wire.rs", ""),
                ("value/mod.rs", "mod ident;"),
                ("value/ident.rs", form),
            ]);
            assert!(found.contains("`value` may not import `flow`"), "{form}: {found:?}");
            assert!(!found.contains("import `wire`"), "{form}: {found}");
        }
    }

    #[test]
    fn what_is_not_code_is_no_arrow() {
        let forms = [
            "// crate::flow::Step",
            "/* /* nested */ use crate::flow::Step; */",
            "/// [`crate::flow::Step`]\nstruct X;",
            "//! crate::flow::Step",
            "const S: &str = \"crate::flow::Step \\\" crate::flow\";",
            "const S: &str = r##\"\"# crate::flow::Step\"##;",
            "const S: &[u8] = b\"crate::flow::Step\";",
            "#[cfg(test)]\nmod tests { use crate::flow::Step; fn f() { { crate::flow::x() } } }",
            "#[cfg(test)] use crate::flow::{Step, Other};",
            "pub(in crate::value) fn f() {}",
            "use crate::wire::form; fn f() { form::encode(); http::flow::x(); }",
        ];
        for form in forms {
            let files =
                [("lib.rs", ""), ("flow.rs", ""), ("wire.rs", ""), ("value/mod.rs", "mod ident;")];
            let found = arrows(&[files.as_slice(), &[("value/ident.rs", form)]].concat());
            assert_eq!(found, "", "{form}");
        }
    }

    #[test]
    fn the_face_and_unknown_rooms_are_no_way_round() {
        let face = [
            ("lib.rs", "pub use value::Secret;"),
            ("value.rs", ""),
            ("message.rs", "use crate::Secret;"),
        ];
        assert!(
            arrows(&face).contains("message.rs:1: `message` may not import `lib`"),
            "{}",
            arrows(&face)
        );
        assert!(arrows(&[("attic.rs", "")]).contains("no room `attic`"));
        assert!(
            arrows(&[("value/mod.rs", ""), ("value/a.rs", "use super::*;")])
                .contains("hides what it imports")
        );
        let variants =
            [("value/mod.rs", "pub enum Kind { A }"), ("value/a.rs", "use super::Kind::*;")];
        assert_eq!(arrows(&variants), "");
    }

    #[test]
    fn circles_are_caught_and_named() {
        let direct = knots(&[
            ("jose/a.rs", "use super::b::B;"),
            ("jose/b.rs", "fn f() { crate::jose::c::g() }"),
            ("jose/c.rs", "use super::a::A;"),
        ]);
        assert_eq!(direct.lines().count(), 4, "{direct}");
        assert!(direct.contains("jose/b.rs -> jose/c.rs"), "{direct}");

        // Through the parent's re-export the child imports its sibling, not the parent.
        let face = ("jose/mod.rs", "mod a;\nmod b;\npub use a::A;\npub(crate) use self::b::B;");
        let sibling =
            knots(&[face, ("jose/a.rs", "use super::B;"), ("jose/b.rs", "use super::a::A;")]);
        assert!(
            sibling.contains("jose/a.rs -> jose/b.rs") && !sibling.contains("mod.rs"),
            "{sibling}"
        );
        assert_eq!(knots(&[face, ("jose/a.rs", "use super::B;"), ("jose/b.rs", "")]), "");

        // What the parent defines itself is the parent's.
        let parent = "mod a;\npub struct Own(a::A);";
        assert!(
            knots(&[("jose/mod.rs", parent), ("jose/a.rs", "use super::Own;")]).contains("mod.rs")
        );
        // So is a re-exported name that the parent uses in its own code.
        let both = "mod a;\npub use a::A;\npub struct Own(A);";
        assert!(
            knots(&[("jose/mod.rs", both), ("jose/a.rs", "use super::Own;")]).contains("mod.rs")
        );
        // And a sibling module may be reached through an alias.
        let alias = knots(&[
            ("jose/a.rs", "use super::b;\nfn f() { b::g() }"),
            ("jose/b.rs", "use crate::jose::a;"),
        ]);
        assert!(alias.contains("jose/a.rs -> jose/b.rs"), "{alias}");
    }

    #[test]
    fn tokens_keep_their_kinds_and_lines() {
        let sources = sources_of(&[(
            "a.rs",
            "//! in\n/// out\n#[doc = \"attr\"]\n//// not doc\nlet c = '\\''; // end",
        )]);
        let kinds = |kind| {
            sources
                .iter()
                .flat_map(|s| &s.tokens)
                .filter(move |t| t.kind == kind)
                .map(|t| (t.line, t.text.as_str()))
        };
        assert_eq!(kinds(Kind::InnerDoc).collect::<Vec<_>>(), [(1, " in")]);
        assert_eq!(kinds(Kind::OuterDoc).collect::<Vec<_>>(), [(2, " out"), (3, "attr")]);
        assert_eq!(kinds(Kind::Comment).collect::<Vec<_>>(), [(4, "// not doc"), (5, " end")]);
    }
}
