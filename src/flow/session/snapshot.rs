//! [`SecretSnapshot`]: what a session stores, and what several processes share.
//!
//! Plain, versioned data that **holds tokens**. It is not sealed: keep it where secrets are kept.

use crate::flow::Snapshot;
use std::fmt;

use zeroize::Zeroizing;

use crate::client::Client;
use crate::stored::{self, Reader, StoredError, Writer};
use crate::value::{AccessToken, Owner, Secret, Timestamp, TokenType};

/// A session at rest: tokens, generation, and any claim on the refresh token.
///
/// A store keeps one for each session and replaces it only by compare-and-swap on
/// [`SecretSnapshot::generation`]: it takes a snapshot whose generation is one more than the stored
/// one's, and answers any other with the stored one.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretSnapshot {
    pub(super) generation: u64,
    pub(super) owner: Owner,
    /// The login that all of it comes from, by a number that is drawn for each; none for a refresh
    /// token that was brought along.
    pub(super) login: Option<[u8; 16]>,
    pub(super) tokens: Option<Held>,
    pub(super) refresh_token: Option<Secret>,
    pub(super) claim: Option<Claim>,
    /// When a refresh was sent whose outcome is not known.
    pub(super) unknown_since: Option<Timestamp>,
    pub(super) dead: bool,
    /// The thumbprint of the DPoP key that the tokens are bound to.
    pub(super) key: Option<String>,
}

/// An access token and its life.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) token: AccessToken,
    pub(super) received: Timestamp,
    pub(super) expires: Option<Timestamp>,
}

/// Somebody is about to present the refresh token, or has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) owner: [u8; 16],
    pub(super) made: Timestamp,
    pub(super) until: Timestamp,
}

impl Snapshot for SecretSnapshot {}

const NAME: &str = "grantwire_session";
const VERSION: u64 = 2;
const MEMBERS: &[&str; 17] = &[
    NAME,
    "generation",
    "client_id",
    "issuer",
    "token_endpoint",
    "login",
    "access_token",
    "token_type",
    "received",
    "expires",
    "refresh_token",
    "claim_owner",
    "claim_made",
    "claim_until",
    "unknown_since",
    "dead",
    "dpop_jkt",
];

impl SecretSnapshot {
    pub(super) fn first(client: &Client) -> Self {
        Self {
            generation: 0,
            owner: client.owner(),
            login: None,
            tokens: None,
            refresh_token: None,
            claim: None,
            unknown_since: None,
            dead: false,
            key: None,
        }
    }

    /// Counts up by one with every change.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether it belongs to this client of this server.
    pub(super) fn check(&self, client: &Client) -> Result<(), StoredError> {
        stored::check_owner(&self.owner, &client.owner())
    }

    /// Everything, as bytes to store. **They hold tokens.**
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new(NAME, VERSION);
        out.owner(&self.owner);
        out.number("generation", self.generation);
        out.drawn("login", self.login.as_ref());
        if let Some(held) = &self.tokens {
            out.text("access_token", held.token.expose());
            out.text("token_type", held.token.token_type().as_str());
            out.moment("received", held.received);
            out.moment("expires", held.expires);
        }
        out.secret("refresh_token", self.refresh_token.as_ref());
        if let Some(claim) = &self.claim {
            out.drawn("claim_owner", &claim.owner);
            out.moment("claim_made", claim.made);
            out.moment("claim_until", claim.until);
        }
        out.moment("unknown_since", self.unknown_since);
        if self.dead {
            out.flag("dead", true);
        }
        out.text("dpop_jkt", self.key.as_deref());
        out.finish()
    }

    /// Reads what [`SecretSnapshot::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`StoredError`], without any of the content.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        use StoredError::{Inconsistent, Malformed};
        let reader = Reader::open(bytes, NAME, VERSION, MEMBERS)?;
        let token = reader.secret("access_token")?;
        let (kind, received) = (reader.text("token_type")?, reader.moment("received")?);
        let tokens = match (token, kind, received, reader.moment("expires")?) {
            (Some(token), Some(kind), Some(received), expires) => {
                let token = AccessToken::new(token, TokenType::from_name(&kind));
                Some(Held { token, received, expires })
            }
            (None, None, None, None) => None,
            _ => return Err(Inconsistent),
        };
        let (owner, made) = (reader.drawn("claim_owner")?, reader.moment("claim_made")?);
        let claim = match (owner, made, reader.moment("claim_until")?) {
            (Some(owner), Some(made), Some(until)) => Some(Claim { owner, made, until }),
            (None, None, None) => None,
            _ => return Err(Inconsistent),
        };
        let snapshot = Self {
            generation: reader.number("generation")?.ok_or(Malformed)?,
            owner: reader.owner()?,
            login: reader.drawn("login")?,
            tokens,
            refresh_token: reader.secret("refresh_token")?,
            claim,
            unknown_since: reader.moment("unknown_since")?,
            dead: reader.flag("dead")?.unwrap_or(false),
            key: reader.text("dpop_jkt")?.map(|key| key.as_str().to_owned()),
        };
        snapshot.is_consistent().then_some(snapshot).ok_or(Inconsistent)
    }

    fn is_consistent(&self) -> bool {
        let claimed_nothing =
            self.refresh_token.is_none() && (self.claim.is_some() || self.unknown_since.is_some());
        let dead_with_token = self.dead && self.refresh_token.is_some();
        let empty = |text: &str| text.is_empty();
        let empty_token = self.refresh_token.as_ref().is_some_and(Secret::is_empty)
            || self.tokens.as_ref().is_some_and(|held| empty(held.token.expose()));
        let backwards = self.claim.is_some_and(|claim| claim.until < claim.made)
            || self
                .tokens
                .as_ref()
                .is_some_and(|held| held.expires.is_some_and(|expires| expires < held.received));
        // The last generation could never be followed by another.
        let last = self.generation == u64::MAX;
        !(claimed_nothing || dead_with_token || empty_token || backwards || last)
    }
}

impl fmt::Debug for SecretSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretSnapshot")
            .field("generation", &self.generation)
            .field("claimed", &self.claim.is_some())
            .field("outcome_unknown", &self.unknown_since.is_some())
            .field("dead", &self.dead)
            .finish_non_exhaustive()
    }
}
