//! The authorization code grant ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)), and the witness of a checked code.
//!
//! `redirect_uri` and `code_verifier` are each there or not, as the server wants them; nothing is
//! added because the RFC's own defaults would.

use std::fmt;

use super::{Grant, Value};
use crate::pkce::CodeVerifier;
use crate::value::{ClientId, CredentialUse, Issuer, Owner, RedirectUri, Secret};

/// An authorization code that came with the right `state` and from the right issuer.
///
/// Only the check of an authorization response makes one, so holding one *is* the proof that the
/// check was done. It remembers the client and the server it belongs to, and a request to another is
/// refused. It carries the verifier and redirect URI that belong to the code, and it is not
/// `Clone`: a code is used once.
pub struct CheckedCode {
    pub(crate) code: Secret,
    pub(crate) verifier: Option<Secret>,
    pub(crate) redirect_uri: Option<RedirectUri>,
    pub(crate) nonce: Option<Secret>,
    pub(crate) client_id: ClientId,
    pub(crate) issuer: Option<Issuer>,
}

impl CheckedCode {
    /// The `nonce` that was sent, for whoever verifies the ID token.
    #[must_use]
    pub const fn nonce(&self) -> Option<&Secret> {
        self.nonce.as_ref()
    }

    /// The code itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.code.expose()
    }
}

impl fmt::Debug for CheckedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckedCode(..)")
    }
}

/// `grant_type=authorization_code`.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, grant::AuthorizationCode};
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// let exchange = client.token(
///     AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA").redirect_uri("https://client.example.com/cb"),
/// );
/// let request = exchange.request(now, &mut entropy)?;
/// assert_eq!(request.method(), "POST");
/// # Ok::<(), grantwire::BuildError>(())
/// ```
pub struct AuthorizationCode {
    code: Secret,
    verifier: Option<Secret>,
    redirect_uri: Option<RedirectUri>,
    owner: Option<Owner>,
}

impl AuthorizationCode {
    /// A checked code, with the verifier and redirect URI of the request that it answers.
    #[must_use]
    pub fn new(checked: CheckedCode) -> Self {
        let CheckedCode { code, verifier, redirect_uri, client_id, issuer, .. } = checked;
        Self { code, verifier, redirect_uri, owner: Some(Owner { client_id, issuer }) }
    }

    /// A code that this crate has not checked: nothing shows that it belongs to this user, this
    /// client or this server. For codes that never travelled through a browser.
    pub fn unchecked(code: impl Into<Secret>) -> Self {
        Self { code: code.into(), verifier: None, redirect_uri: None, owner: None }
    }

    /// The redirect URI of the authorization request, byte for byte.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<RedirectUri>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    /// Leaves `redirect_uri` out, for servers that do not take it.
    #[must_use]
    pub fn without_redirect_uri(mut self) -> Self {
        self.redirect_uri = None;
        self
    }

    /// The verifier of the challenge that was sent
    /// ([RFC 7636 §4.5](https://www.rfc-editor.org/rfc/rfc7636#section-4.5)).
    #[must_use]
    pub fn code_verifier(mut self, verifier: CodeVerifier) -> Self {
        self.verifier = Some(verifier.into_secret());
        self
    }
}

impl From<AuthorizationCode> for Grant {
    fn from(grant: AuthorizationCode) -> Self {
        let mut made = Self::new("authorization_code", CredentialUse::Once)
            .with("code", Value::Required(grant.code));
        made.owner = grant.owner;
        if let Some(uri) = grant.redirect_uri {
            made = made.with("redirect_uri", Value::Redirect(uri));
        }
        if let Some(verifier) = grant.verifier {
            made = made.with("code_verifier", Value::Required(verifier));
        }
        made
    }
}

impl From<CheckedCode> for Grant {
    fn from(checked: CheckedCode) -> Self {
        AuthorizationCode::new(checked).into()
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode(..)")
    }
}
