//! Registration management (RFC 7592): read, update and delete.

use grantwire::flow::{ExchangeFlow, Machine};
use grantwire::registration::{ClientConfiguration, ClientMetadata, Deleted, Registration};
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::{AuthorizationServer, BuildError, Deviation, EndpointUri, Quirks, Resend, danger};
use http::Response;
use serde_json::{Value, json as object};

use super::*;
use crate::machines::{at, sent, value};
use crate::{fails, refused, unusable};

pub const PAGE: &str = "https://server.example.com/register/s6BhdRkqt3";
pub const TOKEN: &str = "reg-23410913-abewfq.123483";
/// RFC 7592 section 3.
pub const MANAGED: &str = r#"{
    "registration_access_token": "reg-23410913-abewfq.123483",
    "registration_client_uri": "https://server.example.com/register/s6BhdRkqt3",
    "client_id": "s6BhdRkqt3",
    "client_secret": "cf136dc3c1fc93f31185e5885805d",
    "client_id_issued_at": 2893256800,
    "client_secret_expires_at": 2893276800,
    "client_name": "My Example Client",
    "client_name#ja-Jpan-JP": "\u30AF\u30E9\u30A4\u30A2\u30F3\u30C8\u540D",
    "redirect_uris": [
        "https://client.example.org/callback",
        "https://client.example.org/callback2"],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "client_secret_basic",
    "logo_uri": "https://client.example.org/logo.png",
    "jwks_uri": "https://client.example.org/my_public_keys.jwks"
}"#;

pub fn registered() -> Registration {
    door(some()).read(&json(201, MANAGED)).expect(MANAGED)
}

pub fn configuration() -> ClientConfiguration {
    registered().configuration(&server()).expect("an address and a token")
}

pub fn read(body: &str) -> Registration {
    configuration().read_client().read(&json(200, body)).expect(body)
}

#[test]
fn section_3_the_answer_leads_to_the_page() {
    let registered = registered();
    assert_eq!(registered.registration_client_uri().unwrap().as_str(), PAGE);
    assert_eq!(registered.registration_access_token().unwrap().expose(), TOKEN);
    assert_eq!(registered.deviations(), []);
    let shown = format!("{registered:?} {:?}", configuration());
    assert!(!shown.contains(TOKEN) && !shown.contains(SECRET), "{shown}");
}

#[test]
fn section_2_1_the_read() {
    let exchange = configuration().read_client();
    let request = exchange.request().unwrap();
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("GET", PAGE));
    let bearer = format!("Bearer {TOKEN}");
    let wanted = [("accept", "application/json"), ("authorization", bearer.as_str())];
    assert_eq!(headers_of(&request), as_pairs(&wanted));
    assert!(request.headers()["authorization"].is_sensitive());
    assert!(request.body().is_empty());
    let told = exchange.read(&json(200, MANAGED)).unwrap();
    assert_eq!(told.client_secret().unwrap().expose(), SECRET);
    assert_eq!(told.deviations(), []);
}

