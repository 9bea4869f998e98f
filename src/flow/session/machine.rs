//! How a [`Session`] moves: `poll`, and what each answer does to the credential.

use std::time::Duration;

use super::life::Life;
use super::snapshot::{Claim, Held};
use super::{AfterUnknown, Event, Orders, Persisted, SecretSnapshot, Session, State};
use crate::endpoint::token::{AccessToken, TokenResponse};
use crate::flow::error::{FlowError, Misuse, TransportFailure};
use crate::flow::exchange::TokenFlow;
use crate::flow::wait::Wait;
use crate::flow::{Machine, Step};
use crate::jose::Signature;
use crate::message::{FailureClass, Reply, ReplyError};
use crate::value::{CredentialUse, RetryAfter, Timestamp};

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause of our own.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// The longest that a server's `Retry-After` is followed.
const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);

type Driven = Step<Result<AccessToken, FlowError>, SecretSnapshot>;

impl Session {
    fn go(&mut self, event: Event) {
        if let Some(next) = self.state.after(event) {
            self.state = next;
        }
    }

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
            ..self.next()
        }
    }

    /// The view, one generation on.
    fn next(&self) -> SecretSnapshot {
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

    fn token(&mut self, now: Timestamp) -> Option<AccessToken> {
        let usable = self.life.is_usable(now);
        self.view.tokens.as_ref().filter(|_| usable).map(|held| held.token.clone())
    }

    /// A usable token, or this error.
    fn token_or(&mut self, now: Timestamp, error: FlowError) -> Driven {
        Step::Done(self.token(now).ok_or(error))
    }

    fn propose(&mut self, event: Event, snapshot: SecretSnapshot) {
        self.go(event);
        self.proposed = Some(Box::new(snapshot));
        self.handed_out = false;
        self.pause = Wait::new(Timestamp::EPOCH, Duration::ZERO);
    }

    /// At rest: hand out the token, or find out what there is to do. `None` after a move.
    fn rest(&mut self, now: Timestamp) -> Option<Driven> {
        if self.view.dead {
            self.go(Event::FoundDead);
            return None;
        }
        if self.view.unknown_since.is_some() && self.view.claim.is_none() {
            self.go(Event::FoundUnknown);
            return None;
        }
        let token = self.token(now);
        if let Some(token) = &token
            && !self.life.is_due(now)
        {
            return Some(Step::Done(Ok(token.clone())));
        }
        if let Some(claim) = &self.view.claim {
            // Another's clock may be wrong, so its claim is believed for no longer than ours would be.
            let left = claim.until.saturating_since(now).min(self.config.claim);
            self.pause = Wait::new(now, left);
            self.go(Event::ClaimedByOther);
            return None;
        }
        if let Some(until) = self.pause.ends(now) {
            let patient = self.failures < self.config.patience;
            return Some(match (token, self.trouble.clone()) {
                (Some(token), _) => Step::Done(Ok(token)),
                (None, Some(error)) if !patient || is_final(&error) => Step::Done(Err(error)),
                (None, _) => Step::Wait(until),
            });
        }
        if self.view.refresh_token.is_none() && !self.is_client_credentials {
            return Some(Step::Done(token.ok_or(FlowError::CredentialDead)));
        }
        if self.is_claimed() {
            let claim = self.claim(now);
            self.propose(Event::Due, claim);
        } else {
            self.go(Event::DueUnclaimed);
        }
        None
    }

    /// Whether presenting the credential needs a claim.
    fn is_claimed(&self) -> bool {
        !self.is_client_credentials && self.config.credential_use() == CredentialUse::Once
    }

    fn claim(&self, now: Timestamp) -> SecretSnapshot {
        let until = now.saturating_add(self.config.claim);
        let claim = Claim { owner: self.owner, made: now, until };
        SecretSnapshot { claim: Some(claim), ..self.next() }
    }

    /// Hands the proposed snapshot out, once, and again after a pause when it could not be stored.
    fn persist(&mut self, now: Timestamp) -> Driven {
        if self.handed_out {
            return Step::Outstanding;
        }
        if let Some(until) = self.pause.ends(now) {
            return Step::Wait(until);
        }
        if self.state == State::Claiming {
            // The claim counts from when it is stored, not from when it was first tried.
            self.proposed = Some(Box::new(self.claim(now)));
        }
        match &self.proposed {
            Some(snapshot) => {
                self.handed_out = true;
                Step::Persist(snapshot.as_ref().clone())
            }
            None => Step::Outstanding,
        }
    }

    /// Drives the exchange. `None` after a move.
    fn refresh(&mut self, now: Timestamp) -> Option<Driven> {
        let claimed = self.is_claimed();
        let claim_over = claimed && self.pause.is_over(now);
        if self.call.is_none() {
            let request = self.config.request(&self.client, self.view.refresh_token.as_ref());
            let flow = TokenFlow::new(request, self.entropy.take()?);
            self.call = Some(Box::new(match self.dpop.take() {
                Some(dpop) => flow.dpop(*dpop),
                None => flow,
            }));
        }
        let flow = self.call.as_mut()?;
        if claim_over && !flow.is_outstanding() {
            // It took too long to get here; nothing is under way, and nothing may be any more.
            self.end_call();
            self.keep(now, None, None);
            return None;
        }
        match flow.poll(now) {
            Step::Done(result) => {
                self.settle(now, result);
                None
            }
            Step::Send(request, duties) => {
                self.sent = Some(now);
                Some(Step::Send(request, duties))
            }
            Step::Sign(unsigned) => Some(Step::Sign(unsigned)),
            Step::Wait(until) => Some(Step::Wait(until)),
            Step::Outstanding => Some(Step::Outstanding),
        }
    }

    fn end_call(&mut self) {
        if let Some(flow) = self.call.take() {
            let (_, entropy, dpop) = flow.into_parts();
            self.entropy = Some(entropy);
            self.dpop = dpop.map(Box::new);
        }
    }

    /// What an answer, or the lack of one, does to the credential.
    fn settle(&mut self, now: Timestamp, result: Result<TokenResponse, FlowError>) {
        self.end_call();
        let once = self.is_claimed();
        match result {
            Ok(response) => {
                let snapshot = self.with_tokens(&response, now);
                self.failures = 0;
                self.trouble = None;
                if self.is_client_credentials {
                    self.view = snapshot;
                    self.begin_life(now);
                    self.go(Event::AnsweredUnstored);
                } else {
                    self.propose(Event::Answered, snapshot);
                }
            }
            Err(FlowError::Transport(TransportFailure::Unknown)) if once => self.lose(),
            Err(FlowError::Reply(error))
                if once && error.class() == FailureClass::Indeterminate =>
            {
                self.lose();
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

    /// The outcome is unknown: say so in the store before anything else.
    fn lose(&mut self) {
        let since = self.view.unknown_since.or(self.sent);
        let marked = SecretSnapshot { claim: None, unknown_since: since, ..self.next() };
        self.propose(Event::Lost, marked);
    }

    /// The credential is as it was: give the claim back, and pause.
    fn keep(&mut self, now: Timestamp, retry_after: Option<RetryAfter>, error: Option<FlowError>) {
        self.failures = self.failures.saturating_add(1);
        self.trouble = error;
        let doubled = 2_u32.saturating_pow(self.failures.saturating_sub(1).min(16));
        let own = FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE);
        let asked =
            retry_after.map_or(Duration::ZERO, |when| when.from_now(now).min(LONGEST_ASKED));
        let pause = Wait::new(now, own.max(asked));
        if self.is_claimed() {
            let released = SecretSnapshot { claim: None, ..self.next() };
            self.propose(Event::Kept, released);
            self.after_release = Some(pause);
        } else {
            self.go(Event::KeptUnclaimed);
            self.pause = pause;
        }
    }

    /// The outcome is unknown. `None` after a move.
    fn unknown(&mut self, now: Timestamp) -> Option<Driven> {
        if let Some(token) = self.token(now)
            && !self.life.is_due(now)
        {
            return Some(Step::Done(Ok(token)));
        }
        let since = self.view.unknown_since.unwrap_or(Timestamp::EPOCH);
        let within_grace = now < since.saturating_add(self.config.grace());
        let policy = self.config.after_unknown;
        if self.orders == Orders::GiveUp || policy == AfterUnknown::GiveUp {
            let dead = SecretSnapshot {
                refresh_token: None,
                unknown_since: None,
                dead: true,
                ..self.next()
            };
            self.propose(Event::GivenUp, dead);
        } else if self.orders == Orders::Resend
            || (policy == AfterUnknown::ResendWithinGrace && within_grace)
        {
            let claim = self.claim(now);
            self.propose(Event::Resend, claim);
        } else if self.pause.is_over(now) {
            // Somebody else may know by now: the store will say so if this is no longer the newest.
            let again = self.next();
            self.propose(Event::Recheck, again);
        } else {
            return Some(self.token_or(now, FlowError::OutcomeUnknown));
        }
        self.orders = Orders::None;
        None
    }

    /// The proposed snapshot is in the store.
    fn stored(&mut self, now: Timestamp) {
        let Some(snapshot) = self.proposed.take() else { return };
        self.view = *snapshot;
        self.store_failures = 0;
        match self.state {
            State::Claiming => {
                let until = self.view.claim.map_or(now, |claim| claim.until);
                self.pause = Wait::until(now, until);
            }
            State::Storing => {
                self.begin_life(now);
                self.pause = Wait::new(now, Duration::ZERO);
            }
            State::Releasing => {
                self.pause = self.after_release.take().unwrap_or(Wait::new(now, Duration::ZERO));
            }
            State::Marking => self.pause = Wait::new(now, self.config.claim),
            _ => {}
        }
        self.go(Event::Stored);
    }

    /// The store holds a newer snapshot.
    fn overtaken(&mut self, now: Timestamp, newer: SecretSnapshot) {
        let Some(proposed) = self.proposed.take() else { return };
        let base = self.view.refresh_token.clone();
        let same_write = newer.generation == proposed.generation;
        if newer == *proposed || (same_write && is_own_claim(&newer, self.owner)) {
            // Our own write, which was not reported as done.
            self.proposed = Some(Box::new(newer));
            self.stored(now);
            return;
        }
        let others_tokens = newer.refresh_token != base || newer.dead;
        if self.state == State::Storing && !others_tokens {
            // Others have only marked or claimed what we have already exchanged: our tokens stand.
            let generation = newer.generation.saturating_add(1);
            self.view = newer;
            self.go(Event::Rebased);
            self.proposed = Some(Box::new(SecretSnapshot { generation, ..*proposed }));
            return;
        }
        self.view = newer;
        self.failures = 0;
        self.trouble = None;
        self.after_release = None;
        self.pause = Wait::new(now, Duration::ZERO);
        self.begin_life(now);
        self.go(Event::Overtaken);
    }
}

fn is_own_claim(snapshot: &SecretSnapshot, owner: [u8; 16]) -> bool {
    snapshot.claim.is_some_and(|claim| claim.owner == owner)
}

/// Whether waiting cannot help: somebody has to change something.
fn is_final(error: &FlowError) -> bool {
    match error {
        FlowError::Reply(error) => error.class() != FailureClass::Transient,
        FlowError::Transport(_) => false,
        _ => true,
    }
}

impl Machine for Session {
    type Output = AccessToken;
    type Snapshot = SecretSnapshot;

    fn poll(&mut self, now: Timestamp) -> Driven {
        loop {
            let step = match self.state {
                State::Resting => self.rest(now),
                State::WaitingForOther => self.wait_for_other(now),
                State::Claiming
                | State::Storing
                | State::Releasing
                | State::Marking
                | State::Burying => Some(self.persist(now)),
                State::Refreshing => self.refresh(now),
                State::Unknown => self.unknown(now),
                State::Dead => Some(self.token_or(now, FlowError::CredentialDead)),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        let flow = self.call.as_mut().ok_or(Misuse::NotSending)?;
        flow.handle_reply(now, reply)?;
        self.settle_if_done(now);
        Ok(())
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        let flow = self.call.as_mut().ok_or(Misuse::NotSending)?;
        flow.handle_failure(now, failure)?;
        self.settle_if_done(now);
        Ok(())
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        self.call.as_mut().ok_or(Misuse::NotSigning)?.handle_signature(signature)
    }

    fn handle_persisted(
        &mut self,
        now: Timestamp,
        outcome: Persisted<SecretSnapshot>,
    ) -> Result<(), Misuse> {
        if !self.handed_out {
            return Err(Misuse::NotPersisting);
        }
        if let Persisted::Conflict(newer) = &outcome {
            newer.check(&self.client).map_err(|_| Misuse::OtherSession)?;
            if newer.generation < self.view.generation {
                return Err(Misuse::Stale);
            }
        }
        self.handed_out = false;
        match outcome {
            Persisted::Stored => self.stored(now),
            Persisted::Conflict(newer) => self.overtaken(now, newer),
            Persisted::Failed => {
                self.store_failures = self.store_failures.saturating_add(1);
                let doubled = 2_u32.saturating_pow(self.store_failures.saturating_sub(1).min(16));
                self.pause = Wait::new(now, FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE));
                self.go(Event::NotStored);
            }
        }
        Ok(())
    }
}

impl Session {
    fn settle_if_done(&mut self, now: Timestamp) {
        if let Some(result) = self.call.as_mut().and_then(|flow| flow.take_result()) {
            self.settle(now, result);
        }
    }

    /// Another process refreshes. `None` after a move.
    fn wait_for_other(&mut self, now: Timestamp) -> Option<Driven> {
        if let Some(token) = self.token(now) {
            return Some(Step::Done(Ok(token)));
        }
        if let Some(until) = self.pause.ends(now) {
            return Some(Step::Wait(until));
        }
        // An expired claim is a refresh whose outcome is unknown; the store may know better.
        let made = self.view.claim.map(|claim| claim.made);
        let since = self.view.unknown_since.or(made);
        let marked = SecretSnapshot { claim: None, unknown_since: since, ..self.next() };
        self.propose(Event::ClaimExpired, marked);
        None
    }
}
