//! [`Nonces`]: the nonces that servers have given for DPoP proofs. When a request is repeated with one is decided in `flow`.

use super::key::DpopKey;
use crate::wire::header::opaque;
use http::HeaderMap;
use std::fmt;

/// The nonces servers have given, by origin and key ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
///
/// Plain data that can be moved from one flow to the next. The newest nonce of each origin and key is
/// kept, for at most 64 of them; the one longest unused goes first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Nonces(Vec<Known>);

#[derive(Clone, PartialEq, Eq)]
struct Known {
    origin: String,
    key: String,
    nonce: String,
}

impl Nonces {
    const LIMIT: usize = 64;

    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The nonce to send to this URL with this key.
    #[must_use]
    pub fn get(&self, url: &str, key: &DpopKey) -> Option<&str> {
        let origin = origin(url)?;
        let found =
            self.0.iter().find(|known| known.origin == origin && known.key == key.thumbprint());
        found.map(|known| known.nonce.as_str())
    }

    /// Learns the nonce of a response, successful or not, to a request to this URL with this key
    /// ([RFC 9449 §8.2](https://www.rfc-editor.org/rfc/rfc9449#section-8.2)).
    /// Returns whether a new one came. Two different nonces in one response are both ignored.
    pub fn learn(&mut self, url: &str, key: &DpopKey, headers: &HeaderMap) -> bool {
        let (Some(origin), Some(nonce)) = (origin(url), nonce_of(headers)) else { return false };
        let (nonce, key) = (nonce.to_owned(), key.thumbprint().to_owned());
        let position = self.0.iter().position(|known| known.origin == origin && known.key == key);
        let is_new = match position.map(|at| self.0.remove(at)) {
            Some(known) => known.nonce != nonce,
            None => true,
        };
        if self.0.len() >= Self::LIMIT {
            self.0.remove(0);
        }
        // Nearly always there is one, and a session holds it for as long as it lives.
        self.0.reserve_exact(1);
        self.0.push(Known { origin, key, nonce });
        is_new
    }
}

/// A nonce is whatever text a server put in a header.
impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonces({} known)", self.0.len())
    }
}

/// The one nonce of a response ([RFC 9449 §8.1](https://www.rfc-editor.org/rfc/rfc9449#section-8.1)): visible ASCII but for `"` and `\`.
fn nonce_of(headers: &HeaderMap) -> Option<&str> {
    opaque(headers, "dpop-nonce").filter(|nonce| !nonce.contains(['"', '\\']))
}

/// Scheme, host and port, in lower case, without a default port.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let default = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(default).unwrap_or(&authority);
    Some(format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let of = |url| origin(url).unwrap();
        assert_eq!(of("HTTPS://AS.example:443/token?x#y"), "https://as.example");
        assert_eq!(of("https://as.example:8443"), "https://as.example:8443");
        assert_eq!(of("http://[::1]:80/"), "http://[::1]");
    }

    #[test]
    fn two_different_nonces_are_both_ignored() {
        let mut headers = HeaderMap::new();
        headers.append("dpop-nonce", "a".parse().unwrap());
        headers.append("dpop-nonce", "a".parse().unwrap());
        assert_eq!(nonce_of(&headers), Some("a"));
        headers.append("dpop-nonce", "b".parse().unwrap());
        assert_eq!(nonce_of(&headers), None);
    }
}
