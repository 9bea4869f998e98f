//! Attacks through what comes back: redirects, scopes, shapes, and tokens that are no tokens.

use grantwire::client::ClientSecretPost;
use grantwire::reply::{FailureClass, ReplyErrorKind, Unusable};
use grantwire::{AccessToken, BuildError, GrantedScope, Resend, Scope, Secret, TokenType};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::given::*;

/// RFC 9700 section 4.12, S11: a 307 would carry the secret to whoever is named in `Location`.
#[test]
fn redirect_of_a_request_with_credentials() {
    let exchange = refresh(&client().auth(ClientSecretPost::new("secret")));
    for status in [301, 302, 303, 307, 308] {
        let reply = answer(status, &[("location", "https://evil.example/token")], "");
        let error = exchange.read(&reply).unwrap_err();
        assert_eq!(*error.kind(), ReplyErrorKind::Redirected);
        assert!(!error.credential_is_dead());
        // The next request goes where the last one went.
        assert_eq!(built(&exchange).uri(), TOKEN);
    }
}

/// S6 (CVE-2022-31690): a server that grants nothing does not grant everything.
#[test]
fn empty_scope_upgraded() {
    let asked = Scope::from("admin read");
    for (sent, expected) in [
        (r#""""#, GrantedScope::Empty),
        ("[]", GrantedScope::Empty),
        (r#"" ""#, GrantedScope::Empty),
        ("null", GrantedScope::Absent),
    ] {
        let tokens =
            tokens(&format!(r#"{{"access_token":"at","token_type":"Bearer","scope":{sent}}}"#));
        assert_eq!(*tokens.scope(), expected);
        assert!(!tokens.scope().contains("admin"), "{sent}");
        assert_eq!(tokens.scope().missing(&asked).count(), 2, "{sent}");
    }
    let nonsense = tokens(r#"{"access_token":"at","token_type":"Bearer","scope":{"admin":true}}"#);
    assert_eq!(nonsense.scope().or_requested(&asked), Scope::default());
}

/// RFC 6749 section 3.2: two readers of a doubled member would each believe another one.
#[test]
fn doubled_members() {
    for (body, name) in [
        (r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#, "access_token"),
        (r#"{"access_token":"a","access_\u0074oken":"b","token_type":"Bearer"}"#, "access_token"),
        (r#"{"access_token":"a","token_type":"Bearer","token_type":"DPoP"}"#, "token_type"),
        (r#"{"access_token":"a","token_type":"Bearer","scope":"a","scope":"b"}"#, "scope"),
        (r#"{"error":"invalid_grant","error":null}"#, "error"),
    ] {
        let reply = json(200, body);
        let error = failure(&reply);
        assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::DuplicateMember(name)));
        assert_eq!(error.raw().expose_body(), body.as_bytes());
    }
}

/// RFC 6749 section 7.1: a token of a type that is not understood is presented nowhere.
#[test]
fn token_type_confusion() {
    let mut headers = HeaderMap::new();
    for token_type in [TokenType::Dpop, TokenType::NotApplicable, TokenType::Other("mac".into())] {
        let token = AccessToken::new("at", token_type);
        assert_eq!(token.present(&mut headers), Err(BuildError::TokenType));
        let name = HeaderName::from_static("x-token");
        assert_eq!(token.present_raw(name, &mut headers), Err(BuildError::TokenType));
    }
    assert!(headers.is_empty());
}

/// S18: a token with a line break in it, from a server or from a store, reaches no header.
#[test]
fn line_breaks_in_a_token() {
    for escaped in [r"a\r\nx: y", r"a\nb", r"a\u0000b", "a b", r"a\u00e9", r"a\u007f", ""] {
        let body = format!(r#"{{"access_token":"{escaped}","token_type":"Bearer"}}"#);
        let malformed = Unusable::MemberMalformed("access_token");
        assert_eq!(*failure(&json(200, body)).kind(), ReplyErrorKind::Unusable(malformed));
    }
    let mut headers = HeaderMap::new();
    for stored in ["a\r\nx: y", "a\nb", "a\0b", "a b", "é", ""] {
        let token = AccessToken::new(stored, TokenType::Bearer);
        assert!(token.present(&mut headers).is_err());
        assert!(token.present_raw(HeaderName::from_static("x-token"), &mut headers).is_err());
    }
    assert!(headers.is_empty());
}

/// RFC 9700 section 4.9: the token goes into one header, marked sensitive, and never into a URL; an
/// older one does not stay beside it.
#[test]
fn token_left_where_it_can_be_seen() {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer older"));
    AccessToken::new("newer", TokenType::Bearer).present(&mut headers).unwrap();
    let all: Vec<_> = headers.get_all(AUTHORIZATION).iter().collect();
    assert_eq!(all, ["Bearer newer"]);
    assert!(all[0].is_sensitive());
    assert!(!format!("{headers:?}").contains("newer"));
}

/// RFC 9700 section 4.14: a refresh token that may rotate is not sent twice by a transport on its own,
/// and the one that replaces it is the one to keep.
#[test]
fn refresh_token_replay() {
    let exchange = refresh(&client());
    let duties = exchange.draft(now(), &mut entropy()).unwrap().duties();
    assert_eq!(duties.resend, Resend::OnlyIfNotSent);
    let body = r#"{"access_token":"at","token_type":"Bearer","refresh_token":"rt-2"}"#;
    let tokens = exchange.read(&json(200, body)).unwrap();
    assert_eq!(tokens.refresh_token().map(Secret::expose), Some("rt-2"));
    for status in [500, 502, 504] {
        let error = exchange.read(&answer(status, &[], "")).unwrap_err();
        assert_eq!(error.class(), FailureClass::Indeterminate, "it may have been spent");
    }
}

/// S19: secrets are compared in constant time because there is no other way to compare them.
#[test]
fn timing_of_a_comparison() {
    fn compares_as_a_secret_does<T: PartialEq>(_: &T) {}
    let secret = Secret::new("abc");
    compares_as_a_secret_does(&secret);
    for (other, same) in [("abc", true), ("abd", false), ("bbc", false), ("ab", false), ("", false)]
    {
        assert_eq!(secret == Secret::new(other), same, "{other}");
    }
    // No order, no hash and no view as text, by which a lookup could compare byte after byte.
    macro_rules! lacks {
        ($trait:path) => {{
            #[allow(dead_code, reason = "which of the two is asked is the question")]
            trait Fallback {
                const ANSWER: bool = false;
            }
            impl<T: ?Sized> Fallback for T {}
            struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
            #[allow(dead_code, reason = "which of the two is asked is the question")]
            impl<T: $trait> Probe<T> {
                const ANSWER: bool = true;
            }
            assert!(<Probe<String>>::ANSWER, "the probe can tell");
            !<Probe<Secret>>::ANSWER
        }};
    }
    assert!(lacks!(std::hash::Hash));
    assert!(lacks!(PartialOrd));
    assert!(lacks!(PartialEq<str>));
    assert!(lacks!(AsRef<str>));
    assert!(lacks!(std::ops::Deref));
    assert!(lacks!(std::fmt::Display));
}

/// S14: an address that a server sends is text to look at; no request can be made of it by mistake.
#[test]
fn server_sent_addresses() {
    let headers = [("location", "http://169.254.169.254/"), ("content-type", JSON)];
    let error = failure(&answer(302, &headers, ""));
    let _: Option<&str> = error.location();
    let body = r#"{"error":"invalid_request","error_uri":"http://169.254.169.254/"}"#;
    let error = failure(&json(400, body));
    let uri = error.refusal().unwrap().uri().unwrap();
    assert!(!format!("{uri:?} {error}").contains("169.254"));
}
