//! Writing JSON strings, and objects of nothing else. Reading is `json`'s; what is written with a type is
//! the JSON library's.

use super::pairs;

/// An object of strings from a form, if it takes no more than so many bytes. Where it takes more, pairs without
/// a value are left out first.
pub(crate) fn object_from_form(form: &[u8], most: usize) -> Option<String> {
    let form = form.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(form);
    let (mut all, mut with_value) = (2_usize, 2_usize);
    pairs::each(form, &mut |name, value| {
        // A colon, and a comma before all but the first.
        let pair = string_len(name).saturating_add(string_len(value)).saturating_add(2);
        all = all.saturating_add(pair);
        if !value.is_empty() {
            with_value = with_value.saturating_add(pair);
        }
    });
    let len = if all <= most { all } else { with_value };
    if len > most {
        return None;
    }
    let mut out = String::with_capacity(len);
    out.push('{');
    pairs::each(form, &mut |name, value| {
        if value.is_empty() && all > most {
            return;
        }
        if out.len() > 1 {
            out.push(',');
        }
        push_string(&mut out, name);
        out.push(':');
        push_string(&mut out, value);
    });
    out.push('}');
    Some(out)
}

/// How long a text is as a JSON string.
fn string_len(text: &str) -> usize {
    let mut counter = Counter(0);
    // Counting cannot fail.
    let _ = serde_json::to_writer(&mut counter, text);
    counter.0
}

/// Counts what is written.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Appends `text` as a JSON string, without a copy in between: it may be a secret.
pub(crate) fn push_string(out: &mut String, text: &str) {
    let start = out.len();
    // Writing a string into a string cannot fail; an empty string would be the honest remainder.
    if write_string(Onto(out), text).is_err() {
        out.truncate(start);
        out.push_str("\"\"");
    }
}

/// Writes `text` as a JSON string, piece by piece and without a copy in between.
pub(crate) fn write_string(out: impl std::io::Write, text: &str) -> std::io::Result<()> {
    serde_json::to_writer(out, text).map_err(std::io::Error::from)
}

/// A string that can be written to. The JSON library writes whole characters at a time.
struct Onto<'o>(&'o mut String);

impl std::io::Write for Onto<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.push_str(std::str::from_utf8(bytes).map_err(std::io::Error::other)?);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_an_object_within_its_room() {
        let object = |form: &str, most| object_from_form(form.as_bytes(), most);
        assert_eq!(
            object("a=1&b=&=c&&\u{1}", 99).as_deref(),
            Some("{\"a\":\"1\",\"b\":\"\",\"\":\"c\",\"\\u0001\":\"\"}")
        );
        assert_eq!(
            object("a=1&b=&c", 12).as_deref(),
            Some(r#"{"a":"1"}"#),
            "what has a value stays"
        );
        assert_eq!(object("a=1&b=2", 12), None);
        let tight = object("a=1&b=%22", 21).unwrap();
        assert_eq!((tight.as_str(), tight.capacity()), (r#"{"a":"1","b":"\""}"#, 19));
        assert_eq!(object("", 9).as_deref(), Some("{}"));
    }
}
