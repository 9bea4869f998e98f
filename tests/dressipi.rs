//! Dressipi beyond its own examples: the authorize call, rotation, expiry, and what a failure must not
//! do to a profile.

mod given;

use std::time::Duration;

use given::*;
use grantwire::authorization::CallbackErrorKind;
use grantwire::grant::CheckedCode;
use grantwire::provider::dressipi::{Dressipi, NewProfileError, Profile};
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind, Unusable};
use grantwire::{AccessToken, BuildError, Resend, Timestamp, TokenType};
use http::{HeaderMap, Response};

/// `{"alg":"HS256"}` and `{"exp":1900000000}`, and no signature that anybody checks.
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE5MDAwMDAwMDB9.c2ln";

fn dressipi() -> Dressipi {
    Dressipi::new("https://partner.example/api", "client-1", "api-key-1")
}

fn seconds(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

#[test]
fn every_partner_has_a_base_url_with_or_without_a_slash() {
    for base in ["https://partner.example/api", "https://partner.example/api/"] {
        let dressipi = Dressipi::new(base, "c", "k");
        let started = dressipi.create_profile(&mut entropy()).unwrap();
        assert_eq!(started.request.uri().path(), "/api/oauth/authorize");
        let exchange = code_exchange(dressipi.client());
        assert_eq!(built(&exchange).uri(), "https://partner.example/api/oauth/token");
    }
    let insecure = Dressipi::new("http://partner.example", "c", "k");
    assert!(matches!(insecure.create_profile(&mut entropy()), Err(BuildError::Endpoint { .. })));
}

#[test]
fn the_api_key_is_on_every_request_and_marked_sensitive() {
    let dressipi = dressipi();
    let profile = Profile::new(JWT, "rt-1", None);
    let created = dressipi.create_profile(&mut entropy()).unwrap().request;
    for request in
        [created, built(&code_exchange(dressipi.client())), built(&dressipi.refresh(&profile))]
    {
        assert_eq!(request.headers()["x-api-key"], "api-key-1");
        assert!(request.headers()["x-api-key"].is_sensitive());
        assert!(!request.headers().contains_key("authorization"), "a public client");
        assert!(!format!("{:?}", request.headers()).contains("api-key-1"));
    }
}

/// Each authorize call makes a profile, so each is another request.
#[test]
fn no_two_authorize_calls_are_alike() {
    let mut entropy = entropy();
    let mut url = || dressipi().create_profile(&mut entropy).unwrap().request.uri().to_string();
    let (first, second) = (url(), url());
    for name in ["state", "code_challenge"] {
        assert_ne!(query(&first, name), query(&second, name), "{name}");
    }
}

/// What an authorize call makes of this answer; `S` stands for the `state` that was sent.
fn answered(make: impl FnOnce(&str) -> Response<Vec<u8>>) -> Result<CheckedCode, NewProfileError> {
    let started = dressipi().create_profile(&mut entropy()).unwrap();
    let state = query(&started.request.uri().to_string(), "state").unwrap();
    started.pending.read(&make(&state))
}

#[test]
fn the_answer_to_the_authorize_call_is_read_leniently() {
    for (what, body) in [
        ("the least", r#"{"code":"grant-code"}"#),
        ("with state", r#"{"code":"grant-code","state":"S"}"#),
        (
            "more than is known",
            r#"{"user":{"id":1},"code":"grant-code","list":[{"code":"other"}]}"#,
        ),
        ("an object down", r#"{"authorization":{"code":"grant-code","state":"S"}}"#),
        ("an object down, state above", r#"{"state":"S","authorization":{"code":"grant-code"}}"#),
        ("a null", r#"{"code":"grant-code","state":null,"error":null}"#),
        ("a form no one documents", "\u{feff} {\"code\":\"grant-code\"} "),
    ] {
        for media_type in ["application/json", "text/plain", "text/html"] {
            let code = answered(|state| {
                answer(200, &[("content-type", media_type)], body.replace('S', state))
            });
            assert_eq!(code.expect(what).expose(), "grant-code", "{what}, {media_type}");
        }
    }
}

#[test]
fn the_code_carries_what_its_exchange_needs() {
    let code = answered(|_| json(200, r#"{"code":"grant-code"}"#)).unwrap();
    let request = built(&dressipi().token(code));
    let names = names_of(&request);
    assert_eq!(names, ["grant_type", "code", "redirect_uri", "code_verifier", "client_id"]);
    assert!(!request.headers().contains_key("x-dressipi-jwt"), "there is none yet");
}

#[test]
fn another_state_is_refused_wherever_it_stands() {
    for body in [
        r#"{"code":"grant-code","state":"another"}"#,
        r#"{"code":"grant-code","state":""}"#,
        r#"{"authorization":{"code":"grant-code","state":"another"}}"#,
        r#"{"state":"another","authorization":{"code":"grant-code"}}"#,
        r#"{"state":"S","authorization":{"code":"grant-code","state":"another"}}"#,
    ] {
        match answered(|state| json(200, body.replace('S', state))) {
            Err(NewProfileError::Callback(error)) => {
                assert_eq!(*error.kind(), CallbackErrorKind::NotForThisFlow, "{body}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn an_answer_without_a_code_says_why() {
    let failure = |reply: Response<Vec<u8>>| match answered(|_| reply) {
        Err(NewProfileError::Reply(error)) => error,
        other => panic!("{other:?}"),
    };
    let missing = ReplyErrorKind::Unusable(Unusable::MemberMissing("code"));
    for body in ["{}", r#"{"code":null}"#, r#"{"code":7}"#, r#"{"a":{"b":{"code":"too deep"}}}"#] {
        let error = failure(json(200, body));
        assert_eq!(*error.kind(), missing, "{body}");
        assert_eq!(error.raw().expose_body(), body.as_bytes());
        assert_eq!(error.class(), FailureClass::Indeterminate, "a profile may have been made");
    }
    let error = failure(json(400, r#"{"error":"invalid_request","error_description":"no"}"#));
    assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::InvalidRequest));
    assert!(failure(json(200, r#"{"error":"server_error"}"#)).refusal().is_some());
    let both = failure(json(200, r#"{"code":"grant-code","error":"invalid_request"}"#));
    assert_eq!(*both.kind(), ReplyErrorKind::Unusable(Unusable::Ambiguous));
    let moved = answer(302, &[("location", "https://x.example/?code=c")], "");
    assert_eq!(*failure(moved).kind(), ReplyErrorKind::Redirected);
    let gateway = answer(403, &[], r#"{"message":"Forbidden"}"#);
    let error = failure(gateway);
    assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::NonStandard));
    assert_eq!(error.extra::<String>("message").as_deref(), Some("Forbidden"));
    assert!(matches!(failure(answer(200, &[], "<html>")).kind(), ReplyErrorKind::Unusable(_)));
    match answered(|_| json(200, r#"{"code":"a\nb"}"#)) {
        Err(NewProfileError::Callback(error)) => {
            assert_eq!(*error.kind(), CallbackErrorKind::CodeMalformed);
        }
        other => panic!("{other:?}"),
    }
}

fn profile() -> Profile {
    Profile::new(JWT, "rt-1", Some(seconds(1_800_000_000)))
}

fn refreshed(members: &str) -> Profile {
    let body = format!(r#"{{"access_token":"at-2","token_type":"Bearer"{members}}}"#);
    let profile = profile();
    let tokens = dressipi().refresh(&profile).read(&given::json(200, body)).unwrap();
    profile.refreshed(&tokens, seconds(1_700_000_000))
}

#[test]
fn a_new_refresh_token_replaces_the_old_one() {
    let profile = refreshed(r#","refresh_token":"rt-2","expires_in":86400"#);
    assert_eq!(profile.refresh_token().expose(), "rt-2");
    assert_eq!(profile.access_token().expose(), "at-2");
    assert_eq!(profile.expires(), Some(seconds(1_700_086_400)));
}

#[test]
fn the_old_refresh_token_stays_when_none_comes() {
    for members in
        ["", r#","refresh_token":null"#, r#","refresh_token":"""#, r#","refresh_token":7"#]
    {
        let profile = refreshed(members);
        assert_eq!(profile.refresh_token().expose(), "rt-1", "{members}");
        assert_eq!(profile.access_token().expose(), "at-2", "{members}");
    }
}

#[test]
fn the_first_tokens_need_a_refresh_token_to_be_a_profile() {
    let read = |body: &str| {
        let tokens = code_exchange(dressipi().client()).read(&json(200, body)).unwrap();
        Profile::from_response(&tokens, seconds(1_700_000_000))
    };
    assert!(read(r#"{"access_token":"at","token_type":"Bearer"}"#).is_none());
    let body =
        r#"{"access_token":"at","token_type":"Bearer","refresh_token":"rt","expires_in":60}"#;
    let profile = read(body).unwrap();
    assert_eq!(profile.refresh_token().expose(), "rt");
    assert_eq!(profile.expires(), Some(seconds(1_700_000_060)));
}

/// The server never says that a token has expired, so this side has to know.
#[test]
fn expiry_is_what_was_announced_else_what_the_token_says() {
    let read = |members: &str| {
        let body = format!(r#"{{"access_token":"{JWT}","token_type":"Bearer"{members}}}"#);
        let tokens = dressipi().refresh(&profile()).read(&given::json(200, body)).unwrap();
        profile().refreshed(&tokens, seconds(1_700_000_000)).expires()
    };
    assert_eq!(read(r#","expires_in":86400"#), Some(seconds(1_700_086_400)), "announced");
    assert_eq!(read(""), Some(seconds(1_900_000_000)), "from the token");
    assert_eq!(read(r#","expires_in":-1"#), Some(seconds(1_900_000_000)), "nonsense is not it");
    assert_eq!(refreshed("").expires(), None, "an opaque token that nobody says anything of");
}

#[test]
fn a_token_that_says_nothing_sensible_expires_at_no_known_time() {
    let expires = |token: &str| Profile::new(token, "rt", None).expires();
    assert_eq!(expires(JWT), Some(seconds(1_900_000_000)));
    for token in [
        "",
        "opaque",
        "a.b.c",
        "..",
        "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",                       // {}
        "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOiIxIn0.c2ln",           // {"exp":"1"}
        "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOi0xfQ.c2ln",            // {"exp":-1}
        "eyJhbGciOiJIUzI1NiJ9.W10.c2ln",                       // []
        "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE5MDAwMDAwMDB9=.c2ln", // padded
    ] {
        assert_eq!(expires(token), None, "{token}");
    }
    let stored = Profile::new(JWT, "rt", Some(seconds(5)));
    assert_eq!(stored.expires(), Some(seconds(5)), "what was stored beats what the token says");
}

#[test]
fn expired_means_at_the_moment_and_leeway_is_the_callers() {
    let profile = Profile::new("at", "rt", Some(seconds(1000)));
    let expired = |now, leeway| profile.is_expired(seconds(now), Duration::from_secs(leeway));
    assert!(!expired(999, 0));
    assert!(expired(1000, 0));
    assert!(expired(1001, 0));
    assert!(!expired(939, 60));
    assert!(expired(940, 60));
    assert!(profile.is_expired(seconds(0), Duration::MAX), "and does not overflow");
    let unknown = Profile::new("opaque", "rt", None);
    assert!(!unknown.is_expired(seconds(u64::MAX), Duration::MAX));
}

/// A failed refresh leaves the profile where it was: there is no way from it to a new authorize call.
#[test]
fn a_failed_refresh_loses_nothing() {
    let dressipi = dressipi();
    let profile = profile();
    let exchange = dressipi.refresh(&profile);
    for (status, body, dead) in [
        (400, r#"{"error":"invalid_request"}"#, false),
        (400, r#"{"error":"access_denied"}"#, false),
        (400, r#"{"error":"invalid_grant"}"#, true),
        (403, r#"{"message":"Forbidden"}"#, false),
        (500, "", false),
        (200, "<html>", false),
    ] {
        let error = exchange.read(&json(status, body)).unwrap_err();
        assert_eq!(error.credential_is_dead(), dead, "{body}");
        assert_eq!(profile.refresh_token().expose(), "rt-1");
        assert_eq!(profile.access_token().expose(), JWT);
    }
    let duties = exchange.draft(now(), &mut entropy()).unwrap().duties();
    assert_eq!(duties.resend, Resend::OnlyIfNotSent, "it may rotate, so it is not sent twice");
}

#[test]
fn the_refresh_sends_the_token_it_has_and_none_when_it_has_none() {
    let request = built(&dressipi().refresh(&profile()));
    assert_eq!(request.headers()["x-dressipi-jwt"], JWT);
    let names = names_of(&request);
    assert_eq!(names, ["grant_type", "refresh_token", "redirect_uri", "client_id"]);
    let request = built(&dressipi().refresh(&Profile::new("", "rt-1", None)));
    assert!(!request.headers().contains_key("x-dressipi-jwt"));
}

#[test]
fn the_token_travels_raw() {
    let mut headers = HeaderMap::new();
    dressipi().present(profile().access_token(), &mut headers).unwrap();
    assert_eq!(headers["x-dressipi-jwt"], JWT);
    assert_eq!(headers["x-api-key"], "api-key-1");
    assert!(headers.values().all(http::HeaderValue::is_sensitive));
    assert!(!headers.contains_key("authorization"));
    // Twice is once.
    dressipi().present(profile().access_token(), &mut headers).unwrap();
    assert_eq!(headers.len(), 2);
    for (token, error) in [
        (AccessToken::new("a\nb", TokenType::Bearer), true),
        (AccessToken::new("", TokenType::Bearer), true),
        (AccessToken::new("at", TokenType::Dpop), true),
        (AccessToken::new("at", TokenType::Bearer), false),
    ] {
        assert_eq!(dressipi().present(&token, &mut HeaderMap::new()).is_err(), error);
    }
}
