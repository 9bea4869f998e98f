//! [`SignedAssertion`]: an assertion that is made anew for each request, on its way into the parameters.

use crate::jose::{Jwt, Signer};
use crate::request::params::Params;
use crate::request::{AssertionClaims, BuildError, SignatureSlots};
use crate::server::AuthorizationServer;
use crate::value::{Entropy, Timestamp};

/// For whom an assertion is made, and when.
#[derive(Clone, Copy)]
pub(crate) struct AssertionContext<'a> {
    pub(crate) server: &'a AuthorizationServer,
    pub(crate) endpoint: &'a str,
    pub(crate) now: Timestamp,
}

/// Who asserts, about whom, and with which key.
#[derive(Clone)]
pub(super) struct SignedAssertion {
    pub(super) issuer: String,
    pub(super) subject: Option<String>,
    pub(super) signer: Signer,
    pub(super) jti: bool,
    pub(super) claims: AssertionClaims,
}

impl SignedAssertion {
    pub(super) fn write(
        &self,
        to: AssertionContext<'_>,
        entropy: &mut Entropy,
        params: &mut Params<'_>,
        slots: &mut SignatureSlots,
    ) -> Result<(), BuildError> {
        if self.issuer.is_empty() {
            return Err(BuildError::Empty { parameter: "iss".into() });
        }
        let audience = self.claims.audience.of(to.server, to.endpoint)?;
        let mut jwt = Jwt::new().claim("iss", self.issuer.as_str());
        if let Some(subject) = &self.subject {
            jwt = jwt.claim("sub", subject.as_str());
        }
        jwt = jwt.claim("aud", audience);
        let jti = self.jti.then(|| entropy.next("assertion jti"));
        let jwt = self.claims.complete(jwt, jti, to.now)?;
        slots.sign_parameter("assertion", &jwt, &self.signer, params)
    }
}
