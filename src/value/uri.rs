//! [`EndpointUri`] and [`RedirectUri`]: addresses that stay as typed.
//!
//! Endpoints are checked as strings before they become `http::Uri`, which drops fragments and keeps
//! user information without a word. Nothing is normalised: no slash is added, no case is changed.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use http::Uri;

use crate::wire::ascii;
use crate::wire::form::{self, Escape};

/// Why an address cannot be used as an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// White space, a control character or non-ASCII text; escape it first.
    Character,
    /// A fragment (`#…`), which is never sent ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)).
    Fragment,
    /// Neither `https`, nor `http` on a loopback host. For an endpoint,
    /// [`AuthorizationServer::endpoint_insecure`](crate::AuthorizationServer::endpoint_insecure) lets it be by name.
    Insecure,
    /// Plain `http` on this machine, by the word of a server elsewhere.
    Loopback,
    /// Not an absolute URL with a host.
    Malformed,
    /// A user name or password before the host.
    UserInformation,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Character => "it holds white space, a control character or non-ASCII text",
            Self::Fragment => "it has a fragment",
            Self::Insecure => "it is neither https nor http on a loopback host",
            Self::Loopback => {
                "it is plain http on this machine, and the server that names it is elsewhere"
            }
            Self::Malformed => "it is not an absolute URL with a host",
            Self::UserInformation => "it has a user name before the host",
        })
    }
}

impl std::error::Error for EndpointError {}

/// An endpoint's address: `https`, or `http` on a loopback host; no fragment, no user information.
///
/// Its query, if it has one, is kept byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUri {
    text: Arc<str>,
    uri: Uri,
}

impl EndpointUri {
    /// Checks an address.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        check(text, false)
    }

    /// As [`EndpointUri::parse`], but lets plain `http` reach any host.
    ///
    /// # Errors
    ///
    /// [`EndpointError`], but never [`EndpointError::Insecure`] for `http`.
    pub fn parse_insecure(text: &str, _: danger::PlainHttp) -> Result<Self, EndpointError> {
        check(text, true)
    }

    /// The address as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address as typed, shared.
    pub(crate) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// Scheme, host and port: in lower case, without a default port.
    #[must_use]
    pub fn origin(&self) -> String {
        let typed = self.origin_as_typed().to_ascii_lowercase();
        let default = if typed.starts_with("https:") { ":443" } else { ":80" };
        typed.strip_suffix(default).unwrap_or(&typed).to_owned()
    }

    /// Everything before the path.
    pub(crate) fn origin_as_typed(&self) -> &str {
        let start = self.text.find("://").map_or(0, |at| at.saturating_add(3));
        let rest = self.text.get(start..).unwrap_or_default();
        let len = rest.find(['/', '?']).unwrap_or(rest.len());
        self.text.get(..start.saturating_add(len)).unwrap_or_default()
    }

    /// Whether its host is this machine, by any scheme.
    pub(crate) fn is_local(&self) -> bool {
        self.uri.host().is_some_and(is_loopback)
    }

    /// As [`EndpointUri::parse`], by the word of a server that is not on this machine: what listens here
    /// without TLS may be anybody's.
    pub(crate) fn parse_remote(text: &str) -> Result<Self, EndpointError> {
        let uri = Self::parse(text)?;
        if uri.is_secure() { Ok(uri) } else { Err(EndpointError::Loopback) }
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.uri.scheme() == Some(&http::uri::Scheme::HTTPS)
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }
}

/// A query can be a secret, so only what stands before it is shown.
impl fmt::Debug for EndpointUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.text.split('?').next().unwrap_or_default();
        write!(f, "EndpointUri({shown})")
    }
}

fn check(text: &str, plain_http: bool) -> Result<EndpointUri, EndpointError> {
    if !ascii::is_graphic(text) {
        return Err(EndpointError::Character);
    }
    if text.contains('#') {
        return Err(EndpointError::Fragment);
    }
    let (scheme, rest) = text.split_once("://").ok_or(EndpointError::Malformed)?;
    let secure = scheme.eq_ignore_ascii_case("https");
    if !secure && !scheme.eq_ignore_ascii_case("http") {
        return Err(EndpointError::Insecure);
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(EndpointError::UserInformation);
    }
    let uri = Uri::try_from(text).map_err(|_| EndpointError::Malformed)?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or(EndpointError::Malformed)?;
    let port = authority.get(host.len()..).unwrap_or_default();
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return Err(EndpointError::Malformed);
    }
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_address = |text: &str| text.parse::<std::net::Ipv6Addr>().is_ok();
    if host.contains(['[', ']']) && !bracketed.is_some_and(is_address) {
        return Err(EndpointError::Malformed);
    }
    if !secure && !plain_http && !is_loopback(host) {
        return Err(EndpointError::Insecure);
    }
    Ok(EndpointUri { text: text.into(), uri })
}

