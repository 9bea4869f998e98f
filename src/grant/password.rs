//! The password grant ([RFC 6749 §4.3.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.3.2)), which must not be used any more
//! ([RFC 9700 §2.4](https://www.rfc-editor.org/rfc/rfc9700#section-2.4)).

use std::fmt;

use super::{Grant, Value};
use crate::value::{CredentialUse, Secret};

/// `grant_type=password`: the user's own password, in the client's hands.
///
/// It teaches users to type passwords into anything, knows no second factor, and was dropped from
/// OAuth. It is here for servers that have nothing else, under `danger`.
pub struct Password {
    username: Secret,
    password: Secret,
}

impl Password {
    /// Presents a user name and a password.
    pub fn new(username: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        Self { username: username.into(), password: password.into() }
    }
}

impl From<Password> for Grant {
    fn from(grant: Password) -> Self {
        Self::new("password", CredentialUse::Repeated)
            .with("username", Value::Required(grant.username))
            .with("password", Value::Required(grant.password))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}
