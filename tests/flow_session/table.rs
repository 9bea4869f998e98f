//! One scenario for each row of [`Session::TRANSITIONS`].
//!
//! They say where the machine goes and little else; what it promises on the way is in the files beside
//! this one.

use grantwire::flow::{Machine as _, Persisted, Session, Transition};

use super::*;

/// A session at rest whose token is due, and the store it is in.
fn due(config: SessionConfig) -> (Walk<Session>, Store) {
    let mut store = Store::default();
    let session = fresh(config, &mut store);
    (Walk::new(session), store)
}

/// A session whose refresh has been sent at `HOUR`.
fn refreshing(config: SessionConfig) -> (Walk<Session>, Store) {
    let (mut walk, mut store) = due(config);
    let claim =
        walk.goes("Resting", &["Due"], "Claiming", |session| to_store(session.poll(at(HOUR))));
    let outcome = store.swap(&claim);
    walk.goes("Claiming", &["Stored"], "Refreshing", |session| {
        session.handle_persisted(at(HOUR), outcome).unwrap();
    });
    walk.stays(|session| sent(session.poll(at(HOUR))));
    (walk, store)
}

/// One in a state in which it wants something stored, with that in hand.
fn persisting(state: &'static str) -> (Walk<Session>, Store, SecretSnapshot) {
    let (mut walk, store) = refreshing(config());
    let event = match state {
        "Storing" => "Answered",
        "Releasing" => "Kept",
        "Marking" => "Lost",
        "Burying" => "Spent",
        other => panic!("{other} is reached in another way"),
    };
    walk.goes("Refreshing", &[event], state, |session| match state {
        "Storing" => session.handle_response(at(HOUR), &answered("a1", "r1")).unwrap(),
        "Releasing" => session.handle_failure(at(HOUR), NOT_SENT).unwrap(),
        "Marking" => session.handle_failure(at(HOUR), NO_ANSWER).unwrap(),
        _ => session.handle_response(at(HOUR), &refusal("invalid_grant")).unwrap(),
    });
    let snapshot = walk.stays(|session| to_store(session.poll(at(HOUR))));
    (walk, store, snapshot)
}

/// What another process has made of the session by now: new tokens, two generations on.
fn others() -> SecretSnapshot {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let mut other = joined(config(), &store, at(HOUR), 9);
    send(&mut other, &mut store, HOUR);
    other.handle_response(at(HOUR), &answered("b1", "s1")).unwrap();
    store.serve(&mut other, HOUR);
    // Twice, so that it is newer than whatever the first process proposes.
    send(&mut other, &mut store, HOUR + HOUR);
    other.handle_response(at(HOUR + HOUR), &answered("b2", "s2")).unwrap();
    store.serve(&mut other, HOUR + HOUR);
    assert_eq!(token(&mut session, 1), "a0", "the first knows nothing of it");
    store.held()
}

fn claim_not_stored() -> Vec<Transition> {
    let (mut walk, mut store) = due(config());
    walk.goes("Resting", &["Due"], "Claiming", |session| to_store(session.poll(at(HOUR))));
    walk.goes("Claiming", &["NotStored"], "Claiming", |session| {
        session.handle_persisted(at(HOUR), Persisted::Failed).unwrap();
    });
    let again = until(walk.stays(|session| session.poll(at(HOUR))));
    let claim = walk.stays(|session| to_store(session.poll(again)));
    let outcome = store.swap(&claim);
    walk.goes("Claiming", &["Stored"], "Refreshing", |session| {
        session.handle_persisted(again, outcome).unwrap();
    });
    walk.rows()
}

fn claim_overtaken() -> Vec<Transition> {
    let (mut walk, _) = due(config());
    walk.goes("Resting", &["Due"], "Claiming", |session| to_store(session.poll(at(HOUR))));
    walk.goes("Claiming", &["Overtaken"], "Resting", |session| {
        session.handle_persisted(at(HOUR), Persisted::Conflict(others())).unwrap();
    });
    assert_eq!(token(&mut walk.machine, HOUR), "b2", "it is adopted");
    walk.rows()
}

fn refreshed_without_a_claim() -> Vec<Transition> {
    let (mut walk, _) = due(reusable());
    walk.goes("Resting", &["DueUnclaimed"], "Refreshing", |session| sent(session.poll(at(HOUR))));
    walk.rows()
}

fn refused_without_a_claim() -> Vec<Transition> {
    let (mut walk, _) = due(reusable());
    walk.goes("Resting", &["DueUnclaimed"], "Refreshing", |session| sent(session.poll(at(HOUR))));
    walk.goes("Refreshing", &["KeptUnclaimed"], "Resting", |session| {
        session.handle_failure(at(HOUR), NO_ANSWER).unwrap();
    });
    walk.rows()
}

