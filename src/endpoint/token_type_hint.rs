//! [`TokenTypeHint`]: where a server should look first for a token it is asked about.

use crate::request::BuildError;
use crate::request::params::Params;
use crate::value::Secret;
use std::borrow::Cow;

/// What kind of token it is, where the server should look first
/// ([RFC 7009 §2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.1)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenTypeHint {
    /// `access_token`.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
    /// A kind that the server's own documents, or another specification, name. It is sent as it is, and
    /// empty text as no hint.
    Other(Cow<'static, str>),
}

impl TokenTypeHint {
    fn name(&self) -> &str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::Other(name) => name,
        }
    }
}

/// A token, and where the server should look for it first.
pub(super) fn write_token<'a>(
    token: &'a Secret,
    hint: Option<&'a TokenTypeHint>,
    params: &mut Params<'a>,
) -> Result<(), BuildError> {
    if token.is_empty() {
        return Err(BuildError::Empty { parameter: "token".into() });
    }
    params.managed("token", token.expose())?;
    params.managed("token_type_hint", hint.map_or("", TokenTypeHint::name))
}
