//! What the network and the store do to what is on its way.

use super::*;

impl World {
    pub(super) fn send(&mut self, number: usize, request: Request<Vec<u8>>) {
        let form: Vec<(String, String)> =
            serde_urlencoded::from_bytes(request.body()).expect("a form");
        let token = form.into_iter().find(|(name, _)| name == "refresh_token");
        let token = token.map(|(_, token)| token);
        let sent = self.rules.send(
            &self.plan,
            self.now,
            number,
            &self.processes[number],
            token.as_deref(),
        );
        let id = match sent {
            Ok(id) => id,
            Err(what) => self.fail(&format!("p{number}: {what} ({token:?})")),
        };
        self.note(number, &format!("sends {id} with {token:?}"));
        let process = &mut self.processes[number];
        process.heard();
        process.is_repetition = std::mem::take(&mut process.nonce_asked);
        process.asked = Some(id);
        let often = self.often();
        if self.chance.permille(often.not_sent) {
            self.count.faults += 1;
            return self.after(
                number,
                1,
                3000,
                Event::Fail { id, failure: TransportFailure::NOT_SENT },
            );
        }
        let timeout = self.now + self.plan.timeout_ms;
        self.at(number, timeout, Event::Fail { id, failure: TransportFailure::UNKNOWN });
        if self.chance.permille(often.request_lost) {
            self.count.faults += 1;
            return;
        }
        if self.chance.permille(often.duplicated) {
            self.count.faults += 1;
            self.rules.duplicated += 1;
            let (copy, again) = (request.clone(), true);
            self.after(number, 400, 20_000, Event::Arrive { id, request: copy, again });
        }
        self.after(number, 5, 400, Event::Arrive { id, request, again: false });
    }

    pub(super) fn arrive(
        &mut self,
        number: usize,
        life: u64,
        id: usize,
        request: &Request<Vec<u8>>,
        again: bool,
    ) {
        let often = self.often();
        let fault = self.chance.permille(often.server_fault).then(|| self.chance.pick(FAULTS));
        self.count.faults += u64::from(fault.is_some());
        let answer = self.server.answer(self.now, request, fault, again, &mut self.chance);
        self.note(number, &format!("{id} arrives: {fault:?} {:?}", answer.effect));
        if self.processes[number].life != life {
            return;
        }
        if self.chance.permille(often.answer_lost) {
            self.count.faults += 1;
            return;
        }
        let late = self.chance.permille(often.answer_late);
        self.count.faults += u64::from(late);
        let slowest = if late { self.plan.timeout_ms * 3 } else { 600 };
        if late && self.chance.permille(300) {
            // The same answer twice.
            let twice = answer.clone();
            self.after(number, 700, slowest, Event::Reply { id, answer: twice });
        }
        self.after(number, 5, slowest, Event::Reply { id, answer });
    }

    pub(super) fn reply(&mut self, number: usize, id: usize, answer: &Answer) {
        let own = self.processes[number].clock(self.now);
        let asked = self.processes[number].asked;
        if asked != Some(id) {
            if asked.is_none() {
                let session = self.session(number);
                let before = (session.state(), session.snapshot().cloned());
                let misuse = session.handle_response(own, &answer.response);
                let after = (session.state(), session.snapshot().cloned());
                if misuse != Err(Misuse::NotSending) || before != after {
                    self.fail("an answer nobody waits for did something");
                }
            }
            return;
        }
        self.processes[number].asked = None;
        self.processes[number].heard();
        let taken = self.session(number).handle_response(own, &answer.response);
        if taken.is_err() {
            self.fail("an answer was not taken");
        }
        self.note(number, &format!("hears {id}: {}", answer.response.status()));
        let now = self.now;
        let process = &mut self.processes[number];
        let not_before = answer.not_before(now, self.plan.is_clock_right());
        process.not_before = process.not_before.max(not_before);
        process.nonce_asked = answer.effect == Effect::NonceAsked;
        let fate = match &answer.effect {
            Effect::Untouched | Effect::NonceAsked => Fate::Clean,
            Effect::Issued { refresh: None } => Fate::Clean,
            Effect::Issued { refresh } => {
                process.owed = refresh.clone();
                Fate::Burnt
            }
            Effect::Unclear | Effect::Refused => Fate::Burnt,
        };
        if matches!(answer.effect, Effect::Issued { .. }) {
            process.not_before = 0;
            process.ordered = false;
        }
        self.rules.settle(id, fate);
        if answer.effect == (Effect::Issued { refresh: None }) {
            self.rules.still_good(id);
        }
        if matches!(answer.effect, Effect::Issued { .. }) && fate == Fate::Burnt {
            self.rules.excuses -= 1;
        }
        self.drive(number);
    }

