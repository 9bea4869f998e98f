//! Pushed authorization requests (RFC 9126).

use std::time::Duration;

use grantwire::authorization::{Callback, PushedAuthorization, PushedAuthorizationRequest};
use grantwire::client::{
    AssertionAudience, ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt,
    PublicClient, SelfSignedTlsClientAuth, TlsClientAuth,
};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::pkce::CodeVerifier;
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::{AuthorizationServer, BuildError, Client, Deviation, Lifetime, Quirks, RetryAfter};

use crate::given::*;
use crate::{Nobody, asked, fails, guest, house, refused, sorted, unusable};

const URN: &str = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";

fn server_of_the_rfc() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://server.example.com")
        .authorization_endpoint("https://server.example.com/authorize")
        .token_endpoint("https://server.example.com/token")
        .pushed_authorization_request_endpoint("https://as.example.com/as/par")
}

fn push_of(client: &Client) -> PushedAuthorizationRequest {
    let request = client.authorization().redirect_uri(CALLBACK);
    request.push(&mut entropy()).expect("a push").exchange
}

fn push() -> PushedAuthorizationRequest {
    push_of(&guest())
}

fn pushed(status: u16, body: &str) -> PushedAuthorization {
    push().read(&json(status, body)).expect(body)
}

/// The RFC prints the challenge and not its verifier, so the challenge is looked at by itself; with
/// it every pair is the example's but for the assertion, which `vectors` makes again with its key.
#[test]
fn section_2_1_the_example() {
    let client = Client::new(server_of_the_rfc(), "s6BhdRkqt3")
        .auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Rs256).key_id("k2bdc")));
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let started = client
        .authorization()
        .redirect_uri("https://client.example.org/cb")
        .scope("account-information")
        .state("af0ifjsldkj")
        .code_verifier(CodeVerifier::from_text(verifier).unwrap())
        .push(&mut entropy())
        .unwrap();
    let mut draft = started.exchange.draft(now(), &mut entropy()).unwrap();
    let unsigned = draft.unsigned().expect("an assertion to sign");
    assert_eq!(unsigned.key_id(), Some("k2bdc"));
    let signature = unsigned.signed(vec![1; 256]);
    draft.sign(&signature).unwrap();
    let request = draft.finish().unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://as.example.com/as/par");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    let mut sent = pairs_of(&request);
    let at = sent.iter().position(|(name, _)| name == "client_assertion").expect("an assertion");
    let (_, assertion) = sent.remove(at);
    assert_eq!(assertion.split('.').count(), 3);
    let expected = [
        ("response_type", "code"),
        ("state", "af0ifjsldkj"),
        ("client_id", "s6BhdRkqt3"),
        ("redirect_uri", "https://client.example.org/cb"),
        // RFC 7636 appendix B has the challenge of this verifier.
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("scope", "account-information"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
    ];
    assert_eq!(sorted(sent), sorted(as_pairs(&expected)));
    for (name, _) in expected {
        assert!(!request.uri().to_string().contains(name), "nothing of it is in the address");
    }
}

#[test]
fn section_2_2_the_example() {
    let headers = [("content-type", "application/json"), ("cache-control", "no-cache, no-store")];
    let body = format!(r#"{{"request_uri":"{URN}","expires_in":60}}"#);
    let pushed = push().read(&answer(201, &headers, body)).unwrap();
    assert_eq!(pushed.request_uri(), URN);
    assert_eq!(*pushed.lifetime(), Lifetime::Known(Duration::from_secs(60)));
    assert_eq!(pushed.deviations(), []);
}

#[test]
fn section_2_3_the_example() {
    let headers = [("content-type", "application/json"), ("cache-control", "no-cache, no-store")];
    let body = r#"{"error":"invalid_request","error_description":"The redirect_uri is not valid for the given client"}"#;
    let error = fails(&push(), &answer(400, &headers, body));
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code(), &ErrorCode::InvalidRequest);
    let words = "The redirect_uri is not valid for the given client";
    assert_eq!(refusal.description().unwrap().raw(), words);
    assert_eq!((error.class(), error.fault()), (FailureClass::Definitive, Fault::Client));
}

