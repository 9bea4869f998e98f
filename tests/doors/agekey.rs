//! AgeKey's Create flow: a push without a code at its end. The Use flow is in `agekey`.

use grantwire::authorization::{Callback, CallbackErrorKind, StartedPush};
use grantwire::client::ClientSecretPost;
use grantwire::danger::NoPkce;
use grantwire::provider::agekey::{Age, AgeKey, AgeVerification, CreateRequest, Host};
use grantwire::reply::ErrorCode;
use grantwire::{BuildError, Client, Lifetime};

use crate::given::*;
use crate::{asked, fails, refused};

const PAR: &str = "https://api-test.agekey.org/v1/oidc/create/par";
const CREATE: &str = "https://api-test.agekey.org/v1/oidc/create";
const RETURN: &str = "https://client.example/cb";
const DETAILS: &str = r#"[{"type":"age_verification","age":{"at_least_years":18},"method":"id_doc_scan","verification_id":"0198c6a2-7c1e-7b3a-9f00-2f3a4b5c6d7e","verified_at":"2026-11-21T08:00:00Z","provenance":"/veratad/roc"}]"#;
const PUSHED: &str = r#"{"request_uri":"urn:agekey:request:AjcP1Yt7Np0","expires_in":90}"#;

fn agekey() -> AgeKey {
    AgeKey::new(Host::Test, "ak_test_1", "sk_test_1")
}

fn detail() -> AgeVerification {
    let id = "0198c6a2-7c1e-7b3a-9f00-2f3a4b5c6d7e";
    AgeVerification::new(Age::AtLeastYears(18), "id_doc_scan", id, "2026-11-21T08:00:00Z")
        .provenance("/veratad/roc")
}

fn create() -> CreateRequest {
    agekey().create(&[detail()], RETURN).unwrap()
}

fn pushing(request: CreateRequest) -> StartedPush {
    request.push(&mut entropy()).unwrap()
}

fn state_of(started: &StartedPush) -> String {
    let sent = pairs_of(&asked(&started.exchange));
    sent.into_iter().find(|(name, _)| name == "state").expect("a state").1
}

#[test]
fn the_push_has_the_documented_parameters_and_the_secret_in_the_body() {
    let started = pushing(create());
    let request = asked(&started.exchange);
    assert_eq!(request.uri(), PAR);
    assert!(!request.headers().contains_key("authorization"));
    let state = state_of(&started);
    assert_eq!(state.len(), 43);
    let expected = [
        ("response_type", "none"),
        ("client_id", "ak_test_1"),
        ("redirect_uri", RETURN),
        ("scope", "openid"),
        ("state", &state),
        ("authorization_details", DETAILS),
        ("type", "age_verification"),
        ("client_secret", "sk_test_1"),
    ];
    assert_eq!(pairs_of(&request), as_pairs(&expected));
    // The SDK leaves the type out.
    let names = names_of(&asked(&pushing(create().without_type()).exchange));
    assert!(!names.contains(&"type".into()));
}

#[test]
fn the_browser_gets_the_reference_and_what_agekey_wants_again() {
    let open = |request: CreateRequest| {
        let exchange = pushing(request).exchange;
        let pushed = exchange.read(&json(201, PUSHED)).unwrap();
        exchange.url(&pushed).unwrap().into_string()
    };
    assert_eq!(
        open(create()),
        format!(
            "{CREATE}?scope=openid&response_type=none&redirect_uri=https%3A%2F%2Fclient.example%2Fcb&client_id=ak_test_1&request_uri=urn%3Aagekey%3Arequest%3AAjcP1Yt7Np0"
        )
    );
    let url = open(create().language("en-GB").can_upgrade());
    assert_eq!(query(&url, "language").as_deref(), Some("en-GB"));
    assert_eq!(query(&url, "can_upgrade").as_deref(), Some("true"));
    assert!(!url.contains("authorization_details") && !url.contains("18"), "no age in the URL");
}

