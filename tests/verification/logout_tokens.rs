//! Chapter F, the token: a server's word that a session has ended.

use grantwire::claims::{ClaimFault, LogoutToken, TokenRules};
use grantwire::jose::{Algorithm, LocalVerifier, SharedSecret, VerifyError};
use serde_json::{Value, json};

use crate::tools::*;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn logout() -> Value {
    json!({
        "iss": ISSUER, "sub": "248289761001", "aud": CLIENT_ID, "iat": ISSUED, "exp": ISSUED + 120,
        "jti": "bWJq", "sid": "08a5019c-17e1-4977-8f42-65a12843ea02", "events": {EVENT: {}},
    })
}

fn typed(typ: &str, claims: &Value) -> String {
    let header = format!(r#"{{"alg":"{ALGORITHM}","kid":"{KEY_ID}","typ":"{typ}"}}"#);
    sign(&key(ALGORITHM), &header, &claims.to_string())
}

fn check_by(rules: &TokenRules, text: &str) -> Result<LogoutToken, ClaimFault> {
    let found = LogoutToken::verify(rules, text, &keys(), &LocalVerifier::new(), NOW);
    found.map_err(|error| error.fault())
}

fn check(claims: &Value) -> Result<LogoutToken, ClaimFault> {
    check_by(&rules(), &typed("logout+jwt", claims))
}

fn changed(name: &str, value: Value) -> ClaimFault {
    check(&with(logout(), name, value)).expect_err("it must be refused")
}

#[test]
fn a_good_one_says_whose_session_has_ended() {
    let token = check(&logout()).unwrap();
    assert_eq!(token.issuer().as_str(), ISSUER);
    assert_eq!(token.subject(), Some("248289761001"));
    assert_eq!(token.session_id(), Some("08a5019c-17e1-4977-8f42-65a12843ea02"));
    assert_eq!((token.issued(), token.expires()), (seconds(ISSUED), seconds(ISSUED + 120)));
}

#[test]
fn f2_signature_issuer_audience_and_times_are_those_of_an_id_token() {
    assert_eq!(changed("iss", json!("https://other.example")), ClaimFault::Issuer);
    assert_eq!(changed("aud", json!("other")), ClaimFault::Audience);
    assert_eq!(changed("aud", json!([CLIENT_ID, "other"])), ClaimFault::OtherAudience);
    assert_eq!(changed("exp", json!(ISSUED - 60)), ClaimFault::Expired);
    assert_eq!(changed("exp", Value::Null), ClaimFault::Missing("exp"));
    assert_eq!(changed("exp", json!("x")), ClaimFault::Malformed("exp"));
    assert_eq!(changed("iat", Value::Null), ClaimFault::Missing("iat"));
    assert_eq!(changed("iat", json!(ISSUED + 71)), ClaimFault::IssuedInFuture);
    assert_eq!(changed("nbf", json!(ISSUED + 71)), ClaimFault::NotYetValid);

    let forged = sign(&stranger(ALGORITHM), &header(ALGORITHM), &logout().to_string());
    assert_eq!(
        check_by(&rules(), &forged).unwrap_err(),
        ClaimFault::Verify(VerifyError::Signature)
    );
    let unsigned = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(logout().to_string()));
    let found = check_by(&rules(), &unsigned).unwrap_err();
    assert_eq!(found, ClaimFault::Verify(VerifyError::Unsecured));
    // Not even for a client that takes unsecured ID tokens.
    let lax = rules().allow_unsecured(grantwire::danger::UnsecuredIdToken);
    assert_eq!(check_by(&lax, &unsigned).unwrap_err(), ClaimFault::Verify(VerifyError::Unsecured));
    let early = LogoutToken::open(&lax, &unsigned).unwrap_err().fault();
    assert_eq!(early, ClaimFault::Verify(VerifyError::Unsecured), "before a key is fetched");
    let es256 = token(Algorithm::Es256, &logout().to_string());
    let wrong = VerifyError::Algorithm(Some(Algorithm::Es256));
    assert_eq!(check_by(&rules(), &es256).unwrap_err(), ClaimFault::Verify(wrong));
    let encrypted = rules().encrypted();
    assert_eq!(
        check_by(&encrypted, &typed("JWT", &logout())).unwrap_err(),
        ClaimFault::NotEncrypted
    );
}