fn the_client_itself() -> Vec<Transition> {
    let session = TokenSource::client_credentials(&client(), config(), random(1));
    let mut walk = Walk::new(session);
    walk.goes("Resting", &["DueUnclaimed"], "Refreshing", |session| sent(session.poll(at(0))));
    walk.goes("Refreshing", &["AnsweredUnstored"], "Resting", |session| {
        session.handle_response(at(0), &answered("a1", "unwanted")).unwrap();
    });
    assert_eq!(token(&mut walk.machine, 1), "a1");
    walk.rows()
}

fn another_claims_and_goes_silent() -> Vec<Transition> {
    let mut store = Store::default();
    drop(fresh(config(), &mut store));
    let mut silent = joined(config(), &store, at(HOUR), 8);
    send(&mut silent, &mut store, HOUR);
    let mut walk = Walk::new(joined(config(), &store, at(HOUR), 9));
    let end = walk.goes("Resting", &["ClaimedByOther"], "WaitingForOther", |session| {
        until(session.poll(at(HOUR)))
    });
    assert_eq!(end, at(HOUR + 60));
    walk.goes("WaitingForOther", &["ClaimExpired"], "Marking", |session| {
        to_store(session.poll(end));
    });
    walk.rows()
}

fn found_unknown() -> Vec<Transition> {
    let (mut walk, mut store, marked) = persisting("Marking");
    let outcome = store.swap(&marked);
    walk.goes("Marking", &["Stored"], "Unknown", |session| {
        session.handle_persisted(at(HOUR), outcome).unwrap();
    });
    let mut next = Walk::new(joined(config(), &store, at(HOUR), 9));
    // It looks at the store once more before it says so.
    next.goes("Resting", &["FoundUnknown", "Recheck"], "Marking", |session| {
        to_store(session.poll(at(HOUR)));
    });
    [walk.rows(), next.rows()].concat()
}

fn found_dead() -> Vec<Transition> {
    let (mut walk, mut store, buried) = persisting("Burying");
    let outcome = store.swap(&buried);
    walk.goes("Burying", &["Stored"], "Dead", |session| {
        session.handle_persisted(at(HOUR), outcome).unwrap();
    });
    let mut next = Walk::new(joined(config(), &store, at(HOUR), 9));
    next.goes("Resting", &["FoundDead"], "Dead", |session| error(session.poll(at(HOUR))));
    [walk.rows(), next.rows()].concat()
}

fn answered_and_stored() -> Vec<Transition> {
    let (mut walk, mut store, tokens) = persisting("Storing");
    let outcome = store.swap(&tokens);
    walk.goes("Storing", &["Stored"], "Resting", |session| {
        session.handle_persisted(at(HOUR), outcome).unwrap();
    });
    assert_eq!(token(&mut walk.machine, HOUR), "a1");
    walk.rows()
}

fn released() -> Vec<Transition> {
    let (mut walk, mut store, released) = persisting("Releasing");
    let outcome = store.swap(&released);
    walk.goes("Releasing", &["Stored"], "Resting", |session| {
        session.handle_persisted(at(HOUR), outcome).unwrap();
    });
    walk.rows()
}

/// Whatever it wants stored, a store that fails is asked again later, with the same.
fn not_stored() -> Vec<Transition> {
    let mut rows = Vec::new();
    for state in ["Storing", "Releasing", "Marking", "Burying"] {
        let (mut walk, _, first) = persisting(state);
        walk.goes(state, &["NotStored"], state, |session| {
            session.handle_persisted(at(HOUR), Persisted::Failed).unwrap();
        });
        let again = until(walk.stays(|session| session.poll(at(HOUR))));
        assert!(again > at(HOUR), "{state}");
        let second = walk.stays(|session| to_store(session.poll(again)));
        assert!(first == second, "{state}");
        rows.extend(walk.rows());
    }
    rows
}

/// Whatever it wants stored, a store that holds another's newer tokens wins.
fn overtaken() -> Vec<Transition> {
    let mut rows = Vec::new();
    for state in ["Storing", "Releasing", "Marking", "Burying"] {
        let (mut walk, _, _) = persisting(state);
        walk.goes(state, &["Overtaken"], "Resting", |session| {
            session.handle_persisted(at(HOUR), Persisted::Conflict(others())).unwrap();
        });
        assert_eq!(token(&mut walk.machine, HOUR), "b2", "{state}");
        rows.extend(walk.rows());
    }
    rows
}

