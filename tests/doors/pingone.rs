//! PingOne's other calls, in the shapes it documents. Its sign-in is in `pingone` and in `seeds`.

use std::sync::Arc;
use std::time::Duration;

use grantwire::Exchange;
use grantwire::authorization::RequestObject;
use grantwire::backchannel::UserHint;
use grantwire::client::{
    AssertionAudience, ClientAuthentication, ClientSecretBasic, ClientSecretPost, PublicClient,
};
use grantwire::flow::{CibaFlow, DeviceFlow, FlowError, Machine, Step};
use grantwire::grant::{
    ClientCredentials, DeviceCode, RefreshToken, TokenExchange, TokenTypeIdentifier,
};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::provider::pingone::{
    Environment, PlatformError, Region, client_secret_jwt, correlation_id, private_key_jwt,
};
use grantwire::reply::{ErrorCode, FailureClass};
use grantwire::{
    AccessToken, AuthorizationServer, BuildError, Client, Lifetime, ReplyError, Timestamp,
    TokenType,
};

use crate::given::*;
use crate::request_object::jwt;
use crate::{asked, fails};

const ID: &str = "5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69";
const BASE: &str = "https://auth.pingone.com/5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69/as";

fn server() -> AuthorizationServer {
    Environment::new(Region::NorthAmerica, ID).unwrap().server()
}

fn application(method: impl ClientAuthentication + 'static) -> Client {
    Client::new(server(), "app-1").auth(method)
}

fn signing() -> Client {
    application(private_key_jwt(LocalKey::generate(Algorithm::Es256).unwrap()))
}

/// By an assertion too, but with the secret for a key.
fn by_secret() -> Client {
    application(client_secret_jwt(Algorithm::Hs256, "~a.generated-secret_of.PingOne~0123456789"))
}

/// `authorization_pending` and its like, in the words around each.
fn polled(code: &str) -> http::Response<Vec<u8>> {
    let words = "The request could not be completed. There was an issue processing the request.: m. (Correlation ID: 8d1f8a5e-0003)";
    json(400, serde_json::json!({"error": code, "error_description": words}).to_string())
}

/// An error of the platform, with its status.
fn platform(status: u16, code: &str) -> http::Response<Vec<u8>> {
    let body = serde_json::json!({"id": "8d1f8a5e-0004", "code": code, "message": "m"});
    json(status, body.to_string())
}

#[test]
fn each_door_has_its_address() {
    for (environment, base) in [
        (Environment::new(Region::NorthAmerica, ID).unwrap(), BASE),
        (Environment::custom_domain("login.example.com").unwrap(), "https://login.example.com/as"),
    ] {
        let url = |tail: &str| format!("{base}/{tail}");
        let device = environment.device_authorization_endpoint();
        assert_eq!(device, url("device_authorization"));
        assert_eq!(environment.pushed_authorization_request_endpoint(), url("par"));
        assert_eq!(environment.introspection_endpoint(), url("introspect"));
        assert_eq!(environment.revocation_endpoint(), url("revoke"));
        assert_eq!(environment.backchannel_authentication_endpoint(), url("cibaAuthorization"));
        assert_eq!(environment.userinfo_endpoint(), url("userinfo"));
        assert_eq!(environment.end_session_endpoint(), url("signoff"));
        assert_eq!(environment.resume_url("0d7e-6f3a").unwrap(), url("resume?flowId=0d7e-6f3a"));
        for id in ["", "a/b", "a&b=c", "a b"] {
            let why = environment.resume_url(id).unwrap_err();
            assert!(matches!(why, BuildError::Invalid { parameter, .. } if parameter == "flow id"));
        }
        let client = Client::new(environment.server(), "app-1");
        assert_eq!(asked(&client.device_authorization()).uri().to_string(), device);
        assert_eq!(asked(&client.introspect("t")).uri().to_string(), url("introspect"));
        assert_eq!(asked(&client.revoke("t")).uri().to_string(), url("revoke"));
        let push = client.authorization().push(&mut entropy()).unwrap().exchange;
        assert_eq!(asked(&push).uri().to_string(), url("par"));
    }
}

