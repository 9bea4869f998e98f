//! A person's browser, as far as a redirect chain needs one: cookies, following `Location`, and
//! submitting a form.
//!
//! Renders nothing and runs no script. The server's own interaction route says yes (or no, for
//! some accounts) without a page, so a chain either leaves the server or ends at an error page.

use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Method, StatusCode};

use crate::form_post::FormPost;
use crate::harness;

/// More hops than any chain of the server has; a loop ends here.
const MOST_HOPS: usize = 20;

/// Where a chain of redirects ended.
#[derive(Debug)]
pub enum Landing {
    /// A redirect that leaves the server: the client's redirect URI, with its parameters.
    Callback(String),
    /// A page of the server. For an authorization request this is an error shown to the person.
    Page { status: StatusCode, body: String },
}

/// One cookie, valid below a path. All come from one origin, so there is no domain.
struct Cookie {
    name: String,
    value: String,
    path: String,
}

/// A browser with its cookies. Signed in once, it stays signed in.
pub struct Browser {
    agent: ureq::Agent,
    cookies: Vec<Cookie>,
}

/// Opens an authorization URL in a fresh browser and returns the callback URL.
///
/// # Panics
///
/// When the chain ends at a page of the server.
pub fn approve(authorization_url: &str) -> String {
    match Browser::new().open(authorization_url) {
        Landing::Callback(url) => url,
        Landing::Page { status, body } => panic!("no callback but a page, {status}: {body}"),
    }
}

impl Browser {
    /// A browser without cookies.
    pub fn new() -> Self {
        Self { agent: harness::agent(), cookies: Vec::new() }
    }

    /// Opens a URL and follows redirects as long as they stay on its origin.
    pub fn open(&mut self, url: &str) -> Landing {
        let answer = self.visit(url, Vec::new());
        self.follow(url, answer)
    }

    /// Submits a form of a page and goes on as [`Browser::open`] does.
    pub fn submit(&mut self, form: &FormPost) -> Landing {
        let answer = self.visit(&form.action, form.body.clone());
        self.follow(&form.action, answer)
    }

    fn follow(&mut self, url: &str, mut answer: http::Response<Vec<u8>>) -> Landing {
        let origin = origin(url).to_owned();
        for _ in 0..MOST_HOPS {
            if !answer.status().is_redirection() {
                return Landing::Page {
                    status: answer.status(),
                    body: String::from_utf8_lossy(answer.body()).into_owned(),
                };
            }
            let location = answer.headers().get(LOCATION).expect("a redirect has a Location");
            let location = location.to_str().expect("a Location is ASCII");
            let url = if location.starts_with('/') {
                format!("{origin}{location}")
            } else {
                location.to_owned()
            };
            if url.strip_prefix(&origin).is_none_or(|rest| !rest.starts_with('/')) {
                return Landing::Callback(url);
            }
            answer = self.visit(&url, Vec::new());
        }
        panic!("more than {MOST_HOPS} redirects");
    }

    /// `GET`, or `POST` when there is a form to send.
    fn visit(&mut self, url: &str, form: Vec<u8>) -> http::Response<Vec<u8>> {
        let path = &url[origin(url).len()..];
        let path = path.split(['?', '#']).next().unwrap_or("/").to_owned();
        let mut request = http::Request::get(url).header(ACCEPT, "text/html");
        if !form.is_empty() {
            let media_type = "application/x-www-form-urlencoded";
            request = request.method(Method::POST).header(CONTENT_TYPE, media_type);
        }
        let sent: Vec<_> =
            self.cookies.iter().filter(|cookie| covers(&cookie.path, &path)).collect();
        if !sent.is_empty() {
            let pairs: Vec<_> = sent.iter().map(|c| format!("{}={}", c.name, c.value)).collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        let request = request.body(form).expect("a URL makes a request");
        let answer = harness::send(&self.agent, request);
        for line in answer.headers().get_all(SET_COOKIE) {
            self.keep(line.to_str().expect("cookies of the server are ASCII"), &path);
        }
        answer
    }

    /// Stores, replaces or (given an empty value) drops a cookie.
    fn keep(&mut self, line: &str, request_path: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) =
            parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie pair");
        let path = parts
            .filter_map(|attribute| attribute.split_once('='))
            .find(|(attribute, _)| attribute.eq_ignore_ascii_case("path"))
            .map_or(request_path, |(_, path)| path);
        self.cookies.retain(|cookie| cookie.name != name || cookie.path != path);
        if !value.is_empty() {
            self.cookies.push(Cookie {
                name: name.to_owned(),
                value: value.to_owned(),
                path: path.to_owned(),
            });
        }
    }
}

/// Whether a cookie's path covers a request's path: equal, or a parent folder of it.
fn covers(cookie: &str, request: &str) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || cookie.ends_with('/'))
}

/// `http://host:port` of a URL.
fn origin(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url[authority..].find(['/', '?', '#']).map_or(url.len(), |at| authority + at);
    &url[..end]
}
