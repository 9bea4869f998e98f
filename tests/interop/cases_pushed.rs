//! Pushed authorization requests: the parameters go first, and the browser carries a reference.

use std::time::Duration;

use grantwire::authorization::{
    AuthorizationRequest, AuthorizationUrl, Callback, PushedAuthorization, StartedPush,
};
use grantwire::client::{ClientSecretBasic, PrivateKeyJwt, PublicClient};
use grantwire::flow::{CodeFlow, Dpop, DriveError, ExchangeFlow};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::{Client, Lifetime, ReplyError, Resend, TokenResponse, TokenType};
use serde_json::json;

use crate::browser::{self, Browser, Landing};
use crate::case::Case;
use crate::expect;

fn begin(case: &Case, client: &Client) -> StartedPush {
    let request = case.authorization(client, "openid api:read");
    case.entropy(|entropy| request.push(entropy)).expect("a push")
}

/// A pushed request: what was started, what the server said, and the URL for the browser.
fn push(case: &Case, client: &Client) -> (StartedPush, PushedAuthorization, AuthorizationUrl) {
    let started = begin(case, client);
    let pushed = case.exchange(&started.exchange).expect("pushed");
    let url = started.exchange.url(&pushed).expect("a URL");
    (started, pushed, url)
}

#[track_caller]
fn refused(answer: Result<PushedAuthorization, ReplyError>, status: u16, code: ErrorCode) {
    let error = answer.expect_err("the server refuses");
    expect::refusal(&error, status, &code, Fault::Client, FailureClass::Definitive);
}

