//! The whole trip: a browser, a code, tokens, and the tokens at work.

use grantwire::authorization::{Callback, PendingAuthorization};
use grantwire::client::{ClientSecretBasic, PrivateKeyJwt};
use grantwire::{Client, Resend};
use serde_json::Value;

use crate::browser;
use crate::case::{Case, key};
use crate::clients;
use crate::expect;

/// From the URL to the owner's name, with the pending value put away in between.
fn whole_trip(case: &Case, client: &Client) {
    let started = case.begin(case.authorization(client, "openid api:read").with_nonce());
    let nonce = started.pending.nonce().expect("a nonce").to_owned();
    let stored = started.pending.to_bytes();
    drop(started.pending);

    let callback = Callback::from_url(&browser::approve(&started.url));
    let pending = PendingAuthorization::from_bytes(&stored).expect("what was stored");
    let code = pending.code(callback).expect("a code");
    let tokens = expect::granted(case.ask(&client.token(code)), "openid api:read", 300);

    assert!(tokens.refresh_token().is_some());
    let claims = expect::claims(tokens.id_token().expect("an ID token").expose());
    assert_eq!(claims["iss"], case.server.issuer());
    assert_eq!(claims["aud"], client.id().as_str());
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["nonce"], nonce);
    assert_eq!(case.userinfo(tokens.access_token()).expect("claims")["sub"], "alice");

    // Members the crate does not know are there for the asking, and what is not there is not.
    assert_eq!(tokens.extra::<u64>("expires_in"), Some(300));
    assert_eq!(tokens.extra::<Value>("authorization_details"), None);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_public_client() {
    let case = Case::start();
    whole_trip(&case, &case.named("public"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn basic_with_hostile_characters() {
    let case = Case::start();
    let secret = clients::client("hostile").secret.expect("a secret");
    whole_trip(&case, &case.named("hostile").auth(ClientSecretBasic::new(secret)));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn private_key_jwt_with_es256() {
    let case = Case::start();
    let client = case.named("key-es256").auth(PrivateKeyJwt::new(key("key-es256")));
    whole_trip(&case, &client);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn every_other_way_to_authenticate() {
    let case = Case::start();
    for name in [
        "basic",
        "post",
        "secret-jwt-hs256",
        "secret-jwt-hs384",
        "secret-jwt-hs512",
        "key-es384",
        "key-es512",
        "key-rs256",
        "key-ps256",
        "key-eddsa",
        "key-ed25519",
    ] {
        whole_trip(&case, &case.client(name));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn two_logins_of_one_client_do_not_mix() {
    let case = Case::start();
    let client = case.client("public");
    let begin = |account: &str| {
        case.begin(case.authorization(&client, "openid").parameter("login_hint", account))
    };
    let (bob, carol) = (begin("bob"), begin("carol"));
    let (for_bob, for_carol) = (browser::approve(&bob.url), browser::approve(&carol.url));
    for (pending, callback, account) in
        [(carol.pending, for_carol, "carol"), (bob.pending, for_bob, "bob")]
    {
        let code = pending.code(Callback::from_url(&callback)).expect("a code");
        let tokens = expect::granted(case.ask(&client.token(code)), "openid", 300);
        assert_eq!(case.userinfo(tokens.access_token()).expect("claims")["sub"], account);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn the_code_request_may_not_be_sent_twice_and_says_so() {
    let case = Case::start();
    let client = case.client("public");
    let exchange = client.token(case.code(&client, "openid"));
    let draft = case.entropy(|entropy| exchange.draft(Case::now(), entropy)).expect("a draft");
    assert_eq!(draft.duties().resend, Resend::OnlyIfNotSent);
    assert!(!draft.duties().client_certificate);
    let reply = case.server.send(draft.finish().expect("nothing is left to sign"));
    expect::granted(exchange.read(&reply), "openid", 300);
}
