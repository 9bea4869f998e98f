//! A decision that is asked for again and again: what a device code and an `auth_req_id` have in common.
//!
//! The rules are those of [RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5), which
//! CIBA took over. Who is asked, and under what name, is the business of `device` and `ciba`.

use super::clients::Client;
use super::refusal::Refusal;

/// Seconds between polls, and what `slow_down` adds to that for good.
pub const INTERVAL: u64 = 5;
const SLOWER: u64 = 5;

/// What the user has said, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Undecided,
    Approved,
    Denied,
    Redeemed,
}

/// One decision, and the client that waits for it.
pub struct Polled {
    pub client_id: String,
    pub scope: String,
    expires_at: u64,
    interval: u64,
    polled_at: Option<u64>,
    state: State,
}

impl Polled {
    /// Nothing is decided yet.
    pub fn new(client: &Client, scope: String, expires_at: u64) -> Self {
        Self {
            client_id: client.id.clone(),
            scope,
            expires_at,
            interval: INTERVAL,
            polled_at: None,
            state: State::Undecided,
        }
    }

    /// One poll: the scope, once the user has approved.
    pub fn poll(&mut self, now: u64) -> Result<String, Refusal> {
        let early = self.polled_at.is_some_and(|last| now < last.saturating_add(self.interval));
        self.polled_at = Some(now);
        if self.state == State::Redeemed {
            return Err(Refusal::invalid_grant("this was redeemed before"));
        }
        if self.expires_at <= now {
            return Err(Refusal::polled("expired_token", "the user did not decide in time"));
        }
        if early {
            self.interval = self.interval.saturating_add(SLOWER);
            return Err(Refusal::polled("slow_down", "polled too early; wait five seconds more"));
        }
        match self.state {
            State::Approved => Ok(self.scope.clone()),
            State::Denied => Err(Refusal::access_denied()),
            _ => Err(Refusal::polled("authorization_pending", "the user has not decided yet")),
        }
    }

    /// Whether there is still something to decide.
    pub fn is_open(&self, now: u64) -> bool {
        self.state == State::Undecided && self.expires_at > now
    }

    /// What the user says.
    pub fn decide(&mut self, state: State) {
        self.state = state;
    }

    /// The client has its tokens. Until then a refused poll has cost nothing.
    pub fn redeem(&mut self) {
        self.state = State::Redeemed;
    }
}

/// Reads the `decision` of a page.
pub fn decision(text: &str) -> Option<State> {
    match text {
        "approve" => Some(State::Approved),
        "deny" => Some(State::Denied),
        _ => None,
    }
}