#[test]
fn section_4_the_example() {
    let client = Client::new(server_of_the_rfc(), "s6BhdRkqt3");
    let pushed = pushed(201, &format!(r#"{{"request_uri":"{URN}","expires_in":60}}"#));
    assert_eq!(
        push_of(&client).url(&pushed).unwrap().as_str(),
        "https://server.example.com/authorize?client_id=s6BhdRkqt3&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c"
    );
}

#[test]
fn section_1_1_any_urn_will_do() {
    let body = r#"{"request_uri":"urn:example:bwc4JK-ESC0w8acc191e-Y1LTC2","expires_in":90}"#;
    let answered = pushed(201, body);
    assert_eq!(answered.request_uri(), "urn:example:bwc4JK-ESC0w8acc191e-Y1LTC2");
    assert_eq!(answered.lifetime().known(), Some(Duration::from_secs(90)));
    for other in ["urn:agekey:request:AjcP1Yt7Np0", "https://as.example/r/1?x=y&z#f", "opaque-1"] {
        let answered = pushed(201, &format!(r#"{{"request_uri":"{other}","expires_in":1}}"#));
        let url = push().url(&answered).unwrap();
        assert_eq!(query(&url, "request_uri").as_deref(), Some(other));
        assert_eq!(url.matches('?').count(), 1);
    }
}

#[test]
fn the_callback_is_checked_as_ever() {
    let started = guest().authorization().redirect_uri(CALLBACK).push(&mut entropy()).unwrap();
    let sent = pairs_of(&asked(&started.exchange));
    let state = sent.iter().find(|(name, _)| name == "state").unwrap().1.clone();
    let challenge = sent.iter().find(|(name, _)| name == "code_challenge").unwrap().1.clone();
    let forged = started.pending.code(Callback::from_query("code=c&state=other")).unwrap_err();
    let pending = forged.into_pending().unwrap();
    let code = checked(pending, &format!("code=c&state={state}"));
    let exchange = guest().token(grantwire::grant::AuthorizationCode::new(code));
    let redeemed = pairs_of(&built(&exchange));
    let verifier = redeemed.iter().find(|(name, _)| name == "code_verifier").unwrap().1.clone();
    let verifier = CodeVerifier::from_text(verifier).unwrap();
    let plain = guest().authorization().code_verifier(verifier).start(&mut entropy()).unwrap();
    assert_eq!(
        query(&plain.url, "code_challenge"),
        Some(challenge),
        "it is the pushed challenge's"
    );
    assert!(redeemed.contains(&("redirect_uri".into(), CALLBACK.into())));
}

/// The client's identifier stands in the body once, whatever the method; RFC 9126 section 2.1 wants
/// it there.
#[test]
fn the_client_identifier_is_sent_exactly_once() {
    let key = || LocalKey::generate(Algorithm::Es256).unwrap();
    let clients: [(&str, Client); 9] = [
        ("none", guest().auth(PublicClient::new())),
        ("basic", guest().auth(ClientSecretBasic::new("s"))),
        ("basic+body", guest().auth(ClientSecretBasic::new("s").with_body_client_id())),
        ("post", guest().auth(ClientSecretPost::new("s"))),
        (
            "secret jwt",
            guest().auth(ClientSecretJwt::new(
                Algorithm::Hs256,
                "a secret of thirty-two octets and more",
            )),
        ),
        ("private key", guest().auth(PrivateKeyJwt::new(key()))),
        ("mtls", guest().auth(TlsClientAuth::new())),
        ("self-signed", guest().auth(SelfSignedTlsClientAuth::new())),
        ("nobody", guest().auth(Nobody)),
    ];
    for (name, client) in clients {
        let named = |request: &http::Request<Vec<u8>>| {
            let pairs = pairs_of(request);
            let found: Vec<_> = pairs.into_iter().filter(|(name, _)| name == "client_id").collect();
            assert!(found.iter().all(|(_, value)| value == CLIENT_ID), "{name}");
            found.len()
        };
        assert_eq!(named(&asked(&push_of(&client))), 1, "{name}");
        // Without it only those have it that have no other way to say who they are.
        let by_method = ["none", "basic+body", "post", "mtls", "self-signed"].contains(&name);
        let without = asked(&push_of(&client).without_client_id());
        assert_eq!(named(&without), usize::from(by_method), "{name}");
    }
}

/// The method may be another one for this request alone, and the name is still there once.
#[test]
fn one_request_may_authenticate_in_another_way() {
    let client = guest().auth(ClientSecretBasic::new("s"));
    let request = asked(&push_of(&client).auth(ClientSecretPost::new("s")));
    assert!(!request.headers().contains_key("authorization"));
    assert_eq!(names_of(&request).iter().filter(|name| *name == "client_id").count(), 1);
    assert!(names_of(&request).contains(&"client_secret".into()));
}

#[test]
fn the_audience_of_an_assertion_is_still_the_issuer() {
    let audience = |chosen| {
        let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256)).audience(chosen);
        let draft = push_of(&guest().auth(method)).draft(now(), &mut entropy()).expect("a draft");
        let input = draft.unsigned().unwrap().input().to_vec();
        let payload = String::from_utf8(input).unwrap().split('.').nth(1).unwrap().to_owned();
        let claims = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload);
        let claims: serde_json::Value = serde_json::from_slice(&claims.unwrap()).unwrap();
        claims["aud"].as_str().unwrap().to_owned()
    };
    assert_eq!(audience(AssertionAudience::Issuer), ISSUER);
    assert_eq!(audience(AssertionAudience::TokenEndpoint), TOKEN);
    assert_eq!(audience(AssertionAudience::RequestEndpoint), "https://as.example/par");
}

#[test]
fn a_200_in_the_place_of_a_201_is_taken_and_reported() {
    let body = format!(r#"{{"request_uri":"{URN}","expires_in":60}}"#);
    for status in [200, 202] {
        let answered = pushed(status, &body);
        assert_eq!(answered.request_uri(), URN);
        assert_eq!(answered.deviations(), [Deviation::Status(status)]);
    }
}

#[test]
fn a_reference_must_be_there_and_fit_for_a_url() {
    let why = |body: &str| unusable(&push(), &json(201, body));
    assert_eq!(why(r#"{"expires_in":60}"#), Unusable::MemberMissing("request_uri"));
    assert_eq!(why(r#"{"request_uri":null}"#), Unusable::MemberMissing("request_uri"));
    for wrong in [
        r#""""#,
        r#"" ""#,
        r#""urn:a b""#,
        r#""urn:a\nb""#,
        r#""urn:a\u0000""#,
        r#""urn:a\u007f""#,
        r#""urn:\u00e9""#,
        r#""\ud800""#,
        "7",
        r#"["urn:a"]"#,
        "{}",
    ] {
        let body = format!(r#"{{"request_uri":{wrong},"expires_in":60}}"#);
        assert_eq!(why(&body), Unusable::MemberMalformed("request_uri"), "{wrong}");
    }
    let twice = r#"{"request_uri":"urn:a","request_uri":"urn:b"}"#;
    assert_eq!(why(twice), Unusable::DuplicateMember("request_uri"));
    assert_eq!(why(r#"{"request_uri":"urn:a","error":"x"}"#), Unusable::Ambiguous);
    assert_eq!(why("<html>"), Unusable::NotJson { line: 1, column: 1 });
    assert_eq!(unusable(&push(), &answer(201, &[], "")), Unusable::Empty);
}

#[test]
fn a_lifetime_that_is_not_said_is_unknown() {
    assert_eq!(*pushed(201, r#"{"request_uri":"urn:a"}"#).lifetime(), Lifetime::Unknown);
    let text = pushed(201, r#"{"request_uri":"urn:a","expires_in":"60"}"#);
    assert_eq!(text.lifetime().known(), Some(Duration::from_secs(60)));
    assert_eq!(text.deviations(), [Deviation::LifetimeString]);
    for wrong in ["-1", "1.5", r#""soon""#, "{}", "1e99"] {
        let body = format!(r#"{{"request_uri":"urn:a","expires_in":{wrong}}}"#);
        assert!(matches!(pushed(201, &body).lifetime(), Lifetime::Malformed(_)), "{wrong}");
    }
}

/// RFC 9126 section 2.3: the codes of both endpoints, and 405, 413 and 429.
#[test]
fn errors_are_typed() {
    for (code, kind) in [
        ("invalid_request", ErrorCode::InvalidRequest),
        ("invalid_client", ErrorCode::InvalidClient),
        ("unauthorized_client", ErrorCode::UnauthorizedClient),
        ("access_denied", ErrorCode::AccessDenied),
        ("unsupported_response_type", ErrorCode::UnsupportedResponseType),
        ("invalid_scope", ErrorCode::InvalidScope),
        ("server_error", ErrorCode::ServerError),
        ("temporarily_unavailable", ErrorCode::TemporarilyUnavailable),
    ] {
        let error = fails(&push(), &json(400, format!(r#"{{"error":"{code}"}}"#)));
        assert_eq!(error.refusal().unwrap().code(), &kind);
    }
    for status in [405, 413] {
        let error = fails(&push(), &answer(status, &[], ""));
        assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::Empty), "{status}");
        assert_eq!(error.raw().status().as_u16(), status);
    }
    let error = fails(&push(), &answer(429, &[("retry-after", "3")], ""));
    assert_eq!(error.class(), FailureClass::Transient);
    assert_eq!(error.retry_after(), Some(RetryAfter::Delay(Duration::from_secs(3))));
}

#[test]
fn what_cannot_be_sent_is_refused_before_it_is() {
    let endless = guest().authorization().redirect_uri("/cb").push(&mut entropy()).unwrap();
    assert!(matches!(
        refused(&endless.exchange),
        BuildError::Endpoint { endpoint: "redirect_uri", .. }
    ));
    let asking = guest().authorization().parameter("request_uri", "urn:a");
    let managed = BuildError::ParameterManaged { parameter: "request_uri".into() };
    assert_eq!(refused(&asking.push(&mut entropy()).unwrap().exchange), managed);
    let weak = Client::new(house().announces_no_s256(), CLIENT_ID);
    assert!(matches!(
        refused(&push_of(&weak)),
        BuildError::Invalid { parameter, .. } if parameter == "code_challenge_method"
    ));
    let blind = Client::new(
        AuthorizationServer::new().pushed_authorization_request_endpoint("https://as.example/par"),
        CLIENT_ID,
    );
    let answered = pushed(201, r#"{"request_uri":"urn:a"}"#);
    let missing = BuildError::EndpointMissing { endpoint: "authorization_endpoint" };
    assert_eq!(push_of(&blind).url(&answered).unwrap_err(), missing);
}

#[test]
fn the_url_keeps_the_endpoints_query_and_takes_more_but_nothing_twice() {
    let tenant = house().authorization_endpoint("https://as.example/authorize?tenant=a%20b");
    let answered = pushed(201, r#"{"request_uri":"urn:a"}"#);
    let push = push_of(&Client::new(tenant, CLIENT_ID)).url_parameter("ui_locales", "en fr");
    assert_eq!(
        push.url(&answered).unwrap().as_str(),
        "https://as.example/authorize?tenant=a%20b&ui_locales=en%20fr&client_id=s6BhdRkqt3&request_uri=urn%3Aa"
    );
    for name in ["client_id", "request_uri"] {
        let repeated = BuildError::ParameterRepeated { parameter: name.into() };
        let push = push_of(&guest()).url_parameter(name, "x");
        assert_eq!(push.url(&answered).unwrap_err(), repeated);
    }
}

/// A server with another name for `client_id` has it in both places.
#[test]
fn the_identifiers_other_name_is_used_in_both_places() {
    let odd = house().quirks(Quirks::new().client_id_parameter("client_key"));
    let push = push_of(&Client::new(odd, CLIENT_ID));
    assert!(names_of(&asked(&push)).contains(&"client_key".into()));
    let url = push.url(&pushed(201, r#"{"request_uri":"urn:a"}"#)).unwrap();
    assert_eq!(query(&url, "client_key").as_deref(), Some(CLIENT_ID));
    assert_eq!(query(&url, "client_id"), None);
}
