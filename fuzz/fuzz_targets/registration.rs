//! No reply of a registration endpoint, and none of a client's own page, makes the crate panic. A client
//! comes only from a 2xx, has the identifier that another JSON reader finds, has its secret if it needs
//! one, prints none, and comes back from its stored form as it was. Stored bytes of any kind are read or
//! refused.

#![no_main]

use grantwire::registration::{
    ClientConfiguration, ClientMetadata, Registration, RegistrationRequest,
};
use grantwire::{AuthorizationServer, EndpointUri, Quirks};
use grantwire_fuzz::{kept, response};
use http::Response;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const PAGE: &str = "https://as.example/register/s6BhdRkqt3";

fuzz_target!(|input: &[u8]| {
    match Registration::from_bytes(input) {
        Ok(back) => round(&back),
        Err(error) => assert!(!format!("{error} {error:?}").contains("cAnArY")),
    }
    let Some((response, quirks)) = response(input) else { return };
    let server = AuthorizationServer::new()
        .token_endpoint("https://as.example/token")
        .registration_endpoint("https://as.example/register")
        .quirks(quirks.clone());
    let exchange = RegistrationRequest::new(&server, ClientMetadata::new());
    match exchange.read(&response) {
        Ok(told) => {
            usable(&told, &server, &response, &quirks);
            let needed = told.token_endpoint_auth_method().starts_with("client_secret_");
            assert!(!needed || told.client_secret().is_some() || is_own(&told));
        }
        Err(error) => {
            kept(&error, &response);
            let again = exchange.read(error.raw()).expect_err("it failed before");
            assert_eq!(again.kind(), error.kind());
        }
    }
    let uri = EndpointUri::parse(PAGE).expect("an address");
    let page = ClientConfiguration::new(&server, "s6BhdRkqt3", uri, "t");
    match page.read_client().read(&response) {
        Ok(told) => {
            assert_eq!(told.client_id().as_str(), "s6BhdRkqt3");
            usable(&told, &server, &response, &quirks);
        }
        Err(error) => kept(&error, &response),
    }
    match page.delete_client().read(&response) {
        Ok(_) => assert!(response.status().is_success()),
        Err(error) => kept(&error, &response),
    }
});

/// A method that only begins like the three that need a secret.
fn is_own(told: &Registration) -> bool {
    let known = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];
    !known.contains(&told.token_endpoint_auth_method())
}

fn usable(
    told: &Registration,
    server: &AuthorizationServer,
    response: &Response<Vec<u8>>,
    quirks: &Quirks,
) {
    assert!(response.status().is_success());
    let id = told.client_id().as_str();
    assert!(!id.is_empty() && id.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    if let Ok(client) = told.client(server) {
        assert_eq!(client.id().as_str(), id);
    }
    if let Ok(page) = told.configuration(server) {
        let request = page.read_client().request().expect("a token fit for a header");
        assert!(request.headers()["authorization"].is_sensitive());
        if let Some(Ok(update)) =
            told.metadata().map(|metadata| page.update_client(metadata).request())
        {
            assert!(update.body().starts_with(b"{\"client_id\":"));
        }
    }
    round(told);
    // The other reader takes less than ours does, so it has no say where it fails.
    if let (true, Ok(other)) =
        (*quirks == Quirks::new(), serde_json::from_slice::<Value>(response.body()))
    {
        assert_eq!(other["client_id"], id);
        if let Some(secret) = told.client_secret() {
            assert_eq!(other["client_secret"], secret.expose());
        }
    }
}

fn round(told: &Registration) {
    let printed = format!("{told:?}");
    let secrets = [told.client_secret(), told.registration_access_token()];
    for secret in secrets.into_iter().flatten().map(|secret| secret.expose()) {
        // A short one may stand in any text by chance.
        assert!(
            secret.len() < 24
                || told.client_id().as_str().contains(secret)
                || !printed.contains(secret)
        );
    }
    let stored = told.to_bytes();
    let back = Registration::from_bytes(&stored).expect("what was stored comes back");
    assert_eq!(*back.to_bytes(), *stored);
    assert_eq!(back.client_secret(), told.client_secret());
}
