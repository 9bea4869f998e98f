//! What becomes of an answer's body: it is read up to the limit, in time, and as far as it comes.

use std::sync::atomic::Ordering;
use std::time::Instant;

use grantwire::Duties;

use crate::peer::{FLOOD, Server};
use crate::sending::{PATIENCE, SHORT, SOON, ask, long, post};
use crate::stack::{Make, Pem};

fn limited(limit: usize) -> Duties {
    let mut duties = Duties::default();
    duties.body_limit = limit;
    duties
}

/// With a length, with none, and in chunks, and far longer than memory should hold.
pub fn beyond_the_limit(make: Make) {
    let piece = [b'x'; 1 << 16];
    let chunk = [b"10000\r\n".as_slice(), &piece, b"\r\n"].concat();
    for (framing, chunk) in [
        ("content-length: 1000000000000\r\n", piece.to_vec()),
        ("connection: close\r\n", piece.to_vec()),
        ("transfer-encoding: chunked\r\n", chunk),
    ] {
        for limit in [0, 1, 1000, 70_000] {
            let chunk = chunk.clone();
            let server = Server::start(move |peer| {
                peer.hear();
                peer.say(format!("HTTP/1.1 200 OK\r\n{framing}\r\n").as_bytes());
                peer.pour(&chunk);
            });
            let send = make(PATIENCE, &Pem::default());
            let answer = send(post(&server.url()), limited(limit), long()).unwrap();
            assert_eq!(answer.body().len(), limit + 1, "{framing}");
            let seen = server.end();
            assert!(seen.poured.load(Ordering::Acquire) < FLOOD, "{framing}: all was read");
        }
    }
}

pub fn at_the_limit(make: Make) {
    for framed in [
        "content-length: 10\r\n\r\n0123456789",
        "connection: close\r\n\r\n0123456789",
        "transfer-encoding: chunked\r\n\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n",
    ] {
        let server = Server::saying(format!("HTTP/1.1 200 OK\r\n{framed}"));
        let send = make(PATIENCE, &Pem::default());
        let answer = send(post(&server.url()), limited(10), long()).unwrap();
        assert_eq!(answer.body(), b"0123456789", "{framed}");
    }
}

pub fn breaks_off(make: Make) {
    for framed in [
        "content-length: 100\r\n\r\n{\"access_token\":",
        "transfer-encoding: chunked\r\n\r\n10\r\n{\"access_token\":\r\n",
        "transfer-encoding: chunked\r\n\r\n10\r\n{\"access_token\":\r\nnonsense",
    ] {
        let server = Server::saying(format!("HTTP/1.1 200 OK\r\n{framed}"));
        let answer = ask(&make(PATIENCE, &Pem::default()), &server).unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.body(), b"{\"access_token\":", "{framed}");
        assert_eq!(server.end().requests().len(), 1);
    }
}

pub fn drips(make: Make) {
    let server = Server::start(|peer| {
        peer.hear();
        peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n");
        peer.drip();
    });
    let began = Instant::now();
    let answer = ask(&make(SHORT, &Pem::default()), &server).unwrap();
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!((1..60_000).contains(&answer.body().len()));
    assert_eq!(server.end().requests().len(), 1);
}
