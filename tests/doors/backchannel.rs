//! Backchannel authentication (OpenID CIBA section 7). The asking afterwards is in `flow_ciba`.

use std::time::Duration;

use grantwire::authorization::RequestObject;
use grantwire::backchannel::{
    BackchannelAuthentication, BackchannelAuthenticationRequest, UserHint,
};
use grantwire::client::{ClientSecretBasic, PrivateKeyJwt, TlsClientAuth};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::provider::pingone::{Environment, Region};
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind, Unusable};
use grantwire::{
    AuthorizationServer, BuildError, Client, Deviation, Endpoint, Lifetime, Quirks, Resend,
};
use http::Response;
use proptest::prelude::*;
use serde_json::json as value;

use crate::given::*;
use crate::replies::{quirks, response};
use crate::request_object::{jwt, unsigned_jwt};
use crate::text::bytes;
use crate::{asked, fails, refused, unusable};

const DOOR: &str = "https://as.example/bc-authorize";

fn client() -> Client {
    Client::new(server().backchannel_authentication_endpoint(DOOR), CLIENT_ID)
        .auth(ClientSecretBasic::new("s"))
}

fn login() -> UserHint {
    UserHint::Login("jane@example.com".into())
}

fn door() -> BackchannelAuthenticationRequest {
    client().backchannel_authentication(login())
}

fn given(body: &str) -> BackchannelAuthentication {
    door().read(&json(200, body)).expect(body)
}

/// The identifier, with more members.
fn with(members: &str) -> BackchannelAuthentication {
    given(&format!(r#"{{"auth_req_id":"i"{members}}}"#))
}

#[test]
fn each_hint_has_its_name() {
    for (hint, name) in [
        (UserHint::Login("h".into()), "login_hint"),
        (UserHint::IdToken("h".into()), "id_token_hint"),
        (UserHint::LoginToken("h".into()), "login_hint_token"),
    ] {
        let request = asked(&client().backchannel_authentication(hint.clone()).scope("openid"));
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), DOOR);
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        assert!(request.headers()["authorization"].is_sensitive());
        assert_eq!(pairs_of(&request), as_pairs(&[(name, "h"), ("scope", "openid")]));
        assert!(!format!("{hint:?}").contains('h'), "{hint:?}");
    }
}

#[test]
fn an_empty_hint_is_none() {
    for (hint, name) in [
        (UserHint::Login(String::new()), "login_hint"),
        (UserHint::IdToken("".into()), "id_token_hint"),
        (UserHint::LoginToken("".into()), "login_hint_token"),
    ] {
        let empty = BuildError::Empty { parameter: name.into() };
        assert_eq!(refused(&client().backchannel_authentication(hint)), empty);
    }
}

/// Section 7.1: the client must not send more than one hint.
#[test]
fn there_is_no_second_hint() {
    for hint in [login(), UserHint::IdToken("h".into()), UserHint::LoginToken("h".into())] {
        for name in ["login_hint", "id_token_hint", "login_hint_token"] {
            for value in ["x", ""] {
                let door = client().backchannel_authentication(hint.clone());
                let managed = BuildError::ParameterManaged { parameter: name.into() };
                assert_eq!(refused(&door.parameter(name, value)), managed, "{hint:?}");
            }
        }
    }
}

#[test]
fn every_parameter() {
    let door = door()
        .scope("openid email")
        .binding_message("W4SCT & co")
        .user_code("1234")
        .requested_expiry(Duration::from_secs(120))
        .client_notification_token("8d67dc78-7faa-4d41-aabd-67707b374255")
        .parameter("acr_values", "strong");
    let wanted = as_pairs(&[
        ("login_hint", "jane@example.com"),
        ("binding_message", "W4SCT & co"),
        ("user_code", "1234"),
        ("requested_expiry", "120"),
        ("client_notification_token", "8d67dc78-7faa-4d41-aabd-67707b374255"),
        ("scope", "openid email"),
        ("acr_values", "strong"),
    ]);
    let request = asked(&door);
    assert_eq!(pairs_of(&request), wanted);
    assert!(body_of(&request).starts_with("login_hint=jane%40example.com&"));
    for secret in ["jane", "1234", "8d67", "W4SCT"] {
        assert!(!format!("{door:?}").contains(secret), "{secret}");
    }
    assert_eq!(names_of(&asked(&self::door())), ["login_hint"], "what is unsaid is not sent");
}