#[test]
fn section_2_2_the_update() {
    let metadata = ClientMetadata::new()
        .redirect_uris(["https://client.example.org/callback", "https://client.example.org/alt"])
        .grant_types(["authorization_code", "refresh_token"])
        .token_endpoint_auth_method("client_secret_basic")
        .jwks_uri("https://client.example.org/my_public_keys.jwks")
        .client_name("My New Example")
        .member("client_name#fr", "Mon Nouvel Exemple")
        .logo_uri("https://client.example.org/newlogo.png")
        .member("logo_uri#fr", "https://client.example.org/fr/newlogo.png");
    let exchange = configuration().update_client(metadata).client_secret(SECRET);
    let request = exchange.request().unwrap();
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("PUT", PAGE));
    let bearer = format!("Bearer {TOKEN}");
    let wanted = [
        ("accept", "application/json"),
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    assert_eq!(headers_of(&request), as_pairs(&wanted));
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let expected = object!({
        "client_id": "s6BhdRkqt3",
        "client_secret": SECRET,
        "redirect_uris":
            ["https://client.example.org/callback", "https://client.example.org/alt"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "client_secret_basic",
        "jwks_uri": "https://client.example.org/my_public_keys.jwks",
        "client_name": "My New Example",
        "client_name#fr": "Mon Nouvel Exemple",
        "logo_uri": "https://client.example.org/newlogo.png",
        "logo_uri#fr": "https://client.example.org/fr/newlogo.png",
    });
    assert_eq!(body, expected);
    assert!(!format!("{exchange:?}").contains(SECRET));
}

/// All that was registered goes back, but for the five members that only the server writes.
#[test]
fn an_update_starts_from_what_is_registered() {
    let metadata = registered().metadata().expect("names that can be written");
    let changed = metadata
        .client_name("Another")
        .member("client_name#ja-Jpan-JP", "B")
        .member("x", 1)
        .without("logo_uri");
    let request = configuration().update_client(changed).request().unwrap();
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let mut expected: Value = serde_json::from_str(MANAGED).unwrap();
    for issued in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret",
        "client_id_issued_at",
        "client_secret_expires_at",
        "logo_uri",
    ] {
        expected.as_object_mut().unwrap().remove(issued);
    }
    expected["client_name"] = "Another".into();
    expected["client_name#ja-Jpan-JP"] = "B".into();
    expected["x"] = 1.into();
    assert_eq!(body, expected);
}

