//! Endpoint aliases (RFC 8705 section 5): for clients that present a certificate, and for nobody else.

use grantwire::Exchange;
use grantwire::client::{
    ClientAuthentication, ClientSecretPost, MutualTls, SelfSignedTlsClientAuth, TlsClientAuth,
    Unidentified,
};
use grantwire::metadata::{Metadata, MetadataRequest, WellKnown};
use grantwire::{BuildError, Client, Deviation, Endpoint, EndpointError};

use crate::given::*;
use crate::{asked, house, refused};

/// The alias of an address: the same path on another host.
fn alias(url: &str) -> String {
    url.replace("as.example", "mtls.as.example")
}

fn with_aliases() -> Client {
    let mut server = house();
    for (endpoint, url) in crate::EVERYWHERE.iter().chain(&[(Endpoint::Token, TOKEN)]) {
        server = server.mtls_endpoint_alias(*endpoint, &alias(url));
    }
    Client::new(server.mtls_endpoint_alias(Endpoint::Authorization, &alias(AUTHORIZE)), CLIENT_ID)
}

/// Where each door of this client is.
fn places(client: &Client) -> Vec<String> {
    let push = client.authorization().push(&mut entropy()).unwrap().exchange;
    vec![
        asked(&client.attestation_challenge()).uri().to_string(),
        asked(&client.device_authorization()).uri().to_string(),
        asked(&client.introspect("t")).uri().to_string(),
        asked(&push).uri().to_string(),
        asked(&client.revoke("t")).uri().to_string(),
        asked(&own_token(client)).uri().to_string(),
    ]
}

fn plain() -> Vec<String> {
    let doors = crate::EVERYWHERE.iter().map(|(_, url)| (*url).to_owned());
    doors.chain([TOKEN.to_owned()]).collect()
}

#[test]
fn a_certificate_goes_to_the_aliases_and_everybody_else_to_the_front() {
    let aliases: Vec<String> = plain().iter().map(|url| alias(url)).collect();
    for client in [
        with_aliases().auth(TlsClientAuth::new()),
        with_aliases().auth(SelfSignedTlsClientAuth::new()),
    ] {
        assert_eq!(places(&client), aliases);
    }
    assert_eq!(places(&with_aliases()), plain());
    assert_eq!(places(&with_aliases().auth(ClientSecretPost::new("s"))), plain());
    let without = Client::new(house(), CLIENT_ID).auth(TlsClientAuth::new());
    assert_eq!(places(&without), plain(), "where there is no alias");
}