#[test]
fn a_requested_expiry_is_a_positive_integer() {
    for (millis, wanted) in [(0, "1"), (500, "1"), (1_999, "1"), (2_000, "2"), (90_900, "90")] {
        let door = door().requested_expiry(Duration::from_millis(millis));
        let sent = pairs_of(&asked(&door));
        assert_eq!(sent[1], ("requested_expiry".to_owned(), wanted.to_owned()), "{millis} ms");
    }
}

/// Section 7.1: at most 1024 characters that a bearer token may have.
#[test]
fn a_notification_token_is_a_bearer_token() {
    let with = |token: &str| door().client_notification_token(token);
    let longest = "a".repeat(1024);
    for token in ["a", "AZaz09-._~+/", "YQ==", &longest] {
        let sent = pairs_of(&asked(&with(token)));
        assert_eq!(sent[1], ("client_notification_token".to_owned(), token.to_owned()));
    }
    assert_eq!(names_of(&asked(&with(""))), ["login_hint"], "empty is absent");
    let longer = "a".repeat(1025);
    for token in ["a b", "a,b", "a=b", "=", "==", "é", "a\n", "a\0", "\"a\"", "a:b", &longer] {
        for door in [with(token), with(token).signed(local())] {
            let why = refused(&door);
            assert!(
                matches!(&why, BuildError::Invalid { parameter, .. } if parameter == "client_notification_token"),
                "{why:?}"
            );
        }
    }
    assert!(!refused(&with("s3cr3t token")).to_string().contains("s3cr3t"));
}

#[test]
fn what_cannot_be_sent() {
    assert_eq!(refused(&door().scope("a  b")), BuildError::Scope);
    let character = |name: &'static str| BuildError::Character { parameter: name.into() };
    assert_eq!(refused(&door().binding_message("a\nb")), character("binding_message"));
    assert_eq!(refused(&door().user_code("1\0")), character("user_code"));
    let hint = UserHint::Login("a\r\nb".into());
    assert_eq!(refused(&client().backchannel_authentication(hint)), character("login_hint"));
    for (name, door) in [
        ("user_code", door().user_code("1")),
        ("binding_message", door().binding_message("1")),
        ("client_notification_token", door().client_notification_token("1")),
        ("requested_expiry", door().requested_expiry(Duration::ZERO)),
    ] {
        let repeated = BuildError::ParameterRepeated { parameter: name.into() };
        assert_eq!(refused(&door.parameter(name, "x")), repeated);
    }
    let nowhere = Client::new(server(), CLIENT_ID).backchannel_authentication(login());
    let endpoint = "backchannel_authentication_endpoint";
    assert_eq!(refused(&nowhere), BuildError::EndpointMissing { endpoint });
}

/// Asking twice asks the user twice.
#[test]
fn it_is_sent_once() {
    let duties = door().draft(now(), &mut entropy()).unwrap().duties();
    assert_eq!(duties.resend, Resend::OnlyIfNotSent);
    assert!(!duties.client_certificate);
    let server = server()
        .backchannel_authentication_endpoint(DOOR)
        .mtls_endpoint_alias(Endpoint::BackchannelAuthentication, "https://mtls.as.example/bc");
    let bound = Client::new(server, CLIENT_ID).auth(TlsClientAuth::new());
    let bound = bound.backchannel_authentication(login());
    let (request, duties) = bound.draft(now(), &mut entropy()).unwrap().into_parts().unwrap();
    assert!(duties.client_certificate);
    assert_eq!(duties.resend, Resend::OnlyIfNotSent);
    assert_eq!(request.uri(), "https://mtls.as.example/bc");
}

fn remote() -> RequestObject {
    RequestObject::new(Signer::remote(Algorithm::Es256).key_id("kms-1"))
}

