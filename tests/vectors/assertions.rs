//! Client assertions as RFC 7523 and its successor print them.

use std::time::Duration;

use grantwire::client::PrivateKeyJwt;
use grantwire::grant::AuthorizationCode;
use grantwire::jose::{Algorithm, LocalKey, Signer, Unsigned};
use grantwire::{AuthorizationServer, Client, Timestamp};
use serde_json::{Value, json};

use crate::given::*;
use crate::jws::decode;
use crate::keys::PAR_JWK;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Header and payload, as they are about to be signed.
fn segments(unsigned: &Unsigned) -> (String, Value) {
    let text = std::str::from_utf8(unsigned.input()).expect("ASCII");
    let (header, payload) = text.split_once('.').expect("two segments");
    (header.to_owned(), serde_json::from_slice(&decode(payload)).expect("JSON"))
}

#[test]
fn rfc_7523_section_2_2_the_shape_of_the_request() {
    let key = LocalKey::from_jwk(Algorithm::Rs256, PAR_JWK).unwrap().key_id("22");
    let client = client().auth(PrivateKeyJwt::new(key).without_typ());
    let grant = AuthorizationCode::unchecked("n0esc3NRze7LTCu7iYzS6a5acc3f0ogp4");
    let request = built(&client.token(grant));
    // The RFC lists the type before the assertion; the order carries no meaning.
    let mut sent = pairs_of(&request);
    let place = sent.iter().position(|(name, _)| name == "client_assertion").unwrap();
    let (_, assertion) = sent.remove(place);
    assert_eq!(
        sent,
        pairs(&format!(
            "grant_type=authorization_code&code=n0esc3NRze7LTCu7iYzS6a5acc3f0ogp4&client_assertion_type={TYPE}"
        ))
    );
    // The header as the RFC prints it.
    assert!(assertion.starts_with("eyJhbGciOiJSUzI1NiIsImtpZCI6IjIyIn0."));
    assert!(!request.headers().contains_key("authorization"));
    assert!(!names_of(&request).contains(&"client_id".to_owned()), "OPTIONAL, so left out");
}

#[test]
fn rfc_7521_section_4_2_client_id_is_optional_and_the_same_client() {
    let signer = Signer::remote(Algorithm::Es256);
    let client = client().auth(PrivateKeyJwt::new(signer).with_client_id());
    let mut draft = own_token(&client).draft(now(), &mut entropy()).unwrap();
    let unsigned = draft.unsigned().unwrap().clone();
    draft.sign(&unsigned.signed(vec![1; 64])).unwrap();
    let request = draft.finish().unwrap();
    assert_eq!(
        names_of(&request),
        ["grant_type", "client_id", "client_assertion", "client_assertion_type"]
    );
    assert_eq!(segments(&unsigned).1["sub"], CLIENT_ID);
}

/// draft-ietf-oauth-rfc7523bis: the token endpoint's URL differs from the audience.
#[test]
fn rfc_7523bis_the_audience_is_the_issuer_and_nothing_else() {
    let server = AuthorizationServer::new()
        .issuer("https://authz.example.net")
        .token_endpoint("https://authz.example.net/token.oauth2");
    let signer = Signer::remote(Algorithm::Es256).key_id("16");
    let method = PrivateKeyJwt::new(signer).lifetime(Duration::from_secs(3600));
    let client = Client::new(server, "https://client.example").auth(method);
    let issued = Timestamp::from_unix_seconds(1_752_702_206);
    let draft = own_token(&client).draft(issued, &mut entropy()).unwrap();
    let (header, mut claims) = segments(draft.unsigned().unwrap());
    assert_eq!(
        header,
        "eyJ0eXAiOiJjbGllbnQtYXV0aGVudGljYXRpb24rand0IiwiYWxnIjoiRVMyNTYiLCJraWQiOiIxNiJ9"
    );
    // The example has no `jti`; OpenID Connect Core section 9 asks for one, and so do servers.
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert!(jti.as_str().unwrap().len() >= 22, "at least 128 bits");
    let printed = "eyJhdWQiOiJodHRwczovL2F1dGh6LmV4YW1wbGUubmV0IiwiaXNzIjoiaHR0cHM6Ly9jbGllbnQuZXhhbXBsZSIsInN1YiI6Imh0dHBzOi8vY2xpZW50LmV4YW1wbGUiLCJpYXQiOjE3NTI3MDIyMDYsImV4cCI6MTc1MjcwNTgwNn0";
    let printed: Value = serde_json::from_slice(&decode(printed)).unwrap();
    assert_eq!(claims, printed);
    assert!(claims["aud"].is_string(), "one value, not an array");
}

/// The claims of RFC 7523 section 4, written in the order they are added in.
#[test]
fn rfc_7523_section_4_claims_beyond_the_registered() {
    let jwt = grantwire::jose::Jwt::new()
        .claim("iss", "https://jwt-idp.example.com")
        .claim("sub", "mailto:mike@example.com")
        .claim("aud", "https://jwt-rp.example.net")
        .claim("nbf", 1_300_815_780)
        .claim("exp", 1_300_819_380)
        .claim("http://claims.example.com/member", true);
    let unsigned = jwt.unsigned(&Signer::remote(Algorithm::Es256).key_id("16")).unwrap();
    let text = std::str::from_utf8(unsigned.input()).unwrap();
    let (header, payload) = text.split_once('.').unwrap();
    assert_eq!(header, "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0");
    assert_eq!(
        String::from_utf8(decode(payload)).unwrap(),
        r#"{"iss":"https://jwt-idp.example.com","sub":"mailto:mike@example.com","aud":"https://jwt-rp.example.net","nbf":1300815780,"exp":1300819380,"http://claims.example.com/member":true}"#
    );
}

#[test]
fn two_requests_never_share_an_assertion() {
    let client = client().auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256)));
    let (exchange, mut entropy) = (own_token(&client), entropy());
    let mut jti = || {
        let draft = exchange.draft(now(), &mut entropy).unwrap();
        segments(draft.unsigned().unwrap()).1["jti"].clone()
    };
    let (first, second) = (jti(), jti());
    assert_ne!(first, second);
    assert_ne!(first, json!(null));
}
