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
}
