//! Dynamic client registration ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)) and its management
//! ([RFC 7592](https://www.rfc-editor.org/rfc/rfc7592)).
//!
//! Registering takes the initial access token; without one configured the door is closed. Each client
//! then has a registration access token of its own, and a new one after each update.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::bearer::NotLetIn;
use super::client_metadata::ClientMetadata;
use super::clients::System;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;

/// Members of an answer that are not the client's to set
/// ([RFC 7592 §2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)).
const NOT_TO_BE_SENT: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// One client that registered itself.
struct Registration {
    members: Map<String, Value>,
    secret: Option<String>,
    access_token: String,
    issued_at: u64,
}

/// All of them, and the token that lets in more.
pub struct Registrations {
    initial_access_token: Option<String>,
    by_id: HashMap<String, Registration>,
}

impl Registrations {
    pub fn new(initial_access_token: Option<String>) -> Self {
        Self { initial_access_token, by_id: HashMap::new() }
    }

    /// Whether anybody can register.
    pub fn is_open(&self) -> bool {
        self.initial_access_token.is_some()
    }
}

/// The registration endpoint ([RFC 7591 §3](https://www.rfc-editor.org/rfc/rfc7591#section-3)).
pub fn register(judge: &mut Judge, rules: &Rules, received: &Received) -> Reply {
    if !judge.registrations.is_open() {
        return Reply::page(404, "nothing is here");
    }
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    match bearer(received) {
        Ok(token) if judge.registrations.initial_access_token.as_deref() == Some(token) => {}
        Ok(_) => return NotLetIn::BadToken.reply(),
        Err(not_let_in) => return not_let_in.reply(),
    }
    add(judge, rules, received).unwrap_or_else(|refusal| refusal.reply())
}

fn add(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Refusal> {
    let metadata = ClientMetadata::read(&object(received)?)?;
    let id = judge.chance.uuid();
    let secret = metadata.has_secret().then(|| judge.chance.token());
    judge.clients.put(metadata.client(&id, secret.as_deref()));
    let registration = Registration {
        members: metadata.members,
        secret,
        access_token: judge.chance.token(),
        issued_at: judge.now(),
    };
    let reply = Reply::json(201, &information(rules, &id, &registration));
    judge.registrations.by_id.insert(id, registration);
    Ok(reply)
}

/// The client configuration endpoint
/// ([RFC 7592 §2](https://www.rfc-editor.org/rfc/rfc7592#section-2)). Of a client that is not there it
/// says what it says of a wrong token.
pub fn manage(judge: &mut Judge, received: &Received, id: &str) -> Reply {
    let rules = Rules::generic(&judge.origin);
    let found = judge.registrations.by_id.get(id);
    let registration = match (bearer(received), found) {
        (Err(not_let_in), _) => return not_let_in.reply(),
        (Ok(token), Some(found)) if found.access_token == token => found,
        _ => return NotLetIn::BadToken.reply(),
    };
    match received.method.as_str() {
        "GET" => Reply::json(200, &information(&rules, id, registration)),
        "PUT" => update(judge, &rules, received, id).unwrap_or_else(|refusal| refusal.reply()),
        "DELETE" => {
            judge.registrations.by_id.remove(id);
            judge.clients.remove(System::Generic, id);
            judge.tokens.end_all_of(System::Generic, id);
            Reply::empty(204).with_header("cache-control", "no-store")
        }
        _ => Reply::method_not_allowed("GET, PUT, DELETE"),
    }
}

/// Replaces what is registered, and the token
/// ([RFC 7592 §2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)).
fn update(
    judge: &mut Judge,
    rules: &Rules,
    received: &Received,
    id: &str,
) -> Result<Reply, Refusal> {
    let sent = object(received)?;
    if sent.get("client_id").and_then(Value::as_str) != Some(id) {
        return Err(Refusal::invalid_client_metadata("client_id is missing or another client's"));
    }
    if let Some(name) = NOT_TO_BE_SENT.iter().find(|name| sent.contains_key(**name)) {
        return Err(Refusal::invalid_client_metadata(format!("{name} may not be sent back")));
    }
    let registered = judge.registrations.by_id.get_mut(id);
    let registered = registered.ok_or_else(|| Refusal::invalid_client("the client is gone"))?;
    let issued = registered.secret.as_deref();
    if sent.get("client_secret").is_some_and(|secret| secret.as_str() != issued) {
        return Err(Refusal::invalid_client_metadata("client_secret is not the one issued"));
    }
    let metadata = ClientMetadata::read(&sent)?;
    registered.secret = match registered.secret.take() {
        Some(secret) if metadata.has_secret() => Some(secret),
        _ => metadata.has_secret().then(|| judge.chance.token()),
    };
    registered.access_token = judge.chance.token();
    judge.clients.put(metadata.client(id, registered.secret.as_deref()));
    registered.members = metadata.members;
    Ok(Reply::json(200, &information(rules, id, registered)))
}

/// The client information response
/// ([RFC 7591 §3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1),
/// [RFC 7592 §3](https://www.rfc-editor.org/rfc/rfc7592#section-3)).
fn information(rules: &Rules, id: &str, registration: &Registration) -> Value {
    let mut members = registration.members.clone();
    let uri = format!("{}/register/{id}", rules.issuer);
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("client_id", json!(id));
    add("client_id_issued_at", json!(registration.issued_at));
    add("registration_access_token", json!(registration.access_token));
    add("registration_client_uri", json!(uri));
    if let Some(secret) = &registration.secret {
        add("client_secret", json!(secret));
        // It does not expire.
        add("client_secret_expires_at", json!(0));
    }
    Value::Object(members)
}

/// The one bearer token of a request.
fn bearer(received: &Received) -> Result<&str, NotLetIn> {
    let header = received.header("authorization");
    let header = header.map_err(|_| NotLetIn::BadRequest("a header is repeated"))?;
    match header.and_then(|header| header.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token),
        _ => Err(NotLetIn::NoToken),
    }
}

/// The body, which is a JSON object.
fn object(received: &Received) -> Result<Map<String, Value>, Refusal> {
    if !received.is_media_type("application/json") {
        return Err(Refusal::invalid_client_metadata("the content type is not application/json"));
    }
    match serde_json::from_slice(&received.body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Refusal::invalid_client_metadata("the body is not a JSON object")),
    }
}
