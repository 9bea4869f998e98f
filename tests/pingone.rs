//! PingOne beyond its own example: addresses, the five authentication methods, the assertion's rules,
//! and the two shapes of error.

mod given;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use given::*;
use grantwire::client::{
    AssertionAudience, ClientAuthentication, ClientSecretBasic, ClientSecretPost, PrivateKeyJwt,
    PublicClient,
};
use grantwire::jose::{Algorithm, Signer};
use grantwire::provider::pingone::{
    Environment, PlatformError, Region, client_secret_jwt, correlation_id, private_key_jwt,
};
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind};
use grantwire::{BuildError, Client};
use serde_json::{Value, json};

const ID: &str = "5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69";
const SECRET: &str = "~a.generated-secret_of.PingOne~0123456789-abcdefgh~ABCDEFGHIJKLM.nop";

fn environment() -> Environment {
    Environment::new(Region::NorthAmerica, ID).unwrap()
}

fn application(method: impl ClientAuthentication + 'static) -> Client {
    Client::new(environment().server(), "app-1").auth(method)
}

#[test]
fn each_region_has_a_host() {
    for (region, auth_path) in [
        (Region::NorthAmerica, "https://auth.pingone.com"),
        (Region::Canada, "https://auth.pingone.ca"),
        (Region::Europe, "https://auth.pingone.eu"),
        (Region::Australia, "https://auth.pingone.com.au"),
        (Region::Singapore, "https://auth.pingone.sg"),
        (Region::AsiaPacific, "https://auth.pingone.asia"),
    ] {
        assert_eq!(region.auth_path(), auth_path);
        let environment = Environment::new(region, ID).unwrap();
        assert_eq!(environment.issuer(), format!("{auth_path}/{ID}/as"));
        assert_eq!(environment.authorization_endpoint(), format!("{auth_path}/{ID}/as/authorize"));
        assert_eq!(environment.token_endpoint(), format!("{auth_path}/{ID}/as/token"));
        assert_eq!(
            environment.metadata_url(),
            format!("{auth_path}/.well-known/oauth-authorization-server/{ID}/as"),
            "RFC 8414 section 3.1 puts it before the path"
        );
        assert_eq!(
            environment.openid_configuration_url(),
            format!("{auth_path}/{ID}/as/.well-known/openid-configuration"),
            "OpenID puts it after"
        );
        let client = Client::new(environment.server(), "app-1");
        assert_eq!(built(&own_token(&client)).uri().to_string(), environment.token_endpoint());
        let url = client.authorization().start(&mut entropy()).unwrap().url;
        assert!(url.starts_with(&format!("{auth_path}/{ID}/as/authorize?")));
    }
}

#[test]
fn a_custom_domain_has_no_environment_in_its_paths() {
    let environment = Environment::custom_domain("login.example.com").unwrap();
    assert_eq!(environment.issuer(), "https://login.example.com/as");
    assert_eq!(environment.token_endpoint(), "https://login.example.com/as/token");
    assert_eq!(environment.authorization_endpoint(), "https://login.example.com/as/authorize");
    assert_eq!(
        environment.metadata_url(),
        "https://login.example.com/.well-known/oauth-authorization-server/as"
    );
    assert_eq!(
        environment.openid_configuration_url(),
        "https://login.example.com/as/.well-known/openid-configuration"
    );
}

#[test]
fn what_would_change_the_path_or_the_host_is_refused() {
    let invalid = |result: Result<Environment, BuildError>, named: &str| match result {
        Err(BuildError::Invalid { parameter, .. }) => assert_eq!(parameter, named),
        other => panic!("{other:?}"),
    };
    for id in ["", "a/b", "..", "a?b", "a#b", "a%2fb", "a b", "a\nb", "é", "a@b"] {
        invalid(Environment::new(Region::Europe, id), "environment id");
        invalid(Environment::at("http://127.0.0.1:1", id), "environment id");
    }
    for domain in
        ["", "https://a.example", "a.example/as", "user@a.example", "a b", "a\n", "a?b", "a#b"]
    {
        invalid(Environment::custom_domain(domain), "custom domain");
    }
    // Elsewhere than at PingOne an address is checked like any other.
    let insecure = Environment::at("http://as.example", "env").unwrap();
    let error = build(&own_token(&Client::new(insecure.server(), "app-1"))).unwrap_err();
    assert!(matches!(error, BuildError::Endpoint { endpoint: "token_endpoint", .. }));
    let local = Environment::at("http://127.0.0.1:1", "env").unwrap();
    assert_eq!(local.token_endpoint(), "http://127.0.0.1:1/env/as/token");
}

