//! Every citation says the same thing twice, in its text and in its link, and stands in the index.
//!
//! The index is `src/coverage.md`: one table for each specification, with the files that cite each
//! section. `GRANTWIRE_BLESS=1` rewrites the "Where" column and adds missing rows; what a section
//! is about, a person writes. Nothing is fetched: whether a section exists is not known here.

mod citing;
mod source;

use std::collections::BTreeSet;
use std::fs;

use citing::page::{Cited, Page};
use citing::prose::{Prose, without_fences};
use source::comments::comments;
use source::lex::Kind;
use source::paths::Tree;
use source::{Source, assert_none, blessing, read_sources, root, sources_of};

/// What the comments and docs of a crate cite.
fn read_crate(sources: &[Source], problems: &mut Vec<String>) -> Cited {
    let tree = Tree::of(sources);
    let mut cited = Cited::new();
    for source in sources {
        for comment in comments(source, tree.is_public(&source.module)) {
            let text = if comment.kind == Kind::Comment {
                comment.text
            } else {
                without_fences(&comment.text)
            };
            let prose = Prose {
                text: &text,
                place: &source.path,
                first_line: comment.line,
                shown: comment.shown,
            };
            for citation in prose.read(problems) {
                cited.entry(citation).or_default().insert(source.path.clone());
            }
        }
    }
    cited
}

fn read_page(text: &str, place: &str, problems: &mut Vec<String>) {
    Prose { text: &without_fences(text), place, first_line: 1, shown: false }.read(problems);
}

/// Everything wrong with a crate and its coverage page.
fn check(sources: &[Source], page: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let cited = read_crate(sources, &mut problems);
    read_page(page, "coverage.md", &mut problems);
    let files: BTreeSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    problems.extend(Page::read(page).compare(&cited, &files));
    problems
}

#[test]
fn citations_agree_and_are_in_the_index() {
    let sources = read_sources();
    let path = root().join("src/coverage.md");
    let mut text = fs::read_to_string(&path).unwrap_or_default();
    if blessing() {
        text = blessed(&text, &read_crate(&sources, &mut Vec::new()));
        fs::write(&path, &text).expect("coverage.md can be written");
    }
    assert_none(&check(&sources, &text));
}

fn blessed(text: &str, cited: &Cited) -> String {
    let mut page = Page::read(text);
    page.bless(cited);
    page.to_string()
}

#[test]
fn the_pages_beside_the_source_agree_with_themselves() {
    let mut problems = Vec::new();
    for entry in fs::read_dir(root()).expect("the root can be listed") {
        let path = entry.expect("the root can be listed").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).expect("a page is UTF-8");
            read_page(
                &text,
                &path.file_name().unwrap_or_default().to_string_lossy(),
                &mut problems,
            );
        }
    }
    assert_none(&problems);
}

/// The rules above, against made-up texts: a rule that cannot fail proves nothing.
mod made_up {
    use super::*;

    const BASE: &str = "https://www.rfc-editor.org/rfc/rfc";

    /// What is wrong with one doc comment of a public item.
    fn wrong(doc: &str) -> String {
        let mut problems = Vec::new();
        let text = format!("/// {}\npub struct X;", doc.replace('\n', "\n/// "));
        read_crate(&sources_of(&[("value.rs", &text)]), &mut problems);
        problems.join("\n")
    }

    #[test]
    fn right_citations_pass() {
        for (text, url) in [
            ("RFC 6749", format!("{BASE}6749")),
            ("RFC 6749 §4.1.3", format!("{BASE}6749#section-4.1.3")),
            ("RFC 6749\n§4.1.3", format!("{BASE}6749#section-4.1.3")),
            ("RFC 6749 Appendix A", format!("{BASE}6749#appendix-A")),
            ("RFC 6749 Appendix A.1", format!("{BASE}6749#appendix-A.1")),
            (
                "OpenID Connect Core §3.1.2.1",
                "https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest".into(),
            ),
            (
                "draft-ietf-oauth-rfc7523bis §4",
                "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis#section-4"
                    .into(),
            ),
            (
                "draft-ietf-oauth-rfc7523bis",
                "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis-03".into(),
            ),
            ("a provider's page", "https://docs.example/rfc/rfc6749".into()),
            ("`Secret`", "crate::value::Secret".into()),
        ] {
            assert_eq!(wrong(&format!("See [{text}]({url}), a token.")), "", "{text}");
        }
        assert_eq!(wrong("As RFC 6749 and RFC 6750 have it."), "");
        assert_eq!(wrong("Code:\n```\n// RFC 6749 §4.1\n```\nand no more."), "");
    }

