//! Sent, outcome unknown: hold and report, give up, or resend within the server's grace.

use grantwire::Quirks;
use grantwire::flow::{FlowError, Misuse, SessionStatus};

use super::*;

/// A session whose refresh was sent at second `HOUR` and lost, marked in the store.
fn lost(config: SessionConfig) -> (Session, Store) {
    let mut store = Store::default();
    let mut session = fresh(config, &mut store);
    send(&mut session, &mut store, HOUR);
    session.handle_failure(at(HOUR), NO_ANSWER).unwrap();
    store.serve(&mut session, HOUR);
    assert_eq!(session.status(), SessionStatus::OutcomeUnknown);
    (session, store)
}

fn assert_unknown(session: &mut Session, now: u64) {
    assert!(matches!(error(session.poll(at(now))), FlowError::OutcomeUnknown), "at {now}");
}

#[test]
fn by_default_it_holds_and_reports() {
    let (mut session, store) = lost(config());
    assert!(format!("{:?}", store.held()).contains("outcome_unknown: true"));
    for now in HOUR..HOUR + 59 {
        assert_unknown(&mut session, now);
    }
    assert!(session.next_deadline().is_some_and(|moment| moment <= at(HOUR + 60)));
}

/// Time alone never sends it, however often it is driven; it only asks the store again.
#[test]
fn holding_never_presents_it_again() {
    let (mut session, mut store) = lost(config());
    for now in (HOUR..HOUR * 30).step_by(100) {
        store.serve(&mut session, now);
        assert_unknown(&mut session, now);
    }
}

#[test]
fn an_access_token_that_is_still_good_is_handed_out_meanwhile() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, DUE);
    session.handle_failure(at(DUE), NO_ANSWER).unwrap();
    store.serve(&mut session, DUE);
    assert_eq!(token(&mut session, DUE), "a0");
    assert_eq!(session.status(), SessionStatus::OutcomeUnknown);
    assert_unknown(&mut session, HOUR);
}

/// The answer came and could not be read: with the right tolerance its tokens are taken up after all.
#[test]
fn tokens_in_an_answer_that_could_not_be_read() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, HOUR);
    let untyped = json(200, r#"{"access_token":"a1","refresh_token":"r1","expires_in":3600}"#);
    session.handle_response(at(HOUR), &untyped).unwrap();
    store.serve(&mut session, HOUR);
    assert_unknown(&mut session, HOUR);

    let client = given::lenient(Quirks::new().assume_bearer());
    let why = session.last_failure().and_then(FlowError::reply).expect("an answer");
    let tokens = given::refresh(&client).read(why.raw()).unwrap();
    let mut again =
        Session::from_response(&client, &tokens, config(), at(HOUR + 5), given::entropy());
    assert!(matches!(store.serve(&mut again, HOUR + 5), Some(Persisted::Conflict(_))));
    assert!(matches!(store.serve(&mut again, HOUR + 5), Some(Persisted::Stored)));
    assert_eq!(token(&mut again, HOUR + 5), "a1");
    // What is stored goes on from there.
    let mut later = joined(config(), &store, at(HOUR * 2 + 5), 3);
    assert_eq!(presented(&send(&mut later, &mut store, HOUR * 2 + 5)), "r1");
}

#[test]
fn looking_again_finds_what_another_has_learned() {
    let (mut session, mut store) = lost(config());
    let mut other = joined(graceful(), &store, at(HOUR + 1), 2);
    assert_eq!(presented(&send(&mut other, &mut store, HOUR + 1)), "r0");
    other.handle_response(at(HOUR + 1), &answered("b1", "s1")).unwrap();
    store.serve(&mut other, HOUR + 1);
    let outcome = store.serve(&mut session, HOUR + 61);
    assert!(matches!(outcome, Some(Persisted::Conflict(_))));
    assert_eq!(token(&mut session, HOUR + 61), "b1");
}

#[test]
fn by_command_it_is_presented_again() {
    let (mut session, mut store) = lost(config());
    session.resend().unwrap();
    // A claim first, as for any other.
    let claim = to_store(session.poll(at(HOUR + 5)));
    session.handle_persisted(at(HOUR + 5), store.swap(&claim)).unwrap();
    assert_eq!(presented(&sent(session.poll(at(HOUR + 5)))), "r0");
    session.handle_response(at(HOUR + 5), &answered("a1", "r1")).unwrap();
    store.serve(&mut session, HOUR + 5);
    assert_eq!(token(&mut session, HOUR + 5), "a1");
    assert!(format!("{:?}", store.held()).contains("outcome_unknown: false"));
}

/// Another process has only looked again, so the command still stands.
#[test]
fn a_command_outlives_another_process_that_looks_again() {
    let (mut session, mut store) = lost(config());
    let mut other = joined(config(), &store, at(HOUR + 4), 2);
    store.serve(&mut other, HOUR + 4);
    assert_unknown(&mut other, HOUR + 4);
    session.resend().unwrap();
    let outcome = store.serve(&mut session, HOUR + 5);
    assert!(matches!(outcome, Some(Persisted::Conflict(_))));
    assert_eq!(presented(&send(&mut session, &mut store, HOUR + 5)), "r0");
}

