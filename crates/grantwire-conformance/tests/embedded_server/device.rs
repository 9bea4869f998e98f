//! The device flow: codes, polls, the user's page, and time.

use crate::{World, form, member, refusal, refused};
use grantwire_conformance::{Authentication, Client, Received, Reply};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn world() -> World {
    let client = |id: &str| {
        Client::new(id, Authentication::None)
            .with_grants(&[GRANT, "refresh_token"])
            .with_scopes(&["read", "write"])
    };
    let plain = Client::new("plain", Authentication::None);
    World::new(vec![client("tv"), client("radio"), plain])
}

fn start(world: &mut World) -> (String, String) {
    let reply =
        world.post("/oauth2/device_authorization", &[("client_id", "tv"), ("scope", "read")]);
    assert_eq!(reply.status, 200);
    let text = |name| member(&reply, name).expect("a code");
    (text("device_code"), text("user_code"))
}

fn poll(world: &mut World, client_id: &str, device_code: &str) -> Reply {
    let parameters =
        [("grant_type", GRANT), ("device_code", device_code), ("client_id", client_id)];
    world.post("/oauth2/token", &parameters)
}

fn visit(world: &mut World, user_code: &str, decision: &str) -> u16 {
    let body = form(&[("user_code", user_code), ("decision", decision)]);
    world.send(&Received::new("POST", "/oauth2/device").with_body(body)).status
}

#[test]
fn a_code_is_pending_until_the_user_approves_and_is_good_once() {
    let mut world = world();
    let (device_code, user_code) = start(&mut world);
    let pending = refused(400, "authorization_pending");
    assert_eq!(refusal(&poll(&mut world, "tv", &device_code)), pending);
    assert_eq!(visit(&mut world, "WDJB-MJHT", "approve"), 404);
    // People type codes as they like.
    let typed = user_code.to_ascii_lowercase().replace('-', " ");
    assert_eq!(visit(&mut world, &typed, "approve"), 200);
    assert_eq!(visit(&mut world, &user_code, "deny"), 404);
    world.advance(5);
    let reply = poll(&mut world, "tv", &device_code);
    assert_eq!(member(&reply, "scope").as_deref(), Some("read"));
    assert!(member(&reply, "refresh_token").is_some());
    let token = member(&reply, "access_token").expect("a token");
    assert_eq!(world.userinfo(&token), 200);
    world.advance(5);
    let again = poll(&mut world, "tv", &device_code);
    assert_eq!(refusal(&again), refused(400, "invalid_grant"));
}

#[test]
fn an_early_poll_makes_the_interval_longer_for_good() {
    let mut world = world();
    let (device_code, user_code) = start(&mut world);
    let poll = |world: &mut World, after: u64| {
        world.advance(after);
        refusal(&poll(world, "tv", &device_code)).1
    };
    assert_eq!(poll(&mut world, 0), "authorization_pending");
    assert_eq!(poll(&mut world, 4), "slow_down");
    assert_eq!(poll(&mut world, 9), "slow_down");
    assert_eq!(poll(&mut world, 15), "authorization_pending");
    assert_eq!(visit(&mut world, &user_code, "approve"), 200);
    assert_eq!(poll(&mut world, 14), "slow_down");
    assert_eq!(poll(&mut world, 20), "");
}

#[test]
fn a_denied_code_and_an_expired_one_say_so() {
    let mut world = world();
    let (device_code, user_code) = start(&mut world);
    assert_eq!(visit(&mut world, &user_code, "deny"), 200);
    let denied = poll(&mut world, "tv", &device_code);
    assert_eq!(refusal(&denied), refused(400, "access_denied"));

    let (device_code, user_code) = start(&mut world);
    world.advance(599);
    let pending = poll(&mut world, "tv", &device_code);
    assert_eq!(refusal(&pending), refused(400, "authorization_pending"));
    world.advance(1);
    assert_eq!(visit(&mut world, &user_code, "approve"), 404);
    let expired = poll(&mut world, "tv", &device_code);
    assert_eq!(refusal(&expired), refused(400, "expired_token"));
}

#[test]
fn codes_are_for_the_client_that_asked_and_may_ask() {
    let mut world = world();
    let (device_code, _) = start(&mut world);
    let stolen = poll(&mut world, "radio", &device_code);
    assert_eq!(refusal(&stolen), refused(400, "invalid_grant"));
    let made_up = poll(&mut world, "tv", "made-up");
    assert_eq!(refusal(&made_up), refused(400, "invalid_grant"));

    let ask = |world: &mut World, parameters: &[(&str, &str)]| {
        refusal(&world.post("/oauth2/device_authorization", parameters))
    };
    let plain = ask(&mut world, &[("client_id", "plain")]);
    assert_eq!(plain, refused(400, "unauthorized_client"));
    let stranger = ask(&mut world, &[("client_id", "stranger")]);
    assert_eq!(stranger, refused(401, "invalid_client"));
    let wider = ask(&mut world, &[("client_id", "tv"), ("scope", "admin")]);
    assert_eq!(wider, refused(400, "invalid_scope"));
    assert_eq!(world.get("/oauth2/device_authorization", &[]).status, 405);
}
