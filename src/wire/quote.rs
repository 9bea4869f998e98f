//! Writing JSON strings, and objects of nothing else. Reading is `json`'s; what is written with a type is
//! the JSON library's.

use super::pairs;

/// An object of strings from a form, if it takes no more than so many bytes.
pub(crate) fn object_from_form(form: &[u8], most: usize) -> Option<String> {
    let form = form.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(form);
    let mut len = 2_usize;
    pairs::each(form, &mut |name, value| {
        let len_of = |text| {
            let mut counter = Counter(0);
            // Counting cannot fail.
            let _ = serde_json::to_writer(&mut counter, text);
            counter.0
        };
        // A colon, and a comma before all but the first.
        let pair = len_of(name).saturating_add(len_of(value)).saturating_add(2);
        len = len.saturating_add(pair);
    });
    if len > most {
        return None;
    }
    let mut out = String::with_capacity(len);
    out.push('{');
    pairs::each(form, &mut |name, value| {
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
    if serde_json::to_writer(Onto(out), text).is_err() {
        out.truncate(start);
        out.push_str("\"\"");
    }
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
