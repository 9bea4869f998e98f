//! [`BuildError`]: why a request was not built.
//!
//! Everything here is the calling program's to mend, and nothing has been sent. Names of parameters
//! are shown, values never.

use std::borrow::Cow;
use std::fmt;

use crate::jose::JwtError;
use crate::server::AddressError;
use crate::value::{EndpointError, TextError};

/// Why a request was not built. Nothing has been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// A value holds a character outside its grammar, such as a control character.
    Character {
        /// The parameter or header it was meant for.
        parameter: Cow<'static, str>,
    },
    /// A value that must be there is empty.
    Empty {
        /// The parameter it was meant for.
        parameter: Cow<'static, str>,
    },
    /// The server has no such endpoint configured.
    EndpointMissing {
        /// Its name in server metadata, such as `token_endpoint`.
        endpoint: &'static str,
    },
    /// An address cannot be used.
    Endpoint {
        /// Its name in server or client metadata, or `redirect_uri`.
        endpoint: &'static str,
        /// What is wrong with it.
        error: EndpointError,
    },
    /// A header that this crate writes itself was set as an extra.
    HeaderManaged {
        /// The header's name.
        header: &'static str,
    },
    /// A header's name or value cannot be sent.
    HeaderMalformed {
        /// The header's name as given.
        header: Cow<'static, str>,
    },
    /// A value is outside the limits of the system it is meant for.
    Invalid {
        /// The member or parameter.
        parameter: Cow<'static, str>,
        /// What holds for it.
        rule: &'static str,
    },
    /// An assertion's audience is the issuer, and the server has none configured.
    IssuerMissing,
    /// The client's attestation is proved by a DPoP proof, and the request carries none: bind the flow to
    /// the attested key.
    NeedsProof,
    /// The key is not in this process: take the draft and sign it in two phases.
    NeedsSignature,
    /// The code was given to another client, or by another server: sending it here would hand it to
    /// the wrong party ([RFC 9700 §2.1](https://www.rfc-editor.org/rfc/rfc9700#section-2.1)).
    OtherOwner,
    /// An extra parameter has the name of one that this crate writes itself.
    ParameterManaged {
        /// The parameter's name.
        parameter: Cow<'static, str>,
    },
    /// A parameter occurs twice; only `resource` and `audience` may.
    ParameterRepeated {
        /// The parameter's name.
        parameter: Cow<'static, str>,
    },
    /// A scope token is outside its grammar, or two spaces stand in a row.
    Scope,
    /// The key that is here could not sign.
    Signing,
    /// The token is of a type that cannot be presented this way.
    TokenType,
    /// Two client authentication methods met in one request ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)).
    TwoAuthenticationMethods,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { parameter } => {
                write!(f, "`{}` holds a character outside its grammar", shown(parameter))
            }
            Self::Empty { parameter } => write!(f, "`{}` is empty", shown(parameter)),
            Self::EndpointMissing { endpoint } => {
                write!(f, "the server has no `{endpoint}` configured")
            }
            Self::Endpoint { endpoint, error } => write!(f, "`{endpoint}` cannot be used: {error}"),
            Self::HeaderManaged { header } => {
                write!(f, "the header `{header}` is written by this crate and cannot be set as an extra")
            }
            Self::HeaderMalformed { header } => {
                write!(f, "the header `{}` has a name or value that cannot be sent", shown(header))
            }
            Self::Invalid { parameter, rule } => write!(f, "`{}`: {rule}", shown(parameter)),
            Self::IssuerMissing => f.write_str(
                "the assertion's audience is unknown: set the server's issuer, or choose another audience by name",
            ),
            Self::NeedsProof => f.write_str(
                "the client's attestation needs a dpop proof: bind the flow to the attested key",
            ),
            Self::NeedsSignature => f.write_str(
                "the signing key is elsewhere: use the draft, sign its input, and finish it",
            ),
            Self::OtherOwner => {
                f.write_str("the code belongs to another client or another server, and was not sent")
            }
            Self::ParameterManaged { parameter } => write!(
                f,
                "the parameter `{}` is written by this crate and cannot be set as an extra",
                shown(parameter)
            ),
            Self::ParameterRepeated { parameter } => {
                write!(f, "the parameter `{}` occurs twice", shown(parameter))
            }
            Self::Scope => f.write_str("the scope holds a token outside its grammar"),
            Self::Signing => f.write_str("the local key could not sign"),
            Self::TokenType => f.write_str("the token is of a type that cannot be presented this way"),
            Self::TwoAuthenticationMethods => {
                f.write_str("two client authentication methods met in one request")
            }
        }
    }
}

impl std::error::Error for BuildError {}

impl From<TextError> for BuildError {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Character("scope") => Self::Scope,
            TextError::Character(name) => Self::Character { parameter: name.into() },
            TextError::Empty(name) => Self::Empty { parameter: name.into() },
            TextError::Rule(name, rule) => Self::Invalid { parameter: name.into(), rule },
        }
    }
}

impl From<JwtError> for BuildError {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::MemberManaged(parameter) => Self::ParameterManaged { parameter },
            JwtError::MemberRepeated(parameter) => Self::ParameterRepeated { parameter },
            JwtError::Signing => Self::Signing,
            JwtError::Unwritable => {
                Self::Invalid { parameter: "claims".into(), rule: "cannot be written as JSON" }
            }
        }
    }
}

impl From<AddressError> for BuildError {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Missing { endpoint } => Self::EndpointMissing { endpoint },
            AddressError::Unusable { endpoint, error } => Self::Endpoint { endpoint, error },
        }
    }
}

/// A caller's name may itself hold anything; show a short, printable form.
fn shown(name: &str) -> String {
    name.chars().take(64).map(|c| if c.is_control() { '?' } else { c }).collect()
}
