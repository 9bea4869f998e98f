//! Token exchange ([RFC 8693 §2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1)): one token for another.
//!
//! `resource`, `audience` and `scope` belong to the request, which lets the first two repeat.

use std::fmt;

use super::token_type::TokenTypeIdentifier;
use super::{Grant, Value};
use crate::value::{CredentialUse, Secret};

/// `grant_type=urn:ietf:params:oauth:grant-type:token-exchange`.
///
/// The answer is an ordinary token response, which says by
/// [`issued_token_type`](crate::TokenResponse::issued_token_type) what it holds; a token that is no access token has
/// the type `N_A`.
///
/// ```
/// use grantwire::grant::{TokenExchange, TokenTypeIdentifier};
///
/// let grant = TokenExchange::new("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC", TokenTypeIdentifier::ACCESS_TOKEN)
///     .requested_token_type(TokenTypeIdentifier::ACCESS_TOKEN);
/// ```
pub struct TokenExchange {
    subject: Secret,
    subject_type: TokenTypeIdentifier,
    actor: Option<(Secret, TokenTypeIdentifier)>,
    requested: Option<TokenTypeIdentifier>,
    credential: CredentialUse,
}

impl TokenExchange {
    /// REQUIRED. The token of the party on whose behalf is asked, and what it is.
    pub fn new(subject_token: impl Into<Secret>, kind: impl Into<TokenTypeIdentifier>) -> Self {
        Self {
            subject: subject_token.into(),
            subject_type: kind.into(),
            actor: None,
            requested: None,
            credential: CredentialUse::Repeated,
        }
    }

    /// OPTIONAL. The token of the party that acts, and what it is.
    #[must_use]
    pub fn actor(mut self, token: impl Into<Secret>, kind: impl Into<TokenTypeIdentifier>) -> Self {
        self.actor = Some((token.into(), kind.into()));
        self
    }

    /// Says that presenting the subject token may spend it, as with a refresh token. By default it is
    /// taken to be good for more than one exchange.
    #[must_use]
    pub const fn single_use(mut self) -> Self {
        self.credential = CredentialUse::Once;
        self
    }

    /// OPTIONAL. What the new token should be.
    #[must_use]
    pub fn requested_token_type(mut self, kind: impl Into<TokenTypeIdentifier>) -> Self {
        self.requested = Some(kind.into());
        self
    }
}

impl From<TokenExchange> for Grant {
    fn from(grant: TokenExchange) -> Self {
        // Without a wish the server chooses; what it is taken for, if it does not say, is an access token.
        let wanted = grant.requested.clone().unwrap_or(TokenTypeIdentifier::ACCESS_TOKEN);
        // Each token is nothing without its type, so an empty one is no absent one.
        let required = |kind: TokenTypeIdentifier| Value::Required(Secret::new(kind.0));
        let mut made =
            Self::new("urn:ietf:params:oauth:grant-type:token-exchange", grant.credential)
                .with("subject_token", Value::Required(grant.subject))
                .with("subject_token_type", required(grant.subject_type));
        if let Some((token, kind)) = grant.actor {
            made = made
                .with("actor_token", Value::Required(token))
                .with("actor_token_type", required(kind));
        }
        made.exchanged_for = Some(wanted);
        if let Some(kind) = grant.requested {
            made = made.with("requested_token_type", Value::Plain(kind.0));
        }
        made
    }
}

impl fmt::Debug for TokenExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenExchange")
            .field("subject_type", &self.subject_type)
            .finish_non_exhaustive()
    }
}
