//! The examples of RFC 6749 and RFC 6750, section by section.

use std::time::Duration;

use grantwire::authorization::{Callback, CallbackErrorKind};
use grantwire::client::ClientSecretBasic;
use grantwire::danger::NoPkce;
use grantwire::grant::{AuthorizationCode, Extension};
use grantwire::reply::{ErrorCode, Fault};
use grantwire::resource::{self, Denied};
use grantwire::{
    AccessToken, AuthorizationServer, BuildError, Client, GrantedScope, Lifetime, TokenType,
};

use crate::given::*;

const BASIC: &str = "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW";

/// The server and the client of the RFC's examples.
fn example() -> Client {
    let server = AuthorizationServer::new()
        .authorization_endpoint("https://server.example.com/authorize")
        .token_endpoint("https://server.example.com/token");
    Client::new(server, "s6BhdRkqt3").auth(ClientSecretBasic::new("gX1fBat3bV"))
}

#[test]
fn section_4_1_1_the_authorization_request() {
    let started = example()
        .authorization()
        .redirect_uri("https://client.example.com/cb")
        .state("xyz")
        .without_pkce(NoPkce)
        .start(&mut entropy())
        .unwrap();
    let (front, query) = started.url.split_once('?').unwrap();
    assert_eq!(front, "https://server.example.com/authorize");
    let printed = "response_type=code&client_id=s6BhdRkqt3&state=xyz&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb";
    let (mut ours, mut theirs) = (pairs(query), pairs(printed));
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
}

#[test]
fn section_4_1_2_the_response() {
    let url = "https://client.example.com/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz";
    let code = pending(&example()).code(Callback::from_url(url)).unwrap();
    assert_eq!(code.expose(), "SplxlOBeZQQYbYS6WxSbIA");
}

#[test]
fn section_4_1_2_1_the_error_response() {
    let url = "https://client.example.com/cb?error=access_denied&state=xyz";
    let error = pending(&example()).code(Callback::from_url(url)).unwrap_err();
    let CallbackErrorKind::Refused(refusal) = error.kind() else { panic!("{error:?}") };
    assert_eq!(*refusal.code(), ErrorCode::AccessDenied);
    assert!(refusal.description().is_none() && refusal.uri().is_none());
}

#[test]
fn section_4_1_2_1_every_code_has_a_name() {
    for (code, known) in [
        ("invalid_request", ErrorCode::InvalidRequest),
        ("unauthorized_client", ErrorCode::UnauthorizedClient),
        ("access_denied", ErrorCode::AccessDenied),
        ("unsupported_response_type", ErrorCode::UnsupportedResponseType),
        ("invalid_scope", ErrorCode::InvalidScope),
        ("server_error", ErrorCode::ServerError),
        ("temporarily_unavailable", ErrorCode::TemporarilyUnavailable),
    ] {
        let query = format!("error={code}&state=xyz");
        let error = pending(&example()).code(Callback::from_query(&query)).unwrap_err();
        assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&known));
        assert_eq!(known.as_str(), code);
    }
}

#[test]
fn section_4_1_3_the_access_token_request() {
    let grant = AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA")
        .redirect_uri("https://client.example.com/cb");
    let request = built(&example().token(grant));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://server.example.com/token");
    assert_eq!(request.headers()["authorization"], BASIC);
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    let printed = "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb";
    assert_eq!(pairs_of(&request), pairs(printed));
}

#[test]
fn section_4_4_2_client_credentials() {
    let request = built(&own_token(&example()));
    assert_eq!(request.headers()["authorization"], BASIC);
    assert_eq!(body_of(&request), "grant_type=client_credentials");
}

#[test]
fn section_4_5_an_extension_grant_with_the_example_of_rfc_7523() {
    // RFC 7523 section 2.1 cuts its assertion short; so does this.
    let grant = Extension::new("urn:ietf:params:oauth:grant-type:jwt-bearer")
        .secret("assertion", "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.eyJpc3Mi.J9l-ZhwP");
    let request = built(&example().token(grant));
    assert_eq!(
        body_of(&request),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.eyJpc3Mi.J9l-ZhwP"
    );
}

