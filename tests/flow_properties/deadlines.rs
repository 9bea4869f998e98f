//! A session that has been driven does not say that it should have been driven before now: a fleet that
//! goes by deadlines would spin on it. Nor does one that only a person can help: without the key of its tokens, or
//! with a configuration that makes no request.

use grantwire::dpop::DpopKey;
use grantwire::flow::{
    Dpop, FlowError, Machine as _, Persisted, SecretSnapshot, Session, Step, TokenSource,
};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::{AccessToken, AuthorizationServer, Client, Entropy, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use super::anything::{config, key};
use super::events::made;
use crate::given::{CLIENT_ID, client, json};
use crate::machines::{NO_ANSWER, at};

/// The same client of the same server, and nobody has said where to ask.
fn nowhere() -> Client {
    Client::new(AuthorizationServer::new().issuer("https://as.example"), CLIENT_ID)
}

fn assert_ahead(
    ahead: Option<Timestamp>,
    now: Timestamp,
    state: &str,
    result: &Result<AccessToken, FlowError>,
) -> Result<(), TestCaseError> {
    prop_assert!(
        ahead.is_none_or(|ahead| ahead > now),
        "{state} at {now:?}: {ahead:?} after {result:?}"
    );
    Ok(())
}

proptest! {
    #[test]
    fn a_deadline_is_ahead(
        which: u8,
        bound: bool,
        steps in vec((made(), 0..9_u8, 0..3_000_000_u64), 1..80),
    ) {
        let with = |session: Session, bound| if bound { session.dpop(key(false)) } else { session };
        let another = || Dpop::new(DpopKey::from(LocalKey::generate(Algorithm::EdDsa).expect("a key")));
        let begun = Session::from_refresh_token(&client(), "r", config(which), Entropy::new([1; 32]));
        let mut session = with(begun, bound);
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
                    assert_ahead(ahead, now, session.state(), &result)?;
                    now = Timestamp::from_unix_millis(now.as_unix_millis() + pause);
                    match choice {
                        0 => session.refuse_access_token(),
                        1 => drop(session.resend()),
                        2 => drop(session.give_up()),
                        // Another process goes on from what is stored: with the same key, without, with
                        // another, or without an address.
                        3..=6 => if let Some(snapshot) = stored.clone() {
                            let entropy = Entropy::new([number as u8; 32]);
                            let client = if choice == 6 { nowhere() } else { client() };
                            session = Session::resume(&client, snapshot, config(which), now, entropy)
                                .expect("our own");
                            session = match choice {
                                4 => session,
                                5 => session.dpop(another()),
                                _ => with(session, bound),
                            };
                        },
                        _ => {}
                    }
                }
                Step::Send(..) if choice == 0 => {
                    session.handle_failure(now, NO_ANSWER).expect("it waits for this");
                }
                Step::Send(..) | Step::Persist(_) if choice == 1 => {
                    prop_assert_eq!(ahead, None, "an answer is outstanding");
                    session.abandon(now);
                    prop_assert!(session.next_deadline().is_some(), "it is forgotten");
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
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }

    #[test]
    fn of_a_token_source_too(
        which: u8,
        lost: bool,
        steps in vec((made(), 0..4_u8, 0..3_000_000_u64), 1..80),
    ) {
        let client = if lost { nowhere() } else { client() };
        let mut source = TokenSource::client_credentials(&client, config(which), Entropy::new([1; 32]));
        let mut now = at(0);
        for (made, choice, pause) in steps {
            let step = source.poll(now);
            let ahead = source.next_deadline();
            match step {
                Step::Wait(until) => {
                    prop_assert_eq!(ahead, Some(until), "{}", source.state());
                    now = until;
                }
                Step::Done(result) => {
                    assert_ahead(ahead, now, source.state(), &result)?;
                    now = Timestamp::from_unix_millis(now.as_unix_millis() + pause);
                    if choice == 0 {
                        source.refuse_access_token();
                    }
                }
                Step::Send(..) if choice == 1 => {
                    source.abandon(now);
                    prop_assert!(source.next_deadline().is_some(), "it is forgotten");
                }
                Step::Send(..) => made.tell(&mut source, now).expect("it waits for this"),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}

/// The tokens are bound to a key that is not here. Nothing that this process can do gives another token, so it
/// need not be driven again.
#[test]
fn without_the_key_there_is_no_deadline() {
    let entropy = |of| Entropy::new([of; 32]);
    let mut session =
        Session::from_refresh_token(&client(), "r", config(0), entropy(1)).dpop(key(false));
    let body = r#"{"access_token":"a","token_type":"DPoP","expires_in":60,"refresh_token":"r1"}"#;
    let Step::Persist(_) = session.poll(at(0)) else { panic!("a claim first") };
    session.handle_persisted(at(0), Persisted::Stored).unwrap();
    let Step::Send(..) = session.poll(at(0)) else { panic!("it refreshes") };
    session.handle_response(at(0), &json(200, body)).unwrap();
    let Step::Persist(stored) = session.poll(at(0)) else { panic!("it stores") };
    session.handle_persisted(at(0), Persisted::Stored).unwrap();
    assert!(session.next_deadline().is_some_and(|due| due > at(0)), "with the key there is one");

    let mut other = Session::resume(&client(), stored, config(0), at(50), entropy(2)).unwrap();
    for now in [50, 70, 80] {
        let Step::Done(result) = other.poll(at(now)) else { panic!("it cannot ask") };
        assert_eq!(result.is_ok(), now < 60, "the token is good for a minute");
        assert_eq!(other.next_deadline(), None, "at {now}");
    }
}
