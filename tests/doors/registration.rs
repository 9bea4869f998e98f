//! Dynamic client registration (RFC 7591): what is sent, and what comes of the answers.

use grantwire::client::{ClientSecretBasic, PrivateKeyJwt};
use grantwire::flow::{ExchangeFlow, FlowError, Machine, TransportFailure};
use grantwire::jose::{Algorithm, LocalKey, PublicJwk, Signer};
use grantwire::message::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::registration::{ClientMetadata, Registration, RegistrationRequest, SecretExpiry};
use grantwire::{
    AuthorizationServer, BuildError, Client, Deviation, Endpoint, EndpointError, Resend, Timestamp,
};
use http::Request;
use serde_json::{Value, json as object};

use crate::given::*;
use crate::machines::{at, error, sent, value};
use crate::{fails, refused, unusable};

pub const PLACE: &str = "https://server.example.com/register";
pub const SECRET: &str = "cf136dc3c1fc93f31185e5885805d";
/// RFC 7591 section 3.2.1.
const ANSWER: &str = r#"{
    "client_id": "s6BhdRkqt3",
    "client_secret": "cf136dc3c1fc93f31185e5885805d",
    "client_id_issued_at": 2893256800,
    "client_secret_expires_at": 2893276800,
    "redirect_uris": [
        "https://client.example.org/callback",
        "https://client.example.org/callback2"],
    "grant_types": ["authorization_code", "refresh_token"],
    "client_name": "My Example Client",
    "client_name#ja-Jpan-JP": "\u30AF\u30E9\u30A4\u30A2\u30F3\u30C8\u540D",
    "token_endpoint_auth_method": "client_secret_basic",
    "logo_uri": "https://client.example.org/logo.png",
    "jwks_uri": "https://client.example.org/my_public_keys.jwks",
    "example_extension_parameter": "example_value"
}"#;
/// Section 3.1, the key of the second example.
const N: &str = "nj3YJwsLUFl9BmpAbkOswCNVx17Eh9wMO-_AReZwBqfaWFcfGHrZXsIV2VMCNVNU8Tpb4obUaSXcRcQ-VMsfQPJm9IzgtRdAY8NN8Xb7PEcYyklBjvTtuPbpzIaqyiUepzUXNDFuAOOkrIol3WmflPUUgMKULBN0EUd1fpOD70pRM0rlp_gg_WNUKoW1V-3keYUJoXH9NztEDm_D2MQXj9eGOJJ8yPgGL8PAZMLe2R7jb9TxOCPDED7tY_TU4nFPlxptw59A42mldEmViXsKQt60s1SLboazxFKveqXC_jpLUt22OC6GUG63p-REw-ZOr3r845z50wMuzifQrMI9bQ";
const NAME_JA: &str = "\u{30AF}\u{30E9}\u{30A4}\u{30A2}\u{30F3}\u{30C8}\u{540D}";

fn there() -> AuthorizationServer {
    server().registration_endpoint(PLACE)
}

pub fn some() -> ClientMetadata {
    ClientMetadata::new().redirect_uris(["https://client.example.org/callback"])
}

pub fn door(metadata: ClientMetadata) -> RegistrationRequest {
    RegistrationRequest::new(&there(), metadata)
}

fn request(metadata: ClientMetadata) -> Request<Vec<u8>> {
    door(metadata).request().expect("a request")
}

fn sent_as(metadata: ClientMetadata) -> Value {
    serde_json::from_slice(request(metadata).body()).expect("JSON")
}

fn why_not(metadata: ClientMetadata) -> BuildError {
    refused(&door(metadata))
}

fn told_to(metadata: ClientMetadata, body: &str) -> Registration {
    door(metadata).read(&json(201, body)).expect(body)
}

fn told(body: &str) -> Registration {
    told_to(some(), body)
}

