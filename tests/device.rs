//! The device authorization endpoint (RFC 8628 sections 3.1 and 3.2), and what providers make of it.
//!
//! What happens while the user decides is in `flow_device`.

mod given;

use std::time::Duration;

use grantwire::client::ClientSecretBasic;
use grantwire::device::{DeviceAuthorization, DeviceAuthorizationRequest};
use grantwire::message::{ErrorCode, FailureClass, Reply, ReplyErrorKind, Unusable};
use grantwire::{BuildError, Client, Deviation, Lifetime, ReplyError};

use given::{
    CLIENT_ID, answer, as_pairs, client, entropy, headers_of, json, now, pairs_of, server,
};

const DOOR: &str = "https://as.example/device_authorization";

fn at_door() -> Client {
    Client::new(server().device_authorization_endpoint(DOOR), CLIENT_ID)
}

fn exchange() -> DeviceAuthorizationRequest {
    at_door().device_authorization()
}

fn read<'a>(reply: impl Into<Reply<'a>>) -> Result<DeviceAuthorization, ReplyError> {
    exchange().read(reply)
}

/// The codes, and these members beside them.
fn with(members: &str) -> Result<DeviceAuthorization, ReplyError> {
    read(&json(200, format!(r#"{{"device_code":"d","user_code":"WDJB-MJHT",{members}}}"#)))
}

/// The codes and the address, and these members beside them.
fn beside(members: &str) -> DeviceAuthorization {
    with(&format!(r#""verification_uri":"https://example.com/device"{members}"#)).expect(members)
}

fn unusable(members: &str) -> Unusable {
    match with(members).expect_err(members).kind() {
        ReplyErrorKind::Unusable(why) => *why,
        other => panic!("{other:?}"),
    }
}

/// RFC 8628 section 3.1.
#[test]
fn the_request() {
    let request = exchange().scope("example_scope").request(now(), &mut entropy()).unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), DOOR);
    let wanted = as_pairs(&[("scope", "example_scope"), ("client_id", CLIENT_ID)]);
    assert_eq!(pairs_of(&request), wanted);
    let headers = as_pairs(&[
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
    ]);
    assert_eq!(headers_of(&request), headers);
}

#[test]
fn a_confidential_client_authenticates_here_too() {
    let request = at_door()
        .auth(ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw"))
        .device_authorization()
        .parameter("device", "tv 1")
        .header("user-agent", "tv/1")
        .request(now(), &mut entropy())
        .unwrap();
    assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Basic "));
    assert_eq!(pairs_of(&request), as_pairs(&[("device", "tv 1")]));
    assert_eq!(request.headers()["user-agent"], "tv/1");
}

#[test]
fn what_is_not_sent() {
    let missing = client().device_authorization().request(now(), &mut entropy());
    let endpoint = "device_authorization_endpoint";
    assert_eq!(missing.unwrap_err(), BuildError::EndpointMissing { endpoint });
    let plain = server().device_authorization_endpoint("http://as.example/device");
    let refused =
        Client::new(plain, CLIENT_ID).device_authorization().request(now(), &mut entropy());
    assert!(matches!(refused, Err(BuildError::Endpoint { .. })));
    let managed = exchange().parameter("scope", "x").request(now(), &mut entropy());
    assert!(matches!(managed, Err(BuildError::ParameterManaged { .. })));
}

/// RFC 8628 section 3.2, its own example.
#[test]
fn the_rfcs_answer() {
    let body = r#"{
        "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://example.com/device",
        "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
        "expires_in": 1800,
        "interval": 5
      }"#;
    let answer = read(&json(200, body)).unwrap();
    assert_eq!(answer.user_code(), "WDJB-MJHT");
    assert_eq!(answer.verification_uri(), "https://example.com/device");
    let complete = "https://example.com/device?user_code=WDJB-MJHT";
    assert_eq!(answer.verification_uri_complete(), Some(complete));
    assert_eq!(*answer.lifetime(), Lifetime::Known(Duration::from_secs(1_800)));
    assert_eq!(answer.interval(), Duration::from_secs(5));
    assert!(answer.deviations().is_empty());
    let shown = format!("{answer:?}");
    assert!(!shown.contains("WDJB") && !shown.contains("GmRh"), "{shown}");
}

/// Google's name for it. When both are there they must agree.
#[test]
fn verification_url() {
    let answer = with(r#""verification_url":"https://www.google.com/device""#).unwrap();
    assert_eq!(answer.verification_uri(), "https://www.google.com/device");
    assert_eq!(answer.deviations(), [Deviation::VerificationUrl]);
    let both = r#""verification_uri":"https://a.example/","verification_url":"https://a.example/""#;
    assert!(with(both).unwrap().deviations().is_empty());
    let apart =
        r#""verification_uri":"https://a.example/","verification_url":"https://b.example/""#;
    assert_eq!(unusable(apart), Unusable::Ambiguous);
}

#[test]
fn an_address_is_one_that_a_browser_opens() {
    for address in [
        "javascript:alert(1)",
        "JavaScript://example.com/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "example.com/device",
        "//example.com/device",
        "https://example.com/a b",
        "https://example.com/\\u0007",
        "https://ex\\u0430mple.com/",
        "",
    ] {
        let why = unusable(&format!(r#""verification_uri":"{address}""#));
        assert_eq!(why, Unusable::MemberMalformed("verification_uri"), "{address}");
    }
    let why = unusable(r#""verification_url":"javascript:alert(1)""#);
    assert_eq!(why, Unusable::MemberMalformed("verification_url"));
    // The complete one is a convenience: a bad one is dropped, and that is said.
    let answer = beside(r#","verification_uri_complete":"javascript:alert(1)""#);
    assert_eq!(answer.verification_uri_complete(), None);
    assert_eq!(answer.deviations(), [Deviation::MalformedMember("verification_uri_complete")]);
    // Twitch's holds the code already. It is opaque, and kept to the letter.
    let twitch = "HTTPS://www.twitch.tv/activate?device-code=ABCDEFGH&x=%2f";
    let answer = with(&format!(r#""verification_uri":"{twitch}""#)).unwrap();
    assert_eq!(answer.verification_uri(), twitch);
}

/// RFC 8628 section 3.2: no value, 5 seconds.
#[test]
fn intervals() {
    let five = Duration::from_secs(5);
    for none in ["", r#","interval":null"#] {
        let answer = beside(none);
        assert_eq!(answer.interval(), five, "{none}");
        assert!(answer.deviations().is_empty(), "{none}");
    }
    for (text, seconds) in [("1", 1), ("30", 30), ("\"7\"", 7), ("10.0", 10), ("3600", 3_600)] {
        let answer = beside(&format!(r#","interval":{text}"#));
        assert_eq!(answer.interval(), Duration::from_secs(seconds), "{text}");
    }
    assert_eq!(beside(r#","interval":"7""#).deviations(), [Deviation::LifetimeString]);
    for junk in
        ["\"junk\"", "\"5.5\"", "5.5", "-1", "0", "true", "[5]", "{}", "1e400", "86400", "\"\""]
    {
        let answer = beside(&format!(r#","interval":{junk}"#));
        assert_eq!(answer.interval(), five, "{junk}");
        let said = answer.deviations().contains(&Deviation::MalformedMember("interval"));
        assert!(said, "{junk}: {:?}", answer.deviations());
    }
}

#[test]
fn lifetimes() {
    assert_eq!(*beside("").lifetime(), Lifetime::Unknown);
    let whole = beside(r#","expires_in":"900""#);
    assert_eq!(*whole.lifetime(), Lifetime::Known(Duration::from_secs(900)));
    assert!(matches!(beside(r#","expires_in":"soon""#).lifetime(), Lifetime::Malformed(_)));
}

#[test]
fn what_must_be_there() {
    let read = |body: &str| match read(&json(200, body)).expect_err(body).kind() {
        ReplyErrorKind::Unusable(why) => *why,
        other => panic!("{other:?}"),
    };
    let uri = r#""verification_uri":"https://a.example/""#;
    assert_eq!(
        read(&format!(r#"{{"user_code":"u",{uri}}}"#)),
        Unusable::MemberMissing("device_code")
    );
    assert_eq!(
        read(&format!(r#"{{"device_code":"d",{uri}}}"#)),
        Unusable::MemberMissing("user_code")
    );
    let none = r#"{"device_code":"d","user_code":"u"}"#;
    assert_eq!(read(none), Unusable::MemberMissing("verification_uri"));
    let number = format!(r#"{{"device_code":"d","user_code":7,{uri}}}"#);
    assert_eq!(read(&number), Unusable::MemberMalformed("user_code"));
    let empty = format!(r#"{{"device_code":"","user_code":"u",{uri}}}"#);
    assert_eq!(read(&empty), Unusable::MemberMalformed("device_code"));
    let twice = format!(r#"{{"device_code":"d","device_code":"e","user_code":"u",{uri}}}"#);
    assert_eq!(read(&twice), Unusable::DuplicateMember("device_code"));
    let both = format!(r#"{{"device_code":"d","user_code":"u",{uri},"error":"x"}}"#);
    assert_eq!(read(&both), Unusable::Ambiguous);
}

/// The same reader of errors as at every endpoint.
#[test]
fn errors_are_typed() {
    for (status, code) in
        [(400, "unauthorized_client"), (401, "invalid_client"), (200, "invalid_scope")]
    {
        let error = read(&json(status, format!(r#"{{"error":"{code}"}}"#))).unwrap_err();
        assert_eq!(*error.refusal().expect(code).code(), ErrorCode::from_name(code));
        assert_eq!(error.class(), FailureClass::Definitive);
    }
    let busy = read(&answer(503, &[("retry-after", "7")], "<html>")).unwrap_err();
    assert_eq!(busy.class(), FailureClass::Transient);
    assert!(busy.retry_after().is_some());
    let html = answer(200, &[("content-type", "text/html")], "<html>");
    assert!(matches!(read(&html).unwrap_err().kind(), ReplyErrorKind::Unusable(_)));
    let moved = read(&answer(302, &[("location", "https://x.example/")], "")).unwrap_err();
    assert_eq!(*moved.kind(), ReplyErrorKind::Redirected);
}

/// It goes to a terminal, so what a server puts into it must not steer one.
#[test]
fn the_prompt_escapes_control_characters() {
    let body = "{\"device_code\":\"d\",\"user_code\":\"A\\u001b[2J\\r\\n\\u0007B\\u009b\",\
                \"verification_uri\":\"https://a.example/\"}";
    let answer = read(&json(200, body)).unwrap();
    assert_eq!(answer.user_code(), "A\u{1b}[2J\r\n\u{7}B\u{9b}", "as it was sent");
    let prompt = answer.prompt();
    assert!(!prompt.chars().any(char::is_control), "{prompt:?}");
    assert!(
        prompt.contains("https://a.example/") && prompt.contains("A\\u{1b}[2J\\r\\n\\u{7}B\\u{9b}")
    );
    assert_eq!(beside("").prompt(), "Open https://example.com/device and enter the code WDJB-MJHT");
}
