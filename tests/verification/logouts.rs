//! Chapter F, the requests: what a server sends when a session ends, and what it is answered.

use grantwire::claims::{ClaimFault, TokenRules};
use grantwire::jose::{KeySet, LocalVerifier, SharedSecret, VerifyError};
use grantwire::logout::{self, FrontChannelError, FrontChannelLogout, LogoutError, LogoutRequest};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::tools::*;

fn token() -> String {
    let claims = json!({
        "iss": ISSUER, "sub": "248289761001", "aud": CLIENT_ID, "iat": ISSUED, "exp": ISSUED + 120,
        "jti": "bWJq", "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    signed(&claims)
}

fn posted(body: &str) -> Request<Vec<u8>> {
    Request::post("https://rp.example.org/backchannel_logout").body(body.into()).unwrap()
}

fn read(body: &str) -> Result<LogoutRequest, LogoutError> {
    LogoutRequest::read(&posted(body))
}

fn verify(body: &str, keys: &KeySet) -> Result<(), LogoutError> {
    read(body)?.verify(&rules(), keys, &LocalVerifier::new(), NOW).map(drop)
}

#[test]
fn f1_one_token_in_the_form_of_a_post() {
    let good = format!("logout_token={}", token());
    assert_eq!(verify(&good, &keys()), Ok(()));
    assert_eq!(
        verify(&format!("x=1&{good}&iss=other&logout_token_hint=y"), &keys()),
        Ok(()),
        "others are ignored"
    );
    assert_eq!(read(&format!("{good}&{good}")).unwrap_err(), LogoutError::Repeated);
    assert_eq!(read(&format!("{good}&logout_token=")).unwrap_err(), LogoutError::Repeated);
    for none in [
        "",
        "logout_token=",
        "logout_token",
        "LOGOUT_TOKEN=x",
        "token=x",
        "{\"logout_token\":\"x\"}",
    ] {
        assert_eq!(read(none).unwrap_err(), LogoutError::Missing, "{none}");
    }
    assert_eq!(read(&"a".repeat(200_000)).unwrap_err(), LogoutError::TooLong);
    assert_eq!(read(&good).unwrap().expose_token(), token());
    for method in [Method::GET, Method::PUT, Method::HEAD, Method::OPTIONS, Method::DELETE] {
        let mut request = posted(&good);
        *request.method_mut() = method.clone();
        assert_eq!(LogoutRequest::read(&request).unwrap_err(), LogoutError::Method, "{method}");
    }
}

#[test]
fn f2_what_is_wrong_with_the_token_is_said() {
    let found = verify("logout_token=x", &keys()).unwrap_err();
    let LogoutError::Claims(error) = found else { panic!("{found:?}") };
    assert!(matches!(error.fault(), ClaimFault::Verify(VerifyError::Jws(_))));
    let found = verify(&format!("logout_token={}", token()), &set_of(&[])).unwrap_err();
    let LogoutError::Claims(error) = found else { panic!("{found:?}") };
    assert_eq!(error.fault(), ClaimFault::Verify(VerifyError::NoKey));
    let other = TokenRules::new("https://other.example", CLIENT_ID).algorithm(ALGORITHM);
    let request = read(&format!("logout_token={}", token())).unwrap();
    let LogoutError::Claims(error) = request.open(&other).unwrap_err() else { panic!() };
    assert_eq!(error.fault(), ClaimFault::Issuer);
    assert!(request.open(&rules()).is_ok());
    let secret = SharedSecret::new(ISSUER, SECRET);
    assert!(request.verify_with_secret(&rules(), &secret, NOW).is_err());
}

#[test]
fn f9_done_is_200_and_everything_else_400_or_405() {
    let done = logout::done();
    assert_eq!((done.status().as_u16(), done.body().len()), (200, 0));
    assert_eq!(done.headers()["cache-control"], "no-store");

    let claims = read("logout_token=x").unwrap();
    let claims = claims.verify(&rules(), &keys(), &LocalVerifier::new(), NOW).unwrap_err();
    for error in [
        LogoutError::Missing,
        LogoutError::Repeated,
        LogoutError::TooLong,
        LogoutError::KeysUnavailable,
        LogoutError::Failed,
        claims,
    ] {
        let response = error.response();
        assert_eq!(response.status(), 400, "{error}");
        assert_eq!(response.headers()["cache-control"], "no-store", "{error}");
        assert_eq!(response.headers()["content-type"], "application/json", "{error}");
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["error"], "invalid_request", "{error}");
        let description = body["error_description"].as_str().unwrap();
        assert_eq!(description, error.to_string());
        // RFC 6749 section 5.2 says which characters it may have.
        let fine = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        assert!(description.bytes().all(fine), "{description}");
        assert_eq!(body.as_object().unwrap().len(), 2);
    }
    let response = LogoutError::Method.response();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "POST");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.body().is_empty());
}

#[test]
fn f10_without_a_session_all_of_the_user_are_meant() {
    let request = read(&format!("logout_token={}", token())).unwrap();
    let token = request.verify(&rules(), &keys(), &LocalVerifier::new(), NOW).unwrap();
    assert_eq!((token.subject(), token.session_id()), (Some("248289761001"), None));
}

#[test]
fn f13_the_page_names_issuer_and_session_or_neither() {
    let from = FrontChannelLogout::from_query;
    let page = from("?iss=https%3A%2F%2Fserver.example.com&sid=08a5019c&x=1").unwrap();
    assert!(page.names_a_session());
    assert!(page.is_about(ISSUER, Some("08a5019c")));
    for (issuer, session) in [
        ("https://other.example", Some("08a5019c")),
        (ISSUER, Some("08a5019d")),
        (ISSUER, Some("")),
        (ISSUER, None),
    ] {
        assert!(!page.is_about(issuer, session), "{issuer} {session:?}");
    }
    for none in ["", "?", "x=1", "iss=&sid="] {
        let page = from(none).unwrap();
        assert!(!page.names_a_session() && page.is_about(ISSUER, None), "{none}");
    }
    for half in ["iss=x", "sid=x", "iss=x&sid=", "iss=&sid=x"] {
        assert_eq!(from(half).unwrap_err(), FrontChannelError::Incomplete, "{half}");
    }
    for twice in ["iss=x&sid=y&sid=z", "iss=x&iss=x&sid=y", "sid=&sid="] {
        assert_eq!(from(twice).unwrap_err(), FrontChannelError::Repeated, "{twice}");
    }
    assert_eq!(from(&"a".repeat(70_000)).unwrap_err(), FrontChannelError::TooLong);
}
