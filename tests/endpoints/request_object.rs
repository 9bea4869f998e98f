//! Request objects (RFC 9101): by value, by reference and pushed, with the key here or elsewhere.
//!
//! The published one of RFC 9126 is made again in `vectors`.

use std::time::Duration;

use grantwire::authorization::{AuthorizationRequest, Callback, RequestObject};
use grantwire::client::{AssertionAudience, ClientSecretBasic, PrivateKeyJwt};
use grantwire::jose::{Algorithm, LocalKey, SignatureError, Signer, Unsigned};
use grantwire::{
    AuthorizationDetails, AuthorizationServer, BuildError, Client, EndpointError, Resend,
};
use serde_json::{Value, json};

use crate::given::*;
use crate::{asked, guest, house, refused};

fn remote() -> RequestObject {
    RequestObject::new(Signer::remote(Algorithm::Es256).key_id("kms-1"))
}

fn local() -> RequestObject {
    RequestObject::new(LocalKey::generate(Algorithm::Es256).unwrap())
}

fn ask(client: &Client) -> AuthorizationRequest {
    client.authorization().redirect_uri(CALLBACK).scope("openid profile")
}

fn decoded(segment: &str) -> Value {
    let bytes =
        base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, segment).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// Header and claims of a JWT, signed or about to be.
pub(crate) fn jwt(text: &str) -> (Value, Value) {
    let mut segments = text.split('.');
    let mut next = || decoded(segments.next().expect("a segment"));
    (next(), next())
}

pub(crate) fn unsigned_jwt(unsigned: &Unsigned) -> (Value, Value) {
    jwt(std::str::from_utf8(unsigned.input()).expect("ASCII"))
}

/// RFC 9101 sections 4 and 5: everything is a claim, and beside the object stands the client alone.
#[test]
fn by_value_with_the_key_elsewhere() {
    let mut draft = ask(&client()).signed(remote()).draft(now(), &mut entropy()).unwrap();
    let unsigned = draft.unsigned().expect("a request object to sign").clone();
    assert_eq!(unsigned.key_id(), Some("kms-1"));
    let (header, claims) = unsigned_jwt(&unsigned);
    assert_eq!(header, json!({"typ": "oauth-authz-req+jwt", "alg": "ES256", "kid": "kms-1"}));
    let stray = Unsigned::new(Algorithm::Es256, None, b"{}", b"{}").signed([1; 64]);
    assert_eq!(draft.sign(&stray), Err(SignatureError::Ticket));
    draft.sign(&unsigned.signed([1; 64])).unwrap();
    assert!(draft.unsigned().is_none());
    assert_eq!(draft.sign(&unsigned.signed([1; 64])), Err(SignatureError::NotAsked));
    let started = draft.finish().unwrap();
    let (_, sent) = started.url.split_once('?').unwrap();
    let names: Vec<_> = pairs(sent).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["client_id", "request"]);
    assert_eq!(jwt(&query(&started.url, "request").unwrap()).1, claims);

    // What the plain request would have sent, and who asks whom, and until when.
    let plain = ask(&client()).start(&mut entropy()).unwrap();
    let (_, plain) = plain.url.split_once('?').unwrap();
    for (name, value) in pairs(plain) {
        assert_eq!(claims[&name], Value::from(value), "{name}");
    }
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(CLIENT_ID), &json!(ISSUER)));
    assert_eq!(claims["exp"], json!(now().as_unix_seconds() + 60));
    assert_eq!(claims["iat"], json!(now().as_unix_seconds()));
    assert!(claims.get("sub").is_none(), "it could be taken for a client assertion");
    // The callback is checked against what stands in the object.
    let state = claims["state"].as_str().unwrap();
    let callback = Callback::from_query(&format!("code=SplxlOBeZQQYbYS6WxSbIA&state={state}"));
    assert!(started.pending.code(callback).is_ok());
}