    #[test]
    fn wrong_citations_are_caught() {
        for (text, url) in [
            ("RFC 6749 §4.1.3", format!("{BASE}6749#section-4.1.2")),
            ("RFC 6749 §4.1.3", format!("{BASE}6750#section-4.1.3")),
            ("RFC 6749 §4.1.3", format!("{BASE}6749")),
            ("RFC 6749", format!("{BASE}6749#section-4")),
            ("RFC 6749 §4.1.3", format!("{BASE}6749.html#section-4.1.3")),
            ("RFC 6749 §4.1.3", "https://tools.ietf.org/html/rfc6749#section-4.1.3".into()),
            (
                "RFC 6749 §4.1.3",
                "https://datatracker.ietf.org/doc/html/rfc6749#section-4.1.3".into(),
            ),
            ("RFC 6749 §4.1.3", format!("{}6749#section-4.1.3", BASE.replace("https", "http"))),
            ("RFC 6749 §4.1.3", "crate::grant".into()),
            ("RFC6749 §4.1.3", format!("{BASE}6749#section-4.1.3")),
            ("RFC 6749, section 4.1.3", format!("{BASE}6749#section-4.1.3")),
            ("RFC 6749 § 4.1.3", format!("{BASE}6749#section-4.1.3")),
            ("RFC 6749 §4.1.", format!("{BASE}6749#section-4.1.")),
            ("RFC 6749 §A", format!("{BASE}6749#section-A")),
            ("RFC 6749 Appendix A", format!("{BASE}6749#section-A")),
            ("RFC 6749 Appendix A", format!("{BASE}6749#appendix-B")),
            ("RFC 6749 Appendix a", format!("{BASE}6749#appendix-a")),
            ("RFC 9999 §1", format!("{BASE}9999#section-1")),
            ("the token request", format!("{BASE}6749#section-4.1.3")),
            (
                "OpenID Connect Core §3.1.2.1",
                "https://openid.net/specs/openid-connect-core-1_0.html".into(),
            ),
            (
                "OpenID Connect Core §2",
                "https://openid.net/specs/openid-connect-discovery-1_0.html#x".into(),
            ),
            ("Some Other Paper §2", "https://openid.net/specs/other.html#two".into()),
            (
                "draft-ietf-oauth-rfc7523bis §4",
                "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis#section-5"
                    .into(),
            ),
            (
                "draft-ietf-oauth-rfc7523bis",
                "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis-x1".into(),
            ),
        ] {
            assert_eq!(
                wrong(&format!("See\n[{text}]({url}).")).lines().count(),
                1,
                "[{text}]({url})"
            );
        }
        assert!(
            wrong("x\n[RFC 6749](https://x.example)")
                .starts_with("value.rs:2: `RFC 6749` links to")
        );
    }

    #[test]
    fn bare_sections_are_caught_where_they_are_shown() {
        for bare in [
            "RFC 6749 §4.1",
            "RFC 6749, section 4.1",
            "RFC 6749\nSection 4.1",
            "section 4.1 of RFC 6749",
            "RFC 6749's Appendix B",
            "and §4.2 too",
            "[RFC 6749 §4.1]",
            "<https://www.rfc-editor.org/rfc/rfc6749>",
            "RFC 9999",
        ] {
            assert_ne!(wrong(bare), "", "{bare}");
        }
        let count_in = |path: &str, text: &str| {
            let lib = ("lib.rs", "pub mod value;\nmod wire;\nmod inner;\npub use inner::well;");
            let inner = ("inner/mod.rs", "pub mod well;\npub mod shut;");
            let mut problems = Vec::new();
            read_crate(&sources_of(&[lib, inner, (path, text)]), &mut problems);
            problems.len()
        };
        let count = |text: &str| count_in("value.rs", text);
        for shown in [
            "//! RFC 6749 §1",
            "#[doc = \"RFC 6749 §1\"]\npub fn f() {}",
            "pub enum E {\n/// RFC 6749 §1\nA }",
            "pub enum E { A {\n/// RFC 6749 §1\na: u8 } }",
            "pub trait T {\n/// RFC 6749 §1\nfn f(); }",
            "/// RFC 6749 §1\n#[must_use] #[cfg(x)]\npub const fn f() {}",
            "table! {\n/// RFC 6749 §1\nA => 1 }",
            "impl X {\n/** RFC 6749 §1 */\npub fn f() {} }",
            "struct S {\n/// RFC 6749 §1\npub a: u8 }",
        ] {
            assert_eq!(count(shown), 1, "{shown}");
        }
        for hidden in [
            "// RFC 6749 §1",
            "/// RFC 6749 §1\npub(crate) fn f() {}",
            "/// RFC 6749 §1\nfn f() {}",
            "enum E {\n/// RFC 6749 §1\nA }",
            "pub struct S {\n/// RFC 6749 §1\na: u8 }",
            "const S: &str = \"RFC 6749 §1\";",
            "#[cfg(test)] mod tests {\n/// RFC 6749 §1\npub fn f() {} }",
        ] {
            assert_eq!(count(hidden), 0, "{hidden}");
        }
        assert_eq!(count("// RFC 9999"), 1);
        for (path, expected) in [("inner/well.rs", 1), ("inner/shut.rs", 0), ("wire.rs", 0)] {
            assert_eq!(count_in(path, "//! RFC 6749 §1"), expected, "{path}");
        }
    }

