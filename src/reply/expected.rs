//! [`Rules`]: how one endpoint's replies are to be read, and the errors that follow from it.

use super::error::ReplyError;
use super::error_code::ErrorCode;
use super::error_response::Refusal;
use super::failure::ReplyErrorKind;
use super::raw::Reply;
use super::unusable::Unusable;
use crate::server::Quirks;
use crate::value::CredentialUse;
use http::StatusCode;

/// How an endpoint's replies are to be read.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) quirks: &'a Quirks,
    pub(crate) limit: usize,
    pub(crate) credential: CredentialUse,
    /// The member that makes a document a success, so that an `error` beside it is ambiguous. Empty
    /// where a success has no members.
    pub(crate) success: &'static str,
}

impl Rules<'_> {
    pub(crate) fn failure(self, reply: Reply<'_>, kind: ReplyErrorKind) -> ReplyError {
        ReplyError::new(reply, self.limit, self.credential, kind)
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
        if reply.status != StatusCode::UNAUTHORIZED || !unsaid {
            return error;
        }
        let refusal = Refusal { code: ErrorCode::InvalidToken, description: None, uri: None };
        self.failure(reply, ReplyErrorKind::Refused(refusal))
    }
}