#[test]
fn the_five_authentication_methods() {
    let sent = |client: Client| {
        let request = built(&own_token(&client));
        let basic = request.headers().contains_key("authorization");
        (names_of(&request), basic)
    };
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        sent(application(PublicClient::new())),
        (names(&["grant_type", "client_id"]), false),
        "NONE"
    );
    assert_eq!(
        sent(application(ClientSecretBasic::new(SECRET))),
        (names(&["grant_type"]), true),
        "CLIENT_SECRET_BASIC"
    );
    assert_eq!(
        sent(application(ClientSecretPost::new(SECRET))),
        (names(&["grant_type", "client_id", "client_secret"]), false),
        "CLIENT_SECRET_POST"
    );
    let assertion = names(&["grant_type", "client_assertion", "client_assertion_type"]);
    assert_eq!(
        sent(application(client_secret_jwt(Algorithm::Hs256, SECRET))),
        (assertion.clone(), false),
        "CLIENT_SECRET_JWT"
    );
    let key = grantwire::jose::LocalKey::generate(Algorithm::Es256).unwrap();
    assert_eq!(sent(application(private_key_jwt(key))), (assertion, false), "PRIVATE_KEY_JWT");
}

/// Generated secrets hold `~`, `.`, `-` and `_`, and PingOne does not say whether it decodes: left alone,
/// they are the same either way.
#[test]
fn a_generated_secret_is_the_same_encoded_and_raw() {
    let header = |method| {
        built(&own_token(&application(method))).headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let encoded = header(ClientSecretBasic::new(SECRET));
    assert_eq!(encoded, header(ClientSecretBasic::new(SECRET).raw()));
    assert_ne!(encoded, header(ClientSecretBasic::new(SECRET).form_encoded()));
}

/// Header and claims of the assertion that a method would send.
fn assertion(method: impl ClientAuthentication + 'static) -> (Value, Value) {
    let exchange = own_token(&application(method));
    let draft = exchange.draft(now(), &mut entropy()).unwrap();
    let text = match draft.unsigned() {
        Some(unsigned) => String::from_utf8(unsigned.input().to_vec()).unwrap(),
        None => pairs_of(&draft.finish().unwrap()).remove(1).1,
    };
    let part = |index: usize| {
        let segment = text.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
    };
    (part(0), part(1))
}

fn remote(algorithm: Algorithm) -> PrivateKeyJwt {
    private_key_jwt(Signer::remote(algorithm).key_id("key-1"))
}

#[test]
fn the_assertion_is_as_documented() {
    for algorithm in [
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Es512,
    ] {
        let (header, claims) = assertion(remote(algorithm));
        assert_eq!(header, json!({"typ": "JWT", "alg": algorithm.name(), "kid": "key-1"}));
        assert_eq!(claims["iss"], "app-1");
        assert_eq!(claims["sub"], "app-1");
        assert_eq!(claims["aud"], environment().issuer());
        assert_eq!(claims["exp"], now().as_unix_seconds() + 60);
    }
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let (header, claims) = assertion(client_secret_jwt(algorithm, SECRET));
        assert_eq!(header, json!({"typ": "JWT", "alg": algorithm.name()}));
        assert_eq!(claims["aud"], environment().issuer());
    }
    let (header, _) = assertion(remote(Algorithm::Rs256).typ("client-authentication+jwt"));
    assert_eq!(header["typ"], "client-authentication+jwt", "settable, should PingOne take it");
}

#[test]
fn the_audience_is_one_of_three() {
    let audience =
        |audience| assertion(remote(Algorithm::Rs256).audience(audience)).1["aud"].clone();
    assert_eq!(audience(AssertionAudience::Issuer), environment().issuer());
    assert_eq!(audience(AssertionAudience::TokenEndpoint), environment().token_endpoint());
    assert_eq!(audience(AssertionAudience::RequestEndpoint), environment().token_endpoint());
}

