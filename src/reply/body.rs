//! Opening a reply: a JSON object without an error in it, or a [`ReplyError`].
//!
//! The body is looked at before the status, because errors arrive with 200 and OAuth codes with 500.
//! What a good body means is read by the endpoint.

use super::expected::Rules;
use std::borrow::Cow;

use super::error_response::{Refusal, challenged, non_standard, wordless};
use super::media_type::MediaType;

use http::StatusCode;

use super::deviation::Deviation;
use super::error::ReplyError;
use super::error_code::ErrorCode;
use super::failure::{ReplyErrorKind, is_busy};
use super::raw::Reply;
use super::unusable::Unusable;
use crate::value::UntrustedText;
use crate::wire::form;
use crate::wire::json::{self, Picked, Wanted};

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
        Ok((Some(refusal), body)) => {
            drop(body);
            fail(ReplyErrorKind::Refused(refusal))
        }
        Ok((None, body)) if reply.status.is_success() => Ok(body),
        Err(why) if reply.status.is_success() => fail(ReplyErrorKind::Unusable(why)),
        Ok((None, _)) | Err(_) if is_busy(reply.status) => fail(ReplyErrorKind::Unavailable),
        // Where the body names no error, the challenge may (RFC 6750 section 3).
        Ok((None, _)) => {
            fail(ReplyErrorKind::Refused(challenged(reply).unwrap_or_else(non_standard)))
        }
        Err(why) => match challenged(reply).or_else(|| wordless(reply, rules)) {
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
        let pairs = form::pairs(text.as_bytes());
        let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        text = Cow::Owned(json::object_from_pairs(pairs));
    } else if reply.status.is_success() {
        let media_type = MediaType::of(reply.headers);
        note(media_type == MediaType::Absent, Deviation::ContentTypeAbsent);
        note(matches!(media_type, MediaType::Jwt | MediaType::Other), Deviation::ContentType);
    }
    let refusal = find_refusal(&text, reply.status, rules, wanted).map_err(|why| match why {
        Unusable::NotJson { .. } if MediaType::of(reply.headers) == MediaType::Jwt => Unusable::Jwt,
        why => why,
    })?;
    let is_form = deviations.contains(&Deviation::FormEncoded);
    let untolerated =
        deviations.contains(&Deviation::ContentType) && !rules.quirks.ignore_content_type;
    if refusal.is_none() && untolerated && !is_form {
        return Err(Unusable::ContentType);
    }
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
) -> Result<Option<Refusal>, Unusable> {
    let own = if rules.success.is_empty() { "error" } else { rules.success };
    let names = ["error", own, "error_description", "error_uri", "ok"];
    let mut picked = Picked::new(&names);
    let wanted = wanted.filter(|_| status.is_success());
    let at_the_top = status.is_success() && rules.quirks.token_at.is_none();
    let (unique, once) = if at_the_top { (2, rules.success) } else { (1, "") };
    json::pick(text, &mut picked.wanted(unique), wanted, once)?;
    let members = picked.members(text)?;
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
        let success = success.and_then(|name| inside(name).or_else(|| members.get(name)));
        if status.is_success() && success.is_some_and(|member| member.raw() != "\"\"") {
            return Err(Unusable::Ambiguous);
        }
        let code = error.string().map(|name| ErrorCode::from_name(&name));
        return Ok(Some(refusal(code.unwrap_or(ErrorCode::NonStandard))));
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