/// Another process has presented it again meanwhile, and lost the answer too: that was not decided here.
#[test]
fn a_command_does_not_outlive_another_presentation() {
    let (mut session, mut store) = lost(config());
    session.resend().unwrap();
    let mut other = joined(config(), &store, at(HOUR + 4), 2);
    store.serve(&mut other, HOUR + 4);
    other.resend().unwrap();
    send(&mut other, &mut store, HOUR + 4);
    other.handle_failure(at(HOUR + 4), NO_ANSWER).unwrap();
    store.serve(&mut other, HOUR + 4);
    let outcome = store.serve(&mut session, HOUR + 5);
    assert!(matches!(outcome, Some(Persisted::Conflict(_))));
    // It looks again, and claims nothing.
    let looked = to_store(session.poll(at(HOUR + 5)));
    assert!(format!("{looked:?}").contains("claimed: false"), "{looked:?}");
    session.handle_persisted(at(HOUR + 5), store.swap(&looked)).unwrap();
    assert_unknown(&mut session, HOUR + 5);
}

/// One command, one time: a second lost answer needs a second decision.
#[test]
fn a_command_is_obeyed_once() {
    let (mut session, mut store) = lost(config());
    session.resend().unwrap();
    send(&mut session, &mut store, HOUR + 5);
    session.handle_failure(at(HOUR + 5), NO_ANSWER).unwrap();
    store.serve(&mut session, HOUR + 5);
    assert_unknown(&mut session, HOUR + 6);
    assert_unknown(&mut session, HOUR + 7);
}

/// A resend that was refused for a reason of its own leaves the outcome as unknown as it was.
#[test]
fn a_busy_server_settles_nothing() {
    for reply in [json(503, ""), refusal("invalid_client")] {
        let (mut session, mut store) = lost(config());
        session.resend().unwrap();
        send(&mut session, &mut store, HOUR + 5);
        session.handle_response(at(HOUR + 5), &reply).unwrap();
        store.serve(&mut session, HOUR + 5);
        store.serve(&mut session, HOUR + 5);
        assert_eq!(session.status(), SessionStatus::OutcomeUnknown);
        assert!(format!("{:?}", store.held()).contains("outcome_unknown: true"));
    }
}

#[test]
fn a_resend_that_is_refused_for_good_is_the_end() {
    let (mut session, mut store) = lost(config());
    session.resend().unwrap();
    send(&mut session, &mut store, HOUR + 5);
    session.handle_response(at(HOUR + 5), &refusal("invalid_grant")).unwrap();
    store.serve(&mut session, HOUR + 5);
    assert_eq!(session.status(), SessionStatus::Dead);
}

#[test]
fn by_command_it_is_given_up() {
    let (mut session, mut store) = lost(config());
    session.give_up().unwrap();
    store.serve(&mut session, HOUR + 5);
    assert!(matches!(error(session.poll(at(HOUR + 5))), FlowError::CredentialDead));
    assert!(!String::from_utf8_lossy(&store.held().to_bytes()).contains("r0"));
}

#[test]
fn by_policy_it_is_given_up() {
    let (mut session, mut store) = lost(config().after_unknown(AfterUnknown::GiveUp));
    store.serve(&mut session, HOUR);
    assert_eq!(session.status(), SessionStatus::Dead);
    assert!(format!("{:?}", store.held()).contains("dead: true"));
}

#[test]
fn within_the_grace_it_is_presented_again() {
    let (mut session, mut store) = lost(graceful());
    assert_eq!(presented(&send(&mut session, &mut store, HOUR + 1)), "r0");
    // The grace counts from the first sending, not from the last.
    session.handle_failure(at(HOUR + 590), NO_ANSWER).unwrap();
    store.serve(&mut session, HOUR + 590);
    assert_eq!(presented(&send(&mut session, &mut store, HOUR + 599)), "r0");
    session.handle_failure(at(HOUR + 599), NO_ANSWER).unwrap();
    store.serve(&mut session, HOUR + 599);
    assert_unknown(&mut session, HOUR + 600);
}

#[test]
fn after_the_grace_it_holds() {
    let (mut session, mut store) = lost(graceful());
    store.serve(&mut session, HOUR + 600);
    assert_unknown(&mut session, HOUR + 600);
    session.resend().unwrap();
    assert_eq!(presented(&send(&mut session, &mut store, HOUR + 700)), "r0", "by command still");
}

/// A crash between the sending and the storing: what is left in the store is a claim that ends.
#[test]
fn an_expired_claim_is_an_unknown_outcome() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, HOUR);
    drop(session);
    let mut next = joined(config(), &store, at(HOUR + 61), 2);
    // Its own claim time passes before it believes the claim to be over: the clock that wrote it
    // may have been another's.
    let mut now = at(HOUR + 61);
    let mut seen = Vec::new();
    for _ in 0..8 {
        match next.poll(now) {
            Step::Wait(moment) => now = moment,
            Step::Persist(snapshot) => {
                next.handle_persisted(now, store.swap(&snapshot)).unwrap();
            }
            Step::Done(result) => {
                seen.push(result);
                break;
            }
            _ => panic!("nothing may be sent"),
        }
    }
    assert!(matches!(seen.as_slice(), [Err(FlowError::OutcomeUnknown)]));
    assert_eq!(next.status(), SessionStatus::OutcomeUnknown);
}

#[test]
fn commands_have_nothing_to_act_on_elsewhere() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let refuse = |session: &mut Session| {
        let before = session.state();
        assert_eq!(session.resend(), Err(Misuse::NotNow));
        assert_eq!(session.give_up(), Err(Misuse::NotNow));
        assert_eq!(session.state(), before);
    };
    refuse(&mut session);
    to_store(session.poll(at(DUE)));
    refuse(&mut session);
    session.handle_persisted(at(DUE), Persisted::Stored).unwrap();
    refuse(&mut session);
    sent(session.poll(at(DUE)));
    session.handle_response(at(DUE), &refusal("invalid_grant")).unwrap();
    refuse(&mut session);
    to_store(session.poll(at(DUE)));
    session.handle_persisted(at(DUE), Persisted::Stored).unwrap();
    refuse(&mut session);
}
