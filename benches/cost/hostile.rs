//! Input made to be expensive, of any size.

#![allow(dead_code, reason = "each program takes the part it needs")]

use grantwire::authorization::Callback;
use grantwire::grant::ClientCredentials;
use grantwire::{Client, Quirks, TokenResponse, resource};
use http::{HeaderValue, Response};

use super::operations::{client, entropy, response, server};
use super::work::{Work, kept};

/// Reads this as a token response, and says whether there are tokens in it.
fn reading(client: &Client, status: u16, body: Vec<u8>, good: bool) -> Work {
    let exchange = kept(client.token(ClientCredentials::new()));
    let response = response(status, body);
    let right = move |read: &Result<TokenResponse, _>| assert_eq!(read.is_ok(), good);
    Work::new(move || exchange.read(response), right)
}

fn good(body: Vec<u8>) -> Work {
    reading(client(), 200, body, true)
}

fn bad(body: Vec<u8>) -> Work {
    reading(client(), 200, body, false)
}

const TOKEN: &str = r#""access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer""#;

/// What `open` and `close` surround, as often as it fits into so many bytes.
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
    assert!(body.len() <= size && body.len() + 1024 > size, "{} of {size}", body.len());
    body.into_bytes()
}

/// A token response with this in front, and a member that is filled.
fn padded(open: &str, unit: &str, close: &str, size: usize) -> Vec<u8> {
    fill(&format!("{{{TOKEN},{open}"), |_| unit.to_owned(), &format!("{close}}}"), size)
}

pub fn many_members(size: usize) -> Work {
    good(fill(&format!("{{{TOKEN}"), |number| format!(r#","m{number}":{number}"#), "}", size))
}

pub fn long_string(size: usize) -> Work {
    good(padded(r#""x":""#, "a", r#"""#, size))
}

pub fn long_token(size: usize) -> Work {
    good(fill(r#"{"token_type":"Bearer","access_token":""#, |_| "a".into(), r#""}"#, size))
}

/// Sixty-two levels, again and again.
pub fn nested(size: usize) -> Work {
    let tower = format!("{}{},", "[".repeat(62), "]".repeat(62));
    good(padded(r#""x":["#, &tower, "0]", size))
}

pub fn escapes(size: usize) -> Work {
    good(padded(r#""id_token":""#, r"\u00e9\n", r#"""#, size))
}

pub fn scope_array(size: usize) -> Work {
    good(padded(r#""scope":["a""#, r#","b""#, "]", size))
}

pub fn error_text(size: usize) -> Work {
    let open = r#"{"error":"invalid_grant","error_description":""#;
    reading(client(), 400, fill(open, |_| r"\u00e9\n".to_owned(), r#""}"#, size), false)
}

pub fn brackets(size: usize) -> Work {
    bad(b"[".repeat(size))
}

/// It is known at once that there is no answer in it: a member stands twice.
pub fn repeated_member(size: usize) -> Work {
    bad(padded(r#""access_token":"other","x":""#, "a", r#"""#, size))
}

pub fn not_utf8(size: usize) -> Work {
    bad(b"\xFF".repeat(size))
}

/// A good answer but for the bytes of a member that nobody asked for.
pub fn not_utf8_in_a_member(size: usize) -> Work {
    let mut body = padded(r#""x":""#, "a", r#"""#, size);
    for byte in body.iter_mut().filter(|byte| **byte == b'a').skip(100) {
        *byte = 0xFF;
    }
    good(body)
}

/// With the tolerance for answers that are forms.
fn form(unit: &str, size: usize) -> Work {
    let quirks = Quirks::new().form_encoded_response();
    let client = Client::new(server().quirks(quirks), "s6BhdRkqt3");
    let body = fill("access_token=2YotnFZFEjr1&token_type=bearer", |_| unit.to_owned(), "", size);
    let exchange = kept(client.token(ClientCredentials::new()));
    let mut response = Response::new(body);
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    response.headers_mut().insert("content-type", kind);
    let response = kept(response);
    Work::new(
        move || exchange.read(response),
        |read: &Result<TokenResponse, _>| assert!(read.is_ok(), "{read:?}"),
    )
}

pub fn form_pairs(size: usize) -> Work {
    form("&a", size)
}

pub fn form_empty_pairs(size: usize) -> Work {
    form("&=", size)
}

pub fn form_separators(size: usize) -> Work {
    form("&", size)
}

pub fn form_escapes(size: usize) -> Work {
    form("%41", size)
}

/// Through the browser, by anyone, before `state` is compared.
fn callback(unit: &str, size: usize) -> Work {
    let started = client().authorization().start(&mut entropy()).expect("it is complete");
    let query = String::from_utf8(fill("code=a&state=b", |_| unit.to_owned(), "", size));
    let query: &str = kept(query.expect("it is ASCII"));
    Work::new(
        move || started.pending.code(Callback::from_query(query)),
        |checked| assert!(checked.is_err()),
    )
}

pub fn callback_pairs(size: usize) -> Work {
    callback("&a", size)
}

pub fn callback_empty_pairs(size: usize) -> Work {
    callback("&=", size)
}

pub fn callback_separators(size: usize) -> Work {
    callback("&", size)
}

pub fn callback_escapes(size: usize) -> Work {
    callback("%41", size)
}

/// Headers of 4 KiB each, from a resource that refuses.
pub fn challenges(size: usize) -> Work {
    let mut response = Response::builder().status(401).body(Vec::new()).expect("it is a response");
    let value = String::from_utf8(fill("Bearer realm=x", |_| ", a=b".into(), "", 4096));
    let value: HeaderValue = value.expect("it is ASCII").parse().expect("it is a value");
    for _ in 0..size / 4096 {
        response.headers_mut().append("www-authenticate", value.clone());
    }
    let response = kept(response);
    Work::new(move || resource::check(response), |checked| assert!(checked.is_err()))
}
