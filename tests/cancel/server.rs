//! [`Server`]: answers every grant, and takes nothing twice that is good once.

use std::collections::BTreeSet;

use grantwire::{Duties, Resend};
use http::{Method, Request, Response};

use crate::given::{answer, pairs_of};

const JSON: (&str, &str) = ("content-type", "application/json");
/// Polls that are answered "not yet".
const PENDING: usize = 2;

#[derive(Default)]
pub struct Server {
    /// Codes, refresh tokens and assertions that were presented.
    spent: BTreeSet<String>,
    /// Signatures: each is for one request.
    signatures: BTreeSet<String>,
    issued: usize,
    polls: usize,
    is_nonce_known: bool,
    pub has_lost_tokens: bool,
}

fn parameter(request: &Request<Vec<u8>>, name: &str) -> Option<String> {
    pairs_of(request).into_iter().find(|(each, _)| each == name).map(|(_, value)| value)
}

impl Server {
    /// What is spent by presenting it.
    fn once(request: &Request<Vec<u8>>) -> Option<String> {
        let named = ["code", "refresh_token", "assertion"].map(|name| parameter(request, name));
        let [code, refresh, assertion] = named;
        // A refresh token by this name is known not to rotate.
        code.or(refresh.filter(|token| token != "reusable")).or(assertion)
    }

    pub fn presents_once(request: &Request<Vec<u8>>) -> bool {
        let is_resource = request.uri().host() == Some("api.example");
        Self::once(request).is_some() || is_resource && request.method() == Method::POST
    }

    /// An answer that would do something, if it were taken.
    pub fn refusal(&self) -> Response<Vec<u8>> {
        answer(400, &[JSON], r#"{"error":"invalid_grant"}"#)
    }

    /// The answer never came.
    pub fn lost(&mut self, answer: &Response<Vec<u8>>) {
        self.has_lost_tokens |= answer.status() == 200;
    }

    pub fn answer(&mut self, request: &Request<Vec<u8>>, duties: Duties) -> Response<Vec<u8>> {
        let proof = request.headers().get("dpop").map(|proof| proof.to_str().unwrap().to_owned());
        for signed in [proof.clone(), parameter(request, "client_assertion")].into_iter().flatten()
        {
            assert!(self.signatures.insert(signed), "a signature is used twice");
            assert_eq!(duties.resend, Resend::OnlyIfNotSent);
        }
        if proof.is_some() && !self.is_nonce_known {
            // Nothing is spent by a request that is turned away for its nonce.
            self.is_nonce_known = true;
            return answer(401, &[JSON, ("dpop-nonce", "n1")], r#"{"error":"use_dpop_nonce"}"#);
        }
        if request.uri().host() == Some("api.example") {
            return answer(200, &[JSON], "{}");
        }
        if let Some(once) = Self::once(request) {
            assert!(self.spent.insert(once.clone()), "{once} is presented twice");
            assert_eq!(duties.resend, Resend::OnlyIfNotSent);
        }
        let grant = parameter(request, "grant_type").expect("a grant");
        if grant.ends_with("device_code") || grant.ends_with("ciba") {
            self.polls += 1;
            if self.polls <= PENDING {
                return answer(400, &[JSON], r#"{"error":"authorization_pending"}"#);
            }
            if !self.spent.insert("the device's code".to_owned()) {
                return self.refusal();
            }
        }
        self.issued += 1;
        let issued = self.issued;
        let kind = if proof.is_some() { "DPoP" } else { "Bearer" };
        let exchanged = grant.ends_with("token-exchange");
        let kind = if exchanged { "N_A" } else { kind };
        let more = match (grant.as_str(), exchanged) {
            (_, true) => {
                r#","issued_token_type":"urn:ietf:params:oauth:token-type:id-jag""#.to_owned()
            }
            ("refresh_token", _)
                if parameter(request, "refresh_token").as_deref() == Some("reusable") =>
            {
                String::new()
            }
            ("refresh_token", _) => format!(r#","refresh_token":"r{issued}""#),
            _ => String::new(),
        };
        let body = format!(
            r#"{{"access_token":"a{issued}","token_type":"{kind}","expires_in":86400{more}}}"#
        );
        answer(200, &[JSON], body)
    }
}
