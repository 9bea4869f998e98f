//! Reading an object in which no member name stands twice, known or not.
//!
//! Two readers that choose differently between two members of one name see two documents, so in what
//! is signed a repetition is an error, and nesting is bounded. The rest of what arrives is read in `json`,
//! where only a member that is read must be unique.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::ascii;
use super::member::{Member, Members, place};

/// How deep arrays and objects may nest.
const MAX_DEPTH: usize = 64;

/// Why a text is not such an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UniqueError {
    /// Not one JSON object.
    Json,
    /// A name stands twice.
    Repeated,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// As [`object`](super::json::object), and refuses every repeated name, of members that nobody asked for too.
pub(crate) fn unique_object<'a, const N: usize>(
    text: &'a str,
    names: &'static [&'static str; N],
) -> Result<Members<'a, N>, UniqueError> {
    // Fewer brackets than levels cannot nest too deep, and counting them is nearly free.
    let brackets = text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count();
    if brackets > MAX_DEPTH && depth(text) > MAX_DEPTH {
        return Err(UniqueError::TooDeep);
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde::Deserializer::deserialize_map(&mut reader, Pick { names });
    let (values, seen) = read.map_err(|_| UniqueError::Json)?;
    reader.end().map_err(|_| UniqueError::Json)?;
    if seen.escaped {
        // Names are read as bytes, which says nothing of a raw control character beside an escape.
        serde_json::from_str::<IgnoredAny>(text).map_err(|_| UniqueError::Json)?;
    }
    if seen.repeated() { Err(UniqueError::Repeated) } else { Ok(Members { names, values }) }
}

/// Where the wanted members of a text stand in it, for whoever keeps both and reads them later.
#[derive(Debug, Clone)]
pub(crate) struct Places<const N: usize> {
    names: &'static [&'static str; N],
    /// Start and length; nothing has no length.
    spans: [(u32, u32); N],
}

impl<const N: usize> Places<N> {
    /// Of members of these names that were read out of this very text.
    pub(crate) fn of(
        text: &str,
        names: &'static [&'static str; N],
        members: &Members<'_, N>,
    ) -> Self {
        let span = |value: &Option<&str>| {
            let (from, len) = place(text, (*value)?);
            Some((u32::try_from(from).ok()?, u32::try_from(len).ok()?))
        };
        let mut spans = [(0, 0); N];
        for (span_, value) in spans.iter_mut().zip(&members.values) {
            *span_ = span(value).unwrap_or_default();
        }
        Self { names, spans }
    }

    /// The member of this name in that text, `null` included.
    pub(crate) fn find<'a>(&self, text: &'a str, name: &str) -> Option<Member<'a>> {
        let index = self.names.iter().position(|known| *known == name)?;
        let (from, len) = *self.spans.get(index)?;
        let (from, len) = (usize::try_from(from).ok()?, usize::try_from(len).ok()?);
        let raw = text.get(from..from.saturating_add(len)).filter(|raw| !raw.is_empty())?;
        Some(Member::new(raw))
    }
}

impl<const N: usize> Members<'_, N> {
    /// Whether there is a member of this name, `null` included.
    pub(crate) fn has(&self, name: &str) -> bool {
        let index = self.names.iter().position(|known| *known == name);
        index.and_then(|index| self.values.get(index)).is_some_and(Option::is_some)
    }
}

/// The deepest level of arrays and objects, in one pass that never recurses.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut rest) = (0_usize, 0_usize, text.as_bytes());
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'"' => rest = after_string(tail),
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
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

struct Pick<const N: usize> {
    names: &'static [&'static str; N],
}

impl<'a, const N: usize> Visitor<'a> for Pick<N> {
    type Value = ([Option<&'a str>; N], Seen<'a>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut values, mut seen) = ([None; N], Seen::default());
        while let Some(name) = map.next_key_seed(Name)? {
            let known = self.names.iter().position(|known| known.as_bytes() == name.as_ref());
            match known.and_then(|index| values.get_mut(index)) {
                Some(slot) => *slot = Some(map.next_value::<&'a RawValue>()?.get()),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            seen.add(name);
        }
        Ok((values, seen))
    }
}

/// A name as bytes, since a lone surrogate in one is no text.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, [u8]>;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_bytes(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, [u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_bytes<E: serde::de::Error>(self, name: &'de [u8]) -> Result<Self::Value, E> {
        match ascii::has_no_json_control(name) {
            true => Ok(Cow::Borrowed(name)),
            false => Err(E::custom("a control character")),
        }
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_vec()))
    }
}

/// How many names are compared one by one, which for as few as a token has is faster than a set.
const FEW: usize = 32;

/// The names so far. The first ones stand on the stack and are compared at once; any others are
/// sorted at the end, so that a hostile object costs no more than that.
struct Seen<'a> {
    few: [&'a [u8]; FEW],
    count: usize,
    more: Vec<Cow<'a, [u8]>>,
    twice: bool,
    /// Whether a name was written with an escape.
    escaped: bool,
}

