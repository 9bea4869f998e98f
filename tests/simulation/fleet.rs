//! [`Fleet`]: ten thousand sessions in one thread, driven through [`Deadlines`], for days.
//!
//! Each has a store of its own and one process. What one process may not do is checked here too: no
//! token twice, nothing before its time, nothing used that is not stored.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use grantwire::flow::{
    Deadlines, FlowError, Machine as _, Persisted, Rotation, SecretSnapshot, Session,
    SessionConfig, Step, TransportFailure,
};
use grantwire::{AuthorizationServer, Client, Entropy};
use http::{Request, Response};

use crate::chance::Chance;
use crate::server::{Effect, Manners, Rotates, Server, moment};
use crate::world::FAULTS;

const TIMEOUT: u64 = 20_000;
const DAY: u64 = 24 * 3_600_000;

struct Member {
    session: Session,
    stored: Option<Vec<u8>>,
    access_token: String,
    /// The request that is under way.
    asked: Option<u64>,
    not_before: u64,
    /// The last token presented, and whether it may have been used.
    presented: Option<(String, bool)>,
}

enum Event {
    Arrive(Request<Vec<u8>>),
    Reply(Response<Vec<u8>>),
    Fail(TransportFailure),
    Restart,
}

#[derive(Debug, Default)]
pub struct Report {
    pub polls: u64,
    pub refreshes: u64,
    pub requests: u64,
    pub faults: u64,
    pub crashes: u64,
    pub writes: u64,
    pub unknown: u64,
    pub logins: u64,
}

pub struct Fleet {
    client: Client,
    config: Arc<SessionConfig>,
    chance: Chance,
    server: Server,
    now: u64,
    members: Vec<Member>,
    due: Deadlines<usize>,
    network: BTreeMap<(u64, u64), (usize, u64, Event)>,
    tickets: u64,
    pub report: Report,
}

impl Fleet {
    pub fn new(seed: u64, size: usize) -> Self {
        let manners = Manners {
            rotates: Rotates::Always,
            grace_ms: 0,
            lifetime_s: 7200,
            says_lifetime: true,
            dpop: false,
            nonce_ms: DAY,
        };
        let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
        let rotation = Rotation::SingleUse { grace: Duration::ZERO };
        let mut fleet = Self {
            client: Client::new(server, "fleet"),
            config: Arc::new(SessionConfig::new().rotation(rotation)),
            chance: Chance::new(seed),
            server: Server::new(manners),
            now: 0,
            members: Vec::new(),
            due: Deadlines::new(),
            network: BTreeMap::new(),
            tickets: 0,
            report: Report::default(),
        };
        for number in 0..size {
            let member = fleet.login();
            fleet.members.push(member);
            // They did not all begin at once.
            let start = fleet.chance.between(0, 7_200_000);
            fleet.due.set(number, moment(start), moment(0));
        }
        fleet
    }

    fn login(&mut self) -> Member {
        self.report.logins += 1;
        let (token, _) = self.server.login();
        let entropy = Entropy::new(self.chance.bytes());
        let session =
            Session::from_refresh_token(&self.client, token, self.config.clone(), entropy);
        Member {
            session,
            stored: None,
            access_token: String::new(),
            asked: None,
            not_before: 0,
            presented: None,
        }
    }

    /// Until this moment, with trouble until `calm`.
    pub fn run(&mut self, calm: u64, end: u64) {
        loop {
            let due = self
                .due
                .next_deadline(moment(self.now))
                .map(|at| at.saturating_since(moment(0)).as_millis());
            let due = due.map_or(u64::MAX, |due| due as u64);
            let network = self.network.keys().next().map_or(u64::MAX, |(at, _)| *at);
            self.now = self.now.max(due.min(network));
            if due.min(network) > end {
                return;
            }
            let is_trouble = self.now < calm;
            if network <= due {
                let (_, (number, id, event)) = self.network.pop_first().expect("it was seen");
                self.happen(number, id, event, is_trouble);
            } else if let Some(number) = self.due.pop_due(moment(self.now)) {
                self.drive(number, is_trouble);
            }
        }
    }

    fn later(&mut self, number: usize, id: u64, after: u64, event: Event) {
        self.tickets += 1;
        self.network.insert((self.now + after, self.tickets), (number, id, event));
    }

    fn drive(&mut self, number: usize, is_trouble: bool) {
        let now = moment(self.now);
        loop {
            self.report.polls += 1;
            if is_trouble && self.chance.permille(2) {
                return self.crash(number);
            }
            match self.members[number].session.poll(now) {
                Step::Persist(snapshot) => {
                    let outcome = self.store(number, &snapshot, is_trouble);
                    let session = &mut self.members[number].session;
                    session.handle_persisted(now, outcome).expect("it was asked for");
                }
                Step::Send(request, ..) => return self.send(number, request, is_trouble),
                Step::Wait(until) => {
                    assert!(until > now, "a wait for a moment that is past");
                    return self.due.set(number, until, now);
                }
                Step::Done(result) => return self.done(number, result),
                Step::Sign(_) => unreachable!("there is no key"),
                Step::Outstanding => return,
            }
        }
    }

    fn store(
        &mut self,
        number: usize,
        snapshot: &SecretSnapshot,
        is_trouble: bool,
    ) -> Persisted<SecretSnapshot> {
        let fails = is_trouble && self.chance.permille(20);
        self.report.faults += u64::from(fails);
        if fails && self.chance.permille(500) {
            return Persisted::Failed;
        }
        let member = &mut self.members[number];
        if let Some(stored) = &member.stored {
            let stored = SecretSnapshot::from_bytes(stored).expect("it can be read");
            if snapshot.generation() != stored.generation() + 1 {
                return Persisted::Conflict(stored);
            }
        }
        self.report.writes += 1;
        member.stored = Some(snapshot.to_bytes().to_vec());
        if fails { Persisted::Failed } else { Persisted::Stored }
    }

