//! The end session URL: a person signs out at the server.

use grantwire::authorization::{AuthorizationUrl, Callback};
use grantwire::{Client, Secret, TokenResponse};

use crate::browser::{Browser, Landing};
use crate::case::Case;
use crate::expect;
use crate::form_post;

const BYE: &str = "https://client.example/bye";

/// Signs a person in, and gives the client its tokens.
fn sign_in(case: &Case, browser: &mut Browser, client: &Client) -> TokenResponse {
    let started = case.begin(case.authorization(client, "openid"));
    let Landing::Callback(url) = browser.open(&started.url) else { panic!("a page") };
    let callback = Callback::from_url(&url);
    case.ask(&client.token(started.pending.code(callback).expect("a code"))).expect("tokens")
}

/// Whether the browser gets a code without a word.
fn is_signed_in(case: &Case, browser: &mut Browser, client: &Client) -> bool {
    let silent = case.authorization(client, "openid").parameter("prompt", "none");
    let Landing::Callback(url) = browser.open(&case.begin(silent).url) else { panic!("a page") };
    assert!(url.contains("code=") || url.contains("error=login_required"), "{url}");
    url.contains("code=")
}

/// Opens the URL and answers the question on its page.
fn sign_out(browser: &mut Browser, url: &AuthorizationUrl, yes: bool) -> Landing {
    let Landing::Page { status, body } = browser.open(url) else { panic!("a page asks") };
    assert_eq!(status, 200, "{body}");
    let mut form = form_post::read(&body);
    if yes {
        form.body.extend(b"&logout=yes");
    }
    browser.submit(&form)
}

fn id_token(tokens: &TokenResponse) -> Secret {
    tokens.id_token().expect("an ID token").clone()
}

#[track_caller]
fn sent_to(landing: Landing, expected: &str) {
    let Landing::Callback(url) = landing else { panic!("{landing:?}") };
    assert_eq!(url, expected);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn ends_the_session_and_leaves_the_tokens() {
    let case = Case::start();
    let client = case.client("public");
    let mut browser = Browser::new();
    let tokens = sign_in(&case, &mut browser, &client);
    assert!(is_signed_in(&case, &mut browser, &client));
    let url = client
        .end_session()
        .id_token_hint(id_token(&tokens))
        .post_logout_redirect_uri(BYE)
        .state("a b&c")
        .url()
        .expect("a URL");
    assert!(url.starts_with(case.server.issuer()));
    sent_to(sign_out(&mut browser, &url, true), &format!("{BYE}?state=a+b%26c"));

    assert!(!is_signed_in(&case, &mut browser, &client));
    // The tokens outlive the session at this server; ending them is another request.
    assert!(case.userinfo(tokens.access_token()).is_ok());
    case.exchange(&client.revoke(expect::refresh_token(&tokens))).expect("revoked");
    expect::dead_token(case.userinfo(tokens.access_token()));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn with_the_client_identifier_alone_and_with_an_expired_hint() {
    let case = Case::start();
    let client = case.client("public");
    for expired in [false, true] {
        let mut browser = Browser::new();
        let tokens = sign_in(&case, &mut browser, &client);
        let mut request = client.end_session().post_logout_redirect_uri(BYE);
        if expired {
            case.server.forward(301);
            request = request.id_token_hint(id_token(&tokens));
        }
        sent_to(sign_out(&mut browser, &request.url().expect("a URL"), true), BYE);
        assert!(!is_signed_in(&case, &mut browser, &client));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn without_an_address_to_return_to_stays_at_the_server() {
    let case = Case::start();
    let client = case.client("public");
    let mut browser = Browser::new();
    sign_in(&case, &mut browser, &client);
    let url = client.end_session().url().expect("a URL");
    let Landing::Page { status, .. } = sign_out(&mut browser, &url, true) else {
        panic!("sent away")
    };
    assert_eq!(status, 200);
    assert!(!is_signed_in(&case, &mut browser, &client));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_person_who_says_no_stays_signed_in() {
    let case = Case::start();
    let (client, other) = (case.client("public"), case.client("basic"));
    let mut browser = Browser::new();
    sign_in(&case, &mut browser, &client);
    let kept = sign_in(&case, &mut browser, &other);
    let url = client.end_session().post_logout_redirect_uri(BYE).url().expect("a URL");
    sent_to(sign_out(&mut browser, &url, false), BYE);
    assert!(is_signed_in(&case, &mut browser, &other));
    assert!(case.userinfo(kept.access_token()).is_ok());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_unregistered_address_and_another_clients_hint_end_at_a_page() {
    let case = Case::start();
    let (client, other) = (case.client("public"), case.client("basic"));
    let mut browser = Browser::new();
    let tokens = sign_in(&case, &mut browser, &other);
    let elsewhere = client.end_session().post_logout_redirect_uri("https://other.example/bye");
    let theirs = client.end_session().id_token_hint(id_token(&tokens));
    for request in [elsewhere, theirs] {
        let landing = browser.open(&request.url().expect("a URL"));
        let Landing::Page { status, body } = landing else { panic!("{landing:?}") };
        assert_eq!(status, 400);
        assert!(body.contains("invalid_request"), "{body}");
    }
    assert!(is_signed_in(&case, &mut browser, &other));
}
