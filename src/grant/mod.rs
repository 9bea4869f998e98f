//! [`Grant`]: what is asked with. One file a grant.
//!
//! A grant is a `grant_type` and parameters. Where it is sent, who sends it and what comes back are
//! none of its business; scope, resources and extras belong to the request.

mod authorization_code;
mod ciba;
mod client_credentials;
mod device_code;
mod extension;
mod jwt_bearer;
mod password;
mod refresh_token;
mod saml2_bearer;
pub(crate) mod signed_assertion;
mod token_exchange;
mod token_type;

use crate::request::{BuildError, SignatureSlots};
use std::borrow::Cow;
use std::fmt;

pub use authorization_code::{AuthorizationCode, CheckedCode};
pub use ciba::Ciba;
pub use client_credentials::ClientCredentials;
pub use device_code::DeviceCode;
pub use extension::Extension;
pub use jwt_bearer::{JwtAssertion, JwtBearer};
pub use refresh_token::RefreshToken;
pub use saml2_bearer::Saml2Bearer;
pub(crate) use signed_assertion::AssertionContext;
use signed_assertion::SignedAssertion;
pub use token_exchange::TokenExchange;
pub use token_type::TokenTypeIdentifier;

use crate::request::params::{Params, is_credential};
use crate::value::{ClientId, CredentialUse, Entropy, Issuer, Owner, RedirectUri, Secret};

/// Grants that must not be used any more, for servers that have nothing else.
pub mod danger {
    pub use super::password::Password;
}

/// A grant of any kind, ready to be sent ([RFC 6749 §1.3](https://www.rfc-editor.org/rfc/rfc6749#section-1.3)).
///
/// Made from the grant types in this module; it holds credentials and is not `Clone`.
pub struct Grant {
    grant_type: Cow<'static, str>,
    /// The first few stand here, so that an ordinary grant takes no allocation.
    inline: [Option<Parameter>; INLINE],
    more: Vec<Parameter>,
    credential: CredentialUse,
    /// Whether asking again at once is asking too often.
    paced: bool,
    /// What a token exchange asks for.
    exchanged_for: Option<TokenTypeIdentifier>,
    /// Whose it is, where that is known.
    owner: Option<Owner>,
}

type Parameter = (Cow<'static, str>, Value);

/// As many as the authorization code grant has at most.
const INLINE: usize = 3;

/// One parameter of a grant, with what is checked before it is sent.
enum Value {
    /// An assertion that is made for each request.
    SignedAssertion(Box<SignedAssertion>),
    /// A credential: it must be there.
    Required(Secret),
    /// The client's own redirect URI.
    Redirect(RedirectUri),
    /// Anything else; left out when empty.
    Plain(Cow<'static, str>),
}

impl Grant {
    fn new(grant_type: impl Into<Cow<'static, str>>, credential: CredentialUse) -> Self {
        Self {
            grant_type: grant_type.into(),
            inline: [const { None }; INLINE],
            more: Vec::new(),
            credential,
            paced: false,
            exchanged_for: None,
            owner: None,
        }
    }

    fn with(mut self, name: impl Into<Cow<'static, str>>, value: Value) -> Self {
        let parameter = (name.into(), value);
        match self.inline.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some(parameter),
            None => self.more.push(parameter),
        }
        self
    }

    fn params(&self) -> impl Iterator<Item = &Parameter> {
        self.inline.iter().flatten().chain(&self.more)
    }

    /// The `grant_type`.
    #[must_use]
    pub fn grant_type(&self) -> &str {
        &self.grant_type
    }

    /// What becomes of the credential when it is presented.
    #[must_use]
    pub const fn credential_use(&self) -> CredentialUse {
        self.credential
    }

    pub(crate) const fn is_paced(&self) -> bool {
        self.paced
    }

    /// Refuses to hand a credential to a client or server that it does not belong to.
    pub(crate) fn check_owner(
        &self,
        client_id: &ClientId,
        issuer: Option<&Issuer>,
    ) -> Result<(), BuildError> {
        let foreign = self.owner.as_ref().is_some_and(|owner| !owner.is(client_id, issuer));
        if foreign { Err(BuildError::OtherOwner) } else { Ok(()) }
    }

    /// What a token exchange asks for; `None` for every other grant.
    pub(crate) const fn exchanged_for(&self) -> Option<&TokenTypeIdentifier> {
        self.exchanged_for.as_ref()
    }

    /// Whether something in the request is made for it alone.
    pub(crate) fn has_signed_assertion(&self) -> bool {
        self.params().any(|(_, value)| matches!(value, Value::SignedAssertion(_)))
    }

    /// Writes the parameters, but for an assertion whose key is elsewhere.
    pub(crate) fn write<'a>(
        &'a self,
        context: AssertionContext<'_>,
        entropy: &mut Entropy,
        params: &mut Params<'a>,
        slots: &mut SignatureSlots,
    ) -> Result<(), BuildError> {
        if self.grant_type.is_empty() {
            return Err(BuildError::Empty { parameter: "grant_type".into() });
        }
        params.managed("grant_type", self.grant_type.as_ref())?;
        for (name, value) in self.params() {
            if is_credential(name) {
                return Err(BuildError::ParameterManaged { parameter: name.clone() });
            }
            let value = match value {
                Value::SignedAssertion(assertion) => {
                    assertion.write(context, entropy, params, slots)?;
                    continue;
                }
                Value::Required(secret) if secret.is_empty() => {
                    return Err(BuildError::Empty { parameter: name.clone() });
                }
                Value::Required(secret) => secret.expose(),
                Value::Redirect(uri) => uri
                    .check()
                    .map_err(|error| BuildError::Endpoint { endpoint: "redirect_uri", error })?,
                Value::Plain(text) => text,
            };
            params.managed(name.as_ref(), value)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({} parameters)", self.params().count())
    }
}
