//! [`Challenge`]: what a `WWW-Authenticate` header asks for
//! ([RFC 9110 §11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1)).
//!
//! One header may hold several challenges, and several headers may stand side by side. What a Bearer
//! or DPoP challenge means to a client is decided where a resource is asked for.

use std::fmt;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// The most bytes of one header that are read.
const LIMIT: usize = 16 * 1024;

/// One challenge: a scheme and its parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    scheme: Box<str>,
    token68: Option<Box<str>>,
    params: Vec<(Box<str>, Box<str>)>,
}

impl Challenge {
    /// Reads every challenge of every `WWW-Authenticate` header, in order.
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] when a header does not follow the grammar.
    pub fn from_headers(headers: &HeaderMap) -> Result<Vec<Self>, ChallengeError> {
        let mut all = Vec::new();
        for value in headers.get_all(WWW_AUTHENTICATE) {
            // Descriptions are ASCII by rule and anything in practice.
            parse(&String::from_utf8_lossy(value.as_bytes()), Reading::Strict, &mut all)?;
        }
        Ok(all)
    }

    /// The challenges of every header, as far as they can be read: a server that forgets a comma or a
    /// quote still says why it refused. What follows the grammar reads as it does in
    /// [`Challenge::from_headers`]; a header that is too long says nothing.
    pub(crate) fn readable(headers: &HeaderMap) -> Vec<Self> {
        let mut all = Vec::new();
        for value in headers.get_all(WWW_AUTHENTICATE) {
            let text = String::from_utf8_lossy(value.as_bytes());
            // Its length is all that can be wrong with it, and then nothing of it is kept.
            let _ = parse(&text, Reading::Lenient, &mut all);
        }
        all
    }

    /// Reads the challenges of one header value.
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] when it does not follow the grammar.
    pub fn from_value(text: &str) -> Result<Vec<Self>, ChallengeError> {
        let mut all = Vec::new();
        parse(text, Reading::Strict, &mut all)?;
        Ok(all)
    }

    /// Whether the scheme is this one, in any letter case.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The scheme as it was sent.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// A parameter's value, unquoted; names are compared in any letter case. `None` as well when the
    /// parameter is repeated, since it is then not known which one is meant.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        let mut found = self.params.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The single value some schemes have in place of parameters.
    #[must_use]
    pub fn token68(&self) -> Option<&str> {
        self.token68.as_deref()
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({} parameters)", self.params.len())
    }
}

/// Why a `WWW-Authenticate` header cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChallengeError {
    /// It does not follow the grammar, as with an unbalanced quote.
    Malformed,
    /// It is longer than 16 KiB.
    TooLong,
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the challenge does not follow its grammar",
            Self::TooLong => "the challenge is longer than 16 KiB",
        })
    }
}

impl std::error::Error for ChallengeError {}

/// What becomes of a text that does not follow the grammar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// It is refused.
    Strict,
    /// An unquoted value runs to a comma or white space, or to a `;` after a word, and the words after it
    /// are its own too; `name=` begins a parameter with or without a comma before it, a quote that is not
    /// closed ends with the text, and what fits nowhere is left out.
    Lenient,
}

/// A cursor that only moves forward, so reading is linear.
struct Cursor<'a> {
    rest: &'a str,
    reading: Reading,
    /// Whether the value read last had no quotes, so that the words after it may be its own.
    bare: bool,
}

impl<'a> Cursor<'a> {
    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'a str {
        let end = self.rest.bytes().position(|byte| !keep(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn spaces(&mut self) -> usize {
        self.take_while(|byte| matches!(byte, b' ' | b'\t')).len()
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest.strip_prefix(wanted).map(|rest| self.rest = rest).is_some()
    }

    /// A fault in the grammar: an error, or nothing at all.
    fn fault(&self) -> Result<(), ChallengeError> {
        match self.reading {
            Reading::Strict => Err(ChallengeError::Malformed),
            Reading::Lenient => Ok(()),
        }
    }

    /// A quoted string after its opening quote.
    fn quoted(&mut self) -> Result<Box<str>, ChallengeError> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next() {
                Some('"') => break,
                Some('\\') => match chars.next() {
                    Some(c) => text.push(c),
                    None => self.fault()?,
                },
                Some(c) => text.push(c),
                None => {
                    self.fault()?;
                    break;
                }
            }
        }
        self.rest = chars.as_str();
        Ok(text.into())
    }

