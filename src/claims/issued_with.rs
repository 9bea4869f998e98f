//! [`IssuedWith`]: what an ID token came with, so that its hashes can be compared.

use std::fmt;

use super::id_token::IdToken;

/// What an ID token came with, and from where.
#[derive(Clone, Copy)]
pub struct IssuedWith<'a> {
    pub(super) front_channel: bool,
    pub(super) access_token: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) state: Option<&'a str>,
    pub(super) first: Option<&'a IdToken>,
}

impl<'a> IssuedWith<'a> {
    /// It came from the token endpoint, together with this access token. `at_hash` may be absent
    /// ([OpenID Connect Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken)).
    #[must_use]
    pub const fn token_endpoint(access_token: &'a str) -> Self {
        let access_token = Some(access_token);
        Self { front_channel: false, access_token, code: None, state: None, first: None }
    }

    /// It came through the browser, in the authorization response. What came with it has to be named,
    /// and its hashes must be there
    /// ([OpenID Connect Core §3.3.2.11](https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken)).
    #[must_use]
    pub const fn authorization_endpoint() -> Self {
        Self { front_channel: true, access_token: None, code: None, state: None, first: None }
    }

    /// With this access token.
    #[must_use]
    pub const fn access_token(mut self, access_token: &'a str) -> Self {
        self.access_token = Some(access_token);
        self
    }

    /// With this code; at the token endpoint, for this one.
    #[must_use]
    pub const fn code(mut self, code: &'a str) -> Self {
        self.code = Some(code);
        self
    }

    /// In answer to a request with this `state`, for servers that hash it (`s_hash`).
    #[must_use]
    pub const fn state(mut self, state: &'a str) -> Self {
        self.state = Some(state);
        self
    }

    /// After this one, which came through the browser
    /// ([OpenID Connect Core §3.3.3.6](https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken2)): both are about one user.
    #[must_use]
    pub const fn after(mut self, first: &'a IdToken) -> Self {
        self.first = Some(first);
        self
    }
}

impl fmt::Debug for IssuedWith<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedWith")
            .field("front_channel", &self.front_channel)
            .finish_non_exhaustive()
    }
}
