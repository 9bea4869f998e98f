//! What the tests of the machines share: a hand clock, a walk along a machine's table, and hands that
//! take one kind of step and no other.
//!
//! It goes through the public API alone. What a machine should do is said in the tests.

#![allow(dead_code, unused_macros, reason = "each test takes the part it needs")]

use std::collections::BTreeSet;
use std::fmt::Debug;

use grantwire::Exchange;
use grantwire::flow::{
    DeviceFlow, ExchangeFlow, FlowError, Machine, Session, Step, Transition, TransportFailure,
};
use grantwire::jose::Unsigned;
use grantwire::{Duties, Timestamp};
use http::Request;

pub const NOT_SENT: TransportFailure = TransportFailure::NotSent;
pub const NO_ANSWER: TransportFailure = TransportFailure::Unknown;

/// The hand clock: so many seconds after the tests' beginning.
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + seconds)
}

/// A machine that says where it is.
pub trait Watched: Machine {
    const TABLE: &'static [Transition];
    fn stands(&self) -> &'static str;
}

impl<E: Exchange> Watched for ExchangeFlow<E> {
    const TABLE: &'static [Transition] = Self::TRANSITIONS;
    fn stands(&self) -> &'static str {
        self.state()
    }
}

impl Watched for grantwire::flow::CodeFlow {
    const TABLE: &'static [Transition] = Self::TRANSITIONS;
    fn stands(&self) -> &'static str {
        self.state()
    }
}

impl Watched for DeviceFlow {
    const TABLE: &'static [Transition] = Self::TRANSITIONS;
    fn stands(&self) -> &'static str {
        self.state()
    }
}

impl Watched for Session {
    const TABLE: &'static [Transition] = Self::TRANSITIONS;
    fn stands(&self) -> &'static str {
        self.state()
    }
}

/// The row of a table; there must be one.
pub fn row(table: &[Transition], from: &str, event: &str) -> Transition {
    let found = table.iter().find(|row| row.from == from && row.event == event);
    *found.unwrap_or_else(|| panic!("the table has no {event} in {from}"))
}

/// A machine and the rows of its table that it has been seen to go.
pub struct Walk<M> {
    pub machine: M,
    rows: Vec<Transition>,
}

impl<M: Watched> Walk<M> {
    pub fn new(machine: M) -> Self {
        Self { machine, rows: Vec::new() }
    }

    /// Claims that what is done takes the machine from one state to another by these events.
    pub fn goes<T>(
        &mut self,
        from: &str,
        events: &[&str],
        to: &str,
        done: impl FnOnce(&mut M) -> T,
    ) -> T {
        assert_eq!(self.machine.stands(), from, "before {events:?}");
        let mut stands = from;
        for event in events {
            let row = row(M::TABLE, stands, event);
            self.rows.push(row);
            stands = row.to;
        }
        assert_eq!(stands, to, "the table leads elsewhere by {events:?}");
        let outcome = done(&mut self.machine);
        assert_eq!(self.machine.stands(), to, "after {events:?}");
        outcome
    }

    /// Claims that what is done leaves the machine where it is.
    pub fn stays<T>(&mut self, done: impl FnOnce(&mut M) -> T) -> T {
        let before = self.machine.stands();
        let outcome = done(&mut self.machine);
        assert_eq!(self.machine.stands(), before);
        outcome
    }

    pub fn rows(self) -> Vec<Transition> {
        self.rows
    }
}

/// Fails unless the rows gone are the rows there are.
pub fn assert_all_gone(table: &[Transition], gone: Vec<Transition>) {
    let gone: BTreeSet<_> = gone.into_iter().collect();
    let missing: Vec<_> = table.iter().filter(|row| !gone.contains(row)).collect();
    assert!(missing.is_empty(), "no scenario goes {missing:?}");
}

/// A test of each scenario by its own name, and one that no row of the table is missing from them.
macro_rules! scenarios {
    ($table:expr; $($name:ident),+ $(,)?) => {
        mod each {
            $(#[test] fn $name() { let _ = super::$name(); })+
        }

        #[test]
        fn no_transition_is_missing() {
            let mut gone = Vec::new();
            $(gone.extend($name());)+
            crate::machines::assert_all_gone($table, gone);
        }
    };
}
#[allow(unused_imports, reason = "not every test has a table")]
pub(crate) use scenarios;

fn name<T, P>(step: &Step<T, P>) -> &'static str {
    match step {
        Step::Send(..) => "Send",
        Step::Sign(_) => "Sign",
        Step::Wait(_) => "Wait",
        Step::Persist(_) => "Persist",
        Step::Outstanding => "Outstanding",
        Step::Done(_) => "Done",
    }
}

pub fn sent<T, P>(step: Step<T, P>) -> Request<Vec<u8>> {
    sent_with(step).0
}

pub fn sent_with<T, P>(step: Step<T, P>) -> (Request<Vec<u8>>, Duties) {
    match step {
        Step::Send(request, duties) => (request, duties),
        other => panic!("{} where a request was expected", name(&other)),
    }
}

pub fn to_sign<T, P>(step: Step<T, P>) -> Unsigned {
    match step {
        Step::Sign(unsigned) => unsigned,
        other => panic!("{} where something to sign was expected", name(&other)),
    }
}

pub fn until<T, P>(step: Step<T, P>) -> Timestamp {
    match step {
        Step::Wait(moment) => moment,
        other => panic!("{} where a wait was expected", name(&other)),
    }
}

pub fn to_store<T, P>(step: Step<T, P>) -> P {
    match step {
        Step::Persist(snapshot) => snapshot,
        other => panic!("{} where something to store was expected", name(&other)),
    }
}

pub fn assert_outstanding<T, P>(step: Step<T, P>) {
    assert_eq!(name(&step), "Outstanding");
}

pub fn ended<T, P>(step: Step<T, P>) -> T {
    match step {
        Step::Done(result) => result,
        other => panic!("{} where the end was expected", name(&other)),
    }
}

pub fn value<T, P>(step: Step<Result<T, FlowError>, P>) -> T {
    ended(step).unwrap_or_else(|error| panic!("a value was expected: {error}"))
}

pub fn error<T: Debug, P>(step: Step<Result<T, FlowError>, P>) -> FlowError {
    ended(step).expect_err("an error was expected")
}
