//! A resource and what it says of itself: its metadata (RFC 9728), its challenges, and what exactly is
//! asked of it (RFC 9396).
//!
//! Presenting a token with a proof is in `flow_dpop`. Nothing here verifies a certificate.

#[path = "given/mod.rs"]
mod given;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use given::*;
use grantwire::Exchange;
use grantwire::flow::{ExchangeFlow, FlowError, Machine, Step};
use grantwire::jose::certificate_thumbprint;
use grantwire::metadata::{MetadataRequest, WellKnown};
use grantwire::protected_resource::{ProtectedResource, ProtectedResourceRequest};
use grantwire::reply::{Challenge, ErrorCode, ReplyErrorKind, Unusable};
use grantwire::resource::{self, Denied, Details};
use grantwire::{
    AuthorizationDetails, BuildError, Client, Deviation, EndpointError, EndpointUri, Quirks,
    ReplyError, Resend, TextError,
};
use http::{HeaderValue, Response};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as object};

const RESOURCE: &str = "https://resource.example.com/api";
const METADATA: &str = "https://resource.example.com/.well-known/oauth-protected-resource/api";

fn read(body: impl Into<Vec<u8>>) -> Result<ProtectedResource, ReplyError> {
    ProtectedResourceRequest::of(RESOURCE).unwrap().read(&json(200, body))
}

fn unusable(body: &str) -> Unusable {
    match read(body).expect_err(body).kind() {
        ReplyErrorKind::Unusable(why) => *why,
        other => panic!("{body}: {other:?}"),
    }
}

/// RFC 9728 section 3.1: the well-known path goes between the host and the path and query, and a slash
/// that ends the host goes away.
#[test]
fn where_the_metadata_stands() {
    for (resource, address) in [
        ("https://r.example", "https://r.example/.well-known/oauth-protected-resource"),
        ("https://r.example/", "https://r.example/.well-known/oauth-protected-resource"),
        ("https://r.example/one", "https://r.example/.well-known/oauth-protected-resource/one"),
        ("https://r.example/a/b", "https://r.example/.well-known/oauth-protected-resource/a/b"),
        ("https://r.example?k=v", "https://r.example/.well-known/oauth-protected-resource?k=v"),
        ("https://r.example/?k=/", "https://r.example/.well-known/oauth-protected-resource?k=/"),
        ("https://r.example/a?k=v", "https://r.example/.well-known/oauth-protected-resource/a?k=v"),
        (
            "https://r.example:8443/a",
            "https://r.example:8443/.well-known/oauth-protected-resource/a",
        ),
    ] {
        let request = ProtectedResourceRequest::of(resource).unwrap().request();
        assert_eq!(request.method(), "GET");
        assert_eq!(request.uri().to_string(), address, "{resource}");
        assert_eq!(request.headers()["accept"], "application/json");
    }
    for (resource, error) in [
        ("http://r.example/", EndpointError::Insecure),
        ("https://r.example/#part", EndpointError::Fragment),
        ("urn:example:resource", EndpointError::Malformed),
    ] {
        let wrong = Some(BuildError::Endpoint { endpoint: "resource", error });
        assert_eq!(ProtectedResourceRequest::of(resource).err(), wrong, "{resource}");
    }
}

