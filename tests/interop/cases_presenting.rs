//! Access tokens at a resource: the server's own, which says who the token belongs to.

use std::time::Duration;

use grantwire::reply::ErrorCode;
use grantwire::resource::{self, Denied};
use grantwire::{AccessToken, TokenType};

use crate::case::Case;
use crate::expect;

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_good_token_opens_and_comes_back_from_a_store() {
    let case = Case::start();
    let tokens = case.tokens(&case.client("public"), "openid");
    let stored = AccessToken::new(tokens.access_token().expose(), TokenType::Bearer);
    assert_eq!(&stored, tokens.access_token());
    assert_eq!(case.userinfo(&stored).expect("claims")["sub"], "alice");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_unknown_token_is_dead() {
    let case = Case::start();
    let token = AccessToken::new("2YotnFZFEjr1zCsicMWpAA", TokenType::Bearer);
    let details = expect::dead_token(case.userinfo(&token));
    assert_eq!(details.scope(), None);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_expired_token_is_dead() {
    let case = Case::start();
    let tokens = case.tokens(&case.client("public"), "openid");
    let received = Case::now();
    let ends = tokens.lifetime().ends(received).expect("a lifetime");
    assert_eq!(ends.saturating_since(received), Duration::from_secs(300));
    assert!(case.userinfo(tokens.access_token()).is_ok());
    case.server.forward(301);
    expect::dead_token(case.userinfo(tokens.access_token()));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_token_that_does_not_reach_is_told_what_would() {
    let case = Case::start();
    let tokens = case.tokens(&case.client("public"), "api:read");
    let answer = case.userinfo(tokens.access_token());
    let Err(Denied::InsufficientScope(details)) = answer else { panic!("{answer:?}") };
    assert_eq!(details.code(), Some(&ErrorCode::InsufficientScope));
    assert_eq!(details.scope(), Some("openid"));
    assert!(details.description().is_some());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn no_token_at_all() {
    let case = Case::start();
    let url = format!("{}/me", case.server.issuer());
    let reply = case.server.send(http::Request::get(url).body(Vec::new()).expect("a request"));
    let Err(Denied::InvalidToken(details)) = resource::check(&reply) else { panic!("{reply:?}") };
    // No code in the challenge: nothing was presented that could be invalid.
    assert_eq!(details.code(), None);
    assert_eq!(details.scope(), None);
}
