//! What servers demand of the request.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantwire::client::{ClientSecretBasic, ClientSecretPost};
use grantwire::danger::NoPkce;
use grantwire::{BuildError, Client, Quirks, TokenRequest};

use crate::given::*;

/// What stands in the Basic credentials, before any decoding of its own.
fn credentials(exchange: &TokenRequest) -> String {
    let request = built(exchange);
    let value = request.headers()["authorization"].to_str().unwrap();
    let bytes = STANDARD.decode(value.strip_prefix("Basic ").unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// They decode nothing, so a secret with a reserved character arrives only raw, or in the body.
const RAW: &str = "HCL Domino, Doorkeeper, Glewlwyd, node-oauth2-server";

/// The table of secrets against the three encodings.
#[test]
fn secrets_of_every_kind_against_the_three_encodings() {
    for (who, secret, percent, form, raw) in [
        ("ordinary secrets", "7Fjfp0ZBr1K", "7Fjfp0ZBr1K", "7Fjfp0ZBr1K", "7Fjfp0ZBr1K"),
        ("PingOne", "a~b.c-d_e", "a~b.c-d_e", "a%7Eb.c-d_e", "a~b.c-d_e"),
        ("Keycloak, Entra", "a+b/c%d", "a%2Bb%2Fc%25d", "a%2Bb%2Fc%25d", "a+b/c%d"),
        ("a server that splits at the last colon", "a:b", "a%3Ab", "a%3Ab", "a:b"),
        ("Authlib, which does not undo a plus", "a b", "a%20b", "a+b", "a b"),
        ("marks beyond the unreserved", "!*'()", "%21%2A%27%28%29", "%21*%27%28%29", "!*'()"),
        ("text beyond ASCII", "£€", "%C2%A3%E2%82%AC", "%C2%A3%E2%82%AC", "£€"),
    ] {
        let with = |method: ClientSecretBasic| credentials(&own_token(&client().auth(method)));
        let expected = |secret: &str| format!("{CLIENT_ID}:{secret}");
        let method = || ClientSecretBasic::new(secret);
        assert_eq!(with(method()), expected(percent), "{who}, by default");
        assert_eq!(with(method().form_encoded()), expected(form), "{who}, form");
        assert_eq!(with(method().raw()), expected(raw), "{who}, raw: {RAW}");
    }
}

/// Servers that forgot to decode, or decode twice, are best given the secret in the body.
#[test]
fn linkedin_instagram_and_fxa_want_the_credentials_in_the_body() {
    let client = client().auth(ClientSecretPost::new("a+b/c%d"));
    let request = built(&own_token(&client));
    assert!(!request.headers().contains_key("authorization"));
    assert!(body_of(&request).ends_with("&client_id=s6BhdRkqt3&client_secret=a%2Bb%2Fc%25d"));
}

#[test]
fn some_mcp_servers_want_client_id_in_the_body_too() {
    let method = ClientSecretBasic::new("secret").with_body_client_id();
    let request = built(&own_token(&client().auth(method)));
    assert!(request.headers().contains_key("authorization"));
    assert_eq!(names_of(&request), ["grant_type", "client_id"]);
}

#[test]
fn okta_adfs_and_strict_keycloak_want_exactly_one_place() {
    let request = built(&own_token(&client().auth(ClientSecretBasic::new("secret"))));
    assert_eq!(names_of(&request), ["grant_type"]);
    let request = built(&own_token(&client().auth(ClientSecretPost::new("secret"))));
    assert!(!request.headers().contains_key("authorization"));
}

/// VK spends the code on a first wrong attempt: no method is ever tried and then another.
#[test]
fn nothing_is_probed() {
    let exchange = code_exchange(&client().auth(ClientSecretBasic::new("secret")));
    let first = built(&exchange);
    let _ = exchange.read(&json(401, r#"{"error":"invalid_client"}"#)).unwrap_err();
    let second = built(&exchange);
    assert_eq!(headers_of(&first), headers_of(&second));
    assert_eq!(first.body(), second.body());
}

#[test]
fn entra_wants_an_origin_header() {
    let request = built(&own_token(&client()).header("origin", "https://app.example"));
    assert_eq!(request.headers()["origin"], "https://app.example");
}

#[test]
fn linkedin_refuses_code_verifier() {
    let request = client().authorization().state("xyz").without_pkce(NoPkce);
    let started = request.start(&mut entropy()).unwrap();
    assert!(!started.url.contains("code_challenge"));
    let exchange = client().token(checked(started.pending, "code=c&state=xyz"));
    assert_eq!(names_of(&built(&exchange)), ["grant_type", "code", "client_id"]);
}

#[test]
fn apple_wants_the_verifier_when_a_challenge_was_sent() {
    let started = started(&client());
    assert_eq!(query(&started.url, "code_challenge_method").as_deref(), Some("S256"));
    let state = query(&started.url, "state").unwrap();
    let code = checked(started.pending, &format!("code=c&state={state}"));
    let names = names_of(&built(&client().token(code)));
    assert_eq!(names, ["grant_type", "code", "redirect_uri", "code_verifier", "client_id"]);
}

#[test]
fn tiktok_has_another_name_for_client_id() {
    let client = lenient(Quirks::new().client_id_parameter("client_key"))
        .auth(ClientSecretPost::new("secret"));
    let request = built(&own_token(&client));
    assert_eq!(names_of(&request), ["grant_type", "client_key", "client_secret"]);
    let started = started(&client);
    assert_eq!(query(&started.url, "client_key").as_deref(), Some(CLIENT_ID));
    assert_eq!(query(&started.url, "client_id"), None);
    let smuggled = own_token(&client).parameter("client_key", "another");
    let repeated = BuildError::ParameterRepeated { parameter: "client_key".into() };
    assert_eq!(build(&smuggled).err(), Some(repeated));
}

/// Notion takes JSON: the body is a plain list of parameters that a caller can write otherwise.
#[test]
fn notion_wants_json_so_the_form_can_be_taken_apart() {
    let request = built(&code_exchange(&client()).parameter("note", "a b&c=d"));
    let list: BTreeMap<String, String> = pairs_of(&request).into_iter().collect();
    assert_eq!(list.len(), 4);
    assert_eq!(list["note"], "a b&c=d");
    let json = serde_json::to_string(&list).unwrap();
    assert!(json.contains(r#""grant_type":"authorization_code""#));
}

#[test]
fn keycloak_behind_proxies_and_firefox_accounts_want_percent_20() {
    let request = client().authorization().scope("openid profile").parameter("ui", "a+b c~*");
    let url = request.start(&mut entropy()).unwrap().url;
    assert!(url.contains("&scope=openid%20profile&"));
    assert!(url.ends_with("&ui=a%2Bb%20c~%2A"));
    assert!(!url.contains('+'));
}

#[test]
fn many_compare_the_redirect_uri_byte_for_byte() {
    for uri in [
        "https://client.example",
        "https://client.example/",
        "https://CLIENT.example:443/cb?x=%2f&y",
        "http://127.0.0.1:8123",
        "com.example.app:/cb",
        "urn:ietf:wg:oauth:2.0:oob",
    ] {
        let request = client().authorization().redirect_uri(uri).state("xyz");
        let started = request.start(&mut entropy()).unwrap();
        assert_eq!(query(&started.url, "redirect_uri").as_deref(), Some(uri));
        let sent = built(&client().token(checked(started.pending, "code=c&state=xyz")));
        let (_, value) =
            pairs_of(&sent).into_iter().find(|(name, _)| name == "redirect_uri").unwrap();
        assert_eq!(value, uri);
    }
}

#[test]
fn auth0_and_mcp_want_audience_and_resource_on_every_request() {
    let client: Client = client();
    for exchange in [code_exchange(&client), refresh(&client), own_token(&client)] {
        let exchange = exchange
            .resource("https://mcp.example/a")
            .resource("https://mcp.example/b")
            .audience("https://api.example");
        let form = built(&exchange);
        let sent: Vec<_> = pairs_of(&form)
            .into_iter()
            .filter(|(name, _)| matches!(name.as_str(), "resource" | "audience"))
            .map(|(_, value)| value)
            .collect();
        assert_eq!(sent, ["https://mcp.example/a", "https://mcp.example/b", "https://api.example"]);
    }
}
