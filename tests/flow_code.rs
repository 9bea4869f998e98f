//! [`CodeFlow`], one scenario for each row of its table: from a callback to tokens.
//!
//! What a callback may look like is in `properties` and `attacks`; here is what becomes of the flow.

mod given;
mod machines;

use grantwire::Client;
use grantwire::authorization::{Callback, CallbackError, CallbackErrorKind, PendingAuthorization};
use grantwire::client::PrivateKeyJwt;
use grantwire::flow::{CodeFlow, Dpop, FlowError, Machine, Misuse, Transition};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::reply::{ErrorCode, FailureClass};
use machines::*;

use given::{
    CALLBACK, CLIENT_ID, as_pairs, client, code_exchange, entropy, json, pairs_of, pending, query,
    server, started,
};

const TOKENS: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#;
const GOOD: &str = "code=SplxlOBeZQQYbYS6WxSbIA&state=xyz";

fn resume(query: &str) -> Result<CodeFlow, CallbackError> {
    let client = client();
    CodeFlow::resume(&client, pending(&client), Callback::from_query(query), entropy())
}

fn redeeming() -> Walk<CodeFlow> {
    let mut walk = Walk::new(resume(GOOD).unwrap());
    walk.stays(|flow| sent(flow.poll(at(0))));
    walk
}

/// Before there is a machine there is only the pending value, so this row is told and not walked.
fn told(event: &str) -> Transition {
    row(CodeFlow::TRANSITIONS, "AwaitCallback", event)
}

fn a_callback_for_another() -> Vec<Transition> {
    let refused = resume("code=x&state=another").expect_err("not its state");
    assert_eq!(*refused.kind(), CallbackErrorKind::NotForThisFlow);
    let pending = refused.into_pending().expect("the pending value is unharmed");
    // The right callback still finds it.
    let flow = CodeFlow::resume(&client(), pending, Callback::from_query(GOOD), entropy());
    assert_eq!(flow.unwrap().state(), "Redeeming");
    vec![told("CallbackForAnother")]
}

fn a_callback_that_refuses() -> Vec<Transition> {
    let refused = resume("error=access_denied&state=xyz").expect_err("a refusal");
    match refused.kind() {
        CallbackErrorKind::Refused(refusal) => {
            assert_eq!(*refusal.code(), ErrorCode::AccessDenied);
        }
        other => panic!("{other:?}"),
    }
    assert!(refused.into_pending().is_none(), "it was for this flow, which is over");
    vec![told("CallbackRefused")]
}

fn a_callback_that_is_right() -> Vec<Transition> {
    let flow = resume(GOOD).unwrap();
    let row = told("CallbackChecked");
    assert_eq!(flow.state(), row.to);
    vec![row]
}

fn answered() -> Vec<Transition> {
    let mut walk = redeeming();
    walk.goes("Redeeming", &["Answered"], "Done", |flow| {
        flow.handle_response(at(1), &json(200, TOKENS)).unwrap();
    });
    for second in 2..5 {
        let tokens = walk.stays(|flow| value(flow.poll(at(second))));
        assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    }
    walk.rows()
}

