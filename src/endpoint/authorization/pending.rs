//! [`PendingAuthorization`]: what is kept between the redirect and the callback.
//!
//! Plain, versioned data. It holds secrets and is not sealed: whoever stores it outside the user's own
//! session, in a cookie say, must encrypt and authenticate it.

use crate::value::{ClientId, Entropy, Issuer, Owner, RedirectUri, Secret};
use crate::wire::base64url;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::asked::Asked;
use crate::pkce::CodeVerifier;
use crate::stored::{self, Reader, StoredError, Writer};
use crate::value::secret::same;

/// `state`, `nonce` and the verifier, one after the other in one allocation.
#[derive(Clone)]
pub(super) struct Secrets {
    joined: Secret,
    state_len: usize,
    nonce_len: usize,
}

/// One of the three: the caller's, or drawn. An empty one is not wanted.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Given(&'a str),
    Drawn,
}

impl Part<'_> {
    const fn len(self) -> usize {
        match self {
            Self::Given(text) => text.len(),
            Self::Drawn => base64url::LEN_32,
        }
    }
}

impl Secrets {
    /// `state`, `nonce` and the verifier, in this order.
    pub(super) fn join(parts: [Part<'_>; 3], entropy: &mut Entropy) -> Self {
        let [state_len, nonce_len, verifier_len] = parts.map(Part::len);
        let len = state_len.saturating_add(nonce_len).saturating_add(verifier_len);
        let mut joined = Vec::with_capacity(len);
        let wanted = parts.iter().filter(|part| matches!(part, Part::Drawn)).count();
        let drawn = entropy.next_few(wanted, "authorization");
        let mut drawn = drawn.iter();
        for part in parts {
            match part {
                Part::Given(text) => joined.extend_from_slice(text.as_bytes()),
                Part::Drawn => base64url::push(&mut joined, drawn.next().unwrap_or(&[0; 32])),
            }
        }
        // What was given is text, and what was drawn is ASCII.
        let joined = Secret::new(String::from_utf8(joined).unwrap_or_default());
        Self { joined, state_len, nonce_len }
    }

    fn of(state: &str, nonce: &str, verifier: &str) -> Self {
        let joined = Secret::new([state, nonce, verifier].concat());
        Self { joined, state_len: state.len(), nonce_len: nonce.len() }
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
    pub(super) owner: Owner,
    pub(super) iss_required: bool,
    pub(super) code_only: bool,
    pub(super) asked: Asked,
}

const NAME: &str = "grantwire_pending";
const VERSION: u64 = 2;
const MEMBERS: &[&str; 14] = &[
    NAME,
    "state",
    "nonce",
    "code_verifier",
    "redirect_uri",
    "client_id",
    "issuer",
    "token_endpoint",
    "iss_required",
    "code_only",
    "signed_response",
    "max_age",
    "auth_time",
    "acr",
];

impl PendingAuthorization {
    /// The `nonce` that was sent, for whoever verifies the ID token.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        Some(self.secrets.nonce()).filter(|nonce| !nonce.is_empty())
    }

    /// The client that asked.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.owner.client_id
    }

    /// The server that was asked, if its issuer identifier is configured.
    #[must_use]
    pub const fn issuer(&self) -> Option<&Issuer> {
        self.owner.issuer.as_ref()
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
        let (state, nonce, verifier) = self.secrets.split();
        let mut out = Writer::new(NAME, VERSION);
        out.owner(&self.owner);
        out.text("state", state);
        out.text("nonce", nonce);
        out.text("code_verifier", verifier);
        out.text("redirect_uri", self.redirect_uri.as_ref().map(RedirectUri::as_str));
        out.flag("iss_required", self.iss_required);
        out.flag("code_only", self.code_only);
        self.asked.write(&mut out);
        out.finish()
    }

    /// Reads what [`PendingAuthorization::to_bytes`] wrote. Nothing shows that nobody changed it in
    /// between; that is for whoever stored it to make sure of.
    ///
    /// # Errors
    ///
    /// [`StoredError`], without any of the content.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        let reader = Reader::open(bytes, NAME, VERSION, MEMBERS)?;
        let required = |name| reader.text(name)?.ok_or(StoredError::Malformed);
        let flag = |name| reader.flag(name)?.ok_or(StoredError::Malformed);
        let (state, nonce, verifier) =
            (required("state")?, required("nonce")?, required("code_verifier")?);
        let pending = Self {
            secrets: Secrets::of(&state, &nonce, &verifier),
            redirect_uri: reader.text("redirect_uri")?.map(|uri| RedirectUri::from(uri.as_str())),
            owner: reader.owner()?,
            iss_required: flag("iss_required")?,
            code_only: flag("code_only")?,
            asked: Asked::read(&reader)?,
        };
        let uri_fine = pending.redirect_uri.as_ref().is_none_or(|uri| uri.check().is_ok());
        let issuer_fine = pending.issuer().is_none_or(|issuer| issuer.check().is_ok());
        let verifier_fine =
            verifier.is_empty() || CodeVerifier::from_text(verifier.as_str()).is_ok();
        if state.is_empty()
            || !uri_fine
            || !issuer_fine
            || !verifier_fine
            || pending.client_id().check().is_err()
        {
            return Err(StoredError::Inconsistent);
        }
        Ok(pending)
    }
}

/// As the text of [`PendingAuthorization::to_bytes`].
impl Serialize for PendingAuthorization {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        stored::serialize(&self.to_bytes(), serializer)
    }
}

/// An error never quotes what was stored.
impl<'de> Deserialize<'de> for PendingAuthorization {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored::deserialize(deserializer, Self::from_bytes)
    }
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingAuthorization")
            .field("client_id", self.client_id())
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}
