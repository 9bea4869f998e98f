//! [`ExpectedIdToken`]: what one sign-in expects of its ID token, and the check.
//!
//! The rules of an issuer are in `rules`; here is what was asked for this time, and what came together
//! with the token.

use std::fmt;
use std::time::Duration;

use super::error::{ClaimFault, ClaimsError, TokenKind};
use super::hash;
use super::id_token::IdToken;
use super::issued_with::IssuedWith;
use super::original::OriginalIdToken;
use super::permission::UncheckedSignature;
use super::reader::{Claims, Presented};
use super::rules::TokenRules;
use crate::jose::{Jws, KeySet, SharedSecret, Verified, Verify, VerifyError};
use crate::value::secret::same;
use crate::value::{Secret, Timestamp};
use crate::wire::json;

/// The member of `events` that makes a token a logout token.
pub(super) const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What one sign-in expects of its ID token. It holds the `nonce` of that sign-in, so it is not
/// `Clone`.
///
/// It takes the `nonce` by value: from the pending authorization, which gives it away once.
pub struct ExpectedIdToken {
    rules: TokenRules,
    nonce: Option<Secret>,
    max_age: Option<Duration>,
    acr: Vec<String>,
    auth_time: bool,
    original: Option<OriginalIdToken>,
}

impl ExpectedIdToken {
    /// By these rules, and nothing else was asked for: no `nonce` was sent.
    #[must_use]
    pub fn new(rules: &TokenRules) -> Self {
        let rules = rules.clone();
        Self {
            rules,
            nonce: None,
            max_age: None,
            acr: Vec::new(),
            auth_time: false,
            original: None,
        }
    }

    /// This `nonce` was sent.
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// This `max_age` was sent
    /// ([OpenID Connect Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)): `auth_time` must be there, and
    /// not longer ago.
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// `auth_time` was asked for as an essential claim.
    #[must_use]
    pub const fn auth_time(mut self) -> Self {
        self.auth_time = true;
        self
    }

