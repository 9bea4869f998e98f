//! Replies made to be expensive, of any size.

#![allow(dead_code, reason = "the benchmark and the test each take the part they need")]

use super::cases::{Run, reading, response};

/// A kind of reply that a server, or whoever stands in its place, could send to cost us time or memory.
pub struct Shape {
    pub name: &'static str,
    pub status: u16,
    /// A body of about this many bytes, and never more.
    pub body: fn(usize) -> Vec<u8>,
}

pub const SMALL: usize = 64 << 10;
pub const LARGE: usize = 1 << 20;

pub const SHAPES: &[Shape] = &[
    Shape { name: "many unknown members", status: 200, body: many_members },
    Shape { name: "one long string", status: 200, body: |size| padded("", "a", "", size) },
    Shape { name: "nesting at the limit", status: 200, body: nested },
    Shape { name: "many escapes", status: 200, body: escapes },
    Shape { name: "a long scope array", status: 200, body: scope_array },
    Shape { name: "a refusal with a long text", status: 400, body: refusal },
    Shape { name: "open brackets only", status: 200, body: |size| b"[".repeat(size) },
    Shape { name: "bytes that are not UTF-8", status: 200, body: |size| b"\xFF".repeat(size) },
];

impl Shape {
    pub fn run(&self, size: usize) -> Run {
        let body = (self.body)(size);
        assert!(body.len() <= size && body.len() + 1024 > size, "{}: {}", self.name, body.len());
        reading(response(self.status, body))
    }
}

const TOKEN: &str = r#""access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer""#;

/// A token response with `before`, as many `unit`s as fit, and `after` in an unknown member's place.
fn padded(before: &str, unit: &str, after: &str, size: usize) -> Vec<u8> {
    let (open, close) = (format!(r#"{{{TOKEN},"x":"{before}"#), format!(r#"{after}"}}"#));
    fill(&open, |_| unit.to_owned(), &close, size)
}

fn fill(open: &str, unit: impl Fn(usize) -> String, close: &str, size: usize) -> Vec<u8> {
    let mut body = open.to_owned();
    for number in 0.. {
        let unit = unit(number);
        if body.len() + unit.len() + close.len() > size {
            break;
        }
        body.push_str(&unit);
    }
    body.push_str(close);
    body.into_bytes()
}

fn many_members(size: usize) -> Vec<u8> {
    fill(&format!("{{{TOKEN}"), |number| format!(r#","m{number}":{number}"#), "}", size)
}

/// Sixty-two levels, again and again: with the object around them as deep as is allowed.
fn nested(size: usize) -> Vec<u8> {
    let tower = format!("{}{},", "[".repeat(62), "]".repeat(62));
    fill(&format!(r#"{{{TOKEN},"x":["#), |_| tower.clone(), "0]}", size)
}

fn escapes(size: usize) -> Vec<u8> {
    fill(&format!(r#"{{{TOKEN},"id_token":""#), |_| r"\u00e9\n".to_owned(), r#""}"#, size)
}

fn scope_array(size: usize) -> Vec<u8> {
    fill(&format!(r#"{{{TOKEN},"scope":["a""#), |_| r#","b""#.to_owned(), "]}", size)
}

fn refusal(size: usize) -> Vec<u8> {
    let open = r#"{"error":"invalid_grant","error_description":""#;
    fill(open, |_| r"\u00e9\n".to_owned(), r#""}"#, size)
}
