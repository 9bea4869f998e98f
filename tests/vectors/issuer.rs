//! RFC 9207: the issuer in the authorization response.

use grantwire::authorization::{Callback, CallbackErrorKind};
use grantwire::{AuthorizationServer, Client};

use crate::given::*;

/// The response that RFC 9207 prints.
const URL: &str = "https://client.example/cb?code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58&state=ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI&iss=https%3A%2F%2Fhonest.as.example";

fn outcome(issuer: &str, url: &str) -> Result<String, CallbackErrorKind> {
    let server = AuthorizationServer::new()
        .issuer(issuer)
        .authorization_endpoint("https://honest.as.example/authorize")
        .announces_iss();
    let pending = Client::new(server, "client")
        .authorization()
        .state("ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI")
        .start(&mut entropy())
        .unwrap()
        .pending;
    let code = pending.code(Callback::from_url(url));
    code.map(|code| code.expose().to_owned()).map_err(|error| error.kind().clone())
}

#[test]
fn the_example_is_the_honest_servers() {
    assert_eq!(
        outcome("https://honest.as.example", URL).as_deref(),
        Ok("x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58")
    );
}

#[test]
fn issuers_are_compared_as_simple_strings() {
    for other in [
        "https://honest.as.example/",
        "https://HONEST.as.example",
        "https://honest.as.example:443",
        "http://honest.as.example",
        "https://attacker.example",
    ] {
        assert_eq!(outcome(other, URL), Err(CallbackErrorKind::IssuerMismatch), "{other}");
    }
}

#[test]
fn the_check_holds_for_errors_too() {
    let state = "state=ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI";
    let url = |iss: &str| format!("https://client.example/cb?error=access_denied&{state}{iss}");
    let honest = "https://honest.as.example";
    assert!(matches!(
        outcome(honest, &url("&iss=https%3A%2F%2Fhonest.as.example")),
        Err(CallbackErrorKind::Refused(_))
    ));
    assert_eq!(
        outcome(honest, &url("&iss=https%3A%2F%2Fattacker.example")),
        Err(CallbackErrorKind::IssuerMismatch)
    );
    assert_eq!(outcome(honest, &url("")), Err(CallbackErrorKind::IssuerMissing));
    assert_eq!(outcome(honest, &url("&iss=")), Err(CallbackErrorKind::IssuerMissing));
}
