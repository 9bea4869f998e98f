//! Bearer tokens at a resource
//! ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)): read from the header,
//! refused with a challenge.

use serde_json::json;

use super::clients::System;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::tokens::Access;

/// Why a request is not let in.
pub enum NotLetIn {
    /// There is no token at all.
    NoToken,
    /// The token is sent in a way that is not served.
    BadRequest(&'static str),
    /// The token is not good here and now.
    BadToken,
    /// The token is good, but not for this.
    Insufficient { scope: &'static str },
}

impl NotLetIn {
    /// The answer of [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3).
    pub fn reply(&self) -> Reply {
        let (status, error, description) = match self {
            // Without credentials there is no error to name.
            Self::NoToken => {
                return Reply::empty(401).with_header("www-authenticate", "Bearer realm=\"api\"");
            }
            Self::BadRequest(problem) => (400, "invalid_request", *problem),
            Self::BadToken => (401, "invalid_token", "the access token is not good"),
            Self::Insufficient { .. } => (403, "insufficient_scope", "more scope is needed"),
        };
        let mut challenge =
            format!("Bearer realm=\"api\", error=\"{error}\", error_description=\"{description}\"");
        if let Self::Insufficient { scope } = self {
            challenge.push_str(&format!(", scope=\"{scope}\""));
        }
        let body = json!({ "error": error, "error_description": description });
        Reply::json(status, &body).with_header("www-authenticate", &challenge)
    }
}

/// The access that the request's bearer token gives.
pub fn access(judge: &Judge, system: System, received: &Received) -> Result<Access, NotLetIn> {
    let header = received
        .header("authorization")
        .map_err(|_| NotLetIn::BadRequest("a header is repeated"))?
        .ok_or(NotLetIn::NoToken)?;
    let (scheme, token) = header
        .split_once(' ')
        .ok_or(NotLetIn::BadRequest("the Authorization header is malformed"))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(NotLetIn::NoToken);
    }
    known(judge, system, token)
}

/// The access that a token gives, however it came.
pub fn known(judge: &Judge, system: System, token: &str) -> Result<Access, NotLetIn> {
    judge.tokens.access(system, token, judge.now()).cloned().ok_or(NotLetIn::BadToken)
}
