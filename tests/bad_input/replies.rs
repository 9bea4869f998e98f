//! What cannot be believed is refused, and all of it stays within reach.

use grantwire::authorization::{Callback, CallbackErrorKind};
use grantwire::reply::{FailureClass, ReplyErrorKind, Unusable};
use grantwire::{AuthorizationServer, Client, DEFAULT_BODY_LIMIT, ReplyError};
use http::Response;

use crate::given::*;

/// The reply is unusable for this reason, and everything that was received is there to be looked at.
fn unusable(reply: &Response<Vec<u8>>, why: Unusable) -> ReplyError {
    let error = failure(reply);
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(why));
    assert_eq!(error.class(), FailureClass::Indeterminate, "the code may be spent");
    nothing_is_lost(&error, reply);
    error
}

fn nothing_is_lost(error: &ReplyError, reply: &Response<Vec<u8>>) {
    assert_eq!(error.raw().status(), reply.status());
    assert_eq!(error.raw().headers(), reply.headers());
    assert_eq!(error.raw().expose_body(), reply.body());
    assert!(error.raw().is_within_limit());
}

#[test]
fn an_oversized_body() {
    let mut body = br#"{"access_token":"at","token_type":"Bearer","x":""#.to_vec();
    body.resize(DEFAULT_BODY_LIMIT + 1, b'x');
    let error = failure(&json(200, body.clone()));
    let why = Unusable::BodyTooLarge { limit: DEFAULT_BODY_LIMIT };
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(why));
    assert!(!error.raw().is_within_limit(), "and says so");
    assert_eq!(error.raw().expose_body(), &body[..DEFAULT_BODY_LIMIT]);
}

#[test]
fn a_deeply_nested_body() {
    let deep = |levels: usize| format!("{{\"x\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    for levels in [63, 64, 10_000] {
        unusable(&json(200, deep(levels)), Unusable::MemberMissing("access_token"));
    }
    // The same under the wrapping that a tolerance names.
    let quirks = grantwire::Quirks::new().token_at("/x");
    let exchange = code_exchange(&lenient(quirks));
    assert!(exchange.read(&json(200, deep(10_000))).is_err());
}

#[test]
fn a_body_that_is_not_json() {
    for (body, line) in [
        ("access_token=at&token_type=Bearer", 1),
        ("OK", 1),
        ("not found", 1),
        ("{access_token: 1}", 1),
        ("{'access_token':'at'}", 1),
        ("{\"access_token\":\"at\",}", 1),
        ("{\"access_token\":\"at\"}\n{\"more\":1}", 2),
        ("{\"access_token\":\"a\nb\"}", 1),
        ("{\"access_token\":\"\\x\"}", 1),
        ("{\"access_token\":at}", 1),
        ("{\"access_token\":NaN}", 1),
        ("{\n\n\"a\":01}", 3),
        ("\u{0}", 1),
    ] {
        let reply = json(200, body);
        let error = failure(&reply);
        let ReplyErrorKind::Unusable(Unusable::NotJson { line: at, .. }) = error.kind() else {
            panic!("{body}: {error}");
        };
        assert_eq!(*at, line, "{body}");
        nothing_is_lost(&error, &reply);
    }
}

#[test]
fn an_empty_body() {
    for body in ["", " ", "\r\n", "\u{feff}"] {
        unusable(&json(200, body), Unusable::Empty);
    }
}

#[test]
fn json_that_is_no_object() {
    for body in ["null", "true", "7", "-1.5e3", "\"at\"", "[]", r#"[{"access_token":"at"}]"#] {
        unusable(&json(200, body), Unusable::NotAnObject);
    }
}

