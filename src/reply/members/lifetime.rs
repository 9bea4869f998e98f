//! [`Lifetime`]: how long something is good for, as a server said it.

use std::fmt;
use std::time::Duration;

use super::number::whole;
use crate::reply::Deviation;
use crate::server::Quirks;
use crate::value::Timestamp;
use crate::wire::json::Member;

/// How long a token, code or request is good for, as announced.
///
/// It is counted from when the answer was made, and this crate does not know when that was: keep the
/// moment of receipt beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)] // three states are all there are
pub enum Lifetime {
    /// So long.
    Known(Duration),
    /// Not said. That is neither "for ever" nor "an hour".
    Unknown,
    /// Something was said that is no lifetime: negative, fractional, over 136 years, not a number.
    Malformed(Malformed),
}

impl Lifetime {
    /// The longest that is believed: 2^32 - 1 seconds.
    pub(crate) const MAX_SECONDS: u64 = u32::MAX as u64;

    /// Reads a lifetime in any of the forms that servers send.
    pub(crate) fn read(
        member: Option<Member<'_>>,
        quirks: &Quirks,
        deviations: &mut Vec<Deviation>,
    ) -> Self {
        let Some(member) = member else { return Self::Unknown };
        let malformed = || Self::Malformed(Malformed::new(member.raw()));
        let Some((number, form)) = whole(member) else { return malformed() };
        let span = if quirks.expires_in_millis {
            Duration::from_millis(number)
        } else {
            Duration::from_secs(number)
        };
        if span.as_secs() > Self::MAX_SECONDS {
            return malformed();
        }
        deviations.extend(form);
        if quirks.expires_in_millis {
            deviations.push(Deviation::ExpiresInMillis);
        }
        if span.is_zero() && quirks.zero_means_no_expiry {
            deviations.push(Deviation::LifetimeZero);
            return Self::Unknown;
        }
        Self::Known(span)
    }

    /// Reads a polling interval; 5 seconds (RFC 8628 section 3.2) when it is absent or no interval.
    pub(crate) fn interval(
        member: Option<Member<'_>>,
        deviations: &mut Vec<Deviation>,
    ) -> Duration {
        const DEFAULT: Duration = Duration::from_secs(5);
        /// A longer interval than this is not meant.
        const LONGEST: Duration = Duration::from_secs(60 * 60);
        match Self::read(member, &Quirks::new(), deviations) {
            Self::Known(span) if !span.is_zero() && span <= LONGEST => span,
            Self::Unknown => DEFAULT,
            Self::Known(_) | Self::Malformed(_) => {
                deviations.push(Deviation::MalformedMember("interval"));
                DEFAULT
            }
        }
    }

    /// The lifetime, if it is known.
    #[must_use]
    pub const fn known(&self) -> Option<Duration> {
        match self {
            Self::Known(duration) => Some(*duration),
            Self::Unknown | Self::Malformed(_) => None,
        }
    }

    /// When it ends, for something received at this moment; `None` unless it is known.
    #[must_use]
    pub fn ends(&self, received: Timestamp) -> Option<Timestamp> {
        self.known().map(|duration| received.saturating_add(duration))
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(span) => write!(f, "{} s", span.as_secs()),
            Self::Unknown => f.write_str("unknown"),
            Self::Malformed(_) => f.write_str("malformed"),
        }
    }
}

/// What a server sent in the place of a value, kept for whoever asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Malformed(Box<str>);

impl Malformed {
    /// At most this much is kept.
    const LIMIT: usize = 256;

    pub(crate) fn new(raw: &str) -> Self {
        let mut end = raw.len().min(Self::LIMIT);
        while !raw.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        Self(raw.get(..end).unwrap_or_default().into())
    }

    /// The JSON text as it was sent, up to 256 bytes of it. It may be anything, a secret included.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Malformed(..)")
    }
}
