//! The ground itself: the server starts, knows the clients, redirects a browser, and is gone
//! afterwards. Uses raw HTTP only; nothing of the crate is tested here.

use std::net::TcpStream;

use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::browser::{self, Browser, Landing};
use crate::clients::{client, names};
use crate::harness::Server;

/// The example pair of RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An authorization URL of the client `public`, written by hand.
fn authorization_url(server: &Server, extra: &[(&str, &str)]) -> String {
    let mut query = vec![
        ("client_id", "public"),
        ("response_type", "code"),
        ("redirect_uri", server.redirect_uri()),
        ("scope", "openid"),
        ("state", "af0ifjsldkj"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    query.extend(extra);
    let query = serde_urlencoded::to_string(query).expect("pairs make a query");
    format!("{}/auth?{query}", server.issuer())
}

fn token(server: &Server, form: &[(&str, &str)]) -> (http::StatusCode, Value) {
    let body = serde_urlencoded::to_string(form).expect("pairs make a form");
    let request = http::Request::post(format!("{}/token", server.issuer()))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .body(body.into_bytes())
        .expect("a request");
    let answer = server.send(request);
    let body = serde_json::from_slice(answer.body()).expect("JSON");
    (answer.status(), body)
}

#[test]
fn keys_and_secrets_say_they_are_for_tests() {
    for name in names() {
        let Some(jwk) = client(&name).private_jwk else {
            continue;
        };
        let jwk: Value = serde_json::from_str(&jwk).expect("a JWK");
        assert!(jwk["kid"].as_str().is_some_and(|kid| kid.starts_with("test-only-")), "{name}");
        assert!(jwk["d"].is_string(), "{name} has no private half");
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn it_starts_and_names_itself_and_is_gone_when_dropped() {
    let server = Server::start();
    let metadata = server.get_json("/.well-known/openid-configuration");
    assert_eq!(metadata["issuer"], server.issuer());
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    let address = server.issuer().trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(server);
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn it_knows_every_client_of_the_table() {
    let server = Server::start();
    // A request with nothing but a client id ends at an error page, which says whether the
    // client is the trouble.
    let unknown = |id: &str| {
        let query = serde_urlencoded::to_string([("client_id", id)]).expect("a query");
        match Browser::new().open(&format!("{}/auth?{query}", server.issuer())) {
            Landing::Page { body, .. } => body.contains("invalid_client"),
            Landing::Callback(url) => url.contains("invalid_client"),
        }
    };
    assert!(unknown("nobody"));
    for name in names() {
        assert!(!unknown(&client(&name).id), "{name} is not known");
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_browser_brings_back_a_code_and_stays_signed_in() {
    let server = Server::start();
    let callback = browser::approve(&authorization_url(&server, &[]));
    assert!(callback.starts_with(server.redirect_uri()));
    for part in ["code=", "state=af0ifjsldkj", "iss="] {
        assert!(callback.contains(part), "{part} missing");
    }
    let mut browser = Browser::new();
    let silent = authorization_url(&server, &[("prompt", "none")]);
    let Landing::Callback(refused) = browser.open(&silent) else {
        panic!("an error is for the client, not a page");
    };
    assert!(refused.contains("error=login_required"), "{refused}");
    browser.open(&authorization_url(&server, &[]));
    let Landing::Callback(signed_in) = browser.open(&silent) else {
        panic!("a page");
    };
    assert!(signed_in.contains("code="), "the cookies were lost");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_account_can_refuse_and_a_bad_request_ends_at_a_page() {
    let server = Server::start();
    let refusal = authorization_url(&server, &[("login_hint", "mallory")]);
    assert!(browser::approve(&refusal).contains("error=access_denied"));
    let url = authorization_url(&server, &[]).replace("client.example", "other.example");
    let Landing::Page { status, .. } = Browser::new().open(&url) else {
        panic!("an unregistered redirect URI was followed");
    };
    assert_eq!(status, 400);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn options_reach_the_server_and_secrets_are_compared() {
    let server = Server::start_with(&json!({ "ttl": { "ClientCredentials": 7 } }));
    let post = client("post");
    let secret = post.secret.expect("a secret");
    let mut form =
        [("grant_type", "client_credentials"), ("client_id", &post.id), ("client_secret", &secret)];
    let (status, body) = token(&server, &form);
    assert_eq!((status.as_u16(), &body["expires_in"]), (200, &json!(7)));
    form[2].1 = "wrong";
    let (status, body) = token(&server, &form);
    assert_eq!((status.as_u16(), &body["error"]), (401, &json!("invalid_client")));
}
