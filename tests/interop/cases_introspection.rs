//! Introspection: what the server says of a token, to whom, and the answers that are not taken.

use std::time::Duration;

use grantwire::client::{ClientSecretBasic, PublicClient};
use grantwire::flow::{Dpop, TokenFlow};
use grantwire::grant::{ClientCredentials, RefreshToken};
use grantwire::introspection::Introspection;
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::revocation::TokenTypeHint;
use grantwire::{
    Client, GrantedScope, Scope, Secret, Timestamp, TokenRequest, TokenResponse, TokenType,
};
use http::HeaderValue;
use http::header::ACCEPT;
use serde_json::{Value, json};

use crate::case::Case;
use crate::expect;

fn access(tokens: &TokenResponse) -> Secret {
    tokens.access_token().expose().into()
}

/// What the server says of a token to a client of the table.
fn look(case: &Case, name: &str, token: &Secret) -> Introspection {
    let answer = case.exchange(&case.client(name).introspect(token.clone())).expect("an answer");
    assert_eq!(answer.deviations(), []);
    answer
}

#[track_caller]
fn inactive(case: &Case, token: &Secret) {
    let answer = look(case, "resource-server", token);
    assert!(!answer.is_active());
    // Not a word beyond that.
    assert_eq!((answer.scope(), answer.expires()), (&GrantedScope::Absent, None));
    assert_eq!((answer.client_id(), answer.subject(), answer.issuer()), (None, None, None));
}

