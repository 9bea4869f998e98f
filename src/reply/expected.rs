//! [`Rules`]: how one endpoint's replies are to be read.

use crate::server::Quirks;
use crate::value::CredentialUse;

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
