//! Claim, send, store, use; and when.

use std::collections::BTreeSet;
use std::time::Duration;

use grantwire::flow::{FlowError, Misuse, SessionStatus};
use grantwire::grant::JwtAssertion;
use grantwire::jose::{Algorithm, Signer};
use grantwire::{AccessToken, TokenType};

use super::*;
use given::{as_pairs, entropy};

/// The lifetime of a login's token in seconds, `None` for one that is not said.
fn with_lifetime(seconds: Option<u64>, config: SessionConfig, process: u8) -> Session {
    let expires = seconds.map_or(String::new(), |all| format!(r#","expires_in":{all}"#));
    let body =
        format!(r#"{{"access_token":"a0","token_type":"Bearer","refresh_token":"r0"{expires}}}"#);
    let response = tokens(&body);
    let mut session = Session::from_response(&client(), &response, config, at(0), random(process));
    to_store(session.poll(at(0)));
    session.handle_persisted(at(0), Persisted::Stored).unwrap();
    session
}

#[test]
fn a_claim_is_stored_before_anything_is_sent() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let before = session.snapshot().generation();
    let claim = to_store(session.poll(at(DUE)));
    assert_eq!(claim.generation(), before + 1);
    assert!(format!("{claim:?}").contains("claimed: true"));
    for _ in 0..3 {
        assert_outstanding(session.poll(at(DUE)));
    }
    assert_eq!(session.status(), SessionStatus::Refreshing);
    session.handle_persisted(at(DUE), store.swap(&claim)).unwrap();
    assert_eq!(presented(&sent(session.poll(at(DUE)))), "r0");
    for _ in 0..3 {
        assert_outstanding(session.poll(at(DUE)));
    }
}

#[test]
fn nothing_is_used_before_it_is_stored() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    send(&mut session, &mut store, DUE);
    session.handle_response(at(DUE), &answered("a1", "r1")).unwrap();
    let exposed = |session: &Session| session.access_token(at(DUE)).unwrap().expose().to_owned();
    assert_eq!(exposed(&session), "a0", "the old one is still good, the new one not yet stored");
    let tokens = to_store(session.poll(at(DUE)));
    session.handle_persisted(at(DUE), Persisted::Failed).unwrap();
    assert_eq!(exposed(&session), "a0");
    let again = until(session.poll(at(DUE)));
    assert!(to_store(session.poll(again)) == tokens);
    session.handle_persisted(again, store.swap(&tokens)).unwrap();
    assert_eq!(value(session.poll(again)).expose(), "a1");
    let mut next = joined(config(), &store, at(DUE + HOUR), 2);
    assert_eq!(presented(&send(&mut next, &mut store, DUE + HOUR)), "r1");
}

#[test]
fn a_login_is_stored_before_it_is_used() {
    let mut session = Session::from_response(&client(), &login(), config(), at(0), entropy());
    assert!(session.access_token(at(0)).is_none());
    to_store(session.poll(at(0)));
    assert_outstanding(session.poll(at(0)));
    session.handle_persisted(at(0), Persisted::Stored).unwrap();
    assert_eq!(token(&mut session, 0), "a0");
    assert_eq!(token(&mut session, 1), "a0", "done repeats");
}

#[test]
fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    for none in ["", r#","refresh_token":"""#, r#","refresh_token":null"#] {
        let mut store = Store::default();
        let mut session = fresh(config(), &mut store);
        send(&mut session, &mut store, DUE);
        let body =
            format!(r#"{{"access_token":"a1","token_type":"Bearer","expires_in":3600{none}}}"#);
        session.handle_response(at(DUE), &json(200, body)).unwrap();
        store.serve(&mut session, DUE);
        assert_eq!(token(&mut session, DUE), "a1");
        assert_eq!(presented(&send(&mut session, &mut store, DUE + HOUR)), "r0", "{none}");
    }
}

/// Between one and two minutes ahead, by the caller's own bytes.
#[test]
fn the_refresh_is_ahead_and_jittered() {
    let mut moments = BTreeSet::new();
    for process in 0..64 {
        let mut session = with_lifetime(Some(HOUR), config(), process);
        let due = session.next_deadline().expect("a moment");
        assert!(at(HOUR - 120) < due && due <= at(HOUR - 60), "{process}: {due:?}");
        let just_before = Timestamp::from_unix_millis(due.as_unix_millis() - 1);
        assert_eq!(value(session.poll(just_before)).expose(), "a0");
        to_store(session.poll(due));
        let same = with_lifetime(Some(HOUR), config(), process);
        assert_eq!(same.next_deadline(), Some(due), "the same bytes, the same moment");
        moments.insert(due);
    }
    assert!(moments.len() > 32, "a fleet does not come all at once: {}", moments.len());
}

#[test]
fn a_short_lived_token_is_given_its_time() {
    for process in 0..32 {
        let session = with_lifetime(Some(60), config(), process);
        let due = session.next_deadline().expect("a moment");
        assert!(at(30) < due && due <= at(45), "{due:?}");
    }
    let long = config().refresh_ahead(Duration::from_secs(600));
    let session = with_lifetime(Some(HOUR), long, 1);
    let due = session.next_deadline().expect("a moment");
    assert!(at(HOUR - 1_200) < due && due <= at(HOUR - 600));
}

#[test]
fn a_lifetime_that_is_not_known_lasts_until_it_is_refused() {
    let mut session = with_lifetime(None, reusable(), 1);
    assert_eq!(session.next_deadline(), None);
    for day in [0, 1, 1_000] {
        assert_eq!(token(&mut session, day * 86_400), "a0");
    }
    session.refuse_access_token();
    assert!(session.access_token(at(0)).is_none());
    assert_eq!(presented(&sent(session.poll(at(0)))), "r0");

    let assumed = with_lifetime(None, config().assume_lifetime(Duration::from_secs(HOUR)), 1);
    assert!(assumed.next_deadline().is_some_and(|due| due <= at(HOUR - 60)));
}

#[test]
fn a_refused_access_token_is_replaced_at_once() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    assert_eq!(token(&mut session, 10), "a0");
    session.refuse_access_token();
    assert!(session.next_deadline().is_some_and(|due| due <= at(10)));
    send(&mut session, &mut store, 10);
    session.handle_response(at(10), &answered("a1", "r1")).unwrap();
    store.serve(&mut session, 10);
    assert_eq!(token(&mut session, 10), "a1", "the new one is not refused with the old");
}

