//! What is different in a browser: the stand-in keeps to itself what a browser keeps to itself, so `fetch`
//! has to do without.

use std::cell::Cell;
use std::future::ready;
use std::time::Duration;

use grantwire::Duties;
use http::{Request, Response};

use crate::peer::{Server, closed_port};
use crate::sending::{PATIENCE, ask, long, post};
use crate::stack::{Pem, Send, fetch, now_or_never};
use grantwire_transport::fetch::{Answer, Fetch, TypeError, send};

fn fetching() -> Send {
    fetch(PATIENCE, &Pem::default())
}

/// That it was a redirect is all that can be seen.
#[test]
fn a_redirect_is_opaque_and_not_followed() {
    let elsewhere = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let server = Server::saying(format!(
        "HTTP/1.1 307 Elsewhere\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url()
    ));
    let answer = ask(&fetching(), &server).unwrap();
    assert!(answer.status().is_redirection() && answer.headers().is_empty());
    assert_eq!(elsewhere.end().connections(), 0);
}

/// A browser does not say why it failed, so nobody may take the request for one that was not sent.
#[test]
fn a_closed_port_is_no_different_from_a_lost_answer() {
    let (address, _streams) = closed_port();
    let answer = fetching()(post(&format!("http://{address}/token")), Duties::default(), long());
    assert!(answer.is_err_and(|failure| !failure.is_not_sent()));
}

#[test]
fn a_header_that_would_be_left_out_is_refused() {
    for name in ["cookie", "host", "origin", "sec-fetch-mode", "proxy-authorization", "via"] {
        let server = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        let mut request = post(&server.url());
        request.headers_mut().insert(name, "x".parse().unwrap());
        let answer = fetching()(request, Duties::default(), long());
        assert!(answer.is_err_and(|failure| failure.is_not_sent()), "{name}");
        assert_eq!(server.end().connections(), 0, "{name}");
    }
}

/// A browser with an endless answer, which notes when it is told to stop.
struct Endless<'a>(&'a Cell<(usize, bool)>);

impl<'a> Fetch for Endless<'a> {
    type Answer = Self;
    fn fetch(
        &self,
        _: Request<Vec<u8>>,
        _: Duration,
    ) -> impl Future<Output = Result<Self, TypeError>> {
        ready(Ok(Endless(self.0)))
    }
}

impl Answer for Endless<'_> {
    fn head(&self) -> Result<Option<Response<()>>, TypeError> {
        Ok(Some(Response::new(())))
    }
    fn read(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, TypeError>> {
        let (reads, is_cancelled) = self.0.get();
        self.0.set((reads + 1, is_cancelled));
        ready(Ok(Some(vec![b'x'; 7])))
    }
    fn cancel(&mut self) {
        self.0.set((self.0.get().0, true));
    }
}

#[test]
fn a_download_is_stopped_at_the_limit() {
    let told = Cell::default();
    let mut duties = Duties::default();
    duties.body_limit = 20;
    let request = post("https://as.example/token");
    let answer = now_or_never(send(&Endless(&told), request, duties, PATIENCE)).unwrap();
    assert_eq!(answer.body().len(), 21);
    assert_eq!(told.get(), (3, true), "three chunks are enough, and the rest is not wanted");
}
