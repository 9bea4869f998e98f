//! A browser's `fetch`: sends one request, once, and does what its [`Duties`] ask,
//! as far as a browser lets a script.
//!
//! What a browser keeps to itself: a lost connection and one that was never made are the same
//! `TypeError`, so every failure is [`TransportFailure::UNKNOWN`]. Which client certificate is shown, the
//! user decides, so a request that needs one is refused. Of an answer from another origin, only those
//! headers are seen that its server exposes: ask for `DPoP-Nonce` and `WWW-Authenticate`. A body that breaks
//! off may come shorter than it was, since a stream that fails drops what was not read yet.
//!
//! [`Fetch`] is the part of a browser that is used; `browser::Browser`, on `wasm32` only, is the real one.

#[cfg(target_arch = "wasm32")]
pub mod browser;

use std::time::Duration;

use grantwire::Duties;
use grantwire::flow::TransportFailure;
use http::{HeaderName, Request, Response, StatusCode};

/// What a script learns when `fetch` fails.
#[derive(Debug)]
pub struct TypeError;

/// `fetch`, with `redirect: "manual"`, `credentials: "omit"`, `cache: "no-store"`,
/// `referrerPolicy: "no-referrer"`, and a signal that aborts it, the body too, after so long.
pub trait Fetch {
    /// What comes back.
    type Answer: Answer;
    /// Sends a request.
    fn fetch(
        &self,
        request: Request<Vec<u8>>,
        patience: Duration,
    ) -> impl Future<Output = Result<Self::Answer, TypeError>>;
}

/// A `Response`, and the reader of its body.
pub trait Answer {
    /// The status and headers; `None` where the type is `opaqueredirect`, which has neither.
    fn head(&self) -> Result<Option<Response<()>>, TypeError>;
    /// The next chunk; `None` at the end.
    fn read(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, TypeError>>;
    /// Stops the download.
    fn cancel(&mut self);
}

/// Sends one request, once.
///
/// # Errors
/// Whether it was sent, if no answer came.
pub async fn send<F: Fetch>(
    fetch: &F,
    request: Request<Vec<u8>>,
    duties: Duties,
    patience: Duration,
) -> Result<Response<Vec<u8>>, TransportFailure> {
    // A forbidden header would be left out without a word.
    if duties.client_certificate || request.headers().keys().any(is_forbidden) {
        return Err(TransportFailure::NOT_SENT);
    }
    let mut answer =
        fetch.fetch(request, patience).await.map_err(|TypeError| TransportFailure::UNKNOWN)?;
    let Some(head) = answer.head().map_err(|TypeError| TransportFailure::UNKNOWN)? else {
        // Which redirect it was and where to cannot be seen. One stands for all.
        let mut redirect = Response::new(Vec::new());
        *redirect.status_mut() = StatusCode::FOUND;
        return Ok(redirect);
    };
    let mut bytes = Vec::new();
    // A body that breaks off goes on as far as it can be read: there may be a token in it.
    while bytes.len() <= duties.body_limit
        && let Ok(Some(chunk)) = answer.read().await
    {
        bytes.extend_from_slice(&chunk);
    }
    answer.cancel();
    // One byte more than the limit, so that the reader sees that the body is too long.
    bytes.truncate(duties.body_limit.saturating_add(1));
    Ok(head.map(|()| bytes))
}

/// The [forbidden request-headers](https://fetch.spec.whatwg.org/#forbidden-request-header).
fn is_forbidden(name: &HeaderName) -> bool {
    const NAMES: &[&str] = &[
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "access-control-request-private-network",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    let name = name.as_str();
    NAMES.contains(&name) || name.starts_with("proxy-") || name.starts_with("sec-")
}
