//! Clients that register themselves, change what is registered, and go.

use grantwire::client::PrivateKeyJwt;
use grantwire::grant::ClientCredentials;
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::registration::{
    ClientConfiguration, ClientMetadata, Registration, RegistrationRequest, SecretExpiry,
};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::{Client, ReplyError, Secret};
use serde_json::json;

use crate::case::Case;
use crate::expect;

fn asking(case: &Case, metadata: ClientMetadata) -> RegistrationRequest {
    let token = case.server.initial_access_token();
    RegistrationRequest::new(&case.known(), metadata).initial_access_token(token)
}

fn register(case: &Case, metadata: ClientMetadata) -> Registration {
    let registration = case.exchange(&asking(case, metadata)).expect("a registration");
    assert_eq!(registration.deviations(), [], "a certified server departs from nothing");
    registration
}

/// A client that asks for itself alone.
fn worker(method: &str) -> ClientMetadata {
    ClientMetadata::new()
        .redirect_uris([""; 0])
        .response_types([""; 0])
        .grant_types(["client_credentials"])
        .token_endpoint_auth_method(method)
}

fn gets_a_token(case: &Case, client: &Client) {
    let request = client.token(ClientCredentials::new()).scope("api:read");
    expect::granted(case.ask(&request), "api:read", 300);
}

fn page(case: &Case, registration: &Registration) -> ClientConfiguration {
    registration.configuration(&case.known()).expect("an address and a token")
}

