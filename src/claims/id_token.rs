//! [`IdToken`]: who signed in, when and how, as a token said that was held against what was expected.
//!
//! Only `expected` makes one.

use std::fmt;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::error::ClaimFault;
use super::original::OriginalIdToken;
use super::reader::{Claims, Presented};
use super::standard::StandardClaims;
use crate::jose::Algorithm;
use crate::value::{Issuer, Timestamp};
use crate::wire::json;

/// A verified identity ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)).
///
/// [`IdToken::issuer`] and [`IdToken::subject`] together are who it is; neither alone identifies
/// anybody, and no other claim does
/// ([OpenID Connect Core §5.7](https://openid.net/specs/openid-connect-core-1_0.html#ClaimStability)).
#[derive(Clone)]
pub struct IdToken {
    issuer: Issuer,
    subject: String,
    audience: Vec<String>,
    azp: Option<String>,
    acr: Option<String>,
    expires: Timestamp,
    issued: Timestamp,
    auth_time: Option<Timestamp>,
    algorithm: Option<Algorithm>,
    signed: bool,
    payload: Zeroizing<String>,
}

impl IdToken {
    /// Of claims that have been checked, still without the rest of them.
    pub(super) fn of(
        configured: &Issuer,
        token: &Presented,
        claims: &Claims<'_>,
        audiences: usize,
    ) -> Result<Self, ClaimFault> {
        let issuer = claims.required_text("iss")?;
        let issuer = match issuer == configured.as_str() {
            true => configured.clone(),
            false => Issuer::from(issuer.into_owned()),
        };
        let mut audience = Vec::with_capacity(audiences);
        claims.audience(&mut |one| audience.push(one.to_owned()))?;
        let owned = |name| claims.text(name).map(|text| text.map(|text| text.into_owned()));
        let (azp, acr) = (owned("azp")?, owned("acr")?);
        let subject = claims.required_text("sub")?.into_owned();
        let (expires, issued) = (claims.required_moment("exp")?, claims.required_moment("iat")?);
        let auth_time = claims.moment("auth_time")?;
        let (algorithm, signed) = (token.algorithm, token.signed.is_some());
        Ok(Self {
            issuer,
            subject,
            audience,
            azp,
            acr,
            expires,
            issued,
            auth_time,
            algorithm,
            signed,
            payload: Zeroizing::default(),
        })
    }

    /// All claims, which are kept as they came.
    pub(super) fn with_payload(self, payload: Zeroizing<String>) -> Self {
        Self { payload, ..self }
    }

    /// REQUIRED. `iss`: who says so.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// REQUIRED. `sub`: who signed in, unique at this issuer and never given to anybody else.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// REQUIRED. `aud`: this client, and others that were trusted.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// REQUIRED. `exp`: until when it may be accepted. It says nothing of the length of a session.
    #[must_use]
    pub const fn expires(&self) -> Timestamp {
        self.expires
    }

    /// REQUIRED. `iat`: when it was issued.
    #[must_use]
    pub const fn issued(&self) -> Timestamp {
        self.issued
    }

    /// OPTIONAL. `auth_time`: when the user authenticated.
    #[must_use]
    pub const fn auth_time(&self) -> Option<Timestamp> {
        self.auth_time
    }

    /// OPTIONAL. `acr`: how well the user authenticated, in the server's words.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// OPTIONAL. `amr`: by which means the user authenticated; empty when it is absent.
    #[must_use]
    pub fn amr(&self) -> Vec<String> {
        self.claim("amr").unwrap_or_default()
    }

    /// OPTIONAL. `azp`: the client it was issued to.
    #[must_use]
    pub fn azp(&self) -> Option<&str> {
        self.azp.as_deref()
    }

    /// OPTIONAL. `sid`: the session at the server, which a logout token names
    /// ([OpenID Connect Back-Channel Logout §2.1](https://openid.net/specs/openid-connect-backchannel-1_0.html#BCSupport)).
    #[must_use]
    pub fn session_id(&self) -> Option<String> {
        self.claim("sid")
    }

    /// The algorithm that its header names; `None` for `none`.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// Whether its signature was checked. It was, unless the caller has taken a permission of
    /// [`danger`](crate::danger).
    #[must_use]
    pub const fn is_signature_verified(&self) -> bool {
        self.signed
    }

    /// What else it says of the user.
    #[must_use]
    pub fn standard_claims(&self) -> StandardClaims<'_> {
        StandardClaims::of(&self.payload)
    }

    /// Any claim by name, as any type; `None` when it is absent or of another type.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&self.payload, name).ok()??.read()
    }

    /// All claims, as the JSON that arrived.
    #[must_use]
    pub fn expose_json(&self) -> &str {
        &self.payload
    }

    /// What has to stay the same when a refresh brings another one.
    #[must_use]
    pub fn original(&self) -> OriginalIdToken {
        let audience = self.audience.iter().map(String::as_str);
        let mut original =
            OriginalIdToken::new(self.issuer.clone(), self.subject.as_str(), audience);
        if let Some(azp) = self.azp() {
            original = original.with_azp(azp);
        }
        if let Some(auth_time) = self.auth_time {
            original = original.with_auth_time(auth_time);
        }
        match self.claim::<String>("nonce") {
            Some(nonce) => original.with_nonce(nonce),
            None => original,
        }
    }
}

/// It says who somebody is.
impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