    pub(super) fn transport_failed(&mut self, number: usize, id: usize, failure: TransportFailure) {
        if self.processes[number].asked != Some(id) {
            return;
        }
        let own = self.processes[number].clock(self.now);
        self.processes[number].asked = None;
        self.processes[number].heard();
        self.note(number, &format!("{id} fails: {failure:?}"));
        let is_clean = failure.is_not_sent();
        self.rules.settle(id, if is_clean { Fate::Clean } else { Fate::Burnt });
        if self.session(number).handle_failure(own, failure).is_err() {
            self.fail("a failure was not taken");
        }
        self.drive(number);
    }

    pub(super) fn persist(&mut self, number: usize, snapshot: SecretSnapshot) {
        self.begin_something(number);
        let state = self.session(number).state();
        self.note(number, &format!("{state}: stores generation {}", snapshot.generation()));
        self.tickets += 1;
        let id = self.tickets;
        let process = &mut self.processes[number];
        process.storing = Some(id);
        process.nonce_asked = false;
        let often = self.often();
        if !self.chance.permille(often.store_fails) {
            let slow = self.is_trouble() && self.chance.permille(20);
            let slowest = if slow { 60_000 } else { 200 };
            self.rules.excuses += u64::from(slow);
            return self.after(number, 1, slowest, Event::Write { id, snapshot, reports: true });
        }
        self.count.faults += 1;
        // It never arrives, it arrives and nobody says so, or it arrives late.
        match self.chance.between(0, 3) {
            0 => {}
            1 => self.after(number, 1, 200, Event::Write { id, snapshot, reports: false }),
            _ => self.after(number, 5000, 90_000, Event::Write { id, snapshot, reports: false }),
        }
        self.after(number, 300, 5000, Event::Written { id, outcome: Persisted::Failed });
    }

    pub(super) fn write(
        &mut self,
        number: usize,
        life: u64,
        id: u64,
        snapshot: &SecretSnapshot,
        reports: bool,
    ) {
        let outcome = self.store.swap(snapshot);
        let held = self.store.seen().and_then(|seen| seen.refresh_token);
        for process in &mut self.processes {
            if process.owed.is_some() && process.owed == held {
                process.owed = None;
            }
        }
        if matches!(outcome, Persisted::Conflict(_)) {
            self.count.conflicts += 1;
        }
        self.note(number, &format!("store: {outcome:?} {:?}", self.store.seen()));
        if reports && self.processes[number].life == life {
            self.at(number, self.now + 1, Event::Written { id, outcome });
        } else {
            self.rules.excuses += 1;
        }
    }

    pub(super) fn written(&mut self, number: usize, id: u64, outcome: Persisted<SecretSnapshot>) {
        if self.processes[number].storing != Some(id) {
            return;
        }
        let own = self.processes[number].clock(self.now);
        self.processes[number].storing = None;
        self.processes[number].heard();
        if let Err(misuse) = self.session(number).handle_persisted(own, outcome) {
            self.fail(&format!("an outcome was not taken: {misuse}"));
        }
        self.drive(number);
    }
}
