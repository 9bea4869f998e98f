//! A refresh token for one use is presented once, whatever becomes of the request, the store or the
//! process, unless the caller says otherwise.

use std::collections::BTreeSet;
use std::time::Duration;

use grantwire::flow::{Machine as _, Persisted, SecretSnapshot, Session, SessionConfig, Step};
use grantwire::{Entropy, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::given::{client, json, pairs_of};
use crate::machines::{NO_ANSWER, NOT_SENT, at};

/// What becomes of one thing that the session asks for, or of the process.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// As it should be.
    Good,
    /// Not sent, or not stored.
    NotDone,
    /// Sent and lost, or stored and reported failed.
    Lost,
    /// 500 after the server has rotated, or stored and reported failed.
    Broken,
    /// 503: the server has done nothing.
    Busy,
    /// The process dies at this point and another starts from the store.
    Crash,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Good),
        2 => Just(Fate::NotDone),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Broken),
        1 => Just(Fate::Busy),
        1 => Just(Fate::Crash),
    ]
}

struct World {
    session: Session,
    stored: Vec<u8>,
    now: Timestamp,
    processes: u8,
    issued: u32,
    /// Refresh tokens that have reached the server, so that it has replaced them.
    spent: BTreeSet<String>,
}

impl World {
    fn restart(&mut self) {
        self.processes = self.processes.wrapping_add(1);
        let snapshot = SecretSnapshot::from_bytes(&self.stored).expect("what was stored");
        let entropy = Entropy::new([self.processes; 32]);
        self.session =
            Session::resume(&client(), snapshot, SessionConfig::new(), self.now, entropy)
                .expect("our own");
    }

    fn store(&mut self, snapshot: &SecretSnapshot, fate: Fate) {
        let held = SecretSnapshot::from_bytes(&self.stored).expect("what was stored");
        let fits = held.generation() + 1 == snapshot.generation();
        let writes = fits && !matches!(fate, Fate::NotDone);
        if writes {
            self.stored = snapshot.to_bytes().to_vec();
        }
        let outcome = match fate {
            Fate::Crash => return self.restart(),
            Fate::Good | Fate::Busy if fits => Persisted::Stored,
            Fate::Good | Fate::Busy => Persisted::Conflict(held),
            Fate::NotDone | Fate::Lost | Fate::Broken => Persisted::Failed,
        };
        self.session.handle_persisted(self.now, outcome).expect("it waits for this");
    }

    fn send(&mut self, presented: String, fate: Fate) {
        assert!(!self.spent.contains(&presented), "{presented} is presented a second time");
        let now = self.now;
        if !matches!(fate, Fate::NotDone | Fate::Busy) {
            self.spent.insert(presented);
        }
        let told = match fate {
            Fate::Good => {
                self.issued += 1;
                let number = self.issued;
                let body = format!(
                    r#"{{"access_token":"a{number}","token_type":"Bearer","expires_in":600,"refresh_token":"r{number}"}}"#
                );
                self.session.handle_response(now, &json(200, body))
            }
            Fate::NotDone => self.session.handle_failure(now, NOT_SENT),
            Fate::Lost => self.session.handle_failure(now, NO_ANSWER),
            Fate::Broken => self.session.handle_response(now, &json(500, "")),
            Fate::Busy => self.session.handle_response(now, &json(503, "")),
            Fate::Crash => {
                self.restart();
                Ok(())
            }
        };
        told.expect("it waits for this");
    }
}

proptest! {
    #[test]
    fn no_token_is_presented_twice(steps in vec((fate(), 0..400_u64), 1..120)) {
        let config = SessionConfig::new();
        let session = Session::from_refresh_token(&client(), "r0", config, Entropy::new([0; 32]));
        let stored = session.snapshot().to_bytes().to_vec();
        let (now, spent) = (at(0), BTreeSet::new());
        let mut world = World { session, stored, now, processes: 0, issued: 0, spent };
        for (fate, pause) in steps {
            match world.session.poll(world.now) {
                Step::Persist(snapshot) => world.store(&snapshot, fate),
                Step::Send(request, ..) => {
                    let pairs = pairs_of(&request);
                    let token = pairs.iter().find(|(name, _)| name == "refresh_token");
                    world.send(token.expect("a refresh token").1.clone(), fate);
                }
                Step::Wait(until) => world.now = until,
                Step::Done(_) => world.now = world.now + Duration::from_secs(pause),
                Step::Sign(_) | Step::Outstanding => prop_assert!(false, "nothing is outstanding"),
            }
        }
    }
}
