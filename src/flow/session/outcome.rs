//! What each answer does to the credential, and what each write does to the view.

use std::time::Duration;

use super::life::Life;
use super::snapshot::{Held, SecretSnapshot};
use super::{Event, Orders, Session, State};
use crate::endpoint::token::TokenResponse;
use crate::flow::wait::Wait;
use crate::flow::{FlowError, TransportFailure};
use crate::reply::{FailureClass, ReplyError, RetryAfter};
use crate::value::{Timestamp, TokenType};

/// The first pause after a failure; each further one doubles it.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause of our own.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// The longest that a server's `Retry-After` is followed.
const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);

impl Session {
    /// The view one generation on, with the tokens of an answer and no claim.
    pub(super) fn with_tokens(&self, response: &TokenResponse, now: Timestamp) -> SecretSnapshot {
        let lifetime = response.lifetime().known().or(self.config.assumed_lifetime);
        let refresh_token = response.refresh_token().or(self.view.refresh_token.as_ref()).cloned();
        SecretSnapshot {
            tokens: Some(Held {
                token: response.access_token().clone(),
                received: now,
                expires: lifetime.map(|lifetime| now.saturating_add(lifetime)),
            }),
            // The client itself has no use for one (RFC 6749 section 4.4.3).
            refresh_token: refresh_token.filter(|_| !self.is_client_credentials),
            claim: None,
            unknown_since: None,
            key: match response.access_token().token_type() {
                TokenType::Dpop => {
                    self.dpop.as_ref().map(|dpop| dpop.key().thumbprint().to_owned())
                }
                _ => None,
            },
            ..self.next()
        }
    }

    /// The view, one generation on.
    pub(super) fn next(&self) -> SecretSnapshot {
        SecretSnapshot { generation: self.view.generation.saturating_add(1), ..self.view.clone() }
    }

    /// Starts the clock of the tokens in view.
    pub(super) fn begin_life(&mut self, now: Timestamp) {
        let jitter = self.entropy.as_mut().map_or(0, |entropy| {
            entropy.next("session jitter").first().copied().unwrap_or_default()
        });
        self.life = match &self.view.tokens {
            None => Life::none(),
            Some(Held { expires: None, .. }) => Life::unknown(),
            Some(Held { received, expires: Some(expires), .. }) => {
                Life::ending(now, *received, *expires, self.config.ahead, jitter)
            }
        };
    }

    /// New tokens are there to be used. When they have expired by then, asking again at once would
    /// only bring more of the same.
    fn arrive(&mut self, now: Timestamp) {
        self.begin_life(now);
        self.doubted = false;
        if self.life.is_usable(now) {
            self.failures = 0;
            self.trouble = None;
            self.quiet = Wait::OVER;
        } else {
            self.back_off(now, None);
            self.trouble = Some(FlowError::Stillborn);
        }
    }

    /// Starts the clocks of a view that comes from the store.
    pub(super) fn adopt(&mut self, now: Timestamp) {
        self.begin_life(now);
        let made = self.view.claim.map(|claim| claim.made);
        let since = self.view.unknown_since.or(made);
        // A use that lies ahead was seen by another clock, and nobody can tell how long ago it was.
        self.grace = match since.filter(|since| *since <= now) {
            Some(since) => Wait::until(now, since.saturating_add(self.config.grace())),
            None => Wait::OVER,
        };
    }

    /// What an answer, or the lack of one, does to the credential.
    pub(super) fn settle(&mut self, now: Timestamp, result: Result<TokenResponse, FlowError>) {
        self.end_call();
        let once = self.is_claimed();
        match result {
            Ok(response) => {
                let snapshot = self.with_tokens(&response, now);
                if self.is_client_credentials {
                    self.view = snapshot;
                    self.arrive(now);
                    self.go(Event::AnsweredUnstored);
                } else {
                    self.propose(Event::Answered, snapshot);
                }
            }
            Err(error @ FlowError::Transport(TransportFailure::Unknown)) if once => {
                self.lose(now, error);
            }
            Err(FlowError::Reply(error))
                if once && error.class() == FailureClass::Indeterminate =>
            {
                self.lose(now, FlowError::Reply(error));
            }
            Err(FlowError::Reply(error)) if error.credential_is_dead() && self.may_doubt() => {
                self.doubted = true;
                // Nothing to report yet: it may go away.
                self.keep(now, error.retry_after(), None);
            }
            Err(FlowError::Reply(error))
                if error.credential_is_dead() && !self.is_client_credentials =>
            {
                let dead = SecretSnapshot {
                    refresh_token: None,
                    claim: None,
                    unknown_since: None,
                    dead: true,
                    ..self.next()
                };
                self.trouble = Some(FlowError::Reply(error));
                self.propose(Event::Spent, dead);
            }
            Err(error) => {
                let retry_after = error.reply().and_then(ReplyError::retry_after);
                self.keep(now, retry_after, Some(error));
            }
        }
    }

    /// Whether `invalid_grant` is not believed the first time, and this is the first time.
    fn may_doubt(&self) -> bool {
        let known = self.view.unknown_since.is_none() && !self.is_client_credentials;
        self.config.doubts_invalid_grant && !self.doubted && known
    }

    /// The outcome is unknown: say so in the store before anything else.
    fn lose(&mut self, now: Timestamp, error: FlowError) {
        self.back_off(now, None);
        self.trouble = Some(error);
        let since = self.view.unknown_since.or(self.sent);
        let marked = SecretSnapshot { claim: None, unknown_since: since, ..self.next() };
        self.propose(Event::Lost, marked);
    }

