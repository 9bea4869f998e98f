//! The metadata of the generic issuer: in three places, and true.

use serde_json::Value;

use crate::World;
use grantwire_conformance::{Config, Received};

const ADDRESSES: [&str; 3] = [
    "/.well-known/oauth-authorization-server/oauth2",
    "/.well-known/openid-configuration/oauth2",
    "/oauth2/.well-known/openid-configuration",
];

#[test]
fn it_is_the_same_at_each_address() {
    let mut world = World::new(Vec::new());
    let [first, rest @ ..] = ADDRESSES;
    let document = world.send(&Received::new("GET", first));
    assert_eq!(document.value()["issuer"], "http://127.0.0.1:9/oauth2");
    assert_eq!(document.header("cache-control"), Some("public, max-age=3600"));
    for address in rest {
        assert!(world.send(&Received::new("GET", address)) == document, "{address}");
    }
    assert_eq!(world.send(&Received::new("POST", first)).status, 405);
    // Where an issuer without a path would have it there is nothing.
    let root = world.send(&Received::new("GET", "/.well-known/oauth-authorization-server"));
    assert_eq!(root.status, 404);
}

#[test]
fn there_is_a_door_at_every_endpoint() {
    let token = Some("initial".to_owned());
    let mut world = World::with(Config { initial_access_token: token, ..Config::default() });
    let document = world.send(&Received::new("GET", ADDRESSES[0])).value();
    let members = document.as_object().expect("an object");
    let is_address = |name: &str| name.ends_with("_endpoint") || name == "jwks_uri";
    let endpoints = members.iter().filter(|(name, _)| is_address(name));
    let mut seen = 0;
    for (name, url) in endpoints {
        let path = url.as_str().and_then(|url| url.strip_prefix("http://127.0.0.1:9"));
        let path = path.expect("an address of this server");
        assert_ne!(world.send(&Received::new("PATCH", path)).status, 404, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 10);
}

#[test]
fn registration_is_announced_only_where_it_is_open() {
    let mut world = World::new(Vec::new());
    let document = world.send(&Received::new("GET", ADDRESSES[0])).value();
    assert_eq!(document["registration_endpoint"], Value::Null);
    assert_eq!(world.send(&Received::new("POST", "/oauth2/register")).status, 404);
}