fn local() -> RequestObject {
    RequestObject::new(LocalKey::generate(Algorithm::Es256).unwrap())
}

/// Section 7.1.1: every parameter is a claim, beside who asks whom and when, and nothing stands beside
/// the JWT but client authentication.
#[test]
fn signed_with_the_key_elsewhere() {
    let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Ps256).key_id("auth"));
    let door = client()
        .auth(method)
        .backchannel_authentication(login())
        .parameter("acr_values", "strong")
        .parameter("request_context", r#"{"ip":"192.0.2.1"}"#)
        .signed(remote().lifetime(Duration::from_secs(300)).backdate(Duration::from_secs(5)))
        .scope("openid email")
        .binding_message("W4SCT")
        .user_code("1234")
        .requested_expiry(Duration::from_secs(120))
        .client_notification_token("8d67dc78-7faa-4d41-aabd-67707b374255");
    let mut draft = door.draft(now(), &mut entropy()).unwrap();
    assert_eq!(draft.duties().resend, Resend::OnlyIfNotSent);
    let object = draft.unsigned().expect("the request first").clone();
    let (header, mut claims) = unsigned_jwt(&object);
    assert_eq!(header, value!({"typ": "oauth-authz-req+jwt", "alg": "ES256", "kid": "kms-1"}));
    assert_eq!(claims["jti"].take().as_str().map(str::len), Some(43));
    let issued = now().as_unix_seconds() - 5;
    let wanted = value!({
        "iss": CLIENT_ID,
        "aud": ISSUER,
        "exp": now().as_unix_seconds() + 300,
        "iat": issued,
        "nbf": issued,
        "jti": null,
        "login_hint": "jane@example.com",
        "binding_message": "W4SCT",
        "user_code": "1234",
        "requested_expiry": "120",
        "client_notification_token": "8d67dc78-7faa-4d41-aabd-67707b374255",
        "scope": "openid email",
        "acr_values": "strong",
        "request_context": {"ip": "192.0.2.1"},
    });
    assert_eq!(claims, wanted);
    draft.sign(&object.signed([1; 64])).unwrap();
    let assertion = draft.unsigned().expect("then the assertion").clone();
    assert_eq!(assertion.key_id(), Some("auth"));
    draft.sign(&assertion.signed([1; 256])).unwrap();
    let names = names_of(&draft.finish().unwrap());
    assert_eq!(names, ["request", "client_assertion", "client_assertion_type"]);
}

#[test]
fn signed_with_the_key_here() {
    let door = door().scope("openid").signed(local().typ("JWT"));
    let mut entropy = entropy();
    let mut sent = || {
        let request = door.request(now(), &mut entropy).unwrap();
        assert!(request.headers().contains_key("authorization"));
        let [(name, object)] = &pairs_of(&request)[..] else { panic!("{request:?}") };
        assert_eq!(name, "request");
        assert_eq!(object.split('.').count(), 3);
        jwt(object)
    };
    let ((header, first), (_, second)) = (sent(), sent());
    assert_eq!(header["typ"], "JWT");
    assert_ne!(first["jti"], second["jti"], "it is made anew for each request");
    assert!(!format!("{door:?}").contains("jane"), "{door:?}");
}

#[test]
fn nothing_is_added_beside_a_signed_request() {
    let signed = || door().signed(local());
    for name in ["acr_values", "request_context"] {
        let why = refused(&signed().parameter(name, "x"));
        assert!(matches!(why, BuildError::Invalid { parameter, .. } if parameter == name));
    }
    for name in ["login_hint", "id_token_hint", "login_hint_token", "request", "client_id"] {
        let managed = BuildError::ParameterManaged { parameter: name.into() };
        assert_eq!(refused(&door().parameter(name, "x").signed(local())), managed, "{name}");
    }
    for name in ["iss", "aud", "exp", "iat", "nbf", "jti", "binding_message"] {
        let repeated = BuildError::ParameterRepeated { parameter: name.into() };
        let door = door().binding_message("1").parameter(name, "x");
        assert_eq!(refused(&door.signed(local())), repeated, "{name}");
    }
}

