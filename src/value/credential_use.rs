//! [`CredentialUse`]: whether presenting a credential may spend it.

/// What becomes of a credential when it has been presented once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)] // it is spent or it is not
pub enum CredentialUse {
    /// Presenting it may spend it: an authorization code, a refresh token that may rotate. A lost
    /// answer then leaves its state unknown.
    Once,
    /// It can be presented again: a client secret, a refresh token known not to rotate.
    Repeated,
}