fn refresh(client: &Client, token: &Secret) -> TokenRequest {
    client.token(RefreshToken::new(token.clone()))
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_access_token_and_a_refresh_token_whatever_the_hint() {
    let case = Case::start();
    let before = Case::now();
    let tokens = case.tokens(&case.client("public"), "openid api:read");
    let hints = [None, Some(TokenTypeHint::AccessToken), Some(TokenTypeHint::RefreshToken)];
    for (token, seconds, kind) in
        [(access(&tokens), 300, Some("Bearer")), (expect::refresh_token(&tokens), 3600, None)]
    {
        for hint in &hints {
            let mut request = case.client("resource-server").introspect(token.clone());
            if let Some(hint) = hint {
                request = request.hint(hint.clone());
            }
            let answer = case.exchange(&request).expect("an answer");
            assert!(answer.is_active());
            assert_eq!(answer.deviations(), []);
            assert_eq!(answer.scope(), &GrantedScope::Set(Scope::from("openid api:read")));
            assert_eq!(answer.client_id(), Some("public"));
            assert_eq!(answer.subject(), Some("alice"));
            assert_eq!(answer.issuer(), Some(case.server.issuer()));
            assert_eq!((answer.audience(), answer.username()), (None, None));
            let issued = answer.issued().expect("iat");
            assert!(within_a_minute(before, issued), "{issued:?} is not about {before:?}");
            let lifetime = answer.expires().expect("exp").saturating_since(issued);
            assert_eq!(lifetime, Duration::from_secs(seconds));
            assert_eq!(answer.not_before(), None);
            assert_eq!(answer.token_type().map(TokenType::as_str), kind);
        }
    }
}

fn within_a_minute(one: Timestamp, other: Timestamp) -> bool {
    one.saturating_since(other).max(other.saturating_since(one)) < Duration::from_secs(60)
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_clients_own_token_for_one_resource() {
    let case = Case::start();
    let request = case.client("post").token(ClientCredentials::new()).scope("api:read");
    let tokens = case.ask(&request.resource("https://api.example/")).expect("tokens");
    let answer = look(&case, "resource-server", &access(&tokens));
    assert!(answer.is_active());
    assert_eq!(answer.audience().expect("aud"), ["https://api.example/"]);
    assert_eq!((answer.client_id(), answer.subject()), (Some("post"), None));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_token_bound_to_a_key_names_the_key() {
    let case = Case::start();
    let dpop = Dpop::new(LocalKey::generate(Algorithm::Es256).expect("a key"));
    let thumbprint = dpop.key().thumbprint().to_owned();
    let request = case.client("dpop").token(ClientCredentials::new()).scope("api:read");
    let mut flow = TokenFlow::new(request, Case::new_entropy()).dpop(dpop);
    let tokens = case.drive(&mut flow).0.expect("tokens");
    let answer = look(&case, "resource-server", &access(&tokens));
    assert_eq!(answer.confirmation().and_then(|bound| bound.jkt()), Some(&*thumbprint));
    assert_eq!(answer.extra::<Value>("cnf"), Some(json!({ "jkt": thumbprint })));
    assert_eq!(answer.token_type(), Some(&TokenType::Dpop));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn unknown_spent_revoked_and_expired_tokens_are_all_the_same() {
    let case = Case::start();
    let client = case.client("public");
    inactive(&case, &"2YotnFZFEjr1zCsicMWpAA".into());

    let spent = expect::refresh_token(&case.tokens(&client, "openid"));
    let fresh = case.ask(&refresh(&client, &spent)).expect("tokens");
    inactive(&case, &spent);

    assert!(look(&case, "resource-server", &access(&fresh)).is_active());
    case.exchange(&client.revoke(access(&fresh))).expect("revoked");
    inactive(&case, &access(&fresh));

    let tokens = case.tokens(&client, "openid");
    assert!(look(&case, "resource-server", &access(&tokens)).is_active());
    case.server.forward(301);
    inactive(&case, &access(&tokens));
    assert!(look(&case, "resource-server", &expect::refresh_token(&tokens)).is_active());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_client_sees_its_own_tokens_and_no_others() {
    let case = Case::start();
    for name in ["public", "hostile", "post", "secret-jwt-hs256", "key-es256"] {
        let token = access(&case.tokens(&case.client(name), "openid"));
        assert!(look(&case, name, &token).is_active());
        let other = look(&case, "basic", &token);
        assert!(!other.is_active());
        assert_eq!(other.subject(), None);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn who_fails_to_authenticate_is_refused_and_the_token_is_not_inactive() {
    let case = Case::start();
    let token = access(&case.tokens(&case.client("public"), "openid"));
    let request = || case.client("resource-server").introspect(token.clone());
    let class = FailureClass::Definitive;
    for request in [
        request().auth(ClientSecretBasic::new("wrong")),
        request().auth(PublicClient::new()),
        Client::new(case.known(), "nobody").introspect(token.clone()),
    ] {
        let error = case.exchange(&request).expect_err("no answer");
        expect::refusal(&error, 401, &ErrorCode::InvalidClient, Fault::Client, class);
    }
    assert!(look(&case, "resource-server", &token).is_active());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_structured_token_is_not_looked_into() {
    let case = Case::start_with(&json!({ "accessTokens": "jwt" }));
    let request = case.client("post").token(ClientCredentials::new()).scope("api:read");
    let tokens = case.ask(&request.resource("https://api.example/")).expect("tokens");
    let request = case.client("resource-server").introspect(access(&tokens));
    let error = case.exchange(&request).expect_err("no answer");
    let class = FailureClass::Definitive;
    expect::refusal(&error, 400, &ErrorCode::UnsupportedTokenType, Fault::Client, class);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_answer_in_a_jwt_is_not_taken() {
    let case = Case::start();
    let client = case.client("signed-answers");
    let request = client.introspect(access(&case.tokens(&client, "openid")));
    // This crate asks for JSON, and then gets it. A server that signs all the same is played by
    // asking for the signed form behind its back.
    assert!(case.exchange(&request).expect("an answer").is_active());
    let draft = case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft");
    let mut sent = draft.finish().expect("nothing is left to sign");
    let jwt = "application/token-introspection+jwt";
    sent.headers_mut().insert(ACCEPT, HeaderValue::from_static(jwt));
    let reply = case.server.send(sent);
    assert!(reply.body().starts_with(b"eyJ"), "a JWT");
    let error = request.read(&reply).expect_err("not taken");
    assert_eq!(error.kind(), &ReplyErrorKind::Unusable(Unusable::Jwt));
}
