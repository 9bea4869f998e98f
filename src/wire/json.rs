//! The only door to reading JSON.
//!
//! It bounds depth, insists on an object at the top, borrows what it can, skips what nobody asked
//! for, and reports errors by position, never by content: a JSON library's own messages quote their
//! input, and the input here is full of tokens. Size is bounded by the caller, who knows the limit.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

mod unique;

pub(crate) use super::quote::{object_from_pairs, push_string};
pub(crate) use unique::{Places, UniqueError, unique_object};

/// How deep arrays and objects may nest. The JSON library's own guard does not see skipped values.
pub(crate) const MAX_DEPTH: usize = 64;

/// Why a body is not a JSON object that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// Nothing there but white space.
    Empty,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// JSON, but not an object at the top.
    NotAnObject,
    /// The text stops inside the document.
    Truncated,
    /// Not JSON, at this line and column.
    Syntax { line: usize, column: usize },
    /// A member that is read occurs twice.
    Duplicate(&'static str),
}

/// A body as text: one byte order mark stripped, invalid UTF-8 replaced, each said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) had_bom: bool,
    pub(crate) was_lossy: bool,
}

/// Makes text of a body.
pub(crate) fn text(body: &[u8]) -> Text<'_> {
    let (body, had_bom) = match body.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (rest, true),
        None => (body, false),
    };
    let text = String::from_utf8_lossy(body);
    let was_lossy = matches!(text, Cow::Owned(_));
    Text { text, had_bom, was_lossy }
}

/// The wanted members of one object, as they stand in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Members<'a, const N: usize> {
    names: &'static [&'static str; N],
    values: [Option<&'a RawValue>; N],
}

impl<'a, const N: usize> Members<'a, N> {
    /// The member of this name; `null` counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<Member<'a>> {
        let index = self.names.iter().position(|known| *known == name)?;
        let raw = (*self.values.get(index)?)?;
        (raw.get() != "null").then_some(Member { raw: raw.get() })
    }
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
    /// The value as it was sent.
    pub(crate) fn raw(self) -> &'a str {
        self.raw
    }

    /// The string, borrowed when it has no escapes; `None` when it is not a string.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.raw.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') {
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

/// Reads one JSON object and keeps the members in `names`; the others are skipped unread.
pub(crate) fn object<'a, const N: usize>(
    text: &'a str,
    names: &'static [&'static str; N],
) -> Result<Members<'a, N>, JsonError> {
    object_with_unique(text, names, N)
}

/// As [`object`], but only the first `unique` names must not be repeated; of the others the last counts.
pub(crate) fn object_with_unique<'a, const N: usize>(
    text: &'a str,
    names: &'static [&'static str; N],
    unique: usize,
) -> Result<Members<'a, N>, JsonError> {
    check_shape(text)?;
    let mut duplicate = None;
    let pick = Pick { names, values: [None; N], unique, duplicate: &mut duplicate };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = pick.deserialize(&mut reader).and_then(|values| reader.end().map(|()| values));
    match (read, duplicate) {
        (_, Some(name)) => Err(JsonError::Duplicate(name)),
        (Ok(values), None) => Ok(Members { names, values }),
        (Err(error), None) if error.is_eof() => Err(JsonError::Truncated),
        (Err(error), None) => Err(JsonError::Syntax { line: error.line(), column: error.column() }),
    }
}

/// One member by a name known only at run time. The last one wins when it is repeated.
pub(crate) fn member<'a>(text: &'a str, name: &str) -> Result<Option<Member<'a>>, JsonError> {
    check_shape(text)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    match (PickOne { name }).deserialize(&mut reader) {
        Ok(found) => Ok(found.map(|raw| Member { raw: raw.get() })),
        Err(error) => Err(JsonError::Syntax { line: error.line(), column: error.column() }),
    }
}

/// Follows a path such as `/data/token` (RFC 6901, names only) to an object's text.
pub(crate) fn descend<'a>(text: &'a str, path: &str) -> Option<&'a str> {
    let mut here = text;
    for name in path.split('/').skip(1) {
        here = member(here, name).ok()??.raw();
    }
    here.starts_with('{').then_some(here)
}

/// The object that has a member of this name: this one, or the first object directly in it that does.
pub(crate) fn object_with<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    if member(text, name).ok()?.is_some() {
        return Some(text);
    }
    let inner: Vec<&'a RawValue> = Values::read(text)?;
    let objects = inner.into_iter().map(RawValue::get).filter(|value| value.starts_with('{'));
    objects.into_iter().find(|object| matches!(member(object, name), Ok(Some(_))))
}