/// What came from the server is replaced, and never doubled.
#[test]
fn registered_members_are_held_to_the_same_rules() {
    let why = |metadata| refused(&configuration().update_client(metadata));
    let metadata = || registered().metadata().unwrap();
    let managed = |name: &'static str| BuildError::ParameterManaged { parameter: name.into() };
    assert_eq!(why(metadata().member("client_name", "x")), managed("client_name"));
    assert_eq!(why(metadata().member("client_secret", "x")), managed("client_secret"));
    let both = metadata().jwk_set(object!({"keys": []}));
    assert!(matches!(why(both.clone()), BuildError::Invalid { .. }));
    assert!(configuration().update_client(both.without("jwks_uri")).request().is_ok());
    let odd = read(r#"{"client_id":"s6BhdRkqt3","x":1e999,"y":null,"z":"\ud800"}"#);
    let request = configuration().update_client(odd.metadata().unwrap()).request().unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    assert_eq!(body, r#"{"client_id":"s6BhdRkqt3","x":1e999,"z":"\ud800"}"#);
    assert!(read(r#"{"client_id":"s6BhdRkqt3","\ud800":1}"#).metadata().is_none());
}

#[test]
fn section_2_3_the_delete() {
    let exchange = configuration().delete_client();
    let request = exchange.request().unwrap();
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("DELETE", PAGE));
    assert_eq!(request.headers()["authorization"], format!("Bearer {TOKEN}"));
    assert!(request.body().is_empty() && !request.headers().contains_key("content-type"));
    for reply in [
        answer(204, &[], ""),
        answer(204, &[("content-type", "text/html")], "<html>gone</html>"),
        json(204, r#"{"error":"invalid_token"}"#),
        answer(200, &[], "OK"),
        json(200, "{}"),
        answer(200, &[], "x".repeat(1 << 20)),
    ] {
        let _: Deleted = exchange.read(&reply).expect("it is gone");
    }
    let said = fails(&exchange, &json(200, r#"{"error":"server_error"}"#));
    assert_eq!(*said.refusal().unwrap().code(), ErrorCode::ServerError);
    let flow = |reply: Response<Vec<u8>>| {
        let mut flow = ExchangeFlow::new(configuration().delete_client(), entropy());
        assert_eq!(sent(flow.poll(at(0))).method(), "DELETE");
        flow.handle_response(at(1), &reply).unwrap();
        flow
    };
    let _: Deleted = value(flow(answer(204, &[], "")).poll(at(1)));
}

/// An answer to a read may have taken the only good token along, so only a delete is sent again.
#[test]
fn the_transports_duties() {
    let configuration = configuration();
    let duties = |exchange: &dyn Fn() -> grantwire::request::Draft| exchange().duties();
    let read = duties(&|| configuration.read_client().draft().unwrap());
    let update = duties(&|| configuration.update_client(some()).draft().unwrap());
    let delete = duties(&|| configuration.delete_client().draft().unwrap());
    assert_eq!(read.resend, Resend::OnlyIfNotSent);
    assert_eq!(update.resend, Resend::OnlyIfNotSent);
    assert_eq!(delete.resend, Resend::Always);
    let failed = answer(500, &[], "");
    let class = |error: grantwire::ReplyError| error.class();
    assert_eq!(class(fails(&configuration.read_client(), &failed)), FailureClass::Indeterminate);
    assert_eq!(
        class(fails(&configuration.update_client(some()), &failed)),
        FailureClass::Indeterminate
    );
    assert_eq!(class(fails(&configuration.delete_client(), &failed)), FailureClass::Transient);
    let bound = configuration.clone().client_certificate().header("x-a", "1");
    let draft = bound.secret_header("x-b", "2").read_client().draft().unwrap();
    assert!(draft.duties().client_certificate && !read.client_certificate);
    let request = draft.finish().unwrap();
    assert_eq!(request.headers()["x-a"], "1");
    assert!(request.headers()["x-b"].is_sensitive());
}

#[test]
fn it_can_be_made_from_stored_parts() {
    let uri = |text: &str| EndpointUri::parse(text).unwrap();
    let made = |token: &str| {
        ClientConfiguration::new(&AuthorizationServer::new(), "s6BhdRkqt3", uri(PAGE), token)
    };
    let request = made(TOKEN).read_client().request().unwrap();
    assert_eq!(request.uri(), configuration().read_client().request().unwrap().uri());
    let empty = BuildError::Empty { parameter: "registration_access_token".into() };
    assert_eq!(refused(&made("").read_client()), empty);
    assert_eq!(refused(&made("").update_client(some())), empty);
    assert_eq!(refused(&made("").delete_client()), empty);
    assert!(matches!(refused(&made("a\nb").delete_client()), BuildError::HeaderMalformed { .. }));
    let nameless = ClientConfiguration::new(&server(), "", uri(PAGE), TOKEN);
    let empty = BuildError::Empty { parameter: "client_id".into() };
    assert_eq!(refused(&nameless.update_client(some())), empty);
    let plain = "http://server.example.com/register/c?x=y";
    let plain = EndpointUri::parse_insecure(plain, danger::PlainHttp).unwrap();
    let made = ClientConfiguration::new(&server(), "c", plain, TOKEN);
    assert_eq!(
        made.delete_client().request().unwrap().uri(),
        "http://server.example.com/register/c?x=y"
    );
    let small = ClientConfiguration::new(&server().body_limit(9), "c", uri(PAGE), TOKEN);
    let over = Unusable::BodyTooLarge { limit: 9 };
    assert_eq!(unusable(&small.read_client(), &json(200, MANAGED)), over);
    let quirks = server().quirks(Quirks::new().ignore_content_type());
    let lenient = ClientConfiguration::new(&quirks, "c", uri(PAGE), TOKEN);
    let told = lenient.read_client().read(&answer(
        200,
        &[("content-type", "x/y")],
        r#"{"client_id":"c"}"#,
    ));
    assert_eq!(told.unwrap().deviations(), [Deviation::ContentType]);
}

/// The identifier never changes (section 2.1).
#[test]
fn another_client_is_refused() {
    for other in ["s6BhdRkqt4", "S6BHDRKQT3", "s6BhdRkqt3 "] {
        let body =
            MANAGED.replace(r#""client_id": "s6BhdRkqt3""#, &format!(r#""client_id": "{other}""#));
        let reply = json(200, body);
        assert_eq!(unusable(&configuration().read_client(), &reply), Unusable::ClientMismatch);
        assert_eq!(
            unusable(&configuration().update_client(some()), &reply),
            Unusable::ClientMismatch
        );
    }
    let nobody = json(200, r#"{"client_secret":"s"}"#);
    let missing = Unusable::MemberMissing("client_id");
    assert_eq!(unusable(&configuration().read_client(), &nobody), missing);
}

#[test]
fn the_method_of_an_update_is_known_to_its_answer() {
    let update = configuration().update_client(some().token_endpoint_auth_method("none"));
    let told = update.read(&json(200, r#"{"client_id":"s6BhdRkqt3"}"#)).unwrap();
    assert_eq!(told.or_previous(&registered()).token_endpoint_auth_method(), "none");
    let again = registered().metadata().unwrap();
    let told =
        configuration().update_client(again).read(&json(200, r#"{"client_id":"s6BhdRkqt3"}"#));
    assert_eq!(told.unwrap().token_endpoint_auth_method(), "client_secret_basic");
}

/// Section 2: 401 says that the token is not good or the client gone, with or without words.
#[test]
fn a_401_has_one_meaning() {
    let challenge = ("www-authenticate", r#"Bearer error="invalid_token""#);
    for reply in [
        answer(401, &[], ""),
        answer(401, &[challenge], ""),
        answer(401, &[], "<html>no</html>"),
        json(401, "{}"),
        json(401, r#"{"error":"invalid_token"}"#),
        json(401, r#"{"error":{"code":7}}"#),
    ] {
        for error in [
            fails(&configuration().read_client(), &reply),
            fails(&configuration().update_client(some()), &reply),
            fails(&configuration().delete_client(), &reply),
        ] {
            assert_eq!(*error.refusal().expect("a refusal").code(), ErrorCode::InvalidToken);
            assert_eq!(error.class(), FailureClass::Definitive);
            assert_eq!(error.fault(), Fault::Credential);
            assert_eq!(error.raw().expose_body(), reply.body());
        }
    }
    let own = fails(&configuration().delete_client(), &json(401, r#"{"error":"unauthorized"}"#));
    assert_eq!(own.refusal().unwrap().code().as_str(), "unauthorized", "as the server said it");
}

#[test]
fn other_failures_are_told_by_status_and_code() {
    for status in [403, 404, 405] {
        let reply = json(status, r#"{"error":"access_denied"}"#);
        for error in [
            fails(&configuration().read_client(), &reply),
            fails(&configuration().update_client(some()), &reply),
            fails(&configuration().delete_client(), &reply),
        ] {
            assert_eq!(*error.refusal().unwrap().code(), ErrorCode::AccessDenied);
            assert_eq!(error.raw().status(), status);
        }
        let mute = fails(&configuration().delete_client(), &answer(status, &[], ""));
        assert_eq!(*mute.kind(), ReplyErrorKind::Unusable(Unusable::Empty));
        assert_eq!(mute.raw().status(), status);
    }
    let refusal = json(400, r#"{"error":"invalid_client_metadata"}"#);
    let error = fails(&configuration().update_client(some()), &refusal);
    assert_eq!(*error.refusal().unwrap().code(), ErrorCode::InvalidClientMetadata);
    for status in [302, 307] {
        let moved = answer(status, &[("location", "https://elsewhere.example/")], "");
        assert_eq!(
            *fails(&configuration().delete_client(), &moved).kind(),
            ReplyErrorKind::Redirected
        );
    }
    let one = json(201, MANAGED);
    let told = configuration().read_client().read(&one).unwrap();
    assert_eq!(told.deviations(), [Deviation::Status(201)]);
}

/// A distant server's word is not enough to send its token, and members of its choosing, to whatever
/// listens on this machine.
#[test]
fn a_page_on_this_machine_is_not_taken_from_afar() {
    let said = |page: &str| door(some()).read(&json(201, MANAGED.replace(PAGE, page))).unwrap();
    let loopback = BuildError::Endpoint {
        endpoint: "registration_client_uri",
        error: grantwire::EndpointError::Loopback,
    };
    let afar = [
        there(),
        AuthorizationServer::new().registration_endpoint(PLACE),
        AuthorizationServer::new().token_endpoint("https://server.example.com/token"),
    ];
    for page in ["http://127.0.0.1:9200/_all", "http://localhost/", "HTTP://[::1]:2375/x"] {
        let here = AuthorizationServer::new().registration_endpoint("http://localhost/register");
        let registered = said(page);
        for server in &afar {
            assert_eq!(registered.configuration(server).map(drop), Err(loopback.clone()), "{page}");
        }
        assert!(registered.configuration(&here).is_ok(), "{page}");
    }
    assert!(said("HTTPS://other.example/x").configuration(&afar[0]).is_ok(), "https goes anywhere");
}