#[test]
fn section_5_1_the_successful_response() {
    let headers = [("content-type", JSON), ("cache-control", "no-store"), ("pragma", "no-cache")];
    let body = r#"{
       "access_token":"2YotnFZFEjr1zCsicMWpAA",
       "token_type":"example",
       "expires_in":3600,
       "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
       "example_parameter":"example_value"
     }"#;
    let tokens = code_exchange(&example()).read(&answer(200, &headers, body)).unwrap();
    assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(*tokens.lifetime(), Lifetime::Known(Duration::from_secs(3600)));
    assert_eq!(tokens.refresh_token().unwrap().expose(), "tGzv3JOkF0XG5Qx2TlKWIA");
    assert_eq!(*tokens.scope(), GrantedScope::Absent);
    assert_eq!(tokens.extra::<String>("example_parameter").as_deref(), Some("example_value"));
    assert_eq!(tokens.deviations(), []);
    // Section 7.1: a client must not use a token whose type it does not understand.
    assert_eq!(*tokens.access_token().token_type(), TokenType::Other("example".into()));
    let mut headers = http::HeaderMap::new();
    assert_eq!(tokens.access_token().present(&mut headers), Err(BuildError::TokenType));
    assert!(headers.is_empty());
}

#[test]
fn section_5_1_no_header_is_needed_but_the_type() {
    let body = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"bearer"}"#;
    let reply = answer(200, &[("content-type", "application/json")], body);
    assert!(code_exchange(&example()).read(&reply).is_ok());
}

#[test]
fn section_5_2_the_error_response() {
    let headers = [("content-type", JSON), ("cache-control", "no-store"), ("pragma", "no-cache")];
    let reply = answer(400, &headers, "{\n       \"error\":\"invalid_request\"\n     }");
    let error = code_exchange(&example()).read(&reply).unwrap_err();
    assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::InvalidRequest));
    assert_eq!(error.raw().status(), 400);
}

#[test]
fn section_5_2_every_code_says_whose_fault_it_is() {
    for (code, fault, dead) in [
        ("invalid_request", Fault::Client, false),
        ("invalid_client", Fault::Client, false),
        ("invalid_grant", Fault::Credential, true),
        ("unauthorized_client", Fault::Client, false),
        ("unsupported_grant_type", Fault::Client, false),
        ("invalid_scope", Fault::Client, false),
    ] {
        let reply = json(400, format!(r#"{{"error":"{code}"}}"#));
        let error = refresh(&example()).read(&reply).unwrap_err();
        assert_eq!(error.refusal().unwrap().code().as_str(), code);
        assert_eq!(error.fault(), fault, "{code}");
        assert_eq!(error.credential_is_dead(), dead, "{code}");
    }
}

#[test]
fn section_6_refreshing_an_access_token() {
    let request = built(&refresh(&example()));
    assert_eq!(request.headers()["authorization"], BASIC);
    assert_eq!(body_of(&request), "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA");
}

#[test]
fn appendix_b_form_encoding_both_ways() {
    let text = " %&+£€";
    let request = built(&own_token(&example()).parameter("note", text));
    assert!(body_of(&request).ends_with("&note=+%25%26%2B%C2%A3%E2%82%AC"));
    let query = "error=access_denied&state=xyz&error_description=+%25%26%2B%C2%A3%E2%82%AC";
    let error = pending(&example()).code(Callback::from_query(query)).unwrap_err();
    assert_eq!(error.refusal().unwrap().description().unwrap().raw(), text);
}

#[test]
fn rfc_6750_section_2_1_the_bearer_header() {
    let mut headers = http::HeaderMap::new();
    AccessToken::new("mF_9.B5f-4.1JqM", TokenType::Bearer).present(&mut headers).unwrap();
    assert_eq!(headers["authorization"], "Bearer mF_9.B5f-4.1JqM");
    assert!(headers["authorization"].is_sensitive());
}

#[test]
fn rfc_6750_section_3_an_expired_token() {
    let challenge = r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#;
    let reply = answer(401, &[("www-authenticate", challenge)], "");
    let Err(Denied::InvalidToken(details)) = resource::check(&reply) else { panic!() };
    assert_eq!(details.code(), Some(&ErrorCode::InvalidToken));
    assert_eq!(details.description().unwrap().raw(), "The access token expired");
    // A request without a token is answered without an error code.
    let reply = answer(401, &[("www-authenticate", r#"Bearer realm="example""#)], "");
    let Err(Denied::InvalidToken(details)) = resource::check(&reply) else { panic!() };
    assert_eq!(details.code(), None);
}
