//! S12: bodies, headers and callbacks made to cost more than they weigh.
//!
//! Each is about a mebibyte and must be done with in a moment. Work that grows with the square of the
//! size would take minutes, so the bound can be wide enough for any machine.

use std::time::{Duration, Instant};

use grantwire::authorization::{Callback, CallbackErrorKind};
use grantwire::jose::{JwkError, PublicJwk};
use grantwire::registration::{ClientMetadata, Registration, RegistrationRequest};
use grantwire::reply::{Challenge, ChallengeError, ReplyErrorKind, Unusable};
use grantwire::resource;
use grantwire::{AuthorizationServer, Client, ReplyError, TokenResponse};

use crate::given::*;

const MEBIBYTE: usize = 1 << 20;
const MOMENT: Duration = Duration::from_secs(10);

fn quickly<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let took = start.elapsed();
    assert!(took < MOMENT, "{what} took {took:?}");
    result
}

fn read_with_room(body: String) -> Result<TokenResponse, ReplyError> {
    let server = AuthorizationServer::new().token_endpoint(TOKEN).body_limit(4 * MEBIBYTE);
    let exchange = code_exchange(&Client::new(server, CLIENT_ID));
    let reply = json(200, body);
    quickly("reading a body", || exchange.read(&reply))
}

fn with_member(value: &str) -> String {
    format!(r#"{{"x":{value},"access_token":"at","token_type":"Bearer","refresh_token":"rt"}}"#)
}

fn unusable(body: String) -> Unusable {
    match read_with_room(body).expect_err("no tokens").kind() {
        ReplyErrorKind::Unusable(why) => *why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nested_bomb() {
    let half = MEBIBYTE / 2;
    // A good token beside it is not lost, and asking for the bomb itself is refused and not followed.
    let kept = |bomb: &str| {
        let tokens = read_with_room(with_member(bomb)).expect("tokens");
        assert_eq!(tokens.access_token().expose(), "at");
        assert_eq!(tokens.extra::<serde_json::Value>("x"), None);
    };
    kept(&format!("{}{}", "[".repeat(half), "]".repeat(half)));
    kept(&format!("{}1{}", r#"{"a":"#.repeat(half / 5), "}".repeat(half / 5)));
    // Not closed, so a reader that recurses would be deep inside before it finds out.
    assert!(matches!(unusable(with_member(&"[".repeat(MEBIBYTE))), Unusable::NotJson { .. }));
    assert_eq!(unusable("[".repeat(MEBIBYTE)), Unusable::NotAnObject);
}

#[test]
fn depth_costs_no_token() {
    let nested =
        |levels: usize| with_member(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
    for levels in [1, 63, 64, 65, 127, 128, 129, 100_000] {
        assert!(read_with_room(nested(levels)).is_ok(), "{levels}");
    }
    // Brackets in a string are text.
    assert!(read_with_room(with_member(&format!(r#""{}""#, "[{\\\"".repeat(1000)))).is_ok());
}

#[test]
fn wide_bomb() {
    let many = |piece: &str| {
        let count = MEBIBYTE / (piece.len() + 1);
        vec![piece; count].join(",")
    };
    for (what, value) in [
        ("a string", format!(r#""{}""#, "a".repeat(MEBIBYTE))),
        ("escapes", format!(r#""{}""#, r"\u0041".repeat(MEBIBYTE / 6))),
        ("backslashes", format!(r#""{}""#, r"\\".repeat(MEBIBYTE / 2))),
        ("a number", "9".repeat(MEBIBYTE)),
        ("a fraction", format!("0.{}", "9".repeat(MEBIBYTE))),
        ("an array of numbers", format!("[{}]", many("1"))),
        ("an array of arrays", format!("[{}]", many("[[]]"))),
        ("an object of doubles", format!("{{{}}}", many(r#""a":1"#))),
        ("white space", format!("{}1", " ".repeat(MEBIBYTE))),
    ] {
        let tokens = read_with_room(with_member(&value)).expect(what);
        assert_eq!(tokens.access_token().expose(), "at", "{what}");
        assert_eq!(tokens.refresh_token().unwrap().expose(), "rt", "{what}");
        quickly(what, || tokens.extra::<serde_json::Value>("y"));
    }
}

#[test]
fn bomb_in_a_member_that_is_read() {
    let body = |name: &str, value: &str| {
        format!(r#"{{"access_token":"at","token_type":"Bearer","{name}":{value}}}"#)
    };
    let tokens = vec![r#""a""#; MEBIBYTE / 4].join(",");
    let read = read_with_room(body("scope", &format!("[{tokens}]"))).unwrap();
    assert!(read.scope().contains("a"));
    let read = read_with_room(body("expires_in", &"9".repeat(MEBIBYTE))).unwrap();
    let grantwire::Lifetime::Malformed(raw) = read.lifetime() else { panic!() };
    assert!(raw.raw().len() <= 256, "a nonsense value is not kept whole");
    let long = format!(r#""{}""#, "r".repeat(MEBIBYTE));
    let read = read_with_room(body("refresh_token", &long)).unwrap();
    assert_eq!(read.refresh_token().unwrap().expose().len(), MEBIBYTE);
}

#[test]
fn bomb_in_a_refusal() {
    let description = "x".repeat(MEBIBYTE);
    let body = format!(r#"{{"error":"{description}","error_description":"{description}"}}"#);
    let error = read_with_room(body).unwrap_err();
    assert!(error.to_string().len() < 200 && format!("{error:?}").len() < 400);
    let shown = error.refusal().unwrap().description().unwrap().escaped();
    assert_eq!(shown.chars().count(), 512);
}

#[test]
fn bomb_that_is_no_json() {
    for body in ["<".repeat(MEBIBYTE), "\u{feff}".repeat(MEBIBYTE / 3), "a=b&".repeat(MEBIBYTE / 4)]
    {
        assert!(matches!(unusable(body), Unusable::NotJson { .. }));
    }
    assert_eq!(unusable(" ".repeat(MEBIBYTE)), Unusable::Empty);
    let garbage = answer(200, &[("content-type", JSON)], vec![0xFF; MEBIBYTE]);
    let server = AuthorizationServer::new().token_endpoint(TOKEN).body_limit(4 * MEBIBYTE);
    let exchange = code_exchange(&Client::new(server, CLIENT_ID));
    assert!(quickly("bytes that are no text", || exchange.read(&garbage)).is_err());
}

#[test]
fn body_without_end() {
    let reply = json(200, with_member(&format!(r#""{}""#, "a".repeat(MEBIBYTE))));
    let error = failure(&reply);
    let limit = grantwire::DEFAULT_BODY_LIMIT;
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::BodyTooLarge { limit }));
    assert_eq!(error.raw().expose_body().len(), limit, "not even the error keeps more");
}

#[test]
fn bomb_in_a_challenge() {
    for piece in ["a", "a,", "a=\"", "a=b,", ",", "a b c ", "\"\\"] {
        let text = piece.repeat(MEBIBYTE / piece.len());
        let read = quickly("reading a challenge", || Challenge::from_value(&text));
        assert_eq!(read, Err(ChallengeError::TooLong), "{piece}");
        // Under the limit, where the grammar is what refuses it or not.
        let text = piece.repeat(16 * 1024 / piece.len());
        let _ = quickly("reading a challenge", || Challenge::from_value(&text));
        // And where a fault in the grammar does not end it.
        let header = format!("Bearer {}", text.get(7..).unwrap());
        let reply = answer(401, &[("www-authenticate", &header)], "");
        let denied = quickly("reading a refusal", || resource::check(&reply));
        assert!(denied.is_err(), "{piece}");
    }
}

#[test]
fn bomb_in_a_callback() {
    for piece in ["a", "&", "a&", "a=b&", "code=x&", "state=xyz&", "%", "%41", "+"] {
        let text = piece.repeat(MEBIBYTE / piece.len());
        for callback in
            [Callback::from_query(&text), Callback::from_url(&format!("https://c/cb?{text}"))]
        {
            let error = quickly("a callback", || pending(&client()).code(callback)).unwrap_err();
            assert_eq!(*error.kind(), CallbackErrorKind::TooLong, "{piece}");
            assert!(error.into_pending().is_some(), "the flow goes on");
        }
        let text = piece.repeat(64 * 1024 / piece.len());
        let callback = Callback::from_query(&text);
        let error = quickly("a callback", || pending(&client()).code(callback)).unwrap_err();
        assert_eq!(*error.kind(), CallbackErrorKind::NotForThisFlow, "{piece}");
    }
}

#[test]
fn bomb_in_a_key() {
    let key = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, "A".repeat(MEBIBYTE));
    assert_eq!(quickly("reading a key", || PublicJwk::from_json(&key)), Err(JwkError::TooLarge));
}

/// What a server says is registered goes back to it in an update, so it is read, kept, and written again.
#[test]
fn bomb_in_a_registration() {
    let server = AuthorizationServer::new()
        .registration_endpoint("https://as.example/register")
        .body_limit(4 * MEBIBYTE);
    let names: String = (0..MEBIBYTE / 10).map(|count| format!(r#","{count:x}":1"#)).collect();
    let value = |piece: &str| format!(r#","x":"{}""#, piece.repeat(MEBIBYTE / piece.len()));
    for (what, members) in [
        ("many names", names),
        ("one name", r#","x":1"#.repeat(MEBIBYTE / 6)),
        ("escapes", value(r"\u0041")),
        ("control characters", value(r"\u0001")),
        ("quotes", value(r#"\""#)),
    ] {
        let body = format!(
            r#"{{"client_id":"c","client_secret":"s","registration_access_token":"t","registration_client_uri":"https://as.example/c"{members}}}"#
        );
        let request = RegistrationRequest::new(&server, ClientMetadata::new());
        let reply = json(201, body);
        let registered = quickly(what, || request.read(&reply)).expect(what);
        let stored = quickly(what, || registered.to_bytes());
        let kept = quickly(what, || Registration::from_bytes(&stored)).expect(what);
        let metadata = quickly(what, || kept.metadata()).expect(what);
        let page = kept.configuration(&server).expect(what);
        let update = quickly(what, || page.update_client(metadata).request()).expect(what);
        assert!(!update.body().is_empty(), "{what}");
    }
}
