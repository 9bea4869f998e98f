//! Chapter D: authorization responses that are signed, in all four modes, and no way down from one kind to
//! the other.

use grantwire::authorization::{
    AuthorizationResponse, Callback, CallbackErrorKind, PendingAuthorization,
};
use grantwire::claims::{ClaimFault, ExpectedIdToken, IdToken, IssuedWith, TokenKind, TokenRules};
use grantwire::grant::AuthorizationCode;
use grantwire::jose::{Algorithm, KeySet, LocalVerifier, VerifyError};
use grantwire::{AuthorizationServer, Client, Entropy};
use serde_json::{Value, json};

use crate::tools::*;

const STATE: &str = "S8NJ7uqk5fY4EjNvP_G_FtyJu6pUsvH9jsYni9dMAJw";

fn client() -> Client {
    let server = AuthorizationServer::new()
        .issuer(ISSUER)
        .authorization_endpoint("https://server.example.com/authorize")
        .token_endpoint("https://server.example.com/token");
    Client::new(server, CLIENT_ID)
}

/// A started authorization whose answer is to come in this mode.
fn pending(mode: &str) -> PendingAuthorization {
    let asked = client().authorization().state(STATE).response_mode(mode.to_owned());
    asked.start(&mut Entropy::new([7; 32])).unwrap().pending
}

/// The claims of JARM section 2.1.
fn response() -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT_ID, "exp": EXPIRES, "state": STATE,
        "code": "PyyFaux2o7Q0YfXBU32jhw.5FXSQpvr8akv9CeRDSd0QA",
    })
}

fn callback(claims: &Value) -> Callback {
    Callback::from_query(&format!("response={}", signed(claims)))
}

fn verify_by(
    pending: PendingAuthorization,
    callback: &Callback,
    rules: &TokenRules,
) -> Result<AuthorizationResponse, (CallbackErrorKind, bool)> {
    let found = pending.verify_response(callback, rules, &keys(), &LocalVerifier::new(), NOW);
    found.map_err(|error| (error.kind().clone(), error.into_pending().is_some()))
}

fn verify(claims: &Value) -> Result<AuthorizationResponse, CallbackErrorKind> {
    let found = verify_by(pending("jwt"), &callback(claims), &rules());
    found.map_err(|(kind, _)| kind)
}

