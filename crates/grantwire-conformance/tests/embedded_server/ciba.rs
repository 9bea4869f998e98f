//! CIBA: the hints, the polls, the phone, and time.

use crate::{CALLBACK, World, basic, form, member, refusal, refused, token_request};
use grantwire_conformance::{Authentication, Client, Received, Reply};

const GRANT: &str = "urn:openid:params:grant-type:ciba";
const ASK: &str = "/oauth2/bc_authorize";

fn world() -> World {
    let client = |id: &str, grants: &[&'static str]| {
        Client::new(id, Authentication::ClientSecretBasic("hush".to_owned()))
            .with_grants(grants)
            .with_scopes(&["openid", "pay"])
    };
    World::new(vec![
        client("bank", &[GRANT, "refresh_token"]),
        client("shop", &[GRANT]),
        client("plain", &["authorization_code"]).redirecting_to(CALLBACK),
        Client::new("public", Authentication::None).with_grants(&[GRANT]),
    ])
}

fn send(world: &mut World, client_id: &str, path: &str, body: &[(&str, &str)]) -> Reply {
    world.send(&basic(client_id, "hush", token_request(path, body)))
}

/// A request for Alice with some parameters more, or changed.
fn ask(world: &mut World, changes: &[(&str, &str)]) -> Reply {
    let good = [("scope", "openid pay"), ("login_hint", "alice"), ("binding_message", "W4SCT")];
    let kept =
        good.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let parameters: Vec<_> = kept.chain(changes.iter().copied()).collect();
    send(world, "bank", ASK, &parameters)
}

fn start(world: &mut World, changes: &[(&str, &str)]) -> String {
    let reply = ask(world, changes);
    assert_eq!((reply.status, reply.value()["interval"].as_u64()), (200, Some(5)));
    member(&reply, "auth_req_id").expect("an identifier")
}

fn poll(world: &mut World, client_id: &str, id: &str) -> Reply {
    send(world, client_id, "/oauth2/token", &[("grant_type", GRANT), ("auth_req_id", id)])
}

fn decide(world: &mut World, user: &str, message: &str, decision: &str) -> u16 {
    let body = form(&[("user", user), ("binding_message", message), ("decision", decision)]);
    world.send(&Received::new("POST", "/oauth2/phone").with_body(body)).status
}

#[test]
fn a_request_is_pending_until_the_user_approves_and_is_good_once() {
    let mut world = world();
    let id = start(&mut world, &[]);
    let pending = refused(400, "authorization_pending");
    assert_eq!(refusal(&poll(&mut world, "bank", &id)), pending);
    let prompts = world.get("/oauth2/phone", &[("user", "alice")]).value();
    assert_eq!(prompts[0]["binding_message"], "W4SCT");
    assert_eq!(world.get("/oauth2/phone", &[("user", "bob")]).value()[0], serde_json::Value::Null);

    assert_eq!(decide(&mut world, "bob", "W4SCT", "approve"), 404);
    assert_eq!(decide(&mut world, "alice", "OTHER", "approve"), 404);
    assert_eq!(decide(&mut world, "alice", "W4SCT", "perhaps"), 400);
    assert_eq!(decide(&mut world, "alice", "W4SCT", "approve"), 200);
    assert_eq!(decide(&mut world, "alice", "W4SCT", "deny"), 404);
    world.advance(5);
    let reply = poll(&mut world, "bank", &id);
    assert_eq!(member(&reply, "scope").as_deref(), Some("openid pay"));
    assert!(member(&reply, "refresh_token").is_some());
    assert!(member(&reply, "id_token").is_some());
    world.advance(5);
    assert_eq!(refusal(&poll(&mut world, "bank", &id)), refused(400, "invalid_grant"));
}

#[test]
fn an_early_poll_is_told_to_slow_down() {
    let mut world = world();
    let id = start(&mut world, &[]);
    let mut after = |seconds| {
        world.advance(seconds);
        refusal(&poll(&mut world, "bank", &id)).1
    };
    assert_eq!(after(0), "authorization_pending");
    assert_eq!(after(4), "slow_down");
    assert_eq!(after(9), "slow_down");
    assert_eq!(after(15), "authorization_pending");
}

