//! Opening a reply: a JSON object without an error in it, or a [`ReplyError`].
//!
//! The body is looked at before the status, because errors arrive with 200 and OAuth codes with 500.
//! What a good document means is read by the endpoint.

use std::borrow::Cow;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use super::challenge::Challenge;
use super::failure::{ReplyError, ReplyErrorKind, is_busy};
use super::refusal::{ErrorCode, Refusal, UntrustedText};
use super::reply::Reply;
use super::rule::FailureRule;
use super::unusable::Unusable;
use crate::value::{CredentialUse, Deviation, Quirks};
use crate::wire::form;
use crate::wire::json;

/// How an endpoint's replies are to be read.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) quirks: &'a Quirks,
    pub(crate) limit: usize,
    pub(crate) credential: CredentialUse,
    /// The member that makes a document a success, so that an `error` beside it is ambiguous. Empty
    /// where a success has no members.
    pub(crate) success: &'static str,
    /// What the endpoint is opened by, so that a refusal can be about it.
    pub(crate) presented: Presented,
}

/// What a request presents, beside what it asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presented {
    /// Nothing: a public document.
    Nothing,
    /// Client authentication alone.
    Client,
    /// Client authentication, and what a token is asked for with: a code, a refresh token, an assertion.
    Grant,
    /// Client authentication, and a user's password.
    Password,
    /// An access token.
    AccessToken,
}

impl Rules<'_> {
    pub(crate) fn failure(self, reply: Reply<'_>, kind: ReplyErrorKind) -> ReplyError {
        let decided = FailureRule::decide(&self.evidence(reply, &kind));
        let tolerable = kind == ReplyErrorKind::Unusable(Unusable::Empty)
            && wordless_code(reply, self).is_some();
        ReplyError::new(reply, self.limit, kind, decided).tolerable(tolerable)
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
        let presented = self.presented == Presented::AccessToken;
        if reply.status != StatusCode::UNAUTHORIZED || !unsaid || !presented {
            return error;
        }
        let refusal = Refusal { code: ErrorCode::InvalidToken, description: None, uri: None };
        self.failure(reply, ReplyErrorKind::Refused(refusal))
    }
}

/// A 2xx answer with a JSON object and no error in it.
pub(crate) struct Document<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) deviations: Vec<Deviation>,
}

impl Document<'_> {
    /// Reports a 2xx that is not the one the RFC asks for.
    pub(crate) fn expect_status(&mut self, reply: Reply<'_>, wanted: u16) {
        let status = reply.status.as_u16();
        if status != wanted {
            self.deviations.push(Deviation::Status(status));
        }
    }
}