#[test]
fn client_credentials() {
    for method in
        [application(ClientSecretBasic::new("~s")), application(ClientSecretPost::new("~s"))]
    {
        let request = built(&method.token(ClientCredentials::new()).scope("orders:read"));
        let sent = pairs_of(&request);
        assert_eq!(
            sent[..2],
            as_pairs(&[("grant_type", "client_credentials"), ("scope", "orders:read")])
        );
        let body = r#"{"access_token":"e30.e30.w","token_type":"Bearer","expires_in":3600}"#;
        let tokens = method.token(ClientCredentials::new()).read(&json(200, body)).unwrap();
        assert_eq!(tokens.access_token().expose(), "e30.e30.w");
        assert_eq!(*tokens.lifetime(), Lifetime::Known(Duration::from_secs(3600)));
        assert!(tokens.refresh_token().is_none());
        assert_eq!(tokens.deviations(), []);
    }
}

/// `NONE` is the default of device applications, and `client_id` is then in both requests.
#[test]
fn device_authorization() {
    let client = application(PublicClient::new());
    let door = client.device_authorization().scope("openid");
    let request = asked(&door);
    assert_eq!(pairs_of(&request), as_pairs(&[("scope", "openid"), ("client_id", "app-1")]));
    let body = r#"{"device_code":"0f3c2a1e","user_code":"8FQK-2M7X","verification_uri":"https://auth.pingone.com/5e2a6cb5/device/a1","verification_uri_complete":"https://auth.pingone.com/5e2a6cb5/device/a1?user_code=8FQK-2M7X","expires_in":600,"interval":5}"#;
    let codes = door.read(&json(200, body)).unwrap();
    assert_eq!(codes.lifetime().known(), Some(Duration::from_secs(600)));
    assert_eq!(codes.deviations(), []);
    let mut flow = DeviceFlow::new(&client, &codes, now(), entropy());
    let Step::Wait { .. } = flow.poll(now()) else { panic!("it waits first") };

    // The three ways in which the application may be registered.
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", "0f3c2a1e"),
        ("client_id", "app-1"),
        ("client_secret", "~s"),
    ];
    let sent = |client: &Client| built(&client.token(DeviceCode::new("0f3c2a1e")));
    assert_eq!(pairs_of(&sent(&client)), as_pairs(&expected[..3]));
    let posted = sent(&application(ClientSecretPost::new("~s")));
    assert_eq!(pairs_of(&posted), as_pairs(&expected));
    let basic = sent(&application(ClientSecretBasic::new("~s")));
    assert_eq!(pairs_of(&basic), as_pairs(&expected[..2]));
    assert_eq!(basic.headers()["authorization"], "Basic YXBwLTE6fnM=");
}

#[test]
fn token_exchange_in_each_of_the_four_ways_to_authenticate() {
    for client in [
        application(ClientSecretBasic::new("~s")),
        application(ClientSecretPost::new("~s")),
        by_secret(),
        signing(),
    ] {
        let grant = TokenExchange::new("e30.e30.s", TokenTypeIdentifier::ID_TOKEN)
            .actor("e30.e30.a", TokenTypeIdentifier::ACCESS_TOKEN)
            .requested_token_type(TokenTypeIdentifier::ACCESS_TOKEN);
        let exchange = client.token(grant).scope("orders:read");
        let names = names_of(&built(&exchange));
        let grants = [
            "grant_type",
            "subject_token",
            "subject_token_type",
            "actor_token",
            "actor_token_type",
            "requested_token_type",
            "scope",
        ];
        assert_eq!(names[..7], grants);
        let body = r#"{"access_token":"e30.e30.n","token_type":"Bearer","expires_in":3600,"scope":"orders:read","issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#;
        let tokens = exchange.read(&json(200, body)).unwrap();
        assert_eq!(*tokens.access_token().token_type(), TokenType::Bearer);
    }
}

/// The type is no URI, though the RFC asks for one; the sample authenticates by Basic.
#[test]
fn a_gateway_credential() {
    let client = application(ClientSecretBasic::new("~s"));
    let exchange = client.token(TokenExchange::new("gw", "pingone_gateway_credential"));
    let request = built(&exchange);
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "gw"),
        ("subject_token_type", "pingone_gateway_credential"),
    ];
    assert_eq!(pairs_of(&request), as_pairs(&expected));
    assert!(request.headers().contains_key("authorization"));
    // The page says five minutes and its sample an hour. What the answer says counts.
    for (expires_in, seconds) in [("300", 300), ("3600", 3600)] {
        let body = format!(
            r#"{{"access_token":"e30.e30.g","token_type":"Bearer","expires_in":{expires_in},"issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}}"#
        );
        let tokens = exchange.read(&json(200, body)).unwrap();
        assert_eq!(*tokens.lifetime(), Lifetime::Known(Duration::from_secs(seconds)));
    }
}

