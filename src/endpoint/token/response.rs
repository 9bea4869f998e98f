//! [`TokenResponse`]: a successful answer of the token endpoint
//! ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)).
//!
//! What it says, not how it is read: that is in `answer`.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::grant::TokenTypeIdentifier;
use crate::reply::Deviation;
use crate::reply::members::{GrantedScope, Lifetime};
use crate::value::{AccessToken, Secret};
use crate::wire::json;
use crate::wire::kept::Kept;

/// A successful answer of the token endpoint.
///
/// The body is kept once, and the tokens are parts of it. All of it is wiped when it is dropped.
pub struct TokenResponse {
    pub(super) access_token: AccessToken,
    pub(super) lifetime: Lifetime,
    pub(super) refresh_token: Option<Secret>,
    pub(super) refresh_token_lifetime: Lifetime,
    pub(super) scope: GrantedScope,
    pub(super) id_token: Option<Secret>,
    pub(super) issued_token_type: Option<TokenTypeIdentifier>,
    pub(super) deviations: Vec<Deviation>,
    /// The whole document, and where in it the token object stands.
    pub(super) body: Arc<Kept>,
    pub(super) at: Option<Arc<str>>,
}

/// A clone shares the body.
impl Clone for TokenResponse {
    fn clone(&self) -> Self {
        Self {
            access_token: self.access_token.share(),
            lifetime: self.lifetime.clone(),
            refresh_token: self.refresh_token.as_ref().map(Secret::share),
            refresh_token_lifetime: self.refresh_token_lifetime.clone(),
            scope: self.scope.clone(),
            id_token: self.id_token.as_ref().map(Secret::share),
            issued_token_type: self.issued_token_type.clone(),
            deviations: self.deviations.clone(),
            body: Arc::clone(&self.body),
            at: self.at.clone(),
        }
    }
}

impl TokenResponse {
    /// REQUIRED. The access token: not empty, and fit for a header.
    #[must_use]
    pub const fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// RECOMMENDED. How long the access token is good for, counted from when the answer was made.
    #[must_use]
    pub const fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    /// OPTIONAL. The refresh token to use from now on; `None` means the old one stays, if there was
    /// one ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).
    #[must_use]
    pub const fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// How long the refresh token is good for, where a server says so (`refresh_token_expires_in`).
    #[must_use]
    pub const fn refresh_token_lifetime(&self) -> &Lifetime {
        &self.refresh_token_lifetime
    }

    /// The scope that was granted, as far as the server said.
    #[must_use]
    pub const fn scope(&self) -> &GrantedScope {
        &self.scope
    }

    /// OPTIONAL. An ID token. It is not verified here; `claims::ExpectedIdToken` verifies it.
    #[must_use]
    pub const fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// What exactly was granted, beyond scopes, as any type
    /// ([RFC 9396 §7](https://www.rfc-editor.org/rfc/rfc9396#section-7)); `None` when the server said nothing or the type does
    /// not fit.
    #[must_use]
    pub fn authorization_details<T: DeserializeOwned>(&self) -> Option<Vec<T>> {
        self.extra(crate::value::authorization_details::NAME)
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// What was issued ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)). REQUIRED in the answer to a
    /// token exchange, and only read there: whatever it is, it is [`TokenResponse::access_token`].
    #[must_use]
    pub const fn issued_token_type(&self) -> Option<&TokenTypeIdentifier> {
        self.issued_token_type.as_ref()
    }

    /// Any member by name, as any type, read when asked; `None` when it is absent or of another type.
    ///
    /// ```
    /// # fn show(tokens: &grantwire::TokenResponse) {
    /// let account: Option<String> = tokens.extra("account_id");
    /// # }
    /// ```
    #[must_use]
    pub fn extra<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let body = self.body.as_str();
        let object = self.at.as_deref().and_then(|path| json::descend(body, path));
        let inside = object.and_then(|object| json::member(object, name).ok()?);
        // What stands outside the envelope is reachable too.
        inside.or_else(|| json::member(body, name).ok()?)?.read()
    }
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.access_token.token_type())
            .field("lifetime", &self.lifetime)
            .field("refresh_token", &self.refresh_token)
            .field("scope", &self.scope)
            .field("id_token", &self.id_token)
            .field("deviations", &self.deviations)
            .finish_non_exhaustive()
    }
}
