//! [`CheckedResponse`]: a response in the form of a JWT, checked as far as all of them are alike.
//!
//! Whose it is, for whom, for how long. What is in it, the endpoint reads.

use super::error::{ClaimFault, ClaimsError, TokenKind};
use super::reader::{Claims, Presented};
use super::rules::TokenRules;
use crate::jose::{Content, Verified};
use crate::value::Timestamp;
use crate::wire::json::{UniqueError, unique_object};

/// The claims of a signed response.
pub(crate) struct CheckedResponse {
    kind: TokenKind,
    content: Content,
}

const NO_NAMES: &[&str; 0] = &[];

impl CheckedResponse {
    /// Holds a verified response against the rules.
    pub(crate) fn check(
        kind: TokenKind,
        rules: &TokenRules,
        verified: Verified,
        now: Timestamp,
    ) -> Result<Self, ClaimsError> {
        let token = Presented::from(verified);
        match rules.check(kind, &token, &Claims::of(&token.content), now) {
            Ok(_) => Ok(Self { kind, content: token.content }),
            Err(fault) => Err(ClaimsError::new(kind, fault)),
        }
    }

    /// All claims, as the JSON that arrived.
    pub(crate) fn json(&self) -> &str {
        &self.content.payload
    }

    /// A claim that must be an object of unique members, as the JSON that arrived.
    pub(crate) fn object(&self, name: &'static str) -> Result<&str, ClaimsError> {
        let object = || {
            let member = Claims::of(&self.content).get(name).ok_or(ClaimFault::Missing(name))?;
            unique_object(member.raw(), NO_NAMES)
                .map_err(|_: UniqueError| ClaimFault::Malformed(name))?;
            Ok(member.raw())
        };
        object().map_err(|fault| self.fault(fault))
    }

    /// What else is wrong with it.
    pub(crate) const fn fault(&self, fault: ClaimFault) -> ClaimsError {
        ClaimsError::new(self.kind, fault)
    }
}