/// RFC 7523: each token with an assertion of its own, signed elsewhere.
#[test]
fn a_service_account_asks_with_a_new_assertion() {
    let assertion = JwtAssertion::new("svc", Signer::remote(Algorithm::Es256)).subject("svc");
    let mut session = TokenSource::jwt_assertion(&client(), assertion, config(), entropy());
    let mut inputs = Vec::new();
    for round in 0..3 {
        let now = round * HOUR * 2;
        let unsigned = to_sign(session.poll(at(now)));
        session.handle_signature(&unsigned.signed([1; 64])).unwrap();
        inputs.push(unsigned.input().to_vec());
        let request = sent(session.poll(at(now)));
        assert_eq!(given::names_of(&request), ["grant_type", "assertion", "client_id"]);
        session.handle_response(at(now), &answered("a1", "not for us")).unwrap();
        assert_eq!(token(&mut session, now), "a1");
    }
    inputs.sort();
    inputs.dedup();
    assert_eq!(inputs.len(), 3, "no assertion is used twice");
    // A refusal of one assertion is no end: the next one is another.
    session.refuse_access_token();
    let unsigned = to_sign(session.poll(at(9 * HOUR)));
    session.handle_signature(&unsigned.signed([1; 64])).unwrap();
    sent(session.poll(at(9 * HOUR)));
    session.handle_response(at(9 * HOUR), &refusal("invalid_grant")).unwrap();
    assert!(matches!(error(session.poll(at(9 * HOUR))), FlowError::Reply(_)));
    assert_ne!(session.status(), SessionStatus::Dead);
    to_sign(session.poll(at(10 * HOUR)));
}