/// The texts of an array's elements; `None` when it is not an array.
pub(crate) fn elements(text: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// Counts depth and looks at the first byte, in one pass that never recurses.
fn check_shape(text: &str) -> Result<(), JsonError> {
    let start = text.trim_start_matches([' ', '\t', '\r', '\n']);
    match start.as_bytes().first() {
        None => return Err(JsonError::Empty),
        Some(b'{') => {}
        Some(b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            // Only well-formed JSON of another kind earns the name; "not found" is a syntax error.
            return Err(match serde_json::from_str::<IgnoredAny>(start) {
                Ok(_) => JsonError::NotAnObject,
                Err(error) if error.is_eof() => JsonError::Truncated,
                Err(error) => JsonError::Syntax { line: error.line(), column: error.column() },
            });
        }
        Some(_) => return Err(JsonError::Syntax { line: 1, column: 1 }),
    }
    let (mut depth, mut rest) = (0_usize, start.as_bytes());
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'"' => rest = after_string(tail),
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                if depth > MAX_DEPTH {
                    return Err(JsonError::TooDeep);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// What follows a string whose opening quote has been read; nothing when it never ends.
fn after_string(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        match rest.get(at..) {
            Some([b'\\', _, tail @ ..]) => rest = tail,
            Some([b'"', tail @ ..]) => return tail,
            _ => break,
        }
    }
    &[]
}

/// A member name, compared as bytes: a key with a lone surrogate escape is legal to skip.
struct Name<'n> {
    names: &'n [&'n str],
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Self::Value, E> {
        Ok(self.names.iter().position(|known| known.as_bytes() == name))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        self.visit_bytes(name.as_bytes())
    }
}

struct Pick<'o, 'a, const N: usize> {
    names: &'static [&'static str; N],
    values: [Option<&'a RawValue>; N],
    unique: usize,
    duplicate: &'o mut Option<&'static str>,
}

impl<'a, const N: usize> DeserializeSeed<'a> for Pick<'_, 'a, N> {
    type Value = [Option<&'a RawValue>; N];

    fn deserialize<D: serde::Deserializer<'a>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'a, const N: usize> Visitor<'a> for Pick<'_, 'a, N> {
    type Value = [Option<&'a RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(known) = map.next_key_seed(Name { names: self.names })? {
            let slot = known.and_then(|index| self.values.get_mut(index).map(|slot| (index, slot)));
            let Some((index, slot)) = slot else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let repeated = slot.replace(map.next_value()?).is_some() && index < self.unique;
            if repeated && self.duplicate.is_none() {
                *self.duplicate = self.names.get(index).copied();
            }
        }
        Ok(self.values)
    }
}

struct PickOne<'n> {
    name: &'n str,
}

impl<'a> DeserializeSeed<'a> for PickOne<'_> {
    type Value = Option<&'a RawValue>;

    fn deserialize<D: serde::Deserializer<'a>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for PickOne<'_> {
    type Value = Option<&'a RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(known) = map.next_key_seed(Name { names: &[self.name] })? {
            if known.is_some() {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
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

/// Every value of an object, in order, unread.
struct Values;

impl Values {
    fn read(text: &str) -> Option<Vec<&RawValue>> {
        check_shape(text).ok()?;
        serde::Deserializer::deserialize_map(&mut serde_json::Deserializer::from_str(text), Self)
            .ok()
    }
}

impl<'a> Visitor<'a> for Values {
    type Value = Vec<&'a RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while map.next_key_seed(Name { names: &[] })?.is_some() {
            values.push(map.next_value()?);
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str; 2] = &["a", "b"];

    #[test]
    fn keeps_the_wanted_and_skips_the_rest() {
        let members = object(r#" {"x":{"a":1},"a":"v","b":null,"n":1e999} "#, NAMES).unwrap();
        assert_eq!(members.get("a").unwrap().string().unwrap(), "v");
        assert!(members.get("b").is_none());
    }

    #[test]
    fn brackets_in_strings_are_not_depth() {
        let brackets = "[".repeat(100);
        let text = format!(r#"{{"x":"\"{brackets}","a":"v"}}"#);
        assert_eq!(object(&text, NAMES).unwrap().get("a").unwrap().raw(), "\"v\"");
    }

    #[test]
    fn a_lone_surrogate_in_an_unknown_name_or_value_costs_nothing() {
        let members = object(r#"{"\ud800":"\udfff","a":"v"}"#, NAMES).unwrap();
        assert_eq!(members.get("a").unwrap().raw(), "\"v\"");
    }

    #[test]
    fn faults_are_told_apart() {
        let fault = |text: &str| object(text, NAMES).unwrap_err();
        assert_eq!(fault("  "), JsonError::Empty);
        assert_eq!(fault("[1]"), JsonError::NotAnObject);
        assert_eq!(fault("null"), JsonError::NotAnObject);
        assert_eq!(fault(r#"{"a":"v""#), JsonError::Truncated);
        assert_eq!(fault(r#"{"a":1,"a":2}"#), JsonError::Duplicate("a"));
        assert!(matches!(fault("<html>"), JsonError::Syntax { .. }));
        assert!(matches!(fault(r#"{"a":1} {"#), JsonError::Syntax { .. }));
        let deep = format!("{}{}", "{\"x\":".repeat(65), "}".repeat(65));
        assert_eq!(fault(&deep), JsonError::TooDeep);
        assert_eq!(fault(r#"{"a":"v\"#), JsonError::Truncated);
    }

    #[test]
    fn only_the_first_names_must_not_be_repeated() {
        let read = |text| {
            object_with_unique(text, NAMES, 1).map(|members| members.get("b").unwrap().raw())
        };
        assert_eq!(read(r#"{"b":1,"a":0,"b":2}"#), Ok("2"));
        assert_eq!(read(r#"{"a":1,"b":2,"a":3}"#), Err(JsonError::Duplicate("a")));
    }

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

    #[test]
    fn descends_by_name() {
        assert_eq!(descend(r#"{"d":{"e":{"a":1}}}"#, "/d/e"), Some(r#"{"a":1}"#));
        assert_eq!(descend(r#"{"d":[1]}"#, "/d"), None);
    }
}
