//! Extension grants ([RFC 6749 §4.5](https://www.rfc-editor.org/rfc/rfc6749#section-4.5)): any grant that has no type of its own here.

use std::borrow::Cow;
use std::fmt;

use super::{Grant, Value};
use crate::value::{CredentialUse, Secret};

/// A grant of the caller's: its type and its parameters, in order.
///
/// ```
/// use grantwire::grant::Extension;
///
/// let grant = Extension::new("urn:example:params:grant-type:badge")
///     .secret("badge", "04:a3:1f")
///     .parameter("door", "north");
/// ```
pub struct Extension {
    grant_type: Cow<'static, str>,
    params: Vec<(Cow<'static, str>, Value)>,
    credential: CredentialUse,
}

impl Extension {
    /// A grant of this type, normally an absolute URI. What it presents is taken to be spent by
    /// presenting it; see [`Extension::reusable`].
    pub fn new(grant_type: impl Into<Cow<'static, str>>) -> Self {
        Self { grant_type: grant_type.into(), params: Vec::new(), credential: CredentialUse::Once }
    }

    /// Says that what is presented can be presented again.
    #[must_use]
    pub fn reusable(mut self) -> Self {
        self.credential = CredentialUse::Repeated;
        self
    }

    /// Adds a parameter; an empty value is left out. Those of client authentication are refused when
    /// the request is built.
    #[must_use]
    pub fn parameter(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.params.push((name.into(), Value::Plain(value.into())));
        self
    }

    /// Adds a secret parameter, which must not be empty.
    #[must_use]
    pub fn secret(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Secret>) -> Self {
        self.params.push((name.into(), Value::Required(value.into())));
        self
    }
}

impl From<Extension> for Grant {
    fn from(grant: Extension) -> Self {
        let Extension { grant_type, params, credential } = grant;
        Self { more: params, ..Self::new(grant_type, credential) }
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extension({} parameters)", self.params.len())
    }
}
