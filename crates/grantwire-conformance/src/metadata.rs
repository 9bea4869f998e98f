//! What the generic issuer says of itself: authorization server metadata
//! ([RFC 8414](https://www.rfc-editor.org/rfc/rfc8414)), and the same for those who ask in OpenID's way.

use serde_json::{Value, json};

use super::dpop::ALGORITHMS;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::rules::Rules;
use super::{client_metadata, reports, token};

/// The document, at any of the three well-known addresses.
pub fn answer(judge: &Judge, received: &Received) -> Reply {
    let rules = Rules::generic(&judge.origin);
    let at = |door: &str| format!("{}/{door}", rules.issuer);
    let grants: Vec<&str> = token::GRANTS.iter().map(|(name, _)| *name).collect();
    let methods = client_metadata::METHODS;
    let confidential: Vec<&str> = methods.into_iter().filter(|name| *name != "none").collect();
    let mut about = json!({
        "issuer": rules.issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": rules.token_endpoint,
        "jwks_uri": at("jwks"),
        "userinfo_endpoint": at("userinfo"),
        "device_authorization_endpoint": at("device_authorization"),
        "backchannel_authentication_endpoint": at("bc_authorize"),
        "pushed_authorization_request_endpoint": at("par"),
        "revocation_endpoint": at("revoke"),
        "introspection_endpoint": at("introspect"),
        "scopes_supported": client_metadata::SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": grants,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": rules.signature_algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": confidential,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ALGORITHMS,
        "authorization_response_iss_parameter_supported": true,
        "require_pushed_authorization_requests": false,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": false,
        "request_object_signing_alg_values_supported": rules.signature_algorithms,
        "backchannel_token_delivery_modes_supported": ["poll"],
        "backchannel_user_code_parameter_supported": false,
        "protected_resources": [reports::resource(&judge.origin)],
    });
    if let (Value::Object(members), true) = (&mut about, judge.registrations.is_open()) {
        members.insert("registration_endpoint".to_owned(), json!(at("register")));
    }
    Reply::document(received, &about)
}