#[test]
fn the_answer_may_come_with_200_and_without_a_lifetime() {
    let exchange = pushing(create()).exchange;
    let pushed = exchange.read(&json(200, PUSHED)).unwrap();
    assert_eq!(pushed.request_uri(), "urn:agekey:request:AjcP1Yt7Np0");
    let pushed = exchange.read(&json(201, r#"{"request_uri":"urn:agekey:request:x"}"#)).unwrap();
    assert_eq!(*pushed.lifetime(), Lifetime::Unknown);
    let error = fails(&exchange, &json(401, r#"{"error":"invalid_client"}"#));
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::InvalidClient);
}

#[test]
fn success_is_that_there_is_no_error() {
    for (tail, created) in [
        ("", None),
        ("&agekey_created=true", Some(true)),
        ("&agekey_created=false", Some(false)),
        ("&agekey_created=", None),
        ("&agekey_created=TRUE", None),
        ("&other=1", None),
    ] {
        let started = pushing(create());
        let query = format!("state={}{tail}", state_of(&started));
        let read = agekey().read_create(started.pending, Callback::from_query(&query)).unwrap();
        assert_eq!(read.agekey_created(), created, "{tail}");
    }
    let started = pushing(create());
    let url = format!("{RETURN}?state={}", state_of(&started));
    assert!(agekey().read_create(started.pending, Callback::from_url(&url)).is_ok());
}

#[test]
fn state_comes_first_and_an_error_is_one() {
    let started = pushing(create());
    let state = state_of(&started);
    let read = |pending, query: &str| agekey().read_create(pending, Callback::from_query(query));
    let mut pending = started.pending;
    for forged in ["", "state=x", "agekey_created=true", "error=access_denied&state=x"] {
        let error = read(pending, forged).unwrap_err();
        assert_eq!(*error.kind(), CallbackErrorKind::NotForThisFlow, "{forged}");
        pending = error.into_pending().expect("it is unharmed");
    }
    let closed = format!("error=access_denied&agekey_created=true&state={state}");
    let error = read(pending, &closed).unwrap_err();
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::AccessDenied);
}

/// A pending value that went through a store is as good.
#[test]
fn the_callback_may_come_to_another_process() {
    let started = pushing(create());
    let callback = Callback::from_query(&format!("state={}", state_of(&started)));
    let bytes = started.pending.to_bytes();
    let pending = grantwire::authorization::PendingAuthorization::from_bytes(&bytes).unwrap();
    assert!(agekey().read_create(pending, callback).is_ok());
}

#[test]
fn details_and_identifiers_are_held_to_the_same_limits() {
    let wrong = AgeVerification::new(Age::Years(30), "m", "a b", "2026-11-21");
    match agekey().create(&[detail(), wrong], RETURN) {
        Err(BuildError::Invalid { parameter, .. }) => assert_eq!(parameter, "verification_id"),
        other => panic!("{other:?}"),
    }
    let empty = BuildError::Empty { parameter: "authorization_details".into() };
    assert_eq!(agekey().create(&[], RETURN).err(), Some(empty));
    for (host, id) in [(Host::Live, "ak_test_1"), (Host::Test, "ak_live_1")] {
        match AgeKey::new(host, id, "s").create(&[detail()], RETURN) {
            Err(BuildError::Invalid { parameter, .. }) => assert_eq!(parameter, "client_id"),
            other => panic!("{other:?}"),
        }
    }
    let relative = pushing(agekey().create(&[detail()], "/cb").unwrap());
    assert!(matches!(
        refused(&relative.exchange),
        BuildError::Endpoint { endpoint: "redirect_uri", .. }
    ));
}

#[test]
fn each_host_has_its_own_doors() {
    let elsewhere = Host::At("http://127.0.0.1:8080".into());
    for (host, base) in
        [(Host::Live, "https://api.agekey.org"), (elsewhere, "http://127.0.0.1:8080")]
    {
        let agekey = AgeKey::new(host, "id", "s");
        let exchange = pushing(agekey.create(&[detail()], RETURN).unwrap()).exchange;
        assert_eq!(asked(&exchange).uri().to_string(), format!("{base}/v1/oidc/create/par"));
        let url = exchange.url(&exchange.read(&json(201, PUSHED)).unwrap()).unwrap();
        assert!(url.starts_with(&format!("{base}/v1/oidc/create?")));
        let missing = BuildError::EndpointMissing { endpoint: "token_endpoint" };
        assert_eq!(refused(&own_token(agekey.create_client())), missing, "there is no token");
    }
}

#[test]
fn nothing_of_the_person_is_printed() {
    let request = create();
    let printed = format!("{request:?} {:?}", pushing(create()));
    assert!(!printed.contains("id_doc_scan") && !printed.contains("0198c6a2"), "{printed}");
}

/// The provider writes nothing that the general parts could not.
#[test]
fn the_same_by_general_parts() {
    let client = Client::new(Host::Test.create_server(), "ak_test_1")
        .auth(ClientSecretPost::new("sk_test_1"));
    let started = client
        .authorization()
        .response_type("none")
        .scope("openid")
        .redirect_uri(RETURN)
        .without_pkce(NoPkce)
        .parameter("authorization_details", DETAILS)
        .parameter("type", "age_verification")
        .push(&mut entropy())
        .unwrap();
    let ours = pushing(create());
    assert_eq!(asked(&started.exchange).body(), asked(&ours.exchange).body());
    let response = started
        .pending
        .response(Callback::from_query(&format!("state={}&agekey_created=true", state_of(&ours))));
    let response = response.expect("`none` asks for no code");
    assert_eq!(response.parameter("agekey_created"), Some("true"));
    assert!(!response.has_code());
}
