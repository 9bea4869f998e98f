//! [`PendingAuthorization`]: what is kept between the redirect and the callback.
//!
//! Plain, versioned data. It holds secrets and is not sealed: whoever stores it outside the user's own
//! session, in a cookie say, must encrypt and authenticate it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::asked::Asked;
use crate::value::secret::same;
use crate::value::{ClientId, Issuer, RedirectUri, Secret};
use crate::wire::json;

/// `state`, `nonce` and the verifier, one after the other in one allocation.
#[derive(Clone)]
pub(super) struct Secrets {
    joined: Secret,
    state_len: usize,
    nonce_len: usize,
}

impl Secrets {
    pub(super) fn join(state: &str, nonce: &str, verifier: &str) -> Self {
        let len = state.len().saturating_add(nonce.len()).saturating_add(verifier.len());
        let mut joined = String::with_capacity(len);
        for part in [state, nonce, verifier] {
            joined.push_str(part);
        }
        Self { joined: Secret::new(joined), state_len: state.len(), nonce_len: nonce.len() }
    }

    fn split(&self) -> (&str, &str, &str) {
        let all = self.joined.expose();
        let (state, rest) = all.split_at_checked(self.state_len).unwrap_or((all, ""));
        let (nonce, verifier) = rest.split_at_checked(self.nonce_len).unwrap_or((rest, ""));
        (state, nonce, verifier)
    }

    pub(super) fn state(&self) -> &str {
        self.split().0
    }

    pub(super) fn nonce(&self) -> &str {
        self.split().1
    }

    pub(super) fn verifier(&self) -> &str {
        self.split().2
    }
}

/// An authorization that has been started and waits for its callback.
///
/// Checking a callback consumes it, so it answers once; a callback that is not for it gives it back.
/// It is not `Clone`.
///
/// A web server lets go of it between two requests: [`PendingAuthorization::to_bytes`] and
/// [`PendingAuthorization::from_bytes`], or its `serde` implementations. Both forms hold the verifier
/// in the clear.
pub struct PendingAuthorization {
    pub(super) secrets: Secrets,
    pub(super) redirect_uri: Option<RedirectUri>,
    pub(super) client_id: ClientId,
    pub(super) issuer: Option<Issuer>,
    pub(super) iss_required: bool,
    pub(super) code_only: bool,
    pub(super) asked: Asked,
}

/// Why stored bytes are no pending authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PendingError {
    /// Not what [`PendingAuthorization::to_bytes`] wrote: cut off, damaged, or something else.
    Malformed,
    /// Written by another version of this format.
    Version,
    /// A value in it contradicts another, or could never have been written.
    Inconsistent,
}

impl fmt::Display for PendingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the stored authorization is malformed; start again",
            Self::Version => "the stored authorization is of another version; start again",
            Self::Inconsistent => "the stored authorization is inconsistent; start again",
        })
    }
}

impl std::error::Error for PendingError {}

const VERSION: u64 = 1;
const MEMBERS: &[&str; 13] = &[
    "grantwire_pending",
    "state",
    "nonce",
    "code_verifier",
    "redirect_uri",
    "client_id",
    "issuer",
    "iss_required",
    "code_only",
    "signed_response",
    "max_age",
    "auth_time",
    "acr",
];
/// Far more than any real one takes, and little enough to refuse early.
const LIMIT: usize = 64 * 1024;

