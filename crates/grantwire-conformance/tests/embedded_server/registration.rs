//! Programs that register themselves, and what becomes of their registrations.

use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use serde_json::{Value, json};

use crate::assertions::{ecdsa, with};
use crate::{CALLBACK, START, World, basic, member, refusal, refused, token_request};
use grantwire_conformance::{Config, Received, Reply};

const INITIAL: &str = "eyJhbGciOiJub25lIn0";

fn world() -> World {
    let token = Some(INITIAL.to_owned());
    World::with(Config { initial_access_token: token, ..Config::default() })
}

fn metadata() -> Value {
    json!({
        "client_name": "Reader", "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"], "scope": "reports.read",
    })
}

fn request(method: &str, path: &str, token: &str, body: &Value) -> Received {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Received::new(method, path)
        .with_header("authorization", &format!("Bearer {token}"))
        .with_header("content-type", "application/json")
        .with_body(body)
}

fn register(world: &mut World, metadata: &Value) -> Reply {
    world.send(&request("POST", "/oauth2/register", INITIAL, metadata))
}

/// Path and token of a registration's own door.
fn door(reply: &Reply) -> (String, String) {
    let uri = member(reply, "registration_client_uri").expect("an address");
    let path = uri.strip_prefix("http://127.0.0.1:9").expect("an address of this server");
    (path.to_owned(), member(reply, "registration_access_token").expect("a token"))
}

/// What a client may send back of an answer.
fn returned(reply: &Reply) -> Value {
    let names = [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ];
    names.into_iter().fold(reply.value(), |value, name| with(value, name, Value::Null))
}

#[test]
fn a_registration_fills_in_the_defaults_and_the_client_is_good_at_once() {
    let mut world = world();
    let sent = with(metadata(), "x_unknown", json!(7));
    let reply = register(&mut world, &sent);
    assert_eq!((reply.status, reply.header("cache-control")), (201, Some("no-store")));
    let value = reply.value();
    assert_eq!(value["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(value["response_types"], json!(["code"]));
    assert_eq!((&value["client_name"], &value["x_unknown"]), (&json!("Reader"), &Value::Null));
    assert_eq!(value["client_id_issued_at"], START);
    assert_eq!(value["client_secret_expires_at"], 0);

    let text = |name| member(&reply, name).expect("a text");
    let code = world.code(&text("client_id"));
    let body = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", crate::VERIFIER),
    ];
    let request = token_request("/oauth2/token", &body);
    let tokens = world.send(&basic(&text("client_id"), &text("client_secret"), request));
    assert_eq!(member(&tokens, "scope").as_deref(), Some("reports.read"));
}

#[test]
fn only_the_initial_access_token_lets_in() {
    let mut world = world();
    let wrong = request("POST", "/oauth2/register", "made-up", &metadata());
    assert_eq!(refusal(&world.send(&wrong)), refused(401, "invalid_token"));
    let mut none = wrong.clone();
    none.headers.retain(|(name, _)| name != "authorization");
    let reply = world.send(&none);
    assert_eq!((reply.status, reply.body.len()), (401, 0));
    assert!(reply.header("www-authenticate").is_some_and(|text| text.starts_with("Bearer")));
    let get = request("GET", "/oauth2/register", INITIAL, &Value::Null);
    assert_eq!(world.send(&get).status, 405);
}

#[test]
fn metadata_are_checked() {
    let mut world = world();
    let key = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256").jwk;
    let set = |keys: Value| json!({ "keys": keys });
    let wrong = [
        ("client_name", json!(7)),
        ("client_uri", json!("javascript:alert(1)")),
        ("contacts", json!("me")),
        ("scope", json!("admin")),
        ("grant_types", json!(["implicit"])),
        ("grant_types", json!(["refresh_token"])),
        ("response_types", json!(["token"])),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("require_signed_request_object", json!(true)),
        ("require_signed_request_object", json!("yes")),
        ("jwks_uri", json!("https://client.example/jwks")),
        ("jwks", json!({})),
        ("jwks", set(json!([]))),
        ("jwks", set(json!([with(key.clone(), "d", json!("AAAA"))]))),
        ("jwks", set(json!([key, key]))),
        ("jwks", set(json!([with(key.clone(), "kid", Value::Null)]))),
    ];
    for (name, value) in wrong {
        // A response type that was not named would follow the grants.
        let base = with(metadata(), "response_types", json!(["code"]));
        let reply = register(&mut world, &with(base, name, value.clone()));
        assert_eq!(refusal(&reply), refused(400, "invalid_client_metadata"), "{name} {value}");
    }
    let uris = [
        Value::Null,
        json!([]),
        json!(["http://client.example/cb"]),
        json!(["https://client.example/cb#top"]),
        json!(["cb"]),
        json!([CALLBACK, "javascript:alert(1)"]),
    ];
    for value in uris {
        let reply = register(&mut world, &with(metadata(), "redirect_uris", value.clone()));
        assert_eq!(refusal(&reply), refused(400, "invalid_redirect_uri"), "{value}");
    }
    let statement = with(metadata(), "software_statement", json!("a.b.c"));
    let reply = register(&mut world, &statement);
    assert_eq!(refusal(&reply), refused(400, "unapproved_software_statement"));
    let public =
        json!({ "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"] });
    let reply = register(&mut world, &public);
    assert_eq!(refusal(&reply), refused(400, "invalid_client_metadata"));
    for body in ["", "[]", "{"] {
        let mut request = request("POST", "/oauth2/register", INITIAL, &Value::Null);
        request.body = body.into();
        let reply = world.send(&request);
        assert_eq!(refusal(&reply), refused(400, "invalid_client_metadata"), "{body}");
    }
    let form = request("POST", "/oauth2/register", INITIAL, &metadata());
    let mut form = form;
    form.headers.retain(|(name, _)| name != "content-type");
    assert_eq!(world.send(&form).status, 400);
}

