//! The end session endpoint (OpenID RP-Initiated Logout section 2).

use grantwire::end_session::EndSessionRequest;
use grantwire::{BuildError, Client, EndpointError};

use crate::given::*;

const DOOR: &str = "https://as.example/signoff";
const BYE: &str = "https://client.example.com/bye?a=b";

fn at_door(url: &str) -> EndSessionRequest {
    Client::new(server().end_session_endpoint(url), CLIENT_ID).end_session()
}

fn url_of(door: &EndSessionRequest) -> String {
    door.url().expect("a URL").into_string()
}

fn why_not(door: &EndSessionRequest) -> BuildError {
    door.url().expect_err("no URL")
}

#[test]
fn every_parameter() {
    assert_eq!(url_of(&at_door(DOOR)), format!("{DOOR}?client_id={CLIENT_ID}"));
    let door = at_door(DOOR)
        .id_token_hint("e30.e30.c2ln")
        .post_logout_redirect_uri(BYE)
        .state("af0if&jsldkj")
        .parameter("logout_hint", "jane@example.com")
        .parameter("ui_locales", "fr-CA en");
    assert_eq!(
        url_of(&door),
        "https://as.example/signoff?client_id=s6BhdRkqt3&id_token_hint=e30.e30.c2ln\
         &post_logout_redirect_uri=https%3A%2F%2Fclient.example.com%2Fbye%3Fa%3Db\
         &state=af0if%26jsldkj&logout_hint=jane%40example.com&ui_locales=fr-CA%20en"
    );
    assert_eq!(query(&url_of(&door), "post_logout_redirect_uri").as_deref(), Some(BYE));
    let shown = format!("{door:?} {:?}", door.url().unwrap());
    for secret in ["e30", "af0if", "jane"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn each_alone() {
    let hint = at_door(DOOR).id_token_hint("e30.e30.c2ln");
    assert_eq!(query(&url_of(&hint), "id_token_hint").as_deref(), Some("e30.e30.c2ln"));
    let state = at_door(DOOR).state("xyz");
    assert_eq!(query(&url_of(&state), "state").as_deref(), Some("xyz"));
    let empty = at_door(DOOR).id_token_hint("").state("").parameter("logout_hint", "");
    assert_eq!(url_of(&empty), url_of(&at_door(DOOR)), "empty means absent");
}

#[test]
fn the_endpoints_own_query_is_kept() {
    for (own, joined) in [
        ("?tenant=a%20b&x=", "?tenant=a%20b&x=&client_id=s6BhdRkqt3"),
        ("?tenant=a&", "?tenant=a&client_id=s6BhdRkqt3"),
        ("?", "?client_id=s6BhdRkqt3"),
    ] {
        assert_eq!(url_of(&at_door(&format!("{DOOR}{own}"))), format!("{DOOR}{joined}"));
    }
}

#[test]
fn nothing_stands_twice() {
    let repeated = |name: &'static str| BuildError::ParameterRepeated { parameter: name.into() };
    let own = |query: &str| at_door(&format!("{DOOR}?{query}"));
    assert_eq!(why_not(&own("client_id=other")), repeated("client_id"));
    assert_eq!(why_not(&own("client%5Fid=other")), repeated("client_id"), "whatever its spelling");
    assert_eq!(why_not(&own("state=a").state("b")), repeated("state"));
    let door = own("post_logout_redirect_uri=https://evil.example/");
    assert_eq!(why_not(&door.post_logout_redirect_uri(BYE)), repeated("post_logout_redirect_uri"));
    assert_eq!(
        why_not(&own("ui_locales=fr").parameter("ui_locales", "en")),
        repeated("ui_locales")
    );

    for name in [
        "client_id",
        "state",
        "redirect_uri",
        "client_secret",
        "id_token_hint",
        "post_logout_redirect_uri",
    ] {
        let managed = BuildError::ParameterManaged { parameter: name.into() };
        assert_eq!(why_not(&at_door(DOOR).parameter(name, "x")), managed);
    }
    let door = at_door(DOOR).parameter("logout_hint", "a").parameter("logout_hint", "b");
    assert_eq!(why_not(&door), repeated("logout_hint"));
}

#[test]
fn the_redirect_uri_is_looked_at() {
    for (uri, error) in [
        ("https://client.example.com/bye#top", EndpointError::Fragment),
        ("https://client.example.com/b ye", EndpointError::Character),
        ("https://client.example.com/\r\n", EndpointError::Character),
        ("https://client.example.com/\u{e9}", EndpointError::Character),
        ("/bye", EndpointError::Malformed),
        ("", EndpointError::Malformed),
    ] {
        let wanted = BuildError::Endpoint { endpoint: "post_logout_redirect_uri", error };
        assert_eq!(why_not(&at_door(DOOR).post_logout_redirect_uri(uri)), wanted, "{uri:?}");
    }
    let app = at_door(DOOR).post_logout_redirect_uri("com.example.app:/bye");
    let sent = query(&url_of(&app), "post_logout_redirect_uri");
    assert_eq!(sent.as_deref(), Some("com.example.app:/bye"));
}

#[test]
fn what_cannot_be_opened() {
    let missing = BuildError::EndpointMissing { endpoint: "end_session_endpoint" };
    assert_eq!(why_not(&client().end_session()), missing);
    let insecure =
        BuildError::Endpoint { endpoint: "end_session_endpoint", error: EndpointError::Insecure };
    assert_eq!(why_not(&at_door("http://as.example/signoff")), insecure);
    let character = BuildError::Character { parameter: "state".into() };
    assert_eq!(why_not(&at_door(DOOR).state("a\nb")), character);
    let nobody = Client::new(server().end_session_endpoint(DOOR), "");
    assert!(nobody.end_session().url().is_err());
}