impl Default for Seen<'_> {
    fn default() -> Self {
        Self { few: [&[]; FEW], count: 0, more: Vec::new(), twice: false, escaped: false }
    }
}

impl<'a> Seen<'a> {
    fn add(&mut self, name: Cow<'a, [u8]>) {
        self.escaped |= matches!(name, Cow::Owned(_));
        if self.first().contains(&name.as_ref()) {
            self.twice = true;
            return;
        }
        match (name, self.few.get_mut(self.count)) {
            (Cow::Borrowed(name), Some(slot)) => {
                *slot = name;
                self.count = self.count.saturating_add(1);
            }
            (name, _) => self.more.push(name),
        }
    }

    fn first(&self) -> &[&'a [u8]] {
        self.few.get(..self.count).unwrap_or_default()
    }

    fn repeated(mut self) -> bool {
        if self.more.is_empty() || self.twice {
            return self.twice;
        }
        let mut more = std::mem::take(&mut self.more);
        more.sort_unstable();
        let in_both =
            |name: &&[u8]| more.binary_search_by(|other| other.as_ref().cmp(*name)).is_ok();
        more.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
            || self.first().iter().any(in_both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str; 2] = &["a", "b"];

    fn fault(text: &str) -> Option<UniqueError> {
        unique_object(text, NAMES).err()
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_wherever_it_is() {
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":1,"x":1}"#,
            r#"{"x":1,"\u0078":1}"#,
            r#"{"\u0078":1,"x":1}"#,
            r#"{"\u0078":1,"\u0078":1}"#,
            r#"{"\ud800":1,"\ud800":1}"#,
            r#"{"":1,"":2}"#,
        ] {
            assert_eq!(fault(twice), Some(UniqueError::Repeated), "{twice}");
        }
        for once in [r#"{"a":1,"x":{"a":1,"b":[{"a":2}]},"A":1}"#, r#"{"":1,"\ud800":1}"#, "{}"] {
            assert_eq!(fault(once), None, "{once}");
        }
    }

    #[test]
    fn many_names_are_as_unique_as_few() {
        let object = |extra: &str| {
            let members: String = (0..200).map(|n| format!("\"m{n}\":{n},")).collect();
            format!("{{{members}{extra}}}")
        };
        assert_eq!(fault(&object(r#""z":1"#)), None);
        for again in ["m0", "m31", "m32", "m100", "m199", r"\u006d7", r"\u006d150"] {
            let text = object(&format!("\"{again}\":1"));
            assert_eq!(fault(&text), Some(UniqueError::Repeated), "{again}");
        }
    }

    #[test]
    fn null_is_there_and_has_no_value() {
        let members = unique_object(r#"{"a":null}"#, NAMES).unwrap();
        assert!(members.has("a") && members.get("a").is_none());
        assert!(!members.has("b"));
    }

    #[test]
    fn places_find_what_was_read() {
        let text = String::from(r#" {"x":1,"b":{"a":[2]}, "a" : null}"#);
        let places = Places::of(&text, NAMES, &unique_object(&text, NAMES).unwrap());
        let found = |name| places.find(&text, name).map(Member::raw);
        assert_eq!(found("b"), Some(r#"{"a":[2]}"#));
        assert_eq!(found("a"), Some("null"));
        assert_eq!(found("x"), None);
        let places = Places::of("{}", NAMES, &unique_object("{}", NAMES).unwrap());
        assert!(places.find("{}", "a").is_none());
    }

    #[test]
    fn other_faults_are_told_apart() {
        let nested = |levels: usize| format!("{}1{}", "{\"x\":".repeat(levels), "}".repeat(levels));
        assert_eq!(fault(&nested(64)), None);
        assert_eq!(fault(&nested(65)), Some(UniqueError::TooDeep));
        let brackets = r#"{"x":"@","y":"\"@","z":["@\\"]}"#.replace('@', &"[".repeat(100));
        assert_eq!(fault(&brackets), None, "in strings they are no levels");
        let wide = format!("{{\"x\":[{}0]}}", "[],".repeat(1000));
        assert_eq!(fault(&wide), None);
        for raw in ["{\"x\u{1f}\":1}", "{\"x\\u0061\n\":1}", "{\"x\":\"\t\"}", "{\"a\":\"\0\"}"] {
            assert_eq!(fault(raw), Some(UniqueError::Json), "{raw:?}");
        }
        assert_eq!(fault(r#"{"\u0000":"\u0001","é\u007f":1}"#), None);
        for text in ["", "[]", "null", "{", r#"{"a":1}x"#, r#"{"a":01}"#, "{'a':1}"] {
            assert_eq!(fault(text), Some(UniqueError::Json), "{text}");
        }
    }
}