#[test]
fn by_value_with_the_key_here() {
    let started = ask(&client()).signed(local()).start(now(), &mut entropy()).unwrap();
    let object = query(&started.url, "request").unwrap();
    assert_eq!(object.split('.').count(), 3);
    // Each has its own `jti` and its own `state`.
    let mut entropy = entropy();
    let mut claims = || {
        let started = ask(&client()).signed(local()).start(now(), &mut entropy).unwrap();
        jwt(&query(&started.url, "request").unwrap()).1
    };
    let (first, second) = (claims(), claims());
    assert_ne!(first["jti"], second["jti"]);
    assert_ne!(first["state"], second["state"]);
}

/// RFC 9101 section 5.2.
#[test]
fn by_reference() {
    let endpoint = |error| BuildError::Endpoint { endpoint: "request_uri", error };
    let mut draft = ask(&client()).signed(remote()).draft(now(), &mut entropy()).unwrap();
    draft.sign(&draft.unsigned().unwrap().signed([1; 64])).unwrap();
    let (object, started) = draft.by_reference("https://client.example.com/object/7#v1").unwrap();
    assert_eq!(jwt(object.expose()).1["client_id"], json!(CLIENT_ID));
    assert_eq!(
        started.url.as_str(),
        "https://as.example/authorize?client_id=s6BhdRkqt3&request_uri=https%3A%2F%2Fclient.example.com%2Fobject%2F7%23v1"
    );
    for (uri, why) in [
        ("", BuildError::Empty { parameter: "request_uri".into() }),
        ("https://a\n", endpoint(EndpointError::Character)),
        ("https://a/1#\n", endpoint(EndpointError::Character)),
        ("urn:a b", endpoint(EndpointError::Character)),
        ("http://client.example/1", endpoint(EndpointError::Insecure)),
        ("javascript://client.example/1", endpoint(EndpointError::Insecure)),
        ("/object/7", endpoint(EndpointError::Malformed)),
    ] {
        let draft = ask(&client()).signed(local()).draft(now(), &mut entropy()).unwrap();
        assert_eq!(draft.by_reference(uri).unwrap_err(), why, "{uri}");
    }
    let draft = ask(&client()).signed(local()).draft(now(), &mut entropy()).unwrap();
    let (_, started) = draft.by_reference("urn:example:given-by-the-server").unwrap();
    assert!(started.url.ends_with("&request_uri=urn%3Aexample%3Agiven-by-the-server"));
}

#[test]
fn without_the_signature_there_is_no_url() {
    let draft = || ask(&client()).signed(remote()).draft(now(), &mut entropy()).unwrap();
    assert_eq!(draft().finish().unwrap_err(), BuildError::NeedsSignature);
    assert_eq!(draft().by_reference("urn:x").unwrap_err(), BuildError::NeedsSignature);
    let at_once = ask(&client()).signed(remote()).start(now(), &mut entropy());
    assert_eq!(at_once.unwrap_err(), BuildError::NeedsSignature);
}

/// OpenID Connect Core section 6.1 wants two of them beside the object as well.
#[test]
fn openid_repeats_two_parameters() {
    let signed = ask(&client()).signed(local()).with_openid_parameters();
    let started = signed.start(now(), &mut entropy()).unwrap();
    let (_, sent) = started.url.split_once('?').unwrap();
    let names: Vec<_> = pairs(sent).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["response_type", "scope", "client_id", "request"]);
}

