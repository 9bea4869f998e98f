//! Tokens as one line of text, spaced as a person would.

use quote::ToTokens;

use crate::source::lex::{Kind, Token, lex};

/// Words after which a bracket opens a new type instead of belonging to the word.
const STANDING_ALONE: &[&str] = &["mut", "dyn", "as", "in", "where", "const", "impl", "for"];

/// One line, without attributes and docs.
pub fn render(part: &impl ToTokens) -> String {
    spaced(&lex(&part.to_token_stream().to_string()))
}

pub fn spaced(tokens: &[Token]) -> String {
    let mut line = String::new();
    let mut before = "";
    let tokens = without_attributes(tokens);
    for (at, token) in tokens.iter().enumerate() {
        let text = token.text.as_str();
        // Where a line was broken does not matter.
        if text == ","
            && tokens
                .get(at + 1)
                .is_none_or(|next| [")", ">", "]", "}"].iter().any(|close| next.is(close)))
        {
            continue;
        }
        // The lexer knows no arrows.
        let arrow = text == ">" && matches!(before, "-" | "=");
        if !(line.is_empty() || arrow || touches(before, text)) {
            line.push(' ');
        }
        line.push_str(text);
        before = if arrow { "->" } else { text };
    }
    line
}

fn without_attributes(tokens: &[Token]) -> Vec<&Token> {
    let mut kept: Vec<&Token> = Vec::new();
    let mut depth = 0_usize;
    for token in tokens.iter().filter(|token| token.is_code() || token.kind == Kind::OuterDoc) {
        if depth == 0 && token.is("[") && kept.last().is_some_and(|before| before.is("#")) {
            kept.pop();
            depth = 1;
        } else if depth > 0 {
            depth += usize::from(token.is("["));
            depth -= usize::from(token.is("]"));
        } else if token.is_code() {
            kept.push(token);
        }
    }
    kept
}

fn touches(before: &str, next: &str) -> bool {
    let is_word =
        before.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !before.starts_with('\'');
    let belongs = is_word && !STANDING_ALONE.contains(&before);
    match (before, next) {
        (_, "," | ";" | ")" | "]" | ">" | "." | "::" | ":")
        | ("(" | "[" | "<" | "&" | "::" | "!" | "?" | "*" | "$" | "." | "#", _) => true,
        (_, "(" | "[") => belongs || before == ">" || before == "]",
        (_, "<") => {
            is_word && !matches!(before, "mut" | "dyn" | "as" | "in" | "where") || before == ">"
        }
        (_, "!") => belongs,
        _ => false,
    }
}
