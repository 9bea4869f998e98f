//! What a case expects, down to the last typed property, so that a change in reading shows.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::reply::{Challenge, ErrorCode, FailureClass, Fault, ReplyErrorKind};
use grantwire::resource::{Denied, Details};
use grantwire::{GrantedScope, Lifetime, ReplyError, Scope, Secret, TokenResponse, TokenType};
use serde_json::Value;

use crate::case::Answer;

/// Bearer tokens for exactly this scope and so many seconds, with nothing to tolerate.
#[track_caller]
pub fn granted(answer: Answer, scope: &str, seconds: u64) -> TokenResponse {
    let tokens = answer.expect("tokens");
    issued(&tokens, &TokenType::Bearer, scope, seconds);
    tokens
}

/// As [`granted`], for tokens of another type.
#[track_caller]
pub fn issued(tokens: &TokenResponse, token_type: &TokenType, scope: &str, seconds: u64) {
    assert_eq!(tokens.access_token().token_type(), token_type);
    assert_eq!(tokens.lifetime(), &Lifetime::Known(Duration::from_secs(seconds)));
    assert_eq!(tokens.refresh_token_lifetime(), &Lifetime::Unknown);
    assert_eq!(tokens.deviations(), []);
    let GrantedScope::Set(named) = tokens.scope() else {
        panic!("the scope is {:?}", tokens.scope());
    };
    let sorted = |scope: &Scope| {
        let mut tokens: Vec<_> = scope.tokens().map(str::to_owned).collect();
        tokens.sort();
        tokens
    };
    assert_eq!(sorted(named), sorted(&Scope::from(scope)));
}

/// `invalid_grant`: what was presented is dead, and only that.
#[track_caller]
pub fn dead_grant(answer: Answer) -> ReplyError {
    refused(answer, 400, ErrorCode::InvalidGrant, Fault::Credential)
}

/// `invalid_client`: the credential presented is none the worse for it.
#[track_caller]
pub fn unknown_client(answer: Answer) -> ReplyError {
    refused(answer, 401, ErrorCode::InvalidClient, Fault::Client)
}

/// A refusal of the request itself.
#[track_caller]
pub fn bad_request(answer: Answer, code: ErrorCode) -> ReplyError {
    refused(answer, 400, code, Fault::Client)
}

#[track_caller]
fn refused(answer: Answer, status: u16, code: ErrorCode, fault: Fault) -> ReplyError {
    let error = answer.expect_err("the server refuses");
    refusal(&error, status, &code, fault, FailureClass::Definitive);
    error
}

/// A refusal with these properties, and no others.
#[track_caller]
pub fn refusal(
    error: &ReplyError,
    status: u16,
    code: &ErrorCode,
    fault: Fault,
    class: FailureClass,
) {
    assert!(matches!(error.kind(), ReplyErrorKind::Refused(_)), "{error:?}");
    let refusal = error.refusal().expect("a refusal");
    assert_eq!(refusal.code(), code);
    assert!(refusal.description().is_some(), "this server always says a few words");
    assert!(refusal.uri().is_none());
    assert_eq!(error.fault(), fault);
    assert_eq!(error.class(), class);
    assert_eq!(error.credential_is_dead(), *code == ErrorCode::InvalidGrant);
    assert_eq!(error.retry_after(), None);
    assert_eq!(error.location(), None);
    assert_eq!(error.raw().status().as_u16(), status);
    assert!(error.raw().is_within_limit());
    assert_eq!(error.extra::<String>("error").as_deref(), Some(code.as_str()));
}

/// The challenges of a refused request.
#[track_caller]
pub fn challenges(error: &ReplyError) -> Vec<Challenge> {
    Challenge::from_headers(error.raw().headers()).expect("challenges")
}

/// A resource's word that the token is not, or no longer, good.
#[track_caller]
pub fn dead_token<T: fmt::Debug>(answer: Result<T, Denied>) -> Details {
    let Err(Denied::InvalidToken(details)) = answer else { panic!("{answer:?}") };
    assert_eq!(details.code(), Some(&ErrorCode::InvalidToken));
    assert!(details.description().is_some());
    details
}

/// The claims of a JWT, unverified.
#[track_caller]
pub fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a JWT has three parts");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("claims")
}

/// The refresh token of an answer that has one.
#[track_caller]
pub fn refresh_token(tokens: &TokenResponse) -> Secret {
    tokens.refresh_token().expect("a refresh token").clone()
}
