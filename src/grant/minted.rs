//! [`Minted`]: an assertion that is made anew for each request, on its way into the parameters.

use crate::jose::{AssertionClaims, Jwt, Signer, UnsignedParameter};
use crate::value::params::Params;
use crate::value::{AuthorizationServer, BuildError, Entropy, Timestamp};

/// For whom an assertion is made, and when.
#[derive(Clone, Copy)]
pub(crate) struct Audience<'a> {
    pub(crate) server: &'a AuthorizationServer,
    pub(crate) endpoint: &'a str,
    pub(crate) now: Timestamp,
}

/// Writes an assertion. A trait, so that a program that makes none has none of the code in it.
pub(super) trait Mint: Send + Sync {
    fn write(
        &self,
        to: Audience<'_>,
        entropy: &mut Entropy,
        params: &mut Params<'_>,
    ) -> Result<Option<UnsignedParameter>, BuildError>;
}

/// Who asserts, about whom, and with which key.
#[derive(Clone)]
pub(super) struct Minted {
    pub(super) issuer: String,
    pub(super) subject: Option<String>,
    pub(super) signer: Signer,
    pub(super) jti: bool,
    pub(super) claims: AssertionClaims,
}

impl Mint for Minted {
    fn write(
        &self,
        to: Audience<'_>,
        entropy: &mut Entropy,
        params: &mut Params<'_>,
    ) -> Result<Option<UnsignedParameter>, BuildError> {
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
        UnsignedParameter::write("assertion", &jwt, &self.signer, params)
    }
}