fn refused() -> Vec<Transition> {
    let mut walk = redeeming();
    walk.goes("Redeeming", &["Refused"], "Failed", |flow| {
        flow.handle_response(at(1), &json(400, r#"{"error":"invalid_grant"}"#)).unwrap();
    });
    let end = walk.stays(|flow| error(flow.poll(at(2))));
    assert!(end.reply().unwrap().credential_is_dead());
    walk.rows()
}

fn lost() -> Vec<Transition> {
    let mut walk = redeeming();
    walk.goes("Redeeming", &["Lost"], "Failed", |flow| {
        flow.handle_failure(at(1), NO_ANSWER).unwrap();
    });
    assert!(
        matches!(error(walk.machine.poll(at(2))), FlowError::Transport(told) if told == NO_ANSWER)
    );
    walk.rows()
}

scenarios! {
    CodeFlow::TRANSITIONS;
    a_callback_for_another, a_callback_that_refuses, a_callback_that_is_right, answered, refused, lost,
}

/// A web server lets go of everything between the redirect and the callback.
#[test]
fn the_pause_is_survived_as_bytes() {
    let client = client();
    let started = started(&client);
    let stored = started.pending.to_bytes();
    let state = query(&started.url, "state").expect("a state");
    drop(started);

    let pending = PendingAuthorization::from_bytes(&stored).unwrap();
    let url = format!("{CALLBACK}?code=SplxlOBeZQQYbYS6WxSbIA&state={state}");
    let mut flow = CodeFlow::resume(&client, pending, Callback::from_url(&url), entropy()).unwrap();
    let request = sent(flow.poll(at(0)));
    let sent = pairs_of(&request);
    let (_, verifier) = sent.iter().find(|(name, _)| name == "code_verifier").expect("a verifier");
    let wanted = as_pairs(&[
        ("grant_type", "authorization_code"),
        ("code", "SplxlOBeZQQYbYS6WxSbIA"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier),
        ("client_id", CLIENT_ID),
    ]);
    assert_eq!(sent, wanted);
}

#[test]
fn a_request_of_ones_own_is_driven_alike() {
    let mut walk = Walk::new(CodeFlow::redeem(code_exchange(&client()), entropy()));
    walk.stays(|flow| sent(flow.poll(at(0))));
    walk.goes("Redeeming", &["Answered"], "Done", |flow| {
        flow.handle_response(at(1), &json(200, TOKENS)).unwrap();
    });
}

/// A code is spent by presenting it, so nothing repeats the request, whatever the answer.
#[test]
fn nothing_sends_a_code_twice() {
    for status in [400, 401, 408, 429, 500, 502, 503, 504] {
        let mut flow = resume(GOOD).unwrap();
        sent(flow.poll(at(0)));
        flow.handle_response(at(0), &json(status, "{}")).unwrap();
        for second in [0, 1, 3_600] {
            error(flow.poll(at(second)));
        }
    }
    let mut flow = resume(GOOD).unwrap();
    sent(flow.poll(at(0)));
    flow.handle_response(at(0), &json(504, "")).unwrap();
    let end = error(flow.poll(at(0)));
    assert_eq!(end.reply().unwrap().class(), FailureClass::Indeterminate);
}

#[test]
fn an_event_that_does_not_fit_changes_nothing() {
    let mut walk = Walk::new(resume(GOOD).unwrap());
    let answer = json(200, TOKENS);
    walk.stays(|flow| {
        assert_eq!(flow.handle_response(at(0), &answer), Err(Misuse::NotSending));
        assert_eq!(flow.handle_failure(at(0), NOT_SENT), Err(Misuse::NotSending));
    });
    sent(walk.machine.poll(at(0)));
    walk.stays(|flow| assert_outstanding(flow.poll(at(0))));
    walk.machine.handle_failure(at(1), NOT_SENT).unwrap();
    walk.stays(|flow| {
        assert_eq!(flow.handle_response(at(2), &answer), Err(Misuse::NotSending));
    });
}

/// A request that was not sent leaves the code good, so the parts make another flow.
#[test]
fn a_code_that_was_not_sent_is_still_good() {
    let mut flow = resume(GOOD).unwrap();
    let first = sent(flow.poll(at(0)));
    flow.handle_failure(at(0), NOT_SENT).unwrap();
    let (request, entropy, _) = flow.into_parts();
    let mut again = CodeFlow::redeem(request, entropy);
    assert_eq!(sent(again.poll(at(1))).body(), first.body());
}

/// The flow with every signature there is: the assertion's and the proof's, both made elsewhere.
#[test]
fn keys_elsewhere() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let remote = || Signer::remote(Algorithm::Es256);
    let client = Client::new(server(), CLIENT_ID).auth(PrivateKeyJwt::new(remote()));
    let proof_key = grantwire::dpop::DpopKey::new(remote(), &key.public_jwk()).unwrap();
    let flow =
        CodeFlow::resume(&client, pending(&client), Callback::from_query(GOOD), entropy()).unwrap();
    let mut walk = Walk::new(flow.dpop(Dpop::new(proof_key)));
    for _ in 0..2 {
        let unsigned = walk.stays(|flow| to_sign(flow.poll(at(0))));
        let signature = key.sign(&unsigned).unwrap();
        walk.stays(|flow| flow.handle_signature(&signature)).unwrap();
    }
    let request = walk.stays(|flow| sent(flow.poll(at(0))));
    assert!(request.headers().contains_key("dpop"));
    walk.goes("Redeeming", &["Answered"], "Done", |flow| {
        let bound = r#"{"access_token":"t","token_type":"DPoP"}"#;
        flow.handle_response(at(1), &json(200, bound)).unwrap();
    });
    let dpop = walk.machine.into_dpop().expect("the key goes on to the session");
    assert_eq!(dpop.key().thumbprint(), key.thumbprint());
}
