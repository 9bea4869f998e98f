//! Refresh, rotation, and when to come back.

use std::time::Duration;

use grantwire::client::{ClientSecretBasic, PublicClient};
use grantwire::reply::FailureClass;
use grantwire::{ReplyError, Resend, RetryAfter, Timestamp};
use http::Response;

use crate::given::*;
use crate::token_with;

fn refused(reply: &Response<Vec<u8>>) -> ReplyError {
    refresh(&client()).read(reply).expect_err("a failure")
}

/// The refresh token that a refresh answered with these members brings: none means that the old one
/// stays.
fn new_refresh_token(members: &str) -> Option<String> {
    let tokens = refresh(&client()).read(&json(200, token_with(members))).expect(members);
    tokens.refresh_token().map(|token| token.expose().to_owned())
}

#[test]
fn google_salesforce_auth0_and_okta_send_none_so_the_old_one_stays() {
    assert_eq!(new_refresh_token(""), None);
}

#[test]
fn google_and_crms_send_it_empty_so_the_old_one_stays() {
    assert_eq!(new_refresh_token(r#""refresh_token":"""#), None);
    assert_eq!(new_refresh_token(r#""refresh_token":null"#), None);
    assert_eq!(new_refresh_token(r#""refresh_token":7"#), None, "nonsense does not replace it");
}

#[test]
fn atlassian_quickbooks_and_spotify_rotate() {
    assert_eq!(new_refresh_token(r#""refresh_token":"rt-2""#).as_deref(), Some("rt-2"));
}

#[test]
fn xero_and_quickbooks_say_invalid_grant_and_that_is_definitive() {
    let error = refused(&json(400, r#"{"error":"invalid_grant"}"#));
    assert!(error.credential_is_dead());
}

#[test]
fn salesforce_asks_for_a_retry_under_a_code_of_its_own() {
    let body = r#"{"error":"unknown_error","error_description":"retry your request"}"#;
    let error = refused(&json(400, body));
    assert_ne!(error.class(), FailureClass::Definitive);
    assert!(!error.credential_is_dead());
    assert_eq!(error.refusal().unwrap().description().unwrap().raw(), "retry your request");
}

#[test]
fn any_server_error_beats_the_code_in_its_body() {
    for status in [500, 501, 502, 503, 504, 599] {
        let error = refused(&json(status, r#"{"error":"invalid_grant"}"#));
        assert_ne!(error.class(), FailureClass::Definitive, "{status}");
        assert!(!error.credential_is_dead(), "{status}");
    }
}

#[test]
fn any_429_is_transient_and_says_when() {
    let at = |seconds| Some(RetryAfter::At(Timestamp::from_unix_seconds(seconds)));
    let after = |seconds| Some(RetryAfter::Delay(Duration::from_secs(seconds)));
    for (header, expected) in [
        ("120", after(120)),
        (" 120 ", after(120)),
        ("0", after(0)),
        ("99999999999999999999999", after(u64::MAX)),
        ("Fri, 31 Dec 1999 23:59:59 GMT", at(946_684_799)),
        ("Friday, 31-Dec-99 23:59:59 GMT", at(946_684_799)),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ] {
        let headers = [("content-type", JSON), ("retry-after", header)];
        let error = refused(&answer(429, &headers, r#"{"error":"invalid_grant"}"#));
        assert_eq!(error.class(), FailureClass::Transient, "{header}");
        assert_eq!(error.retry_after(), expected, "{header}");
        assert!(!error.credential_is_dead());
    }
}

#[test]
fn github_limits_rates_with_403() {
    let headers = [("x-ratelimit-remaining", "0"), ("content-type", JSON)];
    let error = refused(&answer(403, &headers, r#"{"message":"API rate limit exceeded"}"#));
    assert_eq!(error.class(), FailureClass::Transient);
    assert_eq!(error.raw().headers()["x-ratelimit-remaining"], "0");
}

#[test]
fn a_known_no_with_403_is_still_a_no() {
    assert!(refused(&json(403, r#"{"error":"invalid_grant"}"#)).credential_is_dead());
}

#[test]
fn any_answer_that_says_when_to_come_back_is_transient() {
    let headers = [("content-type", JSON), ("retry-after", "5")];
    let error = refused(&answer(400, &headers, r#"{"error":"quota"}"#));
    assert_eq!(error.class(), FailureClass::Transient);
    let error = refused(&answer(400, &headers, r#"{"error":"invalid_grant"}"#));
    assert_eq!(error.class(), FailureClass::Definitive, "a no is a no, header or not");
}

#[test]
fn reddit_wants_a_user_agent() {
    let client = client().header("user-agent", "linux:reports:2.1 (by /u/someone)");
    let request = built(&refresh(&client));
    assert_eq!(request.headers()["user-agent"], "linux:reports:2.1 (by /u/someone)");
}

#[test]
fn a_lost_answer_must_not_spend_the_credential_twice() {
    let client = client();
    let resend = |exchange: &grantwire::TokenRequest| {
        exchange.draft(now(), &mut entropy()).unwrap().duties().resend
    };
    assert_eq!(resend(&refresh(&client)), Resend::OnlyIfNotSent);
    assert_eq!(resend(&code_exchange(&client)), Resend::OnlyIfNotSent);
    let kept = grantwire::grant::RefreshToken::new("rt-1").reusable();
    assert_eq!(resend(&client.token(kept)), Resend::Always);
    assert_eq!(resend(&own_token(&client)), Resend::Always);
}

/// A code is spent by presenting it, so its 429 is for the caller to think about.
#[test]
fn a_429_on_a_code_exchange_is_no_leave_to_send_it_again() {
    let exchange = code_exchange(&client());
    let error = exchange.read(&answer(429, &[("retry-after", "1")], "")).unwrap_err();
    assert_eq!(error.class(), FailureClass::Transient);
    let duties = exchange.draft(now(), &mut entropy()).unwrap().duties();
    assert_eq!(duties.resend, Resend::OnlyIfNotSent);
}

#[test]
fn entra_wants_the_scope_repeated() {
    let request = built(&refresh(&client()).scope("openid api://x/.default"));
    assert!(body_of(&request).contains("&scope=openid+api%3A%2F%2Fx%2F.default&"));
}

#[test]
fn openid_servers_may_send_no_id_token_on_refresh() {
    let tokens = refresh(&client()).read(&json(200, token_with(""))).unwrap();
    assert!(tokens.id_token().is_none());
}

#[test]
fn discord_wants_no_secret_on_the_refresh_of_a_public_grant() {
    let client = client().auth(ClientSecretBasic::new("secret"));
    let request = built(&refresh(&client).auth(PublicClient::new()));
    assert!(!request.headers().contains_key("authorization"));
    assert_eq!(names_of(&request), ["grant_type", "refresh_token", "client_id"]);
    assert!(built(&refresh(&client)).headers().contains_key("authorization"), "for one request");
}
