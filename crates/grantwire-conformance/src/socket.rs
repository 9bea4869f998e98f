//! HTTP/1.1 on a socket, one request a connection: bytes to [`Received`], [`Reply`] to bytes.
//!
//! `httparse` reads the head. There is no keep-alive, so that a client never sends twice by itself
//! on a connection it found dead, and so that a dropped connection is seen at once.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::message::{Received, Reply};

/// The longest head and the longest body, in bytes.
const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 1024 * 1024;
const HEADER_LIMIT: usize = 64;

/// How long a client may take for its request, and how often a waiting thread looks whether the
/// server stops.
const PATIENCE: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_millis(50);

/// Why no request came.
pub enum NoRequest {
    /// The client went away, or the server stops.
    Gone,
    /// The bytes are not a request this server takes.
    Refused(Reply),
}

/// Reads one request. `authority` is the host and port that `Host` has to name.
pub fn read(
    stream: &mut TcpStream,
    authority: &str,
    stop: &AtomicBool,
) -> Result<Received, NoRequest> {
    // A socket that takes no timeout is read without one.
    let _ = stream.set_read_timeout(Some(GLANCE));
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = Vec::new();
    let (mut received, head_length) = loop {
        if let Some(head) = parse_head(&buffer)? {
            break head;
        }
        if buffer.len() > HEAD_LIMIT {
            return Err(refuse(431, "the head is too long"));
        }
        fill(stream, &mut buffer, deadline, stop)?;
    };
    let body_length = check_head(&received, authority)?;
    let end = head_length.saturating_add(body_length);
    while buffer.len() < end {
        fill(stream, &mut buffer, deadline, stop)?;
    }
    if buffer.len() > end {
        return Err(refuse(400, "there is more than the announced body"));
    }
    received.body = buffer.split_off(head_length);
    Ok(received)
}

/// Writes the answer and closes the connection.
pub fn write(stream: &mut TcpStream, reply: &Reply) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
    head.push_str("connection: close\r\n\r\n");
    stream.write_all(&[head.as_bytes(), &reply.body].concat())?;
    stream.shutdown(Shutdown::Write)?;
    // What the client still sends is read away: unread bytes would reset the connection and
    // could take the answer with them.
    let deadline = Instant::now() + GLANCE;
    let mut scrap = [0; 4096];
    while Instant::now() < deadline && matches!(stream.read(&mut scrap), Ok(1..)) {}
    Ok(())
}

/// Closes the connection without an answer.
pub fn drop_connection(stream: &TcpStream) {
    // The client may have closed it first.
    let _ = stream.shutdown(Shutdown::Both);
}

/// Reads some more bytes.
fn fill(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    deadline: Instant,
    stop: &AtomicBool,
) -> Result<(), NoRequest> {
    let mut chunk = [0; 4096];
    loop {
        if stop.load(Ordering::Acquire) || Instant::now() > deadline {
            return Err(NoRequest::Gone);
        }
        match stream.read(&mut chunk) {
            Ok(0) => return Err(NoRequest::Gone),
            Ok(count) => {
                buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
                return Ok(());
            }
            Err(error) if is_pause(error.kind()) => {}
            Err(_) => return Err(NoRequest::Gone),
        }
    }
}

fn is_pause(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// The head and its length, once all of it is here.
fn parse_head(buffer: &[u8]) -> Result<Option<(Received, usize)>, NoRequest> {
    let mut headers = [httparse::EMPTY_HEADER; HEADER_LIMIT];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(refuse(400, "the head is malformed")),
    };
    let (Some(method), Some(target), Some(1)) = (request.method, request.path, request.version)
    else {
        return Err(refuse(505, "only HTTP/1.1 is served"));
    };
    let mut received = Received::new(method, target);
    for header in request.headers.iter() {
        let value = std::str::from_utf8(header.value)
            .map_err(|_| refuse(400, "a header value is not text"))?;
        received = received.with_header(header.name, value);
    }
    Ok(Some((received, length)))
}

/// Checks what HTTP itself asks of a request, and returns the length of its body.
fn check_head(received: &Received, authority: &str) -> Result<usize, NoRequest> {
    let header = |name| received.header(name).map_err(|_| refuse(400, "a header is repeated"));
    if !received.target.starts_with('/') || received.target.contains('#') {
        return Err(refuse(400, "the target is not a path and query"));
    }
    if header("host")? != Some(authority) {
        return Err(refuse(421, "Host is missing or not this server"));
    }
    if header("transfer-encoding")?.is_some() {
        return Err(refuse(411, "a body needs a Content-Length"));
    }
    if header("expect")?.is_some() {
        return Err(refuse(417, "Expect is not served"));
    }
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    match header("content-length")? {
        None => Ok(0),
        Some(text) => match Some(text).filter(digits).and_then(|text| text.parse().ok()) {
            Some(length) if length <= BODY_LIMIT => Ok(length),
            Some(_) => Err(refuse(413, "the body is too long")),
            None => Err(refuse(400, "Content-Length is not a number")),
        },
    }
}

fn refuse(status: u16, message: &str) -> NoRequest {
    NoRequest::Refused(Reply::page(status, message))
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
}
