//! [`ExtraHeaders`]: headers a caller adds to every request, such as `x-api-key` or `user-agent`.
//!
//! Setting one never fails; a name or value that cannot be sent is reported when a request is built.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::error::BuildError;
use crate::value::Secret;

/// Headers that belong to this crate, and `Host` and `Content-Length`, which belong to the HTTP stack.
const MANAGED: &[&str] = &[
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "dpop",
    "host",
    "oauth-client-attestation",
    "oauth-client-attestation-pop",
    "transfer-encoding",
];

/// Headers a caller added.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExtraHeaders(Vec<Result<(HeaderName, HeaderValue), BuildError>>);

impl ExtraHeaders {
    pub(crate) fn plain(&mut self, name: &str, value: &str) {
        self.0.push(parse(name, value, false));
    }

    pub(crate) fn secret(&mut self, name: &str, value: &Secret) {
        self.0.push(parse(name, value.expose(), true));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds them to a request's headers.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) -> Result<(), BuildError> {
        for extra in &self.0 {
            let (name, value) = extra.as_ref().map_err(BuildError::clone)?;
            headers.append(name.clone(), value.clone());
        }
        Ok(())
    }
}

/// The name, if it is one of those that no extra may have.
pub(crate) fn managed(name: &HeaderName) -> Option<&'static str> {
    MANAGED.iter().copied().find(|managed| *managed == name.as_str())
}

/// A header value from text, marked sensitive when it is secret.
pub(crate) fn value(
    name: &'static str,
    text: &str,
    secret: bool,
) -> Result<HeaderValue, BuildError> {
    let malformed = || BuildError::HeaderMalformed { header: name.into() };
    if !text.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
        return Err(malformed());
    }
    let mut value = HeaderValue::from_str(text).map_err(|_| malformed())?;
    value.set_sensitive(secret);
    Ok(value)
}

/// Sets a header that no extra may set, marked sensitive.
pub(crate) fn put_own(
    headers: &mut HeaderMap,
    name: &'static str,
    text: &str,
) -> Result<(), BuildError> {
    headers.insert(HeaderName::from_static(name), value(name, text, true)?);
    Ok(())
}

/// A header value from bytes that are known to be visible ASCII, without a second copy.
pub(crate) fn value_from_vec(
    name: &'static str,
    bytes: Vec<u8>,
) -> Result<HeaderValue, BuildError> {
    let mut value = HeaderValue::try_from(bytes)
        .map_err(|_| BuildError::HeaderMalformed { header: name.into() })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The media type of forms.
pub(crate) const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// The media type of JSON.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `Accept: application/json`, which goes with every request.
pub(crate) fn accept_json(headers: &mut HeaderMap) {
    headers.insert(header::ACCEPT, JSON);
}

fn parse(name: &str, text: &str, secret: bool) -> Result<(HeaderName, HeaderValue), BuildError> {
    let malformed = || BuildError::HeaderMalformed { header: name.to_owned().into() };
    let key = HeaderName::try_from(name).map_err(|_| malformed())?;
    if let Some(header) = managed(&key) {
        return Err(BuildError::HeaderManaged { header });
    }
    let mut value = HeaderValue::from_str(text).map_err(|_| malformed())?;
    if !text.bytes().all(|byte| byte == b'\t' || matches!(byte, 0x20..=0x7E)) {
        return Err(malformed());
    }
    value.set_sensitive(secret);
    Ok((key, value))
}
