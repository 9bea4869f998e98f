//! What a failed reply shows, gathered for the table in `rule`.
//!
//! It looks at the reply and at what the caller has said of the server. It decides nothing.

use http::StatusCode;

use super::class::Evidence;
use super::error::{ReplyErrorKind, withheld};
use super::error_code::ErrorCode;
use super::error_response::Refusal;
use super::expected::{Presented, Rules};
use super::raw::Reply;
use super::unusable::Unusable;
use crate::server::{Meaning, Quirks};

impl Rules<'_> {
    /// The evidence of this failure.
    pub(super) fn evidence<'e>(self, reply: Reply<'_>, kind: &'e ReplyErrorKind) -> Evidence<'e> {
        let refusal = match kind {
            ReplyErrorKind::Refused(refusal) => Some(refusal),
            _ => None,
        };
        let code = refusal.map(Refusal::code);
        Evidence {
            is_tolerated_error: is_tolerated_error(reply.status, code, self.quirks),
            meaning: self.meaning(reply.status, code),
            is_ambiguous: matches!(kind, ReplyErrorKind::Unusable(Unusable::Ambiguous)),
            holds_token: self.success == "access_token"
                && reply.body.len() <= self.limit
                && holds_token(reply.body),
            lacks_header: code.is_some_and(|code| withheld(code, reply.headers).is_some()),
            unavailable_means_untouched: self.quirks.unavailable_means_untouched,
            ..Evidence::of(Some(reply.status), code, self.credential)
        }
    }

    /// The meaning that the caller has given to this code or status. Nothing can be dead where nothing is
    /// presented that dies.
    fn meaning(self, status: StatusCode, code: Option<&ErrorCode>) -> Option<Meaning> {
        let code = code.map(ErrorCode::as_str).filter(|code| !code.is_empty());
        let meaning = self.quirks.meanings.of(status.as_u16(), code);
        let mortal = matches!(self.presented, Presented::Grant | Presented::Password);
        meaning.filter(|meaning| mortal || *meaning != Meaning::Dead)
    }
}

/// `"ok": false` without a code, where the caller has said that it is an error even on a 200.
fn is_tolerated_error(status: StatusCode, code: Option<&ErrorCode>, quirks: &Quirks) -> bool {
    let mute = code == Some(&ErrorCode::NonStandard);
    mute && status.is_success() && quirks.ok_false_is_error
}

/// Whether something that looks like an access token is in a body, whatever else is wrong with it: a member of
/// that name, truncated documents included, whose value is neither `null` nor empty; or a form's parameter.
fn holds_token(body: &[u8]) -> bool {
    const NAME: &[u8] = b"access_token";
    let mut rest = body;
    let mut before = None;
    while let Some(at) = find(rest, NAME) {
        let (front, found) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        before = front.last().copied().or(before);
        let after = found.get(NAME.len()..).unwrap_or_default();
        let is_member = before == Some(b'"')
            && after.strip_prefix(b"\"").is_some_and(|after| {
                let value = after.trim_ascii_start().strip_prefix(b":");
                value.map(<[u8]>::trim_ascii_start).is_some_and(|value| {
                    !value.is_empty() && !value.starts_with(b"null") && !value.starts_with(b"\"\"")
                })
            });
        let is_parameter = matches!(before, None | Some(b'&'))
            && after
                .strip_prefix(b"=")
                .is_some_and(|value| !matches!(value.first(), None | Some(b'&')));
        if is_member || is_parameter {
            return true;
        }
        before = NAME.last().copied();
        rest = after;
    }
    false
}

/// Where `access_token` stands. It is looked for by its underscore, which is rare in a body.
fn find(body: &[u8], name: &[u8]) -> Option<usize> {
    const UNDERSCORE: usize = 6;
    let mut from = UNDERSCORE;
    loop {
        let at = body.get(from..)?.iter().position(|byte| *byte == b'_')?.saturating_add(from);
        let start = at.saturating_sub(UNDERSCORE);
        if body.get(start..).is_some_and(|rest| rest.starts_with(name)) {
            return Some(start);
        }
        from = at.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_body() {
        for body in [
            r#"{"access_token":"at-1"}"#,
            r#"{"x":1,"access_token" : "at-1","token_"#,
            r#"{"access_token":7}"#,
            r#"{"access_token":"at"#,
            r#"{"access_token":null,"data":{"access_token":"at-1"}}"#,
            "access_token=at-1&token_type=bearer",
            "scope=a&access_token=at-1",
        ] {
            assert!(holds_token(body.as_bytes()), "{body}");
        }
        for body in [
            "",
            "access_token",
            r#"{"access_token""#,
            r#"{"access_token":null}"#,
            r#"{"access_token":""}"#,
            r#"{"error_description":"\"access_token\": missing"}"#,
            r#"{"parameter":"access_token"}"#,
            r#"{"access_token_hint":"x"}"#,
            r#"{"my_access_token":"x"}"#,
            "access_token=&a=b",
            "the access_token=x was not accepted",
        ] {
            assert!(!holds_token(body.as_bytes()), "{body}");
        }
    }
}
