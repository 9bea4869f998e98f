//! Reads the crate's own source as text, for the tests of its structure.
//!
//! It knows files, tokens, modules, paths and `use`. It does not know types, and expands no macro.

#![allow(dead_code, reason = "each test takes the part it needs")]

pub mod comments;
pub mod lex;
pub mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use lex::{Token, lex};

/// One source file, without what it keeps for its own tests.
pub struct Source {
    /// Below `src`, with `/`: `value/secret.rs`.
    pub path: String,
    /// The module this file is: `["value", "secret"]`.
    pub module: Vec<String>,
    pub text: String,
    /// Everything outside `#[cfg(test)]`, comments and docs too.
    pub tokens: Vec<Token>,
    /// The lines before an in-file `#[cfg(test)] mod`.
    pub body_lines: usize,
}

impl Source {
    /// The tokens of the code alone.
    pub fn code(&self) -> Vec<&Token> {
        self.tokens.iter().filter(|token| token.is_code()).collect()
    }
}

/// The directory that holds `Cargo.toml`.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether the checked-in lists are to be rewritten rather than compared.
pub fn blessing() -> bool {
    std::env::var_os("GRANTWIRE_BLESS").is_some_and(|value| value == "1")
}

/// Fails with a list to read, unless there is nothing on it.
pub fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The files of `src`, in order of their paths.
pub fn read_sources() -> Vec<Source> {
    let src = root().join("src");
    let mut files = Vec::new();
    collect(&src, &src, &mut files);
    files.sort();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    sources_of(&files)
}

fn collect(directory: &Path, src: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).expect("src can be listed") {
        let path = entry.expect("src can be listed").path();
        if path.is_dir() {
            collect(&path, src, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(src).expect("the walk stays below src");
            let name =
                below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            files.push((name, fs::read_to_string(&path).expect("a source file is UTF-8")));
        }
    }
}

/// Sources from paths and texts, which the tests of the tests make up.
pub fn sources_of(files: &[(&str, &str)]) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut test_modules: Vec<Vec<String>> = Vec::new();
    for (path, text) in files {
        let module = module_of(path);
        let split = without_tests(&lex(text));
        for name in split.test_files {
            test_modules.push(module.iter().cloned().chain([name]).collect());
        }
        let body_lines =
            split.first_test_line.map_or_else(|| text.lines().count(), |line| line - 1);
        let (path, text) = (String::from(*path), String::from(*text));
        sources.push(Source { path, module, text, tokens: split.kept, body_lines });
    }
    sources.retain(|source| !test_modules.iter().any(|test| source.module.starts_with(test)));
    sources
}

fn module_of(path: &str) -> Vec<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let mut parts: Vec<String> = stem.split('/').map(String::from).collect();
    if parts.last().is_some_and(|last| last == "mod") || stem == "lib" {
        parts.pop();
    }
    parts
}

struct Split {
    kept: Vec<Token>,
    first_test_line: Option<usize>,
    test_files: Vec<String>,
}

/// Takes out each item under `#[cfg(test)]`, or under any `cfg` that asks for `test`.
fn without_tests(tokens: &[Token]) -> Split {
    let mut split = Split { kept: Vec::new(), first_test_line: None, test_files: Vec::new() };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let Some(after_attribute) = test_attribute_end(tokens, at) else {
            split.kept.push(token.clone());
            at += 1;
            continue;
        };
        let end = item_end(tokens, after_attribute);
        let item = tokens.get(after_attribute..end).unwrap_or_default();
        let names = item.windows(3).find(|words| words.first().is_some_and(|word| word.is("mod")));
        if let Some([_, name, next]) = names {
            split.first_test_line.get_or_insert(token.line);
            if next.is(";") {
                split.test_files.push(name.text.clone());
            }
        }
        at = end;
    }
    split
}

/// Where the attribute that starts at `at` ends, if it is a `cfg` for tests.
fn test_attribute_end(tokens: &[Token], at: usize) -> Option<usize> {
    let [hash, open, cfg, ..] = tokens.get(at..)? else {
        return None;
    };
    if !(hash.is("#") && open.is("[") && cfg.is("cfg")) {
        return None;
    }
    let length = tokens.get(at..)?.iter().position(|token| token.is("]"))?;
    let words = tokens.get(at..at + length)?;
    let asks =
        words.iter().any(|token| token.is("test")) && !words.iter().any(|token| token.is("not"));
    asks.then_some(at + length + 1)
}

/// The end of the item that starts at `at`: its closing brace or its semicolon.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut is_use = false;
    for (offset, token) in tokens.iter().enumerate().skip(at) {
        is_use |= depth == 0 && token.is("use");
        if ["{", "(", "["].iter().any(|open| token.is(open)) {
            depth += 1;
        } else if ["}", ")", "]"].iter().any(|close| token.is(close)) {
            let Some(outer) = depth.checked_sub(1) else {
                return offset;
            };
            depth = outer;
        }
        if depth == 0 && (token.is(";") || token.is("}") && !is_use) {
            return offset + 1;
        }
    }
    tokens.len()
}
