//! [`Polling`]: when to ask again. A pure schedule, without a message in it.
//!
//! Never early, never after the end ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).

use std::time::Duration;

use http::StatusCode;

use super::wait::Wait;
use crate::reply::{ErrorCode, FailureClass, ReplyError, RetryAfter};
use crate::value::Timestamp;

/// How long a code is polled for when the server did not say how long it is good for: one hour.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How much `slow_down` adds to the interval, for good.
const SLOWER: Duration = Duration::from_secs(5);
/// How long before the end a poll that waits for a call asks without one: long enough for a slow signature,
/// a slow network and one more try after a failure, and for the time that the server's first answer was
/// under way.
const LAST_LOOK: Duration = Duration::from_secs(15);
/// The part of a short lifetime that is kept for it instead: a quarter.
const LAST_PART: u32 = 4;
/// How often the pause is doubled at the most: 2^6 intervals.
const DOUBLINGS: u32 = 6;

/// A polling schedule.
#[derive(Debug, Clone)]
pub(super) struct Polling {
    interval: Duration,
    failures: u32,
    next: Wait,
    /// When the interval is over, whatever failures have made of the pause.
    soonest: Wait,
    end: Wait,
    /// Whether a call is waited for.
    on_call: bool,
}

/// What the schedule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Now,
    At(Timestamp),
    Never,
}

impl Polling {
    /// The first poll waits one interval: the user has to be shown something first.
    pub(super) fn new(now: Timestamp, interval: Duration, lifetime: Option<Duration>) -> Self {
        let end = Wait::new(now, lifetime.unwrap_or(DEFAULT_LIFETIME));
        let next = Wait::new(now, interval);
        Self { interval, failures: 0, next, soonest: next, end, on_call: false }
    }

    pub(super) fn due(&mut self, now: Timestamp) -> Due {
        let Some(end) = self.end.ends(now) else { return Due::Never };
        self.soonest.left(now);
        match self.next.ends(now) {
            None => Due::Now,
            // The end comes first: wake then, to say so.
            Some(next) if next >= end => Due::At(end),
            Some(next) => Due::At(next),
        }
    }

    /// Nothing is due before [`Polling::called`], but for one poll shortly before the end: the call may
    /// have been lost.
    pub(super) fn wait_for_call(&mut self) {
        let lifetime = self.end.left_when_seen();
        let before = LAST_LOOK.min(lifetime.checked_div(LAST_PART).unwrap_or_default());
        self.next = self.end.shorter(before).later(self.next);
        self.on_call = true;
    }

    /// The wait for the call is over: the next poll is due at once. Later calls, and those that nobody
    /// waited for, end a pause that failures have made longer, and never the interval.
    pub(super) fn called(&mut self) {
        self.next = match std::mem::take(&mut self.on_call) {
            true => Wait::OVER,
            false => *self.next.earlier(&self.soonest),
        };
    }

    /// A poll goes out. Until its answer nothing is due, unless a call that was waited for comes
    /// meanwhile.
    pub(super) const fn asked(&mut self) {
        self.next = self.end;
        self.soonest = self.end;
    }

    /// A refusal came. Returns whether to go on.
    pub(super) fn refused(&mut self, now: Timestamp, error: &ReplyError) -> bool {
        let code = error.refusal().map(|refusal| refusal.code());
        let busy = error.raw().status().as_u16() == 429;
        match code {
            Some(ErrorCode::AuthorizationPending | ErrorCode::SlowDown) if self.on_call => {
                // That was the last look. A call still counts.
                self.failures = 0;
                if code == Some(&ErrorCode::SlowDown) {
                    self.slow_down();
                }
                self.next = self.end;
                return true;
            }
            Some(ErrorCode::AuthorizationPending) => {
                self.failures = 0;
                if self.next.was_over() {
                    // Called while it asked: this answer was given before.
                    return true;
                }
            }
            Some(ErrorCode::SlowDown) => self.slow_down(),
            _ if busy => self.slow_down(),
            // Section 3.5: any other code ends it, one that nobody knows too.
            Some(ErrorCode::Other(_)) if error.raw().status().is_client_error() => return false,
            // A JSON object without a code is the server's own word too, unless it says when to come
            // back. A 403 that is no object, such as a page, may be a gateway's; so may a 408.
            Some(ErrorCode::NonStandard)
                if error.raw().status() == StatusCode::FORBIDDEN
                    && error.retry_after().is_none() =>
            {
                return false;
            }
            _ if error.class() == FailureClass::Transient => self.fail(),
            _ => return false,
        }
        self.schedule(now, error.retry_after());
        true
    }

    /// No answer came.
    pub(super) fn lost(&mut self, now: Timestamp) {
        self.fail();
        self.schedule(now, None);
    }

    fn slow_down(&mut self) {
        self.failures = 0;
        self.interval = self.interval.saturating_add(SLOWER);
    }

    fn fail(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    fn schedule(&mut self, now: Timestamp, retry_after: Option<RetryAfter>) {
        let doubled = 2_u32.saturating_pow(self.failures.min(DOUBLINGS));
        let pause = self.interval.saturating_mul(doubled);
        let asked = retry_after.map_or(Duration::ZERO, |when| when.from_now(now));
        self.soonest = Wait::new(now, self.interval.max(asked));
        let called = self.next.was_over();
        self.next = if called { self.soonest } else { Wait::new(now, pause.max(asked)) };
    }
}
