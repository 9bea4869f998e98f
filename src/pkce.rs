//! Proof Key for Code Exchange ([RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)): the verifier and its challenge.
//!
//! When a verifier is made and sent is decided in `endpoint::authorization`; this file knows only
//! what one is.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::value::Secret;
use crate::wire::base64url;

/// A code verifier ([RFC 7636 §4.1](https://www.rfc-editor.org/rfc/rfc7636#section-4.1)).
///
/// It is used once and is not `Clone`.
///
/// ```
/// use grantwire::pkce::CodeVerifier;
///
/// let verifier = CodeVerifier::from_text("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")?;
/// assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// # Ok::<(), grantwire::pkce::VerifierError>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct CodeVerifier(Secret);

impl CodeVerifier {
    /// From 32 random bytes, in base64url: 43 characters.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(base64url::encode(&bytes)))
    }

    /// From text made elsewhere.
    ///
    /// # Errors
    ///
    /// [`VerifierError`] unless it is 43 to 128 characters of `A-Z`, `a-z`, `0-9`, `-`, `.`, `_`, `~`.
    pub fn from_text(text: impl Into<Secret>) -> Result<Self, VerifierError> {
        let text = text.into();
        match text.expose().len() {
            43..=128 => {}
            length => return Err(VerifierError::Length(length)),
        }
        let fine =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if text.expose().bytes().all(fine) { Ok(Self(text)) } else { Err(VerifierError::Character) }
    }

    /// The `S256` challenge ([RFC 7636 §4.2](https://www.rfc-editor.org/rfc/rfc7636#section-4.2)).
    #[must_use]
    pub fn challenge(&self) -> String {
        base64url::encode(&Sha256::digest(self.expose()))
    }

    /// The verifier itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn into_secret(self) -> Secret {
        self.0
    }
}

/// The `S256` challenge of a verifier's text, without an allocation.
pub(crate) fn s256(verifier: &str) -> [u8; base64url::LEN_32] {
    base64url::encode_32(&Sha256::digest(verifier).into())
}

/// Why a text is no code verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifierError {
    /// A character outside `A-Z`, `a-z`, `0-9`, `-`, `.`, `_`, `~`.
    Character,
    /// Not 43 to 128 characters long, but so many bytes.
    Length(usize),
}

impl fmt::Display for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character => {
                f.write_str("the code verifier holds a character outside its grammar")
            }
            Self::Length(length) => {
                write!(f, "the code verifier has {length} bytes where 43 to 128 are allowed")
            }
        }
    }
}

impl std::error::Error for VerifierError {}

/// Permissions one must type out.
pub mod danger {
    /// Sends an authorization request without PKCE. An injected code is then not noticed
    /// ([RFC 9700 §2.1.1](https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1)). For providers that refuse `code_verifier`.
    #[derive(Debug, Clone, Copy)]
    #[allow(clippy::exhaustive_structs)] // a permission is its name and nothing else
    pub struct NoPkce;

    /// Sends the verifier itself as the challenge. Whoever sees the URL can redeem the code.
    #[derive(Debug, Clone, Copy)]
    #[allow(clippy::exhaustive_structs)] // a permission is its name and nothing else
    pub struct PlainPkce;
}
