//! Sessions whose tokens are bound to a DPoP key, and keys that are elsewhere.

use grantwire::BuildError;
use grantwire::client::PrivateKeyJwt;
use grantwire::dpop::DpopKey;
use grantwire::flow::{Dpop, FlowError, Misuse, SessionStatus};
use grantwire::jose::{Algorithm, LocalKey, Signer};

use super::*;
use given::{CLIENT_ID, answer, server};

const BOUND: &str =
    r#"{"access_token":"a1","token_type":"DPoP","expires_in":3600,"refresh_token":"r1"}"#;

fn remote_client() -> Client {
    let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256));
    Client::new(server(), CLIENT_ID).auth(method)
}

fn challenge(nonce: &str) -> Response<Vec<u8>> {
    answer(400, &[("dpop-nonce", nonce)], r#"{"error":"use_dpop_nonce"}"#)
}

/// The nonce is asked for once, learned, and sent at once with the next refresh.
#[test]
fn the_nonce_is_kept_for_the_next_refresh() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let mut session =
        Session::from_refresh_token(&client(), "r0", config(), random(1)).dpop(Dpop::new(key));
    let mut store = Store::default();
    let first = send(&mut session, &mut store, 0);
    session.handle_response(at(0), &challenge("n1")).unwrap();
    let second = sent(session.poll(at(0)));
    assert_eq!(first.body(), second.body(), "the same refresh token, under the same claim");
    assert_ne!(first.headers()["dpop"], second.headers()["dpop"]);
    let with_next =
        answer(200, &[("content-type", "application/json"), ("dpop-nonce", "n2")], BOUND);
    session.handle_response(at(0), &with_next).unwrap();
    store.serve(&mut session, 0);
    assert_eq!(token(&mut session, 0), "a1");
    let later = send(&mut session, &mut store, HOUR);
    let proof = given_claims(&later);
    assert_eq!(proof["nonce"], "n2");
}

fn given_claims(request: &Request<Vec<u8>>) -> serde_json::Value {
    use base64::Engine as _;
    let proof = request.headers()["dpop"].to_str().unwrap();
    let payload = proof.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn both_signatures_may_come_from_elsewhere() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let proof_key = DpopKey::new(Signer::remote(Algorithm::Es256), &key.public_jwk()).unwrap();
    let mut session = Session::from_refresh_token(&remote_client(), "r0", config(), random(1))
        .dpop(Dpop::new(proof_key));
    let mut store = Store::default();
    store.serve(&mut session, 0);
    for _ in 0..2 {
        let unsigned = to_sign(session.poll(at(0)));
        assert_outstanding(session.poll(at(0)));
        session.handle_signature(&key.sign(&unsigned).unwrap()).unwrap();
    }
    sent(session.poll(at(0)));
    session.handle_response(at(0), &json(200, BOUND)).unwrap();
    store.serve(&mut session, 0);
    assert_eq!(token(&mut session, 0), "a1");
}

/// A signer that outlasts the claim: another process may be at it by then, so nothing is sent.
#[test]
fn a_claim_that_ends_while_signing_is_given_back() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let mut session = Session::from_refresh_token(&remote_client(), "r0", config(), random(1));
    let mut store = Store::default();
    store.serve(&mut session, 0);
    let unsigned = to_sign(session.poll(at(0)));
    assert_outstanding(session.poll(at(59)));
    let released = to_store(session.poll(at(60)));
    assert!(format!("{released:?}").contains("claimed: false"));
    let late = session.handle_signature(&key.sign(&unsigned).unwrap());
    assert_eq!(late, Err(Misuse::NotSigning));
    session.handle_persisted(at(60), store.swap(&released)).unwrap();
    assert_eq!(session.status(), SessionStatus::Resting);
}

/// A refresh token that is bound to a key is not presented with another, or with none: the server would
/// take it for stolen.
#[test]
fn a_bound_session_wants_its_own_key_back() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let mut session = Session::from_refresh_token(&client(), "r0", config(), random(1))
        .dpop(Dpop::new(key.clone()));
    let mut store = Store::default();
    send(&mut session, &mut store, 0);
    let bound =
        r#"{"access_token":"a","token_type":"DPoP","expires_in":3600,"refresh_token":"r1"}"#;
    session.handle_response(at(0), &json(200, bound)).unwrap();
    store.serve(&mut session, 0);
    let resumed = |dpop: Option<LocalKey>| {
        let session = joined(config(), &store, at(HOUR), 2);
        match dpop {
            Some(key) => session.dpop(Dpop::new(key)),
            None => session,
        }
    };
    let strange = LocalKey::generate(Algorithm::Es256).unwrap();
    for mut wrong in [resumed(None), resumed(Some(strange))] {
        let error = error(wrong.poll(at(HOUR)));
        assert!(
            matches!(error, FlowError::Build(BuildError::Invalid { .. })),
            "nothing is claimed"
        );
    }
    to_store(resumed(Some(key)).poll(at(HOUR)));
}

/// RFC 9449 section 5: a token that is not bound is not what was asked for. The refresh token in the
/// answer may be the only one that is good, so the outcome is unknown and not a failure.
#[test]
fn a_token_that_is_not_bound_is_not_used() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let mut session =
        Session::from_refresh_token(&client(), "r0", config(), random(1)).dpop(Dpop::new(key));
    let mut store = Store::default();
    send(&mut session, &mut store, 0);
    session.handle_response(at(0), &answered("a1", "r1")).unwrap();
    store.serve(&mut session, 0);
    assert!(session.access_token(at(0)).is_none());
    assert_eq!(session.status(), SessionStatus::OutcomeUnknown);
}
