//! `application/x-www-form-urlencoded`, read without forgiveness.
//!
//! A lenient reader would hide a client's mistakes: a stray `%`, a raw byte, a parameter sent
//! twice. This one refuses them. Writing is left to `serde_urlencoded`.

use super::refusal::Refusal;

/// The parameters that may come more than once: `resource`
/// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)) and `audience`
/// ([RFC 8693 §2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1)).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// Parameters in the order they came.
#[derive(Clone)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a query or a body. Repeated parameters are refused, as
    /// [RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2) says.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|_| !text.is_empty()) {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| Refusal::invalid_request("a parameter has no equals sign"))?;
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(Refusal::invalid_request("a parameter is not form-urlencoded"));
            };
            if name.is_empty() {
                return Err(Refusal::invalid_request("a parameter has no name"));
            }
            let repeated = pairs.iter().any(|(seen, _)| *seen == name);
            if repeated && !REPEATABLE.contains(&name.as_str()) {
                return Err(Refusal::about(&name, "is repeated"));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// Parameters that came in another way.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The same without some parameters.
    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// The same with this value for this parameter.
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut form = self.without(&[name]);
        form.0.push((name.to_owned(), value.to_owned()));
        form
    }

    /// A parameter's value. An empty value counts as absent
    /// ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(parameter, value)| parameter == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that may come more than once, without the empty ones.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let pairs =
            self.0.iter().filter(move |(parameter, value)| parameter == name && !value.is_empty());
        pairs.map(|(_, value)| value.as_str())
    }

    /// A parameter's value, or the refusal that names it.
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::about(name, "is missing"))
    }

    /// Refuses every parameter that is not in the list, empty ones included.
    pub fn only(&self, allowed: &[&str]) -> Result<(), Refusal> {
        match self.0.iter().find(|(name, _)| !allowed.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::about(name, "is not expected here")),
        }
    }
}

/// Undoes the form encoding of one name or value. `None` when it is not validly encoded: a `%`
/// without two hexadecimal digits, a character that has to be escaped, or bytes that are not
/// UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)?.checked_mul(16)?.checked_add(hex(rest.next()?)?)?,
            // What may stand unescaped in a query, without the form's own `&`, `=` and `+`.
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => byte,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'\'' | b'(' | b')' => byte,
            b'*' | b',' | b';' | b':' | b'@' | b'/' | b'?' => byte,
            _ => return None,
        };
        bytes.push(decoded);
    }
    String::from_utf8(bytes).ok()
}

/// Writes parameters, a space as `+`, as an authorization response does
/// ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)).
pub fn encode(pairs: &[(&str, String)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}