#[test]
fn f2_under_the_client_secret() {
    let rules = rules().algorithm(Algorithm::Hs256);
    let text =
        tagged(Algorithm::Hs256, SECRET.as_bytes(), r#"{"alg":"HS256"}"#, &logout().to_string());
    let verify = |secret: &str| {
        let secret = SharedSecret::new(ISSUER, secret);
        LogoutToken::verify_with_secret(&rules, &text, &secret, NOW).map_err(|error| error.fault())
    };
    assert!(verify(SECRET).is_ok());
    let other = SECRET.to_uppercase();
    assert_eq!(verify(&other).unwrap_err(), ClaimFault::Verify(VerifyError::Signature));
}

#[test]
fn f3_typ_is_its_own_or_none() {
    for fine in ["logout+jwt", "LOGOUT+JWT", "application/logout+jwt", "JWT", "jwt"] {
        assert!(check_by(&rules(), &typed(fine, &logout())).is_ok(), "{fine}");
    }
    assert!(check_by(&rules(), &token(ALGORITHM, &logout().to_string())).is_ok(), "absent");
    for other in ["at+jwt", "dpop+jwt", "secevent+jwt", "token-introspection+jwt"] {
        let found = check_by(&rules(), &typed(other, &logout())).unwrap_err();
        assert_eq!(found, ClaimFault::Typ, "{other}");
    }
    let strict = rules().require_typ();
    assert!(check_by(&strict, &typed("Logout+jwt", &logout())).is_ok());
    assert_eq!(check_by(&strict, &typed("JWT", &logout())).unwrap_err(), ClaimFault::Typ);
    let absent = token(ALGORITHM, &logout().to_string());
    assert_eq!(check_by(&strict, &absent).unwrap_err(), ClaimFault::Typ);
}

#[test]
fn f4_a_user_or_a_session_or_both() {
    let without = |name: &str| with(logout(), name, Value::Null);
    assert_eq!(check(&without("sub")).unwrap().subject(), None);
    assert_eq!(check(&without("sid")).unwrap().session_id(), None);
    let neither = with(without("sub"), "sid", Value::Null);
    assert_eq!(check(&neither).unwrap_err(), ClaimFault::Missing("sub"));
    // One that cannot be read is not absent: the logout would be of all sessions then.
    for (name, other) in [("sid", "sub"), ("sub", "sid")] {
        for wrong in [json!(1), json!(["x"]), json!({}), json!(""), json!(false)] {
            assert_eq!(changed(name, wrong), ClaimFault::Malformed(name));
        }
        let null = logout()
            .to_string()
            .replace(&format!(r#""{name}":{}"#, logout()[name]), &format!(r#""{name}":null"#));
        let found = check_by(&rules(), &typed("JWT", &serde_json::from_str(&null).unwrap()));
        assert_eq!(found.unwrap_err(), ClaimFault::Malformed(name), "null, beside a good {other}");
    }
}

#[test]
fn f5_the_one_event_is_an_object_in_an_object() {
    for fine in [
        json!({EVENT: {}}),
        json!({EVENT: {"x": 1}}),
        json!({EVENT: {}, "https://other.example/e": {}}),
    ] {
        assert!(check(&with(logout(), "events", fine)).is_ok());
    }
    assert_eq!(changed("events", Value::Null), ClaimFault::Missing("events"));
    for wrong in [json!([]), json!(EVENT), json!([EVENT]), json!(1)] {
        assert_eq!(changed("events", wrong), ClaimFault::Malformed("events"));
    }
    for other in [
        json!({}),
        json!({"https://other.example/e": {}}),
        json!({EVENT: null}),
        json!({EVENT: []}),
        json!({EVENT: true}),
        json!({EVENT: "{}"}),
        json!({"HTTP://schemas.openid.net/event/backchannel-logout": {}}),
    ] {
        assert_eq!(changed("events", other), ClaimFault::Event);
    }
}

#[test]
fn f6_a_nonce_is_forbidden() {
    assert_eq!(changed("nonce", json!(NONCE)), ClaimFault::NonceForbidden);
    assert_eq!(changed("nonce", json!("")), ClaimFault::NonceForbidden);
}

#[test]
fn f7_an_identifier_and_how_long_it_is_worth_remembering() {
    let token = check(&logout()).unwrap();
    assert_eq!(token.jti(), "bWJq");
    assert_eq!(token.forget_at(), seconds(ISSUED + 120 + 60), "it is refused from then on");
    let late = |at| {
        LogoutToken::verify(&rules(), &typed("JWT", &logout()), &keys(), &LocalVerifier::new(), at)
    };
    assert!(late(seconds(ISSUED + 179)).is_ok());
    assert_eq!(late(token.forget_at()).unwrap_err().fault(), ClaimFault::Expired);
    assert_eq!(changed("jti", Value::Null), ClaimFault::Missing("jti"));
    assert_eq!(changed("jti", json!("")), ClaimFault::Malformed("jti"));
    assert_eq!(changed("jti", json!(1)), ClaimFault::Malformed("jti"));
}

#[test]
fn f12_an_id_token_is_no_logout_token() {
    assert_eq!(check_by(&rules(), &signed(&claims())).unwrap_err(), ClaimFault::Missing("events"));
    // Even with the event in it, the nonce gives it away.
    let dressed = with(with(claims(), "events", json!({EVENT: {}})), "jti", json!("1"));
    assert_eq!(check_by(&rules(), &signed(&dressed)).unwrap_err(), ClaimFault::NonceForbidden);
}
