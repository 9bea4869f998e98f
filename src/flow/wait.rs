//! [`Wait`]: a span of time that is used up as the caller's clock goes forward.
//!
//! It counts what has passed and not where the clock stands, so that a clock set back lengthens
//! nothing.

use std::time::Duration;

use crate::value::Timestamp;

/// A span of time in the course of being used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    left: Duration,
    seen: Timestamp,
}

impl Wait {
    /// Nothing to wait for.
    pub(super) const OVER: Self = Self { left: Duration::ZERO, seen: Timestamp::EPOCH };

    /// Moments are whole milliseconds, so a part of one is counted as one: otherwise it would end at
    /// a moment at which it is not over.
    pub(super) const fn new(now: Timestamp, span: Duration) -> Self {
        let part = span.subsec_nanos() % 1_000_000;
        let rest = if part == 0 { 0 } else { 1_000_000_u32.saturating_sub(part) };
        Self { left: span.saturating_add(Duration::new(0, rest)), seen: now }
    }

    /// Until this moment by the clock that says `now`.
    pub(super) const fn until(now: Timestamp, moment: Timestamp) -> Self {
        Self::new(now, moment.saturating_since(now))
    }

    /// The same, but over earlier by this much.
    pub(super) const fn shorter(self, by: Duration) -> Self {
        Self { left: self.left.saturating_sub(by), seen: self.seen }
    }

    /// What is left; the time since the last call is used up.
    pub(super) fn left(&mut self, now: Timestamp) -> Duration {
        self.left = self.left.saturating_sub(now.saturating_since(self.seen));
        self.seen = now;
        self.left
    }

    /// What was left when it was last looked at.
    pub(super) const fn left_when_seen(&self) -> Duration {
        self.left
    }

    /// What is left at this moment, without using anything up.
    pub(super) const fn left_at(&self, now: Timestamp) -> Duration {
        self.left.saturating_sub(now.saturating_since(self.seen))
    }

    /// When it will be over, by the clock as it was last seen.
    pub(super) fn moment(&self) -> Timestamp {
        self.seen.saturating_add(self.left)
    }

    /// Whether it was over when it was last looked at.
    pub(super) const fn was_over(&self) -> bool {
        self.left.is_zero()
    }

    /// The one of two that is over last.
    pub(super) fn later(self, other: Self) -> Self {
        if other.moment() > self.moment() { other } else { self }
    }

    /// The one of two that is over first.
    pub(super) fn earlier<'a>(&'a self, other: &'a Self) -> &'a Self {
        if other.moment() < self.moment() { other } else { self }
    }

    /// When it will be over; `None` when it is.
    pub(super) fn ends(&mut self, now: Timestamp) -> Option<Timestamp> {
        let left = self.left(now);
        (!left.is_zero()).then(|| now.saturating_add(left))
    }

    pub(super) fn is_over(&mut self, now: Timestamp) -> bool {
        self.left(now).is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_lengthens_nothing() {
        let at = Timestamp::from_unix_seconds;
        let mut wait = Wait::new(at(100), Duration::from_secs(5));
        assert_eq!(wait.ends(at(102)), Some(at(105)));
        assert_eq!(wait.ends(at(60)), Some(at(63)));
        assert_eq!(wait.ends(at(62)), Some(at(63)));
        assert_eq!(wait.ends(at(63)), None);
    }
}
