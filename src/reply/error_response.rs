//! [`Refusal`]: a server's honest no ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
//!
//! In the body where it can be read, else in a challenge, else by the bare status where the server is known
//! to say no more. What it means for what was presented is said in `failure`.

use super::challenge::Challenge;
use super::error_code::ErrorCode;
use super::expected::Presented;
use super::expected::Rules;
use super::raw::Reply;
use crate::value::{CredentialUse, UntrustedText};
use std::fmt;

/// A server's refusal: a code, and perhaps words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) description: Option<UntrustedText>,
    pub(crate) uri: Option<UntrustedText>,
}

impl Refusal {
    /// The error code.
    #[must_use]
    pub const fn code(&self) -> &ErrorCode {
        &self.code
    }

    /// `error_description`, word for word; some servers put a correlation id in it.
    #[must_use]
    pub const fn description(&self) -> Option<&UntrustedText> {
        self.description.as_ref()
    }

    /// `error_uri`, unchecked.
    #[must_use]
    pub const fn uri(&self) -> Option<&UntrustedText> {
        self.uri.as_ref()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server refused with {}: {}", self.code, self.code.hint())
    }
}

/// A refusal that stands only in the challenge, when there is no body
/// ([RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)), if it is about what was presented here: any
/// server in between may challenge for a credential of its own.
pub(super) fn challenged(reply: Reply<'_>, rules: Rules<'_>) -> Option<Refusal> {
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
pub(super) fn wordless_code(reply: Reply<'_>, rules: Rules<'_>) -> Option<ErrorCode> {
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

pub(super) fn wordless(reply: Reply<'_>, rules: Rules<'_>) -> Option<Refusal> {
    let code = wordless_code(reply, rules).filter(|_| rules.quirks.wordless_refusals)?;
    Some(Refusal { code, description: None, uri: None })
}

pub(super) fn non_standard() -> Refusal {
    Refusal { code: ErrorCode::NonStandard, description: None, uri: None }
}
