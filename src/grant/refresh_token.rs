//! The refresh token grant ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).

use super::{Grant, Value};
use crate::value::{CredentialUse, RedirectUri, Secret};

/// `grant_type=refresh_token`.
///
/// Unless said otherwise the server is taken to rotate refresh tokens, so a request whose answer was
/// lost is not safe to send again.
#[derive(Debug)]
pub struct RefreshToken {
    token: Secret,
    redirect_uri: Option<RedirectUri>,
    credential: CredentialUse,
}

impl RefreshToken {
    /// Presents this refresh token.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { token: token.into(), redirect_uri: None, credential: CredentialUse::Once }
    }

    /// Says that the server does not rotate this token: presenting it twice does no harm.
    #[must_use]
    pub fn reusable(mut self) -> Self {
        self.credential = CredentialUse::Repeated;
        self
    }

    /// Sends a redirect URI too, which the RFC does not ask for and Dressipi does.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<RedirectUri>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }
}

impl From<RefreshToken> for Grant {
    fn from(grant: RefreshToken) -> Self {
        let made = Self::new("refresh_token", grant.credential)
            .with("refresh_token", Value::Required(grant.token));
        match grant.redirect_uri {
            Some(uri) => made.with("redirect_uri", Value::Redirect(uri)),
            None => made,
        }
    }
}
