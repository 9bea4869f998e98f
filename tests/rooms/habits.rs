//! Short bodies, names that are nouns, a first line that says what a file is, no way to panic, and
//! a face that only re-exports.

use crate::source::Source;
use crate::source::lex::Token;
use crate::source::paths::Tree;

const LONGEST_BODY: usize = 400;

/// Names that say nothing about what is inside.
const DRAWERS: &[&str] = &["types", "utils", "util", "helpers", "helper", "common", "core", "misc"];

const PANICKING_METHODS: &[&str] = &["unwrap", "expect", "unwrap_err", "expect_err"];
const PANICKING_MACROS: &[&str] = &["panic", "todo", "unimplemented", "unreachable"];

/// Files that are too long, badly named, or do not say what they are.
pub fn untidy(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for Source { path, text, body_lines, .. } in sources {
        if *body_lines > LONGEST_BODY {
            problems.push(format!("{path}: {body_lines} lines; {LONGEST_BODY} is the most. What second thing moved in?"));
        }
        if !text.starts_with("//!") {
            problems.push(format!("{path}: must open with `//!`"));
        }
    }
    for (module, file) in Tree::of(sources).modules {
        let path = sources.get(file).map_or("?", |source| &source.path);
        if let Some(name) = module.iter().find(|name| DRAWERS.contains(&name.as_str())) {
            problems.push(format!("{path}: `{name}` is a drawer, not a name"));
        }
    }
    problems
}

/// Calls that can panic by themselves, and files that the walk would miss.
pub fn panics_and_detours(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources {
        for window in source.code().windows(3) {
            let [before, word, after] = window else {
                continue;
            };
            let listed = |names: &[&str]| word.is_word() && names.contains(&word.text.as_str());
            let called = (before.is(".") || before.is("::")) && after.is("(");
            if listed(PANICKING_METHODS) && called || listed(PANICKING_MACROS) && after.is("!") {
                problems.push(format!("{}:{}: `{}` can panic", source.path, word.line, word.text));
            }
            if before.is("[") && word.is("path") && after.is("=")
                || word.is("include") && after.is("!")
            {
                problems.push(format!(
                    "{}:{}: `{}` hides a file from its place",
                    source.path, word.line, word.text
                ));
            }
        }
    }
    problems
}

/// `lib.rs` holds docs, attributes, `mod` and `pub use`; an inline module holds the same.
pub fn more_than_a_face(sources: &[Source]) -> Vec<String> {
    let Some(lib) = sources.iter().find(|source| source.path == "lib.rs") else {
        return vec!["there is no lib.rs".into()];
    };
    let code = lib.code();
    let mut problems = Vec::new();
    let mut at = 0;
    while let Some(token) = code.get(at) {
        let closing = |close: &str| {
            code.iter()
                .skip(at)
                .position(|token| token.is(close))
                .map_or(code.len(), |n| at + n + 1)
        };
        let next =
            |ahead: usize, text: &str| code.get(at + ahead).is_some_and(|token| token.is(text));
        at = if token.is("#") {
            attribute_end(&code, at)
        } else if token.is("pub") && next(1, "use") {
            closing(";")
        } else if token.is("pub") && next(1, "(") {
            closing(")")
        } else if token.is("mod") && next(2, "{") || token.is("mod") && next(2, ";") {
            at + 3
        } else if token.is("pub") && next(1, "mod") || token.is("}") {
            at + 1
        } else {
            problems.push(format!(
                "lib.rs:{}: `{}` is neither docs, `mod` nor `pub use`",
                token.line, token.text
            ));
            break;
        };
    }
    problems
}

fn attribute_end(code: &[&Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, token) in code.iter().enumerate().skip(at) {
        if token.is("[") {
            depth += 1;
        } else if token.is("]") {
            depth -= 1;
            if depth == 0 {
                return offset + 1;
            }
        }
    }
    code.len()
}

/// The rules above, against made-up sources.
mod made_up {
    use super::*;
    use crate::source::{assert_none, sources_of};

    #[test]
    fn untidy_files_are_caught() {
        let long = format!("//! Long.\n{}", "\n".repeat(LONGEST_BODY));
        assert!(untidy(&sources_of(&[("value/long.rs", &long)])).concat().contains("401 lines"));
        let tested =
            format!("//! Short.\n#[cfg(test)]\nmod tests {{\n{}}}", "\n".repeat(LONGEST_BODY));
        assert_none(&untidy(&sources_of(&[("value/short.rs", &tested)])));
        assert!(
            untidy(&sources_of(&[("value/mute.rs", "use x;\n//! Late.")]))
                .concat()
                .contains("must open")
        );
        assert!(
            untidy(&sources_of(&[("value/utils.rs", "//! Drawer.")])).concat().contains("drawer")
        );
        assert!(
            untidy(&sources_of(&[("value.rs", "//! X.\nmod types {}")]))
                .concat()
                .contains("`types`")
        );
    }

    #[test]
    fn panics_are_caught() {
        for form in [
            "x.unwrap()",
            "x.expect(\"y\")",
            "Option::unwrap(x)",
            "panic!(\"\")",
            "todo!()",
            "unreachable!()",
            "x\n.expect_err(\"\")",
        ] {
            let text = format!("fn f() {{ {form} }}");
            assert_eq!(panics_and_detours(&sources_of(&[("a.rs", &text)])).len(), 1, "{form}");
        }
        for form in [
            "x.unwrap_or(1)",
            "\"x.unwrap()\"",
            "// panic!()\n",
            "#[expect(dead_code)] let x = 1;",
            "expect(1)",
        ] {
            let text =
                format!("fn f() {{ {form} }} #[cfg(test)] mod tests {{ fn g() {{ x.unwrap() }} }}");
            assert_none(&panics_and_detours(&sources_of(&[("a.rs", &text)])));
        }
        assert_eq!(
            panics_and_detours(&sources_of(&[("a.rs", "#[path = \"b.rs\"] mod c;")])).len(),
            1
        );
    }

    #[test]
    fn a_face_with_code_is_caught() {
        let face = "//! Docs.\n#![forbid(unsafe_code)]\n/// Doc.\npub mod a;\nmod b;\n#[doc = include_str!(\"c.md\")]\n\
                    pub mod c {}\npub(crate) mod d;\npub mod danger { pub use crate::a::{X, y::Z}; }\npub use a::{Y, Z};";
        assert_none(&more_than_a_face(&sources_of(&[("lib.rs", face)])));
        for extra in [
            "pub fn f() {}",
            "use a::X;",
            "pub(crate) use a::X;",
            "macro_rules! m {}",
            "pub mod e { struct F; }",
        ] {
            let text = format!("{face}\n{extra}");
            assert_eq!(more_than_a_face(&sources_of(&[("lib.rs", &text)])).len(), 1, "{extra}");
        }
    }
}
