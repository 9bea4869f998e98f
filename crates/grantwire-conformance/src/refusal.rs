//! An OAuth error: what was wrong, said so that a person can mend it.
//!
//! A description names parameters and rules, never a value that was received. How a system
//! dresses the error (status, wrapping) is that system's file.

use std::io;

use serde_json::json;

use super::message::{Repeated, Reply};

/// An error of [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2) or of the
/// authorization endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub error: &'static str,
    pub description: String,
    /// A nonce for the next DPoP proof.
    pub dpop_nonce: Option<String>,
}

impl Refusal {
    fn new(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into(), dpop_nonce: None }
    }

    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", description)
    }

    /// `invalid_request` about one parameter. A name that is not plain is left out, because the
    /// description may not hold every character.
    pub fn about(parameter: &str, problem: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let name = if parameter.chars().all(plain) { parameter } else { "a parameter" };
        Self::invalid_request(format!("{name} {problem}"))
    }

    pub fn invalid_client(description: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", description)
    }

    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_grant", description)
    }

    pub fn invalid_scope(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_scope", description)
    }

    pub fn unauthorized_client(description: impl Into<String>) -> Self {
        Self::new(400, "unauthorized_client", description)
    }

    pub fn unsupported_grant_type() -> Self {
        Self::new(400, "unsupported_grant_type", "grant_type is not one this server knows")
    }

    pub fn unsupported_response_type(description: impl Into<String>) -> Self {
        Self::new(400, "unsupported_response_type", description)
    }

    pub fn access_denied() -> Self {
        Self::new(400, "access_denied", "the user said no")
    }

    /// An error of [RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5), but for
    /// `access_denied`.
    pub fn polled(error: &'static str, description: &str) -> Self {
        Self::new(400, error, description)
    }

    /// [RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2).
    pub fn invalid_target(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_target", description)
    }

    /// An error of [RFC 9101 §7](https://www.rfc-editor.org/rfc/rfc9101#section-7).
    pub fn invalid_request_object(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_object", description)
    }

    /// An error of [RFC 9101 §7](https://www.rfc-editor.org/rfc/rfc9101#section-7).
    pub fn invalid_request_uri(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_uri", description)
    }

    /// An error of [RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2).
    pub fn invalid_client_metadata(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_client_metadata", description)
    }

    /// An error of [RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2).
    pub fn invalid_redirect_uri(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_redirect_uri", description)
    }

    /// An error of [RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2).
    pub fn unapproved_software_statement() -> Self {
        Self::new(400, "unapproved_software_statement", "no software statement is approved here")
    }

    /// An error that only CIBA has
    /// ([OpenID Connect CIBA §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response)).
    pub fn ciba(error: &'static str, description: &str) -> Self {
        Self::new(400, error, description)
    }

    pub fn invalid_dpop_proof(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_dpop_proof", description)
    }

    /// [RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8): this needs a nonce beside it.
    pub fn use_dpop_nonce() -> Self {
        Self::new(400, "use_dpop_nonce", "the proof needs a nonce that is good now")
    }

    /// The same error, with a nonce for the next proof.
    pub fn with_nonce(self, nonce: Option<String>) -> Self {
        Self { dpop_nonce: nonce, ..self }
    }

    /// The error as JSON. A 401 carries a challenge, which HTTP asks for and
    /// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2) asks for after Basic.
    pub fn reply(&self) -> Reply {
        let body = json!({ "error": self.error, "error_description": self.description });
        let reply = with_nonce(Reply::json(self.status, &body), self.dpop_nonce.as_deref());
        if self.status == 401 {
            reply.with_header("www-authenticate", "Basic realm=\"token endpoint\"")
        } else {
            reply
        }
    }
}

/// An answer with a nonce for the next DPoP proof
/// ([RFC 9449 §8.2](https://www.rfc-editor.org/rfc/rfc9449#section-8.2)).
pub fn with_nonce(reply: Reply, nonce: Option<&str>) -> Reply {
    match nonce {
        None => reply,
        Some(nonce) => reply.with_header("dpop-nonce", nonce),
    }
}

impl From<Repeated> for Refusal {
    fn from(_: Repeated) -> Self {
        Self::invalid_request("a header is repeated")
    }
}

/// Something went wrong in the server itself.
impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::new(500, "server_error", error.to_string())
    }
}
