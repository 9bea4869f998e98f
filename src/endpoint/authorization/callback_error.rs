//! [`CallbackError`]: why a callback was not accepted, and what that means for the authorization.
//!
//! It says what is wrong. The check that finds it is in `response`.

use std::fmt;

use crate::claims::ClaimsError;

use super::pending::PendingAuthorization;
use crate::reply::{FailureClass, Fault, Refusal, rule};

/// Why a callback was not accepted.
///
/// When it is not for this authorization at all, the pending value is unharmed and can be taken back.
pub struct CallbackError {
    pub(super) kind: CallbackErrorKind,
    pub(super) pending: Option<Box<PendingAuthorization>>,
    /// What an error response says that does not say who made it.
    pub(super) untrusted: Option<Refusal>,
}

/// What is wrong with a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackErrorKind {
    /// `state` is absent, repeated or another: this callback is not the answer to this authorization.
    /// A forged one, or a stale tab. The pending value is still good.
    NotForThisFlow,
    /// The callback is longer than 64 KiB. The pending value is still good.
    TooLong,
    /// The server says it always sends `iss`, and it is absent
    /// ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
    IssuerMissing,
    /// `iss` is another server's: a mix-up ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)). The code must not be sent
    /// anywhere.
    IssuerMismatch,
    /// `iss` is there and cannot be compared, because the server's issuer is not configured.
    IssuerUnknown,
    /// A parameter that means something stands twice.
    Repeated(&'static str),
    /// The server, or the user, said no ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
    Refused(Refusal),
    /// Neither a code nor an error.
    CodeMissing,
    /// The code holds characters that no code has.
    CodeMalformed,
    /// A signed response was asked for and a plain one came
    /// ([JARM §2](https://openid.net/specs/oauth-v2-jarm.html#section-2)). The pending value is still good.
    NotSigned,
    /// A signed response came and none was asked for. The pending value is still good.
    SignedUnasked,
    /// This parameter stands beside a signed response, in which all of them belong. The pending value is
    /// still good.
    Mixed(&'static str),
    /// The signed response is not believed. The pending value is still good.
    Claims(ClaimsError),
}

impl CallbackError {
    /// It is not for this authorization, which still waits for its own.
    pub(super) fn not_for(pending: PendingAuthorization, kind: CallbackErrorKind) -> Self {
        Self { kind, pending: Some(Box::new(pending)), untrusted: None }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> &CallbackErrorKind {
        &self.kind
    }

    /// The server's refusal, if it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match &self.kind {
            CallbackErrorKind::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// What a callback without the `iss` that this server always sends gives as its reason
    /// ([`CallbackErrorKind::IssuerMissing`]). Some servers leave `iss` out of error responses; but anybody may
    /// have made this one, so it is for a log and decides nothing.
    #[must_use]
    pub const fn untrusted_refusal(&self) -> Option<&Refusal> {
        self.untrusted.as_ref()
    }

    /// What it means for the authorization, by the same classes as everywhere: nothing has been presented yet.
    /// Transient means that the same user may be sent again later or, where the callback was not for this
    /// authorization, that it still waits for its own.
    #[must_use]
    pub fn class(&self) -> FailureClass {
        self.class_and_fault().0
    }

    /// Who has to act.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.class_and_fault().1
    }

    fn class_and_fault(&self) -> (FailureClass, Fault) {
        match &self.kind {
            // Not the answer to this authorization, by all that is known: it still waits for its own.
            CallbackErrorKind::NotForThisFlow
            | CallbackErrorKind::TooLong
            | CallbackErrorKind::NotSigned
            | CallbackErrorKind::SignedUnasked
            | CallbackErrorKind::Mixed(_)
            | CallbackErrorKind::Claims(_) => (FailureClass::Transient, Fault::Unknown),
            CallbackErrorKind::Refused(refusal) => rule::of_callback(&refusal.code),
            CallbackErrorKind::IssuerUnknown => (FailureClass::Definitive, Fault::Client),
            // Whoever mixes servers up, or repeats a parameter, need not be the server.
            CallbackErrorKind::IssuerMismatch | CallbackErrorKind::Repeated(_) => {
                (FailureClass::Definitive, Fault::Unknown)
            }
            CallbackErrorKind::IssuerMissing
            | CallbackErrorKind::CodeMissing
            | CallbackErrorKind::CodeMalformed => (FailureClass::Definitive, Fault::Server),
        }
    }

    /// The pending value, when the callback was not for it and it still waits for its own.
    #[must_use]
    pub fn into_pending(self) -> Option<PendingAuthorization> {
        self.pending.map(|pending| *pending)
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            CallbackErrorKind::NotForThisFlow => {
                f.write_str("the callback's state does not match; it is not the answer to this authorization")
            }
            CallbackErrorKind::TooLong => f.write_str("the callback is longer than 64 KiB"),
            CallbackErrorKind::IssuerMissing => {
                f.write_str("the callback has no iss, which this server always sends")
            }
            CallbackErrorKind::IssuerMismatch => {
                f.write_str("the callback comes from another server; its code must not be used")
            }
            CallbackErrorKind::IssuerUnknown => f.write_str(
                "the callback carries iss and the server's issuer is not configured; set AuthorizationServer::issuer",
            ),
            CallbackErrorKind::Repeated(name) => write!(f, "the callback carries `{name}` twice"),
            CallbackErrorKind::Refused(refusal) => refusal.fmt(f),
            CallbackErrorKind::CodeMissing => f.write_str("the callback carries neither a code nor an error"),
            CallbackErrorKind::NotSigned => f.write_str(
                "the callback is plain where a signed response was asked for (JARM section 2); it is not believed",
            ),
            CallbackErrorKind::SignedUnasked => f.write_str(
                "the callback is signed and no signed response was asked for (JARM section 2); ask for one by `response_mode`",
            ),
            CallbackErrorKind::Mixed(name) => write!(
                f,
                "the callback carries `{name}` beside a signed response (JARM section 2.1); it is not believed"
            ),
            CallbackErrorKind::Claims(error) => error.fmt(f),
            CallbackErrorKind::CodeMalformed => f.write_str("the callback's code is malformed"),
        }
    }
}

impl fmt::Debug for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackError").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl std::error::Error for CallbackError {}
