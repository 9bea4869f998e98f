//! The protected resource, its metadata, where tokens are good, and the hostile resources.

use serde_json::json;

use crate::{CALLBACK, CHALLENGE, VERIFIER, World, member, parameter, refusal, refused};
use grantwire_conformance::{Authentication, Client, Received, Reply};

const REPORTS: &str = "http://127.0.0.1:9/reports";
const KNOWN: &str = "http://127.0.0.1:9/.well-known/oauth-protected-resource";

fn world() -> World {
    let web = Client::new("web", Authentication::None)
        .redirecting_to(CALLBACK)
        .with_scopes(&["reports.read", "reports.write"]);
    World::new(vec![web])
}

fn request(method: &str, authorization: &str) -> Received {
    Received::new(method, "/reports").with_header("authorization", authorization)
}

/// A code for these resources.
fn code(world: &mut World, resources: &[&str], scope: &str) -> Reply {
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", "web"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", scope),
    ];
    parameters.extend(resources.iter().map(|resource| ("resource", *resource)));
    world.get("/oauth2/authorize", &parameters)
}

fn exchange(world: &mut World, code: &str, resource: &str) -> Reply {
    let parameters = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "web"),
        ("resource", resource),
    ];
    world.post("/oauth2/token", &parameters)
}

fn token(world: &mut World, resources: &[&str], scope: &str) -> String {
    let code = parameter(&code(world, resources, scope), "code").expect("a code");
    member(&exchange(world, &code, ""), "access_token").expect("a token")
}

#[test]
fn without_a_token_both_ways_in_and_the_metadata_are_named_in_one_header() {
    let mut world = world();
    let reply = world.send(&Received::new("GET", "/reports"));
    assert_eq!((reply.status, reply.body.len()), (401, 0));
    let challenges = reply.headers.iter().filter(|(name, _)| name == "www-authenticate");
    assert_eq!(challenges.count(), 1);
    let more = format!("scope=\"reports.read\", resource_metadata=\"{KNOWN}/reports\"");
    let expected = format!(
        "DPoP algs=\"ES256 ES384 RS256 PS256 EdDSA Ed25519\", {more}, Bearer realm=\"api\", {more}"
    );
    assert_eq!(reply.header("www-authenticate"), Some(expected.as_str()));
    let stale = world.send(&request("POST", "Bearer made-up"));
    let challenge = stale.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    assert!(challenge.contains("scope=\"reports.write\""), "{challenge}");
    assert_eq!(world.send(&request("DELETE", "")).status, 405);
}

#[test]
fn scope_and_audience_are_checked() {
    let mut world = world();
    let good = token(&mut world, &[REPORTS], "reports.read");
    assert_eq!(world.send(&request("GET", &format!("Bearer {good}"))).status, 200);
    let forbidden = world.send(&request("POST", &format!("Bearer {good}")));
    assert_eq!(refusal(&forbidden), refused(403, "insufficient_scope"));
    let challenge = forbidden.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("scope=\"reports.write\""), "{challenge}");
    assert!(challenge.contains("resource_metadata="), "{challenge}");
    assert_eq!(world.userinfo(&good), 401);

    let anywhere = token(&mut world, &[], "reports.read");
    assert_eq!(world.send(&request("GET", &format!("Bearer {anywhere}"))).status, 401);
    assert_eq!(world.userinfo(&anywhere), 200);
}

#[test]
fn a_code_is_for_the_resources_it_was_asked_for() {
    let mut world = world();
    let issuer = "http://127.0.0.1:9/oauth2";
    for wrong in ["https://payroll.example/", "reports", "", &format!("{REPORTS}#top")] {
        let reply = code(&mut world, &[REPORTS, wrong], "reports.read");
        let error = parameter(&reply, "error");
        let expected = (!wrong.is_empty()).then(|| "invalid_target".to_owned());
        assert_eq!(error, expected, "{wrong}");
    }
    let reply = code(&mut world, &[REPORTS], "reports.read");
    let value = parameter(&reply, "code").expect("a code");
    let elsewhere = exchange(&mut world, &value, issuer);
    assert_eq!(refusal(&elsewhere), refused(400, "invalid_target"));
    assert_eq!(exchange(&mut world, &value, REPORTS).status, 200);
    // Of two, one may be picked.
    let reply = code(&mut world, &[REPORTS, issuer], "reports.read");
    let value = parameter(&reply, "code").expect("a code");
    let picked = member(&exchange(&mut world, &value, issuer), "access_token").expect("a token");
    assert_eq!(world.userinfo(&picked), 200);
    assert_eq!(world.send(&request("GET", &format!("Bearer {picked}"))).status, 401);
}

#[test]
fn the_metadata_is_about_the_resource_itself() {
    let mut world = world();
    let path = "/.well-known/oauth-protected-resource/reports";
    let value = world.send(&Received::new("GET", path)).value();
    assert_eq!(value["resource"], REPORTS);
    assert_eq!(value["authorization_servers"], json!(["http://127.0.0.1:9/oauth2"]));
    assert_eq!(value["scopes_supported"], json!(["reports.read", "reports.write"]));
    assert_eq!(world.send(&Received::new("POST", path)).status, 405);
}

#[test]
fn the_hostile_resources_are_as_bad_as_they_say() {
    let mut world = world();
    let mut challenge = |name: &str| {
        let reply = world.send(&Received::new("GET", &format!("/hostile/{name}")));
        let challenge = reply.header("www-authenticate").unwrap_or_default().to_owned();
        (reply.status, challenge)
    };
    let inside = "Bearer resource_metadata=\"https://169.254.169.254/latest/meta-data/\"";
    assert_eq!(challenge("lure"), (401, inside.to_owned()));
    let own = format!("Bearer resource_metadata=\"{KNOWN}/hostile/impostor\"");
    assert_eq!(challenge("impostor"), (401, own));
    assert_eq!(challenge("other").0, 404);
    let mut metadata = |name: &str| {
        let path = format!("/.well-known/oauth-protected-resource/hostile/{name}");
        world.send(&Received::new("GET", &path)).value()
    };
    assert_eq!(
        metadata("impostor")["authorization_servers"],
        json!(["https://login.evil.example"])
    );
    assert_eq!(metadata("mirror")["resource"], "http://127.0.0.1:9/hostile/another");
}
