//! Request objects: the authorization request, signed, in the URL and pushed.

use std::time::Duration;

use grantwire::authorization::{
    AuthorizationRequest, Callback, RequestObject, StartedAuthorization,
};
use grantwire::client::{AssertionAudience, PrivateKeyJwt};
use grantwire::jose::{Algorithm, LocalKey, Signer, Unsigned};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::{AuthorizationDetails, BuildError, Client};
use serde_json::{Value, json};

use crate::browser::{self, Browser, Landing};
use crate::case::{Case, key};
use crate::expect;

const API: &str = "https://api.example/";
/// Registered to sign every request.
const SIGNS: &str = "request-object";

fn object(name: &str) -> RequestObject {
    RequestObject::new(key(name))
}

fn start(
    case: &Case,
    request: AuthorizationRequest,
    object: RequestObject,
) -> StartedAuthorization {
    let signed = request.signed(object);
    case.entropy(|entropy| signed.start(Case::now(), entropy)).expect("the URL is built")
}

/// A signed request of the client that must sign.
fn begin(case: &Case, object: RequestObject) -> StartedAuthorization {
    start(case, case.authorization(&case.client(SIGNS), "openid api:read"), object)
}

#[track_caller]
fn redeemed(case: &Case, client: &Client, started: StartedAuthorization) {
    let callback = Callback::from_url(&browser::approve(&started.url));
    let code = started.pending.code(callback).expect("a code");
    expect::granted(case.ask(&client.token(code)), "openid api:read", 300);
}

/// An object that nobody vouches for names no address to send the person back to.
#[track_caller]
fn shown_to_the_person(url: &str, code: &str) {
    let landing = Browser::new().open(url);
    let Landing::Page { status, body } = landing else { panic!("sent back: {landing:?}") };
    assert_eq!(status, 400);
    assert!(body.contains(code), "{body}");
}