#[test]
fn what_cannot_be_signed_is_not_asked() {
    assert_eq!(refused(&door().signed(remote())), BuildError::NeedsSignature);
    let context = refused(&door().parameter("request_context", "{").signed(local()));
    assert!(
        matches!(context, BuildError::Invalid { parameter, .. } if parameter == "request_context")
    );
    let nobody = client().backchannel_authentication(UserHint::Login(String::new()));
    let empty = BuildError::Empty { parameter: "login_hint".into() };
    assert_eq!(refused(&nobody.signed(local())), empty);
    let stranger = AuthorizationServer::new().backchannel_authentication_endpoint(DOOR);
    let stranger = Client::new(stranger, CLIENT_ID).backchannel_authentication(login());
    assert_eq!(refused(&stranger.signed(local())), BuildError::IssuerMissing);
}

#[test]
fn pingone_has_its_own_path() {
    let id = "5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69";
    let url = format!("https://auth.pingone.com/{id}/as/cibaAuthorization");
    let server = Environment::new(Region::NorthAmerica, id).unwrap().server();
    let client = Client::new(server.backchannel_authentication_endpoint(&url), "app-1")
        .auth(ClientSecretBasic::new("s"));
    let door = client.backchannel_authentication(login()).scope("openid");
    assert_eq!(asked(&door).uri().to_string(), url);
    let body = r#"{
        "auth_req_id": "1c266114-a1be-4700-8ad1-04986c5b9ac1",
        "expires_in": 120,
        "interval": 2
    }"#;
    let begun = door.read(&json(200, body)).unwrap();
    assert_eq!(begun.auth_req_id().expose(), "1c266114-a1be-4700-8ad1-04986c5b9ac1");
    assert_eq!(*begun.lifetime(), Lifetime::Known(Duration::from_secs(120)));
    assert_eq!(begun.interval(), Duration::from_secs(2));
    assert_eq!(begun.deviations(), []);
    assert!(!format!("{begun:?}").contains("1c266114"), "{begun:?}");
}