#[test]
fn section_3_1_the_open_request() {
    let metadata = ClientMetadata::new()
        .redirect_uris([
            "https://client.example.org/callback",
            "https://client.example.org/callback2",
        ])
        .client_name("My Example Client")
        .member("client_name#ja-Jpan-JP", NAME_JA)
        .token_endpoint_auth_method("client_secret_basic")
        .logo_uri("https://client.example.org/logo.png")
        .jwks_uri("https://client.example.org/my_public_keys.jwks")
        .member("example_extension_parameter", "example_value");
    let request = request(metadata);
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), PLACE);
    let json = "application/json";
    assert_eq!(headers_of(&request), as_pairs(&[("accept", json), ("content-type", json)]));
    let body = std::str::from_utf8(request.body()).unwrap();
    let expected = format!(
        r#"{{"redirect_uris":["https://client.example.org/callback","https://client.example.org/callback2"],"client_name":"My Example Client","client_name#ja-Jpan-JP":"{NAME_JA}","token_endpoint_auth_method":"client_secret_basic","logo_uri":"https://client.example.org/logo.png","jwks_uri":"https://client.example.org/my_public_keys.jwks","example_extension_parameter":"example_value"}}"#
    );
    assert_eq!(body, expected, "in the order in which it was said");
}

#[test]
fn section_3_1_the_request_with_a_token_and_keys() {
    let key = object!({"e": "AQAB", "n": N, "kty": "RSA"});
    let metadata = some().jwks([PublicJwk::from_json(&key.to_string()).unwrap().with_key_id("k1")]);
    let exchange = door(metadata).initial_access_token("ey23f2.adfj230.af32-developer321");
    let request = exchange.request().unwrap();
    let token = &request.headers()["authorization"];
    assert_eq!(token, "Bearer ey23f2.adfj230.af32-developer321");
    assert!(token.is_sensitive());
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let kept = object!({"e": "AQAB", "n": N, "kty": "RSA", "kid": "k1"});
    assert_eq!(body["jwks"], object!({"keys": [kept]}));
    assert!(!format!("{exchange:?}").contains("developer321"));
}

