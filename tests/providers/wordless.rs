//! Refusals that say little or nothing: an empty body, the error page of a web framework, a status.
//!
//! What cannot be read is never the end of a credential, and the message says where to look.

use grantwire::authorization::{Callback, CallbackErrorKind};
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::{AccessToken, Client, Quirks, ReplyError, TokenRequest, TokenType};
use http::Response;

use crate::given::*;
use crate::unusable;

use FailureClass::{Definitive, Indeterminate, Transient};

const HTML: &str = "text/html; charset=utf-8";
const CREDENTIALS: &str = "check how the client authenticates";
const ADDRESS: &str = "address";
const NOT_JSON: Unusable = Unusable::NotJson { line: 1, column: 1 };

/// What a refresh makes of a reply: the refresh token is what is at stake.
fn refused(reply: &Response<Vec<u8>>) -> ReplyError {
    refresh(&client()).read(reply).expect_err("a failure")
}

/// Who, status, content type, body, why it is unusable, the class, and what the message says to do.
type Row = (&'static str, u16, &'static str, &'static str, Unusable, FailureClass, &'static str);

const WITHOUT_A_CODE: &[Row] = &[
    ("Glewlwyd, a wrong secret", 403, "", "", Unusable::Empty, Transient, CREDENTIALS),
    ("Glewlwyd, a wrong audience", 403, "", "", Unusable::Empty, Transient, CREDENTIALS),
    ("Glewlwyd, a dead refresh token", 400, "", "", Unusable::Empty, Indeterminate, "no body"),
    ("Glewlwyd, an unknown grant", 400, "", "", Unusable::Empty, Indeterminate, "no body"),
    ("Glewlwyd, no credentials", 401, "", "", Unusable::Empty, Definitive, CREDENTIALS),
    ("Django OAuth Toolkit, GET", 405, HTML, "", Unusable::Empty, Definitive, ADDRESS),
    (
        "Flask, GET",
        405,
        HTML,
        "<!doctype html>\n<title>405 Method Not Allowed</title>",
        NOT_JSON,
        Definitive,
        ADDRESS,
    ),
    (
        "Express, a wrong address",
        404,
        HTML,
        "<!DOCTYPE html>\n<pre>Cannot POST /token</pre>",
        NOT_JSON,
        Definitive,
        ADDRESS,
    ),
    (
        "node-oauth2-server, thrown to Express",
        401,
        HTML,
        "<!DOCTYPE html>\n<pre>invalid_client: Invalid client: client is invalid</pre>",
        NOT_JSON,
        Definitive,
        CREDENTIALS,
    ),
];

#[test]
fn refusals_without_a_code() {
    for (who, status, media_type, body, why, class, advice) in WITHOUT_A_CODE {
        let typed = [("content-type", *media_type)];
        let headers: &[_] = if media_type.is_empty() { &[] } else { &typed };
        let reply = answer(*status, headers, *body);
        let error = refused(&reply);
        unusable(&error, *why, &reply);
        let fault = if *class == Definitive { Fault::Client } else { Fault::Unknown };
        assert_eq!((error.class(), error.fault()), (*class, fault), "{who}");
        assert!(!error.credential_is_dead(), "{who}");
        assert!(error.to_string().contains(advice), "{who}: {error}");
    }
}

/// By name, a status is enough. Without it nothing of this ends a session.
#[test]
fn glewlwyd_by_name() {
    let known = lenient(Quirks::new().wordless_refusals());
    let refused = |exchange: TokenRequest, status: u16, body: &str| {
        let error = exchange.read(&answer(status, &[], body)).expect_err("a failure");
        (error.refusal().map(|refusal| refusal.code().clone()), error.credential_is_dead())
    };
    let said = |code| (Some(code), false);
    for blank in ["", "\n "] {
        assert_eq!(refused(refresh(&known), 400, blank), (Some(ErrorCode::InvalidGrant), true));
        assert_eq!(refused(own_token(&known), 400, blank), said(ErrorCode::InvalidRequest));
        for status in [401, 403] {
            assert_eq!(refused(refresh(&known), status, blank), said(ErrorCode::InvalidClient));
        }
    }
    // What does say something is read, and a page is no word of this server's.
    assert_eq!(refused(refresh(&known), 400, "<html>"), (None, false));
    assert_eq!(refused(refresh(&known), 404, ""), (None, false));
    assert_eq!(refused(refresh(&client()), 400, ""), (None, false));
}

