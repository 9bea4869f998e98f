//! [`SecretExpiry`]: when a client secret ends, as the server said it.

use crate::reply::Deviation;
use crate::reply::members::{Malformed, read_moment};
use crate::value::Timestamp;
use crate::wire::json::Member;

/// When a client secret ends: `client_secret_expires_at`
/// ([RFC 7591 §3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1)).
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)] // what a server can say of an end, or not say
pub enum SecretExpiry {
    /// It does not end: the server said 0.
    Never,
    /// It ends at this moment, by the server's clock.
    At(Timestamp),
    /// Nothing was said. That is not "never".
    Unknown,
    /// Something was said that is no moment: negative, fractional, after the year 9999, not a number.
    Malformed(Malformed),
}

impl SecretExpiry {
    pub(super) fn read(member: Option<Member<'_>>, deviations: &mut Vec<Deviation>) -> Self {
        let Some(member) = member else { return Self::Unknown };
        match read_moment(member, deviations) {
            Some(Timestamp::EPOCH) => Self::Never,
            Some(moment) => Self::At(moment),
            None => Self::Malformed(Malformed::new(member.raw())),
        }
    }

    /// The moment, if there is one.
    #[must_use]
    pub const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::At(moment) => Some(*moment),
            Self::Never | Self::Unknown | Self::Malformed(_) => None,
        }
    }

    /// Whether the secret has ended by `now`, as far as that is known.
    #[must_use]
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.at().is_some_and(|moment| moment <= now)
    }
}
