//! A session that has been driven does not say that it should have been driven before now: a fleet that
//! goes by deadlines would spin on it.

use grantwire::flow::{Machine as _, Persisted, SecretSnapshot, Session, Step};
use grantwire::{Entropy, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use super::anything::config;
use super::events::made;
use crate::given::client;
use crate::machines::{NO_ANSWER, at};

proptest! {
    #[test]
    fn a_deadline_is_ahead(
        which: u8,
        is_client: bool,
        steps in vec((made(), 0..6_u8, 0..3_000_000_u64), 1..80),
    ) {
        let mut session = if is_client {
            Session::client_credentials(&client(), config(which), Entropy::new([1; 32]))
        } else {
            Session::from_refresh_token(&client(), "r", config(which), Entropy::new([1; 32]))
        };
        let mut stored: Option<SecretSnapshot> = None;
        let mut now = at(0);
        for (number, (made, choice, pause)) in steps.into_iter().enumerate() {
            let step = session.poll(now);
            let ahead = session.next_deadline();
            match step {
                Step::Wait(until) => {
                    prop_assert_eq!(ahead, Some(until), "{}", session.state());
                    now = until;
                }
                Step::Done(result) => {
                    let state = session.state();
                    prop_assert!(
                        ahead.is_none_or(|ahead| ahead > now),
                        "{state} at {now:?}: {ahead:?} after {result:?}"
                    );
                    now = Timestamp::from_unix_millis(now.as_unix_millis() + pause);
                    match choice {
                        0 => session.refuse_access_token(),
                        1 => drop(session.resend()),
                        2 => drop(session.give_up()),
                        // Another process goes on from what is stored.
                        3 => if let Some(snapshot) = stored.clone() {
                            let entropy = Entropy::new([number as u8; 32]);
                            session = Session::resume(&client(), snapshot, config(which), now, entropy)
                                .expect("our own");
                        },
                        _ => {}
                    }
                }
                Step::Send(..) if choice == 0 => {
                    session.handle_failure(now, NO_ANSWER).expect("it waits for this");
                }
                Step::Send(..) => made.tell(&mut session, now).expect("it waits for this"),
                Step::Persist(snapshot) => {
                    let outcome = match choice {
                        0 => Persisted::Failed,
                        _ => {
                            stored = Some(snapshot);
                            Persisted::Stored
                        }
                    };
                    session.handle_persisted(now, outcome).expect("it waits for this");
                }
                Step::Sign(_) | Step::Outstanding => prop_assert!(false, "nothing is outstanding"),
            }
        }
    }
}
