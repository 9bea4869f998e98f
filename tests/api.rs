//! The public surface against `tests/api.txt`: nobody changes it without noticing.
//!
//! `GRANTWIRE_BLESS=1` rewrites the list, and the change then shows in review. What the signatures
//! mean, and whether a change breaks callers, is for people to judge.

mod source;
mod surface;

use std::collections::BTreeSet;
use std::fs;

use source::{assert_none, blessing, read_sources, root, sources_of};
use surface::list::Surface;

/// Public enums that will never have another variant, and why that is sure.
const CLOSED_FOR_GOOD: &[(&str, &str)] = &[
    ("CredentialUse", "a credential is spent by its use, or it is not"),
    ("reply::GrantedScope", "the states a member can be in: absent, empty, set, malformed"),
    ("reply::Lifetime", "the states a member can be in: known, unknown, malformed"),
    ("request::Resend", "a request can be sent again, or it cannot"),
    ("flow::Persisted", "what a compare-and-swap can say"),
    ("flow::Rotation", "not known, known to be once, known to be more"),
    ("flow::Step", "a driver must do all of it, so a new wish must break it"),
    ("flow::TransportFailure", "it was not sent, or nobody knows"),
    ("jose::Curve", "the curves that RFC 7518 registers"),
    ("registration::SecretExpiry", "an end can be none, known, unknown, malformed"),
];

const OPENING: &str = "# The public surface, read from the source. `GRANTWIRE_BLESS=1 cargo test --test api` rewrites it.";

fn listing(surface: &Surface) -> String {
    format!("{OPENING}\n\n{}\n", surface.lines.join("\n"))
}

/// Lines that are in one text only: `-` for what went, `+` for what came.
fn difference(old: &str, new: &str) -> String {
    let (before, after): (BTreeSet<&str>, BTreeSet<&str>) =
        (old.lines().collect(), new.lines().collect());
    let gone = old.lines().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let come = new.lines().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect::<Vec<_>>().join("\n")
}

/// Enums that are closed without a reason, and reasons without a closed enum.
fn unexplained(surface: &Surface, reasons: &[(&str, &str)]) -> Vec<String> {
    let listed =
        |path: &&String| reasons.iter().any(|(name, reason)| path == name && !reason.is_empty());
    let closed = surface.exhaustive_enums.iter().filter(|path| !listed(path));
    let stale = reasons
        .iter()
        .filter(|(name, _)| !surface.exhaustive_enums.iter().any(|path| path == name));
    let closed = closed.map(|path| {
        format!("`{path}` is neither `#[non_exhaustive]` nor closed for a stated reason")
    });
    closed.chain(stale.map(|(name, _)| format!("`{name}` is no closed enum any more"))).collect()
}

#[test]
fn the_surface_is_the_recorded_one() {
    let path = root().join("tests/api.txt");
    let found = listing(&Surface::of(&read_sources()));
    if blessing() {
        fs::write(&path, &found).expect("tests/api.txt can be written");
    }
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    assert!(recorded == found, "the public surface changed:\n{}", difference(&recorded, &found));
}

#[test]
fn public_things_are_documented_and_open() {
    let surface = Surface::of(&read_sources());
    let problems = [surface.problems.clone(), unexplained(&surface, CLOSED_FOR_GOOD)].concat();
    assert_none(&problems);
}

/// The page of the documentation that a link leads to, as a path of the surface.
fn page_of(link: &str) -> String {
    let page = link.strip_suffix('/').or_else(|| link.strip_suffix(".html")).unwrap_or(link);
    let kinds = ["struct.", "enum.", "trait.", "fn.", "macro."];
    let names = page
        .split('/')
        .map(|name| kinds.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name));
    names.collect::<Vec<_>>().join("::")
}

/// Each row of the README's table links to its documentation, and each link leads somewhere.
#[test]
fn the_readme_links_to_what_there_is() {
    const DOCS: &str = "https://docs.rs/grantwire/latest/grantwire/";
    let readme = fs::read_to_string(root().join("README.md")).expect("the README is there");
    let (_, covered) = readme.split_once("## What is covered").expect("the table is there");
    let (covered, _) = covered.split_once("## ").expect("something follows it");
    let surface = Surface::of(&read_sources());
    let there = |page: &str| {
        surface.lines.iter().any(|line| {
            let words = line.split([' ', '<', '(', ';']);
            words.into_iter().any(|word| word == page || word.starts_with(&format!("{page}::")))
        })
    };
    let rows: Vec<&str> = covered.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 20, "the table was not understood");
    for row in rows {
        let links: Vec<&str> = row.split(DOCS).skip(1).collect();
        assert!(!links.is_empty(), "{row}: no link");
        for link in links {
            let page = page_of(link.split(')').next().unwrap_or_default());
            assert!(there(&page), "{row}: there is no `{page}`");
        }
    }
}

