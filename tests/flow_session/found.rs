//! What the simulation has found, as scenarios: each was wrong once.

use super::*;

/// A login that was stored, reported as not stored, and rotated by another process meanwhile.
#[test]
fn a_login_does_not_overwrite_what_came_of_it() {
    let mut store = Store::default();
    let mut session = Session::from_response(&client(), &login(), config(), at(0), random(1));
    let first = to_store(session.poll(at(0)));
    assert!(store.swap(&first) == Persisted::Stored);
    session.handle_persisted(at(0), Persisted::Failed).unwrap();
    let mut other = joined(config(), &store, at(HOUR), 2);
    send(&mut other, &mut store, HOUR);
    other.handle_response(at(HOUR), &answered("a1", "r1")).unwrap();
    store.serve(&mut other, HOUR);
    assert!(matches!(store.serve(&mut session, HOUR), Some(Persisted::Conflict(_))));
    assert_eq!(token(&mut session, HOUR), "a1");
    // Another login is not its own, and does give way.
    let mut again = Session::from_response(&client(), &login(), config(), at(HOUR), random(3));
    store.serve(&mut again, HOUR);
    assert!(store.serve(&mut again, HOUR) == Some(Persisted::Stored));
    assert_eq!(token(&mut again, HOUR), "a0");
}

/// Another's claim is not over because one's own clock is ahead.
#[test]
fn a_clock_that_is_ahead_takes_no_claim_away() {
    let mut store = Store::default();
    let mut session = fresh(graceful(), &mut store);
    send(&mut session, &mut store, HOUR);
    let ahead = HOUR + 4 * 60;
    let mut other = joined(graceful(), &store, at(ahead), 2);
    assert_eq!(until(other.poll(at(ahead))), at(ahead + 60));
    to_store(other.poll(at(ahead + 60)));
}

/// A resend is a request like any other: the server may ask for time.
#[test]
fn a_resend_waits_as_it_is_asked_to_and_not_beyond_the_grace() {
    let mut store = Store::default();
    let mut session = fresh(graceful(), &mut store);
    send(&mut session, &mut store, HOUR);
    session.handle_failure(at(HOUR), NO_ANSWER).unwrap();
    store.serve(&mut session, HOUR);
    let resent = until(session.poll(at(HOUR)));
    let claim = to_store(session.poll(resent));
    session.handle_persisted(resent, store.swap(&claim)).unwrap();
    sent(session.poll(resent));
    let mut busy = json(429, "");
    busy.headers_mut().insert("retry-after", "100".parse().unwrap());
    session.handle_response(resent, &busy).unwrap();
    let released = to_store(session.poll(resent));
    session.handle_persisted(resent, store.swap(&released)).unwrap();
    assert_eq!(until(session.poll(resent)), resent + Duration::from_secs(100));
    // A claim that took until the grace was over is given back.
    let late = resent + Duration::from_secs(100);
    let claim = to_store(session.poll(late));
    let after = at(HOUR + 600);
    session.handle_persisted(late, store.swap(&claim)).unwrap();
    to_store(session.poll(after));
}

/// Whoever drives it by its deadlines is not sent round in circles.
#[test]
fn its_deadline_is_ahead_when_it_is_done() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, HOUR - 30);
    // The token is good for a little longer, and another refreshes.
    let mut other = joined(config(), &store, at(HOUR - 30), 2);
    assert_eq!(token(&mut other, HOUR - 30), "a0");
    assert!(other.next_deadline() > Some(at(HOUR - 30)));

    session.handle_failure(at(HOUR - 30), NO_ANSWER).unwrap();
    store.serve(&mut session, HOUR - 30);
    let mut third = joined(config(), &store, at(HOUR - 2000), 3);
    assert_eq!(token(&mut third, HOUR - 2000), "a0");
    assert!(third.next_deadline() > Some(at(HOUR - 2000)));

    let bare = tokens(r#"{"access_token":"a0","token_type":"Bearer","expires_in":3600}"#);
    let mut bare = Session::from_response(&client(), &bare, config(), at(0), random(4));
    Store::default().serve(&mut bare, 0);
    error(bare.poll(at(HOUR)));
    assert_eq!(bare.next_deadline(), None);
}

/// Given up elsewhere because nobody knew; here the answer came.
#[test]
fn what_was_given_up_too_soon_is_taken_back() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, HOUR);
    let gives_up = config().after_unknown(AfterUnknown::GiveUp);
    let mut other = joined(gives_up, &store, at(HOUR), 2);
    until(other.poll(at(HOUR)));
    store.serve(&mut other, HOUR + 60);
    store.serve(&mut other, HOUR + 60);
    error(other.poll(at(HOUR + 60)));
    session.handle_response(at(HOUR + 61), &answered("a1", "r1")).unwrap();
    store.serve(&mut session, HOUR + 61);
    assert!(store.serve(&mut session, HOUR + 61) == Some(Persisted::Stored));
    assert_eq!(token(&mut session, HOUR + 61), "a1");
}

/// The server gave no other token, so there is nothing to lose, and another's claim stands.
#[test]
fn an_answer_without_a_refresh_token_undoes_no_claim() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, HOUR);
    let same = json(200, r#"{"access_token":"a1","token_type":"Bearer","expires_in":60}"#);
    session.handle_response(at(HOUR), &same).unwrap();
    // Stored, but it does not hear of it; and the next refresh is another's.
    let stored = to_store(session.poll(at(HOUR)));
    assert!(store.swap(&stored) == Persisted::Stored);
    session.handle_persisted(at(HOUR), Persisted::Failed).unwrap();
    let mut other = joined(config(), &store, at(HOUR + 60), 2);
    assert_eq!(presented(&send(&mut other, &mut store, HOUR + 60)), "r0");
    assert!(matches!(store.serve(&mut session, HOUR + 60), Some(Persisted::Conflict(_))));
    until(session.poll(at(HOUR + 60)));
}

/// While claims cannot be stored, the token there is will do.
#[test]
fn a_store_that_is_away_costs_no_token() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    to_store(session.poll(at(HOUR - 30)));
    session.handle_persisted(at(HOUR - 30), Persisted::Failed).unwrap();
    assert_eq!(token(&mut session, HOUR - 30), "a0");
    assert_eq!(session.next_deadline(), Some(at(HOUR - 29)));
    to_store(session.poll(at(HOUR - 29)));
}

/// By a clock that is behind, a token lives no longer than it would have from the start.
#[test]
fn a_clock_that_is_behind_lengthens_no_life() {
    let mut store = Store::default();
    let session = Session::from_response(&client(), &login(), config(), at(HOUR), random(1));
    let mut session = session;
    store.serve(&mut session, HOUR);
    let mut behind = joined(config(), &store, at(0), 2);
    assert_eq!(token(&mut behind, 0), "a0");
    assert!(behind.access_token(at(HOUR)).is_none());
}

/// An answer that could not be understood may hold the tokens: it can be looked at.
#[test]
fn what_could_not_be_read_is_kept() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, HOUR);
    let cut = json(200, r#"{"access_token":"a1","refresh_token":"r1","token_ty"#);
    session.handle_response(at(HOUR), &cut).unwrap();
    store.serve(&mut session, HOUR);
    error(session.poll(at(HOUR)));
    let raw = session.last_failure().and_then(|failure| failure.reply()).unwrap().raw();
    assert_eq!(raw.expose_body(), cut.body().as_slice());
}
