//! Picking the wanted members of one object in one pass, and saying where they stand.
//!
//! Names and strings without escapes are found by their closing quote alone, which is faster than the JSON
//! library's own way of skipping one. Whatever that way does not take is read again as a whole by the library's way, which
//! has the last word: a test holds that both agree wherever the first has one.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::ascii;
use super::member::{JsonError, Member, Members, fault, name_of, no_object, place};

/// Where the wanted members of one object stand in its text, so that text and members can be kept side by
/// side.
pub(crate) struct Picked<'n, const N: usize> {
    names: &'n [&'static str; N],
    spans: [Span; N],
    duplicate: Option<&'static str>,
}

/// Start and length of a value; no value has a length of zero.
type Span = (usize, usize);

impl<'n, const N: usize> Picked<'n, N> {
    /// Nothing yet.
    pub(crate) const fn new(names: &'n [&'static str; N]) -> Self {
        Self { names, spans: [(0, 0); N], duplicate: None }
    }

    /// What is to be picked. Of the names the first `unique` must not be repeated; of the others the last
    /// counts.
    pub(crate) fn wanted(&mut self, unique: usize) -> Wanted<'_> {
        let Self { names, spans, duplicate } = self;
        Wanted { names: *names, unique, spans, duplicate }
    }

    /// The members, in the text that they were picked from.
    pub(crate) fn members<'a>(&self, text: &'a str) -> Result<Members<'a, N>, JsonError>
    where
        'n: 'a,
    {
        self.check()?;
        let mut values = [None; N];
        for (slot, span) in values.iter_mut().zip(&self.spans) {
            *slot = value(text, *span);
        }
        Ok(Members { names: self.names, values })
    }

    /// Whether nothing stood twice that must not.
    pub(crate) fn check(&self) -> Result<(), JsonError> {
        self.duplicate.map_or(Ok(()), |name| Err(JsonError::Duplicate(name)))
    }

    /// The member whose name stands here in the list, in the text that it was picked from; `null` counts as
    /// absent.
    pub(crate) fn at<'a>(&self, text: &'a str, index: usize) -> Option<Member<'a>> {
        Member::of(value(text, *self.spans.get(index)?))
    }
}

fn value(text: &str, (start, len): Span) -> Option<&str> {
    if len == 0 { None } else { text.get(start..start.saturating_add(len)) }
}

/// Names, and the places for what is found of them.
pub(crate) struct Wanted<'w> {
    names: &'w [&'static str],
    unique: usize,
    spans: &'w mut [Span],
    duplicate: &'w mut Option<&'static str>,
}

impl Wanted<'_> {
    fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }

    /// Takes a value. Says its name when the same object had one before and it must not be repeated.
    fn take(&mut self, index: usize, span: Span) -> Option<&'static str> {
        let slot = self.spans.get_mut(index)?;
        let repeated = std::mem::replace(slot, span).1 > 0 && index < self.unique;
        let name = self.names.get(index).copied().filter(|_| repeated)?;
        self.duplicate.get_or_insert(name);
        Some(name)
    }

    fn forget(&mut self) {
        self.spans.fill((0, 0));
        *self.duplicate = None;
    }
}

/// Reads one JSON object in one pass for all that is wanted of it. Stops where `once` is repeated, which is
/// then an error at once; what else is repeated is said by whoever wanted it unique.
pub(crate) fn pick(
    text: &str,
    wanted: &mut Wanted<'_>,
    more: Option<&mut Wanted<'_>>,
    once: &str,
) -> Result<(), JsonError> {
    if let Some(error) = no_object(text) {
        return Err(error);
    }
    let mut pick = Pick { text, wanted, more, once, stopped: None, quick: true };
    if pick.run().is_err() && pick.stopped.is_none() {
        pick.again().map_err(|error| fault(&error))?;
    }
    pick.stopped.map_or(Ok(()), |name| Err(JsonError::Duplicate(name)))
}

struct Pick<'p, 'w, 'm> {
    text: &'p str,
    wanted: &'p mut Wanted<'w>,
    more: Option<&'p mut Wanted<'m>>,
    once: &'p str,
    stopped: Option<&'static str>,
    /// Whether strings are found by their closing quote alone.
    quick: bool,
}

