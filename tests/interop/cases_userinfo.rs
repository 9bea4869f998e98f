//! The userinfo endpoint through the crate's own door.

use grantwire::authorization::Callback;
use grantwire::flow::{CodeFlow, Dpop, ExchangeFlow};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::userinfo::Userinfo;
use grantwire::{AccessToken, BuildError, Client, ReplyError, TokenResponse, TokenType};
use serde_json::json;

use crate::browser;
use crate::case::Case;
use crate::expect;

fn ask(case: &Case, client: &Client, tokens: &TokenResponse) -> Result<Userinfo, ReplyError> {
    case.exchange(&client.userinfo(tokens.access_token()).expect("a request"))
}

#[track_caller]
fn unusable(error: &ReplyError, why: Unusable) {
    assert_eq!(error.kind(), &ReplyErrorKind::Unusable(why));
    assert_eq!(error.raw().status().as_u16(), 200);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn says_what_the_scope_allows() {
    let case = Case::start();
    let client = case.client("public");
    let info = ask(&case, &client, &case.tokens(&client, "openid profile")).expect("claims");
    assert_eq!(info.subject(), "alice");
    assert_eq!(info.claim::<String>("name").as_deref(), Some("alice"));
    assert_eq!(info.claim::<u64>("name"), None, "of another type");
    assert_eq!(info.deviations(), []);
    let info = ask(&case, &client, &case.tokens(&client, "openid")).expect("claims");
    assert_eq!((info.subject(), info.claim::<String>("name")), ("alice", None));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn about_somebody_else_is_not_taken() {
    let case = Case::start();
    let client = case.client("public");
    let tokens = case.tokens(&client, "openid");
    let claims = expect::claims(tokens.id_token().expect("an ID token").expose());
    let request = || client.userinfo(tokens.access_token()).expect("a request");
    let same = request().expect_subject(claims["sub"].as_str().expect("a subject"));
    assert_eq!(case.exchange(&same).expect("claims").subject(), "alice");
    let error = case.exchange(&request().expect_subject("bob")).expect_err("somebody else");
    unusable(&error, Unusable::SubjectMismatch);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn refuses_a_token_that_is_dead_or_does_not_reach() {
    let case = Case::start();
    let client = case.client("public");
    let class = FailureClass::Definitive;
    let tokens = case.tokens(&client, "openid");
    case.exchange(&client.revoke(tokens.access_token().expose())).expect("revoked");
    let error = ask(&case, &client, &tokens).expect_err("a dead token");
    expect::refusal(&error, 401, &ErrorCode::InvalidToken, Fault::Credential, class);
    assert!(expect::challenges(&error).iter().any(|challenge| challenge.is("Bearer")));

    let error = ask(&case, &client, &case.tokens(&client, "api:read")).expect_err("too narrow");
    expect::refusal(&error, 403, &ErrorCode::InsufficientScope, Fault::Client, class);
    assert_eq!(error.extra::<String>("scope").as_deref(), Some("openid"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_signed_answer_is_not_taken() {
    let case = Case::start();
    let client = case.client("signed-answers");
    let error = ask(&case, &client, &case.tokens(&client, "openid")).expect_err("a JWT");
    unusable(&error, Unusable::Jwt);
    assert!(error.raw().expose_body().starts_with(b"eyJ"));
}

/// A token bound to a fresh key.
fn bound(case: &Case, client: &Client) -> (TokenResponse, Dpop) {
    let dpop = Dpop::new(LocalKey::generate(Algorithm::Es256).expect("a key"));
    let started = case.begin(case.authorization(client, "openid").dpop_jkt(dpop.key()));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let flow = CodeFlow::resume(client, started.pending, callback, Case::new_entropy());
    let mut flow = flow.expect("a code").dpop(dpop);
    let tokens = case.drive(&mut flow).0.expect("tokens");
    (tokens, flow.into_dpop().expect("the key"))
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn with_a_proof_and_the_nonce_that_is_asked_for() {
    let case = Case::start_with(&json!({ "dpopNonce": true }));
    let client = case.client("dpop");
    let (tokens, dpop) = bound(&case, &client);
    let forgetful = Dpop::new(dpop.key().clone());
    for (dpop, expected) in [(dpop, 1), (forgetful, 2)] {
        let request = client.userinfo(tokens.access_token()).expect("a request");
        let mut flow = ExchangeFlow::new(request, Case::new_entropy()).dpop(dpop);
        let (info, sent) = case.drive(&mut flow);
        assert_eq!((info.expect("claims").subject(), sent), ("alice", expected));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_bound_token_without_its_key() {
    let case = Case::start();
    let client = case.client("dpop");
    let (tokens, _) = bound(&case, &client);
    let request = || client.userinfo(tokens.access_token()).expect("a request");
    // Without a proof it is not even built.
    let unsent = case.entropy(|entropy| request().request(Case::now(), entropy));
    assert_eq!(unsent.expect_err("no request"), BuildError::TokenType);

    let stranger = Dpop::new(LocalKey::generate(Algorithm::Es256).expect("a key"));
    let mut flow = ExchangeFlow::new(request(), Case::new_entropy()).dpop(stranger);
    let error = case.drive(&mut flow).0.expect_err("another key");
    let error = error.reply().expect("the server's answer");
    let class = FailureClass::Definitive;
    expect::refusal(error, 401, &ErrorCode::InvalidToken, Fault::Credential, class);

    // Downgraded to Bearer behind the crate's back, the server does not take it either.
    let bearer = AccessToken::new(tokens.access_token().expose(), TokenType::Bearer);
    let request = client.userinfo(&bearer).expect("a request");
    let error = case.exchange(&request).expect_err("no proof");
    expect::refusal(&error, 401, &ErrorCode::InvalidToken, Fault::Credential, class);
}
