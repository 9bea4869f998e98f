//! Revocation (RFC 7009): any 2xx means done, and nothing else does.

use std::time::Duration;

use grantwire::client::{ClientSecretBasic, ClientSecretPost, PrivateKeyJwt};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::revocation::TokenTypeHint;
use grantwire::{AuthorizationServer, BuildError, Client, Resend, RetryAfter};

use crate::given::*;
use crate::{asked, fails, guest, house, refused, unusable};

#[test]
fn section_2_1_the_example() {
    let server =
        AuthorizationServer::new().revocation_endpoint("https://server.example.com/revoke");
    let client = Client::new(server, "s6BhdRkqt3").auth(ClientSecretBasic::new("gX1fBat3bV"));
    let request = asked(&client.revoke("45ghiukldjahdnhzdauz").hint(TokenTypeHint::RefreshToken));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://server.example.com/revoke");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(body_of(&request), "token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token");
}

#[test]
fn a_public_client_says_who_it_is_and_a_hint_is_left_out_unless_given() {
    let request = asked(&guest().revoke("t"));
    assert_eq!(pairs_of(&request), as_pairs(&[("token", "t"), ("client_id", CLIENT_ID)]));
    let request = asked(&guest().revoke("t").hint(TokenTypeHint::AccessToken));
    assert_eq!(pairs_of(&request)[1], ("token_type_hint".into(), "access_token".into()));
    // Section 2.1: others may define more.
    let hint = TokenTypeHint::Other("device_secret".into());
    let request = asked(&guest().revoke("t").hint(hint));
    assert_eq!(pairs_of(&request)[1], ("token_type_hint".into(), "device_secret".into()));
    let request = asked(&guest().introspect("t").hint(TokenTypeHint::Other("a\u{e9}".into())));
    assert_eq!(body_of(&request), format!("token=t&token_type_hint=a%C3%A9&client_id={CLIENT_ID}"));
    let nothing = guest().revoke("t").hint(TokenTypeHint::Other("".into()));
    assert_eq!(names_of(&asked(&nothing)), ["token", "client_id"]);
    let control = guest().revoke("t").hint(TokenTypeHint::Other("a\n".into()));
    assert_eq!(refused(&control), BuildError::Character { parameter: "token_type_hint".into() });
    let posting = guest().auth(ClientSecretPost::new("s"));
    assert_eq!(names_of(&asked(&posting.revoke("t"))), ["token", "client_id", "client_secret"]);
    assert_eq!(refused(&guest().revoke("")), BuildError::Empty { parameter: "token".into() });
    let control = BuildError::Character { parameter: "token".into() };
    assert_eq!(refused(&guest().revoke("a\r\nb")), control);
}

/// Revoking twice does no harm, but an assertion may be sent only once.
#[test]
fn it_may_be_sent_again_unless_an_assertion_is_in_it() {
    let draft = guest().revoke("t").draft(now(), &mut entropy()).unwrap();
    assert_eq!(draft.duties().resend, Resend::Always);
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let signing = guest().auth(PrivateKeyJwt::new(key));
    let draft = signing.revoke("t").draft(now(), &mut entropy()).unwrap();
    assert_eq!(draft.duties().resend, Resend::OnlyIfNotSent);
}

