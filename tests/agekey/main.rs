//! AgeKey beyond its own examples: hosts, limits, callbacks, and the upgrade with its refusals.

#[path = "../given/mod.rs"]
mod given;

mod claims;
mod upgrade;

use given::*;
use grantwire::authorization::{Callback, CallbackErrorKind, StartedAuthorization};
use grantwire::provider::agekey::{AgeKey, Host, UseClaims};
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind};
use grantwire::{AccessToken, BuildError, TokenType};
use upgrade::detail;

/// What is no ISO 8601 date, or no date and time with an offset.
const WRONG_MOMENTS: &[&str] = &[
    "",
    "today",
    "2026-02-29",
    "2026-13-01",
    "2026-00-01",
    "2026-01-00",
    "26-01-01",
    "2026/01/01",
    "20260101",
    "2026-1-1",
    "2026-11-21T",
    "2026-11-21T08:00:00",
    "2026-11-21T24:00:00Z",
    "2026-11-21T08:60:00Z",
    "2026-11-21T08:00:00Z05:30",
    "2026-11-21T08:00:00+0530",
    "2026-11-21 08:00:00Z",
    "2026-11-21T08:00:00z",
    "２０２６-11-21",
];

const REDIRECT: &str = "https://client.example/cb";

fn agekey() -> AgeKey {
    AgeKey::new(Host::Test, "ak_test_1", "sk_test_1")
}

fn token() -> AccessToken {
    AccessToken::new("eyJhbGc.x.y", TokenType::Bearer)
}

fn invalid<T>(result: Result<T, BuildError>, named: &str) {
    match result.err() {
        Some(BuildError::Invalid { parameter, .. }) => assert_eq!(parameter, named),
        other => panic!("{named}: {other:?}"),
    }
}

#[test]
fn each_host_has_its_own_addresses() {
    for (host, base, id) in [
        (Host::Live, "https://api.agekey.org", "ak_live_1"),
        (Host::Test, "https://api-test.agekey.org", "ak_test_1"),
        (Host::At("http://127.0.0.1:8080".into()), "http://127.0.0.1:8080", "anything"),
    ] {
        assert_eq!(host.base(), base);
        let agekey = AgeKey::new(host, id, "secret");
        let request = agekey.use_agekey(&UseClaims::new([18])).unwrap();
        let url = request.redirect_uri(REDIRECT).start(&mut entropy()).unwrap().url;
        assert!(url.starts_with(&format!("{base}/v1/oidc/use?")), "{}", url.as_str());
        let exchange = code_exchange(agekey.client());
        assert_eq!(built(&exchange).uri().to_string(), format!("{base}/v1/oidc/use/token"));
        let upgrade = agekey.upgrade(&token(), &[detail()]).unwrap();
        assert_eq!(upgrade.uri().to_string(), format!("{base}/v1/agekey/upgrade"));
    }
    let misplaced = AgeKey::new(Host::At("http://agekey.example".into()), "id", "secret");
    assert!(matches!(
        misplaced.upgrade(&token(), &[detail()]),
        Err(BuildError::Endpoint { endpoint: "upgrade", .. })
    ));
}

#[test]
fn an_identifier_of_the_other_host_is_refused_before_anything_is_opened() {
    let claims = UseClaims::new([18]);
    for (host, id) in [(Host::Live, "ak_test_1"), (Host::Test, "ak_live_1")] {
        invalid(AgeKey::new(host, id, "secret").use_agekey(&claims), "client_id");
    }
    let elsewhere = Host::At("https://proxy.example".into());
    assert!(AgeKey::new(elsewhere, "ak_test_1", "secret").use_agekey(&claims).is_ok());
}

