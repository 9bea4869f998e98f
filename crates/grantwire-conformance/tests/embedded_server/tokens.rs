//! Refresh tokens, rotation and families; bearer tokens at a resource.

use crate::{CALLBACK, World, member, refusal, refused};
use grantwire_conformance::{Authentication, Client, Received, Reply, Rotation};

fn world(rotation: Rotation) -> World {
    let client = |id: &str| {
        Client::new(id, Authentication::None)
            .redirecting_to(CALLBACK)
            .with_scopes(&["read", "write"])
            .with_rotation(rotation)
    };
    World::new(vec![client("one"), client("two")])
}

/// The access token and the refresh token of a new authorization.
fn start(world: &mut World) -> (String, String) {
    let code = world.code("one");
    let reply = world.exchange("one", &code);
    tokens(&reply)
}

fn tokens(reply: &Reply) -> (String, String) {
    let text = |name| member(reply, name).expect("a token");
    (text("access_token"), text("refresh_token"))
}

fn refresh(world: &mut World, client_id: &str, token: &str, scope: &str) -> Reply {
    world.post(
        "/oauth2/token",
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("scope", scope),
            ("client_id", client_id),
        ],
    )
}

#[test]
fn a_refresh_token_used_twice_ends_the_family() {
    let mut world = world(Rotation::Rotating { grace: 0 });
    let (_, first) = start(&mut world);
    let (access, second) = tokens(&refresh(&mut world, "one", &first, ""));
    assert_ne!(first, second);
    assert_eq!(world.userinfo(&access), 200);

    let replay = refresh(&mut world, "one", &first, "");
    assert_eq!(refusal(&replay), refused(400, "invalid_grant"));
    assert_eq!(world.userinfo(&access), 401);
    let orphan = refresh(&mut world, "one", &second, "");
    assert_eq!(refusal(&orphan), refused(400, "invalid_grant"));
}

#[test]
fn within_its_grace_an_old_refresh_token_is_good() {
    let mut world = world(Rotation::Rotating { grace: 30 });
    let (_, first) = start(&mut world);
    assert_eq!(refresh(&mut world, "one", &first, "").status, 200);
    world.advance(30);
    assert_eq!(refresh(&mut world, "one", &first, "").status, 200);
    world.advance(1);
    let late = refresh(&mut world, "one", &first, "");
    assert_eq!(refusal(&late), refused(400, "invalid_grant"));
}

#[test]
fn a_refresh_token_is_bound_to_client_scope_and_time() {
    let mut world = world(Rotation::Reusable);
    let (_, token) = start(&mut world);
    let stolen = refresh(&mut world, "two", &token, "");
    assert_eq!(refusal(&stolen), refused(400, "invalid_grant"));
    let wider = refresh(&mut world, "one", &token, "read admin");
    assert_eq!(refusal(&wider), refused(400, "invalid_scope"));
    let narrower = refresh(&mut world, "one", &token, "read");
    assert_eq!(member(&narrower, "scope").as_deref(), Some("read"));
    assert_eq!(member(&narrower, "refresh_token"), None);
    world.advance(30 * 86_400);
    let late = refresh(&mut world, "one", &token, "");
    assert_eq!(refusal(&late), refused(400, "invalid_grant"));
}

#[test]
fn a_bearer_token_is_checked_and_challenged() {
    let mut world = world(Rotation::Reusable);
    let (access, refresh_token) = start(&mut world);
    let challenge = |world: &mut World, header: &str| {
        let request = Received::new("GET", "/oauth2/userinfo").with_header("authorization", header);
        let reply = world.send(&request);
        let challenge = reply.header("www-authenticate").unwrap_or_default();
        (reply.status, challenge.contains("error=\"invalid_token\""))
    };
    let bearer = format!("Bearer {access}");
    assert_eq!(challenge(&mut world, &bearer), (200, false));
    assert_eq!(challenge(&mut world, "Bearer made-up"), (401, true));
    assert_eq!(challenge(&mut world, "Basic eDp5"), (401, false));
    let other = format!("Bearer {refresh_token}");
    assert_eq!(challenge(&mut world, &other), (401, true));
    world.advance(600);
    assert_eq!(challenge(&mut world, &bearer), (401, true));
}
