//! [`Secret`]: text that must not be printed.
//!
//! It hides and wipes what it holds. It does not encrypt, and it cannot reach copies made elsewhere:
//! an `http::Request` that carries the secret is the caller's to keep out of logs.

use std::fmt;

use subtle::ConstantTimeEq as _;

use super::kept::{Kept, Piece};

/// A secret string: a client secret, a token, a code.
///
/// It has no `Display` and no `Deref`, its `Debug` is elided, `==` takes the same time wherever two
/// values of equal length differ, and its memory is wiped when it is dropped. The content is read by
/// [`Secret::expose`], a name one can search for.
///
/// ```
/// let secret = grantwire::Secret::new("7Fjfp0ZBr1KtDRbnfVdmIw");
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert_eq!(secret.expose(), "7Fjfp0ZBr1KtDRbnfVdmIw");
/// ```
#[derive(Clone)]
pub struct Secret(Piece);

impl Secret {
    /// Takes the text over; no copy is made of an owned `String`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Piece::Own(Kept::new(text.into())))
    }

    /// A piece of something that is kept.
    pub(crate) const fn piece(piece: Piece) -> Self {
        Self(piece)
    }

    /// Another one that shares the memory of this one, for what is dropped together with it.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.share())
    }

    /// Bytes, as base64url without padding.
    pub(crate) fn base64url(bytes: &[u8]) -> Self {
        Self::new(crate::wire::base64url::encode(bytes))
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        same(self.expose(), other.expose())
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Compares in a time that depends on the lengths alone.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
