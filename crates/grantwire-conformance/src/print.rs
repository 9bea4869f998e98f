//! Prints steps, requests, answers and results so that a person can follow them.
//!
//! Every request and answer goes through [`elide`] first: no secret is printed.
//! Colour is used only on a terminal, and not when `NO_COLOR` is set.

use std::env;
use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal as _, Write as _};

use serde_json::Value;

use super::elide;
use super::message::{Received, Reply};

/// Headers that every HTTP stack writes and that say nothing about OAuth.
const DULL_HEADERS: [&str; 9] = [
    "accept-encoding",
    "cache-control",
    "connection",
    "content-length",
    "date",
    "host",
    "server",
    "transfer-encoding",
    "user-agent",
];

/// The colours, as parameters of the terminal's escape sequence.
#[derive(Clone, Copy)]
enum Ink {
    Title,
    Out,
    Back,
    Good,
    Bad,
    Faint,
}

/// Writes to standard output.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    colour: bool,
}

impl Printer {
    /// A printer that looks at the terminal and at `NO_COLOR`.
    pub fn new() -> Self {
        let forbidden = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: !forbidden && io::stdout().is_terminal() }
    }

    /// A printer that never uses colour.
    pub fn plain() -> Self {
        Self { colour: false }
    }

    /// A chapter: a system, a flow.
    pub fn title(&self, title: &str) {
        let line = "─".repeat(title.chars().count());
        let title = self.paint(Ink::Title, title);
        self.write(&format!("\n{title}\n{}\n", self.paint(Ink::Title, &line)));
    }

    /// One step of a chapter.
    pub fn step(&self, step: &str) {
        self.write(&format!("\n{}\n", self.paint(Ink::Title, step)));
    }

    /// A remark.
    pub fn note(&self, note: &str) {
        self.write(&format!("  {}\n", self.paint(Ink::Faint, note)));
    }

    /// A request, as it crossed the wire.
    pub fn request(&self, received: &Received) {
        self.write(&self.render_request(received));
    }

    /// An answer, as it was read.
    pub fn reply(&self, reply: &Reply) {
        self.write(&self.render_reply(reply));
    }

    /// A typed result: its name, and its fields in columns.
    pub fn result(&self, name: &str, fields: &[(&str, &dyn Display)]) {
        self.write(&self.render_result(Ink::Good, name, fields));
    }

    /// A typed failure that was expected.
    pub fn refusal(&self, name: &str, fields: &[(&str, &dyn Display)]) {
        self.write(&self.render_result(Ink::Bad, name, fields));
    }

    /// The text that [`request`](Self::request) prints.
    pub fn render_request(&self, received: &Received) -> String {
        let host = match received.header("host") {
            Ok(Some(host)) => format!("http://{host}"),
            _ => String::new(),
        };
        let line = format!("→ {} {host}{}", received.method, received.path());
        let mut text = format!("  {}\n", self.paint(Ink::Out, &line));
        for pair in elide::pairs(received.query()) {
            self.line(&mut text, &format!("? {pair}"));
        }
        self.headers(&mut text, &received.headers);
        if received.is_media_type("application/x-www-form-urlencoded") {
            let body = String::from_utf8_lossy(&received.body);
            for pair in elide::pairs(&body) {
                self.line(&mut text, &pair);
            }
        } else {
            self.body(&mut text, &received.body);
        }
        text
    }

    /// The text that [`reply`](Self::reply) prints.
    pub fn render_reply(&self, reply: &Reply) -> String {
        let ink = if reply.status < 400 { Ink::Back } else { Ink::Bad };
        let line = format!("← {}", reply.status);
        let mut text = format!("  {}\n", self.paint(ink, &line));
        self.headers(&mut text, &reply.headers);
        self.body(&mut text, &reply.body);
        text
    }

    fn render_result(&self, ink: Ink, name: &str, fields: &[(&str, &dyn Display)]) -> String {
        let mut text = format!("  {}\n", self.paint(ink, &format!("= {name}")));
        let width = fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        for (name, value) in fields {
            let name = self.paint(Ink::Faint, &format!("{name:width$}"));
            self.line(&mut text, &format!("{name}  {value}"));
        }
        text
    }

    fn headers(&self, text: &mut String, headers: &[(String, String)]) {
        for (name, value) in headers {
            if !DULL_HEADERS.contains(&name.as_str()) {
                let value = elide::header(name, value);
                let name = self.paint(Ink::Faint, &format!("{name}:"));
                self.line(text, &format!("{name} {value}"));
            }
        }
    }

    /// A body that is not a form: JSON member by member, anything else by its size only.
    fn body(&self, text: &mut String, body: &[u8]) {
        match serde_json::from_slice::<Value>(body) {
            _ if body.is_empty() => {}
            Ok(value) => {
                let mut pretty = String::new();
                lay_out(&elide::json(&value), 0, &mut pretty);
                for line in pretty.lines() {
                    self.line(text, line);
                }
            }
            Err(_) => self.line(text, &format!("({} bytes that are not JSON)", body.len())),
        }
    }

    fn line(&self, text: &mut String, line: &str) {
        // Writing to a String does not fail.
        let _ = writeln!(text, "      {line}");
    }

    fn paint(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Title => "1",
            Ink::Out => "36",
            Ink::Back => "34",
            Ink::Good => "32",
            Ink::Bad => "31",
            Ink::Faint => "2",
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn write(&self, text: &str) {
        // A reader that has gone away, such as `head`, is no reason to stop.
        let _ = io::stdout().lock().write_all(text.as_bytes());
    }
}

/// JSON, a member a line; an array of plain values stays on its line.
fn lay_out(value: &Value, depth: usize, text: &mut String) {
    let inner = depth + 1;
    let between = |text: &mut String, first: bool, depth: usize| {
        text.push_str(if first { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth));
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                between(text, index == 0, inner);
                text.push_str(&format!("{}: ", Value::from(name.as_str())));
                lay_out(member, inner, text);
            }
            between(text, true, depth);
            text.push('}');
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                between(text, index == 0, inner);
                lay_out(item, inner, text);
            }
            between(text, true, depth);
            text.push(']');
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(Value::to_string).collect();
            text.push_str(&format!("[{}]", items.join(", ")));
        }
        plain => text.push_str(&plain.to_string()),
    }
}

impl Default for Printer {
    fn default() -> Self {
        Self::new()
    }
}