/// Opens a reply: a document, or why not.
pub(crate) fn open<'a>(reply: Reply<'a>, rules: Rules<'_>) -> Result<Document<'a>, ReplyError> {
    let fail = |kind| Err(rules.failure(reply, kind));
    if reply.status.is_redirection() {
        return fail(ReplyErrorKind::Redirected);
    }
    match read(reply, rules) {
        Ok((Some(refusal), _)) => fail(ReplyErrorKind::Refused(refusal)),
        Ok((None, document)) if reply.status.is_success() => Ok(document),
        Err(why) if reply.status.is_success() => fail(ReplyErrorKind::Unusable(why)),
        Ok((None, _)) | Err(_) if is_busy(reply.status) => fail(ReplyErrorKind::Unavailable),
        // Where the body names no error, the challenge may (RFC 6750 section 3).
        Ok((None, _)) => {
            fail(ReplyErrorKind::Refused(challenged(reply, rules).unwrap_or_else(non_standard)))
        }
        Err(why) => match challenged(reply, rules).or_else(|| wordless(reply, rules)) {
            Some(refusal) => fail(ReplyErrorKind::Refused(refusal)),
            None => fail(ReplyErrorKind::Unusable(why)),
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
        note(matches!(media_type, MediaType::Jwt | MediaType::Other), Deviation::ContentType);
    }
    let refusal =
        find_refusal(&text, reply.status, rules, &mut deviations).map_err(|why| match why {
            Unusable::NotJson { .. } if MediaType::of(reply.headers) == MediaType::Jwt => {
                Unusable::Jwt
            }
            why => why,
        })?;
    let is_form = deviations.contains(&Deviation::FormEncoded);
    let untolerated =
        deviations.contains(&Deviation::ContentType) && !rules.quirks.ignore_content_type;
    if refusal.is_none() && untolerated && !is_form {
        return Err(Unusable::ContentType);
    }
    Ok((refusal, Document { text, deviations }))
}

/// The members by which an error is known. Only the first must not be repeated: what the others say
/// is worth nothing to a success and little to a refusal, so neither is lost for it.
const ERROR_MEMBERS: &[&str; 4] = &["error", "error_description", "error_uri", "ok"];

fn find_refusal(
    text: &str,
    status: StatusCode,
    rules: Rules<'_>,
    deviations: &mut Vec<Deviation>,
) -> Result<Option<Refusal>, Unusable> {
    let members = json::object_with_unique(text, ERROR_MEMBERS, 1)?;
    let at = |path: &str| {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let object = json::descend(text.trim_start(), parent)?;
        json::member(object, name).ok()?.filter(|member| member.raw() != "null")
    };
    // Where the token stands in an envelope, the error may stand there too.
    let envelope = rules.quirks.token_at.as_deref();
    let inside = |name: &str| envelope.and_then(|path| at(&format!("{path}/{name}")));
    let either = |name: &str| members.get(name).or_else(|| inside(name));
    let untrusted = |text: Cow<'_, str>| UntrustedText::new(&text);
    let words = |name: &str| either(name).and_then(|member| member.string()).map(untrusted);
    let refusal =
        |code| Refusal { code, description: words("error_description"), uri: words("error_uri") };
    if let Some(error) = either("error") {
        // An empty string counts as absent, and a failure's status leaves no doubt.
        let success = Some(rules.success).filter(|name| !name.is_empty());
        let success = success.and_then(|name| inside(name).or_else(|| at(name)));
        let succeeded = status.is_success() && success.is_some_and(|it| it.raw() != "\"\"");
        // RFC 6749 appendix A.7: an error is a text that is not empty.
        let code = error.string().filter(|name| !name.is_empty());
        match code.map(|name| ErrorCode::from_name(&name)) {
            Some(_) if succeeded => return Err(Unusable::Ambiguous),
            Some(code) => return Ok(Some(refusal(code))),
            None if succeeded => deviations.push(Deviation::MalformedMember("error")),
            None => return Ok(Some(refusal(ErrorCode::NonStandard))),
        }
    }
    if rules.quirks.ok_false_is_error && members.get("ok").is_some_and(|ok| ok.raw() == "false") {
        return Ok(Some(refusal(ErrorCode::NonStandard)));
    }
    if let Some((code_at, description_at)) = &rules.quirks.error_at {
        // A code of zero is how these servers say that all is well.
        if let Some(code) = at(code_at).filter(|code| code.raw() != "0") {
            let name = code.string().unwrap_or(Cow::Borrowed(code.raw()));
            let description = at(description_at).and_then(|text| text.string()).map(untrusted);
            let code = ErrorCode::from_name(&name);
            return Ok(Some(Refusal { code, description, uri: None }));
        }
    }
    Ok(None)
}

/// A refusal that stands only in the challenge, when there is no body
/// ([RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)), if it is about what was presented here: any
/// server in between may challenge for a credential of its own.
fn challenged(reply: Reply<'_>, rules: Rules<'_>) -> Option<Refusal> {
    let challenges = Challenge::readable(reply.headers);
    challenges.iter().find_map(|challenge| {
        let code = ErrorCode::from_name(challenge.param("error")?);
        let about_token = is_about_a_token(challenge, &code);
        let ours = match rules.presented {
            Presented::Nothing => false,
            Presented::AccessToken => !challenge.is("Basic"),
            Presented::Client | Presented::Grant | Presented::Password => !about_token,
        };
        let text = |name| challenge.param(name).map(UntrustedText::new);
        let refusal =
            Refusal { code, description: text("error_description"), uri: text("error_uri") };
        ours.then_some(refusal)
    })
}

/// Whether a challenge speaks of an access token: the codes of RFC 6750 section 3.1 and RFC 9470 section 3 do,
/// but `invalid_request` is said under other schemes too.
fn is_about_a_token(challenge: &Challenge, code: &ErrorCode) -> bool {
    match code {
        ErrorCode::InsufficientScope
        | ErrorCode::InsufficientUserAuthentication
        | ErrorCode::InvalidToken => true,
        ErrorCode::InvalidRequest => challenge.is("Bearer"),
        _ => false,
    }
}

/// What a status says without a word, for servers that are known to say nothing else: of the client, and of
/// what it asks for a token with. A user's password may be as wrong as the client's secret, a pushed request
/// may be forbidden for what it asks, and an access token is not the client's: of those it says nothing.
fn wordless_code(reply: Reply<'_>, rules: Rules<'_>) -> Option<ErrorCode> {
    if !reply.body.trim_ascii().is_empty() {
        return None;
    }
    let asks_for_more = matches!(rules.success, "request_uri" | "device_code" | "auth_req_id");
    let code = match (reply.status.as_u16(), rules.presented, rules.credential) {
        (_, Presented::Nothing | Presented::Password | Presented::AccessToken, _) => return None,
        (401, ..) => ErrorCode::InvalidClient,
        (403, ..) if !asks_for_more => ErrorCode::InvalidClient,
        (400, Presented::Grant, CredentialUse::Once) => ErrorCode::InvalidGrant,
        (400, ..) => ErrorCode::InvalidRequest,
        _ => return None,
    };
    Some(code)
}

fn wordless(reply: Reply<'_>, rules: Rules<'_>) -> Option<Refusal> {
    let code = wordless_code(reply, rules).filter(|_| rules.quirks.wordless_refusals)?;
    Some(Refusal { code, description: None, uri: None })
}

fn non_standard() -> Refusal {
    Refusal { code: ErrorCode::NonStandard, description: None, uri: None }
}

#[derive(PartialEq, Eq)]
enum MediaType {
    Json,
    Jwt,
    Absent,
    Other,
}

impl MediaType {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Self::Absent };
        let essence =
            value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        let ends = |suffix: &str| {
            let tail = essence.len().checked_sub(suffix.len()).filter(|at| *at > 0);
            tail.and_then(|at| essence.get(at..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
        };
        match () {
            () if is("application/json") || ends("+json") => Self::Json,
            () if is("") => Self::Absent,
            () if is("application/jwt") || ends("+jwt") => Self::Jwt,
            () => Self::Other,
        }
    }
}
