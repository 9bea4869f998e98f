//! Assertions and passwords as grants (RFC 7523 section 2.1, RFC 7522 section 2.1, RFC 6749 section 4.3).

use grantwire::client::ClientSecretBasic;
use grantwire::danger::Password;
use grantwire::grant::{Grant, JwtBearer, Saml2Bearer};
use grantwire::reply::{ErrorCode, FailureClass};
use grantwire::{AuthorizationServer, BuildError, Client, CredentialUse};

use crate::Nobody;
use crate::given::*;

/// The RFC shortens the token it prints, so what stands for the rest is kept as printed.
const SHORTENED: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.eyJpc3Mi[...].J9l-ZhwP[...]";

#[test]
fn rfc_7523_section_2_1_the_example() {
    let server = AuthorizationServer::new().token_endpoint("https://as.example.com/token.oauth2");
    let client = Client::new(server, "unused").auth(Nobody);
    let request = built(&client.token(JwtBearer::new(SHORTENED)));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://as.example.com/token.oauth2");
    let pairs =
        [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", SHORTENED)];
    assert_eq!(pairs_of(&request), as_pairs(&pairs));
}

#[test]
fn client_authentication_and_scope_are_optional_beside_it() {
    let request = built(&client().token(JwtBearer::new("a.b.c")).scope("openid profile"));
    assert_eq!(names_of(&request), ["grant_type", "assertion", "scope", "client_id"]);
    let basic = client().auth(ClientSecretBasic::new("s"));
    let request = built(&basic.token(JwtBearer::new("a.b.c")));
    assert_eq!(names_of(&request), ["grant_type", "assertion"]);
    assert!(request.headers().contains_key("authorization"));
}

/// RFC 7522 section 2.1: one assertion, in base64url without padding.
#[test]
fn saml_is_sent_in_base64url() {
    let sent = |grant: Saml2Bearer| pairs_of(&built(&client().token(grant)))[1].1.clone();
    assert_eq!(sent(Saml2Bearer::new("<saml:Assertion>\u{e9}?>~</saml:Assertion>")), {
        // Held against another writer of base64url.
        base64::Engine::encode(
            &base64::prelude::BASE64_URL_SAFE_NO_PAD,
            "<saml:Assertion>\u{e9}?>~</saml:Assertion>",
        )
    });
    assert_eq!(sent(Saml2Bearer::encoded("PHNhbWw-")), "PHNhbWw-");
    let request = built(&client().token(Saml2Bearer::encoded("PHNhbWw-")));
    let kind = "urn:ietf:params:oauth:grant-type:saml2-bearer";
    assert_eq!(pairs_of(&request)[0], ("grant_type".into(), kind.into()));
}

#[test]
fn what_is_empty_is_not_sent() {
    let empty = |grant: Grant, parameter: &'static str| {
        let expected = BuildError::Empty { parameter: parameter.into() };
        assert_eq!(build(&client().token(grant)).unwrap_err(), expected);
    };
    empty(JwtBearer::new("").into(), "assertion");
    empty(Saml2Bearer::new("").into(), "assertion");
    empty(Saml2Bearer::encoded("").into(), "assertion");
    empty(Password::new("", "p").into(), "username");
    empty(Password::new("u", "").into(), "password");
}

/// A server may take an assertion only once, so a lost answer leaves its fate unknown; a password
/// stays what it is.
#[test]
fn what_a_lost_answer_means() {
    for (grant, used, class) in [
        (Grant::from(JwtBearer::new("a.b.c")), CredentialUse::Once, FailureClass::Indeterminate),
        (Saml2Bearer::encoded("x").into(), CredentialUse::Once, FailureClass::Indeterminate),
        (Password::new("u", "p").into(), CredentialUse::Repeated, FailureClass::Transient),
    ] {
        assert_eq!(grant.credential_use(), used);
        let error = client().token(grant).read(&answer(504, &[], "")).unwrap_err();
        assert_eq!(error.class(), class);
    }
}

/// RFC 7521 section 4.1.1: a bad assertion is `invalid_grant`.
#[test]
fn a_bad_assertion_is_dead() {
    let reply = json(400, r#"{"error":"invalid_grant","error_description":"Audience"}"#);
    let error = client().token(JwtBearer::new("a.b.c")).read(&reply).unwrap_err();
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::InvalidGrant);
    assert!(error.credential_is_dead());
}

/// RFC 6749 section 4.3.2, its example but for the order of the parameters.
#[test]
fn rfc_6749_section_4_3_2_the_example() {
    let server = AuthorizationServer::new().token_endpoint("https://server.example.com/token");
    let client = Client::new(server, "s6BhdRkqt3").auth(ClientSecretBasic::new("gX1fBat3bV"));
    let request = built(&client.token(Password::new("johndoe", "A3ddj3w")));
    assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    let pairs = [("grant_type", "password"), ("username", "johndoe"), ("password", "A3ddj3w")];
    assert_eq!(pairs_of(&request), as_pairs(&pairs));
}

#[test]
fn nothing_of_them_is_printed() {
    let printed = format!(
        "{:?} {:?} {:?}",
        JwtBearer::new("a.b.c"),
        Saml2Bearer::encoded("PHNh"),
        Password::new("johndoe", "A3ddj3w"),
    );
    assert_eq!(printed, "JwtBearer(..) Saml2Bearer(..) Password(..)");
}
