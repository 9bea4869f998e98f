//! [`ReplyError`]: why there is no value in a reply, and what that means for what was presented.
//!
//! What a failure does to a credential is decided by the status first: a 500 whose body says
//! `invalid_grant` has not decided anything.

use std::fmt;

use http::StatusCode;
use http::header::{LOCATION, RETRY_AFTER};
use serde::de::DeserializeOwned;

use super::refusal::{ErrorCode, Fault, Refusal};
use super::reply::{RawReply, Reply};
use crate::value::{CredentialUse, RetryAfter};
use crate::wire::json::{self, JsonError};

/// A reply without a value: refused, redirected, unavailable or unusable.
///
/// One pointer wide. Nothing of the body is in its `Debug` or `Display`; all of it is reachable by
/// [`ReplyError::raw`].
pub struct ReplyError(Box<Inner>);

struct Inner {
    kind: ReplyErrorKind,
    class: FailureClass,
    fault: Fault,
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

/// Why a body could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unusable {
    /// Both an `error` and a success.
    Ambiguous,
    /// The body is longer than this limit.
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The registration is another client's ([RFC 7592 §2.1](https://www.rfc-editor.org/rfc/rfc7592#section-2.1)).
    ClientMismatch,
    /// JSON under a media type that is not JSON. Tolerated by `Quirks::ignore_content_type`.
    ContentType,
    /// A member that is read occurs twice.
    DuplicateMember(&'static str),
    /// There is no body.
    Empty,
    /// A token that is not bound to the DPoP key, though the request carried a proof.
    NotBound,
    /// The envelope that `Quirks::token_at` names is not there.
    EnvelopeMissing,
    /// The token is not of the type that was asked for
    /// ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)).
    IssuedTokenType,
    /// The metadata is another issuer's ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
    IssuerMismatch,
    /// A required member is there and cannot be what it should be.
    MemberMalformed(&'static str),
    /// A required member is absent.
    MemberMissing(&'static str),
    /// JSON, but not an object.
    NotAnObject,
    /// Not JSON; an HTML page, perhaps.
    NotJson {
        /// The line where it stopped being JSON, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The metadata is about another resource.
    ResourceMismatch,
    /// A JWT in the place of JSON ([RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5)); this crate verifies none.
    SignedAnswer,
    /// The claims are about another user.
    SubjectMismatch,
    /// Nested deeper than 64 levels.
    TooDeep,
    /// The body ends inside the document.
    Truncated,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ambiguous => f.write_str("it holds both a success and an error"),
            Self::BodyTooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::ClientMismatch => f.write_str("the registration is another client's"),
            Self::ContentType => f.write_str("the body is not announced as JSON"),
            Self::DuplicateMember(name) => write!(f, "the member `{name}` occurs twice"),
            Self::Empty => f.write_str("there is no body"),
            Self::NotBound => f.write_str(
                "the token is not bound to the DPoP key; the server may not support DPoP",
            ),
            Self::EnvelopeMissing => f.write_str("the envelope with the token is not there"),
            Self::IssuedTokenType => {
                f.write_str("the token issued is not of the type that was asked for")
            }
            Self::IssuerMismatch => f.write_str("the document is another issuer's"),
            Self::MemberMalformed(name) => write!(f, "the member `{name}` is malformed"),
            Self::MemberMissing(name) => write!(f, "the member `{name}` is missing"),
            Self::NotAnObject => f.write_str("the body is not a JSON object"),
            Self::NotJson { line, column } => {
                write!(f, "the body is not JSON (line {line}, column {column})")
            }
            Self::ResourceMismatch => f.write_str("the document is about another resource"),
            Self::SignedAnswer => f.write_str(
                "the answer is a JWT, which this crate does not verify; have the client registered without a signed answer, or verify the raw reply",
            ),
            Self::SubjectMismatch => f.write_str("the claims are about another user"),
            Self::TooDeep => f.write_str("the body is nested too deep"),
            Self::Truncated => f.write_str("the body ends too soon"),
        }
    }
}

impl From<JsonError> for Unusable {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Duplicate(name) => Self::DuplicateMember(name),
            JsonError::Empty => Self::Empty,
            JsonError::NotAnObject => Self::NotAnObject,
            JsonError::Syntax { line, column } => Self::NotJson { line, column },
            JsonError::TooDeep => Self::TooDeep,
            JsonError::Truncated => Self::Truncated,
        }
    }
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
        Self(Box::new(Inner { kind, class, fault, retry_after, raw }))
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> &ReplyErrorKind {
        &self.0.kind
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
            ReplyErrorKind::Refused(refusal) => write!(f, "{refusal} (status {status})"),
            ReplyErrorKind::Redirected => write!(
                f,
                "the endpoint answered with a redirect, which is not followed; correct its address (status {status})"
            ),
            ReplyErrorKind::Unavailable if self.0.class == FailureClass::Indeterminate => write!(
                f,
                "the server failed and nobody knows what it had done by then; do not send the request again unasked (status {status})"
            ),
            ReplyErrorKind::Unavailable => {
                write!(f, "the server is unavailable or busy; try later (status {status})")
            }
            ReplyErrorKind::Unusable(why) => {
                write!(f, "the reply cannot be used: {why} (status {status})")
            }
        }
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

/// 429, and every status that says the server did not get to an answer. One that no class knows counts
/// as a server's error (RFC 9110 section 15).
pub(super) fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
        || status.as_u16() >= 500
}

fn classify(
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
        ReplyErrorKind::Unusable(_) => not_understood,
    }
}

fn blame(status: StatusCode, kind: &ReplyErrorKind) -> Fault {
    if is_busy(status) {
        return Fault::Server;
    }
    match kind {
        ReplyErrorKind::Refused(refusal) => refusal.code.fault().unwrap_or(Fault::Unknown),
        ReplyErrorKind::Redirected => Fault::Client,
        ReplyErrorKind::Unusable(_) if !status.is_success() => Fault::Unknown,
        ReplyErrorKind::Unavailable | ReplyErrorKind::Unusable(_) => Fault::Server,
    }
}
