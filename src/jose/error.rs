//! [`JwtError`]: why a JWT was not made. What is wrong with a key or a signature is said beside those.

use std::borrow::Cow;
use std::fmt;

use crate::value::untrusted::printable;

/// Why a JWT was not made. No claim is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtError {
    /// An added header member is one that this crate writes itself.
    MemberManaged(Cow<'static, str>),
    /// A header member or a claim was added twice.
    MemberRepeated(Cow<'static, str>),
    /// The key that is in this process could not sign.
    Signing,
    /// A member or claim cannot be written as JSON.
    Unwritable,
}

impl fmt::Display for JwtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemberManaged(name) => {
                write!(f, "the header member `{}` is written by this crate", printable(name, 64))
            }
            Self::MemberRepeated(name) => {
                write!(f, "the member or claim `{}` was added twice", printable(name, 64))
            }
            Self::Signing => f.write_str("the local key could not sign"),
            Self::Unwritable => f.write_str("a member or claim cannot be written as JSON"),
        }
    }
}

impl std::error::Error for JwtError {}