#[test]
fn a_client_with_keys_has_no_secret() {
    let mut world = world();
    let key = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256").jwk;
    let sent = with(metadata(), "token_endpoint_auth_method", json!("private_key_jwt"));
    let sent = with(sent, "jwks", json!({ "keys": [key] }));
    let reply = register(&mut world, &sent);
    assert_eq!((reply.status, member(&reply, "client_secret")), (201, None));
    assert_eq!(reply.value()["jwks"]["keys"][0]["kid"], "k1");
    assert_eq!(reply.value()["client_secret_expires_at"], Value::Null);
}

#[test]
fn a_client_is_held_to_its_own_word() {
    let mut world = world();
    let refused_by = |world: &mut World, flag: &str| {
        let public = with(metadata(), "token_endpoint_auth_method", json!("none"));
        let key = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256").jwk;
        let sent = with(public, "jwks", json!({ "keys": [key] }));
        let registered = register(world, &with(sent, flag, json!(true)));
        assert_eq!(registered.value()[flag], true);
        let client_id = member(&registered, "client_id").expect("an identifier");
        let asked = [
            ("response_type", "code"),
            ("client_id", client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_challenge", crate::CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let reply = world.get("/oauth2/authorize", &asked);
        match crate::parameter(&reply, "code") {
            Some(code) => refusal(&world.exchange(&client_id, &code)),
            None => (302, crate::parameter(&reply, "error").unwrap_or_default()),
        }
    };
    let at_the_callback = refused(302, "invalid_request");
    assert_eq!(refused_by(&mut world, "require_pushed_authorization_requests"), at_the_callback);
    assert_eq!(refused_by(&mut world, "require_signed_request_object"), at_the_callback);
    let at_the_token_endpoint = refused(400, "invalid_request");
    assert_eq!(refused_by(&mut world, "dpop_bound_access_tokens"), at_the_token_endpoint);
}

#[test]
fn a_registration_is_read_and_replaced_and_its_token_rotates() {
    let mut world = world();
    let registered = register(&mut world, &metadata());
    let (path, token) = door(&registered);
    let read = world.send(&request("GET", &path, &token, &Value::Null));
    assert!(read.status == 200 && read.value() == registered.value());

    // What is left out is gone.
    let sent = with(returned(&read), "redirect_uris", json!(["https://client.example/new"]));
    let sent = with(sent, "client_name", Value::Null);
    let updated = world.send(&request("PUT", &path, &token, &sent));
    assert_eq!(updated.status, 200);
    let value = updated.value();
    assert_eq!(value["redirect_uris"], json!(["https://client.example/new"]));
    assert_eq!(value["client_name"], Value::Null);
    for kept in ["client_id", "client_secret", "client_id_issued_at", "registration_client_uri"] {
        assert_eq!(value[kept], registered.value()[kept], "{kept}");
    }
    let (_, rotated) = door(&updated);
    assert_ne!(token, rotated);
    let old = world.send(&request("GET", &path, &token, &Value::Null));
    assert_eq!(refusal(&old), refused(401, "invalid_token"));
    assert_eq!(world.send(&request("GET", &path, &rotated, &Value::Null)).status, 200);
    let client_id = member(&updated, "client_id").expect("an identifier");
    let asked = [("response_type", "code"), ("client_id", &client_id), ("redirect_uri", CALLBACK)];
    assert_eq!(world.get("/oauth2/authorize", &asked).status, 400, "the old address is gone");
}

#[test]
fn an_update_is_checked_and_a_refused_one_changes_nothing() {
    let mut world = world();
    let registered = register(&mut world, &metadata());
    let (path, token) = door(&registered);
    let good = returned(&registered);
    let wrong = [
        ("client_id", Value::Null, "invalid_client_metadata"),
        ("client_id", json!("another"), "invalid_client_metadata"),
        ("client_secret", json!("of my own choice"), "invalid_client_metadata"),
        ("registration_access_token", json!(token), "invalid_client_metadata"),
        ("registration_client_uri", json!("https://x.example"), "invalid_client_metadata"),
        ("client_secret_expires_at", json!(0), "invalid_client_metadata"),
        ("client_id_issued_at", json!(START), "invalid_client_metadata"),
        ("redirect_uris", json!(["cb"]), "invalid_redirect_uri"),
        ("scope", json!("admin"), "invalid_client_metadata"),
    ];
    for (name, value, error) in wrong {
        let sent = with(good.clone(), name, value);
        let reply = world.send(&request("PUT", &path, &token, &sent));
        assert_eq!(refusal(&reply), refused(400, error), "{name}");
    }
    let read = world.send(&request("GET", &path, &token, &Value::Null));
    assert!(read.value() == registered.value());
    assert_eq!(world.send(&request("PATCH", &path, &token, &good)).status, 405);
}

#[test]
fn a_registration_is_for_its_own_token() {
    let mut world = world();
    let (one, own) = door(&register(&mut world, &metadata()));
    let (_, others) = door(&register(&mut world, &metadata()));
    for token in [others.as_str(), INITIAL, "made-up", ""] {
        for method in ["GET", "PUT", "DELETE"] {
            let reply = world.send(&request(method, &one, token, &metadata()));
            assert_eq!(refusal(&reply), refused(401, "invalid_token"), "{method}");
        }
    }
    let nowhere = request("GET", "/oauth2/register/nobody", &own, &Value::Null);
    assert_eq!(refusal(&world.send(&nowhere)), refused(401, "invalid_token"));
}

#[test]
fn a_deleted_client_is_gone_with_its_tokens() {
    let mut world = world();
    let public = with(metadata(), "token_endpoint_auth_method", json!("none"));
    let registered = register(&mut world, &public);
    assert_eq!(member(&registered, "client_secret"), None);
    let (path, token) = door(&registered);
    let client_id = member(&registered, "client_id").expect("an identifier");
    let code = world.code(&client_id);
    let access = member(&world.exchange(&client_id, &code), "access_token").expect("a token");
    assert_eq!(world.userinfo(&access), 200);

    let deleted = world.send(&request("DELETE", &path, &token, &Value::Null));
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_eq!(world.userinfo(&access), 401);
    let again = world.exchange(&client_id, &code);
    assert_eq!(refusal(&again), refused(401, "invalid_client"));
    let read = world.send(&request("GET", &path, &token, &Value::Null));
    assert_eq!(refusal(&read), refused(401, "invalid_token"));
}
