//! Work whose size the caller, or a server that is trusted this far, chooses: many of one thing.

#![allow(dead_code, reason = "each program takes the part it needs")]

use grantwire::authorization::Callback;
use grantwire::grant::{ClientCredentials, Extension};
use grantwire::jose::{Algorithm, Jwt, Signer};
use grantwire::metadata::{MetadataRequest, WellKnown};
use grantwire::{AuthorizationDetails, Client, GrantedScope, Scope, TokenRequest};

use super::operations::{NOW, client, entropy, response, server};
use super::work::{Work, kept};

/// So many texts that differ.
fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("name-{number}")).collect()
}

/// Makes a request in full, by setters, and builds it; its body holds the last name.
fn build(count: usize, make: impl FnOnce(Vec<String>) -> TokenRequest + 'static) -> Work {
    let (names, mut entropy) = (names(count), entropy());
    Work::new(
        move || make(names).request(NOW, &mut entropy).expect("it is complete"),
        move |request| {
            let last = format!("name-{}", count - 1);
            let body = String::from_utf8_lossy(request.body());
            let in_a_header = || request.headers().keys().any(|name| name.as_str() == last);
            assert!(body.contains(&last) || in_a_header(), "the last is missing");
        },
    )
}

pub fn token_parameters(count: usize) -> Work {
    let start = client().token(ClientCredentials::new());
    build(count, |names| names.into_iter().fold(start, |it, name| it.parameter(name, "1")))
}

pub fn token_headers(count: usize) -> Work {
    let start = client().token(ClientCredentials::new());
    build(count, |names| names.into_iter().fold(start, |it, name| it.header(&name, "1")))
}

pub fn resources(count: usize) -> Work {
    let start = client().token(ClientCredentials::new());
    build(count, |names| {
        names.into_iter().fold(start, |it, name| it.resource(format!("https://{name}.example")))
    })
}

pub fn grant_parameters(count: usize) -> Work {
    let start = Extension::new("urn:example:grant");
    build(count, |names| {
        client().token(names.into_iter().fold(start, |it, name| it.parameter(name, "1")))
    })
}

pub fn requested_scopes(count: usize) -> Work {
    build(count, |names| client().token(ClientCredentials::new()).scope(Scope::from_tokens(&names)))
}

pub fn url_parameters(count: usize) -> Work {
    let (names, mut entropy, last) = (names(count), entropy(), format!("name-{}=", count - 1));
    let start = client().authorization();
    Work::new(
        move || {
            let request = names.into_iter().fold(start, |it, name| it.parameter(name, "1"));
            request.start(&mut entropy).expect("it is complete")
        },
        move |started| assert!(started.url.contains(&last)),
    )
}

pub fn claims(count: usize) -> Work {
    let (names, signer) = (names(count), Signer::remote(Algorithm::Es256));
    Work::new(
        move || {
            let jwt = names.into_iter().fold(Jwt::new(), |jwt, name| jwt.claim(name, 1));
            jwt.unsigned(&signer).expect("it is a JWT")
        },
        move |unsigned| assert!(unsigned.input().len() > count * 8),
    )
}

pub fn jwt_headers(count: usize) -> Work {
    let (names, signer) = (names(count), Signer::remote(Algorithm::Es256));
    Work::new(
        move || {
            let jwt = names.into_iter().fold(Jwt::new(), |jwt, name| jwt.header(name, 1));
            jwt.unsigned(&signer).expect("it is a JWT")
        },
        move |unsigned| assert!(unsigned.input().len() > count * 8),
    )
}

/// As many asked for as granted, and none of them the same.
pub fn missing_scopes(count: usize) -> Work {
    let granted = GrantedScope::Set(Scope::from_tokens(names(count)));
    let asked = Scope::from_tokens(names(count).iter().map(|name| format!("{name}-not")));
    Work::new(move || granted.missing(&asked).count(), move |missing| assert_eq!(*missing, count))
}

pub fn details(count: usize) -> Work {
    let details = vec![serde_json::json!({"type": "payment_initiation"}); count];
    Work::new(
        move || AuthorizationDetails::new(&details).expect("they have types"),
        move |made| assert!(made.as_json().len() > count),
    )
}

pub fn audiences(count: usize) -> Work {
    let list = serde_json::json!({"active": true, "aud": names(count)});
    let exchange = kept(client().introspect("2YotnFZFEjr1zCsicMWpAA"));
    let response = response(200, list.to_string());
    Work::new(
        move || exchange.read(response).expect("it is an introspection"),
        move |read| assert_eq!(read.audience().map(<[_]>::len), Some(count)),
    )
}

pub fn metadata_lists(count: usize) -> Work {
    let document = serde_json::json!({
        "issuer": "https://as.example",
        "token_endpoint": "https://as.example/token",
        "response_types_supported": names(count),
        "grant_types_supported": names(count),
        "token_endpoint_auth_methods_supported": names(count),
    });
    let exchange = MetadataRequest::new("https://as.example", WellKnown::OAuth);
    let exchange = kept(exchange.body_limit(4 << 20));
    let response = response(200, document.to_string());
    let last = names(count).pop().expect("there is one");
    Work::new(
        move || exchange.read(response).expect("it is metadata"),
        move |read| assert!(format!("{:?}", read.grant_type(&last)).contains("Yes")),
    )
}

/// With the right `state`, within what is read of a callback.
pub fn callback_parameters(count: usize) -> Work {
    let client = Client::new(server(), "s6BhdRkqt3");
    let started = client.authorization().start(&mut entropy()).expect("it is complete");
    let state = started.url.split("&state=").nth(1).and_then(|rest| rest.split('&').next());
    let mut query = format!("code=a&state={}&iss=https://as.example", state.expect("a state"));
    for number in 0..count {
        query.push_str(&format!("&{number}"));
    }
    Work::new(
        move || started.pending.code(Callback::from_query(&query)),
        |checked| assert!(checked.is_ok(), "{checked:?}"),
    )
}
