//! A store that fails, that lies, or that is another session's.

use grantwire::flow::{FlowError, Misuse, Session, SessionStatus};

use super::*;

/// Stored, but the process was told otherwise: the next try meets its own write.
#[test]
fn stored_but_reported_failed() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let deaf = |session: &mut Session, store: &mut Store, now: Timestamp| {
        let snapshot = to_store(session.poll(now));
        assert!(store.swap(&snapshot) == Persisted::Stored);
        session.handle_persisted(now, Persisted::Failed).unwrap();
        let again = until(session.poll(now));
        let second = to_store(session.poll(again));
        let conflict = store.swap(&second);
        assert!(matches!(conflict, Persisted::Conflict(_)), "its own write is in the way");
        session.handle_persisted(again, conflict).unwrap();
        again
    };
    // A claim of one's own is no other's: it sends.
    let mut now = deaf(&mut session, &mut store, at(HOUR));
    sent(session.poll(now));
    session.handle_response(now, &answered("a1", "r1")).unwrap();
    now = deaf(&mut session, &mut store, now);
    assert_eq!(value(session.poll(now)).expose(), "a1");

    // The same for a claim given back, an outcome unknown, and a death.
    for (reply, wanted) in [
        (Some(json(429, "")), SessionStatus::Resting),
        (None, SessionStatus::OutcomeUnknown),
        (Some(refusal("invalid_grant")), SessionStatus::Dead),
    ] {
        let mut store = Store::default();
        let mut session = fresh(config(), &mut store);
        send(&mut session, &mut store, HOUR);
        match reply {
            Some(reply) => session.handle_response(at(HOUR), &reply).unwrap(),
            None => session.handle_failure(at(HOUR), NO_ANSWER).unwrap(),
        }
        deaf(&mut session, &mut store, at(HOUR));
        assert_eq!(session.status(), wanted);
    }
}

/// The pauses double, up to five minutes, and nothing is sent meanwhile.
#[test]
fn a_store_that_fails_is_asked_again_ever_later() {
    let mut store = Store::default();
    let mut session = fresh(config().patience(u32::MAX), &mut store);
    let mut now = at(HOUR);
    for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
        to_store(session.poll(now));
        session.handle_persisted(now, Persisted::Failed).unwrap();
        let next = until(session.poll(now));
        assert_eq!(next.saturating_since(now).as_secs(), pause);
        now = next;
    }
    // The store is back. The claim counts from now on and not from when it was first wanted.
    let claim = to_store(session.poll(now));
    assert!(store.swap(&claim) == Persisted::Stored);
    session.handle_persisted(now, Persisted::Stored).unwrap();
    sent(session.poll(now));
}

/// Nobody waits for ever without being told why; and the store is asked again all the same.
#[test]
fn a_store_that_stays_away_is_reported() {
    let mut store = Store::default();
    let mut session = fresh(config().patience(2), &mut store);
    let mut now = at(HOUR);
    to_store(session.poll(now));
    session.handle_persisted(now, Persisted::Failed).unwrap();
    now = until(session.poll(now));
    to_store(session.poll(now));
    session.handle_persisted(now, Persisted::Failed).unwrap();
    assert!(matches!(error(session.poll(now)), FlowError::Store));
    let claim = to_store(session.poll(at(HOUR + 60)));
    session.handle_persisted(at(HOUR + 60), store.swap(&claim)).unwrap();
    sent(session.poll(at(HOUR + 60)));
}

/// A store that answers a conflict with what is known already is in trouble too.
#[test]
fn a_conflict_with_nothing_new_is_a_failure_of_the_store() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let known = session.snapshot().clone();
    to_store(session.poll(at(HOUR)));
    session.handle_persisted(at(HOUR), Persisted::Conflict(known)).unwrap();
    assert_eq!(until(session.poll(at(HOUR))), at(HOUR + 1));
}