#[test]
fn an_empty_access_token() {
    unusable(
        &json(200, r#"{"access_token":"","token_type":"Bearer"}"#),
        Unusable::MemberMalformed("access_token"),
    );
}

#[test]
fn html() {
    let page = "<!DOCTYPE html><html><body>Please sign in</body></html>";
    for media_type in ["text/html", "application/json"] {
        let reply = answer(200, &[("content-type", media_type)], page);
        unusable(&reply, Unusable::NotJson { line: 1, column: 1 });
    }
    for status in [500, 502, 503] {
        let reply = answer(status, &[("content-type", "text/html")], page);
        let error = failure(&reply);
        assert_eq!(*error.kind(), ReplyErrorKind::Unavailable);
        nothing_is_lost(&error, &reply);
    }
}

#[test]
fn redirects() {
    for status in [300, 301, 302, 303, 304, 305, 307, 308, 399] {
        let reply = answer(status, &[("location", "https://elsewhere.example/")], "moved");
        let error = failure(&reply);
        assert_eq!(*error.kind(), ReplyErrorKind::Redirected, "{status}");
        nothing_is_lost(&error, &reply);
    }
}

#[test]
fn a_truncated_body() {
    let whole =
        r#"{"access_token":"at-1","token_type":"Bearer","expires_in":3600,"scope":["a","b"]}"#;
    assert!(code_exchange(&client()).read(&json(200, whole)).is_ok());
    for end in 1..whole.len() {
        unusable(&json(200, &whole[..end]), Unusable::Truncated);
    }
    // Cut inside a character.
    unusable(&json(200, &"{\"a\":\"é".as_bytes()[..7]), Unusable::Truncated);
}

#[test]
fn duplicate_members() {
    for name in [
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "refresh_token_expires_in",
        "scope",
        "id_token",
    ] {
        let body = format!(
            r#"{{"{name}":"1","access_token":"at","token_type":"Bearer","expires_in":1,"refresh_token":"rt","refresh_token_expires_in":1,"scope":"a","id_token":"i"}}"#
        );
        let error = failure(&json(200, body));
        let ReplyErrorKind::Unusable(Unusable::DuplicateMember(named)) = error.kind() else {
            panic!("{name}: {error}");
        };
        assert_eq!(*named, name);
    }
    // Nobody reads these here, so nobody can read them two ways.
    let body = r#"{"access_token":"at","token_type":"Bearer","x":1,"x":2}"#;
    assert!(code_exchange(&client()).read(&json(200, body)).is_ok());
}

#[test]
fn a_success_and_an_error_at_once() {
    let body = r#"{"access_token":"at","token_type":"Bearer","error":"invalid_grant"}"#;
    unusable(&json(200, body), Unusable::Ambiguous);
}

/// What could not be used is read again, whole, with the tolerance that it takes.
#[test]
fn a_reply_that_could_not_be_used_is_read_again() {
    let exchange = code_exchange(&client());
    let reply = answer(200, &[("content-type", "text/plain")], r#"{"access_token":"at-1"}"#);
    let error = exchange.read(&reply).unwrap_err();
    drop(reply);
    let quirks = grantwire::Quirks::new().ignore_content_type().assume_bearer();
    let tokens = exchange.read_with(error.raw(), &quirks).unwrap();
    assert_eq!(tokens.access_token().expose(), "at-1");
    // So is one that was a refusal, to the same end.
    let error = exchange.read(&json(400, r#"{"error":"invalid_grant"}"#)).unwrap_err();
    assert!(exchange.read_with(error.raw(), &quirks).unwrap_err().credential_is_dead());
}

#[test]
fn a_callback_that_answers_nothing() {
    let outcome = |query: &str| {
        let error = pending(&client()).code(Callback::from_query(query)).unwrap_err();
        error.kind().clone()
    };
    assert_eq!(outcome("state=xyz"), CallbackErrorKind::CodeMissing);
    assert_eq!(outcome("state=xyz&code="), CallbackErrorKind::CodeMissing);
    assert_eq!(outcome("state=xyz&error="), CallbackErrorKind::CodeMissing);
    assert_eq!(outcome("state=xyz&code=a&code=a"), CallbackErrorKind::Repeated("code"));
    assert_eq!(outcome("code=a"), CallbackErrorKind::NotForThisFlow);
    assert_eq!(outcome("%%%=&&&==%zz"), CallbackErrorKind::NotForThisFlow);
    let long = format!("state=xyz&code={}", "a".repeat(64 * 1024));
    assert_eq!(outcome(&long), CallbackErrorKind::TooLong);
}

#[test]
fn a_callback_with_an_issuer_and_nothing_to_compare_it_with() {
    let server = AuthorizationServer::new().authorization_endpoint(AUTHORIZE);
    let pending = pending(&Client::new(server, CLIENT_ID));
    let callback = Callback::from_query("code=a&state=xyz&iss=https%3A%2F%2Fas.example");
    let error = pending.code(callback).unwrap_err();
    assert_eq!(*error.kind(), CallbackErrorKind::IssuerUnknown);
    assert!(error.to_string().contains("issuer"), "and says what to configure");
}

/// Any status with any body: never a panic, and never a success but for a 2xx with tokens in it.
#[test]
fn every_status_with_every_kind_of_body() {
    let exchange = code_exchange(&client());
    for status in 100..1000 {
        for body in [
            "",
            "x",
            "{}",
            r#"{"access_token":"at","token_type":"Bearer"}"#,
            r#"{"error":"invalid_grant"}"#,
            r#"{"access_token":"at","token_type":"Bearer","error":"x"}"#,
        ] {
            let reply = json(status, body);
            match exchange.read(&reply) {
                Ok(_) => assert!(reply.status().is_success() && body.starts_with(r#"{"access"#)),
                Err(error) => nothing_is_lost(&error, &reply),
            }
        }
    }
}
