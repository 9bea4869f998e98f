//! How a [`Session`] moves: `poll`, and what each answer does to the credential.

use std::time::Duration;

use super::config::AfterUnknown;
use super::snapshot::{Claim, SecretSnapshot};
use super::{Event, Orders, Session, State};
use crate::flow::wait::Wait;
use crate::flow::{FlowError, Machine, Misuse, Persisted, Step, TokenFlow, TransportFailure};
use crate::jose::Signature;
use crate::reply::{FailureClass, Reply};
use crate::request::BuildError;
use crate::value::{AccessToken, CredentialUse, Timestamp};

/// How wrong the clocks of two processes may be to each other.
const WRONG_CLOCK: Duration = Duration::from_secs(5 * 60);

type Driven = Step<Result<AccessToken, FlowError>, SecretSnapshot>;

impl Session {
    pub(super) fn go(&mut self, event: Event) {
        if let Some(next) = self.state.after(event) {
            self.state = next;
        }
    }

    fn token(&mut self, now: Timestamp) -> Option<AccessToken> {
        let usable = self.life.is_usable(now);
        self.view.tokens.as_ref().filter(|_| usable).map(|held| held.token.clone())
    }

    /// A usable token, or this error.
    fn token_or(&mut self, now: Timestamp, error: FlowError) -> Driven {
        Step::Done(self.token(now).ok_or(error))
    }

    pub(super) fn propose(&mut self, event: Event, snapshot: SecretSnapshot) {
        self.go(event);
        self.proposed = Some(Box::new(snapshot));
        self.handed_out = false;
        self.pause = Wait::OVER;
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
            // Another's clock may be wrong: its claim is not taken for expired before it is by both,
            // and it is believed for no longer than ours would be.
            let until = claim.until.saturating_add(WRONG_CLOCK);
            let left = until.saturating_since(now).min(self.config.claim);
            self.pause = Wait::new(now, left);
            self.go(Event::ClaimedByOther);
            return None;
        }
        if let Some(until) = self.quiet.ends(now) {
            let patient = self.failures < self.config.patience;
            return Some(match (token, self.trouble.clone()) {
                (Some(token), _) => Step::Done(Ok(token)),
                (None, Some(error)) if !patient || is_final(&error) => Step::Done(Err(error)),
                (None, _) => Step::Wait(until),
            });
        }
        if !self.has_credential() {
            return Some(Step::Done(token.ok_or(FlowError::CredentialDead)));
        }
        let key = self.dpop.as_ref().map(|dpop| dpop.key().thumbprint());
        if self.view.key.is_some() && self.view.key.as_deref() != key {
            // The server would take the refresh token for stolen (RFC 9449 section 5).
            let rule = "the session's tokens are bound to another DPoP key; give it that one";
            let error = BuildError::Invalid { parameter: "dpop_jkt".into(), rule };
            return Some(Step::Done(token.ok_or(FlowError::Build(error))));
        }
        if self.is_claimed() {
            let claim = self.claim(now);
            self.propose(Event::Due, claim);
        } else {
            self.go(Event::DueUnclaimed);
        }
        None
    }

    /// Whether there is anything to get tokens with.
    pub(super) const fn has_credential(&self) -> bool {
        self.is_client_credentials || self.view.refresh_token.is_some()
    }

    /// Whether presenting the credential needs a claim.
    pub(super) fn is_claimed(&self) -> bool {
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
            // The store is in trouble. New tokens have to get there before anything else; all else can
            // wait for as long as there is a token.
            let token = self.token(now).filter(|_| self.state != State::Storing);
            let patient = self.store_failures < self.config.patience;
            return match token {
                Some(token) => Step::Done(Ok(token)),
                None if patient => Step::Wait(until),
                None => Step::Done(Err(FlowError::Store)),
            };
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
            let (token, assertion) = (self.view.refresh_token.as_ref(), self.assertion.as_deref());
            let mut request = self.config.request(&self.client, token, assertion);
            if let Some(challenge) = self.challenge.take() {
                request = request.attestation_challenge(challenge);
            }
            let flow = TokenFlow::new(request, self.entropy.take()?);
            self.call = Some(Box::new(match self.dpop.take() {
                Some(dpop) => flow.dpop(*dpop),
                None => flow,
            }));
        }
        let is_resend = self.view.unknown_since.is_some() && self.orders != Orders::Resend;
        let grace_over = is_resend && self.grace.is_over(now);
        let flow = self.call.as_mut()?;
        if (claim_over || grace_over) && !flow.is_outstanding() {
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
                if self.view.unknown_since.is_none() {
                    self.grace = Wait::new(now, self.config.grace());
                }
                Some(Step::Send(request, duties))
            }
            Step::Sign(unsigned) => Some(Step::Sign(unsigned)),
            Step::Wait(until) => Some(Step::Wait(until)),
            Step::Outstanding => Some(Step::Outstanding),
        }
    }

    pub(super) fn end_call(&mut self) {
        self.orders = Orders::None;
        if let Some(flow) = self.call.take() {
            self.challenge = flow.learned_challenge().map(Into::into);
            let (_, entropy, dpop) = flow.into_parts();
            self.entropy = Some(entropy);
            self.dpop = dpop.map(Box::new);
        }
    }

    /// Whether the policy is to present the token again, and the server's grace is not over yet.
    pub(super) fn may_resend(&self) -> bool {
        self.config.after_unknown == AfterUnknown::ResendWithinGrace && !self.grace.was_over()
    }

    /// The outcome is unknown. `None` after a move.
    fn unknown(&mut self, now: Timestamp) -> Option<Driven> {
        let grace_ends = self.grace.ends(now);
        let gives_up = self.config.after_unknown == AfterUnknown::GiveUp;
        if self.orders == Orders::GiveUp || gives_up {
            let dead = SecretSnapshot {
                refresh_token: None,
                unknown_since: None,
                dead: true,
                ..self.next()
            };
            self.orders = Orders::None;
            self.propose(Event::GivenUp, dead);
            return None;
        }
        let token = self.token(now);
        if self.orders == Orders::Resend {
            let claim = self.claim(now);
            self.propose(Event::Resend, claim);
        } else if let Some(token) = &token
            && !self.life.is_due(now)
        {
            return Some(Step::Done(Ok(token.clone())));
        } else if let Some(grace_ends) = grace_ends.filter(|_| self.may_resend()) {
            if let Some(until) = self.quiet.ends(now) {
                let wait = Step::Wait(until.min(grace_ends));
                return Some(token.map_or(wait, |token| Step::Done(Ok(token))));
            }
            let claim = self.claim(now);
            self.propose(Event::Resend, claim);
        } else if self.pause.is_over(now) {
            // Somebody else may know by now: the store will say so if this is no longer the newest.
            let again = self.next();
            self.propose(Event::Recheck, again);
        } else {
            return Some(Step::Done(token.ok_or(FlowError::OutcomeUnknown)));
        }
        None
    }
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
            Persisted::Failed => self.not_stored(now),
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
        if let Some(until) = self.pause.ends(now) {
            let token = self.token(now);
            return Some(token.map_or(Step::Wait(until), |token| Step::Done(Ok(token))));
        }
        // An expired claim is a refresh whose outcome is unknown; the store may know better.
        let made = self.view.claim.map(|claim| claim.made);
        let since = self.view.unknown_since.or(made);
        let marked = SecretSnapshot { claim: None, unknown_since: since, ..self.next() };
        self.propose(Event::ClaimExpired, marked);
        None
    }
}