/// A lifetime of zero is no lifetime: asking at once brings more of the same, so it is not done.
#[test]
fn tokens_that_have_expired_when_they_come_are_not_asked_for_in_a_loop() {
    let mut session = TokenSource::client_credentials(&client(), config(), random(1));
    let stillborn = json(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":0}"#);
    for now in [at(0), at(1), at(3)] {
        sent(session.poll(now));
        session.handle_response(now, &stillborn).unwrap();
        assert!(matches!(error(session.poll(now)), FlowError::Stillborn), "said at once");
        assert!(matches!(error(session.poll(now)), FlowError::Stillborn), "and nothing sent");
    }
    // The pause has grown to four seconds by now.
    assert!(matches!(error(session.poll(at(6))), FlowError::Stillborn));
    sent(session.poll(at(7)));
}

/// What a resource has refused is not good again because the store still holds it.
#[test]
fn a_refused_token_stays_refused_when_another_process_claims() {
    let mut store = Store::default();
    let mut one = fresh(config(), &mut store);
    let mut other = joined(config(), &store, at(0), 2);
    one.refuse_access_token();
    other.refuse_access_token();
    let claim = to_store(one.poll(at(1)));
    one.handle_persisted(at(1), store.swap(&claim)).unwrap();
    let late = to_store(other.poll(at(1)));
    other.handle_persisted(at(1), store.swap(&late)).unwrap();
    assert!(other.access_token(at(1)).is_none());
    assert!(until(other.poll(at(1))) > at(1));
}

/// New tokens are kept in hand for as long as the store is away: they exist nowhere else.
#[test]
fn new_tokens_outlast_a_store_that_is_away() {
    let mut store = Store::default();
    let mut session = fresh(config().patience(u32::MAX), &mut store);
    send(&mut session, &mut store, DUE);
    session.handle_response(at(DUE), &answered("a1", "r1")).unwrap();
    let mut now = at(DUE);
    for _ in 0..20 {
        to_store(session.poll(now));
        session.handle_persisted(now, Persisted::Failed).unwrap();
        now = until(session.poll(now));
    }
    let tokens = to_store(session.poll(now));
    session.handle_persisted(now, store.swap(&tokens)).unwrap();
    let mut next = joined(config(), &store, at(DUE + HOUR), 2);
    assert_eq!(presented(&send(&mut next, &mut store, DUE + HOUR)), "r1");
}

/// A claim that could not be stored before its own time was over is made anew.
#[test]
fn a_claim_counts_from_when_it_is_handed_out() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    to_store(session.poll(at(HOUR)));
    session.handle_persisted(at(HOUR + 3_000), Persisted::Failed).unwrap();
    let again = until(session.poll(at(HOUR + 3_000)));
    let claim = to_store(session.poll(again));
    session.handle_persisted(again, store.swap(&claim)).unwrap();
    sent(session.poll(again));
}

/// The store took so long that the claim is over: nothing may be sent on it.
#[test]
fn a_claim_that_is_over_when_it_is_stored_sends_nothing() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let claim = to_store(session.poll(at(HOUR)));
    let outcome = store.swap(&claim);
    session.handle_persisted(at(HOUR + 61), outcome).unwrap();
    match session.poll(at(HOUR + 61)) {
        Step::Persist(released) => {
            assert!(format!("{released:?}").contains("claimed: false"), "it is given back");
        }
        Step::Send(..) => panic!("another process may be sending by now"),
        _ => panic!("something to store was expected"),
    }
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let mut walk = Walk::new(session);
    walk.stays(|session| {
        assert_eq!(session.handle_persisted(at(1), Persisted::Stored), Err(Misuse::NotPersisting));
        let reply = answered("a1", "r1");
        assert_eq!(session.handle_response(at(1), &reply), Err(Misuse::NotSending));
        assert_eq!(session.handle_failure(at(1), NO_ANSWER), Err(Misuse::NotSending));
    });
    let claim = to_store(walk.machine.poll(at(HOUR)));
    for stranger in super::strangers() {
        let theirs = Session::from_refresh_token(&stranger, "theirs", config(), random(5));
        let conflict = Persisted::Conflict(theirs.snapshot().clone());
        let misuse = walk.stays(|session| session.handle_persisted(at(HOUR), conflict));
        assert_eq!(misuse, Err(Misuse::OtherSession));
        walk.stays(|session| assert_outstanding(session.poll(at(HOUR))));
    }
    let stale = Session::from_refresh_token(&client(), "r0", config(), random(5));
    let conflict = Persisted::Conflict(stale.snapshot().clone());
    let misuse = walk.stays(|session| session.handle_persisted(at(HOUR), conflict));
    assert_eq!(misuse, Err(Misuse::Stale));
    walk.stays(|session| {
        assert_eq!(session.handle_failure(at(HOUR), NO_ANSWER), Err(Misuse::NotSending));
    });
    // After all that, the right answer is taken.
    let outcome = store.swap(&claim);
    walk.machine.handle_persisted(at(HOUR), outcome).unwrap();
    session = walk.machine;
    sent(session.poll(at(HOUR)));
    assert_eq!(session.handle_persisted(at(HOUR), Persisted::Stored), Err(Misuse::NotPersisting));
    assert_outstanding(session.poll(at(HOUR)));
}
