//! Demonstrating Proof of Possession ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): the key, its proofs, and the nonces.
//!
//! A proof is made for one request and used once; when a nonce is asked for and who repeats the
//! request is decided in `flow`. Nothing here verifies a proof.

pub(crate) mod key;
mod nonces;

pub(crate) use key::Binding;
pub use key::DpopKey;
pub use nonces::Nonces;

/// A DPoP key and the nonces that servers have given for it. Taken from one flow to the next.
#[derive(Debug, Clone)]
pub struct Dpop {
    pub(crate) key: DpopKey,
    pub(crate) nonces: Nonces,
}

impl Dpop {
    /// With this key and no nonce yet.
    pub fn new(key: impl Into<DpopKey>) -> Self {
        Self { key: key.into(), nonces: Nonces::new() }
    }

    /// With nonces from an earlier flow.
    #[must_use]
    pub fn with_nonces(mut self, nonces: Nonces) -> Self {
        self.nonces = nonces;
        self
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &DpopKey {
        &self.key
    }

    /// The nonces known now.
    #[must_use]
    pub const fn nonces(&self) -> &Nonces {
        &self.nonces
    }
}
