//! The device code grant ([RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4)).

use super::{Grant, Value};
use crate::value::{CredentialUse, Secret};

/// `grant_type=urn:ietf:params:oauth:grant-type:device_code`: asks whether the user has decided.
///
/// The same code is presented at every poll, so asking again does no harm.
#[derive(Debug)]
pub struct DeviceCode {
    code: Secret,
}

impl DeviceCode {
    /// Presents this device code.
    pub fn new(code: impl Into<Secret>) -> Self {
        Self { code: code.into() }
    }
}

impl From<DeviceCode> for Grant {
    fn from(grant: DeviceCode) -> Self {
        let made =
            Self::new("urn:ietf:params:oauth:grant-type:device_code", CredentialUse::Repeated)
                .with("device_code", Value::Required(grant.code));
        Self { paced: true, ..made }
    }
}
