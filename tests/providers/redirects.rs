//! Redirects, which are never followed, and bodies that are too large.

use grantwire::client::ClientSecretPost;
use grantwire::reply::{ReplyErrorKind, Unusable};
use grantwire::{AuthorizationServer, Client, DEFAULT_BODY_LIMIT};

use crate::given::*;
use crate::{token_with, unusable};

#[test]
fn a_redirect_is_a_typed_failure_with_its_target_shown_on_request() {
    let client = client().auth(ClientSecretPost::new("secret"));
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = "https://elsewhere.example/token?leak=1";
        // Not even a body full of tokens makes a redirect a success.
        let headers = [("location", elsewhere), ("content-type", JSON)];
        let reply = answer(status, &headers, token_with(""));
        let error = refresh(&client).read(&reply).unwrap_err();
        assert_eq!(*error.kind(), ReplyErrorKind::Redirected, "{status}");
        assert_eq!(error.location(), Some(elsewhere));
        assert_eq!(error.raw().status(), status);
        assert!(!error.credential_is_dead());
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("elsewhere") && !text.contains("leak"), "{text}");
        }
    }
}

#[test]
fn a_redirect_without_a_target_is_one_too() {
    let error = failure(&answer(302, &[], ""));
    assert_eq!(*error.kind(), ReplyErrorKind::Redirected);
    assert_eq!(error.location(), None);
}

fn with_limit(limit: usize) -> Client {
    let server = AuthorizationServer::new().token_endpoint(TOKEN).body_limit(limit);
    Client::new(server, CLIENT_ID)
}

#[test]
fn a_body_over_the_limit_is_not_parsed_and_is_kept_up_to_the_limit() {
    let padded = |len: usize| {
        let mut body = token_with("").into_bytes();
        body.resize(len, b' ');
        body
    };
    let exchange = code_exchange(&client());
    assert!(exchange.read(&json(200, padded(DEFAULT_BODY_LIMIT))).is_ok(), "just within");
    let error = exchange.read(&json(200, padded(DEFAULT_BODY_LIMIT + 1))).unwrap_err();
    let why = Unusable::BodyTooLarge { limit: DEFAULT_BODY_LIMIT };
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(why));
    assert_eq!(error.raw().expose_body().len(), DEFAULT_BODY_LIMIT);
    assert!(!error.raw().is_within_limit());
    assert!(error.to_string().len() < 200, "no part of the body is in the message");
}

#[test]
fn the_limit_is_the_servers_and_travels_with_the_request() {
    let exchange = code_exchange(&with_limit(64));
    assert_eq!(exchange.draft(now(), &mut entropy()).unwrap().duties().body_limit, 64);
    let reply = json(200, token_with(""));
    assert!(reply.body().len() <= 64);
    assert!(exchange.read(&reply).is_ok());
    let reply = json(200, token_with(r#""refresh_token":"rt-1""#));
    let error = exchange.read(&reply).unwrap_err();
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::BodyTooLarge { limit: 64 }));
    // A larger limit reads the very same reply.
    assert!(code_exchange(&with_limit(1024)).read(&reply).is_ok());
}

#[test]
fn errors_have_a_limit_too() {
    let description = "x".repeat(DEFAULT_BODY_LIMIT);
    let body = format!(r#"{{"error":"invalid_grant","error_description":"{description}"}}"#);
    let error = failure(&json(400, body));
    let why = Unusable::BodyTooLarge { limit: DEFAULT_BODY_LIMIT };
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(why));
    assert!(!error.credential_is_dead(), "what was not read has decided nothing");
    let reply = json(200, "");
    unusable(&failure(&reply), Unusable::Empty, &reply);
}
