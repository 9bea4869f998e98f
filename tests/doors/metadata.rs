//! Authorization server metadata (RFC 8414): where it is asked for, and what of it is believed.

use std::time::Duration;

use grantwire::client::{BearerToken, ClientAuthentication, ClientSecretBasic, TlsClientAuth};
use grantwire::jose::Algorithm;
use grantwire::metadata::{Announced, Metadata, MetadataRequest, WellKnown};
use grantwire::provider::pingone;
use grantwire::reply::{ErrorCode, ReplyErrorKind, Unusable};
use grantwire::{BuildError, Client, Deviation, Endpoint, EndpointError, Quirks, ReplyError};
use http::Response;
use serde_json::Value;

use crate::asked;
use crate::given::*;

/// RFC 8414 section 3.2.
const EXAMPLE: &str = r#"{
    "issuer": "https://server.example.com",
    "authorization_endpoint": "https://server.example.com/authorize",
    "token_endpoint": "https://server.example.com/token",
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
    "userinfo_endpoint": "https://server.example.com/userinfo",
    "jwks_uri": "https://server.example.com/jwks.json",
    "registration_endpoint": "https://server.example.com/register",
    "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
    "response_types_supported": ["code", "code token"],
    "service_documentation": "http://server.example.com/service_documentation.html",
    "ui_locales_supported": ["en-US", "en-GB", "en-CA", "fr-FR", "fr-CA"]
}"#;

fn ask(issuer: &str) -> MetadataRequest {
    MetadataRequest::new(issuer, WellKnown::OAuth)
}

fn read(reply: &Response<Vec<u8>>) -> Result<Metadata, ReplyError> {
    ask(ISSUER).read(reply)
}

