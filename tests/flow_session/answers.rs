//! What each answer does to the credential: design by status, class and fault.

use std::time::Duration;

use grantwire::flow::{FlowError, SessionStatus};
use grantwire::reply::ErrorCode;

use super::*;
use given::{answer, entropy};

/// Where an answer leaves a session once it has stored what it wants.
fn after(config: SessionConfig, reply: &Response<Vec<u8>>) -> (Session, Store) {
    let mut store = Store::default();
    let mut session = fresh(config, &mut store);
    send(&mut session, &mut store, DUE);
    session.handle_response(at(DUE), reply).unwrap();
    store.serve(&mut session, DUE);
    (session, store)
}

fn status_after(config: SessionConfig, reply: &Response<Vec<u8>>) -> SessionStatus {
    after(config, reply).0.status()
}

fn busy(status: u16) -> Response<Vec<u8>> {
    answer(status, &[], "")
}

#[test]
fn only_invalid_grant_kills_the_refresh_token() {
    for status in [400, 401, 403] {
        let reply = json(status, r#"{"error":"invalid_grant"}"#);
        for config in [config(), reusable()] {
            let (mut session, store) = after(config.clone(), &reply);
            assert_eq!(session.status(), SessionStatus::Dead);
            assert_eq!(token(&mut session, DUE), "a0", "the access token lives on");
            assert!(matches!(error(session.poll(at(HOUR))), FlowError::CredentialDead));
            assert_eq!(session.next_deadline(), None);
            // Everybody else learns it, and the token is gone from the store.
            let stored = store.held().to_bytes();
            assert!(!String::from_utf8_lossy(&stored).contains("r0"));
            let mut other = joined(config, &store, at(HOUR), 2);
            assert!(matches!(error(other.poll(at(HOUR))), FlowError::CredentialDead));
        }
    }
}

/// Xero and QuickBooks say `invalid_grant` of tokens that are good a moment later.
#[test]
fn invalid_grant_may_be_doubted_once() {
    let doubting = config().retry_invalid_grant_once();
    let (mut session, mut store) = after(doubting.clone(), &refusal("invalid_grant"));
    assert_eq!(session.status(), SessionStatus::Resting);
    assert!(session.last_failure().is_none(), "it may go away");
    // A second later, and not before.
    assert_eq!(token(&mut session, DUE), "a0", "the access token lives on");
    assert_eq!(presented(&send(&mut session, &mut store, DUE + 1)), "r0");
    session.handle_response(at(DUE + 1), &answered("a1", "r1")).unwrap();
    store.serve(&mut session, DUE + 1);
    assert_eq!(token(&mut session, DUE + 1), "a1");
    // The next one has a doubt of its own; the second time in a row it is believed.
    let again = DUE + HOUR;
    for (moment, status) in [(again, SessionStatus::Resting), (again + 1, SessionStatus::Dead)] {
        send(&mut session, &mut store, moment);
        session.handle_response(at(moment), &refusal("invalid_grant")).unwrap();
        store.serve(&mut session, moment);
        assert_eq!(session.status(), status);
    }
    // Nobody doubts it of a token that may have been presented before.
    let (mut session, mut store) = after(doubting, &busy(504));
    assert_eq!(session.status(), SessionStatus::OutcomeUnknown);
    session.resend().unwrap();
    send(&mut session, &mut store, HOUR);
    session.handle_response(at(HOUR), &refusal("invalid_grant")).unwrap();
    store.serve(&mut session, HOUR);
    assert_eq!(session.status(), SessionStatus::Dead);
}

#[test]
fn other_refusals_keep_it() {
    let codes = [
        "invalid_client",
        "unauthorized_client",
        "invalid_scope",
        "invalid_request",
        "invalid_target",
        "unsupported_grant_type",
        "invalid_dpop_proof",
    ];
    for code in codes {
        let (mut session, mut store) = after(config(), &refusal(code));
        assert_eq!(session.status(), SessionStatus::Resting, "{code}");
        assert_eq!(token(&mut session, DUE), "a0", "{code}");
        let again = send(&mut session, &mut store, HOUR);
        assert_eq!(presented(&again), "r0", "{code}");
    }
}

#[test]
fn a_refusal_that_nobody_waits_out_is_told_at_once() {
    let mut store = Store::default();
    let mut session = Session::from_refresh_token(&client(), "r0", config(), entropy());
    send(&mut session, &mut store, 0);
    session.handle_response(at(0), &refusal("invalid_client")).unwrap();
    store.serve(&mut session, 0);
    let end = error(session.poll(at(0)));
    let refusal = end.reply().and_then(|reply| reply.refusal()).expect("the server's own words");
    assert_eq!(*refusal.code(), ErrorCode::InvalidClient);
    // The configuration mended, the same refresh token is presented again after the pause.
    assert_eq!(presented(&send(&mut session, &mut store, 1)), "r0");
}

#[test]
fn busy_servers_leave_it_as_it_was() {
    for reply in [busy(429), busy(503), json(400, r#"{"error":"temporarily_unavailable"}"#)] {
        let (mut session, mut store) = after(config(), &reply);
        assert_eq!(session.status(), SessionStatus::Resting);
        assert!(format!("{:?}", store.held()).contains("claimed: false"), "given back");
        assert_eq!(token(&mut session, DUE), "a0", "there is still the old one");
        let again = send(&mut session, &mut store, DUE + 1);
        assert_eq!(presented(&again), "r0");
    }
}

#[test]
fn a_5xx_is_an_outcome_nobody_knows() {
    for status in [408, 500, 502, 504] {
        for body in ["", r#"{"error":"invalid_grant"}"#, "<html>"] {
            let reply = json(status, body);
            let known = status_after(config(), &reply);
            assert_eq!(known, SessionStatus::OutcomeUnknown, "{status} {body}");
            assert_eq!(status_after(reusable(), &reply), SessionStatus::Resting, "{status} {body}");
        }
    }
}

#[test]
fn what_cannot_be_understood_is_an_outcome_nobody_knows() {
    let html = answer(200, &[("content-type", "text/html")], "<html>");
    let both = json(200, r#"{"access_token":"a","token_type":"Bearer","error":"x"}"#);
    for reply in [html, both, json(200, ""), json(200, r#"{"access_token":"a1"#)] {
        assert_eq!(status_after(config(), &reply), SessionStatus::OutcomeUnknown);
    }
    // An unknown code is never definitive.
    assert_eq!(status_after(config(), &refusal("unknown_error")), SessionStatus::OutcomeUnknown);
    // A 403 without a known code is a rate limit.
    assert_eq!(status_after(config(), &answer(403, &[], "<html>")), SessionStatus::Resting);
    // A redirect was not followed, so nothing came of it.
    let moved = answer(302, &[("location", "https://login.example/")], "");
    assert_eq!(status_after(config(), &moved), SessionStatus::Resting);
}

#[test]
fn lost_answers() {
    for (config, failure, wanted) in [
        (config(), NO_ANSWER, SessionStatus::OutcomeUnknown),
        (config(), NOT_SENT, SessionStatus::Resting),
        (reusable(), NO_ANSWER, SessionStatus::Resting),
        (reusable(), NOT_SENT, SessionStatus::Resting),
    ] {
        let mut store = Store::default();
        let mut session = fresh(config, &mut store);
        send(&mut session, &mut store, DUE);
        session.handle_failure(at(DUE), failure).unwrap();
        store.serve(&mut session, DUE);
        assert_eq!(session.status(), wanted, "{failure:?}");
    }
}

#[test]
fn pauses_double_and_follow_retry_after() {
    let mut session = Session::from_refresh_token(&client(), "r0", reusable(), entropy());
    let mut now = 0;
    for pause in [1, 2, 4] {
        sent(session.poll(at(now)));
        session.handle_failure(at(now), NO_ANSWER).unwrap();
        assert_eq!(until(session.poll(at(now))), at(now + pause));
        now += pause;
    }
    sent(session.poll(at(now)));
    session.handle_response(at(now), &answer(503, &[("retry-after", "90")], "")).unwrap();
    // The fourth failure in a row: patience is over, and driving says why.
    assert!(matches!(error(session.poll(at(now))), FlowError::Reply(_)));
    assert!(matches!(error(session.poll(at(now + 89))), FlowError::Reply(_)));
    sent(session.poll(at(now + 90)));
    session.handle_response(at(now + 90), &answered("a1", "r1")).unwrap();
    to_store(session.poll(at(now + 90)));
    session.handle_persisted(at(now + 90), Persisted::Stored).unwrap();
    assert_eq!(token(&mut session, now + 90), "a1");
}

/// A server may not put a session to sleep for a year, and a date counts by the caller's clock.
#[test]
fn retry_after_is_followed_for_an_hour_at_the_most() {
    for (header, wanted) in [("31536000", HOUR), ("Fri, 15 Jan 2027 08:02:00 GMT", 120), ("0", 1)] {
        let mut session = Session::from_refresh_token(&client(), "r0", reusable(), entropy());
        sent(session.poll(at(0)));
        session.handle_response(at(0), &answer(429, &[("retry-after", header)], "")).unwrap();
        assert_eq!(until(session.poll(at(0))), at(wanted), "{header}");
    }
}

#[test]
fn patience_is_the_callers() {
    for patience in [0, 1, 3] {
        let config = reusable().patience(patience);
        let mut session = Session::from_refresh_token(&client(), "r0", config, entropy());
        let mut now = at(0);
        for _ in 1..patience {
            sent(session.poll(now));
            session.handle_failure(now, NO_ANSWER).unwrap();
            now = until(session.poll(now));
        }
        sent(session.poll(now));
        session.handle_failure(now, NO_ANSWER).unwrap();
        assert!(matches!(error(session.poll(now)), FlowError::Transport(_)), "{patience}");
    }
}

/// `invalid_grant` to client credentials makes nothing of the client's dead.
#[test]
fn the_client_itself_is_never_dead() {
    let mut session = Session::client_credentials(&client(), config(), entropy());
    sent(session.poll(at(0)));
    session.handle_response(at(0), &refusal("invalid_grant")).unwrap();
    assert!(error(session.poll(at(0))).reply().is_some());
    assert_eq!(session.status(), SessionStatus::Resting);
    sent(session.poll(at(0) + Duration::from_secs(1)));
}