/// What is JSON or a number by its definition is that in the object too (OpenID Connect Core section 6.1,
/// RFC 9396 section 3), and what stands twice is an array (RFC 8707 section 2).
#[test]
fn claims_keep_their_kind() {
    let request = client()
        .authorization()
        .claims(r#"{"id_token":{"acr":{"essential":true}}}"#)
        .authorization_details(AuthorizationDetails::new(&[json!({"type": "payment"})]).unwrap())
        .resource("https://api.example/a")
        .resource("https://api.example/b")
        .parameter("max_age", "300")
        .parameter("acr_values", "1 2");
    let draft = request.signed(remote()).draft(now(), &mut entropy()).unwrap();
    let (_, claims) = unsigned_jwt(draft.unsigned().unwrap());
    assert_eq!(claims["claims"], json!({"id_token": {"acr": {"essential": true}}}));
    assert_eq!(claims["authorization_details"], json!([{"type": "payment"}]));
    assert_eq!(claims["resource"], json!(["https://api.example/a", "https://api.example/b"]));
    assert_eq!((&claims["max_age"], &claims["acr_values"]), (&json!(300), &json!("1 2")));
    let one = client().authorization().resource("https://api.example/a").signed(remote());
    let draft = one.draft(now(), &mut entropy()).unwrap();
    let (_, claims) = unsigned_jwt(draft.unsigned().unwrap());
    assert_eq!(claims["resource"], json!("https://api.example/a"));
}

#[test]
fn what_it_says_beside_the_request_can_be_set() {
    let object = remote()
        .audience(AssertionAudience::Value("https://other.example".into()))
        .typ("JWT")
        .lifetime(Duration::from_secs(300))
        .backdate(Duration::from_secs(5))
        .header("x5t#S256", "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0")
        .claim("nbf", 1_800_000_000);
    let draft = ask(&client()).signed(object).draft(now(), &mut entropy()).unwrap();
    let (header, claims) = unsigned_jwt(draft.unsigned().unwrap());
    assert_eq!(header["typ"], "JWT");
    assert_eq!(header["x5t#S256"], "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
    assert_eq!(claims["aud"], "https://other.example");
    assert_eq!(claims["iat"], json!(now().as_unix_seconds() - 5));
    assert_eq!(claims["exp"], json!(now().as_unix_seconds() + 300));
    assert_eq!(claims["nbf"], json!(1_800_000_000));
}

/// FAPI 2 Message Signing section 5.3.1 wants `nbf`; RFC 9101 does not, so it is asked for.
#[test]
fn it_can_say_from_when_on_it_is_good() {
    let nbf = |object: RequestObject| {
        let draft = ask(&client()).signed(object).draft(now(), &mut entropy()).unwrap();
        let (_, claims) = unsigned_jwt(draft.unsigned().unwrap());
        (claims["nbf"].clone(), claims["iat"].clone())
    };
    assert_eq!(nbf(remote()).0, Value::Null);
    for object in [remote(), remote().backdate(Duration::from_secs(5))] {
        let (nbf, iat) = nbf(object.with_nbf());
        assert_eq!(nbf, iat);
    }
    assert_eq!(nbf(remote().claim("nbf", 1_800_000_000).with_nbf()).0, json!(1_800_000_000));
    // It is pushed in the same way.
    let push = ask(&guest()).signed(remote().with_nbf()).push(&mut entropy()).unwrap().exchange;
    let draft = push.draft(now(), &mut entropy()).unwrap();
    let (_, claims) = unsigned_jwt(draft.unsigned().unwrap());
    assert_eq!(claims["nbf"], json!(now().as_unix_seconds()));
}

#[test]
fn what_cannot_be_signed_is_said() {
    let fails = |request: AuthorizationRequest, object: RequestObject| {
        request.signed(object).draft(now(), &mut entropy()).unwrap_err()
    };
    let repeated = |name: &'static str| BuildError::ParameterRepeated { parameter: name.into() };
    for name in ["iss", "aud", "exp", "iat", "jti"] {
        assert_eq!(fails(ask(&client()).parameter(name, "x"), remote()), repeated(name));
    }
    assert_eq!(fails(ask(&client()), remote().claim("state", "x")), repeated("state"));
    let managed = |name: &'static str| BuildError::ParameterManaged { parameter: name.into() };
    for name in ["request", "request_uri"] {
        assert_eq!(fails(ask(&client()).parameter(name, "x"), remote()), managed(name));
        assert_eq!(fails(ask(&client()), remote().claim(name, "x")), managed(name));
    }
    let BuildError::Invalid { parameter, .. } = fails(ask(&client()).claims("{"), remote()) else {
        panic!("claims that are no JSON")
    };
    assert_eq!(parameter, "claims");
    let unknown = AuthorizationServer::new().authorization_endpoint(AUTHORIZE);
    let unknown = Client::new(unknown, CLIENT_ID);
    assert_eq!(fails(ask(&unknown), remote()), BuildError::IssuerMissing);
}

/// RFC 9126 section 3: the object, and who sends it.
#[test]
fn pushed_with_the_key_elsewhere() {
    let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Ps256).key_id("auth"));
    let client = Client::new(house(), CLIENT_ID).auth(method);
    let started = ask(&client).signed(remote()).push(&mut entropy()).unwrap();
    let mut draft = started.exchange.draft(now(), &mut entropy()).unwrap();
    assert_eq!(draft.duties().resend, Resend::OnlyIfNotSent);
    let object = draft.unsigned().expect("the request object first").clone();
    assert_eq!(object.key_id(), Some("kms-1"));
    draft.sign(&object.signed([1; 64])).unwrap();
    let assertion = draft.unsigned().expect("then the assertion").clone();
    assert_eq!(assertion.key_id(), Some("auth"));
    draft.sign(&assertion.signed([1; 256])).unwrap();
    let request = draft.finish().unwrap();
    let expected = ["client_id", "request", "client_assertion", "client_assertion_type"];
    assert_eq!(names_of(&request), expected);
    let (_, claims) = jwt(&pairs_of(&request)[1].1);
    assert_eq!((&claims["aud"], &claims["client_id"]), (&json!(ISSUER), &json!(CLIENT_ID)));
    // The verifier and the state are the pending value's, however often the push is built.
    let again = started.exchange.draft(now(), &mut entropy()).unwrap();
    let (_, second) = unsigned_jwt(again.unsigned().unwrap());
    assert_eq!(second["code_challenge"], claims["code_challenge"]);
    assert_eq!(second["state"], claims["state"]);
}