/// A document of the server at [`ISSUER`], with these members.
fn with(members: &str) -> Metadata {
    let body = format!(r#"{{"issuer":"{ISSUER}"{members}}}"#);
    read(&json(200, body)).expect(members)
}

fn why(reply: &Response<Vec<u8>>) -> Unusable {
    match read(reply).expect_err("it is no document").kind() {
        ReplyErrorKind::Unusable(why) => *why,
        other => panic!("{other:?}"),
    }
}

/// Why a client of this server cannot use an endpoint.
fn endpoint_error(metadata: &Metadata) -> Option<EndpointError> {
    let client = Client::new(metadata.server().clone(), CLIENT_ID);
    match build(&own_token(&client)) {
        Ok(_) => None,
        Err(BuildError::Endpoint { endpoint: "token_endpoint", error }) => Some(error),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn section_3_1_where_it_is_asked_for() {
    for (issuer, oauth, openid, inserted) in [
        (
            "https://example.com",
            "https://example.com/.well-known/oauth-authorization-server",
            "https://example.com/.well-known/openid-configuration",
            "https://example.com/.well-known/openid-configuration",
        ),
        (
            "https://example.com/",
            "https://example.com/.well-known/oauth-authorization-server",
            "https://example.com/.well-known/openid-configuration",
            "https://example.com/.well-known/openid-configuration",
        ),
        (
            "https://example.com/issuer1",
            "https://example.com/.well-known/oauth-authorization-server/issuer1",
            "https://example.com/issuer1/.well-known/openid-configuration",
            "https://example.com/.well-known/openid-configuration/issuer1",
        ),
        (
            "https://example.com/issuer1/",
            "https://example.com/.well-known/oauth-authorization-server/issuer1",
            "https://example.com/issuer1/.well-known/openid-configuration",
            "https://example.com/.well-known/openid-configuration/issuer1",
        ),
        (
            "http://127.0.0.1:8080/a/b",
            "http://127.0.0.1:8080/.well-known/oauth-authorization-server/a/b",
            "http://127.0.0.1:8080/a/b/.well-known/openid-configuration",
            "http://127.0.0.1:8080/.well-known/openid-configuration/a/b",
        ),
    ] {
        let forms = [
            (WellKnown::OAuth, oauth),
            (WellKnown::OpenId, openid),
            (WellKnown::OpenIdInserted, inserted),
        ];
        for (form, url) in forms {
            let request = MetadataRequest::new(issuer, form).request().unwrap();
            assert_eq!(request.uri().to_string(), url, "{issuer} {form:?}");
            assert_eq!((request.method().as_str(), request.body().len()), ("GET", 0));
            assert_eq!(headers_of(&request), as_pairs(&[("accept", "application/json")]));
        }
    }
}

#[test]
fn pingones_address_is_the_general_one() {
    let id = "5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69";
    let there = pingone::Environment::new(pingone::Region::Europe, id).unwrap();
    let at = |environment: &pingone::Environment, form| {
        MetadataRequest::new(environment.issuer(), form).request().unwrap().uri().to_string()
    };
    let expected =
        format!("https://auth.pingone.eu/.well-known/oauth-authorization-server/{id}/as");
    assert_eq!(at(&there, WellKnown::OAuth), expected);
    assert_eq!(at(&there, WellKnown::OAuth), there.metadata_url());
    assert_eq!(at(&there, WellKnown::OpenId), there.openid_configuration_url());
    let custom = pingone::Environment::custom_domain("login.example.com").unwrap();
    assert_eq!(at(&custom, WellKnown::OAuth), custom.metadata_url());
}

#[test]
fn what_is_no_issuer_is_not_asked() {
    for (issuer, error) in [
        ("http://as.example", EndpointError::Insecure),
        ("javascript:alert(1)", EndpointError::Malformed),
        ("javascript://as.example/%0aalert(1)", EndpointError::Insecure),
        ("file:///etc/passwd", EndpointError::Insecure),
        ("https://as.example?x=y", EndpointError::Malformed),
        ("https://as.example/a?", EndpointError::Malformed),
        ("https://as.example#f", EndpointError::Fragment),
        ("https://user@as.example", EndpointError::UserInformation),
        ("https://as.example/a b", EndpointError::Character),
        ("as.example", EndpointError::Malformed),
        ("", EndpointError::Malformed),
    ] {
        for form in [WellKnown::OAuth, WellKnown::OpenId, WellKnown::OpenIdInserted] {
            let expected = BuildError::Endpoint { endpoint: "issuer", error };
            let refused = MetadataRequest::new(issuer, form).request();
            assert_eq!(refused.err(), Some(expected), "{issuer}");
        }
    }
}

#[test]
fn section_3_2_the_example() {
    let metadata = ask("https://server.example.com").read(&json(200, EXAMPLE)).unwrap();
    assert_eq!(metadata.issuer().as_str(), "https://server.example.com");
    assert_eq!(metadata.auth_method("client_secret_basic"), Announced::Yes);
    assert_eq!(metadata.auth_method("private_key_jwt"), Announced::Yes);
    assert_eq!(metadata.auth_method("client_secret_post"), Announced::No);
    assert_eq!(metadata.grant_type("client_credentials"), Announced::Unsaid);
    assert_eq!(metadata.code_challenge_method("S256"), Announced::Unsaid);
    assert_eq!(metadata.dpop_algorithm("ES256"), Announced::Unsaid);
    assert!(!metadata.requires_pushed_requests());
    assert_eq!(metadata.max_age(), None);
    assert_eq!((metadata.unusable_endpoints(), metadata.deviations()), (&[][..], &[][..]));
    // What this crate has no name for is there for the asking.
    let scopes: Vec<String> = metadata.extra("scopes_supported").unwrap();
    assert_eq!(scopes.len(), 6);
    let jwks: Option<String> = metadata.extra("jwks_uri");
    assert_eq!(jwks.as_deref(), Some("https://server.example.com/jwks.json"));
    let documentation: String = metadata.extra("service_documentation").unwrap();
    assert!(documentation.starts_with("http:"), "an address for people, and not an endpoint");
    assert_eq!(metadata.extra::<Value>("no_such_member"), None);
    // And a client can be made of it.
    let client = Client::new(metadata.server().clone(), CLIENT_ID);
    assert_eq!(built(&own_token(&client)).uri(), "https://server.example.com/token");
    let started = started(&client);
    assert!(started.url.starts_with("https://server.example.com/authorize?"));
    assert_eq!(started.pending.issuer().unwrap().as_str(), "https://server.example.com");
}

/// RFC 8414 section 3.3: byte for byte, or the document must not be used.
#[test]
fn another_issuers_document_is_refused() {
    for named in [
        "https://as.example/",
        "https://AS.example",
        "HTTPS://as.example",
        "https://as.example:443",
        "https://as.example/a",
        "https://evil.example",
        "http://as.example",
        "https://as.example ",
        "https://as.exampl\u{435}",
    ] {
        let body = serde_json::json!({"issuer": named, "token_endpoint": "https://a.example/t"});
        assert_eq!(why(&json(200, body.to_string())), Unusable::IssuerMismatch, "{named}");
    }
    let slash = ask("https://as.example/").read(&json(200, r#"{"issuer":"https://as.example"}"#));
    assert!(slash.is_err(), "a slash makes another issuer, whichever side it is on");
}

#[test]
fn an_issuer_must_be_named_once() {
    assert_eq!(why(&json(200, "{}")), Unusable::MemberMissing("issuer"));
    assert_eq!(why(&json(200, r#"{"issuer":null}"#)), Unusable::MemberMissing("issuer"));
    for wrong in ["7", r#""""#, r#"["https://as.example"]"#, "{}", "true"] {
        let body = format!(r#"{{"issuer":{wrong}}}"#);
        assert_eq!(why(&json(200, body)), Unusable::MemberMalformed("issuer"), "{wrong}");
    }
    let twice = format!(r#"{{"issuer":"{ISSUER}","issuer":"https://evil.example"}}"#);
    assert_eq!(why(&json(200, twice)), Unusable::DuplicateMember("issuer"));
}

#[test]
fn an_issuer_of_two_names_is_taken_by_name() {
    let ask = ask(ISSUER).accept_issuer("https://login.example");
    let named = |issuer: &str| ask.read(&json(200, format!(r#"{{"issuer":"{issuer}"}}"#)));
    assert_eq!(named(ISSUER).unwrap().issuer().as_str(), ISSUER);
    let other = named("https://login.example").unwrap();
    assert_eq!(other.issuer().as_str(), "https://login.example");
    let client = Client::new(
        other.server().clone().authorization_endpoint("https://login.example/authorize"),
        CLIENT_ID,
    );
    // From now on that is the issuer.
    assert_eq!(started(&client).pending.issuer().unwrap().as_str(), "https://login.example");
    for third in ["https://evil.example", "https://login.example/", ""] {
        assert!(named(third).is_err(), "{third}");
    }
}

/// One bad endpoint refuses that endpoint, and not the document.
#[test]
fn an_endpoint_that_cannot_be_used_costs_only_itself() {
    for (url, error) in [
        ("javascript:alert(1)", EndpointError::Malformed),
        ("javascript://as.example/%0aalert(1)", EndpointError::Insecure),
        ("file:///etc/passwd", EndpointError::Insecure),
        ("smb://as.example/share", EndpointError::Insecure),
        ("data:text/html,x", EndpointError::Malformed),
        ("http://as.example/token", EndpointError::Insecure),
        ("ftp://as.example/token", EndpointError::Insecure),
        ("https://user:pw@as.example/token", EndpointError::UserInformation),
        ("https://as.example/token#f", EndpointError::Fragment),
        ("https://as.example/$(touch x) y", EndpointError::Character),
        ("https://as.example/\ntoken", EndpointError::Character),
        ("/token", EndpointError::Malformed),
        ("//as.example/token", EndpointError::Malformed),
    ] {
        let quoted = serde_json::to_string(url).unwrap();
        let metadata = with(&format!(
            r#","token_endpoint":{quoted},"authorization_endpoint":"{AUTHORIZE}","revocation_endpoint":"https://as.example/revoke""#
        ));
        assert_eq!(metadata.unusable_endpoints(), [(Endpoint::Token, error)], "{url}");
        assert_eq!(endpoint_error(&metadata), Some(error), "{url}");
        let client = Client::new(metadata.server().clone(), CLIENT_ID);
        assert!(started(&client).url.starts_with(AUTHORIZE));
        assert_eq!(asked(&client.revoke("t")).uri(), "https://as.example/revoke");
    }
    // The one that is handed to a browser is held to the same.
    let metadata = with(r#","authorization_endpoint":"javascript:alert(1)""#);
    let client = Client::new(metadata.server().clone(), CLIENT_ID);
    assert!(matches!(
        client.authorization().start(&mut entropy()),
        Err(BuildError::Endpoint { endpoint: "authorization_endpoint", .. })
    ));
}

/// What is sent there would go to whoever listens on this machine, by the word of a server elsewhere.
#[test]
fn only_an_issuer_on_this_machine_names_endpoints_on_it() {
    let here = [
        "http://127.0.0.1/token",
        "http://127.0.0.1:8080/token",
        "HTTP://LOCALHOST:8080/token",
        "http://[::1]/token",
        "http://127.9.9.9/token",
    ];
    for url in here {
        let error = EndpointError::Loopback;
        let metadata = with(&format!(
            r#","token_endpoint":"{url}","mtls_endpoint_aliases":{{"token_endpoint":"{url}"}}"#
        ));
        assert_eq!(metadata.unusable_endpoints(), [(Endpoint::Token, error)], "{url}");
        assert_eq!(metadata.unusable_aliases(), [(Endpoint::Token, error)], "{url}");
        assert_eq!(endpoint_error(&metadata), Some(error), "{url}");
        for issuer in ["http://127.0.0.1:9000", "http://localhost", "https://[::1]:1/a"] {
            let body = format!(r#"{{"issuer":"{issuer}","token_endpoint":"{url}"}}"#);
            let metadata = ask(issuer).read(&json(200, &*body)).unwrap();
            let found = (metadata.unusable_endpoints(), endpoint_error(&metadata));
            assert_eq!(found, (&[][..], None), "{issuer} {url}");
            // By whatever name it goes, it is the one that was asked that counts.
            let elsewhere = ask(ISSUER).accept_issuer(issuer).read(&json(200, body)).unwrap();
            assert_eq!(elsewhere.unusable_endpoints(), [(Endpoint::Token, error)], "{issuer}");
        }
    }
    // TLS says who it is, here as elsewhere.
    let tls = with(r#","token_endpoint":"https://127.0.0.1/token""#);
    assert_eq!((tls.unusable_endpoints(), endpoint_error(&tls)), (&[][..], None));
    let far = r#"{"issuer":"http://localhost","token_endpoint":"http://as.example/token"}"#;
    let far = ask("http://localhost").read(&json(200, far)).unwrap();
    assert_eq!(far.unusable_endpoints(), [(Endpoint::Token, EndpointError::Insecure)]);
}

#[test]
fn every_door_is_read_from_the_document() {
    for endpoint in Endpoint::ALL {
        let name = endpoint.name();
        let metadata = with(&format!(r#","{name}":"javascript:alert(1)""#));
        let error = EndpointError::Malformed;
        assert_eq!(metadata.unusable_endpoints(), [(*endpoint, error)], "{name}");
        assert_eq!(metadata.unusable_aliases(), [], "{name}");
        let bad = format!(r#","mtls_endpoint_aliases":{{"{name}":"javascript:alert(1)"}}"#);
        let metadata = with(&format!(r#","{name}":"https://as.example/x"{bad}"#));
        assert_eq!(metadata.unusable_aliases(), [(*endpoint, error)], "{name}");
        assert_eq!(metadata.unusable_endpoints(), [], "{name}");
        for wrong in ["7", "[]", "{}", "true", r#""""#, r#"["https://as.example/x"]"#] {
            let metadata = with(&format!(r#","{name}":{wrong}"#));
            assert_eq!(metadata.unusable_endpoints(), [], "{name} {wrong}");
            assert_eq!(metadata.deviations(), [Deviation::MalformedMember(name)], "{wrong}");
        }
        assert_eq!(with(&format!(r#","{name}":null"#)).deviations(), []);
        let (one, two) = ("https://as.example/1", "https://as.example/2");
        let twice = format!(r#""{name}":"{one}","{name}":"{two}""#);
        for members in [twice.clone(), format!(r#""mtls_endpoint_aliases":{{{twice}}}"#)] {
            let body = format!(r#"{{"issuer":"{ISSUER}",{members}}}"#);
            assert_eq!(why(&json(200, body)), Unusable::DuplicateMember(name), "{members}");
        }
    }
}

/// A flag that is announced in a strange form is stricter and never laxer.
#[test]
fn a_flag_that_is_no_boolean_never_reads_as_false() {
    const PUSH: &str = "require_pushed_authorization_requests";
    const ISS: &str = "authorization_response_iss_parameter_supported";
    for (value, set, strange) in [
        ("true", true, false),
        ("false", false, false),
        ("null", false, false),
        (r#""true""#, true, true),
        (r#""false""#, true, true),
        ("1", true, true),
        ("0", true, true),
        (r#""""#, true, true),
        ("[]", true, true),
        ("{}", true, true),
    ] {
        let metadata = with(&format!(r#","{PUSH}":{value}"#));
        assert_eq!(metadata.requires_pushed_requests(), set, "{value}");
        let expected: &[_] = if strange { &[Deviation::MalformedMember(PUSH)] } else { &[] };
        assert_eq!(metadata.deviations(), expected, "{value}");

        let doors = format!(r#","authorization_endpoint":"{AUTHORIZE}","{ISS}":{value}"#);
        let metadata = with(&doors);
        let pending = pending(&Client::new(metadata.server().clone(), CLIENT_ID));
        let callback = grantwire::authorization::Callback::from_query("code=c&state=xyz");
        assert_eq!(pending.code(callback).is_err(), set, "without `iss`, announced as {value}");
        let expected: &[_] = if strange { &[Deviation::MalformedMember(ISS)] } else { &[] };
        assert_eq!(metadata.deviations(), expected, "{value}");
    }
}

#[test]
fn a_list_that_is_none_says_nothing() {
    type Ask = fn(&Metadata, &str) -> Announced;
    let lists: [(&str, Ask); 4] = [
        ("token_endpoint_auth_methods_supported", Metadata::auth_method),
        ("grant_types_supported", Metadata::grant_type),
        ("dpop_signing_alg_values_supported", Metadata::dpop_algorithm),
        ("code_challenge_methods_supported", Metadata::code_challenge_method),
    ];
    for (name, ask) in lists {
        let metadata = with(&format!(r#","{name}":["a","b"]"#));
        assert_eq!((ask(&metadata, "a"), ask(&metadata, "b")), (Announced::Yes, Announced::Yes));
        assert_eq!((ask(&metadata, "A"), ask(&metadata, "")), (Announced::No, Announced::No));
        assert_eq!(ask(&with(&format!(r#","{name}":[]"#)), "a"), Announced::No);
        assert_eq!(ask(&with(""), "a"), Announced::Unsaid);
        for wrong in [r#""a""#, "7", "{}", "true"] {
            let metadata = with(&format!(r#","{name}":{wrong}"#));
            assert_eq!(ask(&metadata, "a"), Announced::Unsaid, "{name} {wrong}");
            assert_eq!(metadata.deviations(), [Deviation::MalformedMember(name)], "{wrong}");
        }
        // What can be read is named. Of the rest nobody knows what it was.
        for partly in
            [r#"["a",7]"#, r#"["a",["b"]]"#, r#"[null,"a"]"#, r#"["a","\ud800"]"#, r#"[{},"a"]"#]
        {
            let metadata = with(&format!(r#","{name}":{partly}"#));
            assert_eq!(ask(&metadata, "a"), Announced::Yes, "{name} {partly}");
            assert_eq!(ask(&metadata, "b"), Announced::Unsaid, "{name} {partly}");
            assert_eq!(metadata.deviations(), [Deviation::MalformedElement(name)], "{partly}");
        }
    }
}

/// RFC 9700 section 2.1.1 asks for PKCE; a list without `S256` refuses it and weakens nothing.
#[test]
fn methods_without_s256_refuse_pkce() {
    let start = |list: &str| {
        let members = format!(
            r#","authorization_endpoint":"{AUTHORIZE}","code_challenge_methods_supported":{list}"#
        );
        let client = Client::new(with(&members).server().clone(), CLIENT_ID);
        client.authorization().start(&mut entropy()).map(|started| started.url.into_string())
    };
    for without in [r#"["plain"]"#, "[]", r#"["s256"]"#, r#"["S512","plain"]"#] {
        match start(without) {
            Err(BuildError::Invalid { parameter, .. }) => {
                assert_eq!(parameter, "code_challenge_method");
            }
            other => panic!("{without}: {other:?}"),
        }
    }
    for fine in [
        r#"["S256"]"#,
        r#"["plain","S256"]"#,
        "null",
        r#""plain""#,
        "7",
        r#"["plain",7]"#,
        r#"[7,"S256"]"#,
    ] {
        let url = start(fine).expect(fine);
        assert_eq!(query(&url, "code_challenge_method").as_deref(), Some("S256"), "{fine}");
    }
}

#[test]
fn how_long_it_may_be_kept() {
    let age = |values: &[&str]| {
        let mut headers = vec![("content-type", JSON)];
        headers.extend(values.iter().map(|value| ("cache-control", *value)));
        read(&answer(200, &headers, format!(r#"{{"issuer":"{ISSUER}"}}"#))).unwrap().max_age()
    };
    let seconds = |count| Some(Duration::from_secs(count));
    assert_eq!(age(&[]), None);
    assert_eq!(age(&["public"]), None);
    assert_eq!(age(&["max-age=3600"]), seconds(3600));
    assert_eq!(age(&["public, Max-Age=\"60\" , must-revalidate"]), seconds(60));
    assert_eq!(age(&["public", "max-age=5"]), seconds(5));
    assert_eq!(age(&["no-store"]), seconds(0));
    assert_eq!(age(&["max-age=60, no-cache"]), seconds(0));
    for wrong in ["max-age=", "max-age", "max-age=-1", "max-age=x", "s-maxage=5", "=5", ",,"] {
        assert_eq!(age(&[wrong]), None, "{wrong}");
    }
    // RFC 9111 section 1.2.2. What comes out can be added to any clock.
    for absurd in ["2147483649", "18446744073709551615", "99999999999999999999999"] {
        assert_eq!(age(&[&format!("max-age={absurd}")]), seconds(1 << 31), "{absurd}");
    }
    assert_eq!(age(&["max-age=+5"]), None);
}

/// RFC 9111 section 4.3.4: what a 304 says counts from then on, and its own age.
#[test]
fn a_304_renews_what_is_kept() {
    let with = |headers: &[(&'static str, &str)]| {
        let mut all = vec![("content-type", JSON)];
        all.extend(headers);
        read(&answer(200, &all, format!(r#"{{"issuer":"{ISSUER}"}}"#))).unwrap()
    };
    let seconds = |count| Some(Duration::from_secs(count));
    let mut kept = with(&[("cache-control", "max-age=3600"), ("age", "3590"), ("etag", "\"v1\"")]);
    assert_eq!(kept.max_age(), seconds(10));
    let mut renew = |headers: &[(&'static str, &str)]| {
        kept.renew(answer(304, headers, "").headers());
        (kept.max_age(), kept.etag().unwrap().to_str().unwrap().to_owned())
    };
    assert_eq!(renew(&[]), (seconds(3600), "\"v1\"".into()));
    assert_eq!(renew(&[("age", "60")]), (seconds(3540), "\"v1\"".into()));
    let other = [("cache-control", "max-age=5"), ("etag", "\"v2\"")];
    assert_eq!(renew(&other), (seconds(5), "\"v2\"".into()));
    assert_eq!(renew(&[("cache-control", "no-store")]).0, seconds(0));
    let mut silent = with(&[]);
    silent.renew(answer(304, &[("cache-control", "max-age=7")], "").headers());
    assert_eq!((silent.max_age(), silent.etag()), (seconds(7), None));
}

/// RFC 9111 section 4.2: what a cache between has had for a while is that much older already.
#[test]
fn the_time_in_a_cache_is_taken_off() {
    let left = |control: &str, ages: &[&str]| {
        let mut headers = vec![("content-type", JSON), ("cache-control", control)];
        headers.extend(ages.iter().map(|age| ("age", *age)));
        read(&answer(200, &headers, format!(r#"{{"issuer":"{ISSUER}"}}"#))).unwrap().max_age()
    };
    let seconds = |count| Some(Duration::from_secs(count));
    for (ages, expected) in [
        (&[][..], 3600),
        (&["0"], 3600),
        (&["600"], 3000),
        (&["3600"], 0),
        (&["3601"], 0),
        (&["99999999999999999999999"], 0),
        // Section 5.1: of a list the first, and nothing of what is no number.
        (&["600, 7"], 3000),
        (&["600", "7"], 3000),
        (&["-1"], 3600),
        (&["+1"], 3600),
        (&["1.5"], 3600),
        (&["", "7"], 3600),
    ] {
        assert_eq!(left("max-age=3600", ages), seconds(expected), "{ages:?}");
    }
    assert_eq!(left("public", &["7"]), None);
    assert_eq!(left("no-cache, max-age=60", &["7"]), seconds(0));
}

/// RFC 9110 section 8.8.3: sent back byte for byte, so nothing of it is looked at.
#[test]
fn a_version_has_a_name() {
    let etag = |etags: &[&str]| {
        let mut headers = vec![("content-type", JSON)];
        headers.extend(etags.iter().map(|etag| ("etag", *etag)));
        let body = format!(r#"{{"issuer":"{ISSUER}"}}"#);
        let etag = read(&answer(200, &headers, body)).unwrap().etag().cloned();
        etag.map(|etag| String::from_utf8(etag.as_bytes().to_vec()).unwrap())
    };
    for one in ["\"v1\"", "W/\"v1\"", "\"\"", "unquoted", "\"\u{fc}\""] {
        assert_eq!(etag(&[one]).as_deref(), Some(one));
    }
    for none in [&[][..], &[""], &["\"a\"", "\"b\""]] {
        assert_eq!(etag(none), None, "{none:?}");
    }
    // What comes back for it is no document, and is not taken for an empty one.
    let unchanged = read(&answer(304, &[("etag", "\"v1\"")], "")).unwrap_err();
    assert_eq!(unchanged.raw().status(), 304);
}

#[test]
fn what_is_no_document_is_refused() {
    let page = |status| answer(status, &[("content-type", "text/html")], "<html>");
    let error = read(&page(404)).unwrap_err();
    assert!(matches!(error.kind(), ReplyErrorKind::Unusable(_)));
    assert_eq!(error.raw().status(), 404, "another form may be asked for");
    assert_eq!(*read(&page(503)).unwrap_err().kind(), ReplyErrorKind::Unavailable);
    assert!(matches!(why(&page(200)), Unusable::NotJson { .. }));
    let moved = answer(301, &[("location", "https://evil.example/")], EXAMPLE);
    assert_eq!(*read(&moved).unwrap_err().kind(), ReplyErrorKind::Redirected);
    let text = answer(200, &[("content-type", "text/plain")], r#"{"issuer":"x"}"#);
    assert_eq!(why(&text), Unusable::ContentType);
    let refused = read(&json(400, r#"{"error":"invalid_request"}"#)).unwrap_err();
    assert_eq!(refused.refusal().unwrap().code(), &ErrorCode::InvalidRequest);
    let deep = format!(r#"{{"issuer":"{ISSUER}","x":{}{}}}"#, "[".repeat(70), "]".repeat(70));
    assert!(read(&json(200, deep)).is_ok(), "what is skipped may be as deep as it likes");
    assert_eq!(why(&json(200, "[]")), Unusable::NotAnObject);
}

/// A file without an ending, as many hosts serve it.
#[test]
fn a_document_under_another_type_is_taken_by_name() {
    for kind in ["text/plain", "text/html", "application/octet-stream"] {
        let file = answer(200, &[("content-type", kind)], EXAMPLE);
        assert_eq!(why(&file), Unusable::ContentType);
        let lenient = ask("https://server.example.com").quirks(Quirks::new().ignore_content_type());
        assert_eq!(lenient.read(&file).unwrap().deviations(), [Deviation::ContentType]);
    }
}

#[test]
fn a_document_has_a_limit() {
    let body = format!(r#"{{"issuer":"{ISSUER}","x":"{}"}}"#, "y".repeat(70_000));
    assert_eq!(why(&json(200, body.clone())), Unusable::BodyTooLarge { limit: 64 * 1024 });
    assert!(ask(ISSUER).body_limit(128 * 1024).read(&json(200, body)).is_ok());
}

#[test]
fn another_2xx_is_reported() {
    let metadata = read(&json(203, format!(r#"{{"issuer":"{ISSUER}"}}"#))).unwrap();
    assert_eq!(metadata.deviations(), [Deviation::Status(203)]);
}

/// Chosen in the client's order from what is announced; nothing is tried out.
#[test]
fn a_method_and_an_algorithm_are_chosen() {
    let metadata = ask("https://server.example.com").read(&json(200, EXAMPLE)).unwrap();
    let choose = |able: &[&'static str]| metadata.choose_auth_method(able);
    assert_eq!(choose(&["private_key_jwt", "client_secret_basic"]), Some("private_key_jwt"));
    assert_eq!(choose(&["client_secret_basic", "private_key_jwt"]), Some("client_secret_basic"));
    assert_eq!(choose(&["none", "client_secret_post", "private_key_jwt"]), Some("private_key_jwt"));
    assert_eq!(choose(&["none", "client_secret_post"]), None);
    assert_eq!(choose(&[]), None);
    let algorithm = |able: &[Algorithm]| metadata.choose_signing_algorithm(able);
    assert_eq!(algorithm(&[Algorithm::Ps256, Algorithm::Es256]), Some(Algorithm::Es256));
    assert_eq!(algorithm(&[Algorithm::Rs256, Algorithm::Es256]), Some(Algorithm::Rs256));
    assert_eq!(algorithm(&[Algorithm::EdDsa]), None);
}

/// What was chosen is one type whichever it is, and behaves as itself.
#[test]
fn a_method_chosen_while_running() {
    let metadata = ask("https://server.example.com").read(&json(200, EXAMPLE)).unwrap();
    let method = |able: &[&'static str]| -> Box<dyn ClientAuthentication> {
        match metadata.choose_auth_method(able) {
            Some("client_secret_basic") => Box::new(ClientSecretBasic::new("s")),
            Some(_) => Box::new(TlsClientAuth::new()),
            None => Box::new(BearerToken::new("at")),
        }
    };
    let draft = |able: &[&'static str]| {
        let client = Client::new(metadata.server().clone(), "c").auth(method(able));
        own_token(&client).draft(now(), &mut entropy())
    };
    let by_secret = draft(&["client_secret_basic"]).unwrap();
    assert!(!by_secret.duties().client_certificate);
    assert_eq!(by_secret.finish().unwrap().headers()["authorization"], "Basic Yzpz");
    let by_certificate = draft(&["private_key_jwt"]).unwrap();
    assert!(by_certificate.duties().client_certificate);
    assert!(method(&["private_key_jwt"]).presents_certificate());
    assert!(!method(&[]).identifies_client());
    assert_eq!(method(&["client_secret_basic"]).name(), "client_secret_basic");
}

/// RFC 8414 section 2: silence is `client_secret_basic`, and no algorithm at all.
#[test]
fn a_server_that_does_not_say() {
    for silent in [with(""), with(r#","token_endpoint_auth_methods_supported":null"#)] {
        let choose = |able: &[&'static str]| silent.choose_auth_method(able);
        assert_eq!(choose(&["none", "client_secret_basic"]), Some("client_secret_basic"));
        assert_eq!(choose(&["none", "private_key_jwt"]), None);
        assert_eq!(silent.choose_signing_algorithm(&[Algorithm::Es256]), None);
    }
    // It said something, and what it meant may be stronger than the default.
    for odd in [r#""private_key_jwt""#, "7", "{}", r#"["private_key_jwt",7]"#] {
        let said = with(&format!(r#","token_endpoint_auth_methods_supported":{odd}"#));
        assert_eq!(said.choose_auth_method(&["client_secret_basic", "private_key_jwt"]), None);
    }
    for odd in [r#""ES256""#, "7", r#"["ES256",7]"#] {
        let said = format!(r#","token_endpoint_auth_signing_alg_values_supported":{odd}"#);
        assert_eq!(with(&said).choose_signing_algorithm(&[Algorithm::Es256]), None);
    }
}

#[test]
fn other_doors_may_have_lists_of_their_own() {
    let metadata = with(
        r#","token_endpoint_auth_methods_supported":["none"],"revocation_endpoint_auth_methods_supported":["client_secret_post"]"#,
    );
    let at = |endpoint, name| metadata.auth_method_at(endpoint, name);
    assert_eq!(at(Endpoint::Revocation, "client_secret_post"), Announced::Yes);
    assert_eq!(at(Endpoint::Revocation, "none"), Announced::No);
    assert_eq!(at(Endpoint::Introspection, "none"), Announced::Unsaid);
    for (list, post) in [
        (r#"["client_secret_post",7]"#, Announced::Yes),
        ("[7]", Announced::Unsaid),
        ("[]", Announced::No),
        ("7", Announced::Unsaid),
        ("null", Announced::Unsaid),
    ] {
        let metadata = with(&format!(r#","introspection_endpoint_auth_methods_supported":{list}"#));
        let said = metadata.auth_method_at(Endpoint::Introspection, "client_secret_post");
        assert_eq!(said, post, "{list}");
    }
    for endpoint in [Endpoint::Token, Endpoint::PushedAuthorizationRequest] {
        assert_eq!(at(endpoint, "none"), Announced::Yes);
        assert_eq!(at(endpoint, "client_secret_post"), Announced::No);
    }
}
