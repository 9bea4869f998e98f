//! [`UnsignedParameter`]: a signature that is still missing, and where it goes.

use super::error::BuildError;
use super::params::Params;
use crate::jose::{Jwt, Signer, Unsigned};

/// A parameter whose value is still to be signed, and where in the encoded list it belongs.
pub(crate) struct UnsignedParameter {
    pub(crate) name: &'static str,
    pub(crate) at: usize,
    pub(crate) unsigned: Unsigned,
}

impl UnsignedParameter {
    /// Puts a JWT into the parameters, if its key is here; else says what is missing after those that
    /// are there already.
    pub(crate) fn write(
        name: &'static str,
        jwt: &Jwt,
        signer: &Signer,
        params: &mut Params<'_>,
    ) -> Result<Option<Self>, BuildError> {
        let unsigned = jwt.unsigned(signer)?;
        let Some(jws) = signer.jws(&unsigned)? else {
            return Ok(Some(Self { name, at: params.form_len(), unsigned }));
        };
        params.managed(name, jws.expose().to_owned())?;
        Ok(None)
    }
}
