//! [`SignatureSlots`]: the one place where a signature of a request is made here, or asked for.
//!
//! Whoever needs one names the slot it belongs into. If the key is in this process the JWS comes back at
//! once and goes into its place; else the slot is kept until [`Draft::sign`](super::Draft::sign) fills it.
//! What is signed, and why, is not known here.

use super::error::BuildError;
use super::params::Params;
use crate::jose::{Jwt, Signer, Unsigned};
use crate::value::Secret;

/// The value of `client_assertion_type` for JWTs.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Where in a request a signature goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// `client_assertion`, at the end of the body.
    Assertion,
    /// A header that holds the JWT and nothing else.
    Header(&'static str),
    /// A parameter that begins at this offset of the body.
    Parameter(&'static str, usize),
}

/// A signature that is missing, and where it goes.
pub(crate) struct SignatureSlot {
    pub(crate) input: Unsigned,
    pub(crate) slot: Slot,
}

/// The signatures that a request is still missing, in the order in which they are asked for.
#[derive(Default)]
pub(crate) struct SignatureSlots(Vec<SignatureSlot>);

impl SignatureSlots {
    /// The JWS, if the key is here; else `None`, and the slot waits for a signature made elsewhere.
    ///
    /// A second signature for one place is refused, since only one of the two would be sent.
    pub(crate) fn sign(
        &mut self,
        input: Unsigned,
        signer: &Signer,
        slot: Slot,
    ) -> Result<Option<Secret>, BuildError> {
        if self.0.iter().any(|known| known.slot.is_same_place(slot)) {
            return Err(slot.taken());
        }
        let jws = signer.jws(&input)?;
        if jws.is_none() {
            self.0.push(SignatureSlot { input, slot });
        }
        Ok(jws)
    }

    /// Puts a JWT among the parameters, after those that are there already.
    pub(crate) fn sign_parameter(
        &mut self,
        name: &'static str,
        jwt: &Jwt,
        signer: &Signer,
        params: &mut Params<'_>,
    ) -> Result<(), BuildError> {
        let slot = Slot::Parameter(name, params.form_len());
        match self.sign(jwt.unsigned(signer)?, signer, slot)? {
            Some(jws) => params.managed(name, jws.expose().to_owned()),
            None => Ok(()),
        }
    }

    /// What is to be signed next.
    pub(crate) fn first(&self) -> Option<&SignatureSlot> {
        self.0.first()
    }

    /// The first slot has been filled.
    pub(crate) fn filled(&mut self) {
        if !self.0.is_empty() {
            self.0.remove(0);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Slot {
    fn is_same_place(self, other: Self) -> bool {
        match (self, other) {
            (Self::Parameter(name, _), Self::Parameter(other, _)) => name == other,
            (one, other) => one == other,
        }
    }

    /// Why a place cannot be taken twice.
    fn taken(self) -> BuildError {
        match self {
            Self::Assertion => BuildError::TwoAuthenticationMethods,
            Self::Header(header) => BuildError::HeaderManaged { header },
            Self::Parameter(name, _) => BuildError::ParameterRepeated { parameter: name.into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Algorithm;

    #[test]
    fn one_place_is_signed_for_once() {
        let signer = Signer::remote(Algorithm::Es256);
        let input = || Jwt::new().claim("sub", "c").unsigned(&signer).unwrap();
        let mut slots = SignatureSlots::default();
        for slot in [Slot::Assertion, Slot::Header("dpop"), Slot::Parameter("request", 3)] {
            assert_eq!(slots.sign(input(), &signer, slot), Ok(None));
            assert_eq!(slots.sign(input(), &signer, slot), Err(slot.taken()), "{slot:?}");
        }
        let elsewhere = Slot::Parameter("request", 9);
        assert!(slots.sign(input(), &signer, elsewhere).is_err());
        assert_eq!(slots.first().map(|slot| slot.slot), Some(Slot::Assertion));
    }
}
