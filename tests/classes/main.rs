//! The class of a failure: one table, and real replies against it.
//!
//! Each reply is tried with each kind of credential, and a session and a poller are driven with it by a
//! virtual clock. What a body means to one endpoint alone is in that endpoint's tests.

#[path = "../given/mod.rs"]
mod given;
#[path = "../machines/mod.rs"]
mod machines;

mod callbacks;
mod meanings;
mod poller;
mod replies;
mod session;
mod waits;

use grantwire::grant::{DeviceCode, RefreshToken};
use grantwire::reply::{ErrorCode, FailureClass, FailureRule, Fault, ReplyErrorKind, Unusable};
use grantwire::{Quirks, ReplyError, TokenRequest};
use http::{Response, StatusCode};

use given::*;
use replies::{NEIGHBOURS, REPLIES, Row};

/// The reply of a row.
fn reply_of(row: &Row) -> Response<Vec<u8>> {
    answer(row.1, row.2, row.3)
}

fn read(exchange: &TokenRequest, reply: &Response<Vec<u8>>) -> ReplyError {
    exchange.read(reply).expect_err("a failure")
}

/// What can be presented once, and what can be presented again.
fn exchanges() -> [(TokenRequest, bool); 5] {
    let client = client();
    [
        (refresh(&client), true),
        (code_exchange(&client), true),
        (client.token(RefreshToken::new("r0").reusable()), false),
        (own_token(&client), false),
        (client.token(DeviceCode::new("GmRh")), false),
    ]
}

#[test]
fn there_are_enough_replies() {
    assert!(REPLIES.len() >= 150, "{}", REPLIES.len());
    for rule in FailureRule::TABLE {
        let asked = ["a", "-"].contains(&rule.line());
        let found = REPLIES.iter().any(|row| row.4 == rule.line());
        assert!(asked || found, "no reply for line {}", rule.line());
    }
}

#[test]
fn every_reply_has_its_class_and_fault() {
    for row @ (who, status, _, body, line, class, fault, ..) in REPLIES {
        for (exchange, once) in exchanges() {
            let error = read(&exchange, &reply_of(row));
            let expected = match class {
                FailureClass::Indeterminate if !once => FailureClass::Transient,
                class => *class,
            };
            let found = (error.rule().line(), error.class(), error.fault());
            assert_eq!(found, (*line, expected, *fault), "{who}: {status} {body}");
            let dead = error.refusal().map(|it| it.code()) == Some(&ErrorCode::InvalidGrant)
                && *line == "d";
            assert_eq!(error.credential_is_dead(), dead, "{who}: {status} {body}");
        }
    }
}

/// An error says what happened and what to do, in one line, without the body.
#[test]
fn every_reply_is_put_into_words() {
    for row @ (who, status, _, body, _, class, ..) in REPLIES {
        let text = read(&refresh(&client()), &reply_of(row)).to_string();
        assert!(text.ends_with(&format!("(status {status})")), "{who}: {text}");
        assert!(!text.contains('\n') && text.len() > 40 && text.len() < 200, "{who}: {text}");
        assert!(body.len() < 40 || !text.contains(body), "{who}: {text}");
        let advice = match class {
            FailureClass::Indeterminate => ["unasked", "see the raw reply", "correct its address"],
            FailureClass::TurnedAway => ["keep the credential", "correct its address", "-"],
            _ => continue,
        };
        assert!(advice.iter().any(|advice| text.contains(advice)), "{who}: {text}");
    }
}

#[test]
fn neighbours_fall_under_different_lines() {
    for (what, first, second) in NEIGHBOURS {
        assert_ne!(first.2, second.2, "{what}");
        for (status, body, line) in [first, second] {
            let error = read(&refresh(&client()), &json(*status, *body));
            assert_eq!(error.rule().line(), *line, "{what}: {status} {body}");
        }
    }
}

/// Every line but the first two has a neighbour on each side of it.
#[test]
fn every_line_is_a_neighbour() {
    for line in ["b", "c", "d", "e", "f", "g", "h"] {
        let near = NEIGHBOURS.iter().filter(|(_, a, b)| a.2 == line || b.2 == line).count();
        assert!(near >= 2, "line {line}");
    }
}

/// The table once more, as one would write it who only has its text; over every status there is.
fn by_the_text(status: u16, body: &Body) -> &'static str {
    match (status, body) {
        (429 | 421 | 425 | 511, _) => "b",
        (300 | 302..=306 | 309..=399, _) => "g",
        (301 | 307 | 308, Body::Token) => "g",
        (301 | 307 | 308, _) => "f",
        (_, Body::Later | Body::Failed) => "c",
        (200..=299 | 400..=499, Body::Registered) => "d",
        (200..=299, Body::Own | Body::Sentence) => "d",
        (400..=499, Body::Own) => "d",
        (401 | 403 | 404 | 405 | 407 | 410, Body::Sentence) => "f",
        (400..=499, Body::Sentence) => "d",
        (500..=599, Body::Registered) => "e",
        (_, Body::Token) => "g",
        (401 | 403 | 404 | 405 | 407 | 410, _) => "f",
        (408, _) => "g",
        (400..=499, _) => "h",
        _ => "g",
    }
}

