//! The other doors: pushed and backchannel requests, introspection, revocation, userinfo, logout,
//! registration, and the two kinds of metadata.

use grantwire::backchannel::{Ping, UserHint};
use grantwire::flow::CibaFlow;
use grantwire::grant::Ciba;
use grantwire::metadata::{MetadataRequest, WellKnown};
use grantwire::protected_resource::ProtectedResourceRequest;
use grantwire::registration::{
    ClientConfiguration, ClientMetadata, Registration, RegistrationRequest,
};
use grantwire::{
    AccessToken, AuthorizationDetails, BuildError, Client, EndpointUri, Entropy, Error, ReplyError,
    Timestamp, TokenType,
};
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
    r#"{"client_id":"c","client_secret":["@"],"registration_access_token":"@"}"#,
    r#"{"client_id":"not c","client_secret":"@"}"#,
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
        .revocation_endpoint("https://as.example/revoke")
        .backchannel_authentication_endpoint("https://as.example/ciba")
        .userinfo_endpoint("https://as.example/userinfo")
        .end_session_endpoint("https://as.example/bye")
        .registration_endpoint("https://as.example/register");
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
    let good = r#"{"active":true,"username":"@","sub":"@","aud":["@"],"exp":"@","token_type":"@","cnf":{"jkt":"@","x5t#S256":"@","x":"@"}}"#;
    let read = exchange.read(&answer(200, good)).unwrap();
    assert_eq!(read.username(), Some(CANARY));
    watch.debug(&read);
    let confirmation = read.confirmation().unwrap();
    assert_eq!(confirmation.jkt(), Some(CANARY));
    watch.debug(confirmation);
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

    show_people(watch);
    show_resources(watch);
    show_registrations(watch);
}