impl Pick<'_, '_, '_> {
    fn run(&mut self) -> serde_json::Result<()> {
        let mut reader = serde_json::Deserializer::from_str(self.text);
        serde::Deserializer::deserialize_map(&mut reader, &mut *self)?;
        reader.end()
    }

    /// Forgets what was found and reads the text by the library's own way.
    #[cold]
    fn again(&mut self) -> serde_json::Result<()> {
        self.quick = false;
        self.wanted.forget();
        if let Some(more) = &mut self.more {
            more.forget();
        }
        match self.run() {
            Err(_) if self.stopped.is_some() => Ok(()),
            result => result,
        }
    }

    /// Whether the value after a name that ends here, with its quote, is a string.
    fn is_string(&self, end: usize) -> bool {
        let after = self.text.as_bytes().get(end..).unwrap_or_default();
        match after {
            [b':', b'"', ..] | [b':', b' ', b'"', ..] => true,
            [b':', b' ' | b'\n' | b'\r' | b'\t', rest @ ..] => {
                rest.trim_ascii_start().first() == Some(&b'"')
            }
            _ => false,
        }
    }

    /// Takes the value of a wanted member. Says when that is the end.
    fn take(&mut self, places: (Option<usize>, Option<usize>), span: Span) -> bool {
        let repeated = places.0.and_then(|index| self.wanted.take(index, span));
        if let (Some(index), Some(more)) = (places.1, &mut self.more) {
            more.take(index, span);
        }
        self.stopped = repeated.filter(|name| *name == self.once);
        self.stopped.is_some()
    }

    fn places(&self, name: &str) -> (Option<usize>, Option<usize>) {
        let also = self.more.as_ref().and_then(|more| more.index(name));
        (self.wanted.index(name), also)
    }
}

impl<'a> Visitor<'a> for &mut Pick<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let known_enough = || A::Error::custom("known enough");
        if self.quick {
            while let Some((start, len)) = map.next_key_seed(Plain(self.text))? {
                let end = start.saturating_add(len);
                let places = self.places(self.text.get(start..end).unwrap_or_default());
                if places == (None, None) {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
                let span = if self.is_string(end.saturating_add(1)) {
                    let (start, len) = map.next_value_seed(Plain(self.text))?;
                    // With its quotes, as the value stands in the text.
                    (start.saturating_sub(1), len.saturating_add(2))
                } else {
                    place(self.text, map.next_value::<&'a RawValue>()?.get())
                };
                if self.take(places, span) {
                    return Err(known_enough());
                }
            }
            return Ok(());
        }
        while let Some((name, value)) = map.next_entry::<&'a RawValue, &'a RawValue>()? {
            let places = name_of(name).map_or((None, None), |name| self.places(&name));
            if self.take(places, place(self.text, value.get())) {
                return Err(known_enough());
            }
        }
        Ok(())
    }
}

/// A string without escapes, as a place in the text. Read as bytes, since the library then looks for nothing
/// but the closing quote; that there is no control character is looked at here.
struct Plain<'t>(&'t str);

impl<'a> DeserializeSeed<'a> for Plain<'_> {
    type Value = Span;

    fn deserialize<D: serde::Deserializer<'a>>(self, reader: D) -> Result<Span, D::Error> {
        reader.deserialize_bytes(self)
    }
}

