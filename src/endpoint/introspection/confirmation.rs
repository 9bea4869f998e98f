//! [`Confirmation`]: the key that a token is bound to, as introspection tells it.
//!
//! Comparing it with the certificate or the proof of a request is the resource's.

use std::fmt;

use crate::reply::Deviation;
use crate::wire::json::{self, Member, Members};

/// `cnf`: the token is good only with this key
/// ([RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1)).
///
/// It is there whenever the member is and is not `null`, even if nothing in it could be read: a token with a binding that
/// you cannot check is to be refused, and not to be taken for an unbound one.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmation {
    certificate: Option<String>,
    key: Option<String>,
}

impl Confirmation {
    pub(super) fn read(member: Member<'_>, deviations: &mut Vec<Deviation>) -> Self {
        let members = json::object(member.raw(), &["x5t#S256", "jkt"]).ok();
        let (certificate, key) = match &members {
            Some(members) => (text(members, "x5t#S256"), text(members, "jkt")),
            None => (Err(()), Err(())),
        };
        if certificate.is_err() || key.is_err() {
            deviations.push(Deviation::MalformedMember("cnf"));
        }
        Self { certificate: certificate.unwrap_or_default(), key: key.unwrap_or_default() }
    }

    /// `x5t#S256`: the SHA-256 thumbprint of the client's certificate, in base64url
    /// ([RFC 8705 §3.2](https://www.rfc-editor.org/rfc/rfc8705#section-3.2)).
    #[must_use]
    pub fn x5t_s256(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// `jkt`: the SHA-256 thumbprint of the DPoP key, in base64url
    /// ([RFC 9449 §6.2](https://www.rfc-editor.org/rfc/rfc9449#section-6.2)).
    #[must_use]
    pub fn jkt(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

fn text(members: &Members<'_, 2>, name: &str) -> Result<Option<String>, ()> {
    let Some(member) = members.get(name) else { return Ok(None) };
    member.string().map(|text| Some(text.into_owned())).ok_or(())
}

/// A thumbprint follows its owner around, so only the methods are shown.
impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation")
            .field("x5t#S256", &self.certificate.is_some())
            .field("jkt", &self.key.is_some())
            .finish()
    }
}