fn claims_of(url: &str) -> Value {
    let (_, object) = url.split_once("request=").expect("a request object");
    expect::claims(object)
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn in_the_url_with_each_kind_of_key() {
    let case = Case::start();
    for name in [SIGNS, "key-es384", "key-es512", "key-rs256", "key-ps256", "key-eddsa"] {
        let client = case.client(name);
        let started = start(&case, case.authorization(&client, "openid api:read"), object(name));
        for signed in ["state=", "scope=", "redirect_uri=", "code_challenge="] {
            assert!(!started.url.contains(signed), "{signed} stands beside the object");
        }
        redeemed(&case, &client, started);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_client_that_must_sign_and_does_not() {
    let case = Case::start();
    let client = case.client(SIGNS);
    let started = case.begin(case.authorization(&client, "openid"));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let error = started.pending.code(callback).expect_err("a no");
    assert_eq!(error.refusal().expect("a refusal").code(), &ErrorCode::InvalidRequest);

    let unsigned = case.authorization(&client, "openid");
    let push = case.entropy(|entropy| unsigned.push(entropy)).expect("a push").exchange;
    let error = case.exchange(&push).expect_err("a no");
    let class = FailureClass::Definitive;
    expect::refusal(&error, 400, &ErrorCode::InvalidRequest, Fault::Client, class);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn pushed() {
    let case = Case::start();
    for name in [SIGNS, "key-rs256", "key-ed25519"] {
        let client = case.client(name);
        let request = case.authorization(&client, "openid api:read").signed(object(name));
        let started = case.entropy(|entropy| request.push(entropy)).expect("a push");
        let pushed = case.exchange(&started.exchange).expect("pushed");
        assert_eq!(pushed.deviations(), []);
        let url = started.exchange.url(&pushed).expect("a URL");
        let callback = Callback::from_url(&browser::approve(&url));
        let code = started.pending.code(callback).expect("a code");
        expect::granted(case.ask(&client.token(code)), "openid api:read", 300);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn pushed_with_object_and_assertion_both_signed_elsewhere() {
    let case = Case::start();
    let kms = key(SIGNS);
    let signer = || Signer::remote(kms.algorithm()).key_id(kms.key_id_str().expect("a kid"));
    let client = case.named(SIGNS).auth(PrivateKeyJwt::new(signer()));
    let request = case.authorization(&client, "openid").signed(RequestObject::new(signer()));
    let started = case.entropy(|entropy| request.push(entropy)).expect("a push");
    let draft = case.entropy(|entropy| started.exchange.draft(Case::now(), entropy));
    let mut draft = draft.expect("a draft");
    let mut signed = 0;
    while let Some(unsigned) = draft.unsigned() {
        let signature = kms.sign(unsigned).expect("a signature");
        draft.sign(&signature).expect("it fits");
        signed += 1;
    }
    assert_eq!(signed, 2);
    let reply = case.server.send(draft.finish().expect("complete"));
    let pushed = started.exchange.read(&reply).expect("pushed");
    let url = started.exchange.url(&pushed).expect("a URL");
    assert!(started.pending.code(Callback::from_url(&browser::approve(&url))).is_ok());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn in_the_url_and_signed_elsewhere() {
    let case = Case::start();
    let client = case.client(SIGNS);
    let kms = key(SIGNS);
    let signer = Signer::remote(kms.algorithm()).key_id(kms.key_id_str().expect("a kid"));
    let draft = || {
        let request = case.authorization(&client, "openid api:read");
        let request = request.signed(RequestObject::new(signer.clone()));
        case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft")
    };
    assert_eq!(draft().finish().expect_err("no key is here"), BuildError::NeedsSignature);
    let mut draft = draft();
    let sign = |unsigned: &Unsigned| kms.sign(unsigned).expect("a signature");
    let signature = sign(draft.unsigned().expect("unsigned"));
    draft.sign(&signature).expect("it fits");
    redeemed(&case, &client, draft.finish().expect("complete"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn what_stands_beside_the_object_does_not_count() {
    let case = Case::start();
    let client = case.client(SIGNS);
    let mut started = begin(&case, object(SIGNS));
    let widened = format!("{}&scope=openid%20api%3Awrite&state=guessed", &*started.url);
    let callback = Callback::from_url(&browser::approve(&widened));
    let code = started.pending.code(callback).expect("the state is the signed one");
    expect::granted(case.ask(&client.token(code)), "openid api:read", 300);

    let request = case.authorization(&client, "openid api:read").signed(object(SIGNS));
    let request = request.with_openid_parameters();
    started = case.entropy(|entropy| request.start(Case::now(), entropy)).expect("a URL");
    assert!(started.url.contains("scope=openid"));
    redeemed(&case, &client, started);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn parameters_keep_their_shape_as_claims() {
    let case = Case::start_with(&json!({ "accessTokens": "jwt" }));
    let client = case.client(SIGNS);
    let payment = json!([{ "type": "payment", "actions": ["initiate"], "amount": "12.50" }]);
    let details = AuthorizationDetails::new(&[&payment[0]]).expect("details");
    let request = case
        .authorization(&client, "openid api:read")
        .resource(API)
        .authorization_details(details)
        .claims(r#"{"id_token":{"name":null}}"#)
        .parameter("max_age", "3600");
    let started = start(&case, request, object(SIGNS));
    let claims = claims_of(&started.url);
    assert_eq!(claims["authorization_details"], payment);
    assert_eq!(claims["claims"]["id_token"], json!({ "name": null }));
    assert_eq!((&claims["max_age"], &claims["resource"]), (&json!(3600), &json!(API)));

    let callback = Callback::from_url(&browser::approve(&started.url));
    let code = started.pending.code(callback).expect("a code");
    let tokens = expect::granted(case.ask(&client.token(code).resource(API)), "api:read", 300);
    assert_eq!(tokens.authorization_details::<Value>(), payment.as_array().cloned());
    let id_token = expect::claims(tokens.id_token().expect("an ID token").expose());
    assert_eq!(id_token["name"], "alice");
    assert_eq!(expect::claims(tokens.access_token().expose())["aud"], API);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn of_another_key_or_changed_on_the_way() {
    let case = Case::start();
    let kid = key(SIGNS).key_id_str().expect("a kid").to_owned();
    let stranger = LocalKey::generate(Algorithm::Es256).expect("a key").key_id(kid);
    let started = begin(&case, RequestObject::new(stranger));
    shown_to_the_person(&started.url, "invalid_request_object");

    // Another algorithm than the registered one, by a key that is the client's all the same.
    let other = begin(&case, object("key-rs256"));
    shown_to_the_person(&other.url, "invalid_request_object");

    let (one, another) = (begin(&case, object(SIGNS)), begin(&case, object(SIGNS)));
    let (front, _) = one.url.rsplit_once('.').expect("a signature");
    let (_, signature) = another.url.rsplit_once('.').expect("a signature");
    shown_to_the_person(&format!("{front}.{signature}"), "invalid_request_object");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn of_another_client() {
    let case = Case::start();
    let started = begin(&case, object(SIGNS));
    // The same key is registered for both; only the names differ.
    let stolen = started.url.replace("client_id=request-object", "client_id=key-es256");
    assert_ne!(stolen, *started.url);
    shown_to_the_person(&stolen, "invalid_request_object");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn expired_or_for_somebody_else_or_without_its_type() {
    let case = Case::start();
    let changes: [fn(RequestObject) -> RequestObject; 5] = [
        |object| object.audience(AssertionAudience::Value("https://other.example".into())),
        |object| object.audience(AssertionAudience::RequestEndpoint),
        |object| object.typ("JWT"),
        RequestObject::without_typ,
        |object| object.lifetime(Duration::from_secs(7200)),
    ];
    for change in changes {
        let started = begin(&case, change(object(SIGNS)));
        shown_to_the_person(&started.url, "invalid_request_object");
    }
    let started = begin(&case, object(SIGNS));
    case.server.forward(61);
    shown_to_the_person(&started.url, "invalid_request_object");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn pushed_and_refused_is_said_before_the_browser_leaves() {
    let case = Case::start();
    let client = case.client(SIGNS);
    let stranger = LocalKey::generate(Algorithm::Es256).expect("a key");
    let long = object(SIGNS).backdate(Duration::from_secs(3600)).lifetime(Duration::from_secs(1));
    for object in [RequestObject::new(stranger), object(SIGNS).typ("JWT"), long] {
        let request = case.authorization(&client, "openid").signed(object);
        let push = case.entropy(|entropy| request.push(entropy)).expect("a push").exchange;
        let error = case.exchange(&push).expect_err("a no");
        let (code, class) = (ErrorCode::InvalidRequestObject, FailureClass::Definitive);
        expect::refusal(&error, 400, &code, Fault::Client, class);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn by_reference_is_not_what_this_server_does() {
    let case = Case::start();
    let request = case.authorization(&case.client(SIGNS), "openid").signed(object(SIGNS));
    let draft = case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft");
    let (kept, started) = draft.by_reference("https://client.example/object").expect("a URL");
    assert_eq!(expect::claims(kept.expose())["client_id"], SIGNS);
    shown_to_the_person(&started.url, "request_uri_not_supported");
}
