//! An access token in a request: [`AccessToken::present`]
//! ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)). What a resource answers is read by `resource`.

use super::error::BuildError;
use super::headers::value;
use crate::value::{AccessToken, TokenType};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

impl AccessToken {
    /// Puts the token into a request as `Authorization: Bearer`
    /// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)), marked sensitive. The scheme is always
    /// written this way, however the server wrote the type.
    ///
    /// # Errors
    ///
    /// [`BuildError::TokenType`] for a token that is not a bearer token;
    /// [`BuildError::HeaderMalformed`] for one that cannot stand in a header.
    pub fn present(&self, headers: &mut HeaderMap) -> Result<(), BuildError> {
        if *self.token_type() != TokenType::Bearer {
            return Err(BuildError::TokenType);
        }
        let token = self.checked("authorization")?;
        let mut text =
            zeroize::Zeroizing::new(String::with_capacity(token.len().saturating_add(7)));
        text.push_str("Bearer ");
        text.push_str(token);
        headers.insert(AUTHORIZATION, value("authorization", &text, true)?);
        Ok(())
    }

    /// Puts the token as it is into a header of the provider's own, marked sensitive.
    ///
    /// # Errors
    ///
    /// As [`AccessToken::present`].
    pub fn present_raw(
        &self,
        header: HeaderName,
        headers: &mut HeaderMap,
    ) -> Result<(), BuildError> {
        if *self.token_type() != TokenType::Bearer {
            return Err(BuildError::TokenType);
        }
        let value = value("access token header", self.checked("access token header")?, true)?;
        headers.insert(header, value);
        Ok(())
    }

    /// A token may come from a store, so it is looked at again.
    pub(crate) fn checked(&self, header: &'static str) -> Result<&str, BuildError> {
        let token = self.expose();
        if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(token)
        } else {
            Err(BuildError::HeaderMalformed { header: header.into() })
        }
    }
}
