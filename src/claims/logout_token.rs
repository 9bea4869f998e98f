//! [`LogoutToken`]: a server's word that a session has ended
//! ([OpenID Connect Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken)).
//!
//! What it is about and until when it may be repeated. Which sessions those are, and whether it was
//! seen before, only the application knows.

use std::fmt;

use super::error::{ClaimFault, ClaimsError, TokenKind};
use super::expected::LOGOUT_EVENT;
use super::reader::{Claims, Presented};
use super::rules::TokenRules;
use crate::jose::{Jws, KeySet, SharedSecret, Verified, Verify};
use crate::value::{Issuer, Timestamp};
use crate::wire::json::{self, UniqueError, unique_object};

/// A verified logout token.
#[derive(Clone)]
pub struct LogoutToken {
    issuer: Issuer,
    subject: Option<String>,
    session_id: Option<String>,
    jti: String,
    issued: Timestamp,
    expires: Timestamp,
    forget_at: Timestamp,
}

const NO_NAMES: &[&str; 0] = &[];

impl LogoutToken {
    /// Takes a logout token apart, and compares what can be compared before a key is fetched for it.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]: no key would make it a logout token of this issuer.
    pub fn open(rules: &TokenRules, text: &str) -> Result<Jws, ClaimsError> {
        rules.open(TokenKind::LogoutToken, text)
    }

    /// Everything at once: takes it apart, chooses the key, verifies, checks.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`].
    pub fn verify(
        rules: &TokenRules,
        text: &str,
        keys: &KeySet,
        backend: &dyn Verify,
        now: Timestamp,
    ) -> Result<Self, ClaimsError> {
        Self::check(rules, rules.verify(TokenKind::LogoutToken, text, keys, backend)?, now)
    }

    /// As [`LogoutToken::verify`], for a token under the client secret.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`].
    pub fn verify_with_secret(
        rules: &TokenRules,
        text: &str,
        secret: &SharedSecret,
        now: Timestamp,
    ) -> Result<Self, ClaimsError> {
        Self::check(rules, rules.verify_with_secret(TokenKind::LogoutToken, text, secret)?, now)
    }

    /// Holds the claims of a verified token against the rules
    /// ([OpenID Connect Back-Channel Logout §2.6](https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation)).
    ///
    /// # Errors
    ///
    /// [`ClaimsError`].
    pub fn check(
        rules: &TokenRules,
        verified: Verified,
        now: Timestamp,
    ) -> Result<Self, ClaimsError> {
        let token = Presented::from(verified);
        let check = || {
            let claims = Claims::of(&token.content);
            rules.check(TokenKind::LogoutToken, &token, &claims, now)?;
            let (subject, session_id) = (named(&claims, "sub")?, named(&claims, "sid")?);
            if subject.is_none() && session_id.is_none() {
                return Err(ClaimFault::Missing("sub"));
            }
            check_event(&claims)?;
            if claims.has("nonce") {
                return Err(ClaimFault::NonceForbidden);
            }
            let jti = claims.required_text("jti")?.into_owned();
            if jti.is_empty() {
                return Err(ClaimFault::Malformed("jti"));
            }
            let issuer = claims.required_text("iss")?;
            let issuer = Issuer::from(issuer.into_owned());
            let expires = claims.required_moment("exp")?;
            let issued = claims.required_moment("iat")?;
            let forget_at = expires.saturating_add(rules.parts().skew);
            Ok(Self { issuer, subject, session_id, jti, issued, expires, forget_at })
        };
        check().map_err(refused)
    }

    /// REQUIRED. `iss`: whose session it is.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// `sub`: whose session it is. It is there whenever [`LogoutToken::session_id`] is not, and then all
    /// sessions of this issuer and user are to be ended.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// `sid`: the session that has ended, as the ID token named it.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// REQUIRED. `jti`: unique to this token. Whoever has seen it before need not act again.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// REQUIRED. `iat`.
    #[must_use]
    pub const fn issued(&self) -> Timestamp {
        self.issued
    }

    /// REQUIRED. `exp`.
    #[must_use]
    pub const fn expires(&self) -> Timestamp {
        self.expires
    }

    /// From when on it is refused, whoever repeats it: until then its `jti` is worth remembering.
    #[must_use]
    pub const fn forget_at(&self) -> Timestamp {
        self.forget_at
    }
}

/// A claim that says whose session it is. One that cannot be read must not count as absent: the
/// logout would be of more sessions than was said.
fn named(claims: &Claims<'_>, name: &'static str) -> Result<Option<String>, ClaimFault> {
    if !claims.has(name) {
        return Ok(None);
    }
    let text = claims.text(name)?.filter(|text| !text.is_empty());
    text.map(|text| Some(text.into_owned())).ok_or(ClaimFault::Malformed(name))
}

/// `events` is an object, and in it stands the one event, which is an object too.
fn check_event(claims: &Claims<'_>) -> Result<(), ClaimFault> {
    let events = claims.get("events").ok_or(ClaimFault::Missing("events"))?;
    unique_object(events.raw(), NO_NAMES)
        .map_err(|_: UniqueError| ClaimFault::Malformed("events"))?;
    let event = json::member(events.raw(), LOGOUT_EVENT).ok().flatten();
    match event {
        Some(event) if event.raw().starts_with('{') => Ok(()),
        _ => Err(ClaimFault::Event),
    }
}

fn refused(fault: ClaimFault) -> ClaimsError {
    ClaimsError::new(TokenKind::LogoutToken, fault)
}

/// It says whose session has ended.
impl fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutToken").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