#[test]
fn a_denied_request_and_an_expired_one_say_so() {
    let mut world = world();
    let id = start(&mut world, &[]);
    assert_eq!(decide(&mut world, "alice", "W4SCT", "deny"), 200);
    assert_eq!(refusal(&poll(&mut world, "bank", &id)), refused(400, "access_denied"));

    // The client may ask for less time, and not for more.
    for (expiry, seconds) in [("30", 30), ("9999", 120)] {
        let id = start(&mut world, &[("requested_expiry", expiry)]);
        world.advance(seconds - 1);
        let last = poll(&mut world, "bank", &id);
        assert_eq!(refusal(&last), refused(400, "authorization_pending"));
        world.advance(1);
        assert_eq!(decide(&mut world, "alice", "W4SCT", "approve"), 404);
        assert_eq!(refusal(&poll(&mut world, "bank", &id)), refused(400, "expired_token"));
    }
}

#[test]
fn an_identifier_is_for_the_client_that_asked() {
    let mut world = world();
    let id = start(&mut world, &[]);
    assert_eq!(decide(&mut world, "alice", "W4SCT", "approve"), 200);
    assert_eq!(refusal(&poll(&mut world, "shop", &id)), refused(400, "invalid_grant"));
    assert_eq!(refusal(&poll(&mut world, "bank", "made-up")), refused(400, "invalid_grant"));
    assert_eq!(poll(&mut world, "bank", &id).status, 200);
}

#[test]
fn the_request_is_checked() {
    let mut world = world();
    let wrong: [(&[(&str, &str)], &str); 14] = [
        (&[("scope", "")], "invalid_request"),
        (&[("scope", "pay")], "invalid_scope"),
        (&[("scope", "openid admin")], "invalid_scope"),
        (&[("login_hint", "")], "invalid_request"),
        (&[("login_hint", "mallory")], "unknown_user_id"),
        (&[("id_token_hint", "a.b.c")], "invalid_request"),
        (&[("login_hint", ""), ("id_token_hint", "a.b.c")], "invalid_request"),
        (&[("login_hint", ""), ("login_hint_token", "x")], "invalid_request"),
        (&[("binding_message", "two\nlines")], "invalid_binding_message"),
        (&[("binding_message", &"x".repeat(41))], "invalid_binding_message"),
        (&[("requested_expiry", "0")], "invalid_request"),
        (&[("requested_expiry", "soon")], "invalid_request"),
        (&[("requested_expiry", "-1")], "invalid_request"),
        (&[("request", "a.b.c")], "invalid_request"),
    ];
    for (changes, error) in wrong {
        assert_eq!(refusal(&ask(&mut world, changes)), refused(400, error), "{changes:?}");
    }
    let good = [("scope", "openid"), ("login_hint", "alice")];
    let plain = send(&mut world, "plain", ASK, &good);
    assert_eq!(refusal(&plain), refused(400, "unauthorized_client"));
    // A client that proves nothing may not make phones ring.
    let public = world.post(ASK, &[good[0], good[1], ("client_id", "public")]);
    assert_eq!(refusal(&public), refused(400, "unauthorized_client"));
    let stranger = world.post(ASK, &[good[0], good[1], ("client_id", "bank")]);
    assert_eq!(refusal(&stranger), refused(401, "invalid_client"));
    assert_eq!(world.get(ASK, &good).status, 405);
}

#[test]
fn an_old_id_token_names_the_user_and_a_forged_one_does_not() {
    let mut world = world();
    let id = start(&mut world, &[]);
    assert_eq!(decide(&mut world, "alice", "W4SCT", "approve"), 200);
    let id_token = member(&poll(&mut world, "bank", &id), "id_token").expect("an ID token");
    world.advance(86_400);
    let hinted = |hint| [("login_hint", ""), ("id_token_hint", hint), ("binding_message", "2")];
    start(&mut world, &hinted(&id_token));
    assert_eq!(decide(&mut world, "alice", "2", "approve"), 200);
    // The first letter of the signature, so that it decodes to other bytes.
    let (signed, signature) = id_token.rsplit_once('.').expect("a JWT");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{signed}.{first}{}", &signature[1..]);
    assert_eq!(refusal(&ask(&mut world, &hinted(&forged))), refused(400, "invalid_request"));
}
