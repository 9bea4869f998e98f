//! The comments and docs of a file, and which of them rustdoc shows to everybody.
//!
//! It goes by keywords. What it cannot judge, such as the inside of a macro, counts as shown.

use super::Source;
use super::lex::{Kind, Token};

/// Neighbouring lines of one comment.
#[derive(Debug, Clone)]
pub struct Comment {
    pub kind: Kind,
    pub text: String,
    pub line: usize,
    /// Whether it is the documentation of something public.
    pub shown: bool,
}

/// The comments of `source`; `public` says whether the file itself is a public module.
pub fn comments(source: &Source, public: bool) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    let mut members = Members::default();
    for (at, token) in source.tokens.iter().enumerate() {
        let shown = match token.kind {
            Kind::InnerDoc => public,
            Kind::OuterDoc => members.shows(source.tokens.get(at + 1..).unwrap_or_default()),
            Kind::Comment => false,
            _ => {
                members.read(token);
                continue;
            }
        };
        match found.last_mut() {
            Some(last)
                if last.kind == token.kind
                    && last.line + last.text.matches('\n').count() + 1 == token.line =>
            {
                last.text.push('\n');
                last.text.push_str(&token.text);
            }
            _ => found.push(Comment {
                kind: token.kind,
                text: token.text.clone(),
                line: token.line,
                shown,
            }),
        }
    }
    found
}

/// Tells, for each open bracket, whether its members are public without saying `pub`.
#[derive(Default)]
struct Members<'a> {
    open: Vec<bool>,
    /// What the next brace holds, once an item has begun.
    pending: Option<bool>,
    last: Option<&'a Token>,
    before_last: Option<&'a Token>,
}

impl<'a> Members<'a> {
    fn read(&mut self, token: &'a Token) {
        let outer = self.open.last().copied().unwrap_or(false);
        let is_macro = [self.last, self.before_last].iter().flatten().any(|before| before.is("!"));
        match token.text.as_str() {
            _ if !token.is_code() || token.kind == Kind::Text => {}
            // Variants and trait items are as public as what they belong to.
            "enum" | "trait" => {
                self.pending = Some(self.last.is_some_and(|before| before.is("pub")));
            }
            "struct" | "union" | "fn" | "impl" | "mod" => self.pending = Some(false),
            "{" => {
                let members = self.pending.take().unwrap_or(outer);
                self.open.push(members || is_macro);
            }
            "(" | "[" => self.open.push(outer || is_macro),
            "}" | ")" | "]" => drop(self.open.pop()),
            ";" => self.pending = None,
            _ => {}
        }
        self.before_last = self.last.replace(token);
    }

    /// Whether what follows a doc comment is public.
    fn shows(&self, after: &[Token]) -> bool {
        let mut code = after.iter().filter(|token| token.is_code()).peekable();
        let mut depth = 0_usize;
        while let Some(token) = code.next() {
            if token.is("[") {
                depth += 1;
            } else if token.is("]") {
                // The bracket of a `#[doc = "…"]` that this very text stands in has no opening here.
                depth = depth.saturating_sub(1);
            } else if depth == 0 && token.is("pub") {
                return !code.peek().is_some_and(|next| next.is("("));
            } else if depth == 0 && !token.is("#") {
                return token.is("$") || self.open.last().copied().unwrap_or(false);
            }
        }
        false
    }
}
