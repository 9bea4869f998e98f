//! Dynamic client registration (RFC 7591) and the management of what was registered (RFC 7592).

mod answers;
mod clients;
mod kept;
mod management;
mod properties;
mod requests;

use grantwire::AuthorizationServer;
use grantwire::registration::{ClientMetadata, Registration, RegistrationRequest};

use crate::given::*;

const PLACE: &str = "https://server.example.com/register";
const SECRET: &str = "cf136dc3c1fc93f31185e5885805d";
const NAME_JA: &str = "\u{30AF}\u{30E9}\u{30A4}\u{30A2}\u{30F3}\u{30C8}\u{540D}";
/// RFC 7591 section 3.2.1.
const ANSWER: &str = r#"{
    "client_id": "s6BhdRkqt3",
    "client_secret": "cf136dc3c1fc93f31185e5885805d",
    "client_id_issued_at": 2893256800,
    "client_secret_expires_at": 2893276800,
    "redirect_uris": [
        "https://client.example.org/callback",
        "https://client.example.org/callback2"],
    "grant_types": ["authorization_code", "refresh_token"],
    "client_name": "My Example Client",
    "client_name#ja-Jpan-JP": "\u30AF\u30E9\u30A4\u30A2\u30F3\u30C8\u540D",
    "token_endpoint_auth_method": "client_secret_basic",
    "logo_uri": "https://client.example.org/logo.png",
    "jwks_uri": "https://client.example.org/my_public_keys.jwks",
    "example_extension_parameter": "example_value"
}"#;

fn there() -> AuthorizationServer {
    server().registration_endpoint(PLACE)
}

fn some() -> ClientMetadata {
    ClientMetadata::new().redirect_uris(["https://client.example.org/callback"])
}

fn door(metadata: ClientMetadata) -> RegistrationRequest {
    RegistrationRequest::new(&there(), metadata)
}

fn told_to(metadata: ClientMetadata, body: &str) -> Registration {
    door(metadata).read(&json(201, body)).expect(body)
}

fn told(body: &str) -> Registration {
    told_to(some(), body)
}
