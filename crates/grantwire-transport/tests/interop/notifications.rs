//! A client's notification endpoint: takes one ping of CIBA on loopback and answers it.
//!
//! Checks nothing. What a client has to check is the case's.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http::Request;

/// A healthy server on loopback calls sooner than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// An endpoint that listens.
pub struct Notifications {
    /// Its address.
    pub url: String,
    first: JoinHandle<Request<Vec<u8>>>,
}

impl Notifications {
    /// Listens on a free port.
    pub fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let first = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a caller");
            take(stream)
        });
        Self { url, first }
    }

    /// The first call, once it has come.
    pub fn first(self) -> Request<Vec<u8>> {
        self.first.join().expect("a ping")
    }
}

/// Reads one request and answers it with 204.
fn take(mut stream: TcpStream) -> Request<Vec<u8>> {
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut received = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).expect("the request arrives");
        assert!(count > 0, "the caller hung up");
        received.extend(&piece[..count]);
        if let Some(ping) = parse(&received) {
            stream
                .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                .expect("sent");
            return ping;
        }
    }
}

/// The ping, if all of it is there.
fn parse(received: &[u8]) -> Option<Request<Vec<u8>>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(received).expect("HTTP") else {
        return None;
    };
    assert_eq!(request.method, Some("POST"));
    let text = |name: &str| {
        let header = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        String::from_utf8(header.expect("the header is there").value.to_vec()).expect("ASCII")
    };
    assert_eq!(text("content-type"), "application/json");
    let length: usize = text("content-length").parse().expect("a length");
    let body = received[head..].to_vec();
    let call = Request::post("/").header("authorization", text("authorization"));
    (body.len() >= length).then(|| call.body(body).expect("a request"))
}