#[test]
fn every_member_has_its_name_and_kind() {
    let metadata = ClientMetadata::new()
        .redirect_uris(["com.example.app:/cb", "urn:ietf:wg:oauth:2.0:oob"])
        .grant_types(["authorization_code", "refresh_token"])
        .response_types(["code"])
        .contacts(["ve7jtb@example.org"])
        .scope("read write")
        .client_uri("https://client.example.org/#about")
        .tos_uri("http://client.example.org/tos")
        .policy_uri("https://client.example.org/policy")
        .software_id("4NRB1-0XZABZI9E6-5SM3R")
        .software_version("2.1")
        .software_statement("e30.e30.c2ln")
        .member("dpop_bound_access_tokens", true)
        .member("default_max_age", 60)
        .jwk_set(object!({"keys": [{"kty": "oct-public", "use": "sig"}]}));
    let expected = object!({
        "redirect_uris": ["com.example.app:/cb", "urn:ietf:wg:oauth:2.0:oob"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "contacts": ["ve7jtb@example.org"],
        "scope": "read write",
        "client_uri": "https://client.example.org/#about",
        "tos_uri": "http://client.example.org/tos",
        "policy_uri": "https://client.example.org/policy",
        "software_id": "4NRB1-0XZABZI9E6-5SM3R",
        "software_version": "2.1",
        "software_statement": "e30.e30.c2ln",
        "dpop_bound_access_tokens": true,
        "default_max_age": 60,
        "jwks": {"keys": [{"kty": "oct-public", "use": "sig"}]},
    });
    assert_eq!(sent_as(metadata), expected);
}

/// What is unset is absent, and so is an empty text; an empty list says something.
#[test]
fn absent_empty_and_said_twice() {
    assert_eq!(sent_as(ClientMetadata::new()), object!({}));
    let blank = ClientMetadata::new().client_name("").scope("").logo_uri("").jwks_uri("");
    assert_eq!(sent_as(blank.software_statement("")), object!({}));
    let none = ClientMetadata::new().response_types([""; 0]).redirect_uris([""; 0]);
    assert_eq!(sent_as(none), object!({"response_types": [], "redirect_uris": []}));
    let again = some().client_name("a").client_name("b").without("redirect_uris");
    assert_eq!(sent_as(again), object!({"client_name": "b"}));
}

#[test]
fn what_cannot_be_sent_is_said() {
    let character = |name: &'static str| BuildError::Character { parameter: name.into() };
    let empty = |name: &'static str| BuildError::Empty { parameter: name.into() };
    assert_eq!(why_not(some().client_name("a\nb")), character("client_name"));
    assert_eq!(why_not(some().contacts(["a\0"])), character("contacts"));
    assert_eq!(why_not(some().software_statement("a\r")), character("software_statement"));
    assert_eq!(why_not(some().grant_types(["a", ""])), empty("grant_types"));
    assert_eq!(why_not(some().member("", 1)), empty("member name"));
    assert_eq!(why_not(some().scope("a  b")), BuildError::Scope);
    for (uri, error) in [
        ("https://client.example.org/#f", EndpointError::Fragment),
        ("/callback", EndpointError::Malformed),
        ("https://client.example.org/a b", EndpointError::Character),
        ("", EndpointError::Malformed),
    ] {
        let expected = BuildError::Endpoint { endpoint: "redirect_uris", error };
        assert_eq!(why_not(ClientMetadata::new().redirect_uris([uri])), expected, "{uri}");
    }
    for wrong in ["javascript:alert(1)", "javascript://x/%0aalert(1)", "//x", "https://", "x y"] {
        for metadata in [
            some().client_uri(wrong),
            some().logo_uri(wrong),
            some().tos_uri(wrong),
            some().policy_uri(wrong),
        ] {
            assert!(matches!(why_not(metadata), BuildError::Invalid { .. }), "{wrong}");
        }
    }
    let insecure = BuildError::Endpoint { endpoint: "jwks_uri", error: EndpointError::Insecure };
    assert_eq!(why_not(some().jwks_uri("http://client.example.org/keys")), insecure);
}

#[test]
fn keys_go_in_one_place_and_are_public() {
    let both = some().jwks_uri("https://client.example.org/k").jwk_set(object!({"keys": []}));
    let said = |error: BuildError| match error {
        BuildError::Invalid { parameter, .. } => parameter,
        other => panic!("{other:?}"),
    };
    assert_eq!(said(why_not(both)), "jwks");
    for wrong in [
        object!({"keys": [{"kty": "RSA", "n": "AQ", "d": "AQ"}]}),
        object!({"keys": [{"kty": "oct", "k": "AQ"}]}),
        object!({"keys": ["a"]}),
        object!({"keys": {}}),
        object!([]),
        Value::Null,
    ] {
        assert_eq!(said(why_not(some().jwk_set(wrong))), "jwks");
    }
}

/// A member of the caller's own stands in nobody's place.
#[test]
fn an_own_member_neither_replaces_nor_repeats() {
    let managed = |name: &'static str| BuildError::ParameterManaged { parameter: name.into() };
    for name in [
        "redirect_uris",
        "token_endpoint_auth_method",
        "jwks",
        "software_statement",
        "client_id",
        "client_secret",
        "client_secret_expires_at",
        "client_id_issued_at",
        "registration_access_token",
        "registration_client_uri",
    ] {
        assert_eq!(why_not(some().member(name, "x")), managed(name));
        assert_eq!(why_not(ClientMetadata::new().member(name, "x")), managed(name));
    }
    let early = ClientMetadata::new().member("scope", "x").scope("read");
    assert_eq!(why_not(early), managed("scope"));
    let repeated = BuildError::ParameterRepeated { parameter: "x".into() };
    assert_eq!(why_not(some().member("x", 1).member("x", 2)), repeated);
}

#[test]
fn the_door_and_its_key() {
    let missing = BuildError::EndpointMissing { endpoint: "registration_endpoint" };
    assert_eq!(refused(&RegistrationRequest::new(&server(), some())), missing);
    let empty = BuildError::Empty { parameter: "initial_access_token".into() };
    assert_eq!(refused(&door(some()).initial_access_token("")), empty);
    let split = refused(&door(some()).initial_access_token("a\r\nb"));
    assert!(matches!(split, BuildError::HeaderMalformed { .. }));
    for header in ["authorization", "content-type", "accept"] {
        let error = refused(&door(some()).header(header, "x"));
        assert_eq!(error, BuildError::HeaderManaged { header });
    }
    let request = door(some()).header("x-a", "1").secret_header("x-b", "2").request().unwrap();
    assert_eq!(request.headers()["x-a"], "1");
    assert!(request.headers()["x-b"].is_sensitive());
}

/// Registering twice makes two clients.
#[test]
fn the_transports_duties() {
    let duties = door(some()).draft().unwrap().duties();
    assert_eq!((duties.resend, duties.client_certificate), (Resend::OnlyIfNotSent, false));
    let alias = "https://mtls.server.example.com/register";
    let server = there().mtls_endpoint_alias(Endpoint::Registration, alias).body_limit(99);
    let draft = RegistrationRequest::new(&server, some()).client_certificate().draft().unwrap();
    assert!(draft.duties().client_certificate);
    assert_eq!(draft.duties().body_limit, 99);
    assert_eq!(draft.finish().unwrap().uri(), alias);
}

#[test]
fn section_3_2_1_the_answer() {
    let registered = told(ANSWER);
    assert_eq!(registered.client_id().as_str(), "s6BhdRkqt3");
    assert_eq!(registered.client_secret().unwrap().expose(), SECRET);
    let end = Timestamp::from_unix_seconds(2_893_276_800);
    assert_eq!(*registered.client_secret_expires_at(), SecretExpiry::At(end));
    assert!(!registered.client_secret_expires_at().is_past(now()));
    assert!(registered.client_secret_expires_at().is_past(end));
    let issued = Timestamp::from_unix_seconds(2_893_256_800);
    assert_eq!(registered.client_id_issued_at(), Some(issued));
    assert_eq!(registered.token_endpoint_auth_method(), "client_secret_basic");
    assert_eq!(registered.extra::<String>("client_name#ja-Jpan-JP").as_deref(), Some(NAME_JA));
    assert_eq!(registered.extra::<Vec<String>>("redirect_uris").unwrap().len(), 2);
    assert!(registered.registration_access_token().is_none());
    assert!(registered.registration_client_uri().is_none());
    assert_eq!(registered.deviations(), []);
    let missing = BuildError::EndpointMissing { endpoint: "registration_client_uri" };
    assert_eq!(registered.configuration(&there()).err(), Some(missing));
    let shown = format!("{registered:?} {registered:#?}");
    assert!(!shown.contains(SECRET) && shown.contains("s6BhdRkqt3"), "{shown}");
}

#[test]
fn any_2xx_is_success_and_reported() {
    for (status, deviations) in [(201, &[][..]), (200, &[Deviation::Status(200)])] {
        let registered = door(some()).read(&json(status, ANSWER)).unwrap();
        assert_eq!(registered.deviations(), deviations);
    }
    let untyped = door(some()).read(&answer(201, &[], ANSWER)).unwrap();
    assert_eq!(untyped.deviations(), [Deviation::ContentTypeAbsent]);
}

/// Without an identifier, or a secret that is needed, there is no client; the server has made one.
#[test]
fn what_spoils_an_answer() {
    for (body, why) in [
        (r#"{"client_secret":"s"}"#, Unusable::MemberMissing("client_id")),
        (r#"{"client_id":null,"client_secret":"s"}"#, Unusable::MemberMissing("client_id")),
        (r#"{"client_id":"","client_secret":"s"}"#, Unusable::MemberMalformed("client_id")),
        (r#"{"client_id":7,"client_secret":"s"}"#, Unusable::MemberMalformed("client_id")),
        (r#"{"client_id":"\u00e9","client_secret":"s"}"#, Unusable::MemberMalformed("client_id")),
        (r#"{"client_id":"a\r\nb","client_secret":"s"}"#, Unusable::MemberMalformed("client_id")),
        (r#"{"client_id":"c"}"#, Unusable::MemberMissing("client_secret")),
        (r#"{"client_id":"c","client_secret":null}"#, Unusable::MemberMissing("client_secret")),
        (r#"{"client_id":"c","client_secret":7}"#, Unusable::MemberMalformed("client_secret")),
        (r#"{"client_id":"c","client_secret":""}"#, Unusable::MemberMalformed("client_secret")),
        (
            r#"{"client_id":"c","client_secret":"a\u0000b"}"#,
            Unusable::MemberMalformed("client_secret"),
        ),
        (
            r#"{"client_id":"c","client_id":"d","client_secret":"s"}"#,
            Unusable::DuplicateMember("client_id"),
        ),
        (
            r#"{"client_id":"c","client_secret":"s","client_secret":"t"}"#,
            Unusable::DuplicateMember("client_secret"),
        ),
        (
            r#"{"client_id":"c","client_secret":"s","error":"invalid_client_metadata"}"#,
            Unusable::Ambiguous,
        ),
        (r#"["client_id"]"#, Unusable::NotAnObject),
        ("", Unusable::Empty),
        (r#"{"client_id":"c","client_se"#, Unusable::Truncated),
    ] {
        let reply = json(201, body);
        assert_eq!(unusable(&door(some()), &reply), why, "{body}");
        let error = fails(&door(some()), &reply);
        assert_eq!(error.class(), FailureClass::Indeterminate);
        assert_eq!(error.raw().expose_body(), body.as_bytes(), "it may still be in there");
    }
}

/// Whether a secret is needed hangs on the method that the server registered, then on the one asked
/// for, then on the RFC's default.
#[test]
fn a_client_without_a_secret_needs_none() {
    let bare = r#"{"client_id":"c"}"#;
    for method in ["none", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"] {
        let registered = told_to(some().token_endpoint_auth_method(method), bare);
        assert_eq!(registered.token_endpoint_auth_method(), method);
        assert_eq!(registered.deviations(), [], "no secret, so no end of it");
        let said = format!(r#"{{"client_id":"c","token_endpoint_auth_method":"{method}"}}"#);
        assert_eq!(told(&said).token_endpoint_auth_method(), method, "the server may substitute");
    }
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
        let said = format!(r#"{{"client_id":"c","token_endpoint_auth_method":"{method}"}}"#);
        let asked = door(some().token_endpoint_auth_method("none"));
        assert_eq!(unusable(&asked, &json(201, said)), Unusable::MemberMissing("client_secret"));
    }
    let odd = r#"{"client_id":"c","client_secret":7}"#;
    let registered = told_to(some().token_endpoint_auth_method("none"), odd);
    assert_eq!(registered.deviations(), [Deviation::MalformedMember("client_secret")]);
}

#[test]
fn when_a_secret_ends() {
    let read = |raw: &str| {
        let body =
            format!(r#"{{"client_id":"c","client_secret":"s","client_secret_expires_at":{raw}}}"#);
        told(&body)
    };
    let at = |seconds| SecretExpiry::At(Timestamp::from_unix_seconds(seconds));
    for (raw, end, deviations) in [
        ("0", SecretExpiry::Never, vec![]),
        ("1577858400", at(1_577_858_400), vec![]),
        (r#""1577858400""#, at(1_577_858_400), vec![Deviation::LifetimeString]),
        ("1577858400.0", at(1_577_858_400), vec![Deviation::LifetimeFloat]),
        ("253402300799", at(253_402_300_799), vec![]),
        ("null", SecretExpiry::Unknown, vec![Deviation::SecretExpiryAbsent]),
    ] {
        let registered = read(raw);
        assert_eq!(*registered.client_secret_expires_at(), end, "{raw}");
        assert_eq!(registered.deviations(), deviations, "{raw}");
    }
    for raw in [
        "-1",
        "1.5",
        "1577858400000",
        "99999999999999999999999",
        "1e999",
        r#""soon""#,
        r#""""#,
        "[]",
        "true",
    ] {
        let registered = read(raw);
        let SecretExpiry::Malformed(kept) = registered.client_secret_expires_at() else {
            panic!("{raw}: {:?}", registered.client_secret_expires_at());
        };
        assert_eq!(kept.raw(), raw);
        let reported = Deviation::MalformedMember("client_secret_expires_at");
        assert_eq!(registered.deviations(), [reported]);
        assert_eq!(registered.client_secret().unwrap().expose(), "s", "only itself");
        assert!(!registered.client_secret_expires_at().is_past(now()));
    }
}

/// A bad address costs only the management.
#[test]
fn what_serves_management_alone_costs_no_client() {
    let with = |members: &str| {
        told(&format!(
            r#"{{"client_id":"c","client_secret":"s","client_secret_expires_at":0,{members}}}"#
        ))
    };
    for wrong in [
        r#""javascript:alert(1)""#,
        r#""http://server.example.com/register/c""#,
        r#""/register/c""#,
        r#""https://u:p@server.example.com/""#,
        r#""https://server.example.com/#c""#,
        r#""""#,
        "7",
    ] {
        let registered =
            with(&format!(r#""registration_client_uri":{wrong},"registration_access_token":"t""#));
        let reported = Deviation::MalformedMember("registration_client_uri");
        assert_eq!(registered.deviations(), [reported], "{wrong}");
        assert!(registered.registration_client_uri().is_none());
        assert!(registered.client(&there()).is_ok());
        assert!(registered.configuration(&there()).is_err());
    }
    for wrong in ["7", r#""a b""#, r#""a\r\nb""#, r#""\u00e9""#, "[]"] {
        let registered = with(&format!(
            r#""registration_client_uri":"https://server.example.com/c","registration_access_token":{wrong}"#
        ));
        let reported = Deviation::MalformedMember("registration_access_token");
        assert_eq!(registered.deviations(), [reported], "{wrong}");
        let missing = BuildError::Empty { parameter: "registration_access_token".into() };
        assert_eq!(registered.configuration(&there()).err(), Some(missing));
    }
    let strange = with(r#""client_id_issued_at":"yesterday","token_endpoint_auth_method":7"#);
    let reported = ["token_endpoint_auth_method", "client_id_issued_at"];
    assert_eq!(strange.deviations(), reported.map(Deviation::MalformedMember));
    assert_eq!(strange.client_id_issued_at(), None);
    assert_eq!(strange.token_endpoint_auth_method(), "client_secret_basic");
}

fn basic(client: &Client) -> Request<Vec<u8>> {
    built(&own_token(client))
}

/// The client authenticates as the server says, not as was asked.
#[test]
fn a_client_is_made_as_it_was_registered() {
    let by = |method: &str| {
        let body = format!(
            r#"{{"client_id":"c","client_secret":"0123456789abcdef0123456789abcdef","token_endpoint_auth_method":"{method}"}}"#
        );
        told_to(some().token_endpoint_auth_method("private_key_jwt"), &body)
    };
    let request = |method| basic(&by(method).client(&there()).expect(method));
    assert!(request("client_secret_basic").headers().contains_key("authorization"));
    let wanted = ["grant_type", "client_id", "client_secret"];
    assert_eq!(names_of(&request("client_secret_post")), wanted);
    let wanted = ["grant_type", "client_assertion", "client_assertion_type"];
    assert_eq!(names_of(&request("client_secret_jwt")), wanted);
    for method in ["none", "tls_client_auth", "self_signed_tls_client_auth"] {
        assert_eq!(names_of(&request(method)), ["grant_type", "client_id"]);
    }
    for method in ["private_key_jwt", "vendor_header"] {
        let error = by(method).client(&there()).expect_err("it takes more than the answer");
        assert!(
            matches!(&error, BuildError::Invalid { parameter, .. } if parameter == "token_endpoint_auth_method")
        );
        assert!(error.to_string().contains("client_with"), "{error}");
    }
    assert!(by("private_key_jwt").client(&there()).unwrap_err().to_string().contains("key"));
}

#[test]
fn the_servers_algorithm_is_used() {
    let by = |algorithm: &str| {
        let body = format!(
            r#"{{"client_id":"c","client_secret":"{}","token_endpoint_auth_method":"client_secret_jwt","token_endpoint_auth_signing_alg":"{algorithm}"}}"#,
            "s".repeat(64)
        );
        told(&body).client(&there())
    };
    for algorithm in ["HS256", "HS384", "HS512"] {
        let sent = pairs_of(&basic(&by(algorithm).unwrap()));
        let header = sent[1].1.split('.').next().unwrap();
        let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
        assert_eq!(header["alg"], algorithm);
    }
    assert!(matches!(by("RS256"), Err(BuildError::Invalid { .. })));
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

#[test]
fn a_key_is_the_callers_and_the_method_the_servers() {
    let key = || PrivateKeyJwt::new(LocalKey::generate(Algorithm::Es256).unwrap());
    let body = r#"{"client_id":"c","token_endpoint_auth_method":"private_key_jwt"}"#;
    let client = told(body).client_with(&there(), key()).unwrap();
    assert_eq!(client.id().as_str(), "c");
    let wanted = ["grant_type", "client_assertion", "client_assertion_type"];
    assert_eq!(names_of(&basic(&client)), wanted);
    let remote = PrivateKeyJwt::new(Signer::remote(Algorithm::Ps256));
    assert!(told(body).client_with(&there(), remote).is_ok());
    for (body, method) in [
        (ANSWER, "client_secret_basic"),
        (r#"{"client_id":"c","token_endpoint_auth_method":"none"}"#, "none"),
    ] {
        let registered = told(body);
        assert_eq!(registered.token_endpoint_auth_method(), method);
        assert!(matches!(registered.client_with(&there(), key()), Err(BuildError::Invalid { .. })));
    }
    let registered = told(ANSWER);
    assert!(registered.client_with(&there(), ClientSecretBasic::new("other")).is_ok());
}

/// Section 3.2.2, and RFC 6750 for the initial access token.
#[test]
fn refusals_have_names() {
    for (name, code) in [
        ("invalid_redirect_uri", ErrorCode::InvalidRedirectUri),
        ("invalid_client_metadata", ErrorCode::InvalidClientMetadata),
        ("invalid_software_statement", ErrorCode::InvalidSoftwareStatement),
        ("unapproved_software_statement", ErrorCode::UnapprovedSoftwareStatement),
    ] {
        let body = format!(r#"{{"error":"{name}","error_description":"not allowed here"}}"#);
        let error = fails(&door(some()), &json(400, body));
        assert_eq!(*error.refusal().unwrap().code(), code);
        assert_eq!(code.as_str(), name);
        assert_eq!((error.class(), error.fault()), (FailureClass::Definitive, Fault::Client));
        assert!(error.to_string().contains(name), "{error}");
    }
    let challenge = ("www-authenticate", r#"Bearer error="invalid_token""#);
    let error = fails(&door(some()), &answer(401, &[challenge], ""));
    assert_eq!(*error.refusal().unwrap().code(), ErrorCode::InvalidToken);
}

/// Nobody knows whether there is a client now.
#[test]
fn a_failing_server_leaves_it_unknown() {
    for status in [500, 502, 504] {
        let error = fails(&door(some()), &answer(status, &[], "<html>oops</html>"));
        assert_eq!(*error.kind(), ReplyErrorKind::Unavailable);
        assert_eq!(error.class(), FailureClass::Indeterminate);
        assert!(error.to_string().contains("do not send"), "{error}");
    }
    let busy = answer(503, &[("retry-after", "5")], "");
    assert_eq!(fails(&door(some()), &busy).class(), FailureClass::Transient);
    let moved = answer(307, &[("location", "https://elsewhere.example/")], "");
    assert_eq!(*fails(&door(some()), &moved).kind(), ReplyErrorKind::Redirected);
    let long = format!(r#"{{"client_id":"c","client_secret":"s","x":"{}"}}"#, "x".repeat(1 << 20));
    let limit = grantwire::DEFAULT_BODY_LIMIT;
    let error = fails(&door(some()), &json(201, long));
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::BodyTooLarge { limit }));
    assert_eq!(error.raw().expose_body().len(), limit);
}

#[test]
fn a_machine_drives_it() {
    let mut flow = ExchangeFlow::new(door(some()), entropy());
    assert_eq!(sent(flow.poll(at(0))).uri(), PLACE);
    flow.handle_response(at(1), &json(201, ANSWER)).unwrap();
    assert_eq!(value(flow.poll(at(1))).client_id().as_str(), "s6BhdRkqt3");

    let mut flow = ExchangeFlow::new(door(some()), entropy());
    sent(flow.poll(at(0)));
    flow.handle_failure(at(1), TransportFailure::Unknown).unwrap();
    let end = error(flow.poll(at(1)));
    assert!(!matches!(end, FlowError::Reply(_)), "nothing came: {end:?}");
}
