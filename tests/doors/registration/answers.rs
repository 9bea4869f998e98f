//! What comes of a server's answers to a registration.

use grantwire::flow::{ExchangeFlow, FlowError, Machine, TransportFailure};
use grantwire::registration::SecretExpiry;
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::{BuildError, Deviation, Timestamp};

use super::*;
use crate::machines::{at, error, sent, value};
use crate::{fails, unusable};

/// What there is too little of for management.
fn unmanaged(registered: &Registration) -> String {
    match registered.configuration(&there()) {
        Err(BuildError::Invalid { parameter, .. }) => parameter.into_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn section_3_2_1_the_answer() {
    let registered = told(ANSWER);
    assert_eq!(registered.client_id().as_str(), "s6BhdRkqt3");
    assert_eq!(registered.client_secret().unwrap().expose(), SECRET);
    let end = Timestamp::from_unix_seconds(2_893_276_800);
    assert_eq!(*registered.client_secret_expires_at(), SecretExpiry::At(end));
    assert!(!registered.client_secret_expires_at().is_past(now()));
    assert!(registered.client_secret_expires_at().is_past(end));
    let issued = Timestamp::from_unix_seconds(2_893_256_800);
    assert_eq!(registered.client_id_issued_at(), Some(issued));
    assert_eq!(registered.token_endpoint_auth_method(), "client_secret_basic");
    assert_eq!(registered.extra::<String>("client_name#ja-Jpan-JP").as_deref(), Some(NAME_JA));
    assert_eq!(registered.extra::<Vec<String>>("redirect_uris").unwrap().len(), 2);
    assert!(registered.registration_access_token().is_none());
    assert!(registered.registration_client_uri().is_none());
    assert_eq!(registered.deviations(), []);
    assert_eq!(unmanaged(&registered), "registration_client_uri");
    let shown = format!("{registered:?} {registered:#?}");
    assert!(!shown.contains(SECRET) && shown.contains("s6BhdRkqt3"), "{shown}");
}

#[test]
fn any_2xx_is_success_and_reported() {
    for (status, deviations) in [(201, &[][..]), (200, &[Deviation::Status(200)])] {
        let registered = door(some()).read(&json(status, ANSWER)).unwrap();
        assert_eq!(registered.deviations(), deviations);
    }
    let untyped = door(some()).read(&answer(201, &[], ANSWER)).unwrap();
    assert_eq!(untyped.deviations(), [Deviation::ContentTypeAbsent]);
}

/// Without an identifier, or a secret that is needed, there is no client; the server has made one.
#[test]
fn what_spoils_an_answer() {
    for (body, why) in [
        (r#"{"client_secret":"s"}"#, Unusable::MemberMissing("client_id")),
        (r#"{"client_id":null,"client_secret":"s"}"#, Unusable::MemberMissing("client_id")),
        (r#"{"client_id":"","client_secret":"s"}"#, Unusable::MemberMalformed("client_id")),
        (r#"{"client_id":7,"client_secret":"s"}"#, Unusable::MemberMalformed("client_id")),
        (r#"{"client_id":"\u00e9","client_secret":"s"}"#, Unusable::MemberMalformed("client_id")),
        (r#"{"client_id":"a\r\nb","client_secret":"s"}"#, Unusable::MemberMalformed("client_id")),
        (r#"{"client_id":"c"}"#, Unusable::MemberMissing("client_secret")),
        (r#"{"client_id":"c","client_secret":null}"#, Unusable::MemberMissing("client_secret")),
        (r#"{"client_id":"c","client_secret":7}"#, Unusable::MemberMalformed("client_secret")),
        (r#"{"client_id":"c","client_secret":""}"#, Unusable::MemberMalformed("client_secret")),
        (
            r#"{"client_id":"c","client_secret":"a\u0000b"}"#,
            Unusable::MemberMalformed("client_secret"),
        ),
        (
            r#"{"client_id":"c","client_id":"d","client_secret":"s"}"#,
            Unusable::DuplicateMember("client_id"),
        ),
        (
            r#"{"client_id":"c","client_secret":"s","client_secret":"t"}"#,
            Unusable::DuplicateMember("client_secret"),
        ),
        (
            r#"{"client_id":"c","client_secret":"s","error":"invalid_client_metadata"}"#,
            Unusable::Ambiguous,
        ),
        (r#"["client_id"]"#, Unusable::NotAnObject),
        ("", Unusable::Empty),
        (r#"{"client_id":"c","client_se"#, Unusable::Truncated),
    ] {
        let reply = json(201, body);
        assert_eq!(unusable(&door(some()), &reply), why, "{body}");
        let error = fails(&door(some()), &reply);
        assert_eq!(error.class(), FailureClass::Indeterminate);
        assert_eq!(error.raw().expose_body(), body.as_bytes(), "it may still be in there");
    }
}

/// Whether a secret is needed hangs on the method that the server registered, then on the one asked
/// for, then on the RFC's default.
#[test]
fn a_client_without_a_secret_needs_none() {
    let bare = r#"{"client_id":"c"}"#;
    for method in ["none", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"] {
        let registered = told_to(some().token_endpoint_auth_method(method), bare);
        assert_eq!(registered.token_endpoint_auth_method(), method);
        assert_eq!(registered.deviations(), [], "no secret, so no end of it");
        let said = format!(r#"{{"client_id":"c","token_endpoint_auth_method":"{method}"}}"#);
        assert_eq!(told(&said).token_endpoint_auth_method(), method, "the server may substitute");
    }
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
        let said = format!(r#"{{"client_id":"c","token_endpoint_auth_method":"{method}"}}"#);
        let asked = door(some().token_endpoint_auth_method("none"));
        assert_eq!(unusable(&asked, &json(201, said)), Unusable::MemberMissing("client_secret"));
    }
    let odd = r#"{"client_id":"c","client_secret":7}"#;
    let registered = told_to(some().token_endpoint_auth_method("none"), odd);
    assert_eq!(registered.deviations(), [Deviation::MalformedMember("client_secret")]);
}

#[test]
fn when_a_secret_ends() {
    let read = |raw: &str| {
        let body =
            format!(r#"{{"client_id":"c","client_secret":"s","client_secret_expires_at":{raw}}}"#);
        told(&body)
    };
    let at = |seconds| SecretExpiry::At(Timestamp::from_unix_seconds(seconds));
    for (raw, end, deviations) in [
        ("0", SecretExpiry::Never, vec![]),
        ("1577858400", at(1_577_858_400), vec![]),
        (r#""1577858400""#, at(1_577_858_400), vec![Deviation::LifetimeString]),
        ("1577858400.0", at(1_577_858_400), vec![Deviation::LifetimeFloat]),
        ("253402300799", at(253_402_300_799), vec![]),
        ("null", SecretExpiry::Unknown, vec![Deviation::SecretExpiryAbsent]),
    ] {
        let registered = read(raw);
        assert_eq!(*registered.client_secret_expires_at(), end, "{raw}");
        assert_eq!(registered.deviations(), deviations, "{raw}");
    }
    for raw in [
        "-1",
        "1.5",
        "1577858400000",
        "99999999999999999999999",
        "1e999",
        r#""soon""#,
        r#""""#,
        "[]",
        "true",
    ] {
        let registered = read(raw);
        let SecretExpiry::Malformed(kept) = registered.client_secret_expires_at() else {
            panic!("{raw}: {:?}", registered.client_secret_expires_at());
        };
        assert_eq!(kept.raw(), raw);
        let reported = Deviation::MalformedMember("client_secret_expires_at");
        assert_eq!(registered.deviations(), [reported]);
        assert_eq!(registered.client_secret().unwrap().expose(), "s", "only itself");
        assert!(!registered.client_secret_expires_at().is_past(now()));
    }
}

/// A bad address costs only the management.
#[test]
fn what_serves_management_alone_costs_no_client() {
    let with = |members: &str| {
        told(&format!(
            r#"{{"client_id":"c","client_secret":"s","client_secret_expires_at":0,{members}}}"#
        ))
    };
    for wrong in [
        r#""javascript:alert(1)""#,
        r#""http://server.example.com/register/c""#,
        r#""/register/c""#,
        r#""https://u:p@server.example.com/""#,
        r#""https://server.example.com/#c""#,
        r#""""#,
        "7",
    ] {
        let registered =
            with(&format!(r#""registration_client_uri":{wrong},"registration_access_token":"t""#));
        let reported = Deviation::MalformedMember("registration_client_uri");
        assert_eq!(registered.deviations(), [reported], "{wrong}");
        assert!(registered.registration_client_uri().is_none());
        assert!(registered.client(&there()).is_ok());
        assert_eq!(unmanaged(&registered), "registration_client_uri");
    }
    for wrong in ["7", r#""a b""#, r#""a\r\nb""#, r#""\u00e9""#, "[]"] {
        let registered = with(&format!(
            r#""registration_client_uri":"https://server.example.com/c","registration_access_token":{wrong}"#
        ));
        let reported = Deviation::MalformedMember("registration_access_token");
        assert_eq!(registered.deviations(), [reported], "{wrong}");
        assert_eq!(unmanaged(&registered), "registration_access_token");
    }
    let strange = with(r#""client_id_issued_at":"yesterday","token_endpoint_auth_method":7"#);
    let reported = ["token_endpoint_auth_method", "client_id_issued_at"];
    assert_eq!(strange.deviations(), reported.map(Deviation::MalformedMember));
    assert_eq!(strange.client_id_issued_at(), None);
    assert_eq!(strange.token_endpoint_auth_method(), "client_secret_basic");
}

/// Section 3.2.2, and RFC 6750 for the initial access token.
#[test]
fn refusals_have_names() {
    for (name, code) in [
        ("invalid_redirect_uri", ErrorCode::InvalidRedirectUri),
        ("invalid_client_metadata", ErrorCode::InvalidClientMetadata),
        ("invalid_software_statement", ErrorCode::InvalidSoftwareStatement),
        ("unapproved_software_statement", ErrorCode::UnapprovedSoftwareStatement),
    ] {
        let body = format!(r#"{{"error":"{name}","error_description":"not allowed here"}}"#);
        let error = fails(&door(some()), &json(400, body));
        assert_eq!(*error.refusal().unwrap().code(), code);
        assert_eq!(code.as_str(), name);
        assert_eq!((error.class(), error.fault()), (FailureClass::Definitive, Fault::Client));
        assert!(error.to_string().contains(name), "{error}");
    }
    let challenge = ("www-authenticate", r#"Bearer error="invalid_token""#);
    let error = fails(&door(some()), &answer(401, &[challenge], ""));
    assert_eq!(*error.refusal().unwrap().code(), ErrorCode::InvalidToken);
}

/// Nobody knows whether there is a client now.
#[test]
fn a_failing_server_leaves_it_unknown() {
    for status in [500, 502, 504] {
        let error = fails(&door(some()), &answer(status, &[], "<html>oops</html>"));
        assert_eq!(*error.kind(), ReplyErrorKind::Unavailable);
        assert_eq!(error.class(), FailureClass::Indeterminate);
        assert!(error.to_string().contains("do not send"), "{error}");
    }
    let busy = answer(503, &[("retry-after", "5")], "");
    assert_eq!(fails(&door(some()), &busy).class(), FailureClass::Transient);
    let moved = answer(307, &[("location", "https://elsewhere.example/")], "");
    assert_eq!(*fails(&door(some()), &moved).kind(), ReplyErrorKind::Redirected);
    let long = format!(r#"{{"client_id":"c","client_secret":"s","x":"{}"}}"#, "x".repeat(1 << 20));
    let limit = grantwire::DEFAULT_BODY_LIMIT;
    let error = fails(&door(some()), &json(201, long));
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::BodyTooLarge { limit }));
    assert_eq!(error.raw().expose_body().len(), limit);
}

#[test]
fn a_machine_drives_it() {
    let mut flow = ExchangeFlow::new(door(some()), entropy());
    assert_eq!(sent(flow.poll(at(0))).uri(), PLACE);
    flow.handle_response(at(1), &json(201, ANSWER)).unwrap();
    assert_eq!(value(flow.poll(at(1))).client_id().as_str(), "s6BhdRkqt3");

    let mut flow = ExchangeFlow::new(door(some()), entropy());
    sent(flow.poll(at(0)));
    flow.handle_failure(at(1), TransportFailure::Unknown).unwrap();
    let end = error(flow.poll(at(1)));
    assert!(!matches!(end, FlowError::Reply(_)), "nothing came: {end:?}");
}