    /// `= value`, quoted or not, with the white space that bad senders put around the sign. `None` for an
    /// empty one without quotes, where that is no error.
    fn value(&mut self) -> Result<Option<Box<str>>, ChallengeError> {
        self.eat('=');
        self.spaces();
        self.bare = !self.eat('"');
        if !self.bare {
            return self.quoted().map(Some);
        }
        let value = match self.reading {
            Reading::Strict => self.take_while(is_token),
            Reading::Lenient => self.bare_value(),
        };
        if value.is_empty() {
            self.fault()?;
        }
        Ok(Some(value).filter(|value| !value.is_empty()).map(Into::into))
    }

    /// A `;` may be within a URL, but not within a word.
    fn bare_value(&mut self) -> &'a str {
        let all = self.rest;
        let word = self.take_while(is_token);
        if self.rest.starts_with(';') {
            return word;
        }
        self.rest = all;
        self.take_while(is_bare).trim_end_matches(';')
    }

    /// The words from this one on, each after a space, up to a comma, a `;` or a parameter. All at once, so
    /// that a value grows once.
    fn words(&mut self, first: &str, mut gap: usize) -> String {
        let (mut all, mut word) = (String::new(), first);
        loop {
            all.extend([" ", word]);
            if self.rest.starts_with(';') {
                break;
            }
            if gap == 0 {
                let rest = self.take_while(is_bare);
                all.push_str(rest.trim_end_matches(';'));
                if rest.ends_with(';') {
                    break;
                }
                self.spaces();
            }
            let before = self.rest;
            word = self.take_while(is_token);
            gap = self.spaces();
            if word.is_empty() || self.rest.starts_with('=') {
                self.rest = before;
                break;
            }
        }
        self.bare = false;
        all
    }

    /// Goes past what can begin nothing: a character, or a quoted string whole.
    fn skip(&mut self) -> Result<(), ChallengeError> {
        self.fault()?;
        if self.eat('"') {
            return self.quoted().map(drop);
        }
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
        Ok(())
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_bare(byte: u8) -> bool {
    !matches!(byte, b',' | b' ' | b'\t')
}

fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
}

fn parse(text: &str, reading: Reading, all: &mut Vec<Challenge>) -> Result<(), ChallengeError> {
    if text.len() > LIMIT {
        return Err(ChallengeError::TooLong);
    }
    let mut cursor = Cursor { rest: text, reading, bare: false };
    let mut current: Option<Challenge> = None;
    // Whether a word may be a scheme. A parameter may follow a scheme at once, and so may another scheme;
    // anything else must be set off by a comma.
    let mut set_off = true;
    loop {
        let gap = cursor.take_while(|byte| matches!(byte, b' ' | b'\t' | b','));
        set_off |= gap.contains(',');
        if cursor.rest.is_empty() {
            break;
        }
        let name = cursor.take_while(is_token);
        if name.is_empty() {
            cursor.skip()?;
            (set_off, cursor.bare) = (false, false);
            continue;
        }
        let gap = cursor.spaces();
        if cursor.rest.starts_with('=') {
            let value = cursor.value()?;
            match (&mut current, value) {
                (Some(challenge), Some(value)) => challenge.params.push((name.into(), value)),
                (Some(_), None) => {}
                (None, _) => cursor.fault()?,
            }
        } else if set_off {
            all.extend(current.take());
            let token68 = if gap > 0 { token68(&mut cursor) } else { None };
            current = Some(Challenge { scheme: name.into(), token68, params: Vec::new() });
            cursor.bare = false;
            continue;
        } else if cursor.bare {
            let words = cursor.words(name, gap);
            append(&mut current, &words);
        }
        set_off = false;
        cursor.spaces();
        if !cursor.rest.is_empty() && !cursor.rest.starts_with(',') {
            cursor.fault()?;
        }
    }
    all.extend(current);
    Ok(())
}

/// A list without quotes is cut by its own spaces. A code is one word, and what follows is chatter.
fn append(challenge: &mut Option<Challenge>, words: &str) {
    let last = challenge.as_mut().and_then(|challenge| challenge.params.last_mut());
    if let Some((_, value)) = last.filter(|(name, _)| !name.eq_ignore_ascii_case("error")) {
        *value = [value, words].concat().into();
    }
}

