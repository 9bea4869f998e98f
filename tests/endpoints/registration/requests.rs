//! What is sent to register a client, and what is not.

use grantwire::jose::PublicJwk;
use grantwire::registration::{ClientMetadata, RegistrationRequest};
use grantwire::{BuildError, Endpoint, EndpointError, Resend};
use http::Request;
use serde_json::{Value, json as object};

use super::*;
use crate::refused;

/// Section 3.1, the key of the second example.
const N: &str = "nj3YJwsLUFl9BmpAbkOswCNVx17Eh9wMO-_AReZwBqfaWFcfGHrZXsIV2VMCNVNU8Tpb4obUaSXcRcQ-VMsfQPJm9IzgtRdAY8NN8Xb7PEcYyklBjvTtuPbpzIaqyiUepzUXNDFuAOOkrIol3WmflPUUgMKULBN0EUd1fpOD70pRM0rlp_gg_WNUKoW1V-3keYUJoXH9NztEDm_D2MQXj9eGOJJ8yPgGL8PAZMLe2R7jb9TxOCPDED7tY_TU4nFPlxptw59A42mldEmViXsKQt60s1SLboazxFKveqXC_jpLUt22OC6GUG63p-REw-ZOr3r845z50wMuzifQrMI9bQ";

fn request(metadata: ClientMetadata) -> Request<Vec<u8>> {
    door(metadata).request().expect("a request")
}

fn sent_as(metadata: ClientMetadata) -> Value {
    serde_json::from_slice(request(metadata).body()).expect("JSON")
}

fn why_not(metadata: ClientMetadata) -> BuildError {
    refused(&door(metadata))
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
        object!({"keys": [{"kty": "AKP", "alg": "ML-DSA-44", "pub": "AQ", "priv": "AQ"}]}),
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
