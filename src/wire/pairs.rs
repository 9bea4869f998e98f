//! The pairs of a form one by one, and [`Pairs`]: all of them, decoded into one buffer that is wiped.
//!
//! A text is cut at each `&` here; what stands between is read by `serde_urlencoded`. A pair of two empty
//! texts says nothing and is left out, so that a text of separators is nothing.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use super::kept::KeptBytes;
use super::text::text;

/// Calls `each` with every pair, in order, repeated names included. Invalid UTF-8 becomes U+FFFD.
pub(crate) fn each(form: &[u8], each: &mut dyn FnMut(&str, &str)) {
    for part in form.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
        let part = text(part).text;
        // The reader accepts every text, so there is no failure to report.
        let first = serde_urlencoded::from_str::<First<'_>>(&part).ok();
        if let Some((name, value)) = first.and_then(|first| first.0)
            && !(name.0.is_empty() && value.0.is_empty())
        {
            each(&name.0, &value.0);
        }
    }
}

/// The first pair of a text.
struct First<'a>(Option<(Decoded<'a>, Decoded<'a>)>);

impl<'de> Deserialize<'de> for First<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Pair;
        impl<'de> Visitor<'de> for Pair {
            type Value = First<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("pairs")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<First<'de>, A::Error> {
                pairs.next_element().map(First)
            }
        }
        reader.deserialize_seq(Pair)
    }
}

/// A decoded text, borrowed where there was nothing to decode.
struct Decoded<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Decoded<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Decoded<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Decoded<'de>, E> {
                Ok(Decoded(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Decoded<'de>, E> {
                Ok(Decoded(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Decoded<'de>, E> {
                Ok(Decoded(Cow::Owned(text)))
            }
        }
        reader.deserialize_str(Text)
    }
}

/// Names and values by turns, each with a byte after it that no UTF-8 has.
pub(crate) struct Pairs {
    packed: KeptBytes,
    count: usize,
}

const END: u8 = 0xFF;

impl Pairs {
    /// Reads a form.
    pub(crate) fn read(form: &[u8]) -> Self {
        let mut len = 0_usize;
        if form.is_ascii() {
            // Nothing grows when it is decoded, and the shortest pair takes two bytes and becomes three.
            len = form.len().saturating_add(form.len().div_ceil(2)).saturating_add(2);
        } else {
            each(form, &mut |name, value| {
                len = len.saturating_add(name.len()).saturating_add(value.len()).saturating_add(2);
            });
        }
        let (mut packed, mut count) = (Vec::with_capacity(len), 0_usize);
        each(form, &mut |name, value| {
            for text in [name, value] {
                packed.extend_from_slice(text.as_bytes());
                packed.push(END);
            }
            count = count.saturating_add(1);
        });
        Self { packed: KeptBytes::new(packed), count }
    }

    /// These.
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        let mut packed = Vec::new();
        for text in pairs.iter().flat_map(|(name, value)| [name, value]) {
            packed.extend_from_slice(text.as_bytes());
            packed.push(END);
        }
        Self { packed: KeptBytes::new(packed), count: pairs.len() }
    }

    /// None at all.
    pub(crate) const fn none() -> Self {
        Self { packed: KeptBytes::new(Vec::new()), count: 0 }
    }

    /// How many there are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// The values of this name, in order.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let mut texts = self.packed.as_slice().split(|byte| *byte == END);
        let pairs = std::iter::from_fn(move || Some((texts.next()?, texts.next()?)));
        let own = pairs.filter(move |(known, _)| *known == name.as_bytes());
        own.map(|(_, value)| std::str::from_utf8(value).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::form;
    use proptest::prelude::*;

    fn all(form: &[u8]) -> Vec<(String, String)> {
        let mut all = Vec::new();
        each(form, &mut |name, value| all.push((name.to_owned(), value.to_owned())));
        all
    }

    #[test]
    fn empty_pairs_say_nothing_and_one_empty_half_does() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(all(b"&&=&a&=b&a=c=d&"), [pair("a", ""), pair("", "b"), pair("a", "c=d")]);
        let pairs = Pairs::read(b"a=1&b=%00%2B&&a=+&c");
        assert_eq!(pairs.count(), 4);
        assert_eq!(pairs.all("a").collect::<Vec<_>>(), ["1", " "]);
        assert_eq!(pairs.all("b").collect::<Vec<_>>(), ["\0+"]);
        assert_eq!(pairs.all("c").collect::<Vec<_>>(), [""]);
        assert_eq!(pairs.all("").count() + pairs.all("1").count(), 0);
        assert_eq!(Pairs::none().all("").count(), 0);
    }

    #[test]
    fn no_more_memory_than_one_byte_for_each_two() {
        for form in ["&a".repeat(1000), "a=b&".repeat(1000), "=&".repeat(1000), "%41".repeat(1000)]
        {
            assert!(Pairs::read(form.as_bytes()).packed.as_slice().len() <= form.len() * 3 / 2 + 2);
        }
    }

    proptest! {
        /// The library reads the whole of a text in the same way.
        #[test]
        fn whole_and_one_by_one(form in "[ab=&%+0-9A-F é]{0,40}") {
            let whole = form::pairs(form.as_bytes()).into_iter();
            let whole = whole.map(|(name, value)| (name.into_owned(), value.into_owned()));
            let whole = whole.filter(|(name, value)| !(name.is_empty() && value.is_empty()));
            prop_assert_eq!(all(form.as_bytes()), whole.collect::<Vec<_>>());
        }
    }
}
