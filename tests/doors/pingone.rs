//! PingOne's other calls, in the shapes it documents. Its sign-in is in `pingone` and in `seeds`.

use std::time::Duration;

use grantwire::backchannel::UserHint;
use grantwire::client::{ClientAuthentication, ClientSecretBasic, ClientSecretPost, PublicClient};
use grantwire::flow::{CibaFlow, DeviceFlow, Machine, Step};
use grantwire::grant::{
    ClientCredentials, DeviceCode, RefreshToken, TokenExchange, TokenTypeIdentifier,
};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::message::ErrorCode;
use grantwire::provider::pingone::{
    Environment, PlatformError, Region, client_secret_jwt, correlation_id, private_key_jwt,
};
use grantwire::{AccessToken, AuthorizationServer, BuildError, Client, TokenType};

use crate::given::*;
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

    let sent = pairs_of(&built(&client.token(DeviceCode::new("0f3c2a1e"))));
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", "0f3c2a1e"),
        ("client_id", "app-1"),
    ];
    assert_eq!(sent, as_pairs(&expected));
}

#[test]
fn token_exchange_in_each_of_the_four_ways_to_authenticate() {
    for client in [
        application(ClientSecretBasic::new("~s")),
        application(ClientSecretPost::new("~s")),
        application(client_secret_jwt(
            Algorithm::Hs256,
            "~a.generated-secret_of.PingOne~0123456789",
        )),
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
    let request = built(&client.token(TokenExchange::new("gw", "pingone_gateway_credential")));
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "gw"),
        ("subject_token_type", "pingone_gateway_credential"),
    ];
    assert_eq!(pairs_of(&request), as_pairs(&expected));
    assert!(request.headers().contains_key("authorization"));
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
    assert_eq!(told.extra::<String>("token_type").as_deref(), Some("Bearer"));
    assert_eq!(told.audience(), ["https://api.pingone.com"]);
    assert!(!door.read(&json(200, r#"{"active":false}"#)).unwrap().is_active());
}

/// Exactly one hint, a scope, and any method but `NONE`; then polling, with the errors PingOne documents.
#[test]
fn ciba() {
    for client in [
        application(ClientSecretBasic::new("~s")),
        application(ClientSecretPost::new("~s")),
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
        let pending = r#"{"error":"authorization_pending","error_description":"The request could not be completed. There was an issue processing the request.: The authorization request is still pending. (Correlation ID: 8d1f8a5e-0002)"}"#;
        flow.handle_response(first, &json(400, pending)).unwrap();
        let Step::Wait(next) = flow.poll(first) else { panic!("it waits again") };
        let Step::Send(..) = flow.poll(next) else { panic!("and asks again") };
        // Anything else is final.
        let denied = r#"{"error":"access_denied","error_description":"Denied. (Correlation ID: 8d1f8a5e-0003)"}"#;
        flow.handle_response(next, &json(400, denied)).unwrap();
        let Step::Done(Err(error)) = flow.poll(next) else { panic!("denied") };
        let refusal = error.reply().unwrap().refusal().unwrap();
        assert_eq!(refusal.code(), &ErrorCode::AccessDenied);
        assert_eq!(correlation_id(refusal), Some("8d1f8a5e-0003"));
    }
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