#[test]
fn an_approved_address_is_asked_as_it_is() {
    let address = EndpointUri::parse("https://resource.example.com/meta?v=1").unwrap();
    let exchange = ProtectedResourceRequest::at(address, RESOURCE);
    assert_eq!(exchange.request().uri(), "https://resource.example.com/meta?v=1");
    let body = format!(r#"{{"resource":"{RESOURCE}"}}"#);
    assert_eq!(exchange.read(&json(200, body)).unwrap().resource(), RESOURCE);
}

#[test]
fn what_a_resource_says() {
    let body = object!({
        "resource": RESOURCE,
        "authorization_servers": ["https://as1.example.com", "https://as2.example.net"],
        "scopes_supported": ["profile", "email"],
        "bearer_methods_supported": ["header"],
    });
    let found = read(body.to_string()).unwrap();
    assert_eq!(found.resource(), RESOURCE);
    let servers: Vec<_> = found.authorization_servers().iter().map(|url| url.raw()).collect();
    assert_eq!(servers, ["https://as1.example.com", "https://as2.example.net"]);
    assert_eq!(found.scopes_supported(), ["profile", "email"]);
    assert_eq!(found.extra("bearer_methods_supported"), Some(vec!["header".to_owned()]));
    assert_eq!(found.extra::<u64>("bearer_methods_supported"), None);
    assert_eq!(found.deviations(), []);
    let exchange = ProtectedResourceRequest::of(RESOURCE).unwrap();
    // A file without an ending, as many hosts serve it.
    let file = answer(200, &[("content-type", "text/plain")], body.to_string());
    let strict = exchange.read(&file).unwrap_err();
    assert_eq!(*strict.kind(), ReplyErrorKind::Unusable(Unusable::ContentType));
    let lenient = exchange.clone().quirks(Quirks::new().ignore_content_type());
    assert_eq!(lenient.read(&file).unwrap().deviations(), [Deviation::ContentType]);
    let again = exchange.read(&json(203, body.to_string())).unwrap();
    assert_eq!(again.deviations(), [Deviation::Status(203)]);
}

/// As a server's metadata does.
#[test]
fn how_long_it_may_be_kept() {
    let body = object!({"resource": RESOURCE}).to_string();
    let headers = [
        ("content-type", JSON),
        ("cache-control", "max-age=60"),
        ("age", "20"),
        ("etag", "W/\"1\""),
    ];
    let exchange = ProtectedResourceRequest::of(RESOURCE).unwrap();
    let found = exchange.read(&answer(200, &headers, body.clone())).unwrap();
    assert_eq!(found.max_age(), Some(Duration::from_secs(40)));
    assert_eq!(found.etag().unwrap(), "W/\"1\"");
    let mut kept = found.clone();
    kept.renew(
        http::Response::builder().header("cache-control", "max-age=9").body(()).unwrap().headers(),
    );
    assert_eq!((kept.max_age(), kept.etag()), (Some(Duration::from_secs(9)), found.etag()));
    let found = read(body).unwrap();
    assert_eq!((found.max_age(), found.etag()), (None, None));
}

/// Section 3.3: the value is the one that was asked for, or nothing of the document may be used.
#[test]
fn another_resource_is_refused() {
    for other in [
        "https://resource.example.com/api/",
        "https://resource.example.com",
        "https://RESOURCE.example.com/api",
        "https://evil.example/api",
        "",
    ] {
        let body = object!({"resource": other}).to_string();
        assert_eq!(unusable(&body), Unusable::ResourceMismatch, "{other}");
    }
    assert_eq!(unusable("{}"), Unusable::MemberMissing("resource"));
    assert_eq!(unusable(r#"{"resource":7}"#), Unusable::MemberMalformed("resource"));
    let twice = format!(r#"{{"resource":"{RESOURCE}","resource":"{RESOURCE}"}}"#);
    assert_eq!(unusable(&twice), Unusable::DuplicateMember("resource"));
    assert_eq!(unusable("[]"), Unusable::NotAnObject);
}

/// As many MCP servers do it: the URL has a path, and the resource is the origin.
#[test]
fn a_resource_of_two_names_is_taken_by_name() {
    const ORIGIN: &str = "https://resource.example.com";
    let ask = ProtectedResourceRequest::of(RESOURCE).unwrap().accept_resource(ORIGIN);
    assert_eq!(ask.request().uri(), METADATA, "it is asked where it was");
    let named = |name: &str| ask.read(&json(200, object!({"resource": name}).to_string()));
    for name in [RESOURCE, ORIGIN] {
        assert_eq!(named(name).unwrap().resource(), name);
    }
    for third in
        ["https://resource.example.com/", "https://resource.example.com/ap", "https://evil.example"]
    {
        let error = named(third).unwrap_err();
        assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::ResourceMismatch), "{third}");
    }
}

#[test]
fn an_address_is_followed_only_when_it_is_approved() {
    let addresses = [
        "https://resource.example.com:443/as",
        "https://as.example",
        "http://as.example",
        "javascript:alert(1)",
        "https://user@as.example",
        "",
    ];
    let body = object!({"resource": RESOURCE, "authorization_servers": addresses});
    let found = read(body.to_string()).unwrap();
    let trusted = EndpointUri::parse(RESOURCE).unwrap();
    let all = found.authorization_servers();
    let approved = |at: usize| all[at].approve().map(|uri| uri.as_str().to_owned());
    assert_eq!(approved(1), Ok("https://as.example".to_owned()));
    assert_eq!(approved(2), Err(EndpointError::Insecure));
    assert!(approved(3).is_err(), "a script is no address");
    assert_eq!(approved(4), Err(EndpointError::UserInformation));
    assert!(approved(5).is_err());
    let same: Vec<_> = all.iter().map(|url| url.approve_same_origin(&trusted).is_some()).collect();
    assert_eq!(same, [true, false, false, false, false, false], "a default port is no other port");
    assert_eq!(format!("{:?}", all[1]), "UntrustedUrl(..)");
}

#[test]
fn a_malformed_list_costs_itself_and_is_reported() {
    for wrong in [object!("https://as.example"), object!(1), object!({}), object!(true)] {
        let body = object!({
            "resource": RESOURCE,
            "authorization_servers": wrong,
            "scopes_supported": ["a"],
        });
        let found = read(body.to_string()).unwrap();
        assert_eq!(found.authorization_servers(), [], "{wrong}");
        assert_eq!(found.deviations(), [Deviation::MalformedMember("authorization_servers")]);
        assert_eq!(found.scopes_supported(), ["a"]);
    }
}

#[test]
fn one_bad_element_costs_itself_and_is_reported() {
    let body = object!({
        "resource": RESOURCE,
        "authorization_servers": [7, "https://as.example", null, ["x"], "https://other.example"],
        "scopes_supported": ["a", {"name": "b"}],
    });
    let found = read(body.to_string()).unwrap();
    let servers: Vec<_> = found.authorization_servers().iter().map(|url| url.raw()).collect();
    assert_eq!(servers, ["https://as.example", "https://other.example"]);
    assert_eq!(found.scopes_supported(), ["a"]);
    let reported = ["authorization_servers", "scopes_supported"].map(Deviation::MalformedElement);
    assert_eq!(found.deviations(), reported);
    // All that stands there is still to be had.
    assert_eq!(found.extra("authorization_servers"), Some(body["authorization_servers"].clone()));
    let none = object!({"resource": RESOURCE, "authorization_servers": [null]}).to_string();
    assert_eq!(read(none).unwrap().authorization_servers(), []);
}

fn said(headers: &[&str]) -> Details {
    let headers: Vec<_> = headers.iter().map(|value| ("www-authenticate", *value)).collect();
    denied(&answer(401, &headers, ""))
}

fn denied(reply: &Response<Vec<u8>>) -> Details {
    match resource::check(reply) {
        Err(denied) => denied.details().expect("a 401 is about the token or the request").clone(),
        Ok(()) => panic!("a 401 is no answer"),
    }
}

/// By the code first and the status second: what a program does about each is another thing, so a loop
/// that refreshes for one of them would never end.
#[test]
fn what_a_refusal_means_for_the_token() {
    type Means = fn(Details) -> Denied;
    let codes: [(&str, Means); 6] = [
        ("invalid_token", Denied::InvalidToken),
        ("insufficient_scope", Denied::InsufficientScope),
        ("insufficient_user_authentication", Denied::InsufficientUserAuthentication),
        ("invalid_request", Denied::InvalidRequest),
        ("invalid_dpop_proof", Denied::InvalidRequest),
        ("use_dpop_nonce", Denied::InvalidRequest),
    ];
    for (code, means) in codes {
        for scheme in ["Bearer", "DPoP", "bearer"] {
            let header = format!(r#"{scheme} realm="r", error="{code}""#);
            for status in [400, 401, 403, 405] {
                let reply = answer(status, &[("www-authenticate", &header)], "");
                let denied = resource::check(&reply).unwrap_err();
                let details = denied.details().expect(code).clone();
                assert_eq!(details.code(), Some(&ErrorCode::from_name(code)));
                assert_eq!(denied, means(details), "{status} {header}");
            }
            for status in [302, 500] {
                let reply = answer(status, &[("www-authenticate", &header)], "");
                assert_eq!(resource::check(&reply), Err(Denied::Other(status)), "{header}");
            }
            for status in [429, 503] {
                let reply = answer(status, &[("www-authenticate", &header)], "");
                assert_eq!(resource::check(&reply), Err(Denied::Unavailable(None)), "{header}");
            }
            assert_eq!(resource::check(&answer(200, &[("www-authenticate", &header)], "")), Ok(()));
        }
    }
}

/// Where no code says it, the status does; a 403 of the application's own is no word about the scope.
#[test]
fn what_a_refusal_without_a_known_code_means() {
    let means = |status, header: &str| {
        let headers = [("www-authenticate", header)];
        resource::check(&answer(status, &headers, "")).unwrap_err()
    };
    for header in ["", "Bearer", "DPoP algs=\"ES256\"", "Bearer error=expired", "Basic realm=r"] {
        let denied = means(401, header);
        assert!(matches!(denied, Denied::InvalidToken(_)), "{header}: {denied:?}");
        assert_eq!(means(400, header), Denied::Other(400), "{header}");
        assert_eq!(means(404, header), Denied::Other(404), "{header}");
    }
    for header in ["Bearer", "DPoP algs=\"ES256\"", "Bearer realm=\"r\", scope=\"a\"", "bearer"] {
        let denied = means(403, header);
        assert!(matches!(denied, Denied::InsufficientScope(_)), "{header}: {denied:?}");
    }
    for header in ["", "Basic realm=r", "Bearer error=expired", "Basic error=insufficient_scope"] {
        assert_eq!(means(403, header), Denied::Other(403), "{header}");
    }
    assert_eq!(resource::check(&answer(403, &[], "")), Err(Denied::Other(403)));
    assert_eq!(Denied::Other(403).details(), None);
    assert_eq!(Denied::Unavailable(None).details(), None);
}

/// RFC 9470 section 3 and RFC 9728 section 5.1.
#[test]
fn a_challenge_asks_for_more() {
    let header = format!(
        r#"Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR", max_age=5, resource_metadata="{METADATA}""#
    );
    let details = said(&[&header]);
    assert_eq!(details.code(), Some(&ErrorCode::InsufficientUserAuthentication));
    assert_eq!(details.acr_values(), Some("myACR"));
    assert_eq!(details.max_age(), Some(5));
    let metadata = details.resource_metadata().expect("where the metadata is");
    assert_eq!(metadata.raw(), METADATA);
    let trusted = EndpointUri::parse(RESOURCE).unwrap();
    let address = metadata.approve_same_origin(&trusted).expect("the resource's own");
    let exchange = ProtectedResourceRequest::at(address, RESOURCE);
    assert_eq!(exchange.request().uri(), METADATA);
    let shown = format!("{details:?}");
    assert!(!shown.contains("myACR") && !shown.contains("well-known"), "{shown}");
}

/// RFC 9470 section 4: what the challenge asks for is what the authorization request asks for.
#[test]
fn what_a_challenge_asks_for_is_asked_for() {
    let client = Client::new(server(), CLIENT_ID);
    let url = |params: &str| {
        let details = said(&[&format!("Bearer error=insufficient_user_authentication{params}")]);
        let request = client.authorization().redirect_uri(CALLBACK).scope("purchase");
        details.step_up(request).start(&mut entropy()).unwrap().url
    };
    for (params, values, age) in [
        (r#", acr_values="myACR", max_age=5"#, Some("myACR"), Some("5")),
        (r#", acr_values="urn:a b&c=d#e", scope=x"#, Some("urn:a b&c=d#e"), None),
        (r#", max_age="0""#, None, Some("0")),
        (r#", acr_values="", max_age=-1"#, None, None),
        ("", None, None),
    ] {
        let url = url(params);
        assert_eq!(query(&url, "acr_values").as_deref(), values, "{params}");
        assert_eq!(query(&url, "max_age").as_deref(), age, "{params}");
        assert_eq!(query(&url, "scope").as_deref(), Some("purchase"), "the caller's own");
    }
    // It is not guessed which of two is meant.
    let details = said(&["Bearer error=insufficient_user_authentication, max_age=5"]);
    let request = client.authorization().parameter("max_age", "60");
    let twice = details.step_up(request).start(&mut entropy()).err();
    assert_eq!(twice, Some(BuildError::ParameterRepeated { parameter: "max_age".into() }));
}

#[test]
fn an_age_that_is_no_number_of_seconds_says_nothing() {
    for (text, age) in [("\"0\"", Some(0)), ("-1", None), ("1.5", None), ("\"\"", None)] {
        let details = said(&[&format!("Bearer error=invalid_token, max_age={text}")]);
        assert_eq!(details.max_age(), age, "{text}");
        assert_eq!(details.code(), Some(&ErrorCode::InvalidToken));
    }
    let beyond = format!("Bearer max_age={}0", u64::MAX);
    assert_eq!(said(&[&beyond]).max_age(), None);
}

#[test]
fn the_challenge_with_the_error_is_the_one_read() {
    for headers in [
        &[r#"Bearer, DPoP error="invalid_token", scope="a b""#][..],
        &["Bearer realm=\"x\"", r#"DPoP error="invalid_token", scope="a b""#],
        &[r#"Basic error="invalid_client", bearer error="invalid_token", scope="a b""#],
    ] {
        let details = said(headers);
        assert_eq!(details.code(), Some(&ErrorCode::InvalidToken), "{headers:?}");
        assert_eq!(details.scope(), Some("a b"));
    }
    let only_where = said(&[&format!("Bearer resource_metadata=\"{METADATA}\"")]);
    assert_eq!(only_where.code(), None, "no token was seen");
    assert_eq!(only_where.resource_metadata().map(|url| url.raw()), Some(METADATA));
    assert_eq!(said(&[]).code(), None);
}

/// A resource that takes two kinds of token says what both need to know once, with either.
#[test]
fn what_one_challenge_does_not_say_another_may() {
    let details = said(&[
        r#"DPoP algs="ES256", Bearer resource_metadata="https://r.example/m", scope="read""#,
    ]);
    assert_eq!(details.scope(), Some("read"));
    assert_eq!(details.resource_metadata().unwrap().raw(), "https://r.example/m");
    let details = said(&[
        r#"Bearer scope="a", resource_metadata="https://r.example/m""#,
        r#"DPoP error="invalid_token", scope="b""#,
    ]);
    assert_eq!(details.code(), Some(&ErrorCode::InvalidToken));
    assert_eq!(details.scope(), Some("b"), "the one with the error comes first");
    assert_eq!(details.resource_metadata().unwrap().raw(), "https://r.example/m");
    // RFC 9728 section 5.1: with any scheme. What else another scheme says is its own affair.
    let details = said(&[r#"GNAP resource_metadata="https://r.example/m", scope="x""#]);
    assert_eq!(details.resource_metadata().unwrap().raw(), "https://r.example/m");
    assert_eq!(details.scope(), None);
}

/// From a 401 to the server to ask, by the one loop that drives everything else.
#[test]
fn discovery_is_driven_like_any_exchange() {
    let details = said(&[r#"Bearer resource_metadata="https://resource.example.com/meta""#]);
    let resource = EndpointUri::parse(RESOURCE).unwrap();
    let at = details.resource_metadata().unwrap().approve_same_origin(&resource).unwrap();
    let of = ProtectedResourceRequest::at(at, RESOURCE);
    let body = format!(r#"{{"resource":"{RESOURCE}","authorization_servers":["{ISSUER}"]}}"#);
    let resource = driven(of, "https://resource.example.com/meta", &body);
    let issuer = resource.authorization_servers()[0].approve().unwrap();
    let request = MetadataRequest::new(issuer, WellKnown::OAuth);
    let address = "https://as.example/.well-known/oauth-authorization-server";
    let metadata = driven(request, address, &format!(r#"{{"issuer":"{ISSUER}"}}"#));
    assert_eq!(metadata.issuer().as_str(), ISSUER);
    // An issuer that is no address is said before anything is sent.
    let mut flow = ExchangeFlow::new(MetadataRequest::new("urn:x", WellKnown::OAuth), entropy());
    let Step::Done(Err(FlowError::Build(error))) = flow.poll(now()) else { panic!("not built") };
    assert!(matches!(error, BuildError::Endpoint { endpoint: "issuer", .. }));
}

fn driven<E: Exchange>(exchange: E, address: &str, body: &str) -> E::Output {
    let mut flow = ExchangeFlow::new(exchange, entropy());
    let Step::Send(request, duties) = flow.poll(now()) else { panic!("a request") };
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("GET", address));
    assert_eq!(duties.resend, Resend::Always);
    flow.handle_response(now(), &json(200, body)).unwrap();
    let Step::Done(Ok(output)) = flow.poll(now()) else { panic!("an answer") };
    output
}

#[test]
fn a_malformed_header_does_not_hide_the_others() {
    let good = r#"DPoP error="invalid_token""#;
    for wrong in ["Bearer error=", "Bearer a=b c=d", "\"\"", "error=x", "Basic realm=\"x"] {
        assert_eq!(said(&[wrong, good]).code(), Some(&ErrorCode::InvalidToken), "{wrong}");
        assert_eq!(said(&[good, wrong]).code(), Some(&ErrorCode::InvalidToken), "{wrong}");
        assert_eq!(said(&[wrong]).code(), None, "{wrong}");
    }
}

/// One forgotten comma or quote does not cost what the header says beside it.
#[test]
fn a_malformed_parameter_does_not_hide_the_others() {
    for header in [
        format!(r#"Bearer realm="x" error="invalid_token" resource_metadata="{METADATA}""#),
        format!(r#"Bearer error="invalid_token", resource_metadata={METADATA}"#),
        format!("Bearer resource_metadata={METADATA} error=invalid_token"),
        format!(r#"Bearer error="invalid_token", resource_metadata="{METADATA}"#),
        format!(r#"Bearer realm=, resource_metadata={METADATA}, error="invalid_token""#),
        format!(r#"Basic realm=a b c, Bearer error=invalid_token resource_metadata={METADATA}"#),
    ] {
        let details = said(&[&header]);
        assert_eq!(details.code(), Some(&ErrorCode::InvalidToken), "{header}");
        assert_eq!(details.resource_metadata().unwrap().raw(), METADATA, "{header}");
        assert!(Challenge::from_value(&header).is_err(), "{header}");
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Payment {
    r#type: String,
    amount: u32,
}

fn payment() -> Payment {
    Payment { r#type: "payment_initiation".into(), amount: 123 }
}

const PAYMENT: &str = r#"[{"type":"payment_initiation","amount":123}]"#;

#[test]
fn details_go_out_by_every_way() {
    let server = server().pushed_authorization_request_endpoint("https://as.example/par");
    let client = Client::new(server, CLIENT_ID);
    let details = AuthorizationDetails::new(&[payment()]).unwrap();
    let authorization =
        || client.authorization().redirect_uri(CALLBACK).authorization_details(details.clone());
    let started = authorization().start(&mut entropy()).unwrap();
    assert_eq!(query(&started.url, "authorization_details").as_deref(), Some(PAYMENT));

    let pushed = authorization().push(&mut entropy()).unwrap().exchange;
    let exchange = own_token(&client).authorization_details(details.clone());
    let expected = ("authorization_details".to_owned(), PAYMENT.to_owned());
    for request in [pushed.request(now(), &mut entropy()).unwrap(), built(&exchange)] {
        assert!(pairs_of(&request).contains(&expected), "{}", request.uri());
    }
    assert_eq!(format!("{details:?}"), "AuthorizationDetails(..)");
}

#[test]
fn details_come_back_in_their_own_type() {
    let answered = |details: &str| {
        tokens(&format!(
            r#"{{"access_token":"t","token_type":"Bearer","authorization_details":{details}}}"#
        ))
    };
    assert_eq!(answered(PAYMENT).authorization_details(), Some(vec![payment()]));
    assert_eq!(answered("[]").authorization_details::<Payment>(), Some(vec![]));
    for other in [r#""x""#, "{}", r#"[{"type":"t"}]"#, "null"] {
        let tokens = answered(other);
        assert_eq!(tokens.authorization_details::<Payment>(), None, "{other}");
        assert_eq!(tokens.access_token().expose(), "t", "and nothing else is lost");
    }
    let silent = tokens(r#"{"access_token":"t","token_type":"Bearer"}"#);
    assert_eq!(silent.authorization_details::<Value>(), None);
}

#[test]
fn details_without_a_type_are_refused() {
    let refused = |details: &[Value]| match AuthorizationDetails::new(details) {
        Err(TextError::Rule(parameter, _)) => {
            assert_eq!(parameter, "authorization_details");
        }
        other => panic!("{details:?}: {other:?}"),
    };
    refused(&[]);
    for wrong in [
        object!({}),
        object!({"amount": 1}),
        object!({"type": 1}),
        object!({"type": null}),
        object!({"data": {"type": "t"}}),
        object!("type"),
        object!(["type"]),
        object!(7),
        object!(null),
    ] {
        refused(std::slice::from_ref(&wrong));
        refused(&[object!({"type": "t"}), wrong]);
    }
}

/// RFC 8705 appendix A.
#[test]
fn the_rfcs_certificate() {
    const CERTIFICATE: &str = concat!(
        "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx",
        "ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG",
        "SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ",
        "/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID",
        "SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV",
        "bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=",
    );
    let der = STANDARD.decode(CERTIFICATE).unwrap();
    assert_eq!(certificate_thumbprint(&der), "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
}

/// What a header can hold, with the characters of a challenge more often than others.
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        (0x20..=0x7E_u8),
        (0x80..=0xFF_u8),
        proptest::sample::select(b"\"\\,= \tBearer".to_vec()),
    ];
    prop::collection::vec(byte, 0..80)
}

/// Pieces of which a challenge can be made, and much else.
const PIECES: &[&str] = &[
    "Bearer",
    "DPoP",
    "Basic",
    " ",
    " ",
    ", ",
    ",",
    "error=",
    "scope=",
    "error = ",
    "e",
    "invalid_token",
    "\"a b\"",
    "\"",
    "\"x, y\\\"\"",
    "=",
    "==",
    "abc==",
    "https://a.example/",
    "\t",
    ";",
];

/// Any value where a member should be.
fn member() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        Just(Value::from(RESOURCE)),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(".{0,6}", inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}

/// Asks a document everything. What was read is about the resource that was asked for.
fn look_at(outcome: &Result<ProtectedResource, ReplyError>) {
    match outcome {
        Err(error) => drop(format!("{error} {error:?} {:?}", error.class())),
        Ok(found) => {
            assert_eq!(found.resource(), RESOURCE);
            let trusted = EndpointUri::parse(RESOURCE).unwrap();
            for url in found.authorization_servers() {
                let approved = url.approve_same_origin(&trusted);
                assert!(approved.is_none_or(|uri| uri.origin() == trusted.origin()));
            }
            let _ = (format!("{found:?}"), found.extra::<Value>("scopes_supported"));
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_for_metadata(body: Vec<u8>) {
        look_at(&read(body));
    }

    #[test]
    fn any_members_in_metadata(resource in member(), servers in member(), scopes in member()) {
        let body = object!({
            "resource": resource,
            "authorization_servers": servers,
            "scopes_supported": scopes,
        });
        look_at(&read(body.to_string()));
        let body = object!({"resource": RESOURCE, "authorization_servers": servers});
        let found = read(body.to_string());
        prop_assert!(found.is_ok(), "a list cannot cost the document");
        look_at(&found);
    }

    #[test]
    fn any_challenge_beside_a_good_one(other in header_bytes(), status in 100..=999_u16) {
        let good = r#"DPoP error="invalid_token", acr_values="a""#;
        let mut reply = answer(401, &[("www-authenticate", good)], "");
        let other = HeaderValue::from_bytes(&other).unwrap();
        reply.headers_mut().append("www-authenticate", other.clone());
        let details = denied(&reply);
        prop_assert_eq!(details.acr_values(), Some("a"));

        let mut reply = answer(status, &[], "");
        reply.headers_mut().append("www-authenticate", other);
        let checked = resource::check(&reply);
        prop_assert_eq!(checked.is_ok(), (200..300).contains(&status));
        if let Some(said) = checked.as_ref().err().and_then(Denied::details) {
            prop_assert!((400..500).contains(&status));
            let _ = (said.code(), said.scope(), said.max_age(), said.description());
            let _ = said.resource_metadata().map(|url| url.approve());
            let client = Client::new(server(), CLIENT_ID);
            if let Ok(started) = said.step_up(client.authorization()).start(&mut entropy()) {
                let sent = query(&started.url, "acr_values");
                prop_assert_eq!(sent.as_deref(), said.acr_values().filter(|all| !all.is_empty()));
            }
        }
        let _ = format!("{checked:?}");
    }

    /// What follows the grammar reads alike where the grammar is asked for and where it is not.
    #[test]
    fn what_is_well_formed_reads_alike(header in prop_oneof![
        header_bytes(),
        prop::collection::vec(proptest::sample::select(PIECES.to_vec()), 0..12)
            .prop_map(|pieces| pieces.concat().into_bytes()),
    ]) {
        let mut reply = answer(401, &[], "");
        reply.headers_mut().append("www-authenticate", HeaderValue::from_bytes(&header).unwrap());
        let details = denied(&reply);
        if let Ok(all) = Challenge::from_headers(reply.headers()) {
            let ours = || all.iter().filter(|one| one.is("Bearer") || one.is("DPoP"));
            let telling = ours().find(|one| one.param("error").is_some());
            let code = telling.and_then(|one| one.param("error"));
            prop_assert_eq!(details.code().map(ErrorCode::as_str), code);
            let scope = telling.into_iter().chain(ours()).find_map(|one| one.param("scope"));
            prop_assert_eq!(details.scope(), scope);
        }
    }
}
