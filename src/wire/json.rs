//! Reading JSON: the only way to the library that does it.
//!
//! It insists on an object at the top, borrows what it can, skips what nobody asked for, and reports errors
//! by position, never by content: a JSON library's own messages quote their input, and the input here is full
//! of tokens. Size is bounded by the caller, who knows the limit; depth is bounded where a value is read by
//! type, and skipping does not recurse.

use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) use super::json_writer::{object_from_form, push_string, write_string};
pub(crate) use super::member::{JsonError, Member, Members, elements, place};
use super::member::{name_of, no_object};
pub(crate) use super::pick::{Picked, Wanted, pick};
pub(crate) use super::text::{Text, text};
pub(crate) use super::unique::{Places, UniqueError, unique_object};

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
    let mut picked = Picked::new(names);
    pick(text, &mut picked.wanted(unique), None, "")?;
    picked.members(text)
}

/// One member by a name known only at run time. The last one wins when it is repeated.
pub(crate) fn member<'a>(text: &'a str, name: &str) -> Result<Option<Member<'a>>, JsonError> {
    if let Some(error) = no_object(text) {
        return Err(error);
    }
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let each = &mut |known: &str, value: &'a str| {
        if known == name {
            found = Some(Member::new(value));
        }
        true
    };
    match Object(each).deserialize(&mut reader) {
        Ok(()) => Ok(found),
        Err(error) => Err(JsonError::Syntax { line: error.line(), column: error.column() }),
    }
}

/// Calls `each` with every member of an object, in order; `None`, perhaps after some calls, when it is none.
pub(crate) fn each<'a>(text: &'a str, each: &mut dyn FnMut(&str, Member<'a>)) -> Option<()> {
    let each = &mut |name: &str, value: &'a str| {
        each(name, Member::new(value));
        true
    };
    Object(each).deserialize(&mut serde_json::Deserializer::from_str(text)).ok()
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
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let each = &mut |_: &str, value: &'a str| {
        if found.is_none() && value.starts_with('{') {
            found = Some(value).filter(|object| matches!(member(object, name), Ok(Some(_))));
        }
        true
    };
    Object(each).deserialize(&mut reader).ok()?;
    found
}

/// Hands out the members of an object one by one, and asks each time whether to go on.
struct Object<'e, 'a>(&'e mut dyn FnMut(&str, &'a str) -> bool);

impl<'a> DeserializeSeed<'a> for Object<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry::<&'a RawValue, &'a RawValue>()? {
            let name = name_of(name);
            if name.is_some_and(|name| !(self.0)(&name, value.get())) {
                return Err(serde::de::Error::custom("known enough"));
            }
        }
        Ok(())
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
        let fault = |text: &str| object(text, NAMES).map(drop).unwrap_err();
        assert_eq!(fault("  "), JsonError::Empty);
        assert_eq!(fault("[1]"), JsonError::NotAnObject);
        assert_eq!(fault("null"), JsonError::NotAnObject);
        assert_eq!(fault(r#"{"a":"v""#), JsonError::Truncated);
        assert_eq!(fault(r#"{"a":1,"a":2}"#), JsonError::Duplicate("a"));
        assert!(matches!(fault("<html>"), JsonError::Syntax { .. }));
        assert!(matches!(fault(r#"{"a":1} {"#), JsonError::Syntax { .. }));
        assert_eq!(fault("[[["), JsonError::NotAnObject);
        assert_eq!(fault("{\"a\n\":1}"), JsonError::Syntax { line: 1, column: 3 });
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
    fn descends_by_name() {
        assert_eq!(descend(r#"{"d":{"e":{"a":1}}}"#, "/d/e"), Some(r#"{"a":1}"#));
        assert_eq!(descend(r#"{"d":[1]}"#, "/d"), None);
    }
}