fn fault(claims: &Value) -> ClaimFault {
    let (kind, kept) = verify_by(pending("jwt"), &callback(claims), &rules()).unwrap_err();
    assert!(kept, "a forged response ends nobody's sign-in");
    match kind {
        CallbackErrorKind::Claims(error) => error.fault(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn d1_d2_each_mode_is_asked_for_and_remembered() {
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        let asked = client().authorization().response_mode(mode);
        let started = asked.start(&mut Entropy::new([7; 32])).unwrap();
        assert!(started.url.contains(&format!("response_mode={mode}")), "{mode}");
        assert!(started.pending.expects_signed_response(), "{mode}");
        let again = PendingAuthorization::from_bytes(&started.pending.to_bytes()).unwrap();
        assert!(again.expects_signed_response(), "{mode}: over a restart");

        let text = signed(&response());
        let callback = match mode {
            "form_post.jwt" => Callback::from_form(format!("response={text}").as_bytes()),
            "fragment.jwt" => {
                Callback::from_url(&format!("https://client.example/cb#response={text}"))
            }
            _ => Callback::from_url(&format!("https://client.example/cb?response={text}")),
        };
        let checked = verify_by(pending(mode), &callback, &rules()).unwrap();
        assert_eq!(checked.into_code().unwrap().expose(), response()["code"], "{mode}");
    }
    for plain in ["query", "fragment", "form_post"] {
        assert!(!pending(plain).expects_signed_response(), "{plain}");
    }
}

#[test]
fn d3_nothing_stands_beside_the_response() {
    let text = signed(&response());
    let with = |more: &str| {
        let callback = Callback::from_query(&format!("response={text}&{more}"));
        verify_by(pending("jwt"), &callback, &rules()).map(drop)
    };
    for name in [
        "code",
        "state",
        "error",
        "error_description",
        "access_token",
        "id_token",
        "expires_in",
        "token_type",
    ] {
        let (kind, kept) = with(&format!("{name}=x")).unwrap_err();
        assert_eq!((kind, kept), (CallbackErrorKind::Mixed(name), true));
    }
    assert_eq!(with("unknown=x"), Ok(()));
    assert_eq!(with("iss=https%3A%2F%2Fserver.example.com"), Ok(()), "the same one");
    let (kind, kept) = with("iss=https%3A%2F%2Fother.example").unwrap_err();
    assert_eq!((kind, kept), (CallbackErrorKind::IssuerMismatch, true));
    let (kind, _) = with(&format!("response={text}")).unwrap_err();
    assert_eq!(kind, CallbackErrorKind::Repeated("response"));
}

#[test]
fn d4_no_downgrade_either_way() {
    let plain = || Callback::from_query(&format!("code=abc&state={STATE}"));
    let error = pending("jwt").response(plain()).unwrap_err();
    assert_eq!(*error.kind(), CallbackErrorKind::NotSigned);
    assert!(error.into_pending().is_some(), "anybody can send a plain one");
    let (kind, kept) = verify_by(pending("jwt"), &plain(), &rules()).unwrap_err();
    assert_eq!((kind, kept), (CallbackErrorKind::NotSigned, true));
    assert!(pending("query").response(plain()).is_ok());

    let error = pending("query").response(callback(&response())).unwrap_err();
    assert_eq!(*error.kind(), CallbackErrorKind::SignedUnasked);
    assert!(error.into_pending().is_some());
    let both = Callback::from_query(&format!("code=abc&state={STATE}&response=x"));
    assert_eq!(
        *pending("query").response(both).unwrap_err().kind(),
        CallbackErrorKind::SignedUnasked
    );
    let (kind, _) = verify_by(pending("query"), &callback(&response()), &rules()).unwrap_err();
    assert_eq!(kind, CallbackErrorKind::SignedUnasked);
}

#[test]
fn d5_issuer_audience_end_and_signature_come_first() {
    assert!(verify(&response()).is_ok());
    let but = |name: &str, value: Value| fault(&with(response(), name, value));
    assert_eq!(but("iss", json!("https://other.example")), ClaimFault::Issuer);
    assert_eq!(but("iss", Value::Null), ClaimFault::Missing("iss"));
    assert_eq!(but("aud", json!("other")), ClaimFault::Audience);
    assert_eq!(but("aud", json!([CLIENT_ID, "other"])), ClaimFault::OtherAudience);
    assert_eq!(but("exp", json!(ISSUED - 60)), ClaimFault::Expired);
    assert_eq!(but("exp", Value::Null), ClaimFault::Missing("exp"));
    assert_eq!(but("exp", json!("1")), ClaimFault::Malformed("exp"));
    assert_eq!(but("nbf", json!(EXPIRES)), ClaimFault::NotYetValid);

    let of = |text: String| {
        let callback = Callback::from_query(&format!("response={text}"));
        let (kind, kept) = verify_by(pending("jwt"), &callback, &rules()).unwrap_err();
        assert!(kept);
        match kind {
            CallbackErrorKind::Claims(error) => error.fault(),
            other => panic!("{other:?}"),
        }
    };
    let forged = sign(&stranger(ALGORITHM), &header(ALGORITHM), &response().to_string());
    assert_eq!(of(forged), ClaimFault::Verify(VerifyError::Signature));
    let unsigned = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(response().to_string()));
    assert_eq!(of(unsigned), ClaimFault::Verify(VerifyError::Unsecured));
    let typed = format!(r#"{{"alg":"{ALGORITHM}","kid":"{KEY_ID}","typ":"logout+jwt"}}"#);
    assert_eq!(of(sign(&key(ALGORITHM), &typed, &response().to_string())), ClaimFault::Typ);
    // An error response with a wrong end is not looked into either.
    let late = with(with(response(), "error", json!("access_denied")), "exp", json!(1));
    assert_eq!(of(signed(&late)), ClaimFault::Expired);
}

#[test]
fn d5_the_rules_are_those_of_the_request() {
    for other in
        [TokenRules::new("https://other.example", CLIENT_ID), TokenRules::new(ISSUER, "other")]
    {
        let rules = other.algorithm(ALGORITHM);
        let (kind, kept) = verify_by(pending("jwt"), &callback(&response()), &rules).unwrap_err();
        assert!(matches!(kind, CallbackErrorKind::Claims(_)) && kept, "{kind:?}");
    }
}

/// Another server's response, good by itself: a mix-up.
#[test]
fn d5_another_servers_good_response_is_not_for_this_request() {
    let other = "https://other.example";
    let rules = TokenRules::new(other, CLIENT_ID).algorithm(ALGORITHM);
    let own = key(ALGORITHM).public_jwk().with_key_id(KEY_ID);
    let keys = KeySet::read(other, &format!(r#"{{"keys":[{}]}}"#, own.to_json())).unwrap();
    let callback = callback(&with(response(), "iss", json!(other)));
    let local = LocalVerifier::new();
    let error = pending("jwt").verify_response(&callback, &rules, &keys, &local, NOW).unwrap_err();
    let CallbackErrorKind::Claims(why) = error.kind() else { panic!("{error:?}") };
    assert_eq!(why.fault(), ClaimFault::Issuer);
    assert!(error.into_pending().is_some());
    let text = signed(&with(response(), "iss", json!(other)));
    let verified = rules.verify(TokenKind::AuthorizationResponse, &text, &keys, &local).unwrap();
    assert!(pending("jwt").signed_response(&rules, verified, NOW).is_err());
}

#[test]
fn d6_state_and_issuer_are_inside() {
    let (kind, kept) =
        verify_by(pending("jwt"), &callback(&with(response(), "state", json!("other"))), &rules())
            .unwrap_err();
    assert_eq!((kind, kept), (CallbackErrorKind::NotForThisFlow, true));
    let without = with(response(), "state", Value::Null);
    assert_eq!(verify(&without).unwrap_err(), CallbackErrorKind::NotForThisFlow);

    // A server that always sends `iss` sends it in the token.
    let server = AuthorizationServer::new()
        .issuer(ISSUER)
        .authorization_endpoint("https://server.example.com/authorize")
        .announces_iss();
    let asked = Client::new(server, CLIENT_ID).authorization().state(STATE).response_mode("jwt");
    let pending = asked.start(&mut Entropy::new([7; 32])).unwrap().pending;
    assert!(verify_by(pending, &callback(&response()), &rules()).is_ok());
}

#[test]
fn d7_an_error_is_signed_too() {
    let denied = with(with(response(), "code", Value::Null), "error", json!("access_denied"));
    let denied = with(denied, "error_description", json!("no"));
    match verify(&denied).unwrap_err() {
        CallbackErrorKind::Refused(refusal) => {
            assert_eq!(refusal.code().as_str(), "access_denied");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn d9_rs256_unless_something_else_was_registered() {
    let by_default = TokenRules::new(ISSUER, CLIENT_ID);
    let (kind, _) = verify_by(pending("jwt"), &callback(&response()), &by_default).unwrap_err();
    let CallbackErrorKind::Claims(error) = kind else { panic!("{kind:?}") };
    assert_eq!(error.fault(), ClaimFault::Verify(VerifyError::Algorithm(Some(ALGORITHM))));
    let text = token(Algorithm::Rs256, &response().to_string());
    let callback = Callback::from_query(&format!("response={text}"));
    let keys = set_of(&[key(Algorithm::Rs256)]);
    let found =
        pending("jwt").verify_response(&callback, &by_default, &keys, &LocalVerifier::new(), NOW);
    assert!(found.is_ok());
}

#[test]
fn d10_no_key_is_asked_for_another_issuers_response() {
    let other = with(response(), "iss", json!("https://other.example"));
    let kind = pending("jwt").open_signed(&callback(&other), &rules()).unwrap_err();
    let CallbackErrorKind::Claims(error) = kind else { panic!("{kind:?}") };
    assert_eq!(error.fault(), ClaimFault::Issuer);
    let jws = pending("jwt").open_signed(&callback(&response()), &rules()).unwrap();
    assert_eq!(jws.key_id(), Some(KEY_ID));
}

#[test]
fn d11_d13_numbers_are_parameters_and_the_unknown_is_ignored() {
    let more = with(response(), "expires_in", json!(3600));
    let more = with(more, "session_state", json!("s s&=%"));
    let more = with(more, "object", json!({"code": "x"}));
    let more = with(more, "flag", json!(true));
    let more = with(more, "response", json!("eyJ.e30.AA"));
    let checked = verify(&more).unwrap();
    assert_eq!(checked.parameter("expires_in"), Some("3600"));
    assert_eq!(checked.parameter("session_state"), Some("s s&=%"));
    for none in ["object", "flag", "exp", "aud", "response"] {
        assert_eq!(checked.parameter(none), None, "{none}");
    }
    // What would have been repeated in a query is refused in the token as well.
    let twice = response().to_string().replacen('{', r#"{"code":"other","#, 1);
    let callback = Callback::from_query(&format!("response={}", token(ALGORITHM, &twice)));
    assert!(verify_by(pending("jwt"), &callback, &rules()).is_err());
}

#[test]
fn d14_the_code_still_has_its_verifier() {
    let code = verify(&response()).unwrap().into_code().unwrap();
    let exchange = client().token(AuthorizationCode::new(code));
    let request = exchange.request(NOW, &mut Entropy::new([8; 32])).unwrap();
    assert!(String::from_utf8_lossy(request.body()).contains("code_verifier="));
}

fn verify_id_token(
    expected: &ExpectedIdToken,
    text: &str,
    with: IssuedWith<'_>,
) -> Result<IdToken, ClaimFault> {
    let found = expected.verify(text, &keys(), &LocalVerifier::new(), with, NOW);
    found.map_err(|error| error.fault())
}

/// What an authorization request asked of the ID token is remembered, and the nonce goes with it once.
#[test]
fn c8_c10_c11_c12_the_pending_value_remembers_what_was_asked() {
    let asked = client().authorization().state(STATE).nonce(NONCE).response_type("code id_token");
    let asked = asked.max_age(std::time::Duration::from_secs(100));
    let asked = asked.claims(r#"{"id_token":{"acr":{"essential":true,"values":["1","2"]}}}"#);
    let started = asked.start(&mut Entropy::new([7; 32])).unwrap();
    assert!(started.url.contains("max_age=100"));
    let pending = PendingAuthorization::from_bytes(&started.pending.to_bytes()).unwrap();

    let good = with(with(claims(), "acr", json!("2")), "auth_time", json!(ISSUED));
    let hash = {
        use aws_lc_rs::digest;
        encode(&digest::digest(&digest::SHA512, CODE.as_bytes()).as_ref()[..32])
    };
    let front = with(good.clone(), "c_hash", json!(hash));
    let query = format!("state={STATE}&code={CODE}&id_token={}", signed(&front));
    let mut response = pending.response(Callback::from_fragment(&query)).unwrap();
    let expected = response.expected_id_token(&rules()).unwrap();
    let id_token = response.id_token().unwrap().expose().to_owned();
    let first = verify_id_token(&expected, &id_token, response.issued_with()).unwrap();
    let second = from_token_endpoint().after(&first);
    assert!(verify_id_token(&expected, &signed(&good), second).is_ok());
    for (name, value, wanted) in [
        ("nonce", json!("other"), ClaimFault::Nonce),
        ("acr", json!("3"), ClaimFault::Acr),
        ("acr", Value::Null, ClaimFault::Missing("acr")),
        ("auth_time", json!(ISSUED - 200), ClaimFault::AuthenticationTooOld),
        ("auth_time", Value::Null, ClaimFault::Missing("auth_time")),
        ("sub", json!("other"), ClaimFault::Changed("sub")),
    ] {
        let text = signed(&with(good.clone(), name, value));
        assert_eq!(verify_id_token(&expected, &text, second).unwrap_err(), wanted);
    }
    let again = response.expected_id_token(&rules()).unwrap();
    assert_eq!(
        verify_id_token(&again, &signed(&good), second).unwrap_err(),
        ClaimFault::NonceUnexpected
    );
    for other in
        [TokenRules::new("https://other.example", CLIENT_ID), TokenRules::new(ISSUER, "other")]
    {
        assert!(response.expected_id_token(&other).is_err(), "C19: one issuer, one client");
    }
    // A code that was exchanged for another shows.
    let other = format!("state={STATE}&code=other&id_token={id_token}");
    let asked = client().authorization().state(STATE).nonce(NONCE).response_type("code id_token");
    let pending = asked.start(&mut Entropy::new([7; 32])).unwrap().pending;
    let response = pending.response(Callback::from_fragment(&other)).unwrap();
    let found = verify_id_token(&expected, &id_token, response.issued_with()).unwrap_err();
    assert_eq!(found, ClaimFault::Hash("c_hash"));
}