    #[test]
    fn the_index_is_compared_both_ways() {
        let first = format!("/// [RFC 6749 §4.1]({BASE}6749#section-4.1)\npub struct X;");
        let second = format!(
            "// [RFC 6749 Appendix A.1]({BASE}6749#appendix-A.1), [RFC 7636]({BASE}7636), [RFC 6749 §10]({BASE}6749#section-10)"
        );
        let sources = sources_of(&[("value/a.rs", &first), ("value/b.rs", &second)]);
        let cited = read_crate(&sources, &mut Vec::new());
        let fresh = blessed("", &cited);
        let problems = check(&sources, &fresh).join("\n");
        assert_eq!(problems.matches("say what it is about").count(), 3, "{problems}");
        assert_eq!(problems.lines().count(), 3, "{problems}");

        let page = fresh
            .replace("|  |", "| Words |")
            .replace("Framework\n", "Framework\n\nProse of one table.\n");
        assert_none(&check(&sources, &page));
        assert_eq!(blessed(&page, &cited), page, "blessing a right page changes nothing");
        let order = [
            "Coverage",
            "## RFC 6749 — The OAuth",
            "Prose",
            "§4.1",
            "§10",
            "Appendix A.1",
            "## RFC 7636 — Proof Key",
        ];
        let places: Vec<_> = order.iter().map(|part| page.find(part)).collect();
        assert!(places.is_sorted() && places.iter().all(Option::is_some), "{page}");

        for (from, to, problem) in [
            ("`value/a.rs`", "`value/b.rs`", "RFC 6749 §4.1: value/b.rs does not cite it"),
            (
                "`value/a.rs`",
                "`value/b.rs`",
                "value/a.rs cites RFC 6749 §4.1, but coverage.md does not list it",
            ),
            ("`value/a.rs`", "`value/a.rs`, `value/c.rs`", "value/c.rs does not exist"),
            ("`value/a.rs`", "", "RFC 6749 §4.1: no file"),
            ("Appendix A.1](", "Appendix A.2](", "links to"),
            ("## RFC 7636", "## RFC 7638", "`RFC 7638` is cited nowhere"),
            (
                "## RFC 7636",
                "## RFC 7638",
                "value/b.rs cites RFC 7636, which is not in coverage.md",
            ),
            (
                "Proof Key",
                "Proof of Key",
                "should read `## RFC 7636 — Proof Key for Code Exchange by OAuth Public Clients`",
            ),
            ("| Words |", "|  |", "say what it is about"),
            (
                "| [RFC 6749 §10]",
                "[RFC 6749 §10]",
                "value/b.rs cites RFC 6749 §10, which is not in coverage.md",
            ),
        ] {
            let broken = page.replacen(from, to, 1);
            let problems = check(&sources, &broken).join("\n");
            assert!(problems.contains(problem), "{problem}\n--\n{problems}");
        }
        let gone = check(&sources_of(&[("value/a.rs", &first)]), &page).join("\n");
        assert!(gone.contains("RFC 6749 §10: value/b.rs does not exist"), "{gone}");
    }

    #[test]
    fn a_section_has_one_address() {
        let text = |anchor| {
            format!(
                "// [OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#{anchor})"
            )
        };
        let (one, two) = (text("IDToken"), text("Wrong"));
        let right = sources_of(&[("value.rs", &one)]);
        let page =
            blessed("", &read_crate(&right, &mut Vec::new())).replace("|  |", "| ID token |");
        assert_none(&check(&right, &page));
        let problems =
            check(&sources_of(&[("value.rs", &one), ("jose.rs", &two)]), &page).join("\n");
        assert!(problems.contains("jose.rs cites OpenID Connect Core §2, at https"), "{problems}");
    }
}
