//! Opening a reply: a JSON object without an error in it, or a [`ReplyError`].
//!
//! The body is looked at before the status, because errors arrive with 200 and OAuth codes with 500.
//! What a good body means is read by the endpoint.

use super::expected::{Presented, Rules};
use std::borrow::Cow;

use super::error_response::{Refusal, challenged, non_standard, wordless, wordless_code};
use super::media_type::MediaType;

use http::StatusCode;

use super::deviation::Deviation;
use super::error::{ReplyError, ReplyErrorKind, is_busy};
use super::error_code::ErrorCode;
use super::raw::Reply;
use super::rule::FailureRule;
use super::unusable::Unusable;
use crate::value::UntrustedText;
use crate::wire::json::{self, Picked, Wanted};

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
pub(crate) struct Body<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) deviations: Vec<Deviation>,
}

impl Body<'_> {
    /// Reports a 2xx that is not the one the RFC asks for.
    pub(crate) fn expect_status(&mut self, reply: Reply<'_>, wanted: u16) {
        let status = reply.status.as_u16();
        if status != wanted {
            self.deviations.push(Deviation::Status(status));
        }
    }
}

/// Opens a reply: a body, or why not.
pub(crate) fn open<'a>(reply: Reply<'a>, rules: Rules<'_>) -> Result<Body<'a>, ReplyError> {
    open_for(reply, rules, None)
}

/// As [`open`], and picks the members of a success in the same pass. They stand in the body's text.
pub(crate) fn open_for<'a>(
    reply: Reply<'a>,
    rules: Rules<'_>,
    wanted: Option<&mut Wanted<'_>>,
) -> Result<Body<'a>, ReplyError> {
    let fail = |kind| Err(rules.failure(reply, kind));
    if reply.status.is_redirection() {
        return fail(ReplyErrorKind::Redirected);
    }
    match read(reply, rules, wanted) {
        Ok((Some(refusal), _)) => fail(ReplyErrorKind::Refused(refusal)),
        Ok((None, body)) if reply.status.is_success() => Ok(body),
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
    wanted: Option<&mut Wanted<'_>>,
) -> Result<(Option<Refusal>, Body<'a>), Unusable> {
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
    let looks_like_form =
        |text: &str| !text.trim_start().starts_with(['{', '[', '<']) && text.contains('=');
    if rules.quirks.form_encoded_response && looks_like_form(&text) {
        note(true, Deviation::FormEncoded);
        // Only one of the two at a time, and no more than twice the body of it: a form that takes more as JSON
        // is made to take it.
        drop(text);
        let most = reply.body.len().saturating_mul(2).max(1024);
        let object = json::object_from_form(reply.body, most);
        text = Cow::Owned(object.ok_or(Unusable::NotJson { line: 1, column: 1 })?);
    } else if reply.status.is_success() {
        let media_type = MediaType::of(reply.headers);
        note(media_type == MediaType::Absent, Deviation::ContentTypeAbsent);
        note(matches!(media_type, MediaType::Jwt | MediaType::Other), Deviation::ContentType);
    }
    let refusal = find_refusal(&text, reply.status, rules, wanted, &mut deviations).map_err(
        |why| match why {
            Unusable::NotJson { .. } if MediaType::of(reply.headers) == MediaType::Jwt => {
                Unusable::Jwt
            }
            why => why,
        },
    )?;
    let is_form = deviations.contains(&Deviation::FormEncoded);
    let untolerated =
        deviations.contains(&Deviation::ContentType) && !rules.quirks.ignore_content_type;
    if refusal.is_none() && untolerated && !is_form {
        return Err(Unusable::ContentType);
    }
    // Of what is no success nothing more is read, and the raw reply is about to be kept.
    let done = refusal.is_some() || !reply.status.is_success();
    let text = if done { Cow::Borrowed("") } else { text };
    Ok((refusal, Body { text, deviations }))
}

/// Picks the members by which an error is known, and in the same pass what else is wanted of a success. Of
/// the former only the first two must not be repeated: what the others say is worth nothing to a success and
/// little to a refusal, so neither is lost for it. Where two of the success's own member stand, there is
/// nothing more to be known.
fn find_refusal(
    text: &str,
    status: StatusCode,
    rules: Rules<'_>,
    wanted: Option<&mut Wanted<'_>>,
    deviations: &mut Vec<Deviation>,
) -> Result<Option<Refusal>, Unusable> {
    let success = if rules.success.is_empty() { "error" } else { rules.success };
    let names = ["error", success, "error_description", "error_uri", "ok"];
    let mut picked = Picked::new(&names);
    let wanted = wanted.filter(|_| status.is_success());
    let at_the_top = status.is_success() && rules.quirks.token_at.is_none();
    let (unique, once) = if at_the_top { (2, rules.success) } else { (1, "") };
    json::pick(text, &mut picked.wanted(unique), wanted, once)?;
    picked.check()?;
    let member = |index| picked.at(text, index);
    let at = |path: &str| {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let object = json::descend(text.trim_start(), parent)?;
        json::member(object, name).ok()?.filter(|member| member.raw() != "null")
    };
    // Where the token stands in an envelope, the error may stand there too.
    let envelope = rules.quirks.token_at.as_deref();
    let inside = |name: &str| envelope.and_then(|path| at(&format!("{path}/{name}")));
    let [error, own, description, uri, ok] = std::array::from_fn(|index| index);
    let either = |index| member(index).or_else(|| inside(names.get(index)?));
    let untrusted = |text: Cow<'_, str>| UntrustedText::new(beginning(&text));
    let words = |index| either(index).and_then(|member| member.string()).map(untrusted);
    let refusal = |code| Refusal { code, description: words(description), uri: words(uri) };
    if let Some(error) = either(error) {
        // An empty string counts as absent, and a failure's status leaves no doubt.
        let success = Some(rules.success).filter(|name| !name.is_empty());
        let success = success.and_then(|name| inside(name).or_else(|| member(own)));
        let succeeded = status.is_success() && success.is_some_and(|it| it.raw() != "\"\"");
        // RFC 6749 appendix A.7: an error is a text that is not empty.
        let code = error.string().filter(|name| !name.is_empty());
        match code.map(|name| ErrorCode::from_name(beginning(&name))) {
            Some(_) if succeeded => return Err(Unusable::Ambiguous),
            Some(code) => return Ok(Some(refusal(code))),
            None if succeeded => deviations.push(Deviation::MalformedMember("error")),
            None => return Ok(Some(refusal(ErrorCode::NonStandard))),
        }
    }
    if rules.quirks.ok_false_is_error && member(ok).is_some_and(|ok| ok.raw() == "false") {
        return Ok(Some(refusal(ErrorCode::NonStandard)));
    }
    if let Some((code_at, description_at)) = &rules.quirks.error_at {
        // A code of zero is how these servers say that all is well.
        if let Some(code) = at(code_at).filter(|code| code.raw() != "0") {
            let name = code.string().unwrap_or(Cow::Borrowed(code.raw()));
            let description = at(description_at).and_then(|text| text.string()).map(untrusted);
            let code = ErrorCode::from_name(beginning(&name));
            return Ok(Some(Refusal { code, description, uri: None }));
        }
    }
    Ok(None)
}

/// What is kept of a text that is for a person: 64 KiB. The raw reply has it all.
fn beginning(text: &str) -> &str {
    let mut end = text.len().min(64 * 1024);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}