/// A token that is no longer good.
#[track_caller]
fn locked_out<T: std::fmt::Debug>(answer: Result<T, ReplyError>) {
    let error = answer.expect_err("the token is not good");
    let (fault, class) = (Fault::Credential, FailureClass::Definitive);
    expect::refusal(&error, 401, &ErrorCode::InvalidToken, fault, class);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn by_a_secret_in_the_way_the_server_registered() {
    let case = Case::start();
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
        let registration = register(&case, worker(method).client_name("Worker"));
        assert_eq!(registration.token_endpoint_auth_method(), method);
        assert_eq!(*registration.client_secret_expires_at(), SecretExpiry::Never);
        assert!(registration.client_id_issued_at().is_some());
        assert_eq!(registration.extra::<String>("client_name").as_deref(), Some("Worker"));
        gets_a_token(&case, &registration.client(&case.known()).expect(method));
        let stored = Registration::from_bytes(&registration.to_bytes()).expect("what was stored");
        gets_a_token(&case, &stored.client(&case.known()).expect(method));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn by_a_key() {
    let case = Case::start();
    let key = LocalKey::generate(Algorithm::Es256).expect("a key").key_id("k1");
    let public = key.public_jwk().with_key_id("k1");
    let registration = register(&case, worker("private_key_jwt").jwks([public]));
    assert!(registration.client_secret().is_none());
    assert!(registration.client(&case.known()).is_err(), "only its owner has the key");
    let client = registration.client_with(&case.known(), PrivateKeyJwt::new(key));
    gets_a_token(&case, &client.expect("the method that was registered"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn without_any() {
    let case = Case::start();
    let metadata = ClientMetadata::new()
        .redirect_uris([case.server.redirect_uri()])
        .token_endpoint_auth_method("none");
    let registration = register(&case, metadata);
    assert!(registration.client_secret().is_none());
    assert_eq!(*registration.client_secret_expires_at(), SecretExpiry::Unknown);
    let client = registration.client(&case.known()).expect("a public client");
    let request = client.token(ClientCredentials::new());
    expect::bad_request(case.ask(&request), ErrorCode::InvalidRequest);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn not_everybody_may() {
    let case = Case::start();
    let nobody = RegistrationRequest::new(&case.known(), worker("client_secret_basic"));
    locked_out(case.exchange(&nobody));
    locked_out(case.exchange(&nobody.initial_access_token("wrong")));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn what_the_server_does_not_like_has_a_name() {
    let case = Case::start();
    let refused = |metadata, code: ErrorCode| {
        let error = case.exchange(&asking(&case, metadata)).expect_err("a refusal");
        let (fault, class) = (Fault::Client, FailureClass::Definitive);
        expect::refusal(&error, 400, &code, fault, class);
    };
    refused(
        ClientMetadata::new()
            .redirect_uris(["http://plain.example/cb"])
            .member("application_type", "native"),
        ErrorCode::InvalidRedirectUri,
    );
    refused(worker("client_secret_magic"), ErrorCode::InvalidClientMetadata);
    refused(worker("client_secret_basic").grant_types(["magic"]), ErrorCode::InvalidClientMetadata);
}

/// This server gives a new token with every update, and the old one is then dead.
#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_registration_is_read_changed_and_deleted() {
    let case = Case::start();
    let first = register(&case, worker("client_secret_basic").client_name("Before"));
    let read = case.exchange(&page(&case, &first).read_client()).expect("a registration");
    assert_eq!(read.deviations(), []);
    assert_eq!(read.client_secret(), first.client_secret());
    let known_now = read.or_previous(&first);

    let metadata = known_now.metadata().expect("names that can be written");
    let metadata = metadata.client_name("After").member("default_max_age", 60);
    let secret = known_now.client_secret().map(Secret::expose).expect("a secret");
    let update = page(&case, &known_now).update_client(metadata).client_secret(secret);
    let changed = case.exchange(&update).expect("a registration");
    assert_eq!(changed.deviations(), []);
    assert_eq!(changed.extra::<String>("client_name").as_deref(), Some("After"));
    assert_eq!(changed.extra::<u64>("default_max_age"), Some(60));
    assert_eq!(changed.extra("grant_types"), Some(json!(["client_credentials"])), "kept");
    assert!(
        changed
            .registration_access_token()
            .is_some_and(|token| { Some(token) != first.registration_access_token() })
    );
    locked_out(case.exchange(&page(&case, &first).read_client()));
    let known_now = changed.or_previous(&known_now);
    let client = known_now.client(&case.known()).expect("a client");
    gets_a_token(&case, &client);

    let refused = page(&case, &known_now).update_client(worker("client_secret_magic"));
    let error = case.exchange(&refused).expect_err("a refusal");
    let code = error.refusal().map(|refusal| refusal.code());
    assert_eq!(code, Some(&ErrorCode::InvalidClientMetadata));

    let delete = page(&case, &known_now).delete_client();
    case.exchange(&delete).expect("it is gone");
    locked_out(case.exchange(&delete));
    expect::unknown_client(case.ask(&client.token(ClientCredentials::new())));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn everybody_may_where_the_server_is_open() {
    let case = Case::start_with(&json!({ "registration": "open" }));
    let request = RegistrationRequest::new(&case.known(), worker("client_secret_post"));
    let registration = case.exchange(&request).expect("a registration");
    gets_a_token(&case, &registration.client(&case.known()).expect("a client"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_public_client_that_was_just_registered_signs_people_in() {
    let case = Case::start();
    let metadata = ClientMetadata::new()
        .redirect_uris([case.server.redirect_uri()])
        .grant_types(["authorization_code", "refresh_token"])
        .token_endpoint_auth_method("none");
    let client = register(&case, metadata).client(&case.known()).expect("a public client");
    let tokens = case.tokens(&client, "openid");
    assert_eq!(case.userinfo(tokens.access_token()).expect("claims")["sub"], "alice");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_update_deletes_what_it_leaves_out() {
    let case = Case::start();
    let first = register(&case, worker("client_secret_basic").client_name("Before"));
    let nameless = first.metadata().expect("metadata").without("client_name");
    let changed = case.exchange(&page(&case, &first).update_client(nameless)).expect("updated");
    assert_eq!(changed.extra::<String>("client_name"), None);
    let read = page(&case, &changed.or_previous(&first)).read_client();
    let read = case.exchange(&read).expect("a registration");
    assert_eq!(read.extra::<String>("client_name"), None);
    gets_a_token(&case, &read.client(&case.known()).expect("a client"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_update_that_is_refused_changes_nothing_and_rotates_nothing() {
    let case = Case::start();
    let registration = register(&case, worker("client_secret_basic").client_name("Before"));
    let page = page(&case, &registration);
    let renamed = registration.metadata().expect("metadata").client_name("After");
    let error = case.exchange(&page.update_client(renamed).client_secret("wrong"));
    let error = error.expect_err("another secret than its own");
    let (fault, class) = (Fault::Client, FailureClass::Definitive);
    expect::refusal(&error, 400, &ErrorCode::InvalidRequest, fault, class);
    let read = case.exchange(&page.read_client()).expect("the token is still good");
    assert_eq!(read.extra::<String>("client_name").as_deref(), Some("Before"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn another_clients_token_opens_nothing() {
    let case = Case::start();
    let (mine, theirs) = (worker("client_secret_basic"), worker("client_secret_basic"));
    let (mine, theirs) = (register(&case, mine), register(&case, theirs));
    let address = mine.registration_client_uri().expect("an address").clone();
    let token = theirs.registration_access_token().expect("a token").clone();
    let mixed = ClientConfiguration::new(&case.known(), mine.client_id().clone(), address, token);
    locked_out(case.exchange(&mixed.read_client()));
    assert!(case.exchange(&page(&case, &mine).read_client()).is_ok());
}
