//! Token exchange: subjects, actors, targets, and what comes out.

use serde_json::{Value, json};

use crate::{CALLBACK, World, basic, member, refusal, refused, token_request};
use grantwire_conformance::jws::Jws;
use grantwire_conformance::{Authentication, Client, Received, Reply};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const REPORTS: &str = "http://127.0.0.1:9/reports";

fn world() -> World {
    let service = |id: &str, scopes: &[&str]| {
        Client::new(id, Authentication::ClientSecretBasic("hush".to_owned()))
            .with_grants(&[GRANT, "client_credentials"])
            .with_scopes(scopes)
    };
    let web = Client::new("web", Authentication::None).redirecting_to(CALLBACK).with_scopes(&[
        "openid",
        "reports.read",
        "reports.write",
    ]);
    World::new(vec![
        web,
        service("gateway", &["reports.read", "audit"]),
        service("batch", &["reports.read"]),
        Client::new("public", Authentication::None).with_grants(&[GRANT]),
        Client::new("plain", Authentication::ClientSecretBasic("hush".to_owned())),
    ])
}

/// The user's token, issued to the web app; and the ID token with it.
fn subject(world: &mut World) -> (String, String) {
    let code = world.code("web");
    let reply = world.exchange("web", &code);
    let text = |name| member(&reply, name).expect("a token");
    (text("access_token"), text("id_token"))
}

/// A service's own token.
fn own(world: &mut World, client_id: &str) -> String {
    let body = [("grant_type", "client_credentials")];
    let reply = world.send(&basic(client_id, "hush", token_request("/oauth2/token", &body)));
    member(&reply, "access_token").expect("a token")
}

fn send(world: &mut World, client_id: &str, parameters: &[(&str, &str)]) -> Reply {
    let body: Vec<_> = [("grant_type", GRANT)].iter().chain(parameters).copied().collect();
    world.send(&basic(client_id, "hush", token_request("/oauth2/token", &body)))
}

fn read(world: &mut World, token: &str) -> Reply {
    let header = format!("Bearer {token}");
    world.send(&Received::new("GET", "/reports").with_header("authorization", &header))
}

#[test]
fn a_token_for_a_backend_names_subject_and_actor_and_reaches_no_further() {
    let mut world = world();
    let (user, _) = subject(&mut world);
    let gateway = own(&mut world, "gateway");
    world.advance(200);
    let reply = send(
        &mut world,
        "gateway",
        &[
            ("subject_token", user.as_str()),
            ("subject_token_type", ACCESS),
            ("actor_token", gateway.as_str()),
            ("actor_token_type", ACCESS),
            ("resource", REPORTS),
        ],
    );
    assert_eq!(reply.status, 200);
    let value = reply.value();
    assert_eq!(value["issued_token_type"], ACCESS);
    assert_eq!(value["token_type"], "Bearer");
    // What both the user's token and the client have; and not longer than the user's token.
    assert_eq!(value["scope"], "reports.read");
    assert_eq!(value["expires_in"], 400);
    assert_eq!((&value["refresh_token"], &value["id_token"]), (&Value::Null, &Value::Null));

    let token = member(&reply, "access_token").expect("a token");
    let about = read(&mut world, &token).value();
    assert_eq!((&about["sub"], &about["act"]), (&json!("alice"), &json!({ "sub": "gateway" })));
    assert_eq!(world.userinfo(&token), 401, "it is for the reports alone");
    let body = [("token", token.as_str())];
    let described = world.send(&basic("batch", "hush", token_request("/oauth2/introspect", &body)));
    let described = described.value();
    assert_eq!((&described["act"], &described["aud"]), (&about["act"], &json!([REPORTS])));
    world.advance(400);
    assert_eq!(read(&mut world, &token).status, 401);
}

#[test]
fn whoever_acted_before_stands_inside() {
    let mut world = world();
    let (user, _) = subject(&mut world);
    let (gateway, batch) = (own(&mut world, "gateway"), own(&mut world, "batch"));
    let mut delegated = |client_id, subject: &str, actor: &str| {
        let parameters = [
            ("subject_token", subject),
            ("subject_token_type", ACCESS),
            ("actor_token", actor),
            ("actor_token_type", ACCESS),
            ("audience", "reports"),
        ];
        let reply = send(&mut world, client_id, &parameters);
        member(&reply, "access_token").expect("a token")
    };
    let first = delegated("gateway", &user, &gateway);
    let second = delegated("batch", &first, &batch);
    let act = read(&mut world, &second).value()["act"].clone();
    assert_eq!(act, json!({ "sub": "batch", "act": { "sub": "gateway" } }));
}