/// What is asked about users, or of them.
fn show_people(watch: &mut Watch) {
    for hint in [
        UserHint::Login(CANARY.to_owned()),
        UserHint::IdToken(CANARY.into()),
        UserHint::LoginToken(CANARY.into()),
    ] {
        watch.debug(&hint);
        let exchange = client()
            .backchannel_authentication(hint)
            .binding_message(CANARY)
            .user_code(CANARY)
            .client_notification_token(CANARY);
        watch.debug(&exchange);
        holds(exchange.request(Timestamp::EPOCH, &mut entropy()));
        failures(watch, |answer| exchange.read(answer));
        let read = exchange.read(&answer(200, r#"{"auth_req_id":"@","interval":"@"}"#)).unwrap();
        assert_eq!(read.auth_req_id().expose(), CANARY);
        watch.debug(&read);
        watch.debug(&CibaFlow::new(&client(), &read, Timestamp::EPOCH, entropy()));
    }
    watch.debug(&Ciba::new(CANARY));
    let call = |body: &str| {
        let call = Request::post("/").header("authorization", format!("Bearer {CANARY}"));
        Ping::read(&call.body(body.replace('@', CANARY)).unwrap())
    };
    let ping = call(r#"{"auth_req_id":"@"}"#).unwrap();
    assert_eq!((ping.auth_req_id(), ping.verify(&CANARY.into())), (CANARY, Ok(())));
    watch.debug(&ping);
    watch.failure(ping.verify(&format!("{CANARY}x").into()));
    for body in BODIES {
        watch.failure(call(body));
    }

    let token = AccessToken::new(CANARY, TokenType::Bearer);
    let exchange = client().userinfo(&token).unwrap().expect_subject(CANARY);
    watch.debug(&exchange);
    failures(watch, |answer| exchange.read(answer));
    failures(watch, |_| exchange.read(&answer(200, r#"{"sub":"not @"}"#)));
    let read = exchange.read(&answer(200, r#"{"sub":"@","email":"@"}"#)).unwrap();
    assert_eq!(read.subject(), CANARY);
    watch.debug(&read);

    let exchange = client().end_session().id_token_hint(CANARY).state(CANARY);
    let exchange = exchange.parameter("logout_hint", CANARY);
    watch.debug(&exchange);
    watch.debug(&exchange.url().unwrap());
    watch.failure(exchange.parameter("x", format!("{CANARY}\n")).url());
}

/// What resources say of themselves, and what is asked of them in detail.
fn show_resources(watch: &mut Watch) {
    let resource = format!("https://api.example/?key={CANARY}");
    let exchange = ProtectedResourceRequest::of(&resource).unwrap();
    watch.debug(&exchange);
    let exchange = exchange.accept_resource(format!("https://api.example/{CANARY}"));
    watch.debug(&exchange);
    failures(watch, |answer| exchange.read(answer));
    let good = r#"{"resource":"https://api.example/?key=@","authorization_servers":["https://@"],"scopes_supported":"@","x":"@"}"#;
    let read = exchange.read(&answer(200, good)).unwrap();
    assert!(read.resource().contains(CANARY));
    watch.debug(&read);
    watch.debug(&read.authorization_servers()[0]);
    watch.failure(ProtectedResourceRequest::of(&format!("http://{CANARY}")));

    let details =
        AuthorizationDetails::new(&[serde_json::json!({ "type": "x", "account": CANARY })]);
    watch.debug(details.as_ref().unwrap());
    watch.debug(&client().authorization().authorization_details(details.unwrap()));
    watch.failure(AuthorizationDetails::new(&[CANARY]));
}

/// Clients as they are registered, kept and managed.
fn show_registrations(watch: &mut Watch) {
    let metadata = || {
        ClientMetadata::new()
            .client_name("n")
            .software_statement(CANARY)
            .jwk_set(serde_json::json!({"keys": [{"kty": CANARY}]}))
            .member("client_name#de", CANARY)
            .member(CANARY, 1)
    };
    watch.debug(&metadata());
    let server = client().server().clone();
    let exchange = RegistrationRequest::new(&server, metadata())
        .initial_access_token(CANARY)
        .secret_header("x", CANARY);
    watch.debug(&exchange);
    watch.debug(&exchange.draft().unwrap());
    holds(exchange.request());
    failures(watch, |answer| exchange.read(answer));
    let bad = format!("{CANARY}\n");
    for metadata in [
        metadata().software_statement(bad.as_str()),
        metadata().client_uri(CANARY),
        metadata().jwks_uri(CANARY),
        metadata().redirect_uris([bad.as_str()]),
        metadata().jwk_set(serde_json::json!({"keys": [{"d": CANARY}]})),
    ] {
        watch.failure(RegistrationRequest::new(&server, metadata).request());
    }
    let exchange_of = || RegistrationRequest::new(&server, ClientMetadata::new());
    watch.failure(exchange_of().initial_access_token(bad.as_str()).request());

    let good = r#"{"client_id":"c","client_secret":"@","client_secret_expires_at":"@","registration_access_token":"@","registration_client_uri":"https://as.example/c/@?@","token_endpoint_auth_method":"@","@":"@"}"#;
    let read = exchange.read(&answer(201, good)).unwrap();
    assert_eq!(read.client_secret().map(|secret| secret.expose()), Some(CANARY));
    watch.debug(&read);
    watch.debug(read.client_secret_expires_at());
    watch.debug(&read.metadata());
    watch.failure(read.client(&server));
    watch.debug(&read.clone().or_previous(&read));
    let stored = read.to_bytes();
    watch.debug(&Registration::from_bytes(&stored).unwrap());
    watch.failure(Registration::from_bytes(CANARY.as_bytes()));
    let error = Registration::from_bytes(&stored[..stored.len() - 1]).unwrap_err();
    watch.error(&error);
    watch.error(&Error::from(error));

    let uri = EndpointUri::parse(&format!("https://as.example/{CANARY}")).unwrap();
    let page = ClientConfiguration::new(&server, "c", uri, CANARY).secret_header("x", CANARY);
    watch.debug(&page);
    let read = page.read_client();
    watch.debug(&read);
    failures(watch, |answer| read.read(answer));
    let update = page.update_client(metadata()).client_secret(CANARY);
    watch.debug(&update);
    holds(update.request());
    failures(watch, |answer| update.read(answer));
    let delete = page.delete_client();
    watch.debug(&delete);
    failures(watch, |answer| delete.read(answer));
    watch.failure(page.update_client(metadata().client_name(bad)).request());
}
