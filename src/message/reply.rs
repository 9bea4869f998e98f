//! [`Reply`]: what came back, and [`ReplyError`]: why there is no value in it.
//!
//! The body is looked at before the status, because errors arrive with 200 and OAuth codes with 500;
//! but what a failure does to a credential is decided by the status first. What a good document means
//! is read by the endpoint.

use std::borrow::Cow;
use std::fmt;

use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::challenge::Challenge;
use super::refusal::{ErrorCode, Fault, Refusal, UntrustedText};
use crate::value::{CredentialUse, Deviation, Quirks, RetryAfter};
use crate::wire::form;
use crate::wire::json::{self, JsonError};

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

/// How an endpoint's replies are to be read.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) quirks: &'a Quirks,
    pub(crate) limit: usize,
    pub(crate) credential: CredentialUse,
    /// The member that makes a document a success, so that an `error` beside it is ambiguous.
    pub(crate) success: &'static str,
}

/// A 2xx answer with a JSON object and no error in it.
pub(crate) struct Document<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) deviations: Vec<Deviation>,
}

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
    /// A redirect, which is never followed ([RFC 9700 §4.11](https://www.rfc-editor.org/rfc/rfc9700#section-4.11)).
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
    /// JSON under a media type that is not JSON. Tolerated by `Quirks::ignore_content_type`.
    ContentType,
    /// A member that is read occurs twice.
    DuplicateMember(&'static str),
    /// There is no body.
    Empty,
    /// The envelope that `Quirks::token_at` names is not there.
    EnvelopeMissing,
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
            Self::ContentType => f.write_str("the body is not announced as JSON"),
            Self::DuplicateMember(name) => write!(f, "the member `{name}` occurs twice"),
            Self::Empty => f.write_str("there is no body"),
            Self::EnvelopeMissing => f.write_str("the envelope with the token is not there"),
            Self::MemberMalformed(name) => write!(f, "the member `{name}` is malformed"),
            Self::MemberMissing(name) => write!(f, "the member `{name}` is missing"),
            Self::NotAnObject => f.write_str("the body is not a JSON object"),
            Self::NotJson { line, column } => {
                write!(f, "the body is not JSON (line {line}, column {column})")
            }
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
    pub(crate) fn new(reply: Reply<'_>, rules: Rules<'_>, kind: ReplyErrorKind) -> Self {
        let retry_after = reply.headers.get(RETRY_AFTER).and_then(RetryAfter::parse);
        let class = classify(reply.status, &kind, rules.credential, retry_after.is_some());
        let fault = blame(reply.status, &kind);
        let raw = RawReply::keep(reply, rules.limit);
        Self(Box::new(Inner { kind, class, fault, retry_after, raw }))
    }

    pub(crate) fn unusable(reply: Reply<'_>, rules: Rules<'_>, why: impl Into<Unusable>) -> Self {
        Self::new(reply, rules, ReplyErrorKind::Unusable(why.into()))
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
        self.0.raw.headers.get(LOCATION).and_then(|value| value.to_str().ok())
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
        json::member(&json::text(&self.0.raw.body).text, name).ok()??.read()
    }
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.0.raw.status.as_u16();
        match &self.0.kind {
            ReplyErrorKind::Refused(refusal) => write!(f, "{refusal} (status {status})"),
            ReplyErrorKind::Redirected => write!(
                f,
                "the endpoint answered with a redirect, which is not followed; correct its address (status {status})"
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
            .field("status", &self.0.raw.status.as_u16())
            .field("kind", &self.0.kind)
            .field("class", &self.0.class)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ReplyError {}

/// A reply as it was received. Its body is wiped when it is dropped.
pub struct RawReply {
    status: StatusCode,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
    complete: bool,
}

impl RawReply {
    fn keep(reply: Reply<'_>, limit: usize) -> Self {
        let kept = reply.body.get(..limit).unwrap_or(reply.body);
        Self {
            status: reply.status,
            headers: reply.headers.clone(),
            body: Zeroizing::new(kept.to_vec()),
            complete: kept.len() == reply.body.len(),
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

    /// Whether the body is all there, and not cut at the limit.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.complete
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

/// Opens a reply: a document, or why not.
pub(crate) fn open<'a>(reply: Reply<'a>, rules: Rules<'_>) -> Result<Document<'a>, ReplyError> {
    let fail = |kind| Err(ReplyError::new(reply, rules, kind));
    if reply.status.is_redirection() {
        return fail(ReplyErrorKind::Redirected);
    }
    match read(reply, rules) {
        Ok((Some(refusal), _)) => fail(ReplyErrorKind::Refused(refusal)),
        Ok((None, document)) if reply.status.is_success() => Ok(document),
        Err(why) if reply.status.is_success() => fail(ReplyErrorKind::Unusable(why)),
        Ok((None, _)) | Err(_) if is_busy(reply.status) => fail(ReplyErrorKind::Unavailable),
        Ok((None, _)) => fail(ReplyErrorKind::Refused(non_standard())),
        Err(why) => match challenged(reply) {
            Some(refusal) if reply.body.is_empty() => fail(ReplyErrorKind::Refused(refusal)),
            _ => fail(ReplyErrorKind::Unusable(why)),
        },
    }
}

/// Reads the body as far as every endpoint shares: an object, and the error in it.
fn read<'a>(
    reply: Reply<'a>,
    rules: Rules<'_>,
) -> Result<(Option<Refusal>, Document<'a>), Unusable> {
    if reply.body.len() > rules.limit {
        return Err(Unusable::BodyTooLarge { limit: rules.limit });
    }
    let mut deviations = Vec::new();
    let json::Text { mut text, had_bom, was_lossy } = json::text(reply.body);
    let mut note = |when: bool, deviation| {
        if when {
            deviations.push(deviation);
        }
    };
    note(had_bom, Deviation::ByteOrderMark);
    note(was_lossy, Deviation::NotUtf8);
    let looks_like_form = !text.trim_start().starts_with(['{', '[', '<']) && text.contains('=');
    if rules.quirks.form_encoded_response && looks_like_form {
        note(true, Deviation::FormEncoded);
        let pairs = form::pairs(text.as_bytes());
        let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        text = Cow::Owned(json::object_from_pairs(pairs));
    } else if reply.status.is_success() {
        let media_type = MediaType::of(reply.headers);
        note(media_type == MediaType::Absent, Deviation::ContentTypeAbsent);
        note(media_type == MediaType::Other, Deviation::ContentType);
    }
    let refusal = find_refusal(&text, rules)?;
    let is_form = deviations.contains(&Deviation::FormEncoded);
    let untolerated =
        deviations.contains(&Deviation::ContentType) && !rules.quirks.ignore_content_type;
    if refusal.is_none() && untolerated && !is_form {
        return Err(Unusable::ContentType);
    }
    Ok((refusal, Document { text, deviations }))
}

/// The members by which an error is known.
const ERROR_MEMBERS: &[&str; 7] =
    &["error", "error_description", "error_uri", "ok", "access_token", "request_uri", "active"];

fn find_refusal(text: &str, rules: Rules<'_>) -> Result<Option<Refusal>, Unusable> {
    let members = json::object(text, ERROR_MEMBERS)?;
    let string = |name| members.get(name).and_then(|member| member.string());
    let untrusted = |text: Cow<'_, str>| UntrustedText::new(&text);
    let refusal = |code| Refusal {
        code,
        description: string("error_description").map(untrusted),
        uri: string("error_uri").map(untrusted),
    };
    if let Some(error) = members.get("error") {
        if members.get(rules.success).is_some() {
            return Err(Unusable::Ambiguous);
        }
        let code = error.string().map(|name| ErrorCode::from_name(&name));
        return Ok(Some(refusal(code.unwrap_or(ErrorCode::NonStandard))));
    }
    if rules.quirks.ok_false_is_error && members.get("ok").is_some_and(|ok| ok.raw() == "false") {
        return Ok(Some(refusal(ErrorCode::NonStandard)));
    }
    if let Some((code_at, description_at)) = &rules.quirks.error_at {
        let top = |path: &str| json::member(text, path.trim_start_matches('/')).ok().flatten();
        // A code of zero is how these servers say that all is well.
        if let Some(code) = top(code_at).filter(|code| code.raw() != "0") {
            let name = code.string().unwrap_or(Cow::Borrowed(code.raw()));
            let description = top(description_at).and_then(|text| text.string()).map(untrusted);
            let code = ErrorCode::from_name(&name);
            return Ok(Some(Refusal { code, description, uri: None }));
        }
    }
    Ok(None)
}

/// A refusal that stands only in the challenge, when there is no body.
fn challenged(reply: Reply<'_>) -> Option<Refusal> {
    let challenges = Challenge::from_headers(reply.headers).ok()?;
    challenges.iter().find_map(|challenge| {
        let code = ErrorCode::from_name(challenge.param("error")?);
        let text = |name| challenge.param(name).map(UntrustedText::new);
        Some(Refusal { code, description: text("error_description"), uri: text("error_uri") })
    })
}

const fn non_standard() -> Refusal {
    Refusal { code: ErrorCode::NonStandard, description: None, uri: None }
}

#[derive(PartialEq, Eq)]
enum MediaType {
    Json,
    Absent,
    Other,
}

impl MediaType {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Self::Absent };
        let essence =
            value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        let json_suffix = essence.len() > 5 && essence.to_ascii_lowercase().ends_with("+json");
        if is("application/json") || json_suffix { Self::Json } else { Self::Other }
    }
}

/// 429, and every status that says the server did not get to an answer.
fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
        || status.is_server_error()
}

/// What a failure means for what was presented. The status comes first: a 500 whose body says
/// `invalid_grant` has not decided anything.
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
            None => not_understood,
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
        ReplyErrorKind::Refused(refusal) => refusal.code.fault().unwrap_or(Fault::Server),
        ReplyErrorKind::Redirected => Fault::Client,
        ReplyErrorKind::Unavailable | ReplyErrorKind::Unusable(_) => Fault::Server,
    }
}
