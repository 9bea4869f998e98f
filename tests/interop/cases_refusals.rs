//! Everything the token endpoint must refuse, and how the refusal reads.

use std::time::Duration;

use grantwire::client::{
    AssertionAudience, ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt,
};
use grantwire::grant::{AuthorizationCode, ClientCredentials, RefreshToken};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::pkce::CodeVerifier;
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind, Unusable};
use grantwire::{Client, TokenRequest};

use crate::case::{Case, key};
use crate::clients;
use crate::expect;

fn credentials(client: &Client) -> TokenRequest {
    client.token(ClientCredentials::new()).scope("api:read")
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_wrong_secret_in_the_header() {
    let case = Case::start();
    let client = case.named("basic").auth(ClientSecretBasic::new("wrong"));
    let error = expect::unknown_client(case.ask(&credentials(&client)));
    let challenges = expect::challenges(&error);
    let basic = challenges.iter().find(|challenge| challenge.is("Basic")).expect("a challenge");
    assert_eq!(basic.param("realm"), Some(case.server.issuer()));
    assert_eq!(basic.param("error"), Some("invalid_client"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_wrong_secret_in_the_body() {
    let case = Case::start();
    let client = case.named("post").auth(ClientSecretPost::new("wrong"));
    let error = expect::unknown_client(case.ask(&credentials(&client)));
    assert!(expect::challenges(&error).is_empty());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_unknown_client() {
    let case = Case::start();
    let secret = ClientSecretBasic::new("wrong");
    let client = Client::new(case.known(), "nobody").auth(secret);
    expect::unknown_client(case.ask(&credentials(&client)));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_bad_signature() {
    let case = Case::start();
    let other_secret = "another-secret-that-is-long-enough-for-sha-256";
    let symmetric = ClientSecretJwt::new(Algorithm::Hs256, other_secret);
    let client = case.named("secret-jwt-hs256").auth(symmetric);
    expect::unknown_client(case.ask(&credentials(&client)));

    // The right kid on the wrong key.
    let kid = key("key-es256").key_id_str().expect("a kid").to_owned();
    let stranger = LocalKey::generate(Algorithm::Es256).expect("a key").key_id(kid);
    let client = case.named("key-es256").auth(PrivateKeyJwt::new(stranger));
    expect::unknown_client(case.ask(&credentials(&client)));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_expired_assertion() {
    let case = Case::start();
    let request = credentials(&case.client("key-es256"));
    let late = Case::now().saturating_sub(Duration::from_secs(61));
    expect::unknown_client(case.ask_at(&request, late));
    let still_good = Case::now().saturating_sub(Duration::from_secs(30));
    expect::granted(case.ask_at(&request, still_good), "api:read", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_replayed_assertion() {
    let case = Case::start();
    for name in ["key-es256", "secret-jwt-hs256"] {
        let request = credentials(&case.client(name));
        let sent = case.build(&request);
        let again = sent.clone();
        expect::granted(request.read(&case.server.send(sent)), "api:read", 300);
        expect::unknown_client(request.read(&case.server.send(again)));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_assertion_for_somebody_else() {
    let case = Case::start();
    for name in ["key-es256", "key-lenient"] {
        let method = PrivateKeyJwt::new(key(name))
            .audience(AssertionAudience::Value("https://other.example".into()));
        expect::unknown_client(case.ask(&credentials(&case.named(name).auth(method))));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_reused_code_which_also_costs_the_tokens_it_gave() {
    let case = Case::start();
    let client = case.client("public");
    let request = client.token(case.code(&client, "openid"));
    let tokens = expect::granted(case.ask(&request), "openid", 300);
    assert!(case.userinfo(tokens.access_token()).is_ok());

    expect::dead_grant(case.ask(&request));
    expect::dead_token(case.userinfo(tokens.access_token()));
    let refresh = client.token(RefreshToken::new(expect::refresh_token(&tokens)));
    expect::dead_grant(case.ask(&refresh));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_wrong_verifier_or_none() {
    let case = Case::start();
    let client = case.client("public");
    let wrong = AuthorizationCode::new(case.code(&client, "openid"))
        .code_verifier(CodeVerifier::from_bytes([7; 32]));
    expect::dead_grant(case.ask(&client.token(wrong)));

    let code = case.code(&client, "openid");
    let none = AuthorizationCode::unchecked(code.expose()).redirect_uri(case.server.redirect_uri());
    expect::dead_grant(case.ask(&client.token(none)));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_wrong_redirect_uri_or_none() {
    let case = Case::start();
    let client = case.client("public");
    let grant = || AuthorizationCode::new(case.code(&client, "openid"));
    let wrong = grant().redirect_uri("https://client.example/other");
    expect::dead_grant(case.ask(&client.token(wrong)));
    let none = grant().without_redirect_uri();
    expect::bad_request(case.ask(&client.token(none)), ErrorCode::InvalidRequest);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_code_that_is_unknown_or_anothers() {
    let case = Case::start();
    let client = case.client("public");
    let redirect_uri = case.server.redirect_uri();
    let unknown = AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA").redirect_uri(redirect_uri);
    expect::dead_grant(case.ask(&client.token(unknown)));

    // This crate does not hand another client's checked code in; the server would not take it either.
    let theirs = case.code(&case.client("basic"), "openid");
    let theirs = AuthorizationCode::unchecked(theirs.expose()).redirect_uri(redirect_uri);
    expect::dead_grant(case.ask(&client.token(theirs)));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_expired_code() {
    let case = Case::start();
    let client = case.client("public");
    let request = client.token(case.code(&client, "openid"));
    case.server.forward(61);
    expect::dead_grant(case.ask(&request));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn two_methods_at_once() {
    let case = Case::start();
    // This crate does not build such a request, so a second secret is smuggled in behind its back.
    let request = credentials(&case.client("basic"));
    let mut sent = case.build(&request);
    let secret = clients::client("basic").secret.expect("a secret");
    sent.body_mut().extend(format!("&client_secret={secret}").bytes());
    let answer = request.read(&case.server.send(sent));
    expect::bad_request(answer, ErrorCode::InvalidRequest);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_address_that_is_another_door_or_none() {
    let case = Case::start();
    // Plain text under 404: nothing at this address looked at the code, so it is kept, and asking
    // there again is of no use.
    for path in ["auth", "nowhere"] {
        let server = case.known().token_endpoint(&format!("{}/{path}", case.server.issuer()));
        let client = Client::new(server, clients::client("public").id);
        let lost = client.token(case.code(&client, "openid"));
        let error = case.ask(&lost).expect_err("no tokens");
        let ReplyErrorKind::Unusable(why) = error.kind() else { panic!("{error:?}") };
        assert_eq!(why, &Unusable::NotJson { line: 1, column: 1 });
        assert_eq!(error.class(), FailureClass::Definitive);
        assert!(!error.credential_is_dead());
        assert_eq!(error.raw().status().as_u16(), 404);
        assert_eq!(error.raw().expose_body(), b"Not Found");
    }
}
