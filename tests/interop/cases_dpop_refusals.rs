//! DPoP proofs that the server does not take, and a clock that it helps.

use std::time::Duration;

use grantwire::Exchange;
use grantwire::client::ClientSecretPost;
use grantwire::dpop::DpopKey;
use grantwire::flow::{Dpop, Driver, TokenFlow};
use grantwire::grant::ClientCredentials;
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::{Client, TokenRequest, TokenType};

use crate::case::{Answer, Case};
use crate::clients;
use crate::expect;

fn key() -> LocalKey {
    LocalKey::generate(Algorithm::Es256).expect("a key")
}

/// A request whose secret may be sent twice, so that only the proof can be at fault.
fn request(case: &Case) -> TokenRequest {
    case.client("post").token(ClientCredentials::new()).scope("api:read")
}

/// The request with a proof, unsent.
fn proved(case: &Case, request: &TokenRequest, nonce: Option<&str>) -> http::Request<Vec<u8>> {
    let key = DpopKey::from(key());
    let draft = case.entropy(|entropy| request.draft_bound(&key, nonce, Case::now(), entropy));
    draft.expect("a draft").finish().expect("nothing is left to sign")
}

#[track_caller]
fn not_taken(answer: Answer, code: &ErrorCode, fault: Fault) {
    let error = answer.expect_err("the server refuses");
    expect::refusal(&error, 400, code, fault, FailureClass::Definitive);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_replayed_proof() {
    let case = Case::start();
    let request = request(&case);
    let sent = proved(&case, &request, None);
    let again = sent.clone();
    let tokens = request.read(&case.server.send(sent)).expect("tokens");
    expect::issued(&tokens, &TokenType::Dpop, "api:read", 300);
    // The grant is what this server blames, not the proof.
    let answer = request.read(&case.server.send(again));
    not_taken(answer, &ErrorCode::InvalidGrant, Fault::Credential);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_proof_for_another_address() {
    let case = Case::start();
    let issuer = case.server.issuer().to_owned();
    let row = clients::client("post");
    let elsewhere = Client::new(case.known().token_endpoint(&format!("{issuer}/else")), row.id)
        .auth(ClientSecretPost::new(row.secret.expect("a secret")));
    let request = elsewhere.token(ClientCredentials::new()).scope("api:read");
    let mut moved = proved(&case, &request, None);
    *moved.uri_mut() = format!("{issuer}/token").parse().expect("an address");
    let answer = request.read(&case.server.send(moved));
    not_taken(answer, &ErrorCode::InvalidDpopProof, Fault::Client);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_nonce_that_the_server_did_not_give() {
    let case = Case::start();
    let request = request(&case);
    let sent = proved(&case, &request, Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"));
    let error = request.read(&case.server.send(sent)).expect_err("a new nonce");
    let refusal = error.refusal().expect("a refusal");
    assert_eq!(refusal.code(), &ErrorCode::UseDpopNonce);
    assert!(error.raw().headers().contains_key("dpop-nonce"));
    assert_eq!(error.class(), FailureClass::Transient);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_clock_that_is_an_hour_late_is_helped_by_a_nonce() {
    let case = Case::start();
    let late = || Case::now().saturating_sub(Duration::from_secs(3600));
    let mut sent = 0;
    let mut flow = TokenFlow::new(request(&case), Case::new_entropy()).dpop(Dpop::new(key()));
    let tokens = Driver::blocking(
        late,
        |_| panic!("nothing here waits"),
        |request, _| {
            sent += 1;
            Ok(case.server.send(request))
        },
    )
    .run(&mut flow)
    .expect("tokens");
    expect::issued(&tokens, &TokenType::Dpop, "api:read", 300);
    assert_eq!(sent, 2);
}
