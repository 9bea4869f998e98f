//! Callbacks of every form, and those that are not believed.

use grantwire::authorization::{Callback, CallbackErrorKind};
use grantwire::reply::ErrorCode;
use grantwire::{AuthorizationServer, Client};

use crate::browser::{self, Browser, Landing};
use crate::case::Case;
use crate::clients;
use crate::expect;
use crate::form_post;

/// A URL without its parameter of this name.
fn without(url: &str, name: &str) -> String {
    let (front, query) = url.split_once('?').expect("a query");
    let kept: Vec<_> =
        query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
    assert!(kept.len() < query.split('&').count(), "{name} was not there");
    format!("{front}?{}", kept.join("&"))
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn in_the_fragment() {
    let case = Case::start();
    let client = case.client("public");
    let started = case.begin(case.authorization(&client, "openid").response_mode("fragment"));
    let url = browser::approve(&started.url);
    let (_, fragment) = url.split_once('#').expect("a fragment");
    assert!(!url.contains('?'));
    // The same read twice: from the URL, and from the fragment alone. The first is not for this flow
    // and leaves the pending value unharmed.
    let other = case.begin(case.authorization(&client, "openid"));
    let error = other.pending.code(Callback::from_url(&url)).expect_err("another's callback");
    assert_eq!(error.kind(), &CallbackErrorKind::NotForThisFlow);
    let code = started.pending.code(Callback::from_fragment(fragment)).expect("a code");
    expect::granted(case.ask(&client.token(code)), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn as_a_form_post() {
    let case = Case::start();
    let client = case.client("public");
    let started = case.begin(case.authorization(&client, "openid").response_mode("form_post"));
    let Landing::Page { status, body } = Browser::new().open(&started.url) else {
        panic!("a form is on a page");
    };
    assert_eq!(status, 200);
    let form = form_post::read(&body);
    assert_eq!(form.action, case.server.redirect_uri());
    let code = started.pending.code(Callback::from_form(&form.body)).expect("a code");
    expect::granted(case.ask(&client.token(code)), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn the_user_says_no() {
    let case = Case::start();
    let client = case.client("public");
    let request = || case.authorization(&client, "openid").parameter("login_hint", "mallory");
    let started = case.begin(request());
    let in_query = Callback::from_url(&browser::approve(&started.url));
    let posted = case.begin(request().response_mode("form_post"));
    let Landing::Page { body, .. } = Browser::new().open(&posted.url) else {
        panic!("a form is on a page");
    };
    let in_form = Callback::from_form(&form_post::read(&body).body);
    for (pending, callback) in [(started.pending, in_query), (posted.pending, in_form)] {
        let error = pending.code(callback).expect_err("a no");
        let refusal = error.refusal().expect("a refusal");
        assert_eq!(refusal.code(), &ErrorCode::AccessDenied);
        let words = refusal.description().expect("words").escaped();
        assert_eq!(words, "the person said no");
        assert!(error.into_pending().is_none(), "it has had its answer");
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn nobody_is_signed_in() {
    let case = Case::start();
    let client = case.client("public");
    let started = case.begin(case.authorization(&client, "openid").parameter("prompt", "none"));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let error = started.pending.code(callback).expect_err("a no");
    assert_eq!(error.refusal().expect("a refusal").code().as_str(), "login_required");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_scope_the_client_may_not_have() {
    let case = Case::start();
    let client = case.client("narrow");
    let started = case.begin(case.authorization(&client, "openid api:write"));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let error = started.pending.response(callback).expect_err("a no");
    assert_eq!(error.refusal().expect("a refusal").code(), &ErrorCode::InvalidScope);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn with_another_state() {
    let case = Case::start();
    let client = case.client("public");
    let started = case.begin(case.authorization(&client, "openid"));
    let url = browser::approve(&started.url);
    let forged = format!("{}&state=guessed", without(&url, "state"));
    let twice = format!("{url}&state=guessed");
    let mut pending = started.pending;
    for stranger in [forged, twice, without(&url, "state")] {
        let error = pending.code(Callback::from_url(&stranger)).expect_err("not ours");
        assert_eq!(error.kind(), &CallbackErrorKind::NotForThisFlow);
        pending = error.into_pending().expect("unharmed");
    }
    let code = pending.code(Callback::from_url(&url)).expect("a code, after all");
    expect::granted(case.ask(&client.token(code)), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn without_the_issuer_or_from_another_one() {
    let case = Case::start();
    let public = clients::client("public").id;
    let endpoint = format!("{}/auth", case.server.issuer());
    let others = AuthorizationServer::new().authorization_endpoint(&endpoint);
    let expected = [
        (case.known(), true, CallbackErrorKind::IssuerMissing),
        (
            others.clone().issuer("https://attacker.example"),
            false,
            CallbackErrorKind::IssuerMismatch,
        ),
        (others, false, CallbackErrorKind::IssuerUnknown),
    ];
    for (server, strip, kind) in expected {
        let client = Client::new(server, public.as_str());
        let started = case.begin(case.authorization(&client, "openid"));
        let mut url = browser::approve(&started.url);
        if strip {
            url = without(&url, "iss");
        }
        let error = started.pending.code(Callback::from_url(&url)).expect_err("not believed");
        assert_eq!(error.kind(), &kind);
        assert!(error.into_pending().is_none());
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn with_an_id_token_beside_the_code() {
    let case = Case::start();
    // With an ID token in the response this server sends no `iss`, which the ID token has
    // (RFC 9207 section 4).
    let server = AuthorizationServer::new()
        .issuer(case.server.issuer())
        .authorization_endpoint(&format!("{}/auth", case.server.issuer()))
        .token_endpoint(&format!("{}/token", case.server.issuer()));
    let client = Client::new(server, clients::client("hybrid").id);
    let request = case.authorization(&client, "openid").response_type("code id_token").with_nonce();
    let started = case.begin(request);
    let nonce = started.pending.nonce().expect("a nonce").to_owned();
    let callback = Callback::from_url(&browser::approve(&started.url));
    let response = started.pending.response(callback).expect("a response");
    let claims = expect::claims(response.id_token().expect("an ID token").expose());
    assert_eq!(claims["nonce"], nonce);
    assert_eq!(claims["iss"], case.server.issuer());
    assert_eq!(response.parameter("iss"), None);
    let code = response.into_code().expect("a code");
    expect::granted(case.ask(&client.token(code)), "openid", 300);
}