impl<'a> Visitor<'a> for Plain<'_> {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E: serde::de::Error>(self, bytes: &'a [u8]) -> Result<Span, E> {
        if !ascii::has_no_json_control(bytes) {
            return Err(E::custom("a control character"));
        }
        let start = bytes.as_ptr().addr().saturating_sub(self.0.as_ptr().addr());
        Ok((start, bytes.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: &[&str; 3] = &["a", "error", "b"];
    const MORE: &[&str; 2] = &["b", "x"];

    type Seen = (Result<(), JsonError>, Vec<Span>, Vec<Span>, [Option<&'static str>; 2]);

    /// What a pick finds, by the quick way or by the library's alone.
    fn seen(text: &str, quick: bool) -> Seen {
        let (mut first, mut second) = (Picked::new(NAMES), Picked::new(MORE));
        let (mut wanted, mut more) = (first.wanted(2), second.wanted(1));
        let read = if quick {
            pick(text, &mut wanted, Some(&mut more), "a")
        } else if let Some(error) = no_object(text) {
            Err(error)
        } else {
            let more = Some(&mut more);
            let (wanted, once) = (&mut wanted, "a");
            let mut pick = Pick { text, wanted, more, once, stopped: None, quick: false };
            let result = pick.run();
            match (pick.stopped, result) {
                (Some(name), _) => Err(JsonError::Duplicate(name)),
                (None, result) => result.map_err(|error| fault(&error)),
            }
        };
        let duplicates = [first.duplicate, second.duplicate];
        if read.is_err() {
            // What was found before an error is of no use to anybody.
            return (read, Vec::new(), Vec::new(), [None; 2]);
        }
        (read, first.spans.to_vec(), second.spans.to_vec(), duplicates)
    }

    /// Members of all kinds: wanted or not, repeated or not, with escapes, raw controls and bad literals.
    fn member() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec![
            "a", "b", "error", "x", "y", r"\u0061", r"\ud800", "a\n", r"a\n", "é", "",
        ]);
        let value = prop::sample::select(vec![
            "\"v\"",
            "\"\"",
            "\"é\"",
            "\"\u{7f}\"",
            r#""\u0041""#,
            r#""\ud800""#,
            r#""\/""#,
            r#""\x""#,
            "\"t\tb\"",
            "\"\0\"",
            "null",
            "1",
            "01",
            "-",
            "1e999",
            "true",
            "tru",
            "[]",
            "[\"a\"]",
            "[1,",
            "{}",
            "{\"a\":1}",
            "{\"a\"",
            "\"open",
            "",
            " \"v\" ",
            "\n\t\"v\"",
            "\"v\"x",
            "[[[[[]]]]]",
        ]);
        let colon =
            prop::sample::select(vec![":", ":", ":", " : ", ":  ", ":\n", "", ",", ": \u{b}"]);
        (name, colon, value).prop_map(|(name, colon, value)| format!("\"{name}\"{colon}{value}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn both_ways_agree(
            members in prop::collection::vec(member(), 0..7),
            open in prop::sample::select(vec!["{", "{", "{", " {\n", "[", "", "\""]),
            close in prop::sample::select(vec!["}", "}", "}", " }\n", "]", "", "}}", "} x"]),
            comma in prop::sample::select(vec![",", ",", " , ", "", ",,"]),
        ) {
            let text = format!("{open}{}{close}", members.join(comma));
            prop_assert_eq!(seen(&text, true), seen(&text, false), "{}", text);
        }

        #[test]
        fn both_ways_agree_on_any_text(text in ".{0,40}", inside in "[ab:,\"{}\\[\\]\\\\ntruef0-9 \u{0}\u{1f}é]{0,40}") {
            for text in [text, format!("{{\"a\":{inside}}}"), format!("{{{inside}")] {
                prop_assert_eq!(seen(&text, true), seen(&text, false), "{}", text);
            }
        }
    }

    #[test]
    fn the_quick_way_takes_what_is_ordinary() {
        let text = "{\"a\": \"v\", \"n\":1,\r\n\"b\":[2],\"x\":\"é\"}";
        let (mut first, mut second) = (Picked::new(NAMES), Picked::new(MORE));
        let (wanted, more) = (&mut first.wanted(2), Some(&mut second.wanted(1)));
        let mut pick = Pick { text, wanted, more, once: "a", stopped: None, quick: true };
        pick.run().unwrap();
        let value = |(start, len): Span| &text[start..start + len];
        assert_eq!(first.spans.map(value), ["\"v\"", "", "[2]"]);
        assert_eq!(second.spans.map(value), ["[2]", "\"é\""]);
    }

    #[test]
    fn a_repetition_stops_the_reading() {
        let rest = "[".repeat(1000);
        for value in ["\"v\"", r#""\u0041""#, "1"] {
            let text = format!("{{\"a\":{value},\"a\":{value},\"y\":{rest}");
            assert_eq!(seen(&text, true).0, Err(JsonError::Duplicate("a")));
            let text = format!("{{\"error\":{value},\"error\":{value},\"y\":{rest}");
            assert_eq!(
                seen(&text, true).0,
                Err(JsonError::Truncated),
                "only where it is asked for"
            );
        }
    }
}