/// FlowFuse, LemonLDAP::NG and @jmondi/oauth2-server have another word for a dead refresh token.
#[test]
fn another_word_for_a_dead_refresh_token() {
    let reply = json(400, r#"{"error":"invalid_request","error_description":"Token expired"}"#);
    let known = lenient(Quirks::new().dead_refresh_code("invalid_request"));
    let error = refresh(&known).read(&reply).unwrap_err();
    assert!(error.credential_is_dead());
    assert_eq!(error.class(), Definitive);
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code(), &ErrorCode::InvalidGrant);
    assert_eq!(refusal.description().unwrap().raw(), "Token expired");
    // Of other grants it says what it says, and so it does where nobody has named it.
    for exchange in [own_token(&known), code_exchange(&known), refresh(&client())] {
        let error = exchange.read(&reply).unwrap_err();
        assert_eq!(error.refusal().unwrap().code(), &ErrorCode::InvalidRequest);
        assert!(!error.credential_is_dead());
    }
    let other = json(400, r#"{"error":"invalid_scope"}"#);
    assert!(!refresh(&known).read(&other).unwrap_err().credential_is_dead());
}

/// A framework's own page, in JSON: an error in shape, and not one of the authorization server's.
#[test]
fn frameworks_that_speak_json() {
    for (who, status, body, code, class, advice) in [
        (
            "Rails, a wrong address",
            404,
            r#"{"status":404,"error":"Not Found"}"#,
            "Not Found",
            Indeterminate,
            ADDRESS,
        ),
        (
            "Glewlwyd, a wrong address",
            404,
            r#"{"error":"resource not found","message":"no resource available at this address"}"#,
            "resource not found",
            Indeterminate,
            ADDRESS,
        ),
        (
            "Django OAuth Toolkit, an unknown device code",
            404,
            r#"{"error":"device_not_found"}"#,
            "device_not_found",
            Indeterminate,
            ADDRESS,
        ),
        (
            "LemonLDAP::NG, a wrong address: it wants a session",
            401,
            r#"{"result":0,"error":"9"}"#,
            "9",
            Indeterminate,
            ADDRESS,
        ),
        (
            "LemonLDAP::NG, the same: sometimes a number",
            401,
            r#"{"result":0,"error":9}"#,
            "",
            Indeterminate,
            ADDRESS,
        ),
        (
            "Rails, a crash",
            500,
            r#"{"status":500,"error":"Internal Server Error"}"#,
            "Internal Server Error",
            Indeterminate,
            "do not send the request again unasked",
        ),
    ] {
        let error = refused(&json(status, body));
        let refusal = error.refusal().unwrap_or_else(|| panic!("{who}: {error}"));
        assert_eq!(refusal.code().as_str(), code, "{who}");
        assert_eq!((error.class(), error.credential_is_dead()), (class, false), "{who}");
        assert!(error.to_string().contains(advice), "{who}: {error}");
    }
}

/// Introspection and revocation answer through the same reader.
#[test]
fn other_doors_refuse_without_a_word_too() {
    let server = server().introspection_endpoint(TOKEN).revocation_endpoint(TOKEN);
    let client = Client::new(server, CLIENT_ID);
    for (who, status, class, fault) in [
        ("Django OAuth Toolkit", 403, Transient, Fault::Unknown),
        ("Glewlwyd", 401, Definitive, Fault::Client),
    ] {
        let reply = answer(status, &[], "");
        let introspected = client.introspect("at-1").read(&reply).expect_err("never inactive");
        let revoked = client.revoke("at-1").read(&reply).expect_err("never revoked");
        for error in [introspected, revoked] {
            assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::Empty), "{who}");
            assert_eq!((error.class(), error.fault()), (class, fault), "{who}");
            assert!(error.to_string().contains(CREDENTIALS), "{who}: {error}");
        }
    }
}

/// Authlib can be told to send `iss`, and still leaves it out of the errors it finds first. They may come
/// from another server (RFC 9207 section 2.4), so what they say is not believed.
#[test]
fn authlib_forgets_iss_in_some_errors() {
    let client = Client::new(server().announces_iss(), CLIENT_ID);
    let early = "error=unsupported_response_type&error_description=bogus&state=xyz";
    let error = pending(&client).code(Callback::from_query(early)).unwrap_err();
    assert_eq!(*error.kind(), CallbackErrorKind::IssuerMissing);
    assert!(error.refusal().is_none());
    let late = "error=access_denied&state=xyz&iss=https%3A%2F%2Fas.example";
    let error = pending(&client).code(Callback::from_query(late)).unwrap_err();
    assert_eq!(error.refusal().expect("a refusal").code().as_str(), "access_denied");
}

/// Who, the challenge and the body with which a userinfo endpoint refuses a token.
#[test]
fn a_token_that_is_no_good() {
    let server = server().userinfo_endpoint("https://as.example/userinfo");
    let token = AccessToken::new("at-1", TokenType::Bearer);
    let door = Client::new(server, CLIENT_ID).userinfo(&token).unwrap();
    let told = r#"Bearer realm="Doorkeeper", error="invalid_token", error_description="revoked""#;
    let brief = r#"Bearer error="invalid_token""#;
    let broken = "error=invalid_request,error_description=Invalid request";
    for (who, headers, body) in [
        ("Glewlwyd", &[][..], ""),
        ("LemonLDAP::NG: no scheme, no quotes", &[("www-authenticate", broken)], ""),
        ("Doorkeeper", &[("content-type", "text/html"), ("www-authenticate", told)], ""),
        (
            "Django OAuth Toolkit",
            &[("content-type", HTML), ("www-authenticate", brief)],
            r#"{"error":"invalid_token","error_description":"expired"}"#,
        ),
    ] {
        let error = door.read(&answer(401, headers, body)).expect_err(who);
        let refusal = error.refusal().unwrap_or_else(|| panic!("{who}: {error}"));
        assert_eq!(refusal.code().as_str(), "invalid_token", "{who}");
        assert_eq!((error.class(), error.fault()), (Definitive, Fault::Credential), "{who}");
    }
}
