//! [`OriginalIdToken`]: what has to stay the same when a refresh brings another ID token
//! ([OpenID Connect Core §12.2](https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse)).
//!
//! Plain values, so that whoever keeps a session can keep them beside it.

use std::fmt;

use super::error::ClaimFault;
use super::reader::Claims;
use crate::value::secret::same;
use crate::value::{Issuer, Secret, Timestamp};

/// What the ID token of the sign-in said.
#[derive(Clone, PartialEq, Eq)]
pub struct OriginalIdToken {
    issuer: Issuer,
    subject: String,
    audience: Vec<String>,
    azp: Option<String>,
    auth_time: Option<Timestamp>,
    nonce: Option<Secret>,
}

impl OriginalIdToken {
    /// From what was kept of it. [`IdToken::original`](super::IdToken::original) makes one of a token.
    pub fn new<T: Into<String>>(
        issuer: impl Into<Issuer>,
        subject: impl Into<String>,
        audience: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            audience: audience.into_iter().map(Into::into).collect(),
            azp: None,
            auth_time: None,
            nonce: None,
        }
    }

    /// It had this `azp`.
    #[must_use]
    pub fn with_azp(mut self, azp: impl Into<String>) -> Self {
        self.azp = Some(azp.into());
        self
    }

    /// It had this `auth_time`.
    #[must_use]
    pub const fn with_auth_time(mut self, auth_time: Timestamp) -> Self {
        self.auth_time = Some(auth_time);
        self
    }

    /// It had this `nonce`.
    #[must_use]
    pub fn with_nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Its `iss`.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Its `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its `aud`.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// Its `azp`.
    #[must_use]
    pub fn azp(&self) -> Option<&str> {
        self.azp.as_deref()
    }

    /// Its `auth_time`.
    #[must_use]
    pub const fn auth_time(&self) -> Option<Timestamp> {
        self.auth_time
    }

    /// Its `nonce`.
    #[must_use]
    pub const fn nonce(&self) -> Option<&Secret> {
        self.nonce.as_ref()
    }

    /// Whether a later token is about the same sign-in.
    pub(super) fn check(&self, claims: &Claims<'_>, ignore_azp: bool) -> Result<(), ClaimFault> {
        if claims.required_text("iss")? != self.issuer.as_str() {
            return Err(ClaimFault::Changed("iss"));
        }
        if claims.required_text("sub")? != self.subject.as_str() {
            return Err(ClaimFault::Changed("sub"));
        }
        let mut later = Vec::new();
        claims.audience(&mut |audience| later.push(audience.to_owned()))?;
        if sorted(later) != sorted(self.audience.clone()) {
            return Err(ClaimFault::Changed("aud"));
        }
        // What was there and is left out again says nothing else; what is there must be the same.
        if let Some(azp) = claims.text("azp")?
            && !ignore_azp
            && self.azp() != Some(&*azp)
        {
            return Err(ClaimFault::Changed("azp"));
        }
        if let (Some(later), Some(first)) = (claims.moment("auth_time")?, self.auth_time)
            && later != first
        {
            return Err(ClaimFault::Changed("auth_time"));
        }
        match claims.text("nonce")? {
            Some(later) if !self.nonce().is_some_and(|first| same(first.expose(), &later)) => {
                Err(ClaimFault::Changed("nonce"))
            }
            _ => Ok(()),
        }
    }
}

/// An audience is a set, in whatever order it is written.
fn sorted(mut audience: Vec<String>) -> Vec<String> {
    audience.sort_unstable();
    audience.dedup();
    audience
}

/// It says who somebody is.
impl fmt::Debug for OriginalIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginalIdToken").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
