//! [`SecretSnapshot`]: what a session stores, and what several processes share.
//!
//! Plain, versioned data that **holds tokens**. It is not sealed: keep it where secrets are kept.

use std::fmt;

use zeroize::Zeroizing;

use crate::client::Client;
use crate::server::Endpoint;
use crate::value::{AccessToken, Secret, Timestamp, TokenType};
use crate::wire::base64url;
use crate::wire::json::{self, Member, Members};

/// A session at rest: tokens, generation, and any claim on the refresh token.
///
/// A store keeps one for each session and replaces it only by compare-and-swap on
/// [`SecretSnapshot::generation`]: it takes a snapshot whose generation is one more than the stored
/// one's, and answers any other with the stored one.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretSnapshot {
    pub(super) generation: u64,
    pub(super) client_id: String,
    /// The issuer, or the token endpoint where no issuer is configured.
    pub(super) server: String,
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

/// Why a snapshot was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Not what [`SecretSnapshot::to_bytes`] wrote: cut off, damaged, or something else.
    Malformed,
    /// Written by another version of this format.
    Version,
    /// A value in it contradicts another, or could never have been written.
    Inconsistent,
    /// It is another client's.
    OtherClient,
    /// It is of another server.
    OtherServer,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the snapshot is malformed",
            Self::Version => "the snapshot is of another version",
            Self::Inconsistent => "the snapshot is inconsistent",
            Self::OtherClient => "the snapshot is another client's",
            Self::OtherServer => "the snapshot is of another server",
        })
    }
}

impl std::error::Error for SnapshotError {}

const VERSION: u64 = 1;
const LIMIT: usize = 1024 * 1024;
const MEMBERS: &[&str; 16] = &[
    "grantwire_session",
    "generation",
    "client_id",
    "server",
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
            client_id: client.id().as_str().to_owned(),
            server: server_of(client),
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
    pub(super) fn check(&self, client: &Client) -> Result<(), SnapshotError> {
        if self.client_id != client.id().as_str() {
            return Err(SnapshotError::OtherClient);
        }
        if self.server != server_of(client) {
            return Err(SnapshotError::OtherServer);
        }
        Ok(())
    }

    /// Everything, as bytes to store. **They hold tokens.**
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer(format!("{{\"grantwire_session\":{VERSION}"));
        out.number("generation", self.generation);
        out.text("client_id", &self.client_id);
        out.text("server", &self.server);
        if let Some(login) = &self.login {
            out.text("login", &base64url::encode(login));
        }
        if let Some(held) = &self.tokens {
            out.text("access_token", held.token.expose());
            out.text("token_type", held.token.token_type().as_str());
            out.number("received", held.received.as_unix_millis());
            if let Some(expires) = held.expires {
                out.number("expires", expires.as_unix_millis());
            }
        }
        if let Some(token) = &self.refresh_token {
            out.text("refresh_token", token.expose());
        }
        if let Some(claim) = &self.claim {
            out.text("claim_owner", &base64url::encode(&claim.owner));
            out.number("claim_made", claim.made.as_unix_millis());
            out.number("claim_until", claim.until.as_unix_millis());
        }
        if let Some(since) = self.unknown_since {
            out.number("unknown_since", since.as_unix_millis());
        }
        if self.dead {
            out.number("dead", 1);
        }
        if let Some(key) = &self.key {
            out.text("dpop_jkt", key);
        }
        out.0.push('}');
        Zeroizing::new(out.0.into_bytes())
    }

    /// Reads what [`SecretSnapshot::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`], without any of the content.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        if bytes.len() > LIMIT {
            return Err(SnapshotError::Malformed);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SnapshotError::Malformed)?;
        let members = json::object(text, MEMBERS).map_err(|_| SnapshotError::Malformed)?;
        let reader = Reader(members);
        match reader.number("grantwire_session")? {
            Some(VERSION) => {}
            Some(_) => return Err(SnapshotError::Version),
            None => return Err(SnapshotError::Malformed),
        }
        let tokens = match (
            reader.text("access_token")?,
            reader.text("token_type")?,
            reader.time("received")?,
        ) {
            (Some(token), Some(kind), Some(received)) => {
                let token = AccessToken::new(token, TokenType::from_name(&kind));
                Some(Held { token, received, expires: reader.time("expires")? })
            }
            (None, None, None) => None,
            _ => return Err(SnapshotError::Inconsistent),
        };
        let (owner, made) = (reader.drawn("claim_owner")?, reader.time("claim_made")?);
        let claim = match (owner, made, reader.time("claim_until")?) {
            (Some(owner), Some(made), Some(until)) => Some(Claim { owner, made, until }),
            (None, None, None) => None,
            _ => return Err(SnapshotError::Inconsistent),
        };
        let refresh_token = reader.text("refresh_token")?.map(Secret::new);
        let snapshot = Self {
            generation: reader.number("generation")?.ok_or(SnapshotError::Malformed)?,
            client_id: reader.text("client_id")?.ok_or(SnapshotError::Malformed)?,
            server: reader.text("server")?.ok_or(SnapshotError::Malformed)?,
            login: reader.drawn("login")?,
            tokens,
            refresh_token,
            claim,
            unknown_since: reader.time("unknown_since")?,
            dead: match reader.number("dead")? {
                None => false,
                Some(1) => true,
                Some(_) => return Err(SnapshotError::Inconsistent),
            },
            key: reader.text("dpop_jkt")?,
        };
        if snapshot.tokens.is_none() && reader.time("expires")?.is_some() {
            return Err(SnapshotError::Inconsistent);
        }
        snapshot.is_consistent().then_some(snapshot).ok_or(SnapshotError::Inconsistent)
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

fn server_of(client: &Client) -> String {
    let server = client.server();
    match server.known_issuer() {
        Some(issuer) => issuer.as_str().to_owned(),
        None => {
            client.endpoint(Endpoint::Token).map(|uri| uri.as_str().to_owned()).unwrap_or_default()
        }
    }
}

struct Writer(String);

impl Writer {
    fn name(&mut self, name: &str) {
        self.0.push_str(",\"");
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        json::push_string(&mut self.0, value);
    }

    fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        self.0.push_str(&value.to_string());
    }
}

struct Reader<'a>(Members<'a, 16>);

impl Reader<'_> {
    fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(Member<'_>) -> Option<T>,
    ) -> Result<Option<T>, SnapshotError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(member) => read(member).map(Some).ok_or(SnapshotError::Malformed),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, SnapshotError> {
        self.optional(name, |member| member.string().map(Into::into))
    }

    /// Sixteen bytes that were drawn.
    fn drawn(&self, name: &str) -> Result<Option<[u8; 16]>, SnapshotError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let bytes = base64url::decode(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Some).ok_or(SnapshotError::Inconsistent)
    }

    fn number(&self, name: &str) -> Result<Option<u64>, SnapshotError> {
        self.optional(name, |member| member.read())
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, SnapshotError> {
        Ok(self.number(name)?.map(Timestamp::from_unix_millis))
    }
}