/// Of two requests with the old token one is answered late, when the new token is there already.
#[test]
fn a_late_refusal_of_the_old_token_leaves_the_new_one_alone() {
    let mut store = Store::default();
    let mut session = fresh(config(), &mut store);
    let old = session.access_token(at(10)).expect("a token").clone();
    assert!(session.refuse(&old));
    assert!(session.access_token(at(10)).is_none());
    send(&mut session, &mut store, 10);
    session.handle_response(at(10), &answered("a1", "r1")).unwrap();
    store.serve(&mut session, 10);
    assert!(!session.refuse(&old), "it is not in use any more");
    assert_eq!(token(&mut session, 11), "a1");
    let other = AccessToken::new("a1", TokenType::Dpop);
    assert!(!session.refuse(&other), "the same text, used in another way, is another token");
}

#[test]
fn client_credentials_need_no_store() {
    let mut session = TokenSource::client_credentials(&client(), config(), entropy());
    for round in 0..3 {
        let now = round * HOUR * 2;
        let request = sent(session.poll(at(now)));
        let wanted = as_pairs(&[("grant_type", "client_credentials"), ("client_id", "s6BhdRkqt3")]);
        assert_eq!(pairs_of(&request), wanted);
        session.handle_response(at(now), &answered("a1", "not for us")).unwrap();
        assert_eq!(token(&mut session, now), "a1");
    }
    // RFC 6749 section 4.4.3: a refresh token should not be included, and it is of no use: no request
    // presented one, and there is nothing that could be stored.
    assert_eq!(session.handle_persisted(at(0), Persisted::Stored), Err(Misuse::NotPersisting));
}

#[test]
fn a_reusable_token_needs_no_claim_and_its_answer_is_stored() {
    let mut store = Store::default();
    let mut session = fresh(reusable(), &mut store);
    sent(session.poll(at(DUE)));
    session.handle_response(at(DUE), &answered("a1", "r1")).unwrap();
    assert!(store.serve(&mut session, DUE) == Some(Persisted::Stored));
    assert_eq!(token(&mut session, DUE), "a1");
}

#[test]
fn what_a_server_wants_with_a_refresh() {
    let config = reusable()
        .scope("openid email")
        .redirect_uri("urn:ietf:wg:oauth:2.0:oob")
        .parameter("tenant", "t1");
    let mut session = Session::from_refresh_token(&client(), "r0", config, entropy());
    let request = sent(session.poll(at(0)));
    let wanted = as_pairs(&[
        ("grant_type", "refresh_token"),
        ("redirect_uri", "urn:ietf:wg:oauth:2.0:oob"),
        ("refresh_token", "r0"),
        ("scope", "openid email"),
        ("tenant", "t1"),
        ("client_id", "s6BhdRkqt3"),
    ]);
    let sorted = |mut all: Vec<(String, String)>| {
        all.sort();
        all
    };
    assert_eq!(sorted(pairs_of(&request)), sorted(wanted));
}

/// A login may have given no refresh token: then the user is the only way on.
#[test]
fn without_a_refresh_token_it_ends_with_the_access_token() {
    let response = tokens(r#"{"access_token":"a0","token_type":"Bearer","expires_in":3600}"#);
    let mut session = Session::from_response(&client(), &response, config(), at(0), entropy());
    to_store(session.poll(at(0)));
    session.handle_persisted(at(0), Persisted::Stored).unwrap();
    assert_eq!(token(&mut session, DUE), "a0");
    let end = error(session.poll(at(HOUR)));
    assert!(matches!(end, grantwire::flow::FlowError::CredentialDead));
}

#[test]
fn a_clock_set_back_lengthens_no_life() {
    let mut session = with_lifetime(Some(HOUR), config(), 1);
    assert_eq!(token(&mut session, HOUR - 200), "a0");
    // An hour back: 200 seconds of life are left, and no more.
    let back = |seconds: u64| Timestamp::from_unix_seconds(at(seconds).as_unix_seconds() - HOUR);
    assert_eq!(value(session.poll(back(HOUR - 200))).expose(), "a0");
    assert!(session.access_token(back(HOUR - 1)).is_some());
    assert!(session.access_token(back(HOUR)).is_none());
    to_store(session.poll(back(HOUR)));
}
