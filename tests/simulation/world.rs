//! [`World`]: time, a network, a server, a store, and processes that share a session.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use grantwire::flow::{
    FlowError, Machine as _, Misuse, Persisted, SecretSnapshot, Session, Step, TokenSource,
    TransportFailure,
};
use grantwire::grant::RefreshToken;
use grantwire::jose::Signature;
use grantwire::{Entropy, Secret};
use http::Request;
use sha2::{Digest as _, Sha256};

use crate::chance::Chance;
use crate::count::Count;
use crate::driven::Driven;
use crate::plan::{Kind, Often, Plan, SIGNATURE};
use crate::process::Process;
use crate::rules::{Fate, Rules};
use crate::server::{Answer, Effect, Fault, Server};
use crate::store::Store;

pub const FAULTS: &[Fault] = &[
    Fault::TooMany,
    Fault::Unavailable,
    Fault::UnavailableAfter,
    Fault::NoRoute,
    Fault::Forbidden,
    Fault::InvalidClient,
    Fault::Before,
    Fault::After,
    Fault::HtmlAfter,
    Fault::Truncated,
];

enum Event {
    Start,
    Drive,
    Jump,
    Arrive { id: usize, request: Request<Vec<u8>>, again: bool },
    Reply { id: usize, answer: Answer },
    Fail { id: usize, failure: TransportFailure },
    Sign { signature: Signature },
    Write { id: u64, snapshot: SecretSnapshot, reports: bool },
    Written { id: u64, outcome: Persisted<SecretSnapshot> },
    Demand,
}

pub struct World {
    pub plan: Plan,
    pub chance: Chance,
    pub now: u64,
    queue: BTreeMap<(u64, u64), (usize, u64, Event)>,
    tickets: u64,
    pub server: Server,
    pub store: Store,
    pub processes: Vec<Process>,
    pub rules: Rules,
    pub count: Count,
    pub first_token: String,
    trace: Sha256,
    pub lines: Vec<String>,
}

/// How long faults have been over when tokens are demanded, and how long that may take.
const CALM: u64 = 2 * 3_600_000;
const BOUND: u64 = 2 * 3_600_000;

impl World {
    pub fn new(plan: Plan) -> Self {
        let mut server = Server::new(plan.manners);
        let (first_token, _) = server.login();
        let mut world = Self {
            plan,
            chance: Chance::new(plan.seed ^ 0x5EED),
            now: 0,
            queue: BTreeMap::new(),
            tickets: 0,
            server,
            store: Store::default(),
            processes: Vec::new(),
            rules: Rules::default(),
            count: Count::default(),
            first_token,
            trace: Sha256::new(),
            lines: Vec::new(),
        };
        for number in 0..plan.processes {
            let skew = world.chance.between(0, plan.skew_ms * 2) as i64 - plan.skew_ms as i64;
            world.processes.push(Process { offset: skew, ..Process::default() });
            world.at(number, 0, Event::Start);
            if plan.jumps {
                world.after(number, 60_000, 3_600_000, Event::Jump);
            }
            world.at(number, plan.trouble_ms + CALM, Event::Demand);
        }
        world
    }

