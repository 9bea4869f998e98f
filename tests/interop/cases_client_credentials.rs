//! The client asking for itself.

use grantwire::client::{ClientSecretPost, PublicClient};
use grantwire::grant::{ClientCredentials, Extension};
use grantwire::reply::ErrorCode;
use grantwire::{GrantedScope, Lifetime, Resend, Scope, TokenType};
use serde_json::json;

use crate::case::Case;
use crate::clients;
use crate::expect;

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn with_its_secret_in_the_body() {
    let case = Case::start_with(&json!({ "ttl": { "ClientCredentials": 7 } }));
    let secret = clients::client("post").secret.expect("a secret");
    let client = case.named("post").auth(ClientSecretPost::new(secret));
    let request = client.token(ClientCredentials::new()).scope("api:read api:write");
    let tokens = expect::granted(case.ask(&request), "api:read api:write", 7);
    assert_eq!(tokens.refresh_token(), None);
    assert_eq!(tokens.id_token(), None);
    let draft = case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft");
    assert_eq!(draft.duties().resend, Resend::Always);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn without_a_scope_gets_a_token_that_names_none() {
    let case = Case::start();
    let tokens = case.ask(&case.client("post").token(ClientCredentials::new())).expect("tokens");
    assert_eq!(tokens.access_token().token_type(), &TokenType::Bearer);
    assert_eq!(tokens.lifetime().known().map(|span| span.as_secs()), Some(300));
    assert_eq!(tokens.refresh_token_lifetime(), &Lifetime::Unknown);
    assert_eq!(tokens.scope(), &GrantedScope::Absent);
    assert_eq!(tokens.deviations(), []);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn beyond_its_registration_is_refused() {
    let case = Case::start();
    let request = case.client("narrow").token(ClientCredentials::new()).scope("api:read");
    expect::granted(case.ask(&request), "api:read", 300);
    let request = case.client("narrow").token(ClientCredentials::new()).scope("api:write");
    let error = expect::bad_request(case.ask(&request), ErrorCode::InvalidScope);
    assert_eq!(error.extra::<String>("scope").as_deref(), Some("api:write"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn who_may_not_is_told_so() {
    let case = Case::start();
    // A public client is known, and is not allowed this grant.
    let public = case.client("public").token(ClientCredentials::new());
    expect::bad_request(case.ask(&public), ErrorCode::InvalidRequest);
    // A confidential client that only says its name has not proved anything.
    let anonymous = case.client("post").token(ClientCredentials::new()).auth(PublicClient::new());
    expect::unknown_client(case.ask(&anonymous));
    // A grant that no server has.
    let strange = case.client("post").token(Extension::new("urn:example:grant:badge"));
    expect::bad_request(case.ask(&strange), ErrorCode::UnsupportedGrantType);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_extension_grant_is_the_same_request_by_another_road() {
    let case = Case::start();
    let grant = Extension::new("client_credentials").reusable();
    let request = case.client("post").token(grant).scope("api:read");
    let tokens = expect::granted(case.ask(&request), "api:read", 300);
    assert_eq!(tokens.scope().missing(&Scope::from("api:read api:write")).count(), 1);
}
