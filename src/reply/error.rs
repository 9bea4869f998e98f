//! [`ReplyError`]: why there is no value in a reply, and what that means for what was presented.
//!
//! It carries what was decided and says it in words; what decides is the table in `rule`.

use std::fmt;

use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::class::{Conclusion, FailureClass, Pace};
use super::error_code::{ErrorCode, Fault};
use super::error_response::Refusal;
use super::raw::{RawReply, Reply};
use super::retry_after::RetryAfter;
use super::rule::FailureRule;
use super::unusable::Unusable;
use crate::server::Meaning;
use crate::value::Timestamp;
use crate::wire::header::opaque;
use crate::wire::json;

/// A reply without a value: refused, redirected, unavailable or unusable.
///
/// One pointer wide. Nothing of the body is in its `Debug` or `Display`; all of it is reachable by
/// [`ReplyError::raw`].
pub struct ReplyError(Box<Inner>);

struct Inner {
    kind: ReplyErrorKind,
    rule: &'static FailureRule,
    said: Conclusion,
    /// Whether there is a tolerance that would read what is not there.
    tolerable: bool,
    retry_after: Option<RetryAfter>,
    raw: RawReply,
}

/// What kind of failure a reply is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplyErrorKind {
    /// The server said no, in words that could be read.
    Refused(Refusal),
    /// A redirect, which is never followed.
    Redirected,
    /// 429 or a 5xx, without an error that could be read.
    Unavailable,
    /// Not what this endpoint answers. If the status is a 2xx, a code may be spent or a refresh token
    /// rotated, and what came of it may still be in the raw reply.
    Unusable(Unusable),
}

impl ReplyError {
    /// A failure of this kind, of which the table has said this. At most `limit` bytes of the body are kept.
    pub(crate) fn new(
        reply: Reply<'_>,
        limit: usize,
        kind: ReplyErrorKind,
        (rule, said): (&'static FailureRule, Conclusion),
    ) -> Self {
        let retry_after = RetryAfter::read(reply.headers);
        let raw = RawReply::keep(reply, limit);
        Self(Box::new(Inner { kind, rule, said, tolerable: false, retry_after, raw }))
    }

    /// Whether `Quirks::wordless_refusals` would read it.
    pub(super) fn tolerable(mut self, tolerable: bool) -> Self {
        self.0.tolerable = tolerable;
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> &ReplyErrorKind {
        &self.0.kind
    }

    /// The status it came with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.raw.status()
    }

    /// The server's refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.0.kind {
            ReplyErrorKind::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// What it means for what was presented.
    #[must_use]
    pub fn class(&self) -> FailureClass {
        self.0.said.class
    }

    /// Who has to act.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.0.said.fault
    }

    /// The line of the table that decided the class.
    #[must_use]
    pub fn rule(&self) -> &'static FailureRule {
        self.0.rule
    }

    /// What the failure means, where its code or status has a meaning that is acted upon: a registered code where
    /// it is believed, or what [`Quirks::code_means`](crate::Quirks::code_means) and
    /// [`Quirks::status_means`](crate::Quirks::status_means) say.
    #[must_use]
    pub fn meaning(&self) -> Option<Meaning> {
        self.0.said.meaning
    }

    /// Whether the code or refresh token that was presented is no longer good: the server said `invalid_grant`,
    /// or what the caller says means the same, in an answer that only the server can have made.
    #[must_use]
    pub fn credential_is_dead(&self) -> bool {
        self.0.said.meaning == Some(Meaning::Dead)
    }

    /// How long the server asks to be left alone, if it says so: the shortest, where it says several things.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.retry_after
    }

    /// The same, from this moment on.
    pub(crate) fn asked_wait(&self, now: Timestamp) -> Option<Duration> {
        RetryAfter::wait(self.0.raw.headers(), now)
    }

    /// How soon what was presented may be presented again, where it is kept.
    pub(crate) fn pace(&self) -> Pace {
        self.0.said.pace
    }

    /// Where a redirect points. Untrusted, and not followed.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.raw.headers().get(LOCATION).and_then(|value| value.to_str().ok())
    }

    /// Everything that was received, to look at or to read again with other tolerances.
    #[must_use]
    pub fn raw(&self) -> &RawReply {
        &self.0.raw
    }

    /// A member of the error object by name, as any type; `None` when it is absent, of another type,
    /// or the body is not a JSON object.
    #[must_use]
    pub fn extra<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&json::text(self.0.raw.expose_body()).text, name).ok()??.read()
    }
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            ReplyErrorKind::Refused(refusal) => self.explain_refusal(refusal, f),
            ReplyErrorKind::Redirected => {
                f.write_str(
                    "the endpoint answered with a redirect, which is not followed; correct its address",
                )?;
                match self.class() {
                    FailureClass::Indeterminate => f.write_str(
                        ", and do not send the request again unasked, since what came of it is not known",
                    ),
                    _ => Ok(()),
                }
            }
            ReplyErrorKind::Unavailable => self.explain_unavailable(f),
            ReplyErrorKind::Unusable(why) => self.explain_unusable(*why, f),
        }?;
        write!(f, " (status {})", self.0.raw.status().as_u16())
    }
}

