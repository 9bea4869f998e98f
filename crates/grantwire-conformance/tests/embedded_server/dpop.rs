//! DPoP: proofs, nonces, and what a key is bound to.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    CALLBACK, CHALLENGE, ORIGIN, START, World, exchange, member, parameter, refusal, refused,
    token_request,
};
use grantwire_conformance::{Authentication, Client, Possession, Received, Reply};

struct Key(EcdsaKeyPair);

impl Key {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let encode = |range| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({ "kty": "EC", "crv": "P-256", "x": encode(1..33), "y": encode(33..65) })
    }

    /// [RFC 7638 §3](https://www.rfc-editor.org/rfc/rfc7638#section-3), written out.
    fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let text = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        URL_SAFE_NO_PAD.encode(Sha256::digest(text))
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    fn proof(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }
}

/// The claims of a good proof for the token endpoint.
fn claims(jti: &str) -> Value {
    json!({ "jti": jti, "htm": "POST", "htu": format!("{ORIGIN}/oauth2/token"), "iat": START })
}

/// The same, with one claim changed, or taken away by `null`.
fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let members = claims.as_object_mut().expect("an object");
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
    claims
}

fn world(possession: Possession) -> World {
    let client = Client::new("one", Authentication::None)
        .redirecting_to(CALLBACK)
        .with_possession(possession);
    World::new(vec![client])
}

fn redeem(world: &mut World, code: &str, proof: &str) -> Reply {
    world.send(&exchange("one", code).with_header("dpop", proof))
}

fn userinfo(world: &mut World, scheme: &str, token: &str, proof: Option<&str>) -> Reply {
    let request = Received::new("GET", "/oauth2/userinfo")
        .with_header("authorization", &format!("{scheme} {token}"));
    world.send(&match proof {
        None => request,
        Some(proof) => request.with_header("dpop", proof),
    })
}

fn about_userinfo(jti: &str, token: &str) -> Value {
    let ath = URL_SAFE_NO_PAD.encode(Sha256::digest(token));
    let htu = format!("{ORIGIN}/oauth2/userinfo");
    json!({ "jti": jti, "htm": "GET", "htu": htu, "iat": START, "ath": ath })
}

#[test]
fn every_part_of_a_proof_is_checked_and_a_refusal_spares_the_code() {
    let mut world = world(Possession::Required);
    let (key, other) = (Key::new(), Key::new());
    let code = world.code("one");
    let good = claims("1");
    let header = |name, value| with(key.header(), name, value);
    let mut wrong = vec![
        "not a JWT".to_owned(),
        key.sign(&header("typ", json!("JWT")), &good),
        key.sign(&header("jwk", Value::Null), &good),
        key.sign(&header("jwk", other.jwk()), &good),
        key.sign(&header("jwk", with(key.jwk(), "d", json!("AAAA"))), &good),
        key.sign(&header("alg", json!("none")), &good),
        key.sign(&header("alg", json!("HS256")), &good),
    ];
    for (name, value) in [
        ("jti", Value::Null),
        ("jti", json!("")),
        ("htm", json!("GET")),
        ("htu", json!(format!("{ORIGIN}/oauth2/userinfo"))),
        ("htu", json!(format!("{ORIGIN}/oauth2/token?x=y"))),
        ("iat", Value::Null),
        ("iat", json!(START - 61)),
        ("iat", json!(START + 6)),
        ("ath", json!("AAAA")),
    ] {
        wrong.push(key.proof(&with(good.clone(), name, value)));
    }
    for proof in wrong {
        let reply = redeem(&mut world, &code, &proof);
        assert_eq!(refusal(&reply), refused(400, "invalid_dpop_proof"));
    }
    let bare = world.exchange("one", &code);
    assert_eq!(refusal(&bare), refused(400, "invalid_request"));
    let twice = exchange("one", &code).with_header("dpop", "a").with_header("dpop", "b");
    assert_eq!(refusal(&world.send(&twice)), refused(400, "invalid_dpop_proof"));

    let reply = redeem(&mut world, &code, &key.proof(&good));
    assert_eq!(member(&reply, "token_type").as_deref(), Some("DPoP"));
    let replayed = redeem(&mut world, &code, &key.proof(&good));
    assert_eq!(refusal(&replayed), refused(400, "invalid_dpop_proof"));
}

