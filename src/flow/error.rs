//! [`FlowError`]: how a machine ends badly, and [`Misuse`]: what it does not take.

use std::fmt;
use std::sync::Arc;

use crate::jose::SignatureError;
use crate::reply::ReplyError;
use crate::request::BuildError;

/// Why there is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)] // a transport knows it was not sent, or it does not know
pub enum TransportFailure {
    /// No byte of the request can have reached the server: connecting failed.
    NotSent,
    /// It may have arrived. A timeout, a reset, anything else.
    Unknown,
}

/// How a machine ended without a value. Cheap to clone.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum FlowError {
    /// A request was not built; nothing was sent.
    Build(BuildError),
    /// The code's time is over, by the caller's clock.
    Expired,
    /// There is no refresh token any more: the server said `invalid_grant`, or the session was given
    /// up. The user has to come again.
    CredentialDead,
    /// A refresh token was sent and nobody knows what came of it. It may be spent; presenting it again
    /// may end the session for good. [`Session::last_failure`](super::Session::last_failure) says why.
    ///
    /// An answer that could not be read may hold the new tokens: read [`ReplyError::raw`] with other
    /// tolerances, and begin again by [`Session::from_response`](super::Session::from_response) over the same
    /// store, which takes them.
    OutcomeUnknown,
    /// The token had expired by the time it could be used, again and again. If the server means "never"
    /// by a lifetime of zero, `Quirks::zero_means_no_expiry` says so; else look at the clock and at how
    /// long storing takes.
    Stillborn,
    /// The store cannot be reached, and nothing may be presented or used before it is. Trying goes on
    /// when the session is driven later.
    Store,
    /// The server's answer has no value in it.
    Reply(Arc<ReplyError>),
    /// The request did not get through, and the machine does not repeat it by itself.
    Transport(TransportFailure),
}

impl FlowError {
    /// The server's answer, if that is what it is.
    #[must_use]
    pub fn reply(&self) -> Option<&ReplyError> {
        match self {
            Self::Reply(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Build(error) => return error.fmt(f),
            Self::Reply(error) => return error.fmt(f),
            Self::Expired => "the code has expired; start again",
            Self::CredentialDead => "the refresh token is dead; the user has to sign in again",
            Self::OutcomeUnknown => {
                "a refresh was sent and its outcome is unknown: see `Session::last_failure`, then resend or give up"
            }
            Self::Stillborn => {
                "new tokens have expired by the time they can be used; compare the clocks, or set \
                 `zero_means_no_expiry` if this server means \"never\" by 0"
            },
            Self::Store => "the store cannot be reached; nothing was presented or used",
            Self::Transport(TransportFailure::NotSent) => "the request was not sent; try again later",
            Self::Transport(TransportFailure::Unknown) => {
                "the request may have been sent, and no answer came; do not present a single-use \
                 credential again"
            }
        })
    }
}

/// Transparent where a part says it all: the text is the part's, and so is the cause.
impl std::error::Error for FlowError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Build(error) => error.source(),
            Self::Reply(error) => error.source(),
            _ => None,
        }
    }
}

impl From<BuildError> for FlowError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<ReplyError> for FlowError {
    fn from(error: ReplyError) -> Self {
        Self::Reply(Arc::new(error))
    }
}

/// An event that does not fit. The machine is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// No request is outstanding.
    NotSending,
    /// No signature is outstanding.
    NotSigning,
    /// No snapshot is outstanding.
    NotPersisting,
    /// The command has nothing to act on in this state.
    NotNow,
    /// A newer snapshot is another session's: of another server, client or format.
    OtherSession,
    /// A snapshot that is said to be newer is older than what is known.
    Stale,
    /// The signature is not the one that is waited for, which still is.
    Signature(SignatureError),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSending => "no request is outstanding",
            Self::NotSigning => "no signature is outstanding",
            Self::NotPersisting => "no snapshot is outstanding",
            Self::NotNow => "the command has nothing to act on now",
            Self::OtherSession => "the snapshot is another session's",
            Self::Stale => "the snapshot is older than what is known",
            Self::Signature(_) => "the signature is not the one waited for",
        })
    }
}

impl std::error::Error for Misuse {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Signature(error) => Some(error),
            _ => None,
        }
    }
}
