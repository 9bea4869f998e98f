//! Introspection and revocation.

use serde_json::{Value, json};

use crate::{CALLBACK, VERIFIER, World, basic, member, refusal, refused, token_request};
use grantwire_conformance::{Authentication, Client, Reply};

fn world() -> World {
    let client = |id: &str| {
        Client::new(id, Authentication::ClientSecretBasic("hush".to_owned()))
            .redirecting_to(CALLBACK)
            .with_scopes(&["read"])
    };
    World::new(vec![client("one"), client("two"), Client::new("public", Authentication::None)])
}

fn send(world: &mut World, client_id: &str, path: &str, body: &[(&str, &str)]) -> Reply {
    world.send(&basic(client_id, "hush", token_request(path, body)))
}

/// The access token and the refresh token of a new authorization.
fn start(world: &mut World) -> (String, String) {
    let code = world.code("one");
    let body = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let reply = send(world, "one", "/oauth2/token", &body);
    let text = |name| member(&reply, name).expect("a token");
    (text("access_token"), text("refresh_token"))
}

fn about(world: &mut World, client_id: &str, token: &str) -> Value {
    let reply = send(world, client_id, "/oauth2/introspect", &[("token", token)]);
    assert_eq!(reply.status, 200);
    reply.value()
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[test]
fn a_good_token_is_described_and_of_any_other_nothing_is_said() {
    let mut world = world();
    let (access, refresh) = start(&mut world);
    let expected = json!({
        "active": true, "iss": "http://127.0.0.1:9/oauth2", "sub": "alice", "client_id": "one",
        "scope": "read", "exp": crate::START + 600, "token_type": "Bearer",
    });
    assert_eq!(about(&mut world, "two", &access), expected);
    assert_eq!(about(&mut world, "one", &refresh)["active"], true);
    assert_eq!(about(&mut world, "two", &refresh), inactive());
    assert_eq!(about(&mut world, "two", "made-up"), inactive());
    world.advance(600);
    assert_eq!(about(&mut world, "two", &access), inactive());
}

#[test]
fn a_revoked_token_is_not_good_and_a_refresh_token_takes_all_with_it() {
    let mut world = world();
    let (access, refresh) = start(&mut world);
    let revoke = |world: &mut World, client_id, token: &str| {
        let body = [("token", token), ("token_type_hint", "nonsense")];
        send(world, client_id, "/oauth2/revoke", &body)
    };
    let stolen = revoke(&mut world, "two", &access);
    assert_eq!(refusal(&stolen), refused(400, "unauthorized_client"));
    let stolen = revoke(&mut world, "two", &refresh);
    assert_eq!(refusal(&stolen), refused(400, "unauthorized_client"));
    assert_eq!(world.userinfo(&access), 200);

    assert_eq!(revoke(&mut world, "one", "made-up").status, 200);
    assert_eq!(revoke(&mut world, "one", &access).status, 200);
    assert_eq!(world.userinfo(&access), 401);
    assert_eq!(about(&mut world, "one", &refresh)["active"], true);

    let (access, refresh) = start(&mut world);
    assert_eq!(revoke(&mut world, "one", &refresh).status, 200);
    assert_eq!(about(&mut world, "one", &refresh), inactive());
    assert_eq!(world.userinfo(&access), 401);
    assert_eq!(revoke(&mut world, "one", &refresh).status, 200);
}

#[test]
fn both_doors_are_for_clients() {
    let mut world = world();
    let (access, _) = start(&mut world);
    for door in ["/oauth2/introspect", "/oauth2/revoke"] {
        let stranger = world.post(door, &[("token", &access), ("client_id", "one")]);
        assert_eq!(refusal(&stranger), refused(401, "invalid_client"), "{door}");
        let empty = send(&mut world, "one", door, &[]);
        assert_eq!(refusal(&empty), refused(400, "invalid_request"), "{door}");
        assert_eq!(world.get(door, &[]).status, 405, "{door}");
    }
    let public = world.post("/oauth2/introspect", &[("token", &access), ("client_id", "public")]);
    assert_eq!(refusal(&public), refused(400, "unauthorized_client"));
}