/// The sample with an assertion has no `client_id` in the body, though RFC 9126 asks for it.
#[test]
fn a_push_as_in_the_sample() {
    let started = signing().authorization().redirect_uri(CALLBACK).push(&mut entropy()).unwrap();
    let push = started.exchange.without_client_id();
    let names = names_of(&asked(&push));
    for wanted in ["client_assertion", "client_assertion_type", "redirect_uri", "response_type"] {
        assert!(names.iter().any(|name| name == wanted), "{wanted}");
    }
    assert!(!names.iter().any(|name| name == "client_id"));
    let body = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:0d7e6f3a","expires_in":60}"#;
    let pushed = push.read(&json(201, body)).unwrap();
    let url = push.url(&pushed).unwrap();
    assert!(url.starts_with(&format!("{BASE}/authorize?client_id=app-1&request_uri=urn%3Aietf")));
}

/// Signed or not: the parameters are then claims, and beside the object stands the assertion alone.
#[test]
fn a_push_may_be_signed() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let request = signing().authorization().redirect_uri(CALLBACK).scope("openid");
    let object = RequestObject::new(key).typ("JWT");
    let push = request.signed(object).push(&mut entropy()).unwrap().exchange.without_client_id();
    let request = asked(&push);
    assert_eq!(request.uri().to_string(), format!("{BASE}/par"));
    assert_eq!(names_of(&request), ["request", "client_assertion", "client_assertion_type"]);
    let (header, claims) = jwt(&pairs_of(&request)[0].1);
    assert_eq!((&header["typ"], &header["alg"]), (&"JWT".into(), &"ES256".into()));
    for (name, value) in [
        ("aud", BASE),
        ("client_id", "app-1"),
        ("iss", "app-1"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid"),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
}

/// A resource asks with its own identifier and secret.
#[test]
fn introspection() {
    let resource = Client::new(server(), "resource-1").auth(ClientSecretPost::new("~r"));
    let door = resource.introspect("e30.e30.t");
    let expected = [("token", "e30.e30.t"), ("client_id", "resource-1"), ("client_secret", "~r")];
    assert_eq!(pairs_of(&asked(&door)), as_pairs(&expected));
    let body = r#"{"active":true,"scope":"openid","client_id":"app-1","token_type":"Bearer","exp":1800003600,"iat":1800000000,"sub":"u","aud":["https://api.pingone.com"],"iss":"i"}"#;
    let told = door.read(&json(200, body)).unwrap();
    assert!(told.is_active());
    assert_eq!(told.token_type(), Some(&TokenType::Bearer));
    assert_eq!(told.expires(), Some(Timestamp::from_unix_seconds(1_800_003_600)));
    assert_eq!(told.deviations(), []);
    assert_eq!(told.audience().expect("aud"), ["https://api.pingone.com"]);
    assert!(!door.read(&json(200, r#"{"active":false}"#)).unwrap().is_active());
    // An application may ask with its assertion, made for the issuer or for this very endpoint.
    for (audience, wanted) in [
        (AssertionAudience::Issuer, BASE.to_owned()),
        (AssertionAudience::RequestEndpoint, format!("{BASE}/introspect")),
    ] {
        let key = LocalKey::generate(Algorithm::Es256).unwrap();
        let client = application(private_key_jwt(key).audience(audience));
        let request = asked(&client.introspect("e30.e30.t"));
        assert_eq!(names_of(&request), ["token", "client_assertion", "client_assertion_type"]);
        let (header, claims) = jwt(&pairs_of(&request)[1].1);
        assert_eq!((&header["typ"], &claims["aud"]), (&"JWT".into(), &wanted.into()));
    }
}

/// Exactly one hint, a scope, and any method but `NONE`; then polling, with the errors PingOne documents.
#[test]
fn ciba() {
    for client in [
        application(ClientSecretBasic::new("~s")),
        application(ClientSecretPost::new("~s")),
        by_secret(),
        signing(),
    ] {
        let door = client
            .backchannel_authentication(UserHint::Login("jane@example.com".into()))
            .scope("openid");
        let request = asked(&door);
        assert_eq!(request.uri().to_string(), format!("{BASE}/cibaAuthorization"));
        let expected = [("login_hint", "jane@example.com"), ("scope", "openid")];
        assert_eq!(pairs_of(&request)[..2], as_pairs(&expected));
        let sample = r#"{"auth_req_id":"1c266114-a1be-4700-8ad1-04986c5b9ac1","expires_in":120,"interval":2}"#;
        let begun = door.read(&json(200, sample)).unwrap();
        assert_eq!(begun.deviations(), []);
        let mut flow = CibaFlow::new(&client, &begun, now(), entropy());
        let Step::Wait(first) = flow.poll(now()) else { panic!("it waits first") };
        assert_eq!(first, now() + Duration::from_secs(2));
        let Step::Send(request, _) = flow.poll(first) else { panic!("then it asks") };
        assert_eq!(request.uri().to_string(), format!("{BASE}/token"));
        let expected = [
            ("grant_type", "urn:openid:params:grant-type:ciba"),
            ("auth_req_id", "1c266114-a1be-4700-8ad1-04986c5b9ac1"),
        ];
        assert_eq!(pairs_of(&request)[..2], as_pairs(&expected));
        flow.handle_response(first, &polled("authorization_pending")).unwrap();
        let Step::Wait(next) = flow.poll(first) else { panic!("it waits again") };
        assert_eq!(next, first + Duration::from_secs(2));
        let Step::Send(..) = flow.poll(next) else { panic!("and asks again") };
        flow.handle_response(next, &polled("slow_down")).unwrap();
        let Step::Wait(later) = flow.poll(next) else { panic!("and waits longer") };
        assert_eq!(later, next + Duration::from_secs(7));
        let Step::Send(..) = flow.poll(later) else { panic!("and asks once more") };
        let body = r#"{"access_token":"e30.e30.c","token_type":"Bearer","expires_in":3600,"id_token":"e30.e30.i","scope":"openid"}"#;
        flow.handle_response(later, &json(200, body)).unwrap();
        let Step::Done(Ok(tokens)) = flow.poll(later) else { panic!("approved") };
        assert_eq!(tokens.access_token().expose(), "e30.e30.c");
    }
}

/// Anything but `authorization_pending` and `slow_down` is final, in either of the two shapes.
#[test]
fn what_ends_the_polling() {
    let client = application(ClientSecretBasic::new("~s"));
    let ends = |reply: &http::Response<Vec<u8>>| {
        let sample = r#"{"auth_req_id":"1c266114","expires_in":120,"interval":2}"#;
        let door = client.backchannel_authentication(UserHint::Login("jane".into()));
        let begun = door.read(&json(200, sample)).unwrap();
        let first = now() + Duration::from_secs(5);
        let ciba = CibaFlow::new(&client, &begun, now(), entropy());
        let sample = r#"{"device_code":"0f3c2a1e","user_code":"8FQK-2M7X","verification_uri":"https://auth.pingone.com/a1","interval":5}"#;
        let codes = client.device_authorization().read(&json(200, sample)).unwrap();
        let device = DeviceFlow::new(&client, &codes, now(), entropy());
        (ending(ciba, first, reply), ending(device, first, reply))
    };
    for code in ["access_denied", "expired_token"] {
        let (ciba, device) = ends(&polled(code));
        for error in [ciba, device] {
            let refusal = error.refusal().unwrap();
            assert_eq!(refusal.code(), &ErrorCode::from_name(code));
            assert_eq!(correlation_id(refusal), Some("8d1f8a5e-0003"));
        }
    }
    // PingOne may make a 403 of a 400 at any time, and asks to go by the code.
    for status in [400, 401, 403, 404] {
        let (ciba, device) = ends(&platform(status, "ACCESS_FAILED"));
        for error in [ciba, device] {
            assert_eq!(PlatformError::read(error.raw()).unwrap().code().as_str(), "ACCESS_FAILED");
        }
    }
}

/// What a machine ends with after this reply to its first request.
fn ending(
    mut flow: impl Machine<Output = grantwire::TokenResponse, Snapshot = std::convert::Infallible>,
    first: Timestamp,
    reply: &http::Response<Vec<u8>>,
) -> Arc<ReplyError> {
    let Step::Send(..) = flow.poll(first) else { panic!("it asks") };
    flow.handle_response(first, reply).unwrap();
    let Step::Done(Err(FlowError::Reply(error))) = flow.poll(first) else { panic!("it goes on") };
    error
}

/// Both shapes come from every door, and a platform error is kept whole at each.
#[test]
fn a_platform_error_at_every_door() {
    fn at<E: Exchange>(door: &E) {
        for (status, code, class) in [
            (400, "INVALID_DATA", FailureClass::Indeterminate),
            (403, "ACCESS_FAILED", FailureClass::Transient),
            (404, "NOT_FOUND", FailureClass::Indeterminate),
            (429, "REQUEST_LIMITED", FailureClass::Transient),
        ] {
            let error = fails(door, &platform(status, code));
            let read = PlatformError::read(error.raw()).expect(code);
            assert_eq!((read.code().as_str(), read.id()), (code, "8d1f8a5e-0004"));
            assert_eq!(read.message().unwrap().raw(), "m");
            assert_eq!(error.class(), class, "{code}");
            assert!(!error.credential_is_dead(), "{code}");
        }
    }
    let client = signing();
    let token = AccessToken::new("e30.e30.t", TokenType::Bearer);
    at(&client.token(ClientCredentials::new()));
    at(&client.token(RefreshToken::new("r1")));
    at(&client.authorization().push(&mut entropy()).unwrap().exchange);
    at(&client.device_authorization());
    at(&client.backchannel_authentication(UserHint::Login("jane".into())));
    at(&client.introspect("e30.e30.t"));
    at(&client.revoke("e30.e30.t"));
    at(&client.userinfo(&token).unwrap());
}

/// Every exchange gives a new refresh token, and an ID token with `openid`; authenticated as registered.
#[test]
fn refresh() {
    let public = application(PublicClient::new()).token(RefreshToken::new("r1"));
    let sent = [("grant_type", "refresh_token"), ("refresh_token", "r1"), ("client_id", "app-1")];
    assert_eq!(pairs_of(&built(&public)), as_pairs(&sent));
    let names = names_of(&built(&signing().token(RefreshToken::new("r1"))));
    let expected = ["grant_type", "refresh_token", "client_assertion", "client_assertion_type"];
    assert_eq!(names, expected);
    let body = r#"{"access_token":"e30.e30.a","token_type":"Bearer","expires_in":3600,"refresh_token":"r2","id_token":"e30.e30.i","scope":"openid"}"#;
    let tokens = public.read(&json(200, body)).unwrap();
    assert_eq!(tokens.refresh_token().unwrap().expose(), "r2");
    assert!(tokens.id_token().is_some());
}

/// A token of the client itself is answered in the platform's shape.
#[test]
fn userinfo() {
    let token = AccessToken::new("e30.e30.t", TokenType::Bearer);
    let door = application(PublicClient::new()).userinfo(&token).unwrap();
    let request = asked(&door);
    assert_eq!(request.uri().to_string(), format!("{BASE}/userinfo"));
    assert_eq!(request.headers()["authorization"], "Bearer e30.e30.t");
    let about = door.read(&json(200, r#"{"sub":"u","given_name":"Jane"}"#)).unwrap();
    assert_eq!(about.claim::<String>("given_name").as_deref(), Some("Jane"));
    let body = r#"{"id":"i","code":"ACCESS_FAILED","message":"The actor attempting to perform the request is not authorized."}"#;
    let error = fails(&door, &json(403, body));
    let platform = PlatformError::read(error.raw()).unwrap();
    assert_eq!(platform.code().as_str(), "ACCESS_FAILED");
}

#[test]
fn sign_off() {
    let url = application(PublicClient::new())
        .end_session()
        .id_token_hint("e30.e30.i")
        .post_logout_redirect_uri("https://client.example.com/bye")
        .state("xyz")
        .url()
        .unwrap();
    assert!(url.starts_with(&format!("{BASE}/signoff?")));
    for (name, value) in [
        ("id_token_hint", "e30.e30.i"),
        ("post_logout_redirect_uri", "https://client.example.com/bye"),
        ("state", "xyz"),
    ] {
        assert_eq!(query(&url, name).as_deref(), Some(value));
    }
}

#[test]
fn revocation() {
    let door = application(PublicClient::new()).revoke("e30.e30.t");
    let expected = [("token", "e30.e30.t"), ("client_id", "app-1")];
    assert_eq!(pairs_of(&asked(&door)), as_pairs(&expected));
    assert!(door.read(&answer(200, &[], "")).is_ok());
    // Both shapes of error come from any door.
    let words = "The request could not be completed. (Correlation ID: 8d1f8a5e-0001)";
    let body = serde_json::json!({"error": "invalid_client", "error_description": words});
    let error = fails(&door, &json(401, body.to_string()));
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code(), &ErrorCode::InvalidClient);
    assert_eq!(correlation_id(refusal), Some("8d1f8a5e-0001"));
    let error = fails(&door, &json(404, r#"{"id":"i","code":"NOT_FOUND","message":"m"}"#));
    assert_eq!(PlatformError::read(error.raw()).unwrap().code().as_str(), "NOT_FOUND");
}