    /// Runs to the end. Returns the hash of everything that happened.
    pub fn run(&mut self) -> String {
        let end = self.plan.trouble_ms + CALM + BOUND;
        while let Some(((at, _), (number, life, event))) = self.queue.pop_first() {
            if at > end {
                break;
            }
            self.now = at;
            self.count.events += 1;
            if self.count.events > 2_000_000 {
                self.fail("too much happens in too little time");
            }
            self.happen(number, life, event);
            self.check(number);
        }
        self.finish();
        self.count.requests = self.server.requests;
        self.count.refreshes = self.server.issued;
        self.count.resent = self.rules.resent;
        self.count.writes = self.store.writes;
        let hash = self.trace.clone().finalize();
        hash.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    pub fn is_trouble(&self) -> bool {
        self.now < self.plan.trouble_ms
    }

    fn often(&self) -> Often {
        if self.is_trouble() { self.plan.often } else { Often::NEVER }
    }

    pub fn fail(&self, what: &str) -> ! {
        let asked_for = std::env::var_os("GRANTWIRE_SIM_SEED").is_some();
        let tail = if asked_for { 0 } else { self.lines.len().saturating_sub(60) };
        let seed = self.plan.seed;
        panic!(
            "{}\n{:?}\n\nseed {seed}: {what}, at {} ms.\nRun it again: GRANTWIRE_SIM_SEED={seed} cargo test --test simulation one_seed -- --nocapture",
            self.lines[tail..].join("\n"),
            self.plan,
            self.now
        )
    }

    pub fn note(&mut self, number: usize, what: &str) {
        let line = format!("{:>10} p{number} {what}", self.now);
        self.trace.update(line.as_bytes());
        self.trace.update(b"\n");
        self.lines.push(line);
        if self.lines.len() > 40_000 {
            self.lines.drain(..20_000);
        }
    }

    fn at(&mut self, number: usize, at: u64, event: Event) {
        self.tickets += 1;
        let life = self.processes[number].life;
        self.queue.insert((at, self.tickets), (number, life, event));
    }

    fn after(&mut self, number: usize, low: u64, high: u64, event: Event) {
        let at = self.now + self.chance.between(low, high);
        self.at(number, at, event);
    }

    fn happen(&mut self, number: usize, life: u64, event: Event) {
        let is_same_life = self.processes[number].life == life;
        match event {
            Event::Start => self.start(number),
            Event::Jump => self.jump(number),
            Event::Demand => self.demand(number),
            Event::Arrive { id, request, again } => self.arrive(number, life, id, &request, again),
            // A write that is under way arrives even when its process is gone.
            Event::Write { id, snapshot, reports } => {
                self.write(number, life, id, &snapshot, reports)
            }
            _ if !is_same_life || self.processes[number].session.is_none() => {}
            Event::Drive => self.drive(number),
            Event::Reply { id, answer } => self.reply(number, id, &answer),
            Event::Fail { id, failure } => self.transport_failed(number, id, failure),
            Event::Sign { signature } => {
                self.processes[number].heard();
                if std::mem::take(&mut self.processes[number].signing) {
                    let result = self.session(number).handle_signature(&signature);
                    let taken = if result.is_ok() { "signed" } else { "signed too late" };
                    self.note(number, taken);
                }
                self.drive(number);
            }
            Event::Written { id, outcome } => self.written(number, id, outcome),
        }
        let crash = self.often().crash;
        if self.processes[number].session.is_some() && self.chance.permille(crash) {
            self.crash(number);
        }
    }

    pub fn session(&mut self, number: usize) -> &mut Driven {
        self.processes[number].session.as_mut().expect("a live process")
    }

    fn crash(&mut self, number: usize) {
        let state = self.session(number).state();
        self.note(number, &format!("crashes in {state}"));
        self.count.crashes += 1;
        self.rules.crashed(number, self.processes[number].life);
        self.processes[number].crash();
        self.after(number, 10, 120_000, Event::Start);
    }

    fn jump(&mut self, number: usize) {
        if self.is_trouble() {
            let by = self.chance.between(0, 1_200_000) as i64 - 600_000;
            self.processes[number].jump(by);
            self.note(number, &format!("clock set by {by} ms"));
            self.rules.excuses += 1;
            self.after(number, 60_000, 7_200_000, Event::Jump);
        }
    }

    fn start(&mut self, number: usize) {
        if self.processes[number].session.is_some() {
            return;
        }
        let (client, config) = (self.plan.client(), self.plan.config());
        let entropy = Entropy::new(self.chance.bytes());
        let now = self.processes[number].clock(self.now);
        let stored = self.store.read();
        if self.plan.kind == Kind::ClientCredentials {
            let source = TokenSource::client_credentials(&client, config, entropy);
            let source = match self.plan.dpop() {
                Some(dpop) => source.dpop(dpop),
                None => source,
            };
            return self.up(number, Driven::Source(source));
        }
        let session = match stored {
            Some(snapshot) => Session::resume(&client, snapshot, config, now, entropy)
                .expect("the store holds this client's snapshot"),
            None if !self.plan.begins_with_login => {
                Session::from_refresh_token(&client, self.first_token.clone(), config, entropy)
            }
            None if number == 0 => return self.login(number),
            None => return self.after(number, 1000, 5000, Event::Start),
        };
        self.begin(number, session);
    }

    /// The user signs in, which may happen at any time.
    fn login(&mut self, number: usize) {
        let (token, response) = self.server.login();
        let client = self.plan.client();
        let request = client.token(RefreshToken::new(Secret::new("of no matter")));
        let tokens = request.read(&response).expect("tokens");
        let entropy = Entropy::new(self.chance.bytes());
        let now = self.processes[number].clock(self.now);
        self.note(number, "signs in");
        self.processes[number].owed = Some(token);
        let session = Session::from_response(&client, &tokens, self.plan.config(), now, entropy);
        self.begin(number, session);
    }

    fn begin(&mut self, number: usize, session: Session) {
        let session = match self.plan.dpop() {
            Some(dpop) => session.dpop(dpop),
            None => session,
        };
        self.up(number, Driven::Session(session));
    }

    fn up(&mut self, number: usize, driven: Driven) {
        self.processes[number].session = Some(driven);
        self.note(number, "starts");
        self.at(number, self.now, Event::Drive);
    }

    fn demand(&mut self, number: usize) {
        if self.processes[number].session.is_none() {
            self.fail("a process is not up again");
        }
        self.note(number, "a token is demanded");
        self.processes[number].result = None;
        self.session(number).refuse_access_token();
        self.drive(number);
    }

    fn drive(&mut self, number: usize) {
        let own = self.processes[number].clock(self.now);
        let session = self.session(number);
        let step = session.poll(own);
        let (state, deadline) = (session.state(), session.next_deadline());
        match step {
            Step::Send(request, ..) => self.send(number, request),
            Step::Sign(unsigned) => {
                self.note(number, "signs");
                self.begin_something(number);
                self.processes[number].signing = true;
                let signature = unsigned.signed(SIGNATURE);
                let slow = self.is_trouble() && self.chance.permille(30);
                let slowest = if slow { 100_000 } else { 1500 };
                // Whoever takes longer than its claim may be taken for lost.
                self.rules.excuses += u64::from(slow);
                self.after(number, 1, slowest, Event::Sign { signature });
            }
            Step::Persist(snapshot) => self.persist(number, snapshot),
            Step::Wait(until) => {
                let span = until.saturating_since(own).as_millis() as u64;
                self.note(number, &format!("{state}: waits {span} ms"));
                if span == 0 {
                    self.fail("a wait for a moment that is past");
                }
                let until = self.now + span;
                let process = &mut self.processes[number];
                if process.wait_until.is_some_and(|earlier| until > earlier.max(self.now) + 600_000)
                    || (self.plan.is_clock_right()
                        && process.wait_until.is_some_and(|earlier| until > earlier))
                {
                    self.fail("a wait grew");
                }
                process.wait_until = Some(until);
                process.nonce_asked = false;
                self.at(number, until, Event::Drive);
                if self.chance.permille(50) {
                    self.after(number, 0, span, Event::Drive);
                }
            }
            Step::Outstanding => {
                if self.processes[number].is_idle() {
                    self.fail(&format!("stuck in {state}: nothing is outstanding"));
                }
            }
            Step::Done(result) => {
                self.processes[number].nonce_asked = false;
                if deadline.is_some_and(|deadline| deadline <= own) {
                    self.fail(&format!("{state}: after Done, its deadline is not ahead"));
                }
                let ahead =
                    deadline.map(|deadline| deadline.saturating_since(own).as_millis() as u64);
                self.done(number, result.map(|token| token.expose().to_owned()), ahead);
            }
        }
    }

    fn done(&mut self, number: usize, result: Result<String, FlowError>, ahead: Option<u64>) {
        let pause = match &result {
            Ok(token) => {
                let needs_store = self.plan.kind != Kind::ClientCredentials;
                if needs_store && !self.store.has_held(token) {
                    self.fail("an access token is used that was not stored");
                }
                self.note(number, &format!("uses {token}"));
                if self.is_trouble() && self.chance.permille(30) {
                    self.note(number, "the resource refuses it");
                    self.session(number).refuse_access_token();
                }
                self.chance.between(10_000, 400_000)
            }
            Err(error) => {
                self.note(number, &format!("ends with: {error}"));
                self.chance.between(5_000, 60_000)
            }
        };
        if let Err(FlowError::OutcomeUnknown) = result
            && self.plan.orders_resend
            && !self.is_trouble()
            && !self.processes[number].ordered
        {
            self.note(number, "the user says to present it again");
            self.processes[number].ordered = true;
            self.session(number).resend().expect("the outcome is unknown");
            return self.drive(number);
        }
        let is_dead = matches!(&result, Err(FlowError::CredentialDead));
        if is_dead && self.is_trouble() {
            let stored = self.store.seen().is_some_and(|seen| !seen.dead);
            self.note(number, "comes again");
            self.rules.crashed(number, self.processes[number].life);
            self.processes[number].crash();
            return match stored || !self.plan.begins_with_login {
                true if stored => self.start(number),
                true => self.at(number, self.plan.trouble_ms, Event::Start),
                false => self.login(number),
            };
        }
        self.processes[number].result = Some(match &result {
            Ok(token) => format!("ok {token}"),
            Err(FlowError::OutcomeUnknown) => "unknown".into(),
            Err(FlowError::CredentialDead) => "dead".into(),
            Err(FlowError::Reply(error)) if error.credential_is_dead() => "dead".into(),
            Err(error) => format!("error: {error}"),
        });
        let pause = ahead.map_or(pause, |ahead| ahead.min(pause));
        self.at(number, self.now + pause, Event::Drive);
    }

    /// A request, a signature or a write begins.
    fn begin_something(&mut self, number: usize) {
        if !self.processes[number].is_idle() {
            self.fail("a second thing is in flight");
        }
        if self.processes[number].wait_until.is_some_and(|until| self.now < until) {
            self.fail("something is done before its time");
        }
        self.processes[number].heard();
    }
}

mod network;
mod verdict;