#[test]
fn an_hour_is_the_longest_an_assertion_may_live() {
    let hour = Duration::from_secs(3600);
    let (_, claims) = assertion(remote(Algorithm::Rs256).lifetime(hour));
    assert_eq!(claims["exp"], now().as_unix_seconds() + 3600);
    let longer = hour + Duration::from_secs(1);
    let methods: [Client; 2] = [
        application(remote(Algorithm::Rs256).lifetime(longer)),
        application(client_secret_jwt(Algorithm::Hs256, SECRET).lifetime(longer)),
    ];
    for client in methods {
        match build(&own_token(&client)) {
            Err(BuildError::Invalid { parameter, .. }) => assert_eq!(parameter, "exp"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_correlation_id_is_in_the_description() {
    let read = |description: &str| {
        let body =
            json!({"error": "invalid_request", "error_description": description}).to_string();
        let error = own_token(&application(PublicClient::new())).read(&given::json(400, body));
        let error = error.unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.description().unwrap().raw(), description, "kept word for word");
        correlation_id(refusal).map(str::to_owned)
    };
    let pending = "The request could not be completed. There was an issue processing the request.: The authorization request is still pending. (Correlation ID: 8d1f8a5e-0001)";
    assert_eq!(read(pending).as_deref(), Some("8d1f8a5e-0001"));
    let method = "Request denied: Unsupported authentication method (Correlation ID: 5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69)";
    assert_eq!(read(method).as_deref(), Some(ID));
    for without in ["no such thing", "(Correlation ID: )", "(Correlation ID: unclosed", ""] {
        assert_eq!(read(without), None, "{without}");
    }
}

#[test]
fn a_platform_error_on_an_oauth_endpoint_is_read_by_both() {
    let body = json!({
        "id": "8d1f8a5e-0002",
        "code": "INVALID_DATA",
        "message": "The request could not be completed.",
        "target": "environment",
        "details": [
            {
                "code": "INVALID_VALUE",
                "target": "grant_type",
                "message": "It is not one of the allowed values.",
                "innerError": {"allowedValues": ["authorization_code"]},
            },
            {"code": "REQUIRED_VALUE", "innererror": {"a": 1}},
            "not an object",
        ],
    });
    let reply = given::json(400, body.to_string());
    let error = own_token(&application(PublicClient::new())).read(&reply).unwrap_err();
    assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::NonStandard));
    assert!(!error.credential_is_dead());
    let platform = PlatformError::read(error.raw()).unwrap();
    assert_eq!(platform.id(), "8d1f8a5e-0002");
    assert_eq!(platform.code().as_str(), "INVALID_DATA");
    assert_eq!(platform.message().unwrap().raw(), "The request could not be completed.");
    assert_eq!(platform.target(), Some("environment"));
    let [first, second] = platform.details() else { panic!("{platform:?}") };
    assert_eq!(first.code().unwrap().as_str(), "INVALID_VALUE");
    assert_eq!(first.target(), Some("grant_type"));
    assert_eq!(first.message().unwrap().raw(), "It is not one of the allowed values.");
    assert_eq!(first.inner_error().unwrap().raw(), r#"{"allowedValues":["authorization_code"]}"#);
    assert_eq!(second.inner_error().unwrap().raw(), r#"{"a":1}"#, "written both ways");
    assert_eq!((second.target(), second.message().is_some()), (None, false));
    assert!(
        !format!("{platform:?} {platform}").contains("completed"),
        "words are for those who ask"
    );
}

#[test]
fn only_a_platform_error_is_read_as_one() {
    let read = |status, body: &str| PlatformError::read(&json_reply(status, body)).is_some();
    let least = r#"{"id":"i","code":"NOT_FOUND"}"#;
    for status in [400, 401, 403, 404, 429, 500] {
        assert!(read(status, least), "PingOne asks to go by the code, not by {status}");
    }
    assert!(!read(200, least));
    assert!(read(404, r#"{"id":"i","code":"NOT_FOUND","details":{"not":"a list"}}"#));
    for other in [
        r#"{"error":"invalid_request"}"#,
        r#"{"code":"NOT_FOUND"}"#,
        r#"{"id":"i"}"#,
        r#"{"id":7,"code":"NOT_FOUND"}"#,
        "[]",
        "<html>",
        "",
    ] {
        assert!(!read(400, other), "{other}");
    }
    let large = format!(r#"{{"id":"i","code":"c","message":"{}"}}"#, "x".repeat(64 * 1024));
    assert!(!read(400, &large));
}

fn json_reply(status: u16, body: &str) -> http::Response<Vec<u8>> {
    given::json(status, body)
}

/// PingOne's own guidance: 408, 429 and 5xx pass, everything else stays.
#[test]
fn what_is_worth_another_try() {
    let exchange = own_token(&application(PublicClient::new()));
    let platform = r#"{"id":"i","code":"c"}"#;
    for status in [408, 429, 500, 502, 503, 504] {
        let error = exchange.read(&json_reply(status, platform)).unwrap_err();
        assert_eq!(error.class(), FailureClass::Transient, "{status}");
        assert_eq!(*error.kind(), ReplyErrorKind::Unavailable);
        assert!(PlatformError::read(error.raw()).is_some(), "and says why all the same");
    }
    // Its refresh tokens rotate, so what may have been sent is not sent again.
    let error = refresh(&application(PublicClient::new())).read(&json_reply(502, platform));
    assert_eq!(error.unwrap_err().class(), FailureClass::Indeterminate);
    for code in ["invalid_client", "unauthorized_client", "invalid_scope", "invalid_grant"] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        let error = exchange.read(&json_reply(400, &body)).unwrap_err();
        assert_eq!(error.class(), FailureClass::Definitive, "{code}");
    }
}