/// A number that a port can have, or nothing, which RFC 3986 section 3.2.3 allows. `http::Uri` takes
/// anything.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// `localhost` and literal loopback addresses; other names may resolve anywhere.
fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A redirect URI, kept as typed: servers compare it byte for byte
/// ([RFC 6749 §3.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2)).
///
/// Any absolute URI will do, custom schemes and URNs included, but no fragment. One that is kept and used for
/// many requests is checked and encoded once.
#[derive(Clone)]
pub struct RedirectUri {
    /// The URI as typed, and behind it percent-encoded if nothing is wrong with it.
    both: Arc<str>,
    len: usize,
    checked: Result<(), EndpointError>,
    /// Whether a form is encoded in the same way.
    as_form: bool,
}

impl RedirectUri {
    fn new(text: &str) -> Self {
        let checked = Self::find_fault(text);
        let mut both = String::with_capacity(text.len().saturating_mul(2));
        both.push_str(text);
        if checked.is_ok() {
            form::push_escaped(&mut both, Escape::Percent, text);
        }
        // The two encodings differ in these, and a URI has no space.
        let as_form = !text.contains(['*', '~']);
        Self { both: both.into(), len: text.len(), checked, as_form }
    }

    /// The URI as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.both.get(..self.len).unwrap_or_default()
    }

    /// The URI encoded, for a URL and a form alike; nothing where something is wrong with it or the two are
    /// not alike.
    pub(crate) fn encoded(&self) -> &str {
        self.both.get(self.len..).filter(|_| self.as_form).unwrap_or_default()
    }

    pub(crate) fn check(&self) -> Result<&str, EndpointError> {
        self.checked.map(|()| self.as_str())
    }

    fn find_fault(text: &str) -> Result<(), EndpointError> {
        if !ascii::is_graphic(text) {
            return Err(EndpointError::Character);
        }
        if text.contains('#') {
            return Err(EndpointError::Fragment);
        }
        match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) && !rest.is_empty() => Ok(()),
            _ => Err(EndpointError::Malformed),
        }
    }
}

impl PartialEq for RedirectUri {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RedirectUri {}

impl Hash for RedirectUri {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// As with endpoints, only what stands before the query is shown.
impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.as_str().split('?').next().unwrap_or_default();
        write!(f, "RedirectUri({shown})")
    }
}

impl From<&str> for RedirectUri {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for RedirectUri {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

fn is_scheme(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Permissions one must type out.
pub mod danger {
    /// Allows plain `http` to hosts other than loopback. Everything sent can be read on the way.
    #[derive(Debug, Clone, Copy)]
    #[allow(clippy::exhaustive_structs)] // a permission is its name and nothing else
    pub struct PlainHttp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        let fault = |text: &str| EndpointUri::parse(text).err();
        for fine in [
            "https://as.example/token",
            "https://as.example/token?tenant=a%20b&x=",
            "HTTPS://as.example",
            "http://localhost:8080/token",
            "http://127.0.0.2/token",
            "http://[::1]:80/token",
            "https://as.example:/token",
        ] {
            assert_eq!(fault(fine), None, "{fine}");
            assert_eq!(EndpointUri::parse(fine).unwrap().as_str(), fine);
        }
        for (wrong, why) in [
            ("http://as.example/token", EndpointError::Insecure),
            ("http://localhost.evil.example/", EndpointError::Insecure),
            ("http://128.0.0.1/", EndpointError::Insecure),
            ("javascript://as.example/%0aalert(1)", EndpointError::Insecure),
            ("file:///etc/passwd", EndpointError::Insecure),
            ("https://as.example/token#x", EndpointError::Fragment),
            ("https://user:pw@as.example/token", EndpointError::UserInformation),
            ("https://as.example/to ken", EndpointError::Character),
            ("https://as.example/\r\nX: y", EndpointError::Character),
            ("https://ä.example/", EndpointError::Character),
            ("/token", EndpointError::Malformed),
            ("https:///token", EndpointError::Malformed),
            ("https://as.example:https/token", EndpointError::Malformed),
            ("https://as.example:65536/token", EndpointError::Malformed),
            ("https://[::1]:+80/token", EndpointError::Malformed),
            ("https://[::1]x/token", EndpointError::Malformed),
            ("https://", EndpointError::Malformed),
            ("", EndpointError::Malformed),
        ] {
            assert_eq!(fault(wrong), Some(why), "{wrong}");
        }
        assert!(EndpointUri::parse_insecure("http://as.example/", danger::PlainHttp).is_ok());
    }

    #[test]
    fn redirect_uris() {
        for fine in ["https://a/cb", "urn:ietf:wg:oauth:2.0:oob:auto", "com.example.app:/cb"] {
            assert!(RedirectUri::from(fine).check().is_ok(), "{fine}");
        }
        for wrong in ["/cb", "https://a/cb#f", "https://a/c b", "1x:/cb", "x:", ""] {
            assert!(RedirectUri::from(wrong).check().is_err(), "{wrong}");
        }
    }
}