/// A token68 runs to a comma or the end; otherwise what follows is a parameter.
fn token68(cursor: &mut Cursor<'_>) -> Option<Box<str>> {
    let before = cursor.rest;
    let text = cursor.take_while(is_token68);
    let padding = cursor.take_while(|byte| byte == b'=');
    cursor.spaces();
    let ends = cursor.rest.is_empty() || cursor.rest.starts_with(',');
    if !text.is_empty() && ends {
        let len = text.len().saturating_add(padding.len());
        return before.get(..len).map(Into::into);
    }
    cursor.rest = before;
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_challenges_in_one_header() {
        let all =
            Challenge::from_value(r#"Bearer, DPoP algs="ES256 PS256" , Basic realm="a \"b\", c""#)
                .unwrap();
        assert_eq!(
            all.iter().map(Challenge::scheme).collect::<Vec<_>>(),
            ["Bearer", "DPoP", "Basic"]
        );
        assert_eq!(all[1].param("ALGS"), Some("ES256 PS256"));
        assert_eq!(all[2].param("realm"), Some("a \"b\", c"));
    }

    #[test]
    fn token68_and_repeats() {
        let all =
            Challenge::from_value("Negotiate abc==, Bearer error=a, error=b, scope = x").unwrap();
        assert_eq!(all[0].token68(), Some("abc=="));
        assert_eq!(all[1].param("error"), None);
        assert_eq!(all[1].param("scope"), Some("x"));
    }

    #[test]
    fn faults() {
        for wrong in
            ["Bearer error=\"x", "error=\"x\"", "Bearer a=b c=d", "\"x\"", "Bearer a=\"x\\"]
        {
            assert_eq!(Challenge::from_value(wrong), Err(ChallengeError::Malformed), "{wrong}");
        }
        assert_eq!(Challenge::from_value(&"a".repeat(1 << 20)), Err(ChallengeError::TooLong));
        assert_eq!(Challenge::from_value("").unwrap(), []);
    }

    fn lenient(text: &str) -> Vec<Challenge> {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, http::HeaderValue::from_str(text).unwrap());
        Challenge::readable(&headers)
    }

    #[test]
    fn a_fault_costs_what_is_at_fault() {
        for (text, schemes, error) in [
            (r#"Bearer realm="x" error="e""#, "Bearer", Some("e")),
            (r#"Bearer realm="x"error="e""#, "Bearer", Some("e")),
            (r#"Bearer realm="x";error="e""#, "Bearer", Some("e")),
            ("Bearer realm=a@b:c/d?e=f error=e", "Bearer", Some("e")),
            ("Bearer a=b, realm=, error=e", "Bearer", Some("e")),
            ("Bearer error=e, realm=", "Bearer", Some("e")),
            (r#"Bearer realm=, error="e"#, "Bearer", Some("e")),
            (r#"Bearer error="e\"#, "Bearer", Some("e")),
            (r#"Bearer error="a b, c="d"#, "Bearer", Some("a b, c=")),
            ("Bearer scope=a b c, error=e", "Bearer", Some("e")),
            ("Bearer error=e; scope=x", "Bearer", Some("e")),
            ("Bearer scope=x;error=e;max_age=5", "Bearer", Some("e")),
            ("Bearer error=e it has expired, scope=x", "Bearer", Some("e")),
            ("Bearer: error=e", "Bearer", Some("e")),
            (r#"Bearer "stray, error=x" error=e"#, "Bearer", Some("e")),
            ("Bearer \u{fc}ber=x, error=e", "Bearer", Some("e")),
            ("error=e", "", None),
            (r#"error=e, Bearer realm="x"#, "Bearer", None),
            ("Bearer error=e error=f", "Bearer", None),
            (r#"Basic realm="x" y, Bearer error=e"#, "Basic Bearer", None),
        ] {
            let all = lenient(text);
            let read: Vec<_> = all.iter().map(Challenge::scheme).collect();
            assert_eq!(read.join(" "), schemes, "{text}");
            assert_eq!(all.first().and_then(|one| one.param("error")), error, "{text}");
            assert_eq!(Challenge::from_value(text), Err(ChallengeError::Malformed), "{text}");
        }
        assert_eq!(lenient(&format!("Bearer error=e, x={}", "y".repeat(LIMIT))), []);
    }

    /// Half a list would ask for too little, and then be refused again.
    #[test]
    fn a_list_without_quotes_is_whole() {
        for (text, scope) in [
            ("Bearer scope=a b c, error=e", "a b c"),
            ("Bearer error=e, scope=a  urn:x:y/z c", "a urn:x:y/z c"),
            ("Bearer scope=a b; error=e", "a b"),
            ("Bearer scope=a b:c; error=e", "a b:c"),
            ("Bearer scope=a;error=e", "a"),
            ("Bearer scope=https://x/;y; error=e", "https://x/;y"),
            (r#"Bearer scope=a b error="e" c"#, "a b"),
            (r#"Bearer scope="a b" c, error=e"#, "a b"),
            ("Bearer scope=a, b", "a"),
        ] {
            let all = lenient(text);
            assert_eq!(all.first().and_then(|one| one.param("scope")), Some(scope), "{text}");
        }
    }
}
