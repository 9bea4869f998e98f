//! Nobody will answer what a session has asked for: it costs what is on the wire, and nothing else.

use grantwire::flow::{FlowError, Machine as _, Misuse, Outstanding, Persisted, SessionStatus};

use super::*;

/// Whoever takes longer than the claim may be taken for lost, so an answer is of no use after it.
#[test]
fn an_answer_is_of_use_until_the_claims_end() {
    let seconds = Duration::from_secs;
    for (claim, answer, took, wanted) in
        [(60, 30, 0, 30), (60, 90, 0, 60), (20, 30, 0, 20), (60, 90, 15, 45)]
    {
        let config = config().claim_for(seconds(claim)).answer_within(seconds(answer));
        let mut store = Store::default();
        let mut session = fresh(config, &mut store);
        store.serve(&mut session, DUE);
        let by = wanted_by(session.poll(at(DUE + took)));
        assert_eq!(by.within(), seconds(wanted), "claim {claim}, answer {answer}, after {took}");
    }
    // Nothing is claimed, so nobody else waits.
    let config = reusable().claim_for(seconds(20)).answer_within(seconds(90));
    let mut session = fresh(config, &mut Store::default());
    assert_eq!(wanted_by(session.poll(at(DUE))).within(), seconds(90));
}

#[test]
fn a_write_is_offered_again_at_once() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let claim = to_store(session.poll(at(DUE)));
    assert_eq!(session.outstanding(), Some(Outstanding::Persist));
    assert_eq!(session.next_deadline(), None, "an answer is outstanding");
    session.abandon(at(DUE));
    assert_eq!(session.outstanding(), None);
    assert!(session.next_deadline().is_some_and(|due| due <= at(DUE)), "it is not forgotten");
    let late = session.handle_persisted(at(DUE), Persisted::Stored);
    assert_eq!(late, Err(Misuse::NotPersisting));
    assert!(to_store(session.poll(at(DUE))) == claim, "without a pause");

    // It had arrived after all, and the store says so.
    session.abandon(at(DUE));
    assert!(store.swap(&claim) == Persisted::Stored);
    store.serve(&mut session, DUE + 1);
    sent(session.poll(at(DUE + 1)));
}

#[test]
fn a_single_use_token_that_was_sent_has_an_unknown_outcome() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, HOUR);
    session.abandon(at(HOUR));
    let late = session.handle_response(at(HOUR), &answered("a1", "r1"));
    assert_eq!(late, Err(Misuse::NotSending), "nobody waits for it any more");
    store.serve(&mut session, HOUR);
    assert_eq!(session.status(), SessionStatus::OutcomeUnknown);
    assert!(matches!(error(session.poll(at(HOUR))), FlowError::OutcomeUnknown));
    assert!(session.last_failure().is_some_and(is_lost));
}

#[test]
fn a_reusable_token_is_sent_again() {
    let mut session = fresh(reusable(), &mut Store::default());
    for _ in 0..3 {
        sent(session.poll(at(HOUR)));
        session.abandon(at(HOUR));
        assert_eq!(session.status(), SessionStatus::Refreshing);
        assert!(session.next_deadline().is_some_and(|due| due <= at(HOUR)), "it is not forgotten");
    }
    sent(session.poll(at(HOUR)));
    session.handle_response(at(HOUR), &answered("a1", "r0")).unwrap();
}

/// With nothing outstanding there is nothing to abandon.
#[test]
fn at_rest_it_changes_nothing() {
    let mut session = fresh(config(), &mut Store::default());
    let (before, due) = (session.snapshot().clone(), session.next_deadline());
    session.abandon(at(10));
    assert!(*session.snapshot() == before);
    assert_eq!(session.next_deadline(), due);
    assert_eq!(token(&mut session, 10), "a0");
}
