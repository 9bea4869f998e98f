//! DPoP: tokens bound to a key, and nonces that the server asks for, there and at the resource.

use grantwire::authorization::Callback;
use grantwire::client::PrivateKeyJwt;
use grantwire::dpop::DpopKey;
use grantwire::flow::{CodeFlow, Dpop, DriveError, Machine, ResourceFlow, Step, TokenFlow};
use grantwire::grant::{ClientCredentials, RefreshToken};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::reply::{ErrorCode, FailureClass, Fault, RawReply};
use grantwire::resource::{self, ResourceRequest};
use grantwire::{AccessToken, Client, TokenResponse, TokenType};
use serde_json::{Value, json};

use crate::browser;
use crate::case::{Case, key};
use crate::expect;

fn generated(algorithm: Algorithm) -> Dpop {
    Dpop::new(LocalKey::generate(algorithm).expect("a key"))
}

/// A code redeemed under this key: the tokens, the key with what it learned, and what was sent.
fn redeem(case: &Case, client: &Client, dpop: Dpop) -> (TokenResponse, Dpop, usize) {
    let request = case.authorization(client, "openid").dpop_jkt(dpop.key());
    let started = case.begin(request);
    let callback = Callback::from_url(&browser::approve(&started.url));
    let flow = CodeFlow::resume(client, started.pending, callback, Case::new_entropy());
    let mut flow = flow.expect("a code").dpop(dpop);
    let (tokens, sent) = case.drive(&mut flow);
    let tokens = tokens.expect("tokens");
    expect::issued(&tokens, &TokenType::Dpop, "openid", 300);
    (tokens, flow.into_dpop().expect("the key"), sent)
}

/// What the resource says to this token under this key.
fn present(case: &Case, token: &AccessToken, dpop: Dpop) -> (Result<RawReply, DriveError>, usize) {
    let request = http::Request::get(&case.userinfo).body(Vec::new()).expect("a request");
    let request = ResourceRequest::new(request, token).expect("a request to a resource");
    case.drive(&mut ResourceFlow::new(request, Case::new_entropy()).dpop(dpop))
}

fn owner(reply: &RawReply) -> Value {
    let claims: Value = serde_json::from_slice(reply.expose_body()).expect("claims");
    claims["sub"].clone()
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_code_and_a_resource_without_nonces() {
    let case = Case::start();
    let client = case.client("dpop");
    for algorithm in [Algorithm::Es256, Algorithm::Es512, Algorithm::Ps256, Algorithm::EdDsa] {
        let (tokens, dpop, sent) = redeem(&case, &client, generated(algorithm));
        assert_eq!(sent, 1);
        let (reply, sent) = present(&case, tokens.access_token(), dpop);
        assert_eq!((owner(&reply.expect("claims")), sent), (json!("alice"), 1));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn nonces_are_asked_for_once_and_carried_on() {
    let case = Case::start_with(&json!({ "dpopNonce": true }));
    let client = case.client("dpop");
    // The code stays good when the nonce is asked for, and the second try has a fresh assertion: the
    // server has consumed the first one's `jti`.
    let (tokens, dpop, sent) = redeem(&case, &client, generated(Algorithm::Es256));
    assert_eq!(sent, 2);
    let (key, nonces) = (dpop.key().clone(), dpop.nonces().clone());

    let (reply, sent) = present(&case, tokens.access_token(), dpop);
    assert_eq!((owner(&reply.expect("claims")), sent), (json!("alice"), 1));
    // The same key, with its nonces forgotten and with them given back.
    let (reply, sent) = present(&case, tokens.access_token(), Dpop::new(key.clone()));
    assert_eq!((owner(&reply.expect("claims")), sent), (json!("alice"), 2));
    let known = Dpop::new(key).with_nonces(nonces);
    let (reply, sent) = present(&case, tokens.access_token(), known);
    assert_eq!((owner(&reply.expect("claims")), sent), (json!("alice"), 1));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_token_under_another_key_is_refused() {
    let case = Case::start();
    let (tokens, ..) = redeem(&case, &case.client("dpop"), generated(Algorithm::Es256));
    let (reply, sent) = present(&case, tokens.access_token(), generated(Algorithm::Es256));
    // An answer of the resource is an answer; what it says of the token is another question.
    let reply = reply.expect("an answer");
    expect::dead_token(resource::check(&reply));
    assert_eq!((reply.status().as_u16(), sent), (401, 1));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_public_clients_refresh_token_is_bound_to_the_key() {
    let case = Case::start_with(&json!({ "dpopNonce": true }));
    let client = case.client("public");
    let (tokens, dpop, _) = redeem(&case, &client, generated(Algorithm::Es256));
    let token = expect::refresh_token(&tokens);
    let refresh = |dpop| {
        let request = client.token(RefreshToken::new(token.clone()));
        case.drive(&mut TokenFlow::new(request, Case::new_entropy()).dpop(dpop))
    };
    let (refused, sent) = refresh(generated(Algorithm::Es256));
    let error = refused.expect_err("another key");
    let class = FailureClass::Definitive;
    expect::refusal(
        error.reply().expect("the server's answer"),
        400,
        &ErrorCode::InvalidGrant,
        Fault::Credential,
        class,
    );
    assert_eq!(sent, 2, "a new key has no nonce yet");

    let (fresh, sent) = refresh(dpop);
    expect::issued(&fresh.expect("tokens"), &TokenType::Dpop, "openid", 300);
    assert_eq!(sent, 1, "the nonce was known");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_client_that_must_prove_and_does_not() {
    let case = Case::start();
    let request = case.client("dpop").token(ClientCredentials::new());
    expect::dead_grant(case.ask(&request));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn assertion_and_proof_are_both_signed_elsewhere() {
    let case = Case::start_with(&json!({ "dpopNonce": true }));
    let client_key = key("dpop");
    let proof_key = LocalKey::generate(Algorithm::Ps256).expect("a key");
    let signer = Signer::remote(Algorithm::Es256).key_id(client_key.key_id_str().expect("a kid"));
    let client = case.named("dpop").auth(PrivateKeyJwt::new(signer));
    let remote = Signer::remote(Algorithm::Ps256);
    let bound = DpopKey::new(remote, &proof_key.public_jwk()).expect("they fit");

    let request = client.token(ClientCredentials::new()).scope("api:read");
    let mut flow = TokenFlow::new(request, Case::new_entropy()).dpop(Dpop::new(bound));
    let (mut signed, mut sent) = (0, 0);
    let tokens = loop {
        match flow.poll(Case::now()) {
            Step::Sign(unsigned) => {
                signed += 1;
                let keys = [&client_key, &proof_key];
                let key = keys.into_iter().find(|key| key.algorithm() == unsigned.algorithm());
                let signature = key.expect("one of the two").sign(&unsigned).expect("signed");
                flow.handle_signature(&signature).expect("it was asked for");
            }
            Step::Send(request, _) => {
                sent += 1;
                let reply = case.server.send(request);
                flow.handle_response(Case::now(), &reply).expect("it was waited for");
            }
            Step::Done(result) => break result.expect("tokens"),
            other => panic!("{other:?}"),
        }
    };
    expect::issued(&tokens, &TokenType::Dpop, "api:read", 300);
    assert_eq!((signed, sent), (4, 2), "both again, with the nonce");
}
