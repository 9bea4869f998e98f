//! What differs from system to system, as data: names, lifetimes, lists of what is allowed.

use super::clients::System;

/// The rules of one token endpoint and its issuer.
pub struct Rules {
    pub system: System,
    pub issuer: String,
    pub token_endpoint: String,
    /// `typ` values a client assertion may have.
    pub assertion_types: &'static [&'static str],
    /// `alg` values of `private_key_jwt`.
    pub signature_algorithms: &'static [&'static str],
    /// Whether a client assertion must have a `jti`. One that has it is never taken twice.
    pub jti_required: bool,
    /// How far ahead `exp` may lie, in seconds.
    pub assertion_lifetime: u64,
    /// Lifetimes in seconds.
    pub code_lifetime: u64,
    pub access_lifetime: u64,
    pub refresh_lifetime: u64,
}

impl Rules {
    pub fn agekey(origin: &str) -> Self {
        Self::new(System::AgeKey, format!("{origin}/v1/oidc/use"))
    }

    pub fn dressipi(origin: &str) -> Self {
        Self { access_lifetime: 86_400, ..Self::new(System::Dressipi, format!("{origin}/oauth")) }
    }

    /// `prefix` is the environment's path, or nothing on a custom domain.
    pub fn pingone(origin: &str, prefix: &str) -> Self {
        Self {
            assertion_types: &["JWT"],
            signature_algorithms: &["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"],
            jti_required: false,
            ..Self::new(System::PingOne, format!("{origin}{prefix}/as"))
        }
    }

    pub fn generic(origin: &str) -> Self {
        Self {
            code_lifetime: 60,
            access_lifetime: 600,
            ..Self::new(System::Generic, format!("{origin}/oauth2"))
        }
    }

    fn new(system: System, issuer: String) -> Self {
        Self {
            system,
            token_endpoint: format!("{issuer}/token"),
            issuer,
            assertion_types: &["client-authentication+jwt", "JWT"],
            signature_algorithms: &[
                "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                "EdDSA", "Ed25519",
            ],
            jti_required: true,
            assertion_lifetime: 3600,
            code_lifetime: 600,
            access_lifetime: 3600,
            refresh_lifetime: 30 * 86_400,
        }
    }

    /// The parameters a token request of this grant may hold, where the documentation is a closed
    /// list. `None` means that unknown ones are ignored, as
    /// [RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2) says.
    pub fn closed_list(&self, grant_type: &str) -> Option<&'static [&'static str]> {
        match (self.system, grant_type) {
            (System::AgeKey, "authorization_code") => Some(&["grant_type", "code"]),
            (System::Dressipi, "authorization_code") => {
                Some(&["redirect_uri", "grant_type", "code", "client_id", "code_verifier"])
            }
            (System::Dressipi, "refresh_token") => {
                Some(&["redirect_uri", "grant_type", "refresh_token", "client_id"])
            }
            _ => None,
        }
    }
}
