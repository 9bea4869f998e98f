//! PingOne: tokens with an ID token, and the two shapes of an error.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::{CALLBACK, START, World, member, parameter, refusal, refused, token_request};
use grantwire_conformance::jws::Jws;
use grantwire_conformance::{Authentication, Client, Config, Received};

fn world() -> World {
    let secret = Authentication::ClientSecretBasic("kept".to_owned());
    World::new(vec![
        Client::pingone("app", secret).redirecting_to(CALLBACK).with_scopes(&["openid", "read"]),
    ])
}

fn path(door: &str) -> String {
    format!("/{}/as/{door}", Config::default().pingone_environment)
}

fn exchange(body: &[(&str, &str)]) -> Received {
    let credentials = STANDARD.encode("app:kept");
    token_request(&path("token"), body)
        .with_header("authorization", &format!("Basic {credentials}"))
}

#[test]
fn a_code_becomes_tokens_with_an_id_token() {
    let mut world = world();
    let asked = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid read"),
        ("nonce", "n"),
    ];
    let code = parameter(&world.get(&path("authorize"), &asked), "code").expect("a code");
    let grant = ("grant_type", "authorization_code");
    let bare = world.send(&exchange(&[grant, ("code", &code)]));
    assert_eq!(refusal(&bare), refused(400, "invalid_request"));
    let body = [grant, ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let reply = world.send(&exchange(&body));
    assert_eq!(reply.status, 200);
    let text = member(&reply, "id_token").expect("an ID token");
    let jws = Jws::parse(&text).expect("a JWT");
    assert_eq!(jws.claim("nonce"), Some("n"));
    assert_eq!(jws.payload["exp"], json!(START + 3600));
}

#[test]
fn errors_have_the_two_documented_shapes() {
    let mut world = world();
    let reply = world.send(&exchange(&[("grant_type", "refresh_token")]));
    assert_eq!(refusal(&reply), refused(400, "invalid_request"));
    let text = member(&reply, "error_description").expect("a description");
    let (_, id) = text.split_once(" (Correlation ID: ").expect("a correlation id");
    assert_eq!(id.len(), "00000000-0000-4000-a000-000000000000)".len());

    let elsewhere = "/00000000-0000-4000-a000-000000000000/as/token";
    let reply = world.post(elsewhere, &[("grant_type", "client_credentials")]);
    assert_eq!(reply.status, 404);
    assert_eq!(member(&reply, "code").as_deref(), Some("NOT_FOUND"));
    assert_eq!(member(&reply, "error"), None);
    assert!(member(&reply, "id").is_some() && member(&reply, "message").is_some());
    assert!(reply.value()["details"].is_array());
}
