//! Refresh tokens: rotation, the reuse of a spent one, narrowing, and those that are not good.

use grantwire::client::ClientSecretBasic;
use grantwire::grant::RefreshToken;
use grantwire::reply::ErrorCode;
use grantwire::{Client, Resend, Secret, TokenRequest};
use serde_json::json;

use crate::case::Case;
use crate::expect;

fn refresh(client: &Client, token: &Secret) -> TokenRequest {
    client.token(RefreshToken::new(token.clone()))
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn rotate_with_every_use() {
    let case = Case::start();
    for name in ["public", "hostile", "post", "key-es256", "secret-jwt-hs256"] {
        let client = case.client(name);
        let mut tokens = case.tokens(&client, "openid api:read");
        for _ in 0..3 {
            let old = expect::refresh_token(&tokens);
            let fresh = expect::granted(case.ask(&refresh(&client, &old)), "openid api:read", 300);
            assert!(expect::refresh_token(&fresh) != old, "rotated");
            assert!(fresh.access_token() != tokens.access_token());
            tokens = fresh;
        }
        assert_eq!(case.userinfo(tokens.access_token()).expect("claims")["sub"], "alice");
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn used_twice_take_the_whole_family_with_them() {
    let case = Case::start();
    let client = case.client("public");
    let first = case.tokens(&client, "openid");
    let spent = expect::refresh_token(&first);
    let second = expect::granted(case.ask(&refresh(&client, &spent)), "openid", 300);
    assert!(case.userinfo(second.access_token()).is_ok());

    expect::dead_grant(case.ask(&refresh(&client, &spent)));
    expect::dead_grant(case.ask(&refresh(&client, &expect::refresh_token(&second))));
    expect::dead_token(case.userinfo(second.access_token()));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn narrow_and_do_not_widen() {
    let case = Case::start();
    let client = case.client("basic");
    let tokens = case.tokens(&client, "openid api:read");
    let token = expect::refresh_token(&tokens);

    // Refused before anything is spent: the token is still good afterwards.
    let wider = refresh(&client, &token).scope("openid api:read api:write");
    let error = expect::bad_request(case.ask(&wider), ErrorCode::InvalidScope);
    assert_eq!(error.extra::<String>("scope").as_deref(), Some("api:write"));

    let narrower = refresh(&client, &token).scope("openid");
    let narrowed = expect::granted(case.ask(&narrower), "openid", 300);
    // The scope was narrowed for one access token, not for the refresh token.
    let token = expect::refresh_token(&narrowed);
    expect::granted(case.ask(&refresh(&client, &token)), "openid api:read", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn unknown_or_another_clients() {
    let case = Case::start();
    let client = case.client("public");
    expect::dead_grant(case.ask(&refresh(&client, &"tGzv3JOkF0XG5Qx2TlKWIA".into())));

    let theirs = case.client("basic");
    let token = expect::refresh_token(&case.tokens(&theirs, "openid"));
    expect::dead_grant(case.ask(&refresh(&client, &token)));
    expect::granted(case.ask(&refresh(&theirs, &token)), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn expired() {
    let case = Case::start_with(&json!({ "ttl": { "RefreshToken": 20 } }));
    let client = case.client("public");
    let token = expect::refresh_token(&case.tokens(&client, "openid"));
    case.server.forward(21);
    expect::dead_grant(case.ask(&refresh(&client, &token)));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn survive_a_client_that_fails_to_authenticate() {
    let case = Case::start();
    let client = case.client("basic");
    let token = expect::refresh_token(&case.tokens(&client, "openid"));
    let wrong = refresh(&client, &token).auth(ClientSecretBasic::new("wrong"));
    expect::unknown_client(case.ask(&wrong));
    expect::granted(case.ask(&refresh(&client, &token)), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn are_sent_again_only_if_they_do_not_rotate() {
    let case = Case::start();
    let client = case.client("public");
    let token = expect::refresh_token(&case.tokens(&client, "openid"));
    let duty = |request: &TokenRequest| {
        let draft = case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft");
        draft.duties().resend
    };
    assert_eq!(duty(&refresh(&client, &token)), Resend::OnlyIfNotSent);
    let reusable = client.token(RefreshToken::new(token.clone()).reusable());
    assert_eq!(duty(&reusable), Resend::Always);
}
