//! [`Reply`]: what came back, borrowed from whichever HTTP stack it came through, and [`RawReply`], a
//! copy of one that could not be used.
//!
//! Status, headers and bytes. What they mean is read in `body`, and what a failure means in
//! `failure`.

use std::fmt;

use http::{HeaderMap, Response, StatusCode};
use zeroize::Zeroizing;

/// A response, borrowed: status, headers, body.
#[derive(Clone, Copy)]
pub struct Reply<'a> {
    /// The status.
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// From the parts of a response.
    #[must_use]
    pub const fn new(status: StatusCode, headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { status, headers, body }
    }
}

impl<'a, B: AsRef<[u8]>> From<&'a Response<B>> for Reply<'a> {
    fn from(response: &'a Response<B>) -> Self {
        Self::new(response.status(), response.headers(), response.body().as_ref())
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status.as_u16(), self.body.len())
    }
}

/// A reply as it was received. Its body is wiped when it is dropped.
#[derive(Clone)]
pub struct RawReply {
    status: StatusCode,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
    within_limit: bool,
}

impl RawReply {
    pub(crate) fn keep(reply: Reply<'_>, limit: usize) -> Self {
        let kept = reply.body.get(..limit).unwrap_or(reply.body);
        Self {
            status: reply.status,
            headers: reply.headers.clone(),
            body: Zeroizing::new(kept.to_vec()),
            within_limit: kept.len() == reply.body.len(),
        }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, which may hold tokens. Cut at the body limit.
    #[must_use]
    pub fn expose_body(&self) -> &[u8] {
        &self.body
    }

    /// Whether everything that was received is here. `false` when it was longer than the body limit.
    /// It says nothing about what the server may have left out.
    #[must_use]
    pub const fn is_within_limit(&self) -> bool {
        self.within_limit
    }
}

impl<'a> From<&'a RawReply> for Reply<'a> {
    fn from(raw: &'a RawReply) -> Self {
        Self::new(raw.status, &raw.headers, &raw.body)
    }
}

impl fmt::Debug for RawReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawReply({}, {} bytes)", self.status.as_u16(), self.body.len())
    }
}