impl PendingAuthorization {
    /// The `nonce` that was sent, for whoever verifies the ID token.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        Some(self.secrets.nonce()).filter(|nonce| !nonce.is_empty())
    }

    /// The client that asked.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The server that was asked, if its issuer identifier is configured.
    #[must_use]
    pub const fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// Whether a `state` is this one's, in constant time.
    pub(super) fn has_state(&self, state: &str) -> bool {
        same(self.secrets.state(), state)
    }

    pub(super) fn verifier(&self) -> Option<Secret> {
        let verifier = self.secrets.verifier();
        (!verifier.is_empty()).then(|| Secret::new(verifier))
    }

    /// Everything, as bytes to store. **They hold secrets.**
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = String::from("{\"grantwire_pending\":1");
        let mut put = |name: &str, value: &str| {
            out.push_str(",\"");
            out.push_str(name);
            out.push_str("\":");
            json::push_string(&mut out, value);
        };
        let (state, nonce, verifier) = self.secrets.split();
        put("state", state);
        put("nonce", nonce);
        put("code_verifier", verifier);
        put("client_id", self.client_id.as_str());
        if let Some(uri) = &self.redirect_uri {
            put("redirect_uri", uri.as_str());
        }
        if let Some(issuer) = &self.issuer {
            put("issuer", issuer.as_str());
        }
        for (name, value) in [("iss_required", self.iss_required), ("code_only", self.code_only)] {
            out.push_str(",\"");
            out.push_str(name);
            out.push_str(if value { "\":true" } else { "\":false" });
        }
        self.asked.write(&mut out);
        out.push('}');
        Zeroizing::new(out.into_bytes())
    }

    /// Reads what [`PendingAuthorization::to_bytes`] wrote. Nothing shows that nobody changed it in
    /// between; that is for whoever stored it to make sure of.
    ///
    /// # Errors
    ///
    /// [`PendingError`], without any of the content.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PendingError> {
        if bytes.len() > LIMIT {
            return Err(PendingError::Malformed);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| PendingError::Malformed)?;
        let members = json::object(text, MEMBERS).map_err(|_| PendingError::Malformed)?;
        match members.get("grantwire_pending").and_then(|version| version.read::<u64>()) {
            Some(VERSION) => {}
            Some(_) => return Err(PendingError::Version),
            None => return Err(PendingError::Malformed),
        }
        let optional = |name| match members.get(name) {
            None => Ok(None),
            Some(member) => member.string().map(Some).ok_or(PendingError::Malformed),
        };
        let required = |name| optional(name)?.ok_or(PendingError::Malformed);
        let flag =
            |name| members.get(name).and_then(|flag| flag.read()).ok_or(PendingError::Malformed);
        let (state, nonce, verifier) =
            (required("state")?, required("nonce")?, required("code_verifier")?);
        let pending = Self {
            secrets: Secrets::join(&state, &nonce, &verifier),
            redirect_uri: optional("redirect_uri")?.map(|uri| RedirectUri::from(uri.into_owned())),
            client_id: ClientId::from(required("client_id")?.into_owned()),
            issuer: optional("issuer")?.map(|issuer| Issuer::from(issuer.into_owned())),
            iss_required: flag("iss_required")?,
            code_only: flag("code_only")?,
            asked: Asked::read(&members).ok_or(PendingError::Malformed)?,
        };
        let uri_fine = pending.redirect_uri.as_ref().is_none_or(|uri| uri.check().is_ok());
        let issuer_fine = pending.issuer.as_ref().is_none_or(|issuer| issuer.check().is_ok());
        let verifier_fine =
            verifier.is_empty() || crate::pkce::CodeVerifier::from_text(verifier.as_ref()).is_ok();
        if state.is_empty()
            || !uri_fine
            || !issuer_fine
            || !verifier_fine
            || pending.client_id.check().is_err()
        {
            return Err(PendingError::Inconsistent);
        }
        Ok(pending)
    }
}

/// As the text of [`PendingAuthorization::to_bytes`].
impl Serialize for PendingAuthorization {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.to_bytes();
        serializer.serialize_str(std::str::from_utf8(&bytes).unwrap_or_default())
    }
}

/// A format's own message for a value of another type quotes it, so none is passed on.
impl<'de> Deserialize<'de> for PendingAuthorization {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Result<PendingAuthorization, PendingError>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a stored authorization")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(PendingAuthorization::from_bytes(text.as_bytes()))
            }
        }
        let read = deserializer.deserialize_str(Text).unwrap_or(Err(PendingError::Malformed));
        read.map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingAuthorization")
            .field("client_id", &self.client_id)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
