//! Several processes, one store.

use grantwire::flow::SessionStatus;

use super::*;

#[test]
fn only_one_of_two_refreshes() {
    let mut store = Store::default();
    let mut first = fresh(config(), &mut store);
    let mut second = joined(config(), &store, at(1), 2);
    // Both find the token due at the same moment, and both want to claim.
    let claims = [to_store(first.poll(at(HOUR))), to_store(second.poll(at(HOUR)))];
    first.handle_persisted(at(HOUR), store.swap(&claims[0])).unwrap();
    let outcome = store.swap(&claims[1]);
    assert!(matches!(outcome, Persisted::Conflict(_)));
    second.handle_persisted(at(HOUR), outcome).unwrap();
    sent(first.poll(at(HOUR)));
    assert_eq!(until(second.poll(at(HOUR))), at(HOUR + 60), "it waits for the other's claim");
    assert_eq!(second.state(), "WaitingForOther");

    first.handle_response(at(HOUR + 2), &answered("a1", "r1")).unwrap();
    store.serve(&mut first, HOUR + 2);
    assert_eq!(token(&mut first, HOUR + 2), "a1");
    // When the claim ends the second looks, and finds the tokens of the first.
    let outcome = store.serve(&mut second, HOUR + 60);
    assert!(matches!(outcome, Some(Persisted::Conflict(_))));
    assert_eq!(token(&mut second, HOUR + 60), "a1");
    assert_eq!(second.status(), SessionStatus::Resting);
}

#[test]
fn who_comes_later_finds_the_new_tokens() {
    let mut store = Store::default();
    let mut first = fresh(config(), &mut store);
    let mut second = joined(config(), &store, at(1), 2);
    send(&mut first, &mut store, DUE);
    first.handle_response(at(DUE), &answered("a1", "r1")).unwrap();
    store.serve(&mut first, DUE);
    // The second still holds the old view. Its claim is refused, and nothing was sent.
    let outcome = store.serve(&mut second, DUE + 1);
    assert!(matches!(outcome, Some(Persisted::Conflict(_))));
    assert_eq!(token(&mut second, DUE + 1), "a1");
}

#[test]
fn a_usable_token_is_handed_out_while_another_refreshes() {
    let mut store = Store::default();
    let mut first = fresh(config(), &mut store);
    send(&mut first, &mut store, DUE);
    let mut second = joined(config(), &store, at(DUE), 2);
    assert_eq!(token(&mut second, DUE), "a0");
    assert_eq!(second.status(), SessionStatus::Refreshing, "in another process");
}

/// The other's clock may be days ahead; its claim is believed for no longer than one's own would be.
#[test]
fn a_claim_by_a_wrong_clock_is_not_waited_for_for_ever() {
    let mut store = Store::default();
    drop(fresh(config(), &mut store));
    let mut fast = joined(config(), &store, at(HOUR * 100), 8);
    send(&mut fast, &mut store, HOUR * 100);
    let mut second = joined(config(), &store, at(HOUR), 2);
    assert_eq!(until(second.poll(at(HOUR))), at(HOUR + 60));
}

#[test]
fn a_new_login_beats_what_is_stored() {
    let mut store = Store::default();
    let mut old = fresh(config(), &mut store);
    send(&mut old, &mut store, HOUR);
    old.handle_response(at(HOUR), &refusal("invalid_grant")).unwrap();
    store.serve(&mut old, HOUR);
    assert_eq!(old.status(), SessionStatus::Dead);

    let again = tokens(
        r#"{"access_token":"b0","token_type":"Bearer","expires_in":3600,"refresh_token":"s0"}"#,
    );
    let mut session = Session::from_response(&client(), &again, config(), at(HOUR), random(3));
    let mut asked = 0;
    while session.access_token(at(HOUR)).is_none() {
        store.serve(&mut session, HOUR);
        asked += 1;
        assert!(asked < 5, "it is stored after the first conflict");
    }
    assert_eq!(token(&mut session, HOUR), "b0");
    let stored = store.held().to_bytes();
    let stored = String::from_utf8_lossy(&stored);
    assert!(stored.contains("s0") && !stored.contains("dead"), "the old record is replaced");
}

#[test]
fn a_conflict_with_a_live_claim_sends_nothing() {
    let mut store = Store::default();
    let mut first = fresh(config(), &mut store);
    let mut second = joined(config(), &store, at(1), 2);
    let theirs = to_store(second.poll(at(HOUR)));
    to_store(first.poll(at(HOUR)));
    first.handle_persisted(at(HOUR), Persisted::Conflict(theirs)).unwrap();
    for now in HOUR..HOUR + 60 {
        until(first.poll(at(now)));
    }
}