#[test]
fn an_identifier_must_be_there() {
    const NAME: &str = "auth_req_id";
    for (body, why) in [
        ("{}", Unusable::MemberMissing(NAME)),
        (r#"{"expires_in":120}"#, Unusable::MemberMissing(NAME)),
        (r#"{"auth_req_id":null}"#, Unusable::MemberMissing(NAME)),
        (r#"{"auth_req_id":""}"#, Unusable::MemberMalformed(NAME)),
        (r#"{"auth_req_id":7}"#, Unusable::MemberMalformed(NAME)),
        (r#"{"auth_req_id":["i"]}"#, Unusable::MemberMalformed(NAME)),
        (r#"{"auth_req_id":"i","auth_req_id":"j"}"#, Unusable::DuplicateMember(NAME)),
        (r#"{"auth_req_id":"i","error":"access_denied"}"#, Unusable::Ambiguous),
        (r#"["auth_req_id"]"#, Unusable::NotAnObject),
        ("", Unusable::Empty),
    ] {
        assert_eq!(unusable(&door(), &json(200, body)), why, "{body}");
    }
}

/// Section 7.3: 5 seconds when the server says nothing.
#[test]
fn the_interval_is_5_seconds_unless_it_is_said_well() {
    assert_eq!(with("").interval(), Duration::from_secs(5));
    assert_eq!(with("").deviations(), []);
    assert_eq!(with(r#","interval":1"#).interval(), Duration::from_secs(1));
    let text = with(r#","interval":"7""#);
    assert_eq!(text.interval(), Duration::from_secs(7));
    assert_eq!(text.deviations(), [Deviation::LifetimeString]);
    for wrong in ["0", "-5", "2.5", r#""soon""#, "[5]", "{}", "true", "99999999999"] {
        let begun = with(&format!(r#","interval":{wrong}"#));
        assert_eq!(begun.interval(), Duration::from_secs(5), "{wrong}");
        assert!(begun.deviations().contains(&Deviation::MalformedMember("interval")), "{wrong}");
    }
}

#[test]
fn how_long_it_stays_open_may_be_unsaid() {
    assert_eq!(*with("").lifetime(), Lifetime::Unknown);
    assert_eq!(*with(r#","expires_in":null"#).lifetime(), Lifetime::Unknown);
    assert!(matches!(with(r#","expires_in":-1"#).lifetime(), Lifetime::Malformed(_)));
}

/// Section 13.
#[test]
fn errors_are_typed() {
    for (status, code, wanted) in [
        (400, "invalid_request", ErrorCode::InvalidRequest),
        (400, "invalid_scope", ErrorCode::InvalidScope),
        (400, "unauthorized_client", ErrorCode::UnauthorizedClient),
        (401, "invalid_client", ErrorCode::InvalidClient),
        (403, "access_denied", ErrorCode::AccessDenied),
        (400, "unknown_user_id", ErrorCode::from_name("unknown_user_id")),
        (400, "expired_login_hint_token", ErrorCode::from_name("expired_login_hint_token")),
        (400, "missing_user_code", ErrorCode::from_name("missing_user_code")),
        (400, "invalid_user_code", ErrorCode::from_name("invalid_user_code")),
        (400, "invalid_binding_message", ErrorCode::from_name("invalid_binding_message")),
    ] {
        let body = format!(r#"{{"error":"{code}","error_description":"d"}}"#);
        let error = fails(&door(), &json(status, body));
        let refusal = error.refusal().expect(code);
        assert_eq!(*refusal.code(), wanted);
        assert_eq!(refusal.code().as_str(), code);
        assert_ne!(error.class(), FailureClass::Transient, "{code}");
    }
}

#[test]
fn other_answers_are_no_answers() {
    let moved = answer(307, &[("location", "https://elsewhere.example/")], "");
    assert_eq!(*fails(&door(), &moved).kind(), ReplyErrorKind::Redirected);
    let busy = fails(&door(), &answer(503, &[("retry-after", "7")], ""));
    assert_eq!(*busy.kind(), ReplyErrorKind::Unavailable);
    assert_ne!(busy.class(), FailureClass::Definitive);
    let created = door().read(&json(201, r#"{"auth_req_id":"i"}"#)).unwrap();
    assert_eq!(created.deviations(), [Deviation::Status(201)]);
    let page = answer(200, &[("content-type", "text/html")], r#"{"auth_req_id":"i"}"#);
    assert_eq!(unusable(&door(), &page), Unusable::ContentType);
}

const ANSWERS: &[&str] = &[
    r#"{"auth_req_id":"1c266114-a1be-4700-8ad1-04986c5b9ac1","expires_in":120,"interval":2}"#,
    r#"{"error":"unknown_user_id","error_description":"d"}"#,
];

fn any_response() -> impl Strategy<Value = Response<Vec<u8>>> {
    let status = prop::sample::select(vec![200_u16, 400, 503]);
    let own = (status, bytes(ANSWERS)).prop_map(|(status, body)| json(status, body));
    prop_oneof![2 => own, 1 => response()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// No reply makes it panic, and what it cannot use it keeps.
    #[test]
    fn any_reply(response in any_response(), quirks in quirks()) {
        let server = server().backchannel_authentication_endpoint(DOOR);
        let client = Client::new(server.quirks(quirks.clone()), CLIENT_ID);
        match client.backchannel_authentication(login()).read(&response) {
            Ok(begun) => {
                prop_assert!(response.status().is_success());
                prop_assert!(!begun.auth_req_id().expose().is_empty());
                prop_assert!(!begun.interval().is_zero());
                let _ = (format!("{begun:?} {:?}", begun.deviations()), begun.lifetime().ends(now()));
                // Another reader agrees on the identifier, where it can read the body at all.
                if quirks == Quirks::new()
                    && let Ok(other) = serde_json::from_slice::<serde_json::Value>(response.body())
                {
                    prop_assert_eq!(other["auth_req_id"].as_str(), Some(begun.auth_req_id().expose()));
                }
            }
            Err(error) => {
                let _ = (format!("{error} {error:?}"), error.retry_after(), error.location());
                prop_assert_eq!(error.raw().expose_body(), response.body());
                prop_assert_eq!(error.raw().status(), response.status());
            }
        }
    }
}