/// RFC 8705 section 3: a certificate beside another method binds the tokens, and goes to the same doors.
#[test]
fn another_method_beside_a_certificate() {
    let method = MutualTls::beside(ClientSecretPost::new("s"));
    assert_eq!((method.name(), method.presents_certificate()), ("client_secret_post", true));
    assert_eq!(format!("{method:?}"), r#"MutualTls { method: "client_secret_post", .. }"#);
    let client = with_aliases().auth(method);
    let aliases: Vec<String> = plain().iter().map(|url| alias(url)).collect();
    assert_eq!(places(&client), aliases);
    let draft = own_token(&client).draft(now(), &mut entropy()).unwrap();
    assert!(draft.duties().client_certificate);
    let names = names_of(&draft.finish().unwrap());
    assert_eq!(names, ["grant_type", "client_id", "client_secret"]);
    let nobody = with_aliases().auth(MutualTls::beside(Unidentified::new()));
    assert_eq!(names_of(&built(&own_token(&nobody))), ["grant_type"]);
}

/// It is the request that presents a certificate, and not the client's habit.
#[test]
fn the_method_of_one_request_decides() {
    let secret = with_aliases().auth(ClientSecretPost::new("s"));
    let door = secret.revoke("t").auth(TlsClientAuth::new());
    assert_eq!(asked(&door).uri(), "https://mtls.as.example/revoke");
    assert_eq!(Exchange::target(&door).unwrap(), "https://mtls.as.example/revoke");
    let draft = door.draft(now(), &mut entropy()).unwrap();
    assert!(draft.duties().client_certificate);
    let certificate = with_aliases().auth(TlsClientAuth::new());
    let door = certificate.introspect("t").auth(ClientSecretPost::new("s"));
    assert_eq!(asked(&door).uri(), "https://as.example/introspect");
    assert!(!door.draft(now(), &mut entropy()).unwrap().duties().client_certificate);
}

/// RFC 8705 section 2: `client_id` is in every request by mTLS.
#[test]
fn the_client_says_its_name() {
    let client = with_aliases().auth(TlsClientAuth::new());
    for names in [
        names_of(&asked(&client.revoke("t"))),
        names_of(&asked(&client.introspect("t"))),
        names_of(&asked(&client.device_authorization())),
    ] {
        assert_eq!(names.iter().filter(|name| *name == "client_id").count(), 1);
    }
}

/// The browser has no client certificate.
#[test]
fn the_browser_is_never_sent_to_an_alias() {
    let client = with_aliases().auth(TlsClientAuth::new());
    assert!(started(&client).url.starts_with(AUTHORIZE));
    let push = client.authorization().push(&mut entropy()).unwrap().exchange;
    let pushed = push.read(&json(201, r#"{"request_uri":"urn:a"}"#)).unwrap();
    assert!(push.url(&pushed).unwrap().starts_with(AUTHORIZE));
}

fn announced(aliases: &str) -> Metadata {
    let body = format!(
        r#"{{"issuer":"{ISSUER}","token_endpoint":"{TOKEN}","revocation_endpoint":"https://as.example/revoke","mtls_endpoint_aliases":{aliases}}}"#
    );
    MetadataRequest::new(ISSUER, WellKnown::OAuth).read(&json(200, body)).expect(aliases)
}

#[test]
fn they_are_read_from_metadata() {
    let metadata = announced(r#"{"token_endpoint":"https://mtls.as.example/token","x":"y"}"#);
    assert_eq!(metadata.deviations(), []);
    let client = Client::new(metadata.server().clone(), CLIENT_ID);
    assert_eq!(built(&own_token(&client)).uri(), TOKEN);
    let client = client.auth(TlsClientAuth::new());
    assert_eq!(built(&own_token(&client)).uri(), "https://mtls.as.example/token");
    assert_eq!(
        asked(&client.revoke("t")).uri(),
        "https://as.example/revoke",
        "no alias, no change"
    );
}

/// Falling back would send the request over a connection that was not meant for it.
#[test]
fn an_alias_that_cannot_be_used_is_refused_and_not_passed_over() {
    for (url, error) in [
        ("javascript:alert(1)", EndpointError::Malformed),
        ("http://mtls.as.example/token", EndpointError::Insecure),
    ] {
        let metadata = announced(&format!(r#"{{"token_endpoint":"{url}"}}"#));
        let client = Client::new(metadata.server().clone(), CLIENT_ID);
        assert_eq!(built(&own_token(&client)).uri(), TOKEN, "the others never see it");
        let expected = BuildError::Endpoint { endpoint: "token_endpoint", error };
        assert_eq!(refused(&own_token(&client.auth(TlsClientAuth::new()))), expected);
    }
}

#[test]
fn aliases_that_are_none_are_reported() {
    for wrong in ["[]", "7", r#""https://mtls.as.example/""#, "true"] {
        let metadata = announced(wrong);
        let expected = [Deviation::MalformedMember("mtls_endpoint_aliases")];
        assert_eq!(metadata.deviations(), expected, "{wrong}");
    }
    assert_eq!(announced("null").deviations(), []);
    assert_eq!(announced("{}").deviations(), []);
    let metadata = announced(r#"{"token_endpoint":7}"#);
    assert_eq!(metadata.deviations(), [Deviation::MalformedMember("token_endpoint")]);
}
