//! Writing JSON strings, and objects of nothing else. Reading is `json`'s; what is written with a type is
//! the JSON library's.

/// An object from pairs of strings, for bodies that were form-encoded.
pub(crate) fn object_from_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::from("{");
    for (name, value) in pairs {
        if out.len() > 1 {
            out.push(',');
        }
        push_string(&mut out, name);
        out.push(':');
        push_string(&mut out, value);
    }
    out.push('}');
    out
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
