//! Revocation: what works before it and no longer after it, and who may ask for it.

use grantwire::client::{ClientSecretBasic, PublicClient};
use grantwire::grant::{ClientCredentials, RefreshToken};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::revocation::{RevocationRequest, TokenTypeHint};
use grantwire::{Client, ReplyError, Resend, Secret, TokenResponse};
use serde_json::json;

use crate::case::Case;
use crate::expect;

const HINTS: [Option<TokenTypeHint>; 3] =
    [None, Some(TokenTypeHint::AccessToken), Some(TokenTypeHint::RefreshToken)];

fn access(tokens: &TokenResponse) -> Secret {
    tokens.access_token().expose().into()
}

fn hinted(client: &Client, token: Secret, hint: Option<TokenTypeHint>) -> RevocationRequest {
    let request = client.revoke(token);
    match hint {
        Some(hint) => request.hint(hint),
        None => request,
    }
}

#[track_caller]
fn refused(case: &Case, request: &RevocationRequest, status: u16, code: ErrorCode) -> ReplyError {
    let error = case.exchange(request).expect_err("the server refuses");
    expect::refusal(&error, status, &code, Fault::Client, FailureClass::Definitive);
    error
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_access_token_whatever_the_hint() {
    let case = Case::start();
    let client = case.client("basic");
    for hint in HINTS {
        let tokens = case.tokens(&client, "openid");
        assert!(case.userinfo(tokens.access_token()).is_ok());
        case.exchange(&hinted(&client, access(&tokens), hint)).expect("revoked");
        expect::dead_token(case.userinfo(tokens.access_token()));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_refresh_token_whatever_the_hint_takes_its_access_token_with_it() {
    let case = Case::start();
    let client = case.client("public");
    for hint in HINTS {
        let tokens = case.tokens(&client, "openid");
        let token = expect::refresh_token(&tokens);
        case.exchange(&hinted(&client, token.clone(), hint)).expect("revoked");
        expect::dead_grant(case.ask(&client.token(RefreshToken::new(token))));
        expect::dead_token(case.userinfo(tokens.access_token()));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn with_each_way_to_authenticate() {
    let case = Case::start();
    for name in ["public", "hostile", "post", "secret-jwt-hs256", "key-es256", "key-ed25519"] {
        let client = case.client(name);
        let tokens = case.tokens(&client, "openid");
        case.exchange(&client.revoke(access(&tokens))).expect("revoked");
        expect::dead_token(case.userinfo(tokens.access_token()));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_clients_own_token() {
    let case = Case::start();
    let client = case.client("post");
    let request = client.token(ClientCredentials::new()).scope("api:read");
    let token = access(&case.ask(&request).expect("tokens"));
    let look = |token: &Secret| {
        let request = case.client("resource-server").introspect(token.clone());
        case.exchange(&request).expect("an answer").is_active()
    };
    assert!(look(&token));
    case.exchange(&client.revoke(token.clone())).expect("revoked");
    assert!(!look(&token));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn what_is_unknown_or_revoked_already_is_revoked() {
    let case = Case::start();
    let client = case.client("public");
    for hint in HINTS {
        let request = hinted(&client, "45ghiukldjahdnhzdauz".into(), hint);
        case.exchange(&request).expect("nothing there to work");
    }
    let request = client.revoke(access(&case.tokens(&client, "openid")));
    let draft = case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft");
    assert_eq!(draft.duties().resend, Resend::Always);
    for _ in 0..2 {
        case.exchange(&request).expect("revoked");
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn another_clients_token_still_works_afterwards() {
    let case = Case::start();
    let tokens = case.tokens(&case.client("basic"), "openid");
    for token in [access(&tokens), expect::refresh_token(&tokens)] {
        refused(&case, &case.client("post").revoke(token.clone()), 400, ErrorCode::InvalidRequest);
        // A public client is not told that the token exists: the answer is as for an unknown one.
        case.exchange(&case.client("public").revoke(token)).expect("no answer to that question");
    }
    assert!(case.userinfo(tokens.access_token()).is_ok());
    let client = case.client("basic");
    let refresh = client.token(RefreshToken::new(expect::refresh_token(&tokens)));
    expect::granted(case.ask(&refresh), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn who_fails_to_authenticate_revokes_nothing() {
    let case = Case::start();
    let client = case.client("basic");
    let tokens = case.tokens(&client, "openid");
    let request = || client.revoke(access(&tokens));
    let wrong = request().auth(ClientSecretBasic::new("wrong"));
    let error = refused(&case, &wrong, 401, ErrorCode::InvalidClient);
    assert!(expect::challenges(&error).iter().any(|challenge| challenge.is("Basic")));
    let nothing = request().auth(PublicClient::new());
    refused(&case, &nothing, 401, ErrorCode::InvalidClient);
    assert!(case.userinfo(tokens.access_token()).is_ok());
    case.exchange(&request()).expect("revoked");
    expect::dead_token(case.userinfo(tokens.access_token()));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_token_that_cannot_be_revoked() {
    let case = Case::start_with(&json!({ "accessTokens": "jwt" }));
    let client = case.client("key-es256");
    let request = client.token(ClientCredentials::new()).scope("api:read");
    let tokens = case.ask(&request.resource("https://api.example/")).expect("tokens");
    let request = client.revoke(access(&tokens));
    refused(&case, &request, 400, ErrorCode::UnsupportedTokenType);
}