enum Body {
    Later,
    Failed,
    Registered,
    Own,
    Sentence,
    Phrase,
    Token,
    Page,
    Nothing,
}

const BODIES: &[(Body, &str)] = &[
    (Body::Later, r#"{"error":"temporarily_unavailable"}"#),
    (Body::Failed, r#"{"error":"internal_error"}"#),
    (Body::Registered, r#"{"error":"invalid_client"}"#),
    (Body::Own, r#"{"error":"own_code"}"#),
    (Body::Sentence, r#"{"error":"that was not it"}"#),
    (Body::Phrase, r#"{"error":"Payload Too Large"}"#),
    (Body::Token, r#"{"access_token":"a1"}"#),
    (Body::Page, "<html></html>"),
    (Body::Nothing, ""),
];

#[test]
fn every_status_there_is() {
    assert!(StatusCode::from_u16(99).is_err() && StatusCode::from_u16(1000).is_err());
    let (once, again) = (refresh(&client()), own_token(&client()));
    for status in 100..=999 {
        for (body, text) in BODIES {
            let reply = json(status, *text);
            let (first, second) = (read(&once, &reply), read(&again, &reply));
            assert_eq!(first.rule().line(), by_the_text(status, body), "{status} {text}");
            assert_eq!(first.rule().line(), second.rule().line(), "{status} {text}");
            assert_eq!(first.fault(), second.fault(), "{status} {text}");
            assert_ne!(second.class(), FailureClass::Indeterminate, "nothing can be lost");
            assert!(!first.credential_is_dead());
        }
    }
}

/// `docs` is the table.
#[test]
fn the_documentation_shows_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/reply/class.md");
    let wanted = FailureRule::markdown();
    if std::env::var_os("GRANTWIRE_BLESS").is_some() {
        std::fs::write(path, &wanted).expect("it can be written");
    }
    assert_eq!(std::fs::read_to_string(path).expect("it is there"), wanted, "bless it");
}

#[test]
fn a_body_over_the_limit_says_nothing() {
    let small = client().server().clone().body_limit(64);
    let client = grantwire::Client::new(small, CLIENT_ID);
    let refusal =
        |padding: usize| format!(r#"{{"error":"invalid_grant","x":"{}"}}"#, "x".repeat(padding));
    for (status, fits, over) in [(400, "d", "h"), (403, "d", "f"), (200, "d", "g"), (500, "e", "g")]
    {
        let at = |padding| read(&refresh(&client), &json(status, refusal(padding)));
        let full = 64 - refusal(0).len();
        assert_eq!(at(full).rule().line(), fits, "{status}");
        assert_eq!(at(full + 1).rule().line(), over, "{status}");
        assert!(at(full).credential_is_dead() == (fits == "d"));
        assert!(!at(full + 1).credential_is_dead());
    }
}

#[test]
fn bad_utf_8_costs_what_it_is_in() {
    let bytes = |before: &str, after: &str| {
        let mut body = before.as_bytes().to_vec();
        body.extend([0xC3, 0x28, 0xFF]);
        body.extend(after.as_bytes());
        json(400, body)
    };
    let beside = bytes(r#"{"error":"invalid_grant","error_description":""#, r#""}"#);
    assert!(read(&refresh(&client()), &beside).credential_is_dead());
    let inside = bytes(r#"{"error":"invalid_grant"#, r#""}"#);
    let error = read(&refresh(&client()), &inside);
    assert_eq!((error.rule().line(), error.credential_is_dead()), ("d", false));
}

/// RFC 6749 appendix A.7: an `error` is a text that is not empty. Anything else beside a token is reported.
#[test]
fn what_is_no_error_does_not_cost_a_token() {
    for (error, reported) in [
        (r#""""#, true),
        ("false", true),
        ("0", true),
        ("{}", true),
        ("[]", true),
        (r#"["invalid_grant"]"#, true),
        ("null", false),
    ] {
        let body = format!(r#"{{"access_token":"a1","token_type":"Bearer","error":{error}}}"#);
        let tokens = refresh(&client()).read(&json(200, body)).expect(error);
        let wanted = grantwire::Deviation::MalformedMember("error");
        assert_eq!(tokens.deviations().contains(&wanted), reported, "{error}");
    }
    let body = r#"{"access_token":"a1","token_type":"Bearer","error":"x"}"#;
    let error = read(&refresh(&client()), &json(200, body));
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::Ambiguous));
    assert_eq!(error.class(), FailureClass::Indeterminate);
}

/// A switch for servers that are known to say 503 themselves.
#[test]
fn a_servers_own_503() {
    let known = lenient(Quirks::new().unavailable_means_untouched());
    for (status, body, line, class) in [
        (503, "", "b", FailureClass::Transient),
        (503, r#"{"error":"server_error"}"#, "b", FailureClass::Transient),
        (503, r#"{"access_token":"a1"}"#, "g", FailureClass::Indeterminate),
        (502, "", "g", FailureClass::Indeterminate),
    ] {
        let error = read(&refresh(&known), &json(status, body));
        assert_eq!((error.rule().line(), error.class()), (line, class), "{status} {body}");
        assert_eq!(error.fault(), Fault::Server);
    }
}
