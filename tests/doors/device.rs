//! Device authorization (RFC 8628 sections 3.1 and 3.2). The asking afterwards is in `flow_device`.

use std::time::Duration;

use grantwire::client::ClientSecretBasic;
use grantwire::device::DeviceAuthorization;
use grantwire::message::{ErrorCode, FailureClass, Unusable};
use grantwire::{AuthorizationServer, BuildError, Client, Deviation, Lifetime};

use crate::given::*;
use crate::{asked, fails, guest, refused, sorted, unusable};

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
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    let pairs = [("client_id", "1406020730"), ("scope", "example_scope")];
    assert_eq!(sorted(pairs_of(&request)), as_pairs(&pairs));
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
}

#[test]
fn a_confidential_client_need_not_say_its_name() {
    let client = guest().auth(ClientSecretBasic::new("s"));
    let request = asked(&client.device_authorization());
    assert_eq!(body_of(&request), "");
    assert!(request.headers().contains_key("authorization"));
    assert_eq!(refused(&guest().device_authorization().scope("a  b")), BuildError::Scope);
}

#[test]
fn the_interval_is_5_seconds_unless_it_is_said_well() {
    let malformed = Deviation::MalformedMember("interval");
    assert_eq!(with("").interval(), Duration::from_secs(5));
    assert_eq!(with("").deviations(), []);
    assert_eq!(with(r#","interval":1"#).interval(), Duration::from_secs(1));
    let text = with(r#","interval":"7""#);
    assert_eq!(text.interval(), Duration::from_secs(7));
    assert_eq!(text.deviations(), [Deviation::LifetimeString]);
    for wrong in ["0", "-5", "2.5", r#""soon""#, "[5]", "{}", "true", "99999999999"] {
        let codes = with(&format!(r#","interval":{wrong}"#));
        assert_eq!(codes.interval(), Duration::from_secs(5), "{wrong}");
        assert!(codes.deviations().contains(&malformed), "{wrong}");
    }
}

#[test]
fn how_long_the_codes_live_may_be_unsaid() {
    assert_eq!(*with("").lifetime(), Lifetime::Unknown);
    assert_eq!(*with(r#","expires_in":null"#).lifetime(), Lifetime::Unknown);
    assert!(matches!(with(r#","expires_in":-1"#).lifetime(), Lifetime::Malformed(_)));
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
    let why = |uri: &str| {
        let uri = serde_json::to_string(uri).unwrap();
        let body = format!(r#"{{"device_code":"d","user_code":"u","verification_uri":{uri}}}"#);
        unusable(&guest().device_authorization(), &json(200, body))
    };
    for wrong in [
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "file:///etc/passwd",
        "smb://example.com/share",
        "data:text/html,x",
        "example.com/device",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://example.com/\u{202e}",
        "",
    ] {
        assert_eq!(why(wrong), Unusable::MemberMalformed("verification_uri"), "{wrong}");
    }
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
}

#[test]
fn errors_are_typed() {
    let body = r#"{"error":"unauthorized_client"}"#;
    let error = fails(&guest().device_authorization(), &json(400, body));
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::UnauthorizedClient);
    assert_eq!(error.class(), FailureClass::Definitive);
    let error = fails(&guest().device_authorization(), &answer(502, &[], "<html>"));
    assert_eq!(error.class(), FailureClass::Transient);
}

#[test]
fn another_2xx_is_reported_and_a_prompt_shows_no_control_characters() {
    let body =
        r#"{"device_code":"d","user_code":"A\u001b[2J\n","verification_uri":"https://e.example/"}"#;
    let codes = guest().device_authorization().read(&json(201, body)).unwrap();
    assert_eq!(codes.deviations(), [Deviation::Status(201)]);
    assert_eq!(codes.user_code(), "A\u{1b}[2J\n", "kept as it was sent");
    assert!(!codes.prompt().contains(char::is_control), "{}", codes.prompt());
}
