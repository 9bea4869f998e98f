//! [`Timestamp`]: a moment the caller names, because this crate has no clock.
//!
//! There is no `now()` here, and nothing that turns text into a date.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, in milliseconds since the Unix epoch.
///
/// Arithmetic saturates: adding an absurd lifetime gives the last representable moment, never a
/// panic, and the time between two moments in the wrong order is zero.
///
/// ```
/// use grantwire::Timestamp;
/// use std::time::{Duration, SystemTime};
///
/// let now = Timestamp::from_unix_seconds(1_752_702_206);
/// assert_eq!((now + Duration::from_secs(60)).as_unix_seconds(), 1_752_702_266);
/// let _ = Timestamp::from(SystemTime::now());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    millis: u64,
}

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self { millis: 0 };

    /// The last second of the year 9999. What is later was meant as milliseconds, or as nothing.
    pub(crate) const LAST_SECOND: u64 = 253_402_300_799;

    /// From whole seconds since the Unix epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self { millis: seconds.saturating_mul(1000) }
    }

    /// From milliseconds since the Unix epoch, which is what a browser's clock gives.
    #[must_use]
    pub const fn from_unix_millis(millis: u64) -> Self {
        Self { millis }
    }

    /// Whole seconds since the Unix epoch, rounded down: the form of `exp` and `iat`.
    #[must_use]
    pub const fn as_unix_seconds(self) -> u64 {
        self.millis.div_euclid(1000)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix_millis(self) -> u64 {
        self.millis
    }

    /// How much later this moment is than `earlier`; zero when it is not later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis.saturating_sub(earlier.millis))
    }

    /// This moment and `span`, not after the last representable moment.
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        Self { millis: self.millis.saturating_add(whole_millis(span)) }
    }

    /// This moment less `span`, not before the epoch.
    #[must_use]
    pub fn saturating_sub(self, span: Duration) -> Self {
        Self { millis: self.millis.saturating_sub(whole_millis(span)) }
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at the last representable moment.
    fn add(self, span: Duration) -> Self {
        self.saturating_add(span)
    }
}

/// A moment before 1970 becomes the epoch.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self { millis: whole_millis(time.duration_since(UNIX_EPOCH).unwrap_or_default()) }
    }
}

fn whole_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        let late = Timestamp::from_unix_millis(u64::MAX);
        assert_eq!(late + Duration::MAX, late);
        assert_eq!(Timestamp::EPOCH.saturating_since(late), Duration::ZERO);
    }
}
