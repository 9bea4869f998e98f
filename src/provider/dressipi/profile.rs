//! [`Profile`]: the tokens of one person's profile, and when they want refreshing.

use std::fmt;
use std::time::Duration;

use crate::endpoint::token::TokenResponse;
use crate::value::{AccessToken, Secret, Timestamp, TokenType};
use crate::wire::{base64url, json};

/// The tokens of one profile. Losing the refresh token loses the profile.
///
/// Store all three parts after every change, and before the new tokens are used: the server may have
/// rotated the refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    access_token: AccessToken,
    refresh_token: Secret,
    expires: Option<Timestamp>,
}

impl Profile {
    /// From stored parts. When `expires` is `None` it is read from the token itself.
    pub fn new(
        access_token: impl Into<Secret>,
        refresh_token: impl Into<Secret>,
        expires: Option<Timestamp>,
    ) -> Self {
        let access_token = AccessToken::new(access_token, TokenType::Bearer);
        let expires = expires.or_else(|| claimed_expiry(access_token.expose()));
        Self { access_token, refresh_token: refresh_token.into(), expires }
    }

    /// From the answer to a code; `None` when there is no refresh token in it, without which there is
    /// no profile to come back to.
    #[must_use]
    pub fn from_response(response: &TokenResponse, received: Timestamp) -> Option<Self> {
        let refresh_token = response.refresh_token()?.clone();
        Some(Self::assemble(response, refresh_token, received))
    }

    /// After a refresh: the new access token, and the new refresh token if one came, else the old.
    #[must_use]
    pub fn refreshed(&self, response: &TokenResponse, received: Timestamp) -> Self {
        let refresh_token = response.refresh_token().unwrap_or(&self.refresh_token).clone();
        Self::assemble(response, refresh_token, received)
    }

    fn assemble(response: &TokenResponse, refresh_token: Secret, received: Timestamp) -> Self {
        let access_token = response.access_token().clone();
        let announced = response.lifetime().ends(received);
        let expires = announced.or_else(|| claimed_expiry(access_token.expose()));
        Self { access_token, refresh_token, expires }
    }

    /// The token to present.
    #[must_use]
    pub const fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// The refresh token.
    #[must_use]
    pub const fn refresh_token(&self) -> &Secret {
        &self.refresh_token
    }

    /// When the access token expires, if that is known.
    #[must_use]
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// Whether the access token has expired, or will within `leeway`. The server never says so
    /// itself. An unknown expiry counts as not expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp, leeway: Duration) -> bool {
        self.expires.is_some_and(|expires| now.saturating_add(leeway) >= expires)
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// `exp` of the token's payload. The signature is the server's own, with a secret only it has, so this
/// is a hint and no more.
fn claimed_expiry(token: &str) -> Option<Timestamp> {
    let payload = base64url::decode(token.split('.').nth(1)?)?;
    let members = json::member(std::str::from_utf8(&payload).ok()?, "exp").ok()??;
    members.read::<u64>().map(Timestamp::from_unix_seconds)
}
