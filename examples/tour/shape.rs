//! [`Shape`]: what a request or an answer looks like, so that what was seen before is not printed in
//! full again.

use serde_json::Value;

use grantwire_conformance::{Received, Reply};

/// What a request or an answer looks like, values apart.
#[derive(PartialEq, Eq)]
pub struct Shape(Vec<String>);

impl Shape {
    pub fn of_request(received: &Received) -> Self {
        let mut parts = vec![received.method.clone(), received.path().to_owned()];
        parts.extend(received.headers.iter().map(|(name, _)| name.clone()));
        parts.extend(names(received.query().as_bytes()));
        parts.extend(names(&received.body));
        Self(parts)
    }

    /// Names and whatever is no text: `true` and `false` are two shapes.
    pub fn of_reply(reply: &Reply) -> Self {
        let mut parts = vec![reply.status.to_string()];
        parts.extend(reply.headers.iter().map(|(name, _)| name.clone()));
        for (separator, part) in [('?', "query"), ('#', "fragment")] {
            let location = reply.header("location").and_then(|url| url.split_once(separator));
            for name in location.iter().flat_map(|(_, parameters)| names(parameters.as_bytes())) {
                parts.push(format!("{part} {name}"));
            }
        }
        match reply.value() {
            Value::Object(members) => parts.extend(members.iter().map(|(name, value)| {
                if value.is_string() { name.clone() } else { format!("{name}: {value}") }
            })),
            _ => parts.push(reply.body.len().to_string()),
        }
        Self(parts)
    }
}

/// The names of the parameters of a query or a form, in order.
pub fn names(form: &[u8]) -> Vec<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(form).unwrap_or_default();
    pairs.into_iter().map(|(name, _)| name).collect()
}