/// Whose fault, what happened, what to do.
impl ReplyError {
    fn explain_refusal(&self, refusal: &Refusal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = &refusal.code;
        let (class, server) = (self.class(), code.fault() == Some(Fault::Server));
        if let Some(what) = withheld(code, self.0.raw.headers()) {
            return write!(
                f,
                "the server refused with {code}: it wants a {what}, and sent none to repeat the request with"
            );
        }
        match (self.0.rule.line(), self.meaning(), class) {
            ("a", Some(meaning), _) => {
                write!(f, "the server refused with {code}, which is said to mean here: {meaning}")
            }
            (_, _, FailureClass::Indeterminate) => write!(
                f,
                "the server refused with {code}: it failed, and what it had done by then is not known, so do not send the request again unasked"
            ),
            (_, _, FailureClass::TurnedAway) => write!(
                f,
                "the request was turned away with {code}; keep the credential, try later, and {}",
                advice(self.0.raw.status())
            ),
            // What else a busy or broken server says was not decided.
            ("b" | "e", _, _) if !server => {
                write!(f, "the server is busy or failed, and said {code}; ")?;
                self.explain_wait(f)
            }
            _ => write!(f, "{refusal}"),
        }
    }

    fn explain_unavailable(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.class() == FailureClass::Indeterminate {
            return f.write_str(
                "the server failed and nobody knows what it had done by then; do not send the request again unasked",
            );
        }
        f.write_str("the server is unavailable or busy; ")?;
        self.explain_wait(f)
    }

    fn explain_wait(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.retry_after {
            Some(RetryAfter::Delay(wait)) => write!(f, "try again in {} seconds", wait.as_secs()),
            _ => f.write_str("try later"),
        }
    }

    fn explain_unusable(&self, why: Unusable, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.0.raw.status();
        let success = status.is_success();
        f.write_str(if success {
            "the reply cannot be used: "
        } else {
            "the failure cannot be read: "
        })?;
        match why {
            Unusable::NotJson { .. } if is_page(self.0.raw.headers()) => {
                f.write_str("the body is a web page and not JSON")?;
            }
            Unusable::Empty if self.0.tolerable => {
                f.write_str("there is no body, which `Quirks::wordless_refusals` reads")?
            }
            why => write!(f, "{why}")?,
        }
        match self.class() {
            FailureClass::TurnedAway => {
                write!(f, "; keep the credential, try later, and {}", advice(status))
            }
            FailureClass::Indeterminate => {
                f.write_str("; the server may have acted all the same: see the raw reply")
            }
            // Where there is no body, nothing says why.
            _ if success || why == Unusable::Empty => Ok(()),
            _ => write!(f, "; {}", advice(status)),
        }
    }
}

/// The header that a code asks to repeat the request with, when the answer does not bring it.
pub(super) fn withheld(code: &ErrorCode, headers: &HeaderMap) -> Option<&'static str> {
    let (header, what) = match code {
        ErrorCode::UseDpopNonce => ("dpop-nonce", "nonce"),
        ErrorCode::UseAttestationChallenge => ("oauth-client-attestation-challenge", "challenge"),
        _ => return None,
    };
    opaque(headers, header).is_none().then_some(what)
}

/// What stands between, or the wrong address, answers with a page.
fn is_page(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let start = media_type.and_then(|text| text.get(..9));
    start.is_some_and(|start| start.eq_ignore_ascii_case("text/html"))
}

/// What to look at when a failure says nothing that can be read.
const fn advice(status: StatusCode) -> &'static str {
    match status.as_u16() {
        // A server that asks everybody to sign in says so at a wrong address too.
        401 => "check how the client authenticates, its token, and the address",
        // Some servers say it of a wrong secret.
        403 => "check how the client authenticates, or what stands between",
        404 | 405 | 410 => "check the endpoint's address",
        _ => "the raw reply may say why",
    }
}

impl fmt::Debug for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyError")
            .field("status", &self.0.raw.status().as_u16())
            .field("kind", &self.0.kind)
            .field("class", &self.0.said.class)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ReplyError {}

/// 429, and every status that says the server did not get to an answer. One that no class knows counts
/// as a server's error (RFC 9110 section 15).
pub(super) fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
        || status.as_u16() >= 500
}
