//! Dressipi: the API key, the fixed URN, rotation, and items that never refuse.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::{CALLBACK, CHALLENGE, VERIFIER, World, form, member, refusal, refused, token_request};
use grantwire_conformance::clients::DRESSIPI_REDIRECT_URI as URN;
use grantwire_conformance::{Client, Received, Reply};

const KEY: &str = "partner-key";

fn world() -> World {
    World::new(vec![Client::dressipi("partner", KEY), Client::dressipi("rival", "rival-key")])
}

fn authorize(client_id: &str, redirect_uri: &str, method: &str) -> Received {
    let query = form(&[
        ("redirect_uri", redirect_uri),
        ("response_type", "code"),
        ("client_id", client_id),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", method),
    ]);
    Received::new("GET", &format!("/oauth/authorize?{query}"))
}

fn tokens(world: &mut World) -> Reply {
    let reply = world.send(&authorize("partner", URN, "S256").with_header("x-api-key", KEY));
    let code = member(&reply, "code").expect("a code");
    let parameters = [
        ("redirect_uri", URN),
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", "partner"),
        ("code_verifier", VERIFIER),
    ];
    world.send(&token_request("/oauth/token", &parameters).with_header("x-api-key", KEY))
}

fn refresh(token: &str, redirect_uri: &str) -> Received {
    let parameters = [
        ("redirect_uri", redirect_uri),
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", "partner"),
    ];
    token_request("/oauth/token", &parameters).with_header("x-api-key", KEY)
}

#[test]
fn every_call_needs_the_key_of_its_own_partner() {
    let mut world = world();
    let calls = [
        authorize("partner", URN, "S256"),
        token_request("/oauth/token", &[("grant_type", "refresh_token")]),
        Received::new("GET", "/api/items/42"),
    ];
    for call in calls {
        let reply = world.send(&call);
        assert_eq!(refusal(&reply), refused(403, ""));
        let reply = world.send(&call.with_header("x-api-key", "guess"));
        assert_eq!(refusal(&reply), refused(403, ""));
    }
    let request = authorize("partner", URN, "S256").with_header("x-api-key", "rival-key");
    let reply = world.send(&request);
    assert_eq!(refusal(&reply), refused(400, "invalid_client"));
    assert_eq!(world.judge.profiles, 0);
}

#[test]
fn authorize_takes_the_urn_and_s256_only() {
    let mut world = world();
    for (uri, method) in [(CALLBACK, "S256"), (URN, "plain"), (URN, "")] {
        let request = authorize("partner", uri, method).with_header("x-api-key", KEY);
        let reply = world.send(&request);
        assert_eq!(refusal(&reply), refused(400, "invalid_request"));
    }
    assert_eq!(world.judge.profiles, 0);
}

#[test]
fn a_refresh_needs_the_urn_keeps_the_profile_and_rotates() {
    let mut world = world();
    let first = member(&tokens(&mut world), "refresh_token").expect("a refresh token");
    for uri in ["", CALLBACK] {
        let reply = world.send(&refresh(&first, uri));
        assert_eq!(refusal(&reply), refused(400, "invalid_request"));
    }
    let second = world.send(&refresh(&first, URN));
    assert_eq!(second.status, 200);
    assert_ne!(member(&second, "refresh_token"), Some(first.clone()));
    let replayed = world.send(&refresh(&first, URN));
    assert_eq!(refusal(&replayed), refused(400, "invalid_grant"));
    assert_eq!(world.judge.profiles, 1);
}

#[test]
fn an_item_is_personalised_for_a_raw_genuine_live_jwt_only() {
    let mut world = world();
    let jwt = member(&tokens(&mut world), "access_token").expect("a JWT");
    let item = |world: &mut World, jwt: &str| {
        let request = Received::new("GET", "/api/items/42")
            .with_header("x-api-key", KEY)
            .with_header("x-dressipi-jwt", jwt);
        let reply = world.send(&request);
        assert_eq!(reply.status, 200);
        reply.value()["personalised"] == json!(true)
    };
    assert!(item(&mut world, &jwt));
    assert!(!item(&mut world, ""));
    assert!(!item(&mut world, &format!("Bearer {jwt}")));
    let (signed, _) = jwt.rsplit_once('.').expect("a JWT");
    let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode([7; 32]));
    assert!(!item(&mut world, &forged));
    world.advance(86_400);
    assert!(!item(&mut world, &jwt));
}
