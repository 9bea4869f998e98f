//! One HTTP request as it was received, and the reply to it, as plain values.
//!
//! Not a socket: `socket` reads and writes these. Nothing here knows OAuth.

use std::fmt;

use serde_json::Value;

/// A request, as it crossed the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// As sent, in the same case.
    pub method: String,
    /// Path and query, exactly as sent.
    pub target: String,
    /// Names in lower case, in the order they came. A repeated header is here twice.
    pub headers: Vec<(String, String)>,
    /// Empty where none came.
    pub body: Vec<u8>,
}

/// A header that may come once came twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated;

impl Received {
    /// A request without headers or body, for use without a socket.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The same request with one more header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// The same request with a body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// What a server would receive if this value were sent: with the `Host` that an HTTP stack
    /// adds. A header value that is not text becomes an empty one, which no check accepts.
    pub fn from_http(request: &http::Request<impl AsRef<[u8]>>) -> Self {
        let uri = request.uri();
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let mut received = Self::new(request.method().as_str(), target);
        if let Some(authority) = uri.authority() {
            received = received.with_header("host", authority.as_str());
        }
        received.headers.extend(texts(request.headers()));
        received.body = request.body().as_ref().to_vec();
        received
    }

    /// The target up to the question mark.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The target after the question mark; empty when there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The value of a header that may come at most once. `name` is in lower case.
    pub fn header(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self
            .headers
            .iter()
            .filter(|(header, _)| header == name)
            .map(|(_, value)| value.as_str());
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(Repeated),
        }
    }

    /// Whether the body is announced as `media_type`. The only parameter taken is
    /// `charset=utf-8`.
    pub fn is_media_type(&self, media_type: &str) -> bool {
        let Ok(Some(announced)) = self.header("content-type") else {
            return false;
        };
        let (essence, parameter) = announced
            .split_once(';')
            .map_or((announced, None), |(essence, parameter)| (essence, Some(parameter)));
        essence.trim().eq_ignore_ascii_case(media_type)
            && parameter.is_none_or(|text| text.trim().eq_ignore_ascii_case("charset=utf-8"))
    }
}

/// Method and path only: headers, query and body may hold credentials.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({} {})", self.method, self.path())
    }
}

/// What the server answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Names in lower case, in the order they go out.
    pub headers: Vec<(String, String)>,
    /// Empty where none goes out.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer without headers or body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A JSON answer that no cache may keep.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::text(status, "application/json", &value.to_string())
            .with_header("cache-control", "no-store")
    }

    /// An answer with a text body.
    pub fn text(status: u16, media_type: &str, text: &str) -> Self {
        let mut reply = Self::empty(status).with_header("content-type", media_type);
        reply.body = text.as_bytes().to_vec();
        reply
    }

    /// A page for a person, for errors that must not be sent to a redirect URI.
    pub fn page(status: u16, message: &str) -> Self {
        Self::text(status, "text/plain; charset=utf-8", message)
    }

    /// A public JSON document, to be had by `GET`, that a cache may keep for an hour.
    pub fn document(received: &Received, value: &Value) -> Self {
        match received.method.as_str() {
            "GET" => Self::text(200, "application/json", &value.to_string())
                .with_header("cache-control", "public, max-age=3600"),
            _ => Self::method_not_allowed("GET"),
        }
    }

    /// `302 Found`.
    pub fn found(location: &str) -> Self {
        Self::empty(302).with_header("location", location).with_header("cache-control", "no-store")
    }

    /// `405 Method Not Allowed`, with the methods that are.
    pub fn method_not_allowed(allow: &str) -> Self {
        Self::page(405, "method not allowed").with_header("allow", allow)
    }

    /// The same answer with one more header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first header of that name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `Value::Null` when it is not.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// An answer that a client read, for printing.
    pub fn from_http(response: &http::Response<impl AsRef<[u8]>>) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: texts(response.headers()),
            body: response.body().as_ref().to_vec(),
        }
    }

    /// The answer as the value a client would read, for use without a socket.
    pub fn to_http(&self) -> http::Result<http::Response<Vec<u8>>> {
        self.headers
            .iter()
            .fold(http::Response::builder().status(self.status), |builder, (name, value)| {
                builder.header(name, value)
            })
            .body(self.body.clone())
    }
}

/// Status and size only: the body may hold tokens, the `Location` a code.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

fn texts(headers: &http::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let text = value.to_str().unwrap_or_default();
            (name.as_str().to_owned(), text.to_owned())
        })
        .collect()
}