#[test]
fn a_bound_token_is_good_only_with_its_key() {
    let mut world = world(Possession::Optional);
    let (key, other) = (Key::new(), Key::new());
    let code = world.code("one");
    let reply = redeem(&mut world, &code, &key.proof(&claims("1")));
    let token = member(&reply, "access_token").expect("a token");
    let proof = |key: &Key, jti| key.proof(&about_userinfo(jti, &token));

    assert_eq!(userinfo(&mut world, "DPoP", &token, Some(&proof(&key, "a"))).status, 200);
    let challenge = |reply: Reply| {
        let challenge = reply.header("www-authenticate").unwrap_or_default();
        (reply.status, challenge.contains("DPoP error=\"invalid_dpop_proof\""))
    };
    let refused = (401, true);
    let stolen = userinfo(&mut world, "DPoP", &token, Some(&proof(&other, "b")));
    assert_eq!(challenge(stolen), refused);
    assert_eq!(challenge(userinfo(&mut world, "DPoP", &token, None)), refused);
    let replayed = userinfo(&mut world, "DPoP", &token, Some(&proof(&key, "a")));
    assert_eq!(challenge(replayed), refused);
    let without_hash = key.proof(&with(about_userinfo("c", &token), "ath", Value::Null));
    let reply = userinfo(&mut world, "DPoP", &token, Some(&without_hash));
    assert_eq!(challenge(reply), refused);
    assert_eq!(userinfo(&mut world, "Bearer", &token, None).status, 401);

    // A bearer token is no DPoP token either.
    let code = world.code("one");
    let token = member(&world.exchange("one", &code), "access_token").expect("a token");
    assert_eq!(world.userinfo(&token), 200);
    let proof = key.proof(&about_userinfo("d", &token));
    assert_eq!(userinfo(&mut world, "DPoP", &token, Some(&proof)).status, 401);
}

#[test]
fn a_public_clients_refresh_token_is_bound_to_its_key() {
    let mut world = world(Possession::Optional);
    let (key, other) = (Key::new(), Key::new());
    let code = world.code("one");
    let reply = redeem(&mut world, &code, &key.proof(&claims("1")));
    let token = member(&reply, "refresh_token").expect("a refresh token");
    let refresh = |world: &mut World, proof: Option<String>| {
        let request = token_request(
            "/oauth2/token",
            &[("grant_type", "refresh_token"), ("refresh_token", &token), ("client_id", "one")],
        );
        world.send(&match proof {
            None => request,
            Some(proof) => request.with_header("dpop", &proof),
        })
    };
    let invalid = refused(400, "invalid_grant");
    assert_eq!(refusal(&refresh(&mut world, None)), invalid);
    let stolen = refresh(&mut world, Some(other.proof(&claims("2"))));
    assert_eq!(refusal(&stolen), invalid);
    assert_eq!(refresh(&mut world, Some(key.proof(&claims("3")))).status, 200);
}

#[test]
fn a_code_can_be_asked_for_with_a_key() {
    let mut world = world(Possession::Optional);
    let (key, other) = (Key::new(), Key::new());
    let thumbprint = key.thumbprint();
    let reply = world.get(
        "/oauth2/authorize",
        &[
            ("response_type", "code"),
            ("client_id", "one"),
            ("redirect_uri", CALLBACK),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("dpop_jkt", &thumbprint),
        ],
    );
    let code = parameter(&reply, "code").expect("a code");
    let stolen = redeem(&mut world, &code, &other.proof(&claims("1")));
    assert_eq!(refusal(&stolen), refused(400, "invalid_grant"));
    let bare = world.exchange("one", &code);
    assert_eq!(refusal(&bare), refused(400, "invalid_grant"));
    assert_eq!(redeem(&mut world, &code, &key.proof(&claims("2"))).status, 200);
}

