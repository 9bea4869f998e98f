//! The `saml2-bearer` grant ([RFC 7522 §2.1](https://www.rfc-editor.org/rfc/rfc7522#section-2.1)): a SAML assertion, made elsewhere and given.

use std::fmt;

use super::{Grant, Value};
use crate::value::{CredentialUse, Secret};

/// `grant_type=urn:ietf:params:oauth:grant-type:saml2-bearer`: a SAML 2.0 assertion.
pub struct Saml2Bearer {
    assertion: Secret,
}

impl Saml2Bearer {
    /// Presents this assertion, given as the XML document; it is sent in base64url.
    #[must_use]
    pub fn new(xml: &str) -> Self {
        Self { assertion: Secret::base64url(xml.as_bytes()) }
    }

    /// Presents an assertion that is in base64url already.
    pub fn encoded(assertion: impl Into<Secret>) -> Self {
        Self { assertion: assertion.into() }
    }
}

impl From<Saml2Bearer> for Grant {
    fn from(grant: Saml2Bearer) -> Self {
        Self::new("urn:ietf:params:oauth:grant-type:saml2-bearer", CredentialUse::Once)
            .with("assertion", Value::Required(grant.assertion))
    }
}

impl fmt::Debug for Saml2Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Saml2Bearer(..)")
    }
}