#[test]
fn pushed_with_the_key_here() {
    let client = Client::new(house(), CLIENT_ID).auth(ClientSecretBasic::new("s"));
    let push = || ask(&client).signed(local()).push(&mut entropy()).unwrap().exchange;
    assert_eq!(names_of(&asked(&push())), ["client_id", "request"]);
    let bare = push().without_client_id();
    assert_eq!(names_of(&asked(&bare)), ["request"]);
    assert_eq!(bare.draft(now(), &mut entropy()).unwrap().duties().resend, Resend::OnlyIfNotSent);
    // Without anything before it or with something behind it, the object stands where it belongs.
    let post = Client::new(house(), CLIENT_ID).auth(grantwire::client::ClientSecretPost::new("s"));
    let push = ask(&post).signed(remote()).push(&mut entropy()).unwrap().exchange;
    let mut draft = push.without_client_id().draft(now(), &mut entropy()).unwrap();
    draft.sign(&draft.unsigned().unwrap().signed([1; 64])).unwrap();
    let names = names_of(&draft.finish().unwrap());
    assert_eq!(names, ["request", "client_id", "client_secret"]);
}

/// RFC 9126 section 3: every parameter of the request is a claim, and none stands beside the object.
#[test]
fn nothing_is_added_beside_a_pushed_object() {
    let push = || ask(&guest()).signed(local()).push(&mut entropy()).unwrap().exchange;
    let why = refused(&push().parameter("acr_values", "phr"));
    assert!(matches!(why, BuildError::Invalid { parameter, .. } if parameter == "acr_values"));
    let inside = ask(&guest()).parameter("acr_values", "phr").signed(local());
    let request = asked(&inside.push(&mut entropy()).unwrap().exchange);
    assert_eq!(names_of(&request), ["client_id", "request"]);
}

#[test]
fn a_push_that_cannot_be_signed_is_not_built() {
    let push = ask(&guest()).claims("[").signed(local()).push(&mut entropy()).unwrap().exchange;
    assert!(matches!(refused(&push), BuildError::Invalid { .. }));
    let push = ask(&guest()).signed(remote()).push(&mut entropy()).unwrap().exchange;
    assert_eq!(refused(&push), BuildError::NeedsSignature);
}
