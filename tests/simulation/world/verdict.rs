//! What must hold after each event, and in the end.

use super::*;

impl World {
    pub(super) fn check(&mut self, number: usize) {
        let own = self.processes[number].clock(self.now);
        let Some(session) = &self.processes[number].session else { return };
        if let Some(token) = session.access_token(own)
            && self.plan.kind != Kind::ClientCredentials
            && !self.store.has_held(token.expose())
        {
            self.fail("an access token is shown that was not stored");
        }
        if self.processes[number].owed.is_none() || session.state() == "Storing" {
            return;
        }
        // Tokens of an earlier login may go when the user has signed in again.
        let family = |token: &str| token.split('-').next().map(str::to_owned);
        let stored = self.store.seen().and_then(|seen| family(&seen.refresh_token?));
        let is_of_old = self.processes[number].owed.as_deref().and_then(family) != stored;
        if !(is_of_old && stored.is_some()) && self.rules.resent == 0 {
            self.fail(&format!("{:?} was received and lost", self.processes[number].owed));
        }
        self.processes[number].owed = None;
    }

    pub(super) fn finish(&mut self) {
        for number in 0..self.processes.len() {
            let Some(result) = self.processes[number].result.clone() else {
                self.fail(&format!("p{number} does not come to an end"));
            };
            let has_excuse = self.has_excuse();
            match result.as_str() {
                result if result.starts_with("ok ") => {}
                "unknown" if has_excuse => self.count.unknown += 1,
                "dead" if self.may_be_dead() => self.count.dead += 1,
                other => self.fail(&format!("p{number} ends with {other}, without a reason")),
            }
        }
        self.nothing_is_lost_silently();
    }

    /// Something went wrong, or two clocks are further apart than a session allows for.
    fn has_excuse(&self) -> bool {
        self.rules.excuses > 0 || self.plan.skew_ms * 2 > 5 * 60_000
    }

    fn may_be_dead(&self) -> bool {
        let policy = self.plan.policy;
        self.server.kills > 0
            || (policy == grantwire::flow::AfterUnknown::GiveUp && self.has_excuse())
    }

    fn nothing_is_lost_silently(&self) {
        let Some(seen) = self.store.seen() else { return };
        let Some(token) = seen.refresh_token.as_deref() else { return };
        let is_said = seen.unknown_since.is_some() || seen.claimed || seen.dead;
        if !is_said && !self.server.takes(token) && !self.server.family_is_dead(token) {
            self.fail(&format!(
                "the store holds {token}, which is not the newest, and says nothing"
            ));
        }
    }
}
