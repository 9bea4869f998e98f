//! [`Member`]: one value of a JSON object as it stands in the text, and [`JsonError`], why a text is no object.
//!
//! How members are found is in `pick` and `json`.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::ascii;

/// Why a body is not a JSON object that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// Nothing there but white space.
    Empty,
    /// Something else than an object at the top.
    NotAnObject,
    /// The text stops inside the document.
    Truncated,
    /// Not JSON, at this line and column.
    Syntax { line: usize, column: usize },
    /// A member that is read occurs twice.
    Duplicate(&'static str),
}

/// The wanted members of one object, as they stand in the text.
#[derive(Clone, Copy)]
pub(crate) struct Members<'a, const N: usize> {
    pub(super) names: &'a [&'static str; N],
    pub(super) values: [Option<&'a str>; N],
}

impl<'a, const N: usize> Members<'a, N> {
    /// The member of this name; `null` counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<Member<'a>> {
        let index = self.names.iter().position(|known| *known == name)?;
        Member::of(*self.values.get(index)?)
    }
}

/// Where a part stands in the text that it was borrowed from: its start and its length.
pub(crate) fn place(text: &str, part: &str) -> (usize, usize) {
    (part.as_ptr().addr().saturating_sub(text.as_ptr().addr()), part.len())
}

/// One member's value, unread.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a> {
    raw: &'a str,
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Member")
    }
}

impl<'a> Member<'a> {
    pub(super) const fn new(raw: &'a str) -> Self {
        Self { raw }
    }

    /// The member with this value; `null` counts as absent.
    fn of(raw: Option<&'a str>) -> Option<Self> {
        raw.filter(|raw| *raw != "null").map(|raw| Self { raw })
    }

    /// The value as it was sent.
    pub(crate) fn raw(self) -> &'a str {
        self.raw
    }

    /// The string, borrowed when it has no escapes; `None` when it is not a string.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.raw.strip_prefix('"')?.strip_suffix('"')?;
        if ascii::has_backslash(inner) {
            serde_json::from_str(self.raw).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(inner))
        }
    }

    /// The texts of an array's elements; `None` when it is not an array.
    pub(crate) fn elements(self) -> Option<Vec<&'a str>> {
        elements(self.raw)
    }

    /// Calls `each` with every string of an array; `None`, perhaps after some calls, when it is not an
    /// array of strings.
    pub(crate) fn each_string(self, each: &mut dyn FnMut(&str)) -> Option<()> {
        let mut reader = serde_json::Deserializer::from_str(self.raw);
        serde::Deserializer::deserialize_seq(&mut reader, Each(each)).ok()
    }

    /// The value as any type; what went wrong is not said, because it would quote the value.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_str(self.raw).ok()
    }
}

/// The texts of an array's elements; `None` when it is not an array.
pub(crate) fn elements(text: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

pub(super) fn fault(error: &serde_json::Error) -> JsonError {
    if error.is_eof() {
        JsonError::Truncated
    } else {
        JsonError::Syntax { line: error.line(), column: error.column() }
    }
}

/// Why a text is no object, as far as its first byte tells.
pub(super) fn no_object(text: &str) -> Option<JsonError> {
    let start = text.trim_start_matches([' ', '\t', '\r', '\n']);
    match start.as_bytes().first() {
        Some(b'{') => None,
        None => Some(JsonError::Empty),
        // What follows does not make an object of it.
        Some(b'[' | b'"') => Some(JsonError::NotAnObject),
        Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            // Only well-formed JSON of another kind earns the name; "not found" is a syntax error.
            Some(match serde_json::from_str::<IgnoredAny>(start) {
                Ok(_) => JsonError::NotAnObject,
                Err(error) => fault(&error),
            })
        }
        Some(_) => Some(JsonError::Syntax { line: 1, column: 1 }),
    }
}

/// A member's name. Names are read raw: one with a lone surrogate escape is legal to skip, and is the name of
/// nothing; a raw control character is not legal.
pub(super) fn name_of(raw: &RawValue) -> Option<Cow<'_, str>> {
    Member { raw: raw.get() }.string()
}

/// Hands out the strings of an array one by one, so that a long array takes no memory.
struct Each<'e>(&'e mut dyn FnMut(&str));

impl<'de> DeserializeSeed<'de> for Each<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Each<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of strings")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.0)(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(Each(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_an_array() {
        let joined = |raw| {
            let mut all = String::new();
            Member { raw }.each_string(&mut |text| all.push_str(text)).map(|()| all)
        };
        assert_eq!(joined(r#"["a","\u0062",""]"#).as_deref(), Some("ab"));
        assert_eq!(joined("[]").as_deref(), Some(""));
        for wrong in [r#""a""#, r#"["a",1]"#, r#"["a",["b"]]"#, r#"["\ud800"]"#, "{}", "null"] {
            assert_eq!(joined(wrong), None, "{wrong}");
        }
    }
}