/// Another has only marked what this one has heard of meanwhile: what was heard stands.
fn rebased() -> Vec<Transition> {
    let mut rows = Vec::new();
    for state in ["Storing", "Releasing", "Burying"] {
        let (mut walk, store, heard) = persisting(state);
        let mut other = joined(config(), &store, at(HOUR), 9);
        let mut theirs = store;
        until_marked(&mut other, &mut theirs);
        assert!(theirs.held().generation() == heard.generation());
        let conflict = theirs.swap(&heard);
        walk.goes(state, &["Rebased"], state, |session| {
            session.handle_persisted(at(HOUR + 200), conflict).unwrap();
        });
        let again = walk.stays(|session| to_store(session.poll(at(HOUR + 200))));
        assert!(theirs.swap(&again) == Persisted::Stored);
        rows.extend(walk.rows());
    }
    rows
}

/// Another process waits for the claim to end and marks the outcome unknown.
fn until_marked(other: &mut Session, store: &mut Store) {
    for now in [HOUR, HOUR + 61] {
        store.serve(other, now);
    }
    assert_eq!(other.state(), "Unknown");
}

fn unknown(config: SessionConfig) -> (Walk<Session>, Store) {
    let (mut walk, mut store) = refreshing(config);
    walk.goes("Refreshing", &["Lost"], "Marking", |session| {
        session.handle_failure(at(HOUR), NO_ANSWER).unwrap();
    });
    let marked = walk.stays(|session| to_store(session.poll(at(HOUR))));
    let outcome = store.swap(&marked);
    walk.goes("Marking", &["Stored"], "Unknown", |session| {
        session.handle_persisted(at(HOUR), outcome).unwrap();
    });
    (walk, store)
}

fn caught_up() -> Vec<Transition> {
    let news = |session: &mut Session| assert_eq!(session.catch_up(at(HOUR), others()), Ok(true));
    let (mut resting, _) = due(config());
    resting.goes("Resting", &["Overtaken"], "Resting", news);
    assert_eq!(resting.machine.catch_up(at(HOUR), others()), Ok(false), "no news twice");

    let mut store = Store::default();
    drop(fresh(config(), &mut store));
    let mut silent = joined(config(), &store, at(HOUR), 8);
    send(&mut silent, &mut store, HOUR);
    let mut waiting = Walk::new(joined(config(), &store, at(HOUR), 9));
    waiting.goes("Resting", &["ClaimedByOther"], "WaitingForOther", |session| {
        until(session.poll(at(HOUR)))
    });
    waiting.goes("WaitingForOther", &["Overtaken"], "Resting", news);
    assert!(waiting.machine.access_token(at(HOUR)).is_some(), "and there is the token");

    let (mut unknown, _) = unknown(config());
    unknown.goes("Unknown", &["Overtaken"], "Resting", news);

    let (mut dead, mut store, buried) = persisting("Burying");
    let outcome = store.swap(&buried);
    dead.goes("Burying", &["Stored"], "Dead", |session| {
        session.handle_persisted(at(HOUR), outcome).unwrap();
    });
    dead.goes("Dead", &["Overtaken"], "Resting", news);
    [resting.rows(), waiting.rows(), unknown.rows(), dead.rows()].concat()
}

fn looked_at_again() -> Vec<Transition> {
    let (mut walk, _) = unknown(config());
    walk.goes("Unknown", &["Recheck"], "Marking", |session| {
        to_store(session.poll(at(HOUR + 61)));
    });
    walk.rows()
}

fn resent() -> Vec<Transition> {
    let (mut walk, _) = unknown(config());
    walk.stays(|session| session.resend()).unwrap();
    walk.goes("Unknown", &["Resend"], "Claiming", |session| {
        to_store(session.poll(at(HOUR + 1)));
    });
    walk.rows()
}

fn given_up() -> Vec<Transition> {
    let (mut walk, _) = unknown(config());
    walk.stays(|session| session.give_up()).unwrap();
    walk.goes("Unknown", &["GivenUp"], "Burying", |session| {
        to_store(session.poll(at(HOUR + 1)));
    });
    walk.rows()
}

scenarios! {
    Session::TRANSITIONS;
    claim_not_stored, claim_overtaken, refreshed_without_a_claim, refused_without_a_claim,
    the_client_itself, another_claims_and_goes_silent, found_unknown, found_dead,
    answered_and_stored, released, not_stored, overtaken, caught_up, rebased, looked_at_again, resent, given_up,
}