    /// `acr` was asked for as an essential claim with these values
    /// ([OpenID Connect Core §5.5.1.1](https://openid.net/specs/openid-connect-core-1_0.html#acrSemantics)): it must be there and be one of
    /// them.
    #[must_use]
    pub fn essential_acr<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.acr = values.into_iter().map(Into::into).collect();
        self
    }

    /// It comes with a refresh: it is about the same sign-in as this one, and needs no `nonce`
    /// ([OpenID Connect Core §12.2](https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse)).
    #[must_use]
    pub fn refreshes(mut self, original: OriginalIdToken) -> Self {
        self.original = Some(original);
        self
    }

    /// The rules it was made by.
    #[must_use]
    pub const fn rules(&self) -> &TokenRules {
        &self.rules
    }

    /// Takes an ID token apart, and compares what can be compared before a key is fetched for it.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]: no key would make it the expected one.
    pub fn open(&self, text: &str) -> Result<Jws, ClaimsError> {
        self.rules.open(TokenKind::IdToken, text)
    }

    /// Everything at once: takes it apart, chooses the key, verifies, checks.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]. With [`VerifyError::NoKey`] in it the key set may be older than the key: fetch
    /// it again, once.
    pub fn verify(
        &self,
        text: &str,
        keys: &KeySet,
        backend: &dyn Verify,
        with: IssuedWith<'_>,
        now: Timestamp,
    ) -> Result<IdToken, ClaimsError> {
        self.check(self.rules.verify(TokenKind::IdToken, text, keys, backend)?, with, now)
    }

    /// As [`ExpectedIdToken::verify`], for a token under the client secret.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`].
    pub fn verify_with_secret(
        &self,
        text: &str,
        secret: &SharedSecret,
        with: IssuedWith<'_>,
        now: Timestamp,
    ) -> Result<IdToken, ClaimsError> {
        self.check(self.rules.verify_with_secret(TokenKind::IdToken, text, secret)?, with, now)
    }

    /// Holds the claims of a verified token against what is expected.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]: which claim is at fault. Nothing that came with the token may be used.
    pub fn check(
        &self,
        verified: Verified,
        with: IssuedWith<'_>,
        now: Timestamp,
    ) -> Result<IdToken, ClaimsError> {
        self.accept(verified.into(), with, now)
    }

    /// Checks the claims of a token whose signature nobody has looked at, because it came over TLS
    /// straight from the token endpoint. One that names `none` also needs
    /// [`TokenRules::allow_unsecured`].
    ///
    /// # Errors
    ///
    /// [`ClaimFault::SignatureRequired`] when it came through the browser, and all others of
    /// [`ClaimsError`].
    pub fn check_unsigned(
        &self,
        jws: Jws,
        _: UncheckedSignature,
        with: IssuedWith<'_>,
        now: Timestamp,
    ) -> Result<IdToken, ClaimsError> {
        // An unsecured token has an empty signature (RFC 7518 section 3.6).
        let forbidden =
            jws.is_unsecured() && !(self.rules.parts().unsecured && jws.signature().is_empty());
        if with.front_channel || forbidden {
            return Err(refused(ClaimFault::SignatureRequired));
        }
        if jws.algorithm().is_none() && !jws.is_unsecured() {
            return Err(unverified(VerifyError::Algorithm(None)));
        }
        self.accept(Presented::unchecked(jws), with, now)
    }

    fn accept(
        &self,
        token: Presented,
        with: IssuedWith<'_>,
        now: Timestamp,
    ) -> Result<IdToken, ClaimsError> {
        let accept = || {
            let claims = Claims::of(&token.content);
            let audiences = self.rules.check(TokenKind::IdToken, &token, &claims, now)?;
            self.check_identity(&claims, audiences, with)?;
            self.check_sign_in(&claims, now)?;
            check_hashes(&claims, &token, with, self.rules.parts().require_state_hash)?;
            IdToken::of(self.rules.issuer(), &token, &claims, audiences)
        };
        match accept() {
            Ok(identity) => Ok(identity.with_payload(token.content.payload)),
            Err(fault) => Err(refused(fault)),
        }
    }

    /// Who it is about, and that it is an ID token at all.
    fn check_identity(
        &self,
        claims: &Claims<'_>,
        audiences: usize,
        with: IssuedWith<'_>,
    ) -> Result<(), ClaimFault> {
        let subject = claims.required_text("sub")?;
        if !(subject.is_ascii() && (1..=255).contains(&subject.len())) {
            return Err(ClaimFault::Malformed("sub"));
        }
        let event =
            claims.get("events").and_then(|events| json::member(events.raw(), LOGOUT_EVENT).ok());
        if event.flatten().is_some() {
            return Err(ClaimFault::Event);
        }
        let parts = self.rules.parts();
        match claims.text("azp")? {
            Some(azp) if !parts.ignore_azp && azp != parts.client_id.as_str() => {
                return Err(ClaimFault::AuthorizedParty);
            }
            None if parts.require_azp && audiences > 1 => return Err(ClaimFault::Missing("azp")),
            _ => {}
        }
        if let Some(first) = with.first {
            if claims.required_text("iss")? != first.issuer().as_str() {
                return Err(ClaimFault::Changed("iss"));
            }
            if subject != first.subject() {
                return Err(ClaimFault::Changed("sub"));
            }
        }
        match &self.original {
            Some(original) => original.check(claims, parts.ignore_azp),
            None => self.check_nonce(claims),
        }
    }

    fn check_nonce(&self, claims: &Claims<'_>) -> Result<(), ClaimFault> {
        match (&self.nonce, claims.text("nonce")?) {
            (Some(sent), Some(nonce)) if same(sent.expose(), &nonce) => Ok(()),
            (Some(_), Some(_)) => Err(ClaimFault::Nonce),
            (Some(_), None) if self.rules.parts().missing_nonce => Ok(()),
            (Some(_), None) => Err(ClaimFault::Missing("nonce")),
            (None, Some(_)) => Err(ClaimFault::NonceUnexpected),
            (None, None) => Ok(()),
        }
    }

    /// How and when the user authenticated.
    fn check_sign_in(&self, claims: &Claims<'_>, now: Timestamp) -> Result<(), ClaimFault> {
        let acr = claims.text("acr")?;
        match acr {
            None if !self.acr.is_empty() => return Err(ClaimFault::Missing("acr")),
            Some(acr) if !self.acr.is_empty() && !self.acr.iter().any(|asked| *asked == acr) => {
                return Err(ClaimFault::Acr);
            }
            _ => {}
        }
        let parts = self.rules.parts();
        let Some(auth_time) = claims.moment("auth_time")? else {
            let asked = self.max_age.is_some() || self.auth_time || parts.require_auth_time;
            return if asked { Err(ClaimFault::Missing("auth_time")) } else { Ok(()) };
        };
        if auth_time > now.saturating_add(parts.skew) {
            return Err(ClaimFault::AuthenticationInFuture);
        }
        match self.max_age {
            Some(most) if now > auth_time.saturating_add(most).saturating_add(parts.skew) => {
                Err(ClaimFault::AuthenticationTooOld)
            }
            _ => Ok(()),
        }
    }
}

/// Compares each hash with what it is of, if that is here.
fn check_hashes(
    claims: &Claims<'_>,
    token: &Presented,
    with: IssuedWith<'_>,
    require_state: bool,
) -> Result<(), ClaimFault> {
    let key = token.signed.as_ref().map(|(kind, _)| *kind);
    for (name, of, required) in [
        ("at_hash", with.access_token, with.front_channel),
        ("c_hash", with.code, with.front_channel),
        ("s_hash", with.state, require_state),
    ] {
        match (claims.text(name)?, of) {
            (Some(hash), Some(text)) => hash::check(name, &hash, text, token.algorithm, key)?,
            (None, Some(_)) if required => return Err(ClaimFault::Missing(name)),
            // The rules ask for it, and the caller has not said of what.
            (_, None) if required && name == "s_hash" => {
                return Err(ClaimFault::HashUnchecked(name));
            }
            _ => {}
        }
    }
    Ok(())
}

fn refused(fault: ClaimFault) -> ClaimsError {
    ClaimsError::new(TokenKind::IdToken, fault)
}

fn unverified(error: VerifyError) -> ClaimsError {
    refused(ClaimFault::Verify(error))
}

impl fmt::Debug for ExpectedIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExpectedIdToken").field("rules", &self.rules).finish_non_exhaustive()
    }
}
