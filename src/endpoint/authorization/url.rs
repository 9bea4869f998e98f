//! [`AuthorizationUrl`]: an address for the user's browser, with parameters in it.

use std::fmt;

use crate::request::BuildError;
use crate::request::params::Params;
use crate::wire::form::{self, Escape};

/// A URL that must not be printed by accident: it holds `state` and whatever the request carries.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationUrl(String);

impl AuthorizationUrl {
    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An endpoint with its own query kept, and these parameters after it.
    ///
    /// A parameter that stands in the endpoint's own query already is refused: no parameter may stand
    /// twice (RFC 6749 section 3.1).
    pub(crate) fn of(endpoint: &str, params: &Params<'_>) -> Result<Self, BuildError> {
        let own = endpoint.split_once('?').map_or("", |(_, query)| query);
        let mut own = form::pairs(own.as_bytes()).into_iter();
        match own.find(|(name, _)| params.has(name)) {
            Some((name, _)) => {
                Err(BuildError::ParameterRepeated { parameter: name.into_owned().into() })
            }
            None => Ok(Self(append_query(endpoint, params))),
        }
    }

    /// The URL, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl std::ops::Deref for AuthorizationUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthorizationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationUrl(..)")
    }
}

/// The endpoint with its own query kept byte for byte, and the parameters after it.
fn append_query(endpoint: &str, params: &Params<'_>) -> String {
    let len = params.encoded_len(Escape::Percent).saturating_add(endpoint.len());
    let mut url = Vec::with_capacity(len.saturating_add(1));
    url.extend_from_slice(endpoint.as_bytes());
    match endpoint.split_once('?') {
        None => url.push(b'?'),
        Some((_, query)) if !query.is_empty() && !query.ends_with('&') => url.push(b'&'),
        Some(_) => {}
    }
    params.encode_into(&mut url, Escape::Percent);
    // The endpoint is ASCII and so is everything escaped.
    String::from_utf8(url).unwrap_or_default()
}
