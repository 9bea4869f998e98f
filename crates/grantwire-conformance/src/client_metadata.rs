//! Client metadata: what a program says of itself when it registers
//! ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2)).
//!
//! What is known is checked, what is left out gets its default, and what is not known is ignored, as
//! the RFC says. Nothing is mended: a wrong value refuses the registration.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::clients::{Authentication, Client, Possession};
use super::refusal::Refusal;
use super::{ciba, exchange, scope, token};

/// How clients may authenticate, by the names of the registry.
pub const METHODS: [&str; 5] =
    ["none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"];

/// The scopes a client may register.
pub const SCOPES: [&str; 4] = ["openid", "offline_access", "reports.read", "reports.write"];

/// Members that are texts, and those of them that are addresses of web pages.
const TEXTS: [&str; 4] = ["client_name", "scope", "software_id", "software_version"];
const PAGES: [&str; 4] = ["client_uri", "logo_uri", "tos_uri", "policy_uri"];
const LISTS: [&str; 4] = ["redirect_uris", "grant_types", "response_types", "contacts"];
const FLAGS: [&str; 3] = [
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "dpop_bound_access_tokens",
];

/// Metadata that are in order, with the defaults filled in.
pub struct ClientMetadata {
    /// As they go back to the client.
    pub members: Map<String, Value>,
    grants: Vec<&'static str>,
}

impl ClientMetadata {
    /// Reads what a client sent.
    pub fn read(sent: &Map<String, Value>) -> Result<Self, Refusal> {
        if present(sent, "software_statement").is_some() {
            return Err(Refusal::unapproved_software_statement());
        }
        if present(sent, "jwks_uri").is_some() {
            return Err(Refusal::invalid_client_metadata(
                "jwks_uri is not fetched here; send jwks",
            ));
        }
        let mut members = Map::new();
        for (name, value) in sent.iter().filter(|(_, value)| !is_empty(value)) {
            if fits(name, value).ok_or_else(|| wrong(name, "has the wrong type or shape"))? {
                members.insert(name.clone(), value.clone());
            }
        }
        let method =
            members.entry("token_endpoint_auth_method").or_insert("client_secret_basic".into());
        if !METHODS.iter().any(|known| *method == **known) {
            return Err(wrong("token_endpoint_auth_method", "is not one this server knows"));
        }
        let is_public = *method == "none";
        let signs = *method == "private_key_jwt" || flag(&members, "require_signed_request_object");
        if signs && !members.contains_key("jwks") {
            return Err(wrong("jwks", "is missing"));
        }
        let grants = grants(&mut members, is_public)?;
        let scope = members.entry("scope").or_insert("openid".into());
        let allowed: Vec<String> = SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
        scope::grantable(scope.as_str(), &allowed)
            .map_err(|_| wrong("scope", "holds what this server does not register"))?;
        Ok(Self { members, grants })
    }

    /// The client that is registered by these, with a secret if its method has one.
    pub fn client(&self, id: &str, secret: Option<&str>) -> Client {
        let secret = secret.unwrap_or_default().to_owned();
        let keys = self.members.get("jwks").and_then(|jwks| jwks.get("keys")?.as_array().cloned());
        let keys = keys.unwrap_or_default();
        let authentication = match self.text("token_endpoint_auth_method") {
            "client_secret_basic" => Authentication::ClientSecretBasic(secret),
            "client_secret_post" => Authentication::ClientSecretPost(secret),
            "client_secret_jwt" => Authentication::ClientSecretJwt(secret),
            "private_key_jwt" => Authentication::PrivateKeyJwt(keys.clone()),
            _ => Authentication::None,
        };
        let bound = flag(&self.members, "dpop_bound_access_tokens");
        let mut client = Client::new(id, authentication)
            .with_grants(&self.grants)
            .with_request_keys(keys)
            .with_scopes(&self.text("scope").split(' ').collect::<Vec<_>>())
            .with_possession(if bound { Possession::Required } else { Possession::Optional });
        client.redirect_uris = strings(&self.members, "redirect_uris");
        client.pushed_requests = flag(&self.members, "require_pushed_authorization_requests");
        client.signed_requests = flag(&self.members, "require_signed_request_object");
        client
    }

