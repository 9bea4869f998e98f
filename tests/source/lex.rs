//! A lexer for Rust text: words, punctuation, literals, comments and doc comments, with their lines.
//!
//! It is not a parser. It exists so that a path in a comment or a string is never taken for code.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or keyword; a raw identifier without its `r#`.
    Word,
    /// `::`, or one other character.
    Punct,
    Number,
    Lifetime,
    /// A string, byte string or character, as written.
    Text,
    /// The text of `///`, `/** */` or `#[doc = "…"]`, without the marks around it.
    OuterDoc,
    /// The text of `//!` or `/*! */`.
    InnerDoc,
    /// The text of an ordinary comment.
    Comment,
}

/// One token and the line it starts on.
#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    pub line: usize,
}

impl Token {
    /// Whether this is the given word or punctuation, in code.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Punct) && self.text == text
    }

    pub fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }

    pub fn is_code(&self) -> bool {
        !matches!(self.kind, Kind::OuterDoc | Kind::InnerDoc | Kind::Comment)
    }
}

/// Splits Rust text into tokens; white space is dropped.
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (kind, length) = measure(rest, first);
        let (taken, after) = rest.split_at(length);
        if let Some(kind) = kind {
            let is_doc_attribute = kind == Kind::Text
                && matches!(tokens.as_slice(), [.., word, sign] if word.is("doc") && sign.is("="));
            let kind = if is_doc_attribute { Kind::OuterDoc } else { kind };
            tokens.push(Token { kind, text: bare(kind, taken), line });
        }
        line += taken.matches('\n').count();
        rest = after;
    }
    tokens
}

/// The kind and length of the token that `rest` starts with; no kind for white space.
fn measure(rest: &str, first: char) -> (Option<Kind>, usize) {
    if first.is_whitespace() {
        return (None, first.len_utf8());
    }
    if rest.starts_with("//") {
        return (Some(comment_kind(rest, "//")), rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Some(comment_kind(rest, "/*")), block_comment_length(rest));
    }
    if let Some(length) = string_length(rest).or_else(|| character_length(rest)) {
        return (Some(Kind::Text), length);
    }
    if let Some(name) = rest.strip_prefix("r#").or_else(|| rest.strip_prefix('\'')) {
        let kind = if first == '\'' { Kind::Lifetime } else { Kind::Word };
        return (Some(kind), rest.len() - name.len() + word_length(name));
    }
    if first.is_ascii_digit() {
        let whole = word_length(rest);
        let fraction = rest.get(whole..).and_then(|dot| dot.strip_prefix('.'));
        let fraction = fraction.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
        return (Some(Kind::Number), whole + fraction.map_or(0, |digits| 1 + word_length(digits)));
    }
    match word_length(rest) {
        0 if rest.starts_with("::") => (Some(Kind::Punct), 2),
        0 => (Some(Kind::Punct), first.len_utf8()),
        length => (Some(Kind::Word), length),
    }
}

fn comment_kind(rest: &str, open: &str) -> Kind {
    let body = rest.strip_prefix(open).unwrap_or(rest);
    let mark = if open == "//" { '/' } else { '*' };
    let doubled = body.strip_prefix(mark);
    // `////`, `/***` and `/**/` are ordinary comments.
    let outer = doubled
        .is_some_and(|body| !(body.starts_with(mark) || mark == '*' && body.starts_with('/')));
    match (body.starts_with('!'), outer) {
        (true, _) => Kind::InnerDoc,
        (_, true) => Kind::OuterDoc,
        _ => Kind::Comment,
    }
}

/// Block comments nest.
fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(left) = rest.get(at..).filter(|left| !left.is_empty()) {
        if left.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if left.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += left.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a string literal of any kind: plain, byte, C, raw.
fn string_length(rest: &str) -> Option<usize> {
    let prefix = rest.find(|c| !matches!(c, 'b' | 'c' | 'r'))?;
    let (letters, after) = rest.split_at(prefix);
    if !["", "b", "c", "r", "br", "cr"].contains(&letters) {
        return None;
    }
    if !letters.ends_with('r') {
        return Some(prefix + 1 + quoted_length(after.strip_prefix('"')?, '"'));
    }
    let inner = after.trim_start_matches('#');
    let hashes = after.len() - inner.len();
    let inner = inner.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inner.find(&close).map_or(inner.len(), |at| at + close.len());
    Some(prefix + hashes + 1 + end)
}

/// The length of a character or byte literal; `None` for a lifetime.
fn character_length(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('\'')?;
    let before = rest.len() - inner.len();
    let mut characters = inner.chars();
    match characters.next()? {
        '\\' => Some(before + quoted_length(inner, '\'')),
        '\'' => None,
        only => (characters.next()? == '\'').then(|| before + only.len_utf8() + 1),
    }
}

/// The length up to and with the closing quote.
fn quoted_length(inner: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in inner.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    inner.len()
}

fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
}

/// Takes the marks off comments, doc attributes and raw identifiers.
fn bare(kind: Kind, taken: &str) -> String {
    let text = match kind {
        Kind::Word => taken.strip_prefix("r#").unwrap_or(taken),
        Kind::Comment => taken.get(2..).unwrap_or_default(),
        Kind::OuterDoc | Kind::InnerDoc if taken.starts_with('/') => {
            taken.get(3..).unwrap_or_default()
        }
        Kind::OuterDoc => {
            taken.trim_start_matches(['r', '#']).trim_end_matches('#').trim_matches('"')
        }
        _ => taken,
    };
    let is_block = taken.starts_with("/*") && kind != Kind::Text;
    if is_block { text.trim_end_matches("*/").into() } else { text.into() }
}