/// Kick answers `OK` in plain text, others a page, and the RFC says that the body is ignored.
#[test]
fn any_2xx_is_done_whatever_the_body_says() {
    let long = "x".repeat(100_000);
    for body in ["", "OK", "<html>", "{", "null", r#"{"revoked":false}"#, r#"{"error":"x"}"#, &long]
    {
        for status in [200, 201, 202, 204] {
            for kind in ["text/plain", "text/html", "application/json"] {
                let reply = answer(status, &[("content-type", kind)], body);
                assert!(guest().revoke("t").read(&reply).is_ok(), "{status} {kind}");
            }
            assert!(guest().revoke("t").read(&answer(status, &[], body)).is_ok(), "{status}");
        }
    }
}

/// RFC 7009 section 2.2.1: after a 503 the token must be assumed to live.
#[test]
fn a_503_is_transient_and_says_when() {
    let bodies = ["", "<html>", r#"{"error":"temporarily_unavailable"}"#, r#"{"error":"x"}"#];
    for body in bodies {
        let error = fails(&guest().revoke("t"), &answer(503, &[("retry-after", "120")], body));
        assert_eq!(error.class(), FailureClass::Transient, "{body}");
        assert_eq!(error.fault(), Fault::Server, "{body}");
        assert_eq!(error.retry_after(), Some(RetryAfter::Delay(Duration::from_secs(120))));
    }
    assert_eq!(fails(&guest().revoke("t"), &answer(503, &[], "")).retry_after(), None);
}

#[test]
fn the_servers_no_is_typed() {
    let no = |code: &str| {
        let body = format!(r#"{{"error":"{code}","error_description":"d"}}"#);
        fails(&guest().revoke("t"), &json(400, body))
    };
    let error = no("unsupported_token_type");
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::UnsupportedTokenType);
    assert_eq!((error.class(), error.fault()), (FailureClass::Definitive, Fault::Client));
    // Authlib's servers say so of a token that is dead already, where the RFC wants a 200. Whether that
    // is as good as done is the caller's to say.
    let error = no("invalid_token");
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::InvalidToken);
    assert_eq!((error.class(), error.fault()), (FailureClass::Definitive, Fault::Credential));
    assert!(!error.credential_is_dead(), "only `invalid_grant` says so");
    let error = no("invalid_client");
    assert_eq!(error.fault(), Fault::Client);
    assert_eq!(error.refusal().unwrap().description().unwrap().raw(), "d");
}

#[test]
fn what_is_no_answer_is_no_success() {
    let page = |status| answer(status, &[("content-type", "text/html")], "<html>oops</html>");
    let error = fails(&guest().revoke("t"), &page(500));
    assert_eq!(*error.kind(), ReplyErrorKind::Unavailable);
    assert_eq!(error.class(), FailureClass::Transient, "it can be sent again");
    assert_eq!(error.raw().expose_body(), b"<html>oops</html>");
    // Salesforce: 404 with a word of its own.
    for reply in [
        answer(404, &[], "Bad_Id"),
        answer(404, &[("content-type", "text/plain")], " Bad_Id\n"),
        answer(404, &[], "\"Bad_Id\""),
        answer(400, &[], "no such token"),
        json(404, r#"{"message":"Bad_Id"}"#),
    ] {
        let error = fails(&guest().revoke("t"), &reply);
        assert_eq!(error.refusal().unwrap().code(), &ErrorCode::NonStandard);
        assert_ne!(error.class(), FailureClass::Definitive, "nobody knows what it means");
        assert_eq!(error.raw().expose_body(), reply.body());
    }
    // Where a client is turned away, nobody looked at the token, in whatever words.
    for (status, words) in [(401, "Unauthorized"), (405, "Method Not Allowed"), (410, "Gone")] {
        let error = fails(&guest().revoke("t"), &answer(status, &[], words));
        assert!(matches!(error.kind(), ReplyErrorKind::Unusable(Unusable::NotJson { .. })));
        assert_eq!(error.class(), FailureClass::Definitive);
        assert_eq!(error.fault(), Fault::Client);
    }
    // A page, nothing, and half an object say nothing.
    let why = |reply| unusable(&guest().revoke("t"), &reply);
    assert!(matches!(why(page(404)), Unusable::NotJson { .. }));
    assert_eq!(why(answer(404, &[], "")), Unusable::Empty);
    assert_eq!(why(json(404, r#"{"error":"inv"#)), Unusable::Truncated);
    assert_eq!(why(json(404, "\u{feff}{\"error\":\"inv")), Unusable::Truncated);
    assert_eq!(why(json(404, "[]")), Unusable::NotAnObject);
    let words = fails(&guest().revoke("t"), &answer(500, &[], "Bad_Id"));
    assert_eq!(*words.kind(), ReplyErrorKind::Unavailable);
    for status in [100, 101, 304, 405, 418, 429, 999] {
        assert!(guest().revoke("t").read(&answer(status, &[], "")).is_err(), "{status}");
    }
}

/// A success has no members here, so none can make a refusal ambiguous.
#[test]
fn a_member_without_a_name_does_not_blur_a_refusal() {
    let reply = json(400, r#"{"error":"invalid_client","":1}"#);
    let error = fails(&guest().revoke("t"), &reply);
    assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::InvalidClient));
}

#[test]
fn a_limit_holds_for_refusals_too() {
    let client = Client::new(house().body_limit(10), CLIENT_ID);
    let why = unusable(&client.revoke("t"), &json(400, r#"{"error":"invalid_client"}"#));
    assert_eq!(why, Unusable::BodyTooLarge { limit: 10 });
}
