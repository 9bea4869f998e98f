//! Device authorization (RFC 8628 sections 3.1 and 3.2), and what providers make of it. The asking
//! afterwards is in `flow_device`.

use std::time::Duration;

use grantwire::client::ClientSecretBasic;
use grantwire::device::DeviceAuthorization;
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind, Unusable};
use grantwire::{AuthorizationServer, BuildError, Client, Deviation, Lifetime};

use crate::given::*;
use crate::{asked, fails, guest, refused, unusable};

fn given(body: &str) -> DeviceAuthorization {
    guest().device_authorization().read(&json(200, body)).expect(body)
}

/// The codes, with more members.
fn with(members: &str) -> DeviceAuthorization {
    given(&format!(
        r#"{{"device_code":"d","user_code":"u","verification_uri":"https://example.com/d"{members}}}"#
    ))
}

#[test]
fn section_3_1_the_example() {
    let server = AuthorizationServer::new()
        .device_authorization_endpoint("https://server.example.com/device_authorization");
    let client = Client::new(server, "1406020730");
    let request = asked(&client.device_authorization().scope("example_scope"));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://server.example.com/device_authorization");
    let pairs = [("scope", "example_scope"), ("client_id", "1406020730")];
    assert_eq!(pairs_of(&request), as_pairs(&pairs));
    let headers = as_pairs(&[
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
    ]);
    assert_eq!(headers_of(&request), headers);
}

#[test]
fn section_3_2_the_example() {
    let body = r#"{
        "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://example.com/device",
        "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
        "expires_in": 1800,
        "interval": 5
    }"#;
    let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
    let codes = guest().device_authorization().read(&answer(200, &headers, body)).unwrap();
    assert_eq!(codes.user_code(), "WDJB-MJHT");
    assert_eq!(codes.verification_uri(), "https://example.com/device");
    let complete = "https://example.com/device?user_code=WDJB-MJHT";
    assert_eq!(codes.verification_uri_complete(), Some(complete));
    assert_eq!(*codes.lifetime(), Lifetime::Known(Duration::from_secs(1800)));
    assert_eq!(codes.interval(), Duration::from_secs(5));
    assert_eq!(codes.deviations(), []);
    let prompt = "Open https://example.com/device and enter the code WDJB-MJHT";
    assert_eq!(codes.prompt(), prompt);
    let shown = format!("{codes:?}");
    assert!(!shown.contains("WDJB") && !shown.contains("GmRh"), "{shown}");
}

#[test]
fn a_confidential_client_need_not_say_its_name() {
    let client = guest().auth(ClientSecretBasic::new("s"));
    let request = asked(&client.device_authorization());
    assert_eq!(body_of(&request), "");
    assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Basic "));
    let more = client.device_authorization().parameter("device", "tv 1");
    let request = asked(&more.header("user-agent", "tv/1"));
    assert_eq!(pairs_of(&request), as_pairs(&[("device", "tv 1")]));
    assert_eq!(request.headers()["user-agent"], "tv/1");
}

#[test]
fn what_is_not_sent() {
    let missing = refused(&client().device_authorization());
    let endpoint = "device_authorization_endpoint";
    assert_eq!(missing, BuildError::EndpointMissing { endpoint });
    let plain = server().device_authorization_endpoint("http://as.example/device");
    let insecure = refused(&Client::new(plain, CLIENT_ID).device_authorization());
    assert!(matches!(insecure, BuildError::Endpoint { .. }), "{insecure:?}");
    let managed = refused(&guest().device_authorization().parameter("scope", "x"));
    assert!(matches!(managed, BuildError::ParameterManaged { .. }), "{managed:?}");
    assert_eq!(refused(&guest().device_authorization().scope("a  b")), BuildError::Scope);
}

