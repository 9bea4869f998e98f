//! [`AccessToken`] and [`TokenType`]: a token and how it is presented. Nothing here is read from a reply.

use super::secret::Secret;
use std::fmt;

/// What an access token is used as ([RFC 6749 §7.1](https://www.rfc-editor.org/rfc/rfc6749#section-7.1)). Letter case does not count.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenType {
    /// `Bearer` ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)).
    Bearer,
    /// `DPoP` ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
    Dpop,
    /// `N_A`: not an access token at all ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)).
    NotApplicable,
    /// A type that this crate cannot present; the RFC forbids using what one does not understand.
    Other(Box<str>),
}

/// A type this crate does not know is a server's text, and not shown.
impl fmt::Debug for TokenType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Other(_) => "Other(..)",
            known => known.as_str(),
        })
    }
}

impl TokenType {
    /// The type of this name; letter case does not count.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let known = [Self::Bearer, Self::Dpop, Self::NotApplicable];
        let found = known.into_iter().find(|kind| name.eq_ignore_ascii_case(kind.as_str()));
        found.unwrap_or_else(|| Self::Other(name.into()))
    }

    /// The name, in the letter case of its specification.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
            Self::NotApplicable => "N_A",
            Self::Other(name) => name,
        }
    }
}

/// An access token and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    secret: Secret,
    token_type: TokenType,
}

impl AccessToken {
    /// A token from elsewhere, such as a store.
    pub fn new(secret: impl Into<Secret>, token_type: TokenType) -> Self {
        Self { secret: secret.into(), token_type }
    }

    /// Another one that shares the memory of this one, for what is dropped together with it.
    pub(crate) fn share(&self) -> Self {
        Self { secret: self.secret.share(), token_type: self.token_type.clone() }
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }

    /// How it is used.
    #[must_use]
    pub const fn token_type(&self) -> &TokenType {
        &self.token_type
    }
}