#[test]
fn a_jwt_is_no_access_token_and_says_so() {
    let mut world = world();
    let (user, _) = subject(&mut world);
    let asked = [
        ("subject_token", user.as_str()),
        ("subject_token_type", ACCESS),
        ("requested_token_type", JWT),
    ];
    let nowhere = send(&mut world, "gateway", &asked);
    assert_eq!(refusal(&nowhere), refused(400, "invalid_target"));
    let reply = send(&mut world, "gateway", &[asked[0], asked[1], asked[2], ("resource", REPORTS)]);
    assert_eq!(reply.value()["token_type"], "N_A");
    assert_eq!(reply.value()["issued_token_type"], JWT);
    let text = member(&reply, "access_token").expect("a JWT");
    let jws = Jws::parse(&text).expect("a JWT");
    let jwks = world.send(&Received::new("GET", "/oauth2/jwks")).value();
    jws.verify_with_jwk(&jwks["keys"][0]).expect("genuine");
    assert_eq!((jws.claim("sub"), jws.claim("aud")), (Some("alice"), Some(REPORTS)));
    assert_eq!(read(&mut world, &text).status, 401);
    // It is not an ID token either.
    let again = [("subject_token", text.as_str()), ("subject_token_type", ID_TOKEN)];
    assert_eq!(refusal(&send(&mut world, "gateway", &again)), refused(400, "invalid_request"));
}

#[test]
fn the_request_is_checked() {
    let mut world = world();
    let (user, id_token) = subject(&mut world);
    let batch = own(&mut world, "batch");
    let good = [("subject_token", user.as_str()), ("subject_token_type", ACCESS)];
    let saml = "urn:ietf:params:oauth:token-type:saml2";
    let wrong: [(&[(&str, &str)], &str); 18] = [
        (&[], "invalid_request"),
        (&[good[0]], "invalid_request"),
        (&[good[1]], "invalid_request"),
        (&[("subject_token", "made-up"), good[1]], "invalid_request"),
        (&[good[0], ("subject_token_type", saml)], "invalid_request"),
        (&[good[0], ("subject_token_type", ID_TOKEN)], "invalid_request"),
        // It was issued to the web app.
        (&[("subject_token", &id_token), ("subject_token_type", ID_TOKEN)], "invalid_request"),
        (&[good[0], good[1], ("actor_token_type", ACCESS)], "invalid_request"),
        (&[good[0], good[1], ("actor_token", &batch)], "invalid_request"),
        (
            &[good[0], good[1], ("actor_token", &batch), ("actor_token_type", ACCESS)],
            "invalid_request",
        ),
        (&[good[0], good[1], ("requested_token_type", saml)], "invalid_request"),
        (&[good[0], good[1], ("resource", "https://payroll.example/")], "invalid_target"),
        (&[good[0], good[1], ("resource", "reports")], "invalid_target"),
        (&[good[0], good[1], ("resource", &format!("{REPORTS}#top"))], "invalid_target"),
        (&[good[0], good[1], ("audience", "payroll")], "invalid_target"),
        (
            &[good[0], good[1], ("resource", REPORTS), ("resource", "https://payroll.example/")],
            "invalid_target",
        ),
        // The client has no such scope; the user's token has none.
        (&[good[0], good[1], ("scope", "reports.write")], "invalid_scope"),
        (&[good[0], good[1], ("scope", "audit")], "invalid_scope"),
    ];
    for (parameters, error) in wrong {
        let reply = send(&mut world, "gateway", parameters);
        assert_eq!(refusal(&reply), refused(400, error), "{parameters:?}");
    }
    assert_eq!(send(&mut world, "gateway", &good).status, 200);
    let plain = send(&mut world, "plain", &good);
    assert_eq!(refusal(&plain), refused(400, "unauthorized_client"));
    let public = [("grant_type", GRANT), good[0], good[1], ("client_id", "public")];
    let public = world.post("/oauth2/token", &public);
    assert_eq!(refusal(&public), refused(400, "unauthorized_client"));
}

#[test]
fn what_was_exchanged_ends_with_what_it_came_from() {
    let mut world = world();
    let code = world.code("web");
    let user = member(&world.exchange("web", &code), "access_token").expect("a token");
    let parameters =
        [("subject_token", user.as_str()), ("subject_token_type", ACCESS), ("resource", REPORTS)];
    let token = member(&send(&mut world, "gateway", &parameters), "access_token").expect("a token");
    assert_eq!(read(&mut world, &token).status, 200);
    // The code comes a second time: somebody has it who should not.
    assert_eq!(world.exchange("web", &code).status, 400);
    assert_eq!(read(&mut world, &token).status, 401);
    assert_eq!(refusal(&send(&mut world, "gateway", &parameters)), refused(400, "invalid_request"));
}
