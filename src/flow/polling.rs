//! [`Polling`]: when to ask again. A pure schedule, without a message in it.
//!
//! Never early, never after the end ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).

use std::time::Duration;

use super::error::FlowError;
use super::wait::Wait;
use crate::reply::{ErrorCode, FailureClass, Refusal, ReplyError};
use crate::server::Meaning;
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
/// How many failures in a row end it before the endpoint has been heard to speak of this code.
const PATIENCE: u32 = 4;
/// How often the pause is doubled at the most: 2^6 intervals.
const DOUBLINGS: u32 = 6;

/// A polling schedule.
#[derive(Debug, Clone)]
pub(super) struct Polling {
    interval: Duration,
    failures: u32,
    /// How many failures in a row are too many until the endpoint has been `heard`.
    patience: u32,
    /// The longest pause, but for the interval, which is never cut.
    longest: Duration,
    /// How many of them were of requests that were sent.
    unanswered: u32,
    /// Whether the endpoint has said `authorization_pending` or `slow_down`, so that it is there, and the code is known.
    heard: bool,
    /// The last failure that did not end it.
    trouble: Option<FlowError>,
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
        Self {
            interval,
            failures: 0,
            unanswered: 0,
            patience: PATIENCE,
            longest: Duration::MAX,
            heard: false,
            trouble: None,
            next,
            soonest: next,
            end,
            on_call: false,
        }
    }

    pub(super) const fn set_longest_wait(&mut self, longest: Duration) {
        self.longest = longest;
    }

    pub(super) const fn set_patience(&mut self, failures: u32) {
        self.patience = failures;
    }

    /// The last failure that did not end it. One that may hold tokens is kept before all others.
    pub(super) const fn last_failure(&self) -> Option<&FlowError> {
        self.trouble.as_ref()
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

    /// What is left until the end.
    pub(super) const fn left(&self, now: Timestamp) -> Duration {
        self.end.left_at(now)
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
        // Whoever calls knows the code.
        self.heard = true;
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

    /// A reply came without tokens. Returns whether to go on.
    pub(super) fn refused(&mut self, now: Timestamp, error: &FlowError) -> bool {
        let Some(reply) = error.reply() else { return false };
        let (spoken, line) = (spoken(reply), reply.rule().line());
        // Under other lines the server is busy or failing, or a gateway speaks.
        let is_answer = matches!(line, "a" | "d");
        let is_busy = reply.status().as_u16() == 429;
        self.heard |= spoken.is_some();
        match spoken {
            Some(Meaning::SlowDown) if line != "g" => self.slow_down(),
            Some(Meaning::Pending) if is_answer => self.forget(),
            // RFC 8628 section 3.5: a code that it does not name ends it, and so does what the caller says. A
            // nonce that is asked for is no answer to the poll.
            None if is_answer && reply.class() == FailureClass::Definitive => return false,
            _ => {
                self.fail(error);
                if is_busy {
                    // Auth0 and Okta say `slow_down` in this way.
                    self.interval = self.interval.saturating_add(SLOWER);
                }
            }
        }
        if self.is_out_of_patience() {
            return false;
        }
        match spoken {
            // That was the last look. A call still counts.
            Some(_) if is_answer && self.on_call => self.next = self.end,
            // Called while it asked: this answer was given before.
            Some(Meaning::Pending) if is_answer && self.next.was_over() => {}
            _ => self.schedule(now, reply.asked_wait(now), is_busy),
        }
        true
    }

    /// No answer came. Returns whether to go on.
    pub(super) fn lost(&mut self, now: Timestamp, error: &FlowError) -> bool {
        self.fail(error);
        self.schedule(now, None, false);
        !matches!(error, FlowError::Transport(failure) if !failure.is_not_sent())
            || !self.is_out_of_patience()
    }

    /// Nobody waited for the answer: it may have been asked, so the interval holds, and no longer.
    pub(super) fn abandoned(&mut self, now: Timestamp) {
        self.schedule(now, None, false);
    }

    fn slow_down(&mut self) {
        self.forget();
        self.interval = self.interval.saturating_add(SLOWER);
    }

    /// The endpoint is heard again.
    const fn forget(&mut self) {
        (self.failures, self.unanswered) = (0, 0);
    }

    const fn is_out_of_patience(&self) -> bool {
        !self.heard && self.unanswered >= self.patience
    }

    fn fail(&mut self, error: &FlowError) {
        self.failures = self.failures.saturating_add(1);
        // What has not left this machine says nothing about the endpoint.
        if !matches!(error, FlowError::Transport(failure) if failure.is_not_sent()) {
            self.unanswered = self.unanswered.saturating_add(1);
        }
        if !self.trouble.as_ref().is_some_and(may_hold_tokens) {
            self.trouble = Some(error.clone());
        }
    }

    fn schedule(&mut self, now: Timestamp, asked: Option<Duration>, is_busy: bool) {
        // A busy server has been given five seconds more each time already.
        let failures = if is_busy { 0 } else { self.failures.min(DOUBLINGS) };
        let longest = self.longest.max(self.interval);
        let pause = self.interval.saturating_mul(2_u32.saturating_pow(failures)).min(longest);
        let asked = asked.unwrap_or_default().min(longest);
        self.soonest = Wait::new(now, self.interval.max(asked));
        let called = self.next.was_over();
        self.next = if called { self.soonest } else { Wait::new(now, pause.max(asked)) };
    }
}

/// What the endpoint said of the code, under whatever line: that it is pending, or that polling is too fast.
fn spoken(reply: &ReplyError) -> Option<Meaning> {
    let of_code = match reply.refusal().map(Refusal::code) {
        Some(ErrorCode::AuthorizationPending) => Some(Meaning::Pending),
        Some(ErrorCode::SlowDown) => Some(Meaning::SlowDown),
        _ => None,
    };
    let meaning = if reply.rule().line() == "a" { reply.meaning() } else { of_code };
    meaning.filter(|meaning| matches!(meaning, Meaning::Pending | Meaning::SlowDown))
}

/// A 2xx that cannot be read may have brought the tokens, which come once.
fn may_hold_tokens(error: &FlowError) -> bool {
    error.reply().is_some_and(|reply| reply.status().is_success())
}