    fn done(&mut self, number: usize, result: Result<grantwire::AccessToken, FlowError>) {
        let member = &mut self.members[number];
        match result {
            Ok(token) => {
                let stored = member.stored.as_deref().expect("something is stored");
                let needle = format!("\"{}\"", token.expose());
                assert!(
                    stored.windows(needle.len()).any(|part| part == needle.as_bytes()),
                    "session {number}: an access token is used that is not stored"
                );
                token.expose().clone_into(&mut member.access_token);
                let next = member.session.next_deadline().expect("the lifetime is known");
                assert!(next > moment(self.now), "its deadline is not ahead");
                self.due.set(number, next, moment(self.now));
            }
            Err(FlowError::OutcomeUnknown | FlowError::CredentialDead) => {
                // The user signs in again.
                self.report.unknown += 1;
                let member = self.login();
                self.members[number] = member;
                self.due.set(number, moment(self.now + 60_000), moment(self.now));
            }
            // The server has been in trouble for too long to wait. Ask again in a minute.
            Err(_) => self.due.set(number, moment(self.now + 60_000), moment(self.now)),
        }
    }

    fn send(&mut self, number: usize, request: Request<Vec<u8>>, is_trouble: bool) {
        let form: Vec<(String, String)> =
            serde_urlencoded::from_bytes(request.body()).expect("a form");
        let token = form.into_iter().find(|(name, _)| name == "refresh_token").expect("a token").1;
        let member = &mut self.members[number];
        assert!(member.asked.is_none(), "session {number}: a second request is in flight");
        assert!(self.now >= member.not_before, "session {number}: Retry-After is not honoured");
        if let Some((earlier, may_be_used)) = &member.presented {
            assert!(*earlier != token || !may_be_used, "session {number}: a token is sent twice");
        }
        member.presented = Some((token, true));
        self.tickets += 1;
        let id = self.tickets;
        self.members[number].asked = Some(id);
        if is_trouble && self.chance.permille(10) {
            self.report.faults += 1;
            return self.later(number, id, 500, Event::Fail(TransportFailure::NOT_SENT));
        }
        self.later(number, id, TIMEOUT, Event::Fail(TransportFailure::UNKNOWN));
        let is_lost = is_trouble && self.chance.permille(2);
        self.report.faults += u64::from(is_lost);
        if !is_lost {
            let after = self.chance.between(5, 300);
            self.later(number, id, after, Event::Arrive(request));
        }
    }

    fn crash(&mut self, number: usize) {
        self.report.crashes += 1;
        self.due.remove(&number);
        self.members[number].asked = None;
        let after = self.chance.between(100, 30_000);
        self.later(number, 0, after, Event::Restart);
    }

    fn happen(&mut self, number: usize, id: u64, event: Event, is_trouble: bool) {
        let is_asked = self.members[number].asked == Some(id);
        let now = moment(self.now);
        match event {
            Event::Restart => {
                match &self.members[number].stored {
                    Some(stored) => {
                        let snapshot = SecretSnapshot::from_bytes(stored).expect("it can be read");
                        let entropy = Entropy::new(self.chance.bytes());
                        let config = self.config.clone();
                        let session = Session::resume(&self.client, snapshot, config, now, entropy);
                        self.members[number].session = session.expect("it is this client's");
                        self.members[number].not_before = 0;
                    }
                    None => self.members[number] = self.login(),
                }
                self.drive(number, is_trouble);
            }
            Event::Arrive(request) => {
                let fault = is_trouble && self.chance.permille(30);
                let fault = fault.then(|| self.chance.pick(FAULTS));
                self.report.faults += u64::from(fault.is_some());
                let answer = self.server.answer(self.now, &request, fault, false, &mut self.chance);
                let is_lost = is_trouble && self.chance.permille(2);
                self.report.faults += u64::from(is_lost);
                if is_asked && !is_lost {
                    let member = &mut self.members[number];
                    if answer.effect == Effect::Untouched {
                        // Once heard, it says that the token is as good as before.
                        member.presented = None;
                        member.not_before = answer.not_before(self.now, true);
                    }
                    let after = self.chance.between(5, 300);
                    self.later(number, id, after, Event::Reply(answer.response));
                }
            }
            Event::Reply(response) if is_asked => {
                self.members[number].asked = None;
                let taken = self.members[number].session.handle_response(now, &response);
                taken.expect("it was asked for");
                self.drive(number, is_trouble);
            }
            Event::Fail(failure) if is_asked => {
                let member = &mut self.members[number];
                member.asked = None;
                if failure.is_not_sent() {
                    member.presented = None;
                }
                member.session.handle_failure(now, failure).expect("it was asked for");
                self.drive(number, is_trouble);
            }
            Event::Reply(_) | Event::Fail(_) => {}
        }
    }

    /// Everyone has a token that is in its store, and no two the same.
    pub fn finish(mut self) -> Report {
        let mut tokens = HashSet::new();
        for (number, member) in self.members.iter().enumerate() {
            let token = member.session.access_token(moment(self.now));
            let token = token.unwrap_or_else(|| panic!("session {number} has no token"));
            assert!(tokens.insert(token.expose().to_owned()));
            assert_eq!(token.expose(), member.access_token);
        }
        self.report.requests = self.server.requests;
        self.report.refreshes = self.server.issued - self.report.logins;
        self.report
    }
}