/// The server shows an error to the person and sends nobody back with it.
#[track_caller]
fn shown_to_the_person(url: &str, code: &str) {
    match Browser::new().open(url) {
        Landing::Page { status, body } => {
            assert_eq!(status, 400);
            assert!(body.contains(code), "{body}");
        }
        Landing::Callback(url) => panic!("sent back to {url}"),
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn the_whole_trip_with_each_way_to_authenticate() {
    let case = Case::start();
    for name in [
        "par",
        "par-public",
        "public",
        "basic",
        "hostile",
        "post",
        "secret-jwt-hs256",
        "key-es256",
        "key-rs256",
        "key-ps256",
        "key-ed25519",
    ] {
        let client = case.client(name);
        let (started, pushed, url) = push(&case, &client);
        assert_eq!(pushed.lifetime(), &Lifetime::Known(Duration::from_secs(60)));
        assert_eq!(pushed.deviations(), []);
        assert!(pushed.request_uri().starts_with("urn:ietf:params:oauth:request_uri:"));
        for hidden in ["state=", "scope=", "redirect_uri=", "code_challenge="] {
            assert!(!url.contains(hidden), "{hidden} travels with the browser");
        }
        let callback = Callback::from_url(&browser::approve(&url));
        let code = started.pending.code(callback).expect("a code");
        expect::granted(case.ask(&client.token(code)), "openid api:read", 300);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_client_that_must_push_and_does_not() {
    let case = Case::start();
    let started = case.begin(case.authorization(&case.client("par"), "openid"));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let error = started.pending.code(callback).expect_err("a no");
    assert_eq!(error.refusal().expect("a refusal").code(), &ErrorCode::InvalidRequest);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn who_fails_to_authenticate_pushes_nothing() {
    let case = Case::start();
    let stranger = LocalKey::generate(Algorithm::Es256).expect("a key");
    for client in [
        case.named("par").auth(ClientSecretBasic::new("wrong")),
        case.named("par").auth(PublicClient::new()),
        case.named("key-es256").auth(PrivateKeyJwt::new(stranger)),
        Client::new(case.known(), "nobody"),
    ] {
        let answer = case.exchange(&begin(&case, &client).exchange);
        refused(answer, 401, ErrorCode::InvalidClient);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn what_is_wrong_is_said_before_the_browser_leaves() {
    let case = Case::start();
    let client = case.client("par");
    let push = |request: AuthorizationRequest| {
        case.exchange(&case.entropy(|entropy| request.push(entropy)).expect("a push").exchange)
    };
    let elsewhere = client.authorization().redirect_uri("https://client.example/other");
    refused(push(elsewhere.scope("openid")), 400, ErrorCode::InvalidRequest);
    let unknown = case.authorization(&client, "openid").resource("https://unknown.example/");
    refused(push(unknown), 400, ErrorCode::InvalidTarget);
    let wide = case.authorization(&case.client("narrow"), "openid api:write");
    refused(push(wide), 400, ErrorCode::InvalidScope);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_reference_works_once() {
    let case = Case::start();
    let (started, _, url) = push(&case, &case.client("par"));
    let mut browser = Browser::new();
    let Landing::Callback(callback) = browser.open(&url) else { panic!("a page") };
    assert!(started.pending.code(Callback::from_url(&callback)).is_ok());
    // The same person, still signed in, goes back and forward.
    let Landing::Page { status, body } = browser.open(&url) else { panic!("sent back") };
    assert_eq!(status, 400);
    assert!(body.contains("invalid_request_uri"), "{body}");
    shown_to_the_person(&url, "invalid_request_uri");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_reference_of_another_client_is_refused() {
    let case = Case::start();
    let (_, pushed, url) = push(&case, &case.client("par"));
    let theirs = begin(&case, &case.client("basic"));
    let stolen = theirs.exchange.url(&pushed).expect("a URL");
    assert!(stolen.contains("client_id=basic"));
    shown_to_the_person(&stolen, "invalid_request_object");
    // It is none the worse for it.
    assert!(browser::approve(&url).contains("code="));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_expired_reference_and_one_that_never_was() {
    let case = Case::start();
    let (_, pushed, url) = push(&case, &case.client("par"));
    let id = pushed.request_uri().rsplit(':').next().expect("a URN");
    let unknown = url.replace(id, "never-was");
    assert_ne!(unknown, *url);
    shown_to_the_person(&unknown, "invalid_request_uri");
    case.server.forward(61);
    shown_to_the_person(&url, "invalid_request_uri");
    // A new push mends it.
    let (started, _, url) = push(&case, &case.client("par"));
    let callback = Callback::from_url(&browser::approve(&url));
    assert!(started.pending.code(callback).is_ok());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_push_may_be_sent_twice_unless_it_is_signed() {
    let case = Case::start();
    for (name, duty) in [("par", Resend::Always), ("key-es256", Resend::OnlyIfNotSent)] {
        let started = begin(&case, &case.client(name));
        let draft = case.entropy(|entropy| started.exchange.draft(Case::now(), entropy));
        assert_eq!(draft.expect("a draft").duties().resend, duty);
        let first = case.exchange(&started.exchange).expect("pushed");
        let second = case.exchange(&started.exchange).expect("pushed again");
        assert_ne!(first.request_uri(), second.request_uri());
    }
}

fn generated() -> Dpop {
    Dpop::new(LocalKey::generate(Algorithm::Es256).expect("a key"))
}

/// How a push says which key the code is for.
#[derive(Clone, Copy)]
struct Bound {
    by_thumbprint: bool,
    by_proof: bool,
}

/// Pushes for one key and redeems the code with another, or with the same.
fn redeem(
    case: &Case,
    bound: Bound,
    pushed: Dpop,
    redeemed: Dpop,
) -> Result<TokenResponse, DriveError> {
    let client = case.client("dpop");
    let mut request = case.authorization(&client, "openid");
    if bound.by_thumbprint {
        request = request.dpop_jkt(pushed.key());
    }
    let started = case.entropy(|entropy| request.push(entropy)).expect("a push");
    let mut flow = ExchangeFlow::new(started.exchange, Case::new_entropy());
    if bound.by_proof {
        flow = flow.dpop(pushed);
    }
    let (answer, sent) = case.drive(&mut flow);
    let answer = answer.expect("pushed");
    assert_eq!(sent, if bound.by_proof { 2 } else { 1 }, "a proof needs a nonce, here too");
    let (exchange, ..) = flow.into_parts();
    let url = exchange.url(&answer).expect("a URL");
    let callback = Callback::from_url(&browser::approve(&url));
    let flow = CodeFlow::resume(&client, started.pending, callback, Case::new_entropy());
    case.drive(&mut flow.expect("a code").dpop(redeemed)).0
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_code_is_bound_to_a_key_by_its_thumbprint_by_a_proof_or_by_both() {
    let case = Case::start_with(&json!({ "dpopNonce": true }));
    for (by_thumbprint, by_proof) in [(true, false), (false, true), (true, true)] {
        let bound = Bound { by_thumbprint, by_proof };
        let key = generated();
        let tokens = redeem(&case, bound, key.clone(), key.clone()).expect("tokens");
        expect::issued(&tokens, &TokenType::Dpop, "openid", 300);
        let error = redeem(&case, bound, key, generated()).expect_err("another key");
        let error = error.reply().expect("the server's answer");
        let class = FailureClass::Definitive;
        expect::refusal(error, 400, &ErrorCode::InvalidGrant, Fault::Credential, class);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_thumbprint_and_a_proof_of_two_keys() {
    let case = Case::start();
    let request = case.authorization(&case.client("dpop"), "openid").dpop_jkt(generated().key());
    let started = case.entropy(|entropy| request.push(entropy)).expect("a push");
    let flow = ExchangeFlow::new(started.exchange, Case::new_entropy());
    let error = case.drive(&mut flow.dpop(generated())).0.expect_err("two keys");
    let error = error.reply().expect("the server's answer");
    let class = FailureClass::Definitive;
    expect::refusal(error, 400, &ErrorCode::InvalidRequest, Fault::Client, class);
}
