//! Authorization requests, codes, PKCE and redirect URIs.

use crate::{CALLBACK, CHALLENGE, VERIFIER, World, member, parameter, refusal, refused};
use grantwire_conformance::{Authentication, Client, Decision};

fn world() -> World {
    let client = |id| Client::new(id, Authentication::None).redirecting_to(CALLBACK);
    World::new(vec![client("one").with_scopes(&["openid", "read"]), client("two")])
}

#[test]
fn a_code_is_good_once_and_a_second_use_revokes() {
    let mut world = world();
    let code = world.code("one");
    let reply = world.exchange("one", &code);
    assert_eq!(reply.status, 200);
    let token = member(&reply, "access_token").expect("a token");
    assert_eq!(world.userinfo(&token), 200);

    let again = world.exchange("one", &code);
    assert_eq!(refusal(&again), refused(400, "invalid_grant"));
    assert_eq!(world.userinfo(&token), 401);
}

#[test]
fn a_code_is_bound_to_its_client_and_its_time() {
    let mut world = world();
    let code = world.code("one");
    let stolen = world.exchange("two", &code);
    assert_eq!(refusal(&stolen), refused(400, "invalid_grant"));
    world.advance(60);
    let late = world.exchange("one", &code);
    assert_eq!(refusal(&late), refused(400, "invalid_grant"));
    let made_up = world.exchange("one", "made-up");
    assert_eq!(refusal(&made_up), refused(400, "invalid_grant"));
}

#[test]
fn the_verifier_is_checked_and_a_refusal_spares_the_code() {
    let mut world = world();
    let code = world.code("one");
    let with = |verifier: Option<&str>, redirect_uri: Option<&str>| {
        let mut parameters = vec![
            ("grant_type".to_owned(), "authorization_code".to_owned()),
            ("code".to_owned(), code.clone()),
            ("client_id".to_owned(), "one".to_owned()),
        ];
        if let Some(verifier) = verifier {
            parameters.push(("code_verifier".to_owned(), verifier.to_owned()));
        }
        if let Some(uri) = redirect_uri {
            parameters.push(("redirect_uri".to_owned(), uri.to_owned()));
        }
        parameters
    };
    let other = "x".repeat(43);
    let wrong = [
        (with(None, Some(CALLBACK)), "invalid_request"),
        (with(Some("short"), Some(CALLBACK)), "invalid_request"),
        (with(Some(&other), Some(CALLBACK)), "invalid_grant"),
        (with(Some(CHALLENGE), Some(CALLBACK)), "invalid_grant"),
        (with(Some(VERIFIER), None), "invalid_request"),
        (with(Some(VERIFIER), Some("https://client.example/other")), "invalid_grant"),
    ];
    for (parameters, error) in wrong {
        let parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = world.post("/oauth2/token", &parameters);
        assert_eq!(refusal(&reply), refused(400, error));
    }
    assert_eq!(world.exchange("one", &code).status, 200);
}

#[test]
fn an_authorization_request_is_checked_and_refused_at_the_client() {
    let mut world = world();
    let good = [
        ("response_type", "code"),
        ("client_id", "one"),
        ("redirect_uri", CALLBACK),
        ("state", "af0ifjsldkj"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let with = |name, value| {
        let kept = good.into_iter().filter(|(each, _)| *each != name);
        kept.chain([(name, value)]).collect::<Vec<_>>()
    };
    let wrong = [
        (with("response_type", "token"), "unsupported_response_type"),
        (with("code_challenge", ""), "invalid_request"),
        (with("code_challenge", "short"), "invalid_request"),
        (with("code_challenge", "AAAA"), "invalid_request"),
        (with("code_challenge_method", "plain"), "invalid_request"),
        (with("code_challenge_method", ""), "invalid_request"),
        (with("response_mode", "form_post"), "invalid_request"),
        (with("scope", "read write"), "invalid_scope"),
        (with("scope", "read  openid"), "invalid_scope"),
    ];
    for (parameters, error) in wrong {
        let reply = world.get("/oauth2/authorize", &parameters);
        assert_eq!(reply.status, 302);
        assert_eq!(parameter(&reply, "error").as_deref(), Some(error));
        assert_eq!(parameter(&reply, "state").as_deref(), Some("af0ifjsldkj"));
        let issuer = parameter(&reply, "iss");
        assert_eq!(issuer.as_deref(), Some("http://127.0.0.1:9/oauth2"));
        assert_eq!(parameter(&reply, "code"), None);
    }
    let bare = world.get("/oauth2/authorize", &good[..4]);
    assert_eq!(parameter(&bare, "error").as_deref(), Some("invalid_request"));
    world.judge.next_decision(Decision::Deny);
    let denied = world.get("/oauth2/authorize", &good);
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    world.judge.next_decision(Decision::GrantOnly("read".to_owned()));
    let code = parameter(&world.get("/oauth2/authorize", &good), "code").expect("a code");
    let scope = member(&world.exchange("one", &code), "scope");
    assert_eq!(scope.as_deref(), Some("read"));
}

#[test]
fn nothing_is_sent_to_an_address_that_is_not_registered() {
    let mut world = world();
    let unknown = [
        [("client_id", "one"), ("redirect_uri", "https://evil.example/")],
        [("client_id", "one"), ("redirect_uri", "https://client.example/cb/")],
        [("client_id", "nobody"), ("redirect_uri", CALLBACK)],
    ];
    for parameters in unknown {
        let reply = world.get("/oauth2/authorize", &parameters);
        assert_eq!(reply.status, 400);
        assert_eq!(reply.header("location"), None);
    }
    let repeated = [("client_id", "one"), ("client_id", "one")];
    assert_eq!(world.get("/oauth2/authorize", &repeated).status, 400);
}
