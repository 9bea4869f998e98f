//! [`AnswerBy`]: until when an answer to a request is of use.

use std::time::Duration;

use crate::value::Timestamp;

/// How long an answer is waited for when the caller has not said: half a minute.
pub const DEFAULT_ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Until when an answer to a request is of use. It goes beside each request, and HTTP stacks time out by it: from
/// connecting to the last byte of the answer.
///
/// It is the shorter of two spans: what the caller allows (`answer_within` of each machine, half a minute by
/// default), and what the machine itself has left, such as the life of a device code or of a session's claim.
///
/// ```
/// use std::time::Duration;
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, grant::ClientCredentials};
/// # use grantwire::flow::{Machine, Step, TokenFlow};
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
/// # let client = Client::new(server, "c");
/// let now = Timestamp::from_unix_seconds(1_800_000_000);
/// let mut flow = TokenFlow::new(client.token(ClientCredentials::new()), Entropy::new([7; 32]))
///     .answer_within(Duration::from_secs(5));
/// let Step::Send(_request, _duties, answer_by) = flow.poll(now) else { unreachable!() };
/// assert_eq!(answer_by.within(), Duration::from_secs(5));           // for a stack's timeout
/// assert_eq!(answer_by.moment(), now + Duration::from_secs(5));     // for a loop's own schedule
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerBy {
    since: Timestamp,
    within: Duration,
}

impl AnswerBy {
    /// Within this time from `now`: for a request that no machine hands out.
    #[must_use]
    pub const fn new(now: Timestamp, within: Duration) -> Self {
        Self { since: now, within }
    }

    /// How long there is, counted from when the request was handed out. A span, so that it holds by any clock.
    #[must_use]
    pub const fn within(self) -> Duration {
        self.within
    }

    /// The moment at which it is over, by the clock that `poll` was told.
    #[must_use]
    pub fn moment(self) -> Timestamp {
        self.since.saturating_add(self.within)
    }

    /// What is left of it at `now`: for sending the same request a second time.
    #[must_use]
    pub fn left(self, now: Timestamp) -> Self {
        Self { since: now, within: self.within.saturating_sub(now.saturating_since(self.since)) }
    }

    /// The same, or less: no longer than this.
    pub(super) fn at_most(self, within: Duration) -> Self {
        Self { since: self.since, within: self.within.min(within) }
    }
}
