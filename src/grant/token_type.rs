//! [`TokenTypeIdentifier`]: what a security token is, by name. It says nothing of how one is used.

use std::borrow::Cow;

/// What a token is ([RFC 8693 §3](https://www.rfc-editor.org/rfc/rfc8693#section-3)). Meant to be a URI, but any text is sent:
/// PingOne's `pingone_gateway_credential` is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenTypeIdentifier(pub(super) Cow<'static, str>);

impl TokenTypeIdentifier {
    /// An OAuth 2.0 access token.
    pub const ACCESS_TOKEN: Self =
        Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:access_token"));
    /// An ID token.
    pub const ID_TOKEN: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:id_token"));
    /// An identity assertion that is good as a grant elsewhere
    /// ([draft-ietf-oauth-identity-assertion-authz-grant](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant)).
    pub const ID_JAG: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:id-jag"));
    /// A JSON Web Token.
    pub const JWT: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:jwt"));
    /// An OAuth 2.0 refresh token.
    pub const REFRESH_TOKEN: Self =
        Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:refresh_token"));
    /// A SAML 1.1 assertion.
    pub const SAML1: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:saml1"));
    /// A SAML 2.0 assertion.
    pub const SAML2: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:saml2"));

    /// The identifier as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for TokenTypeIdentifier {
    fn from(text: &str) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }
}

impl From<String> for TokenTypeIdentifier {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}
