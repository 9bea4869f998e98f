//! What a failure means for what was presented: its kind, its class, and whose fault it is.
//!
//! What a failure does to a credential is decided by the status first: a 500 whose body says
//! `invalid_grant` has not decided anything.

use super::error_code::Fault;
use super::error_response::Refusal;
use super::unusable::Unusable;
use crate::value::CredentialUse;
use http::StatusCode;
use std::fmt;

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

/// What a failure means for what was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureClass {
    /// The same request will not succeed: [`ReplyError::fault`] says who has to act.
    Definitive,
    /// Keep the credential and try later; [`ReplyError::retry_after`] may say when.
    Transient,
    /// Sent, but what came of it is not known. Keep the credential, and do not send it again unasked.
    Indeterminate,
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Definitive => "definitive",
            Self::Transient => "transient",
            Self::Indeterminate => "indeterminate",
        })
    }
}

/// 429, and every status that says the server did not get to an answer. One that no class knows counts
/// as a server's error (RFC 9110 section 15).
pub(super) fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
        || status.as_u16() >= 500
}

/// Whether the status alone says that nobody looked at what was presented: there is no such door, or the
/// client was not let in.
pub(super) const fn turns_away(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::GONE
    )
}

pub(super) fn classify(
    status: StatusCode,
    kind: &ReplyErrorKind,
    credential: CredentialUse,
    says_when: bool,
) -> FailureClass {
    use FailureClass::{Definitive, Indeterminate, Transient};
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return Transient;
    }
    if is_busy(status) {
        return match credential {
            CredentialUse::Once => Indeterminate,
            CredentialUse::Repeated => Transient,
        };
    }
    let not_understood =
        if says_when || status == StatusCode::FORBIDDEN { Transient } else { Indeterminate };
    match kind {
        ReplyErrorKind::Refused(refusal) => match refusal.code.fault() {
            Some(Fault::Client | Fault::Credential) => Definitive,
            Some(Fault::Server) => Transient,
            Some(Fault::Unknown) | None => not_understood,
        },
        ReplyErrorKind::Redirected => Definitive,
        ReplyErrorKind::Unavailable => Transient,
        ReplyErrorKind::Unusable(_) if status.is_success() => Indeterminate,
        ReplyErrorKind::Unusable(_) if turns_away(status) => Definitive,
        ReplyErrorKind::Unusable(_) => not_understood,
    }
}

pub(super) fn blame(status: StatusCode, kind: &ReplyErrorKind) -> Fault {
    if is_busy(status) {
        return Fault::Server;
    }
    match kind {
        ReplyErrorKind::Refused(refusal) => refusal.code.fault().unwrap_or(Fault::Unknown),
        ReplyErrorKind::Redirected => Fault::Client,
        ReplyErrorKind::Unusable(_) if turns_away(status) => Fault::Client,
        ReplyErrorKind::Unusable(_) if !status.is_success() => Fault::Unknown,
        ReplyErrorKind::Unavailable | ReplyErrorKind::Unusable(_) => Fault::Server,
    }
}