    /// Whether the client's method needs a secret.
    pub fn has_secret(&self) -> bool {
        self.text("token_endpoint_auth_method").starts_with("client_secret_")
    }

    fn text(&self, name: &str) -> &str {
        self.members.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Whether a member is known, if its value is of the right shape.
fn fits(name: &str, value: &Value) -> Option<bool> {
    match name {
        _ if TEXTS.contains(&name) => value.is_string().then_some(true),
        _ if PAGES.contains(&name) => value.as_str()?.starts_with("https://").then_some(true),
        _ if LISTS.contains(&name) => {
            value.as_array()?.iter().all(Value::is_string).then_some(true)
        }
        _ if FLAGS.contains(&name) => value.is_boolean().then_some(true),
        "token_endpoint_auth_method" => value.is_string().then_some(true),
        "jwks" => are_public_keys(value.get("keys")?.as_array()?).then_some(true),
        _ => Some(false),
    }
}

/// Each with a name of its own, and none given away.
fn are_public_keys(keys: &[Value]) -> bool {
    let names: HashSet<_> = keys
        .iter()
        .filter_map(|key| key.get("kid")?.as_str().filter(|kid| !kid.is_empty()))
        .collect();
    let private = |key: &Value| ["d", "k", "p", "q"].iter().any(|name| key.get(name).is_some());
    !keys.is_empty() && names.len() == keys.len() && !keys.iter().any(private)
}

/// The grants, which have to agree with the response types, the redirect URIs and the method
/// ([RFC 7591 §2.1](https://www.rfc-editor.org/rfc/rfc7591#section-2.1)).
fn grants(members: &mut Map<String, Value>, is_public: bool) -> Result<Vec<&'static str>, Refusal> {
    members.entry("grant_types").or_insert(json!(["authorization_code"]));
    let mut grants = Vec::new();
    for name in strings(members, "grant_types") {
        let known = token::GRANTS.iter().find(|(known, _)| *known == name);
        let (known, _) = known.ok_or_else(|| wrong("grant_types", "holds an unknown grant"))?;
        grants.push(*known);
    }
    let by_code = grants.contains(&"authorization_code");
    let usual = if by_code { json!(["code"]) } else { json!([]) };
    let types = members.entry("response_types").or_insert(usual.clone());
    if *types != usual {
        return Err(wrong("response_types", "do not fit grant_types"));
    }
    let confidential = ["client_credentials", ciba::GRANT_TYPE, exchange::GRANT_TYPE];
    if is_public && confidential.iter().any(|grant| grants.contains(grant)) {
        return Err(wrong("grant_types", "hold one that is not for public clients"));
    }
    let uris = strings(members, "redirect_uris");
    if by_code && uris.is_empty() {
        return Err(Refusal::invalid_redirect_uri("redirect_uris is missing"));
    }
    if !uris.iter().all(|uri| is_redirect_uri(uri)) {
        return Err(Refusal::invalid_redirect_uri(
            "a redirect URI is neither https nor http on loopback, or has a fragment",
        ));
    }
    Ok(grants)
}

fn is_redirect_uri(uri: &str) -> bool {
    let Ok(parsed) = uri.parse::<http::Uri>() else { return false };
    let host = parsed.host().unwrap_or_default();
    let secure = match parsed.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => matches!(host, "127.0.0.1" | "[::1]" | "localhost"),
        _ => false,
    };
    secure && !uri.contains('#')
}

fn strings(members: &Map<String, Value>, name: &str) -> Vec<String> {
    let values = members.get(name).and_then(Value::as_array).into_iter().flatten();
    values.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn flag(members: &Map<String, Value>, name: &str) -> bool {
    members.get(name) == Some(&Value::Bool(true))
}

/// A member that is there and says something.
fn present<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !is_empty(value))
}

/// Null and empty say nothing ([RFC 7592 §2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)).
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

fn wrong(name: &str, problem: &str) -> Refusal {
    Refusal::invalid_client_metadata(format!("{name} {problem}"))
}
