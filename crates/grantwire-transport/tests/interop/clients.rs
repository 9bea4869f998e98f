//! The clients registered at the server, from the table the server reads too.
//!
//! Every secret and every private key here is for these tests only and opens nothing else.

use std::path::Path;

use serde_json::{Map, Value};

/// A registered client: what a test needs to act as it.
pub struct Registered {
    /// The `client_id`.
    pub id: String,
    /// The `client_secret`, for the methods that have one.
    pub secret: Option<String>,
    /// The private JWK as JSON text, for `private_key_jwt`.
    pub private_jwk: Option<String>,
    /// The `token_endpoint_auth_method`.
    pub method: String,
    /// The `token_endpoint_auth_signing_alg`, for the methods that sign.
    pub algorithm: Option<String>,
}

/// The client with this name in `clients.json`.
///
/// # Panics
///
/// When there is none.
pub fn client(name: &str) -> Registered {
    let table = table();
    let row = table.get(name).unwrap_or_else(|| panic!("no client {name} in clients.json"));
    let text = |member: &str| row[member].as_str().map(str::to_owned);
    Registered {
        id: text("client_id").expect("every client has an id"),
        secret: text("client_secret"),
        private_jwk: text("key").map(|file| private_jwk(&file)),
        method: text("token_endpoint_auth_method").expect("every client has a method"),
        algorithm: text("token_endpoint_auth_signing_alg"),
    }
}

/// The names in `clients.json`.
pub fn names() -> Vec<String> {
    table().keys().cloned().collect()
}

fn table() -> Map<String, Value> {
    serde_json::from_str(include_str!("clients.json")).expect("clients.json is a JSON object")
}

fn private_jwk(file: &str) -> String {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/keys");
    let path = keys.join(file).with_extension("json");
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("key {file}: {error}"))
}
