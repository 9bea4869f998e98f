//! A JSON string unescaped into memory that is wiped, and objects that may hold nothing unknown. For what
//! this crate has written itself; what a server writes is read by `json`.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use zeroize::Zeroizing;

/// The text of a JSON string that stands in a document which has been read. The JSON library would unescape it
/// in a buffer of its own, which nobody wipes.
pub(crate) fn unescape(raw: &str) -> Option<Zeroizing<String>> {
    let mut rest = raw.strip_prefix('"')?.strip_suffix('"')?;
    // An escape is never shorter than what it stands for, so this does not grow.
    let mut out = Zeroizing::new(String::with_capacity(rest.len()));
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut after = escape.chars();
        let meant = match after.next()? {
            same @ ('"' | '\\' | '/') => same,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (meant, tail) = code_point(after.as_str())?;
                after = tail.chars();
                meant
            }
            _ => return None,
        };
        out.push(meant);
        rest = after.as_str();
    }
    out.push_str(rest);
    Some(out)
}

/// What follows `\u`: one unit, or two that belong together (RFC 8259 section 7).
fn code_point(text: &str) -> Option<(char, &str)> {
    let (first, rest) = unit(text)?;
    if let Some(meant) = char::from_u32(first.into()) {
        return Some((meant, rest));
    }
    let (second, rest) = unit(rest.strip_prefix("\\u")?)?;
    let meant = char::decode_utf16([first, second]).next()?.ok()?;
    Some((meant, rest))
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)?, rest))
}

/// Whether every member of an object that has been read has one of these names.
pub(crate) fn has_only(text: &str, names: &[&str]) -> bool {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut reader, Only { names }).unwrap_or(false)
}

struct Only<'n> {
    names: &'n [&'n str],
}

impl<'de> Visitor<'de> for Only<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut only = true;
        while let Some(known) = map.next_key_seed(Known { names: self.names })? {
            only &= known;
            map.next_value::<IgnoredAny>()?;
        }
        Ok(only)
    }
}

struct Known<'n> {
    names: &'n [&'n str],
}

impl<'de> DeserializeSeed<'de> for Known<'_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Known<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<bool, E> {
        Ok(self.names.iter().any(|known| known.as_bytes() == name))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<bool, E> {
        self.visit_bytes(name.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    /// The same as the JSON library, for any string that stands in a document which it reads.
    fn agree(raw: &str) -> Result<(), TestCaseError> {
        if serde_json::from_str::<&RawValue>(raw).is_err() {
            return Ok(());
        }
        let theirs = serde_json::from_str::<String>(raw).ok();
        let ours = unescape(raw);
        prop_assert_eq!(ours.as_ref().map(|text| text.as_str()), theirs.as_deref());
        let (len, room) = ours.map_or((0, 0), |text| (text.len(), text.capacity()));
        prop_assert!(len <= room && room <= raw.len(), "it grew");
        Ok(())
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "\\PC*|[\\x00-\\x7f]*") {
            agree(&serde_json::to_string(&text).unwrap())?;
        }

        #[test]
        fn any_escapes_are_read_as_by_the_library(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just("\\".to_owned()), Just("\\u".to_owned()), Just("\\\\".to_owned()),
                    "\\\\[\"\\\\/bfnrtuxU]", "\\\\u[0-9a-fA-F]{4}", "\\\\u[dD][89abAB][0-9a-f]{2}",
                    "\\\\u[dD][c-fC-F][0-9a-f]{2}", "\\\\u[+0-9é]{3,4}", "[a-zé\u{1F600}]",
                ],
                0..8,
            )
        ) {
            agree(&format!("\"{}\"", pieces.concat()))?;
        }
    }

    #[test]
    fn what_is_no_string_has_no_text() {
        for raw in ["7", "null", "\"", "", "{}", r#""\ud800""#, r#""\ud800\u0041""#, r#""\udc00""#]
        {
            assert_eq!(unescape(raw), None, "{raw}");
        }
    }

    #[test]
    fn a_name_that_nobody_knows_is_seen() {
        assert!(has_only(r#"{"a":1,"\u0062":{"c":2}}"#, &["a", "b"]));
        assert!(has_only("{}", &["a"]));
        for other in [r#"{"a":1,"c":2}"#, r#"{"\ud800":1}"#, r#"{"":1}"#, "[]"] {
            assert!(!has_only(other, &["a", "b"]), "{other}");
        }
    }
}
