//! [`SecretExpiry`]: when a client secret ends, as the server said it.

use crate::value::{Deviation, Malformed, Timestamp};
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

/// The last second of the year 9999. What is later was meant as milliseconds, or as nothing.
pub(super) const LAST: u64 = 253_402_300_799;

impl SecretExpiry {
    pub(super) fn read(member: Option<Member<'_>>, deviations: &mut Vec<Deviation>) -> Self {
        let Some(member) = member else { return Self::Unknown };
        match moment(member, deviations) {
            Some(0) => Self::Never,
            Some(seconds) => Self::At(Timestamp::from_unix_seconds(seconds)),
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

/// Seconds since the epoch, in any of the forms that servers send numbers in.
pub(super) fn moment(member: Member<'_>, deviations: &mut Vec<Deviation>) -> Option<u64> {
    let digits = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u64>().ok()).flatten()
    };
    let (seconds, form) = match member.string() {
        Some(text) => (digits(&text), Some(Deviation::LifetimeString)),
        None => match digits(member.raw()) {
            Some(seconds) => (Some(seconds), None),
            None => (member.read().and_then(whole), Some(Deviation::LifetimeFloat)),
        },
    };
    let seconds = seconds.filter(|seconds| *seconds <= LAST)?;
    deviations.extend(form);
    Some(seconds)
}

/// Below 2^53 a float without a fraction is exactly one integer, so its text has only digits.
fn whole(number: f64) -> Option<u64> {
    let fits = number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number);
    fits.then(|| format!("{number:.0}").parse().ok()).flatten()
}
