//! The other doors: pushed requests, introspection, revocation, metadata, and the grants for tokens
//! from elsewhere.

use grantwire::grant::danger::Password;
use grantwire::grant::{Grant, JwtBearer, Saml2Bearer, TokenExchange, TokenTypeIdentifier};
use grantwire::metadata::{MetadataRequest, WellKnown};
use grantwire::{AuthorizationServer, BuildError, Client, Entropy, Error, ReplyError, Timestamp};
use http::{Request, Response};

use crate::needle::CANARY;
use crate::parties;
use crate::watch::Watch;

/// Bodies that no door takes; `@` stands for the canary.
const BODIES: &[&str] = &[
    "@",
    "<html>@</html>",
    r#"["@"]"#,
    r#"{"@":"@"}"#,
    r#"{"active":"@","request_uri":["@"],"issuer":{"@":"@"}}"#,
    r#"{"request_uri":"@ @","active":1,"issuer":"https://@"}"#,
    r#"{"error":"@","error_description":"@","active":true,"request_uri":"@","issuer":"@"}"#,
    r#"{"error":"invalid_request","error_description":"@"}"#,
];

fn entropy() -> Entropy {
    Entropy::new([7; 32])
}

fn answer(status: u16, body: &str) -> Response<Vec<u8>> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.header("x-debug", CANARY).body(body.replace('@', CANARY).into_bytes()).unwrap()
}

fn client() -> Client {
    let server = parties::server()
        .pushed_authorization_request_endpoint("https://as.example/par")
        .introspection_endpoint("https://as.example/introspect")
        .revocation_endpoint("https://as.example/revoke");
    Client::new(server, "c")
}

/// The canary was there to be printed.
fn holds(built: Result<Request<Vec<u8>>, BuildError>) {
    assert!(String::from_utf8_lossy(built.unwrap().body()).contains(CANARY));
}

/// Prints what comes of every bad answer.
fn failures<T>(watch: &mut Watch, read: impl Fn(&Response<Vec<u8>>) -> Result<T, ReplyError>) {
    for status in [200, 201, 302, 400, 401, 500] {
        for body in BODIES {
            if let Err(error) = read(&answer(status, body)) {
                watch.error(&error);
                watch.error(&Error::from(error));
            }
        }
    }
}

pub fn show(watch: &mut Watch) {
    let request = client().authorization().state(CANARY).nonce(CANARY).parameter("hint", CANARY);
    let started = request.push(&mut entropy()).unwrap();
    watch.debug(&started);
    let exchange = started.exchange.parameter("x", CANARY).secret_header("y", CANARY);
    watch.debug(&exchange);
    holds(exchange.request(Timestamp::EPOCH, &mut entropy()));
    failures(watch, |answer| exchange.read(answer));
    let good = r#"{"request_uri":"urn:@","expires_in":"@"}"#;
    let pushed = exchange.read(&answer(201, good)).unwrap();
    assert!(pushed.request_uri().contains(CANARY));
    watch.debug(&pushed);
    watch.debug(&exchange.url(&pushed).unwrap());

    let exchange = client().introspect(CANARY);
    watch.debug(&exchange);
    holds(exchange.request(Timestamp::EPOCH, &mut entropy()));
    failures(watch, |answer| exchange.read(answer));
    let good = r#"{"active":true,"username":"@","sub":"@","aud":["@"],"exp":"@","cnf":{"x":"@"}}"#;
    let read = exchange.read(&answer(200, good)).unwrap();
    assert_eq!(read.username(), Some(CANARY));
    watch.debug(&read);
    let exchange = client().revoke(CANARY);
    watch.debug(&exchange);
    holds(exchange.request(Timestamp::EPOCH, &mut entropy()));
    failures(watch, |answer| exchange.read(answer));
    let bad = format!("{CANARY}\n");
    watch.failure(client().introspect(bad.as_str()).request(Timestamp::EPOCH, &mut entropy()));
    watch.failure(client().revoke(bad).request(Timestamp::EPOCH, &mut entropy()));

    let request = MetadataRequest::new("https://as.example", WellKnown::OAuth);
    watch.debug(&request);
    failures(watch, |answer| request.read(answer));
    let good = r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/?@","revocation_endpoint":"https://x:@@as.example/","grant_types_supported":"@","x":"@"}"#;
    let metadata = request.read(&answer(200, good)).unwrap();
    watch.debug(&metadata);
    watch.debug(metadata.server());
    for issuer in
        [format!("https://x:{CANARY}@as.example"), format!("https://as.example/?{CANARY}")]
    {
        watch.failure(MetadataRequest::new(issuer, WellKnown::OpenId).request());
    }

    let kind = TokenTypeIdentifier::ACCESS_TOKEN;
    let exchange = || TokenExchange::new(CANARY, kind.clone()).actor(CANARY, kind.clone());
    watch.debug(&exchange());
    watch.debug(&JwtBearer::new(CANARY));
    watch.debug(&Saml2Bearer::new(CANARY));
    watch.debug(&Password::new(CANARY, CANARY));
    for grant in [
        Grant::from(exchange()),
        JwtBearer::new(CANARY).into(),
        Saml2Bearer::new(CANARY).into(),
        Password::new(CANARY, CANARY).into(),
    ] {
        watch.debug(&grant);
        let nowhere = Client::new(AuthorizationServer::new(), "c").token(grant);
        watch.debug(&nowhere);
        watch.failure(nowhere.request(Timestamp::EPOCH, &mut entropy()));
    }
}
