//! S10: secrets in messages. What a failing path knows, and what it says.
//!
//! Every public type is searched for secrets elsewhere; here it is the errors that an attacker can
//! provoke.

use std::error::Error;

use grantwire::authorization::{Callback, PendingAuthorization};
use grantwire::client::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost};
use grantwire::grant::{AuthorizationCode, RefreshToken};
use grantwire::jose::{Algorithm, LocalKey, PublicJwk, Signer};
use grantwire::pkce::CodeVerifier;

use crate::given::*;

/// Digits and a hyphen, so that it looks like no error code.
const CANARY: &str = "c4n4ry-7";

/// The whole of an error, cause by cause, holds nothing of the secret.
fn silent(error: &dyn Error) {
    let mut cause = Some(error);
    while let Some(error) = cause {
        for text in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
            assert!(!text.contains(CANARY), "{text}");
            assert!(!text.contains(&format!("{:?}", CANARY.as_bytes())), "as bytes: {text}");
        }
        cause = error.source();
    }
}

/// A parser's own message would quote its input: "invalid type: string ...".
#[test]
fn secrets_in_a_parse_error() {
    for body in [
        format!(r#"{{"access_token":["{CANARY}"],"token_type":"Bearer"}}"#),
        format!(r#"{{"access_token":"{CANARY} x","token_type":"Bearer"}}"#),
        format!(r#"{{"access_token":"{CANARY}"}}"#),
        format!(r#"{{"access_token":"{CANARY}","token_type":7}}"#),
        format!(r#"{{"access_token":"{CANARY}","token_type":"Bearer""#),
        format!(r#"{{"access_token":"{CANARY}" "token_type":"Bearer"}}"#),
        format!(r#"{{"access_token":"{CANARY}","access_token":"{CANARY}"}}"#),
        format!(r#"["{CANARY}"]"#),
        format!(r#""{CANARY}""#),
        format!("access_token={CANARY}"),
        format!("<html>{CANARY}</html>"),
        format!(r#"{{"error":"{CANARY}","error_description":"{CANARY}","error_uri":"{CANARY}"}}"#),
        format!(r#"{{"error":{{"message":"{CANARY}"}}}}"#),
        format!(r#"{{"error":"x","access_token":"{CANARY}"}}"#),
    ] {
        for status in [200, 302, 400, 500] {
            let headers = [
                ("content-type", JSON),
                ("location", "https://as.example/?c4n4ry-7"),
                ("www-authenticate", r#"Bearer error="c4n4ry-7""#),
            ];
            let error = failure(&answer(status, &headers, body.as_str()));
            silent(&error);
            silent(&grantwire::Error::from(error));
        }
    }
}

/// The request that could not be built holds secrets, and its error does not.
#[test]
fn secrets_in_a_build_error() {
    let bad = format!("{CANARY}\n");
    for exchange in [
        own_token(&client().auth(ClientSecretBasic::new(bad.as_str()))),
        own_token(&client().auth(ClientSecretPost::new(bad.as_str()))),
        own_token(&client().auth(ClientSecretJwt::new(Algorithm::Hs256, CANARY))),
        own_token(&client()).secret_header("x-api-key", bad.as_str()),
        own_token(&client()).parameter("client_secret", CANARY),
        own_token(&client()).parameter("note", bad.as_str()),
        client().token(AuthorizationCode::unchecked(bad.as_str())),
        client().token(RefreshToken::new(bad.as_str())),
        client().token(RefreshToken::new("x").redirect_uri(format!("https://a/?{bad}"))),
        own_token(&grantwire::Client::new(
            server().token_endpoint(&format!("http://as.example/?{CANARY}")),
            CLIENT_ID,
        )),
    ] {
        silent(&build(&exchange).expect_err("nothing to send"));
    }
    silent(&client().authorization().state(bad.as_str()).start(&mut entropy()).unwrap_err());
    silent(&client().authorization().nonce(bad.as_str()).start(&mut entropy()).unwrap_err());
}

#[test]
fn secrets_in_a_callback_error() {
    for query in [
        format!("code={CANARY}&state={CANARY}"),
        format!("code={CANARY}%0A&state=xyz"),
        format!("code={CANARY}&code={CANARY}&state=xyz"),
        format!("error={CANARY}&error_description={CANARY}&error_uri={CANARY}&state=xyz"),
        format!("code={CANARY}&state=xyz&iss={CANARY}"),
    ] {
        let error = pending(&client()).code(Callback::from_query(&query)).unwrap_err();
        silent(&error);
    }
}

#[test]
fn secrets_in_the_error_of_a_stored_value_or_key() {
    let stored = format!(r#"{{"grantwire_pending":2,"state":"{CANARY}","nonce":7}}"#);
    silent(&PendingAuthorization::from_bytes(stored.as_bytes()).unwrap_err());
    let json = serde_json::to_string(&stored).unwrap();
    silent(&serde_json::from_str::<PendingAuthorization>(&json).unwrap_err());
    let wrong_type = format!(r#"["{CANARY}"]"#);
    silent(&serde_json::from_str::<PendingAuthorization>(&wrong_type).unwrap_err());
    silent(&CodeVerifier::from_text(CANARY).unwrap_err());
    silent(&CodeVerifier::from_text(format!("{CANARY}{}", " ".repeat(50))).unwrap_err());
    let jwk =
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{CANARY}","y":"{CANARY}","d":"{CANARY}"}}"#);
    silent(&LocalKey::from_jwk(Algorithm::Es256, &jwk).unwrap_err());
    silent(&PublicJwk::from_json(&jwk).unwrap_err());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----\n");
    silent(&LocalKey::from_pem(Algorithm::Es256, &pem).unwrap_err());
    let signer = Signer::remote(Algorithm::Es256);
    let unsigned = grantwire::jose::Jwt::new().claim("a", 1).unsigned(&signer).unwrap();
    silent(&unsigned.finish(&unsigned.signed(CANARY)).unwrap_err());
}