#[test]
fn nothing_public_is_hidden() {
    for source in read_sources() {
        for window in source.code().windows(3) {
            let [doc, open, hidden] = window else {
                continue;
            };
            let is_hidden = doc.is("doc") && open.is("(") && hidden.is("hidden");
            assert!(
                !is_hidden,
                "{}:{}: either public and documented, or private",
                source.path, doc.line
            );
        }
    }
}

/// The reader above, against a made-up crate.
mod made_up {
    use super::*;

    const LIB: &str = "//! Docs.\npub mod value;\nmod wire;\nmod inner;\npub use value::{Secret, ident::Name as Called};\n\
        pub use inner::deep::Deep;\npub use http::Method;\n#[cfg(feature = \"x\")]\npub use inner::Extra;\n#[cfg(feature = \"keys\")]\npub mod keys;\n/// Docs.\npub mod page {}";

    const VALUE: &str = r"//! Docs.
        mod secret;
        pub mod ident;
        pub use secret::Secret;
        pub(crate) use secret::Hidden;
        /// Docs.
        #[derive(Debug, Clone)] #[non_exhaustive]
        pub enum State<T: Copy> where T: Send { /** a */ Known(u32, Vec<T>), /** b */ Set { /** c */ at: u8 }, /** d */ Absent = 3 }
        /// Docs.
        pub const LIMIT: usize = 3;
        /// Docs.
        pub type Bytes<'a> = &'a [u8];
    ";

    const SECRET: &str = r#"//! Docs.
        use std::fmt;
        use super::State;
        use crate::wire::Code;
        /// Docs.
        pub struct Secret { text: String, /** docs */ pub plain: Option<&'static [u8; 4]> }
        pub struct Hidden;
        impl Secret {
            /// Docs.
            #[must_use] pub const fn new<'a, T: ?Sized + 'a>(mut text: impl Into<String>, other: &'a mut T) -> Result<Self, (u8, fmt::Error)> { }
            /// Docs.
            pub const EMPTY: Self = Self;
            pub(crate) fn secret(&self) {}
            #[cfg(feature = "x")] /** Docs. */ pub fn more(&mut self, f: &dyn Fn(&[u8]) -> bool) {}
            #[cfg(test)] pub fn test(&self) {}
        }
        impl fmt::Debug for Secret { fn fmt(&self) {} }
        impl From<Hidden> for Secret {}
        impl From<Secret> for Code {}
        impl From<Secret> for http::HeaderValue {}
        impl<'a, T> PartialEq<State<T>> for &'a Secret where T: Copy, {}
        macro_rules! both { ($($name:ident),+) => {$( impl Eq for $name {} impl $name { /// Docs.
            pub fn both(&self) -> u8 { 1 } } )+}; }
        both!(Secret, Hidden);
        #[cfg(test)] mod tests { pub struct Unseen; }
    "#;

    fn crate_of(extra: &str) -> Surface {
        let value = format!("{VALUE}{extra}");
        Surface::of(&sources_of(&[
            ("lib.rs", LIB),
            ("value/mod.rs", &value),
            ("value/secret.rs", SECRET),
            (
                "value/ident.rs",
                "/// Docs.\npub struct Name(/** docs */ pub String, u8);\nstruct Private;",
            ),
            ("wire.rs", "pub struct Code;\nimpl Code { pub fn new() {} }"),
            (
                "inner.rs",
                "pub mod deep { /// Docs.\npub trait Deep: Send { /** a */ type Out: Copy; /** a */ fn go(&self); /** a */ fn stop(self: Box<Self>) {} } }\n/// Docs.\npub fn Extra() {}",
            ),
            ("keys.rs", "/// Docs.\npub union Key { a: u8 }"),
        ]))
    }

