//! [`Refusal`]: a server's honest no ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
//!
//! In the body where it can be read, else in a challenge, else by the bare status where the server is known
//! to say no more. What it means for what was presented is said in `failure`.

use super::challenge::Challenge;
use super::error_code::ErrorCode;
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
/// ([RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)).
pub(super) fn challenged(reply: Reply<'_>) -> Option<Refusal> {
    let challenges = Challenge::readable(reply.headers);
    challenges.iter().find_map(|challenge| {
        let code = ErrorCode::from_name(challenge.param("error")?);
        let text = |name| challenge.param(name).map(UntrustedText::new);
        Some(Refusal { code, description: text("error_description"), uri: text("error_uri") })
    })
}

/// What a status says without a word, for servers that are known to say nothing else.
pub(super) fn wordless(reply: Reply<'_>, rules: Rules<'_>) -> Option<Refusal> {
    if !rules.quirks.wordless_refusals || !reply.body.trim_ascii().is_empty() {
        return None;
    }
    let code = match (reply.status.as_u16(), rules.credential) {
        (401 | 403, _) => ErrorCode::InvalidClient,
        (400, CredentialUse::Once) => ErrorCode::InvalidGrant,
        (400, CredentialUse::Repeated) => ErrorCode::InvalidRequest,
        _ => return None,
    };
    Some(Refusal { code, description: None, uri: None })
}

pub(super) fn non_standard() -> Refusal {
    Refusal { code: ErrorCode::NonStandard, description: None, uri: None }
}
