//! AgeKey: the Use request, its ID token, the token request, the upgrade.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::{CALLBACK, VERIFIER, World, member, parameter, refusal, refused, token_request};
use grantwire_conformance::jws::Jws;
use grantwire_conformance::{Client, Decision, Received, Reply};

fn world() -> World {
    World::new(vec![Client::agekey("ak_test_1", "sk_test_1", CALLBACK)])
}

fn use_agekey(world: &mut World, changes: &[(&str, &str)]) -> Reply {
    let good = [
        ("scope", "openid agekey.upgrade"),
        ("response_type", "id_token"),
        ("client_id", "ak_test_1"),
        ("redirect_uri", CALLBACK),
        ("state", "s"),
        ("nonce", "n"),
        ("claims", r#"{"age_thresholds":[13,18]}"#),
    ];
    let kept =
        good.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let parameters: Vec<_> = kept.chain(changes.iter().copied()).collect();
    world.get("/v1/oidc/use", &parameters)
}

fn exchange(body: &[(&str, &str)]) -> Received {
    let credentials = STANDARD.encode("ak_test_1:sk_test_1");
    token_request("/v1/oidc/use/token", body)
        .with_header("authorization", &format!("Basic {credentials}"))
}

fn upgrade(token: &str, body: &Value) -> Received {
    Received::new("POST", "/v1/agekey/upgrade")
        .with_header("authorization", &format!("Bearer {token}"))
        .with_header("content-type", "application/json")
        .with_body(body.to_string())
}

fn detail() -> Value {
    json!({ "type": "age_verification", "age": { "at_least_years": 18 },
        "method": "id_doc_scan", "verification_id": "0190-a_b+c/d=",
        "verified_at": "2026-11-01T10:00:00Z", "provenance": "/veratad/roc" })
}

fn token(world: &mut World) -> String {
    let code = parameter(&use_agekey(world, &[]), "code").expect("a code");
    let body = [("grant_type", "authorization_code"), ("code", code.as_str())];
    member(&world.send(&exchange(&body)), "access_token").expect("a token")
}

#[test]
fn a_code_comes_only_when_asked_for_and_below_every_threshold() {
    let mut world = world();
    let asked = use_agekey(&mut world, &[]);
    let location = asked.header("location").expect("a location");
    assert!(location.starts_with("https://client.example/cb#id_token="));
    assert!(parameter(&asked, "code").is_some());
    for spelling in ["openid agekey_upgrade", "openid agekey-upgrade"] {
        let reply = use_agekey(&mut world, &[("scope", spelling)]);
        assert!(parameter(&reply, "code").is_some(), "{spelling}");
    }
    let not_asked = use_agekey(&mut world, &[("scope", "openid")]);
    assert_eq!(parameter(&not_asked, "code"), None);
    // The user is twelve.
    let reached = [("claims", r#"{"age_thresholds":[12,18]}"#)];
    assert_eq!(parameter(&use_agekey(&mut world, &reached), "code"), None);
    let in_query = use_agekey(&mut world, &[("response_mode", "query")]);
    let location = in_query.header("location").expect("a location");
    assert!(location.starts_with("https://client.example/cb?id_token="));
}

#[test]
fn the_id_token_is_signed_and_bound_to_the_claims_string() {
    let mut world = world();
    let text = parameter(&use_agekey(&mut world, &[]), "id_token").expect("an ID token");
    let jws = Jws::parse(&text).expect("a JWT");
    let jwks = world.send(&Received::new("GET", "/.well-known/jwks.json"));
    jws.verify_with_jwk(&jwks.value()["keys"][0]).expect("genuine");
    assert_eq!(jws.claim("iss"), Some("http://127.0.0.1:9/v1/oidc/use"));
    assert_eq!(jws.claim("nonce"), Some("n"));
    assert_eq!(jws.payload["age_thresholds"], json!({ "13": false, "18": false }));
    let hash = "b1MCOtDvtbvpexyqRgKPryZTAIH2zRmXkUc0oIA9MO8";
    assert_eq!(jws.claim("req_claims_hash"), Some(hash));
}

#[test]
fn the_use_request_is_checked() {
    let mut world = world();
    let wrong = [
        ("state", "", "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("audience", "x", "invalid_request"),
        ("response_mode", "form_post", "invalid_request"),
        ("response_type", "code", "unsupported_response_type"),
        ("scope", "agekey.upgrade", "invalid_scope"),
        ("scope", "openid agekey:upgrade", "invalid_scope"),
        ("claims", "", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("claims", "{}", "invalid_request"),
        ("claims", r#"{"age_thresholds":[]}"#, "invalid_request"),
        ("claims", r#"{"age_thresholds":[1,2,3,4,5,6]}"#, "invalid_request"),
        ("claims", r#"{"age_thresholds":[13,13]}"#, "invalid_request"),
        ("claims", r#"{"age_thresholds":["13"]}"#, "invalid_request"),
        ("claims", r#"{"age_thresholds":[13],"x":1}"#, "invalid_request"),
        ("claims", r#"{"age_thresholds":[13],"verified_after":"2026-02-30"}"#, "invalid_request"),
        (
            "claims",
            r#"{"age_thresholds":[13],"overrides":{"facial_age_estimation":{}}}"#,
            "invalid_request",
        ),
    ];
    for (name, value, error) in wrong {
        let reply = use_agekey(&mut world, &[(name, value)]);
        assert_eq!(parameter(&reply, "error").as_deref(), Some(error), "{name} {value}");
        assert_eq!(parameter(&reply, "code"), None);
    }
}

#[test]
fn the_token_request_is_grant_type_and_code_and_nothing_else() {
    let mut world = world();
    let code = parameter(&use_agekey(&mut world, &[]), "code").expect("a code");
    let good = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let extras = [
        ("redirect_uri", CALLBACK),
        ("client_id", "ak_test_1"),
        ("code_verifier", VERIFIER),
        ("scope", "openid"),
    ];
    for extra in extras {
        let reply = world.send(&exchange(&[good[0], good[1], extra]));
        assert_eq!(refusal(&reply), refused(400, "invalid_request"), "{extra:?}");
    }
    let reply = world.send(&exchange(&good)).value();
    let members: Vec<&String> = reply.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "token_type"]);
}

#[test]
fn an_upgrade_needs_the_token_the_scope_and_good_details() {
    let mut world = world();
    let token = token(&mut world);
    let array = json!({ "authorization_details": [detail()] });
    let string = json!({ "authorization_details": json!([detail()]).to_string() });
    assert_eq!(world.send(&upgrade(&token, &array)).status, 200);
    assert_eq!(world.send(&upgrade(&token, &string)).status, 200);
    assert_eq!(world.send(&upgrade("made-up", &array)).status, 401);

    let wrong = [
        ("type", json!("other")),
        ("age", json!({ "at_least_years": 18, "years": 18 })),
        ("age", json!({ "date_of_birth": "2026-13-01" })),
        ("method", Value::Null),
        ("verification_id", json!("a b")),
        ("verification_id", json!("x".repeat(101))),
        ("verified_at", json!("yesterday")),
        ("provenance", json!("veratad")),
    ];
    for (name, value) in wrong {
        let mut detail = detail();
        detail[name] = value;
        let body = json!({ "authorization_details": [detail] });
        let reply = world.send(&upgrade(&token, &body));
        assert_eq!(refusal(&reply), refused(400, "invalid_request"), "{name}");
    }
}

#[test]
fn less_scope_than_the_upgrade_is_forbidden() {
    let mut world = world();
    world.judge.next_decision(Decision::GrantOnly("openid".to_owned()));
    let token = token(&mut world);
    let body = json!({ "authorization_details": [detail()] });
    let reply = world.send(&upgrade(&token, &body));
    assert_eq!(refusal(&reply), refused(403, "insufficient_scope"));
}
