//! What an authorization response knows of the ID token that comes with it, or that its code is redeemed for.
//!
//! The check is in `claims`.

use super::response::AuthorizationResponse;
use crate::claims::{ClaimFault, ClaimsError, ExpectedIdToken, IssuedWith, TokenKind, TokenRules};

impl AuthorizationResponse {
    /// What the ID token of this sign-in has to say: the `nonce` that was sent, and how the user was to
    /// authenticate. It takes the `nonce` with it, so whoever asks again gets one that takes none.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] when the rules are those of another server or client.
    pub fn expected_id_token(
        &mut self,
        rules: &TokenRules,
    ) -> Result<ExpectedIdToken, ClaimsError> {
        let other = |fault| Err(ClaimsError::new(TokenKind::IdToken, fault));
        if self.owner.issuer.as_ref().is_some_and(|issuer| issuer != rules.issuer()) {
            return other(ClaimFault::Issuer);
        }
        if self.owner.client_id != *rules.client_id() {
            return other(ClaimFault::Audience);
        }
        let expected = self.asked.of_id_token(ExpectedIdToken::new(rules));
        Ok(match self.nonce.take() {
            Some(nonce) => expected.nonce(nonce),
            None => expected,
        })
    }

    /// What came with the ID token of this response, whose hashes it must have
    /// ([OpenID Connect Core §3.3.2.11](https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken)).
    #[must_use]
    pub fn issued_with(&self) -> IssuedWith<'_> {
        let mut with = IssuedWith::authorization_endpoint();
        if let Some(token) = self.parameter("access_token").filter(|token| !token.is_empty()) {
            with = with.access_token(token);
        }
        if let Some(code) = &self.code {
            with = with.code(code.expose());
        }
        match self.parameter("state") {
            Some(state) => with.state(state),
            None => with,
        }
    }
}
