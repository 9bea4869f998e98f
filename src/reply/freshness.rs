//! [`Freshness`]: how long a document may be kept, by the headers it came with, and by which name it can
//! be asked for again.
//!
//! Nothing is kept here, and no clock is read: whoever keeps a document counts from when it arrived.

use std::time::Duration;

use http::header::{AGE, CACHE_CONTROL, ETAG};
use http::{HeaderMap, HeaderValue};

/// The most seconds that a header is believed, so that adding them to a clock cannot overflow it.
const LONGEST: u64 = 1 << 31;

#[derive(Clone, Default)]
pub(crate) struct Freshness {
    lifetime: Option<Duration>,
    age: Duration,
    pub(crate) etag: Option<HeaderValue>,
}

impl Freshness {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut etags = headers.get_all(ETAG).iter().filter(|etag| !etag.is_empty());
        let etag = match (etags.next(), etags.next()) {
            (Some(etag), None) => Some(etag.clone()),
            _ => None,
        };
        Self { lifetime: max_age(headers), age: age(headers), etag }
    }

    /// What is left of it. A cache between has had it for a while already (RFC 9111 section 4.2).
    pub(crate) const fn max_age(&self) -> Option<Duration> {
        match self.lifetime {
            Some(lifetime) => Some(lifetime.saturating_sub(self.age)),
            None => None,
        }
    }

    /// What a 304 says replaces what was said before, and what it leaves out still holds, but for the age
    /// (RFC 9111 section 4.3.4).
    pub(crate) fn renew(&mut self, headers: &HeaderMap) {
        let Self { lifetime, age, etag } = Self::of(headers);
        self.lifetime = lifetime.or(self.lifetime);
        self.age = age;
        self.etag = etag.or_else(|| self.etag.take());
    }
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut found = None;
    for directive in values.flat_map(|value| value.split(',')) {
        let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
        let name = name.trim();
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(Duration::ZERO);
        }
        if name.eq_ignore_ascii_case("max-age") {
            found = found.or(seconds(argument.trim().trim_matches('"')));
        }
    }
    found
}

/// Of a list the first counts, and what is no number is ignored (RFC 9111 section 5.1).
fn age(headers: &HeaderMap) -> Duration {
    let text = headers.get(AGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = text.split(',').next().unwrap_or_default();
    seconds(first.trim()).unwrap_or_default()
}

/// More than fits is the longest there is (RFC 9111 section 1.2.2).
fn seconds(digits: &str) -> Option<Duration> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| Duration::from_secs(digits.parse().unwrap_or(LONGEST).min(LONGEST)))
}