#[test]
fn nonces_are_asked_for_given_with_every_answer_and_expire() {
    let mut world = world(Possession::WithNonce);
    let key = Key::new();
    let code = world.code("one");
    let nonce_of = |reply: &Reply| reply.header("dpop-nonce").expect("a nonce").to_owned();
    let asked = redeem(&mut world, &code, &key.proof(&claims("1")));
    assert_eq!(refusal(&asked), refused(400, "use_dpop_nonce"));
    let first = nonce_of(&asked);
    let made_up = key.proof(&with(claims("2"), "nonce", json!("made-up")));
    let reply = redeem(&mut world, &code, &made_up);
    assert_eq!(refusal(&reply), refused(400, "use_dpop_nonce"));

    // A nonce outlives its window by one more, and no longer.
    world.advance(60);
    let late = |jti| with(with(claims(jti), "iat", json!(START + 60)), "nonce", json!(first));
    let reply = redeem(&mut world, &code, &key.proof(&late("3")));
    assert_eq!(refusal(&reply), refused(400, "use_dpop_nonce"));
    let second = nonce_of(&reply);
    assert_ne!(first, second);
    let code = world.code("one");
    let fresh = with(late("4"), "nonce", json!(second));
    let reply = redeem(&mut world, &code, &key.proof(&fresh));
    assert_eq!((reply.status, nonce_of(&reply)), (200, second.clone()));

    // The resource has nonces of its own.
    let token = member(&reply, "access_token").expect("a token");
    let about = |jti, nonce: &str| {
        let claims = with(about_userinfo(jti, &token), "iat", json!(START + 60));
        key.proof(&with(claims, "nonce", json!(nonce)))
    };
    let asked = userinfo(&mut world, "DPoP", &token, Some(&about("a", &second)));
    let challenge = asked.header("www-authenticate").unwrap_or_default();
    assert!(asked.status == 401 && challenge.contains("DPoP error=\"use_dpop_nonce\""));
    let reply = userinfo(&mut world, "DPoP", &token, Some(&about("b", &nonce_of(&asked))));
    assert_eq!(reply.status, 200);
}

#[test]
fn a_proof_with_a_push_binds_the_code() {
    let mut world = world(Possession::WithNonce);
    let (key, other) = (Key::new(), Key::new());
    let thumbprint = key.thumbprint();
    let push = |world: &mut World, jkt: &str, proof: &str| {
        let body = [
            ("response_type", "code"),
            ("client_id", "one"),
            ("redirect_uri", CALLBACK),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("dpop_jkt", jkt),
        ];
        world.send(&token_request("/oauth2/par", &body).with_header("dpop", proof))
    };
    let about = |jti: &str, nonce: &str| {
        let claims = with(claims(jti), "htu", json!(format!("{ORIGIN}/oauth2/par")));
        with(claims, "nonce", json!(nonce))
    };
    let asked = push(&mut world, "", &key.proof(&about("1", "stale")));
    assert_eq!(refusal(&asked), refused(400, "use_dpop_nonce"));
    let nonce = asked.header("dpop-nonce").expect("a nonce").to_owned();
    let elsewhere = push(&mut world, "", &key.proof(&with(claims("2"), "nonce", json!(nonce))));
    assert_eq!(refusal(&elsewhere), refused(400, "invalid_dpop_proof"));
    let mixed = push(&mut world, &thumbprint, &other.proof(&about("3", &nonce)));
    assert_eq!(refusal(&mixed), refused(400, "invalid_request"));

    let pushed = push(&mut world, "", &key.proof(&about("4", &nonce)));
    let uri = member(&pushed, "request_uri").expect("a request_uri");
    let visit = [("client_id", "one"), ("request_uri", uri.as_str())];
    let code = parameter(&world.get("/oauth2/authorize", &visit), "code").expect("a code");
    let at_token = |jti: &str| with(claims(jti), "nonce", json!(nonce));
    let stolen = redeem(&mut world, &code, &other.proof(&at_token("5")));
    assert_eq!(refusal(&stolen), refused(400, "invalid_grant"));
    let redeemed = redeem(&mut world, &code, &key.proof(&at_token("6")));
    assert_eq!(member(&redeemed, "token_type").as_deref(), Some("DPoP"));
}
