//! The CIBA grant ([OpenID Connect CIBA §10.1](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#token_request)).

use super::{Grant, Value};
use crate::value::{CredentialUse, Secret};

/// `grant_type=urn:openid:params:grant-type:ciba`: asks whether the user has decided.
///
/// The same identifier is presented at every poll, so asking again does no harm.
#[derive(Debug)]
pub struct Ciba {
    auth_req_id: Secret,
}

impl Ciba {
    /// Presents the identifier of a backchannel authentication.
    pub fn new(auth_req_id: impl Into<Secret>) -> Self {
        Self { auth_req_id: auth_req_id.into() }
    }
}

impl From<Ciba> for Grant {
    fn from(grant: Ciba) -> Self {
        let made = Self::new("urn:openid:params:grant-type:ciba", CredentialUse::Repeated)
            .with("auth_req_id", Value::Required(grant.auth_req_id));
        Self { paced: true, ..made }
    }
}
