//! [`FailureClass`]: what a failure means for what was presented, and the evidence it is decided by.
//!
//! Single exchanges, polling and sessions draw their conclusions from it and from nothing else. The table
//! that decides is in `rule`; how a body is read, and what kind of failure it then is, in `document`.

use std::fmt;

use http::StatusCode;

use super::error_code::{ErrorCode, Fault};
use super::phrase::is_status_phrase;
use crate::server::Meaning;
use crate::value::CredentialUse;

/// What a failure means for what was presented.
///
/// The first line that fits decides. *Once* is what is good for one use: a code, a refresh token whose rotation
/// is unknown or single-use, a registration. An *error object* is a JSON object whose `error` is a text that is
/// not empty; a body above the limit, with a repeated `error`, or of white space only says nothing. Where there is
/// no error object, the `error` of a `WWW-Authenticate` challenge counts as one at the endpoint whose credential
/// it names. A *status phrase* is the phrase of an HTTP status in any spelling ("Not Found", "404 not_found"),
/// which frameworks write where a code belongs; codes are compared exactly.
#[doc = ""]
#[doc = include_str!("class.md")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureClass {
    /// The outcome is known: no token was issued, and the same request will not succeed.
    /// [`ReplyError::fault`](crate::ReplyError::fault) says who has to act. Only where
    /// [`ReplyError::credential_is_dead`](crate::ReplyError::credential_is_dead) says so is a refresh token to be
    /// given up.
    Definitive,
    /// Nothing was decided. Keep the credential and try later;
    /// [`ReplyError::retry_after`](crate::ReplyError::retry_after) may say when.
    Transient,
    /// The request was turned away before anybody looked at what it presented, by a gateway, a redirect or a
    /// wrong address: nothing is taken to be spent. Keep the credential, try later with growing pauses, and
    /// report it when it lasts.
    TurnedAway,
    /// Sent, and what came of it is not known: the credential may be spent. Keep it, and do not send it again
    /// unasked.
    Indeterminate,
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Definitive => "definitive",
            Self::Transient => "transient",
            Self::TurnedAway => "turned away",
            Self::Indeterminate => "indeterminate",
        })
    }
}

/// How soon the same credential may be presented again, where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// After pauses that grow to some minutes.
    Soon,
    /// After pauses that grow to an hour.
    Slow,
    /// Not more often than hourly: a person has to do something about it first.
    Hourly,
}

/// What is known of one failure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a> {
    /// Nothing left this machine.
    pub(crate) is_not_sent: bool,
    /// `None` when no answer came at all.
    pub(crate) status: Option<StatusCode>,
    /// The code of an error object, or of a challenge that counts as one.
    pub(crate) code: Option<&'a ErrorCode>,
    /// An error without a code, in a shape that the caller has named a tolerance for.
    pub(crate) is_tolerated_error: bool,
    /// What the caller says it means.
    pub(crate) meaning: Option<Meaning>,
    /// A success and an error at once, under a 2xx.
    pub(crate) is_ambiguous: bool,
    /// Something that looks like an access token is in the body.
    pub(crate) holds_token: bool,
    /// What `use_dpop_nonce` or `use_attestation_challenge` asks for did not come with it.
    pub(crate) lacks_header: bool,
    /// The caller says that this server's 503 means untouched.
    pub(crate) unavailable_means_untouched: bool,
    pub(crate) credential: CredentialUse,
}

impl<'a> Evidence<'a> {
    /// Of a failure with nothing in it but a code, if it has one.
    pub(crate) const fn of(
        status: Option<StatusCode>,
        code: Option<&'a ErrorCode>,
        credential: CredentialUse,
    ) -> Self {
        Self {
            is_not_sent: false,
            status,
            code,
            is_tolerated_error: false,
            meaning: None,
            is_ambiguous: false,
            holds_token: false,
            lacks_header: false,
            unavailable_means_untouched: false,
            credential,
        }
    }

    pub(super) fn number(&self) -> u16 {
        self.status.map_or(0, |status| status.as_u16())
    }

    pub(super) fn is_redirect(&self) -> bool {
        matches!(self.number(), 300..=399)
    }

    pub(super) fn is_registered(&self) -> bool {
        self.code.is_some_and(|code| code.fault().is_some())
    }

    /// The statuses with which gateways, frameworks and wrong addresses turn requests away.
    pub(super) fn turns_away(&self) -> bool {
        matches!(self.number(), 301 | 307 | 308 | 401 | 403 | 404 | 405 | 407 | 410)
    }

    /// Where an error response may stand: under a 2xx, and where the request is said to be at fault.
    pub(super) fn may_be_error_response(&self) -> bool {
        matches!(self.number(), 200..=299 | 400..=499)
    }

    /// Whether the error has a code of the server's own, and not a framework's phrase.
    pub(super) fn has_own_code(&self) -> bool {
        let Some(status) = self.status else { return false };
        self.is_tolerated_error
            || self.code.is_some_and(|code| {
                let text = code.as_str();
                let spaced = self.turns_away() && text.contains(' ');
                // No registered code is a phrase, so only other texts are compared with them.
                let registered = code.fault().is_some();
                registered || !text.is_empty() && !spaced && !is_status_phrase(text, status)
            })
    }

    pub(super) fn once(&self) -> Conclusion {
        let class = match self.credential {
            CredentialUse::Once => FailureClass::Indeterminate,
            CredentialUse::Repeated => FailureClass::Transient,
        };
        Conclusion::new(class, Fault::Server, Pace::Soon)
    }
}

/// What a line of the table says of one failure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conclusion {
    pub(crate) class: FailureClass,
    pub(crate) fault: Fault,
    pub(crate) pace: Pace,
    pub(crate) meaning: Option<Meaning>,
}

impl Conclusion {
    pub(super) const fn new(class: FailureClass, fault: Fault, pace: Pace) -> Self {
        Self { class, fault, pace, meaning: None }
    }

    pub(super) const fn of(meaning: Meaning) -> Self {
        let (class, fault, pace) = match meaning {
            Meaning::Dead => (FailureClass::Definitive, Fault::Credential, Pace::Slow),
            Meaning::Later | Meaning::Pending | Meaning::SlowDown => {
                (FailureClass::Transient, Fault::Server, Pace::Soon)
            }
            Meaning::Denied => (FailureClass::Definitive, Fault::Credential, Pace::Hourly),
            Meaning::NeedsPerson => (FailureClass::Definitive, Fault::Client, Pace::Hourly),
        };
        Self { class, fault, pace, meaning: Some(meaning) }
    }
}