    #[test]
    fn every_public_thing_is_listed_once() {
        let surface = crate_of("");
        let expected = [
            "pub trait Deep: Send",
            "fn Deep::go(&self)",
            "fn Deep::stop(self: Box<Self>) [provided]",
            "type Deep::Out: Copy",
            "pub fn Extra() [feature x]",
            "pub use Method = http::Method",
            "pub use Secret = value::Secret",
            "pub use Called = value::ident::Name",
            "pub mod keys [feature keys]",
            "pub mod page",
            "pub union keys::Key [feature keys]",
            "pub mod value",
            "pub const value::LIMIT: usize",
            "pub type value::Bytes<'a> = &'a [u8]",
            "pub struct value::Secret { .. }",
            "pub value::Secret.plain: Option<&'static [u8; 4]>",
            "pub const value::Secret::EMPTY: Self",
            "pub const fn value::Secret::new<'a, T: ?Sized + 'a>(text: impl Into<String>, other: &'a mut T) -> Result<Self, (u8, fmt::Error)>",
            "pub fn value::Secret::more(&mut self, f: &dyn Fn(&[u8]) -> bool) [feature x]",
            "impl fmt::Debug for value::Secret",
            "impl From<Secret> for http::HeaderValue",
            "impl<'a, T> PartialEq<State<T>> for &'a value::Secret where T: Copy",
            "value::secret: both!(Secret, Hidden)",
            "value::secret: both! writes impl Eq for $name",
            "value::secret: both! writes impl $name",
            "value::secret: both! writes pub fn both(&self) -> u8",
            "pub enum value::State<T: Copy> where T: Send [non_exhaustive]",
            "pub value::State::Known(u32, Vec<T>)",
            "pub value::State::Set { at: u8 }",
            "pub value::State::Absent = 3",
            "impl Debug for value::State<T>",
            "impl Clone for value::State<T>",
            "pub mod value::ident",
            "pub struct value::ident::Name { .. }",
            "pub value::ident::Name.0: String",
        ];
        let text = format!("\n{}\n", surface.lines.join("\n"));
        for line in expected {
            assert!(text.contains(&format!("\n{line}\n")), "{line}\n--{text}");
        }
        assert_eq!(surface.lines.len(), expected.len(), "{text}");
        assert_eq!(surface.problems, [""; 0]);
        assert_eq!(unexplained(&surface, &[]), [""; 0]);
    }

    #[test]
    fn a_private_module_may_be_passed_on_whole() {
        let surface = crate_of("#[cfg(feature = \"y\")] pub use crate::inner::deep as well;");
        let has = |line: &str| surface.lines.iter().any(|listed| listed == line);
        assert!(has("pub mod value::well [feature y]"), "{:#?}", surface.lines);
        assert!(has("fn value::well::Deep::go(&self) [feature y]"), "{:#?}", surface.lines);
        assert!(has("pub use Deep = value::well::Deep"), "{:#?}", surface.lines);
    }

    #[test]
    fn what_a_macro_makes_has_a_name_and_its_traits() {
        let made = "macro_rules! make { ($($n:ident),+) => { $(#[derive(Debug)] #[non_exhaustive] pub enum $n {})+ } } make! { A, B, }\nimpl Eq for A {}";
        let surface =
            crate_of(&format!("mod made {{ {made} }} pub use made::A; impl A {{ more!(1); }}"));
        for line in [
            "pub value::A [made by a macro]",
            "impl Eq for value::A",
            "value::A: more!(1)",
            "value::made: make!(A, B)",
        ] {
            assert!(
                surface.lines.iter().any(|listed| listed == line),
                "{line} {:#?}",
                surface.lines
            );
        }
        assert_eq!(unexplained(&surface, &[]), [""; 0]);
        let closed = crate_of(&made.replace("#[non_exhaustive]", ""));
        assert_eq!(unexplained(&closed, &[]).len(), 1);
    }

    #[test]
    fn a_change_shows() {
        let (old, new) =
            (listing(&crate_of("")), listing(&crate_of("/// Docs.\npub fn added(a: u8) {}")));
        assert_eq!(difference(&old, &new), "+ pub fn value::added(a: u8)");
        assert_eq!(difference(&new, &old), "- pub fn value::added(a: u8)");
        assert_eq!(difference(&old, &old), "");
    }

    #[test]
    fn mute_closed_and_hidden_things_are_caught() {
        assert_eq!(crate_of("pub fn mute() {}").problems, ["`pub fn value::mute()` has no docs"]);
        assert_eq!(
            crate_of("/// Docs.\npub struct S { pub mute: u8 }").problems,
            ["`pub value::S.mute: u8` has no docs"]
        );
        assert_eq!(
            crate_of("/// Docs.\npub enum E { Mute }").problems,
            ["`pub value::E::Mute` has no docs"]
        );
        assert_eq!(
            crate_of("pub use secret::*;").problems,
            ["`pub use value::*`: name the items instead"]
        );
        let closed = crate_of("/// Docs.\npub enum E {}");
        assert_eq!(unexplained(&closed, &[]).len(), 1);
        assert_eq!(unexplained(&closed, &[("value::E", "")]).len(), 1);
        assert_eq!(
            unexplained(&closed, &[("value::E", "nothing can be added to nothing")]),
            [""; 0]
        );
        assert_eq!(unexplained(&crate_of(""), &[("value::E", "gone")]).len(), 1);
    }
}
