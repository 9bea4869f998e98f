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
            parse(&String::from_utf8_lossy(value.as_bytes()), &mut all)?;
        }
        Ok(all)
    }

    /// The challenges of every header that can be read; one that cannot costs only itself.
    pub(crate) fn readable(headers: &HeaderMap) -> Vec<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter();
        let texts = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
        texts.filter_map(|text| Self::from_value(&text).ok()).flatten().collect()
    }

    /// Reads the challenges of one header value.
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] when it does not follow the grammar.
    pub fn from_value(text: &str) -> Result<Vec<Self>, ChallengeError> {
        let mut all = Vec::new();
        parse(text, &mut all)?;
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

/// A cursor that only moves forward, so reading is linear.
struct Cursor<'a> {
    rest: &'a str,
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

    /// A quoted string after its opening quote.
    fn quoted(&mut self) -> Result<Box<str>, ChallengeError> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next().ok_or(ChallengeError::Malformed)? {
                '"' => break,
                '\\' => text.push(chars.next().ok_or(ChallengeError::Malformed)?),
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        Ok(text.into())
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
}

fn parse(text: &str, all: &mut Vec<Challenge>) -> Result<(), ChallengeError> {
    if text.len() > LIMIT {
        return Err(ChallengeError::TooLong);
    }
    let mut cursor = Cursor { rest: text };
    let mut current: Option<Challenge> = None;
    loop {
        cursor.take_while(|byte| matches!(byte, b' ' | b'\t' | b','));
        if cursor.rest.is_empty() {
            break;
        }
        let name = cursor.take_while(is_token);
        if name.is_empty() {
            return Err(ChallengeError::Malformed);
        }
        let gap = cursor.spaces();
        if cursor.rest.starts_with('=') {
            let challenge = current.as_mut().ok_or(ChallengeError::Malformed)?;
            let value = param_value(&mut cursor)?;
            challenge.params.push((name.into(), value));
        } else {
            all.extend(current.take());
            let token68 = if gap > 0 { token68(&mut cursor) } else { None };
            current = Some(Challenge { scheme: name.into(), token68, params: Vec::new() });
            // A parameter may follow the scheme at once; anything else must be set off by a comma.
            continue;
        }
        cursor.spaces();
        if !cursor.rest.is_empty() && !cursor.rest.starts_with(',') {
            return Err(ChallengeError::Malformed);
        }
    }
    all.extend(current);
    Ok(())
}

/// `= value`, quoted or not, with the white space that bad senders put around the sign.
fn param_value(cursor: &mut Cursor<'_>) -> Result<Box<str>, ChallengeError> {
    cursor.eat('=');
    cursor.spaces();
    if cursor.eat('"') {
        return cursor.quoted();
    }
    match cursor.take_while(is_token) {
        "" => Err(ChallengeError::Malformed),
        value => Ok(value.into()),
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
}
