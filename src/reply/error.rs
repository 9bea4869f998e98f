//! [`ReplyError`]: why there is no value in a reply, and what that means for what was presented.
//!
//! The class is decided in `failure`; here it is kept beside what was received, and said in words.

use super::expected::Rules;
use super::failure::{FailureClass, ReplyErrorKind, blame, classify, is_busy, turns_away};
use std::fmt;

use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::error_code::{ErrorCode, Fault};
use super::error_response::Refusal;
use super::raw::{RawReply, Reply};
use super::retry_after::RetryAfter;
use super::unusable::Unusable;
use crate::value::CredentialUse;
use crate::wire::header::opaque;
use crate::wire::json;

/// A reply without a value: refused, redirected, unavailable or unusable.
///
/// One pointer wide. Nothing of the body is in its `Debug` or `Display`; all of it is reachable by
/// [`ReplyError::raw`].
pub struct ReplyError(Box<Inner>);

struct Inner {
    kind: ReplyErrorKind,
    class: FailureClass,
    fault: Fault,
    credential: CredentialUse,
    retry_after: Option<RetryAfter>,
    raw: RawReply,
}

impl ReplyError {
    /// A failure of this kind. At most `limit` bytes of the body are kept.
    pub(crate) fn new(
        reply: Reply<'_>,
        limit: usize,
        credential: CredentialUse,
        kind: ReplyErrorKind,
    ) -> Self {
        let retry_after = reply.headers.get(RETRY_AFTER).and_then(RetryAfter::parse);
        let class = classify(reply.status, &kind, credential, retry_after.is_some());
        let fault = blame(reply.status, &kind);
        let raw = RawReply::keep(reply, limit);
        Self(Box::new(Inner { kind, class, fault, credential, retry_after, raw }))
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
        self.0.class
    }

    /// Who can mend it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.0.fault
    }

    /// Whether the code or refresh token that was presented is dead: the server said `invalid_grant`,
    /// and it was the server that said it.
    #[must_use]
    pub fn credential_is_dead(&self) -> bool {
        let code = self.refusal().map(Refusal::code);
        self.0.class == FailureClass::Definitive && code == Some(&ErrorCode::InvalidGrant)
    }

    /// When the server asks to be left alone until, if it says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.retry_after
    }

    /// Where a redirect points. Untrusted, and not followed.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.raw.headers().get(LOCATION).and_then(|value| value.to_str().ok())
    }

    /// What the code asks to be repeated, when the answer does not bring it.
    fn withheld(&self, refusal: &Refusal) -> Option<&'static str> {
        let (header, what) = match refusal.code {
            ErrorCode::UseDpopNonce => ("dpop-nonce", "nonce"),
            ErrorCode::UseAttestationChallenge => {
                ("oauth-client-attestation-challenge", "challenge")
            }
            _ => return None,
        };
        opaque(self.0.raw.headers(), header).is_none().then_some(what)
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
        let status = self.0.raw.status().as_u16();
        match &self.0.kind {
            ReplyErrorKind::Refused(refusal)
                if self.0.class == FailureClass::Indeterminate && is_busy(self.0.raw.status()) =>
            {
                write!(
                    f,
                    "{refusal}; what it had done by then is not known, so do not send the request again unasked (status {status})"
                )
            }
            ReplyErrorKind::Refused(refusal) => match self.withheld(refusal) {
                Some(what) => write!(
                    f,
                    "the server refused with {}: it wants a {what}, and sent none to repeat the request with (status {status})",
                    refusal.code
                ),
                // A framework's own page may look like a refusal.
                None if refusal.code.fault().is_none() && turns_away(self.0.raw.status()) => {
                    write!(f, "{refusal}; {} (status {status})", advice(self.0.raw.status()))
                }
                None => write!(f, "{refusal} (status {status})"),
            },
            ReplyErrorKind::Redirected => write!(
                f,
                "the endpoint answered with a redirect, which is not followed; correct its address (status {status})"
            ),
            ReplyErrorKind::Unavailable if self.0.class == FailureClass::Indeterminate => write!(
                f,
                "the server failed and nobody knows what it had done by then; do not send the request again unasked (status {status})"
            ),
            ReplyErrorKind::Unavailable => match self.0.retry_after {
                Some(RetryAfter::Delay(wait)) => write!(
                    f,
                    "the server is unavailable or busy; try again in {} seconds (status {status})",
                    wait.as_secs()
                ),
                _ => write!(f, "the server is unavailable or busy; try later (status {status})"),
            },
            ReplyErrorKind::Unusable(why) => {
                let success = self.0.raw.status().is_success();
                f.write_str(if success {
                    "the reply cannot be used: "
                } else {
                    "the failure cannot be read: "
                })?;
                match why {
                    Unusable::NotJson { .. } if is_page(self.0.raw.headers()) => {
                        f.write_str("the body is a web page and not JSON")?;
                    }
                    why => write!(f, "{why}")?,
                }
                if !success {
                    write!(f, "; {}", advice(self.0.raw.status()))?;
                } else if self.0.credential == CredentialUse::Once {
                    f.write_str("; the server may have acted all the same: see the raw reply")?;
                }
                write!(f, " (status {status})")
            }
        }
    }
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
        401 => "check how the client authenticates, the token it presents, and the address",
        // Some servers say it of a wrong secret.
        403 => "check how the client authenticates; a gateway or a policy may stand in the way",
        404 | 405 | 410 => "check the endpoint's address",
        _ => "the raw reply may say why",
    }
}

impl fmt::Debug for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyError")
            .field("status", &self.0.raw.status().as_u16())
            .field("kind", &self.0.kind)
            .field("class", &self.0.class)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ReplyError {}

impl Rules<'_> {
    pub(crate) fn failure(self, reply: Reply<'_>, kind: ReplyErrorKind) -> ReplyError {
        ReplyError::new(reply, self.limit, self.credential, kind)
    }

    pub(crate) fn unusable(self, reply: Reply<'_>, why: impl Into<Unusable>) -> ReplyError {
        self.failure(reply, ReplyErrorKind::Unusable(why.into()))
    }

    /// At a door that a bearer token opens, a 401 has one meaning (RFC 6750 section 3.1), so it needs
    /// no code to be understood.
    pub(crate) fn token_refused(self, reply: Reply<'_>, error: ReplyError) -> ReplyError {
        let unsaid = match error.kind() {
            ReplyErrorKind::Unusable(_) => true,
            ReplyErrorKind::Refused(refusal) => *refusal.code() == ErrorCode::NonStandard,
            _ => false,
        };
        if reply.status != StatusCode::UNAUTHORIZED || !unsaid {
            return error;
        }
        let refusal = Refusal { code: ErrorCode::InvalidToken, description: None, uri: None };
        self.failure(reply, ReplyErrorKind::Refused(refusal))
    }
}
