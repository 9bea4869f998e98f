//! Access tokens at a resource: read from the header, refused with a challenge.
//!
//! Bearer tokens ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)), and DPoP tokens
//! with their proof ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)). A token that is
//! bound to a key is good for nothing without it.

use serde_json::json;

use super::clients::{Possession, System};
use super::dpop::{ALGORITHMS, Expected, Party, Unproven};
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::with_nonce;
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
    /// The proof is not good.
    BadProof { problem: &'static str, nonce: Option<String> },
    /// The proof needs this nonce.
    NonceNeeded { nonce: String },
}

impl NotLetIn {
    /// The answer of [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3).
    pub fn reply(&self) -> Reply {
        self.challenged("")
    }

    /// The answer of a resource that has metadata: it names them in each challenge, and what scope
    /// would do in those that do not say already
    /// ([RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)).
    pub fn reply_of(&self, metadata: &str, scope: &str) -> Reply {
        let metadata = format!(", resource_metadata=\"{metadata}\"");
        match self {
            // Whoever has no good token is told of both ways, in one header.
            Self::NoToken | Self::BadToken => {
                let more = format!(", scope=\"{scope}\"{metadata}");
                let mut reply = self.challenged(&more);
                let dpop = format!("DPoP {}{more}, ", algorithms());
                for (_, challenge) in
                    reply.headers.iter_mut().filter(|(name, _)| name == "www-authenticate")
                {
                    challenge.insert_str(0, &dpop);
                }
                reply
            }
            _ => self.challenged(&metadata),
        }
    }

    /// The answer, with more at the end of its challenge.
    fn challenged(&self, more: &str) -> Reply {
        let (status, error, description) = match self {
            // Without credentials there is no error to name.
            Self::NoToken => {
                let challenge = format!("Bearer realm=\"api\"{more}");
                return Reply::empty(401).with_header("www-authenticate", &challenge);
            }
            Self::BadRequest(problem) => (400, "invalid_request", *problem),
            Self::BadToken => (401, "invalid_token", "the access token is not good"),
            Self::Insufficient { .. } => (403, "insufficient_scope", "more scope is needed"),
            Self::BadProof { problem, nonce } => {
                let reply = dpop_challenge("invalid_dpop_proof", problem, more);
                return with_nonce(reply, nonce.as_deref());
            }
            Self::NonceNeeded { nonce } => {
                let reply = dpop_challenge("use_dpop_nonce", "the proof needs a nonce", more);
                return with_nonce(reply, Some(nonce));
            }
        };
        let mut challenge =
            format!("Bearer realm=\"api\", error=\"{error}\", error_description=\"{description}\"");
        if let Self::Insufficient { scope } = self {
            challenge.push_str(&format!(", scope=\"{scope}\""));
        }
        challenge.push_str(more);
        let body = json!({ "error": error, "error_description": description });
        Reply::json(status, &body).with_header("www-authenticate", &challenge)
    }
}

/// 401 as in [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1).
fn dpop_challenge(error: &str, description: &str, more: &str) -> Reply {
    let algorithms = algorithms();
    let challenge =
        format!("DPoP error=\"{error}\", error_description=\"{description}\", {algorithms}{more}");
    let body = json!({ "error": error, "error_description": description });
    Reply::json(401, &body).with_header("www-authenticate", &challenge)
}

/// What a challenge says of the proofs that are taken.
fn algorithms() -> String {
    format!("algs=\"{}\"", ALGORITHMS.join(" "))
}

/// The access that the request's token gives, be it a bearer token or one with a proof; and a nonce
/// for the next proof. Where a client's tokens are bound, this is the only way in.
pub fn proven_access(
    judge: &mut Judge,
    system: System,
    received: &Received,
) -> Result<(Access, Option<String>), NotLetIn> {
    let header = received.header("authorization").ok().flatten().unwrap_or_default();
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("dpop") => token,
        _ => return access(judge, system, received).map(|access| (access, None)),
    };
    let access = known_or_bound(judge, system, token)?;
    let Some(jkt) = access.grant.jkt.clone() else { return Err(NotLetIn::BadToken) };
    let client = judge.clients.find(system, &access.grant.client_id);
    let policy = client.map_or(Possession::Required, |client| client.possession);
    let now = judge.now();
    let url = format!("{}{}", judge.origin, received.path());
    let expected = Expected {
        party: Party::Resource,
        method: &received.method,
        url: &url,
        access_token: Some(token),
        nonce_required: policy == Possession::WithNonce,
        now,
    };
    let nonce = judge.dpop.nonce_for(policy, Party::Resource, now);
    let bad = |problem| NotLetIn::BadProof { problem, nonce: nonce.clone() };
    match judge.dpop.check(received, &expected) {
        Ok(Some(thumbprint)) if thumbprint == jkt => Ok((access, nonce)),
        Ok(Some(_)) => Err(bad("the token is bound to another key")),
        Ok(None) => Err(bad("there is no proof")),
        Err(Unproven::Invalid(problem)) => Err(bad(problem)),
        Err(Unproven::NonceNeeded) => {
            Err(NotLetIn::NonceNeeded { nonce: judge.dpop.nonce(Party::Resource, now) })
        }
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

/// The access that a bearer token gives, however it came. One that is bound to a key is none
/// ([RFC 9449 §7.2](https://www.rfc-editor.org/rfc/rfc9449#section-7.2)).
pub fn known(judge: &Judge, system: System, token: &str) -> Result<Access, NotLetIn> {
    known_or_bound(judge, system, token).and_then(|access| match access.grant.jkt {
        None => Ok(access),
        Some(_) => Err(NotLetIn::BadToken),
    })
}

fn known_or_bound(judge: &Judge, system: System, token: &str) -> Result<Access, NotLetIn> {
    judge.tokens.access(system, token, judge.now()).cloned().ok_or(NotLetIn::BadToken)
}
