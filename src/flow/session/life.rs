//! [`Life`]: how long the access token is good for, and when to refresh it.

use std::time::Duration;

use crate::flow::wait::Wait;
use crate::value::Timestamp;

/// The life of one access token, by the caller's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    /// No token at all, one whose end is unknown, or one that ends.
    end: End,
    refused: bool,
}

#[derive(Debug, Clone, Copy)]
enum End {
    NoToken,
    NeverSaid,
    Ends { expiry: Wait, refresh: Wait },
}

impl Life {
    pub(super) const fn none() -> Self {
        Self { end: End::NoToken, refused: false }
    }

    pub(super) const fn unknown() -> Self {
        Self { end: End::NeverSaid, refused: false }
    }

    /// A token that was received and expires at these moments. It is refreshed ahead of its end by
    /// `ahead`, or a quarter of its life if that is less, and by up to as much again as `jitter`
    /// (0 to 255) says.
    pub(super) fn ending(
        now: Timestamp,
        received: Timestamp,
        expires: Timestamp,
        ahead: Duration,
        jitter: u8,
    ) -> Self {
        let whole = expires.saturating_since(received);
        let ahead = ahead.min(whole.checked_div(4).unwrap_or_default());
        let more = ahead.saturating_mul(u32::from(jitter)).checked_div(256).unwrap_or_default();
        // By a clock that is behind the one that saw it come, it would live longer than it does.
        let left = expires.saturating_since(now).min(whole);
        let refresh = left.saturating_sub(ahead.saturating_add(more));
        let end = End::Ends { expiry: Wait::new(now, left), refresh: Wait::new(now, refresh) };
        Self { end, refused: false }
    }

    pub(super) const fn refuse(&mut self) {
        self.refused = true;
    }

    pub(super) const fn is_refused(&self) -> bool {
        self.refused
    }

    pub(super) fn is_usable(&mut self, now: Timestamp) -> bool {
        if let End::Ends { expiry, refresh } = &mut self.end {
            // Both see every moment, so that neither loses time to a clock set back.
            expiry.left(now);
            refresh.left(now);
        }
        self.is_usable_at(now)
    }

    pub(super) const fn is_usable_at(&self, now: Timestamp) -> bool {
        !self.refused
            && match &self.end {
                End::NoToken => false,
                End::NeverSaid => true,
                End::Ends { expiry, .. } => !expiry.left_at(now).is_zero(),
            }
    }

    pub(super) fn is_due(&mut self, now: Timestamp) -> bool {
        let due = match &mut self.end {
            End::Ends { refresh, .. } => refresh.is_over(now),
            End::NoToken | End::NeverSaid => false,
        };
        !self.is_usable(now) || due
    }

    pub(super) fn refresh_at(&self) -> Option<Timestamp> {
        match &self.end {
            _ if self.refused => Some(Timestamp::EPOCH),
            End::NoToken => Some(Timestamp::EPOCH),
            End::NeverSaid => None,
            End::Ends { refresh, .. } => Some(refresh.moment()),
        }
    }
}
