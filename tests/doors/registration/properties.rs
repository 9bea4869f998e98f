//! Registration, whatever is said: what is built comes out again, what is received is read or kept, and
//! what is stored comes back.

use grantwire::Exchange;
use grantwire::registration::{ClientConfiguration, ClientMetadata, Registration};
use grantwire::{AuthorizationServer, EndpointUri, ReplyError, Timestamp};
use http::Response;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{PLACE, door, some};
use crate::given::{json as reply, server};
use crate::replies::{quirks, response};
use crate::text::*;

/// Good answers, to be damaged.
const ANSWERS: &[&str] = &[
    r#"{"client_id":"c","client_secret":"s","client_secret_expires_at":2893276800,"client_id_issued_at":2893256800,"registration_access_token":"t","registration_client_uri":"https://server.example.com/c","token_endpoint_auth_method":"client_secret_basic","redirect_uris":["https://a/cb"]}"#,
    r#"{"client_id":"c","token_endpoint_auth_method":"none","client_secret_expires_at":0,"x":{"y":[1]}}"#,
    r#"{"error":"invalid_redirect_uri","error_description":"d"}"#,
];

/// What an update must not have in it (RFC 7592 section 2.2).
const ISSUED: &[&str] = &[
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

fn any_response() -> impl Strategy<Value = Response<Vec<u8>>> {
    let status = prop::sample::select(vec![200_u16, 201, 204, 307, 400, 401, 403, 405, 500, 503]);
    let own = (status, bytes(ANSWERS)).prop_map(|(status, body)| reply(status, body));
    prop_oneof![2 => own, 1 => response()]
}

fn configuration(server: &AuthorizationServer) -> ClientConfiguration {
    let uri = EndpointUri::parse("https://server.example.com/c").unwrap();
    ClientConfiguration::new(server, "c", uri, "t")
}

/// It can be looked at from every side, stored, and used again.
fn look(told: &Registration, server: &AuthorizationServer) -> Result<(), TestCaseError> {
    let id = told.client_id().as_str();
    prop_assert!(!id.is_empty() && id.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let _ = (format!("{told:?} {:?}", told.deviations()), told.extra::<Value>("x"));
    let _ = told.client_secret_expires_at().is_past(Timestamp::EPOCH);
    if let Ok(client) = told.client(server) {
        prop_assert_eq!(client.id().as_str(), id);
    }
    if let Ok(configuration) = told.configuration(server) {
        prop_assert!(configuration.read_client().request().is_ok(), "a token fit for a header");
        let update =
            told.metadata().map(|metadata| configuration.update_client(metadata).request());
        if let Some(Ok(request)) = update
            && let Ok(body) = serde_json::from_slice::<Map<String, Value>>(request.body())
        {
            prop_assert_eq!(&body["client_id"], id);
            prop_assert!(ISSUED.iter().all(|name| !body.contains_key(*name)));
        }
    }
    let stored = told.to_bytes();
    let Ok(back) = Registration::from_bytes(&stored) else {
        return Err(TestCaseError::fail("what was stored comes back"));
    };
    prop_assert_eq!(&*back.to_bytes(), &*stored);
    prop_assert_eq!(back.client_secret(), told.client_secret());
    prop_assert_eq!(back.client_secret_expires_at(), told.client_secret_expires_at());
    Ok(())
}

fn kept(error: &ReplyError, response: &Response<Vec<u8>>) -> Result<(), TestCaseError> {
    let _ = format!("{error} {error:?}");
    prop_assert_eq!(error.raw().expose_body(), response.body());
    Ok(())
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    json().prop_filter_map("this reader takes less", |text| {
        match serde_json::from_str(&format!(r#"{{"value":{text}}}"#)) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn any_reply(response in any_response(), quirks in quirks()) {
        let server = server().registration_endpoint(PLACE).quirks(quirks);
        let door = grantwire::registration::RegistrationRequest::new(&server, some());
        match door.read(&response) {
            Ok(told) => {
                prop_assert!(response.status().is_success());
                look(&told, &server)?;
            }
            Err(error) => kept(&error, &response)?,
        }
        let page = configuration(&server);
        for read in [
            Exchange::read(&page.read_client(), (&response).into()),
            Exchange::read(&page.update_client(some()), (&response).into()),
        ] {
            match read {
                Ok(told) => {
                    prop_assert_eq!(told.client_id().as_str(), "c");
                    look(&told.clone().or_previous(&told), &server)?;
                }
                Err(error) => kept(&error, &response)?,
            }
        }
        match page.delete_client().read(&response) {
            Ok(_) => prop_assert!(response.status().is_success()),
            Err(error) => kept(&error, &response)?,
        }
    }

    #[test]
    fn any_stored_bytes(edits in edits(), noise in prop::collection::vec(any::<u8>(), 0..80)) {
        let told = door(some()).read(&reply(201, ANSWERS[0])).unwrap();
        for bytes in [edited(&told.to_bytes(), edits), noise] {
            if let Ok(back) = Registration::from_bytes(&bytes) {
                look(&back, &server())?;
            }
        }
    }

    /// Whatever stands in its place, no other member costs the identifier or the secret.
    #[test]
    fn a_damaged_member_costs_only_itself(
        at in 0..5_usize,
        raw in json(),
        extra in json(),
    ) {
        let names = [
            "client_secret_expires_at",
            "client_id_issued_at",
            "registration_access_token",
            "registration_client_uri",
            "token_endpoint_auth_method",
        ];
        let body = format!(
            r#"{{"{}":{raw},"client_id":"c1","redirect_uris":{extra},"client_secret":"s1"}}"#,
            names[at]
        );
        let read = door(some()).read(&reply(201, body.as_str()));
        let told = read.map_err(|error| TestCaseError::fail(format!("{error}: {body}")))?;
        prop_assert_eq!(told.client_id().as_str(), "c1");
        prop_assert_eq!(told.client_secret().unwrap().expose(), "s1");
        look(&told, &server())?;
    }

    /// What is set comes out of the JSON as it went in, whoever reads it.
    #[test]
    fn what_is_built_parses_back(
        uris in prop::collection::vec(redirect_uri(), 0..4),
        grants in prop::collection::vec(text(1..9), 0..4),
        name in text(1..20),
        scope in scope(),
        statement in visible(1..30),
        own in object(),
        names in names(0..4),
    ) {
        let mut metadata = ClientMetadata::new()
            .redirect_uris(uris.iter().map(String::as_str))
            .grant_types(grants.iter().map(String::as_str))
            .client_name(name.as_str())
            .scope(scope.as_str())
            .software_statement(statement.as_str());
        for extra in &names {
            metadata = metadata.member(extra.as_str(), own["value"].clone());
        }
        let page = configuration(&server());
        let registration = door(metadata.clone()).request().unwrap().into_body();
        let update = page.update_client(metadata).client_secret("s").request().unwrap().into_body();
        let text = String::from_utf8(registration.clone()).unwrap();
        let read = |body: &[u8]| serde_json::from_slice::<Map<String, Value>>(body).unwrap();
        let (registration, mut update) = (read(&registration), read(&update));
        prop_assert_eq!(update.remove("client_id"), Some("c".into()));
        prop_assert_eq!(update.remove("client_secret"), Some("s".into()));
        prop_assert_eq!(&registration, &update);
        prop_assert_eq!(&registration["redirect_uris"], &Value::from(uris));
        prop_assert_eq!(&registration["grant_types"], &Value::from(grants));
        prop_assert_eq!(&registration["client_name"], &Value::from(name));
        prop_assert_eq!(&registration["software_statement"], &Value::from(statement));
        prop_assert_eq!(registration.get("scope").is_some(), !scope.is_empty());
        // As text, since the other reader rounds the last digit of a float.
        for extra in &names {
            let member = format!("{}:{}", Value::from(extra.as_str()), own["value"]);
            prop_assert!(text.contains(&member), "{member}");
        }
    }

    /// Any text is sent as it is or refused, and never by a panic.
    #[test]
    fn any_text_is_sent_or_refused(text in prop::collection::vec(any::<char>(), 0..12)) {
        let text = String::from_iter(text);
        for name in ["client_name", "redirect_uris", "client_uri", "jwks_uri", "own"] {
            if let Ok(request) = door(metadata_of(name, &text)).request() {
                let body: Map<String, Value> = serde_json::from_slice(request.body()).unwrap();
                let sent = body.values().next().map(|value| value.as_array().map_or(value, |all| &all[0]));
                prop_assert_eq!(sent.is_none(), text.is_empty() && name != "own");
                prop_assert!(sent.is_none_or(|sent| *sent == text.as_str()));
            }
        }
        let _ = door(ClientMetadata::new().member(text.as_str(), 1)).request();
        if door(some()).initial_access_token(text.as_str()).request().is_ok() {
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}

fn metadata_of(name: &str, text: &str) -> ClientMetadata {
    match name {
        "client_name" => ClientMetadata::new().client_name(text),
        "redirect_uris" => ClientMetadata::new().redirect_uris([text]),
        "client_uri" => ClientMetadata::new().client_uri(text),
        "jwks_uri" => ClientMetadata::new().jwks_uri(text),
        own => ClientMetadata::new().member(own, text),
    }
}