#[test]
fn the_interval_is_5_seconds_unless_it_is_said_well() {
    let malformed = Deviation::MalformedMember("interval");
    for unsaid in ["", r#","interval":null"#] {
        assert_eq!(with(unsaid).interval(), Duration::from_secs(5), "{unsaid}");
        assert_eq!(with(unsaid).deviations(), [], "{unsaid}");
    }
    for (said, seconds) in [("1", 1), ("30", 30), ("10.0", 10), ("3600", 3_600)] {
        let codes = with(&format!(r#","interval":{said}"#));
        assert_eq!(codes.interval(), Duration::from_secs(seconds), "{said}");
    }
    let text = with(r#","interval":"7""#);
    assert_eq!(text.interval(), Duration::from_secs(7));
    assert_eq!(text.deviations(), [Deviation::LifetimeString]);
    for wrong in [
        "0",
        "-1",
        "-5",
        "2.5",
        "1e400",
        "86400",
        "99999999999",
        r#""""#,
        r#""5.5""#,
        r#""soon""#,
        "[5]",
        "{}",
        "true",
    ] {
        let codes = with(&format!(r#","interval":{wrong}"#));
        assert_eq!(codes.interval(), Duration::from_secs(5), "{wrong}");
        assert!(codes.deviations().contains(&malformed), "{wrong}");
    }
}

#[test]
fn how_long_the_codes_live_may_be_unsaid() {
    let text = with(r#","expires_in":"900""#);
    assert_eq!(*text.lifetime(), Lifetime::Known(Duration::from_secs(900)));
    assert_eq!(*with("").lifetime(), Lifetime::Unknown);
    assert_eq!(*with(r#","expires_in":null"#).lifetime(), Lifetime::Unknown);
    for wrong in ["-1", r#""soon""#] {
        let codes = with(&format!(r#","expires_in":{wrong}"#));
        assert!(matches!(codes.lifetime(), Lifetime::Malformed(_)), "{wrong}");
    }
}

/// Google's name for it; both may stand there as long as they agree.
#[test]
fn verification_url_is_read_and_reported() {
    let codes = given(
        r#"{"device_code":"d","user_code":"u","verification_url":"https://www.google.com/device"}"#,
    );
    assert_eq!(codes.verification_uri(), "https://www.google.com/device");
    assert_eq!(codes.deviations(), [Deviation::VerificationUrl]);
    let both = with(r#","verification_url":"https://example.com/d""#);
    assert_eq!(both.deviations(), []);
    let two = r#"{"device_code":"d","user_code":"u","verification_uri":"https://a.example/","verification_url":"https://b.example/"}"#;
    assert_eq!(unusable(&guest().device_authorization(), &json(200, two)), Unusable::Ambiguous);
}

/// It will be opened in a browser.
#[test]
fn an_address_that_a_browser_must_not_open_is_refused() {
    let body = |name: &str, uri: &str| {
        let uri = serde_json::to_string(uri).unwrap();
        format!(r#"{{"device_code":"d","user_code":"u","{name}":{uri}}}"#)
    };
    let why = |name: &str, uri: &str| {
        unusable(&guest().device_authorization(), &json(200, body(name, uri)))
    };
    for wrong in [
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "JavaScript://example.com/%0aalert(1)",
        "file:///etc/passwd",
        "smb://example.com/share",
        "data:text/html,x",
        "example.com/device",
        "//example.com/device",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://example.com/\u{7}",
        "https://ex\u{430}mple.com/",
        "https://example.com/\u{202e}",
        "",
    ] {
        for name in ["verification_uri", "verification_url"] {
            assert_eq!(why(name, wrong), Unusable::MemberMalformed(name), "{wrong}");
        }
    }
    // Twitch's holds the code already. It is opaque, and kept to the letter.
    let twitch = "HTTPS://www.twitch.tv/activate?device-code=ABCDEFGH&x=%2f";
    assert_eq!(given(&body("verification_uri", twitch)).verification_uri(), twitch);
    let complete = "verification_uri_complete";
    let codes = with(&format!(r#","{complete}":"javascript:alert(1)""#));
    assert_eq!(codes.verification_uri_complete(), None, "the plain address will do");
    assert_eq!(codes.deviations(), [Deviation::MalformedMember(complete)]);
}

#[test]
fn what_is_needed_must_be_there() {
    let whole = [
        ("device_code", r#""d""#),
        ("user_code", r#""u""#),
        ("verification_uri", r#""https://example.com/d""#),
    ];
    let without = |name: &str, instead: Option<&str>| {
        let members = whole.iter().filter_map(|(known, value)| {
            let value = if *known == name { instead? } else { value };
            Some(format!("\"{known}\":{value}"))
        });
        let body = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        unusable(&guest().device_authorization(), &json(200, body))
    };
    for (name, _) in whole {
        assert_eq!(without(name, None), Unusable::MemberMissing(name));
        assert_eq!(without(name, Some("null")), Unusable::MemberMissing(name));
        for wrong in ["7", r#""""#, "[]", "{}"] {
            assert_eq!(without(name, Some(wrong)), Unusable::MemberMalformed(name), "{wrong}");
        }
    }
    let beside = |member: &str| {
        let body = format!(
            r#"{{"device_code":"d","user_code":"u","verification_uri":"https://a.example/",{member}}}"#
        );
        unusable(&guest().device_authorization(), &json(200, body))
    };
    assert_eq!(beside(r#""device_code":"e""#), Unusable::DuplicateMember("device_code"));
    assert_eq!(beside(r#""error":"x""#), Unusable::Ambiguous);
}

/// The same reader of errors as at every endpoint.
#[test]
fn errors_are_typed() {
    let fails = |reply| fails(&guest().device_authorization(), &reply);
    for (status, code, known) in [
        (400, "unauthorized_client", ErrorCode::UnauthorizedClient),
        (401, "invalid_client", ErrorCode::InvalidClient),
        (200, "invalid_scope", ErrorCode::InvalidScope),
    ] {
        let error = fails(json(status, format!(r#"{{"error":"{code}"}}"#)));
        assert_eq!(*error.refusal().expect(code).code(), known);
        assert_eq!(error.class(), FailureClass::Definitive, "{code}");
    }
    assert_eq!(fails(answer(502, &[], "<html>")).class(), FailureClass::Transient);
    let busy = fails(answer(503, &[("retry-after", "7")], "<html>"));
    assert_eq!(busy.class(), FailureClass::Transient);
    assert!(busy.retry_after().is_some());
    let html = fails(answer(200, &[("content-type", "text/html")], "<html>"));
    assert!(matches!(html.kind(), ReplyErrorKind::Unusable(_)), "{html:?}");
    let moved = fails(answer(302, &[("location", "https://x.example/")], ""));
    assert_eq!(*moved.kind(), ReplyErrorKind::Redirected);
}

#[test]
fn another_2xx_is_reported() {
    let body = r#"{"device_code":"d","user_code":"u","verification_uri":"https://e.example/"}"#;
    let codes = guest().device_authorization().read(&json(201, body)).unwrap();
    assert_eq!(codes.deviations(), [Deviation::Status(201)]);
}

/// It goes to a terminal, so what a server puts into it must not steer one.
#[test]
fn the_prompt_escapes_control_characters() {
    let codes = given(
        r#"{"device_code":"d","user_code":"A\u001b[2J\r\n\u0007B\u009b","verification_uri":"https://a.example/"}"#,
    );
    assert_eq!(codes.user_code(), "A\u{1b}[2J\r\n\u{7}B\u{9b}", "as it was sent");
    let prompt = codes.prompt();
    assert!(!prompt.contains(char::is_control), "{prompt:?}");
    assert!(prompt.contains("https://a.example/"), "{prompt}");
    assert!(prompt.contains("A\\u{1b}[2J\\r\\n\\u{7}B\\u{9b}"), "{prompt}");
}