#[test]
fn the_use_request_has_the_documented_parameters() {
    let request = agekey().use_agekey(&UseClaims::new([13, 18, 21])).unwrap();
    let url = request
        .redirect_uri(REDIRECT)
        .response_mode("fragment")
        .parameter("can_create", "true")
        .parameter("language", "en-GB")
        .parameter("theme", "dark")
        .start(&mut entropy())
        .unwrap()
        .url;
    for (name, value) in [
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("client_id", "ak_test_1"),
        ("redirect_uri", REDIRECT),
        ("claims", r#"{"age_thresholds":[13,18,21]}"#),
        ("response_mode", "fragment"),
        ("can_create", "true"),
        ("language", "en-GB"),
        ("theme", "dark"),
    ] {
        assert_eq!(query(&url, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(query(&url, "state").unwrap().len(), 43);
    assert_eq!(query(&url, "nonce").unwrap().len(), 43);
    assert!(!url.contains("code_challenge"), "AgeKey documents no PKCE");
}

#[test]
fn the_nonce_waits_for_whoever_verifies_the_id_token() {
    let request = agekey().use_agekey(&UseClaims::new([18])).unwrap();
    let started = request.start(&mut entropy()).unwrap();
    assert_eq!(started.pending.nonce(), query(&started.url, "nonce").as_deref());
}

/// The upgrade scope is spelled in three ways by AgeKey itself, so it is the caller's to spell.
#[test]
fn scope_and_response_type_are_the_callers() {
    for scope in ["openid agekey-upgrade", "openid agekey_upgrade", "openid agekey.upgrade"] {
        let request = agekey().use_agekey(&UseClaims::new([18])).unwrap();
        let request = request.scope(scope).response_type("id_token code");
        let url = request.start(&mut entropy()).unwrap().url;
        assert_eq!(query(&url, "scope").as_deref(), Some(scope));
        assert_eq!(query(&url, "response_type").as_deref(), Some("id_token code"));
    }
}

fn using() -> (StartedAuthorization, String) {
    let request = agekey().use_agekey(&UseClaims::new([18])).unwrap();
    let request = request.redirect_uri(REDIRECT).response_type("id_token code");
    let started = request.start(&mut entropy()).unwrap();
    let state = query(&started.url, "state").unwrap();
    (started, state)
}

#[test]
fn the_code_comes_in_the_fragment_or_the_query_and_the_fragment_wins() {
    for (tail, code) in [
        ("#id_token=i&code=f&state=S", "f"),
        ("?id_token=i&code=q&state=S", "q"),
        ("?code=q&state=S#id_token=i&code=f&state=S", "f"),
    ] {
        let (started, state) = using();
        let url = format!("{REDIRECT}{tail}").replace('S', &state);
        let response = started.pending.response(Callback::from_url(&url)).unwrap();
        assert_eq!(response.id_token().is_some(), tail.contains("id_token"), "{tail}");
        assert_eq!(response.into_code().unwrap().expose(), code, "{tail}");
    }
}

/// Somebody who is old enough gets no code, because there is nothing to upgrade.
#[test]
fn a_response_without_a_code_is_fine() {
    let (started, state) = using();
    let callback = Callback::from_fragment(&format!("#id_token=a.b.c&state={state}"));
    let response = started.pending.response(callback).unwrap();
    assert!(!response.has_code());
    assert_eq!(response.id_token().unwrap().expose(), "a.b.c");
    assert!(response.into_code().is_none());
}

#[test]
fn state_comes_before_the_error() {
    let (started, state) = using();
    let forged = Callback::from_fragment("error=access_denied&state=another");
    let error = started.pending.response(forged).unwrap_err();
    assert_eq!(*error.kind(), CallbackErrorKind::NotForThisFlow);
    let pending = error.into_pending().unwrap();
    let closed = Callback::from_fragment(&format!("error=access_denied&state={state}"));
    let error = pending.response(closed).unwrap_err();
    assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::AccessDenied));
}

#[test]
fn errors_of_the_token_endpoint() {
    let exchange = code_exchange(agekey().client());
    let error = exchange.read(&json(401, r#"{"error":"unauthorized_client"}"#)).unwrap_err();
    assert_eq!(error.fault(), Fault::Client);
    let error = exchange.read(&json(200, r#"{"error":"invalid_grant"}"#)).unwrap_err();
    assert!(error.credential_is_dead(), "an error is one with 2xx, too");
    let page = answer(502, &[("content-type", "text/html")], "<html>");
    let error = exchange.read(&page).unwrap_err();
    assert_eq!(*error.kind(), ReplyErrorKind::Unavailable);
    assert_eq!(error.class(), FailureClass::Indeterminate, "the code may be spent");
}