    /// The credential is as it was: give the claim back, and pause.
    pub(super) fn keep(
        &mut self,
        now: Timestamp,
        retry_after: Option<RetryAfter>,
        error: Option<FlowError>,
    ) {
        self.back_off(now, retry_after);
        self.trouble = error;
        if self.is_claimed() {
            let released = SecretSnapshot { claim: None, ..self.next() };
            self.propose(Event::Kept, released);
        } else {
            self.go(Event::KeptUnclaimed);
        }
    }

    /// The server is left alone, for longer after each failure.
    fn back_off(&mut self, now: Timestamp, retry_after: Option<RetryAfter>) {
        self.failures = self.failures.saturating_add(1);
        let doubled = 2_u32.saturating_pow(self.failures.saturating_sub(1).min(16));
        let own = FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE);
        let asked =
            retry_after.map_or(Duration::ZERO, |when| when.from_now(now).min(LONGEST_ASKED));
        self.quiet = Wait::new(now, own.max(asked));
    }

    /// The proposed snapshot is in the store.
    pub(super) fn stored(&mut self, now: Timestamp) {
        let Some(snapshot) = self.proposed.take() else { return };
        self.view = *snapshot;
        self.store_failures = 0;
        match self.state {
            State::Claiming => {
                // By its length too: a clock set back since it was made must not make it longer.
                let until = self.view.claim.map_or(now, |claim| claim.until);
                let left = until.saturating_since(now).min(self.config.claim);
                self.pause = Wait::new(now, left);
            }
            State::Storing => {
                self.is_login = false;
                self.arrive(now);
            }
            State::Marking => self.pause = Wait::new(now, self.config.claim),
            _ => {}
        }
        self.go(Event::Stored);
    }

    /// The proposed snapshot is not in the store, as far as anybody knows.
    pub(super) fn not_stored(&mut self, now: Timestamp) {
        self.store_failures = self.store_failures.saturating_add(1);
        let doubled = 2_u32.saturating_pow(self.store_failures.saturating_sub(1).min(16));
        self.pause = Wait::new(now, FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE));
        self.go(Event::NotStored);
    }

    /// The store holds a newer snapshot.
    pub(super) fn overtaken(&mut self, now: Timestamp, newer: SecretSnapshot) {
        if newer == self.view {
            // Neither stored nor overtaken: a store in trouble, which is left alone for a while.
            return self.not_stored(now);
        }
        let Some(proposed) = self.proposed.take() else { return };
        let same_write = newer.generation == proposed.generation;
        if newer == *proposed || (same_write && is_own_claim(&newer, self.owner)) {
            // Our own write, which was not reported as done.
            self.proposed = Some(Box::new(newer));
            self.stored(now);
            return;
        }
        if let Some(rebased) = self.rebase(&newer, &proposed) {
            self.view = newer;
            self.go(Event::Rebased);
            self.proposed = Some(Box::new(rebased));
            return;
        }
        self.take_over(now, newer);
    }

    /// What the store holds is what holds.
    pub(super) fn take_over(&mut self, now: Timestamp, newer: SecretSnapshot) {
        // A token that a resource has refused is not good again because the store still holds it.
        let refused = self.life.is_refused() && newer.tokens == self.view.tokens;
        // Whoever has only looked again has changed nothing that an order was about. One write is too few
        // for a claim and what came of it, so nothing was presented in between.
        let same_doubt = newer.unknown_since.is_some()
            && newer.claim.is_none()
            && newer.refresh_token == self.view.refresh_token
            && newer.generation == self.view.generation.saturating_add(1);
        if !same_doubt {
            self.orders = Orders::None;
        }
        self.view = newer;
        self.is_login = false;
        self.failures = 0;
        self.trouble = None;
        self.pause = Wait::OVER;
        self.adopt(now);
        if refused {
            self.life.refuse();
        }
        self.go(Event::Overtaken);
    }

    /// What to store instead when others have only marked or claimed what this session knows more
    /// about: it has heard from the server. `None` when they know more.
    fn rebase(&self, newer: &SecretSnapshot, proposed: &SecretSnapshot) -> Option<SecretSnapshot> {
        let base = &self.view.refresh_token;
        let generation = newer.generation.saturating_add(1);
        let rebased = SecretSnapshot { generation, ..proposed.clone() };
        if self.is_login && self.state == State::Storing {
            // The user has just signed in, unless this login was stored after all and has moved on.
            return (newer.login != proposed.login).then_some(rebased);
        }
        if newer.login != proposed.login {
            return None;
        }
        let stands = match self.state {
            // The token was exchanged here, so it was wrong to give it up; but tokens that came of it
            // elsewhere are as good.
            State::Storing if proposed.refresh_token != *base => {
                newer.refresh_token.is_none() || newer.refresh_token == *base
            }
            // It was not: there is only an access token to lose, and nobody else's work is undone.
            State::Storing => {
                newer.refresh_token == *base
                    && newer.claim.is_none()
                    && newer.tokens == self.view.tokens
            }
            // One write since this session's claim can only say that the claim was taken for lost.
            State::Releasing | State::Burying => {
                newer.refresh_token == *base
                    && newer.claim.is_none()
                    && newer.generation == proposed.generation
            }
            _ => false,
        };
        stands.then_some(rebased)
    }
}

fn is_own_claim(snapshot: &SecretSnapshot, owner: [u8; 16]) -> bool {
    snapshot.claim.is_some_and(|claim| claim.owner == owner)
}
