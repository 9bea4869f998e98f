//! [`Store`]: what processes share. Compare-and-swap on the generation, and it keeps bytes.

use std::collections::HashSet;

use grantwire::flow::{Persisted, SecretSnapshot};

#[derive(Default)]
pub struct Store {
    bytes: Option<Vec<u8>>,
    generation: u64,
    /// Every access token that was ever stored.
    access_tokens: HashSet<String>,
    pub writes: u64,
}

/// What can be read of a stored snapshot, by its own format.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub refresh_token: Option<String>,
    pub claimed: bool,
    pub claimed_until: Option<u64>,
    pub unknown_since: Option<u64>,
    pub dead: bool,
}

impl Seen {
    pub fn of(bytes: &[u8]) -> Self {
        let value: serde_json::Value = serde_json::from_slice(bytes).expect("a snapshot is JSON");
        Self {
            refresh_token: value["refresh_token"].as_str().map(str::to_owned),
            claimed: value["claim_owner"].is_string(),
            claimed_until: value["claim_until"].as_u64(),
            unknown_since: value["unknown_since"].as_u64(),
            dead: value["dead"] == true,
        }
    }
}

impl Store {
    pub fn read(&self) -> Option<SecretSnapshot> {
        let bytes = self.bytes.as_deref()?;
        Some(SecretSnapshot::from_bytes(bytes).expect("what was written can be read"))
    }

    pub fn seen(&self) -> Option<Seen> {
        self.bytes.as_deref().map(Seen::of)
    }

    pub fn has_held(&self, access_token: &str) -> bool {
        self.access_tokens.contains(access_token)
    }

    pub fn swap(&mut self, snapshot: &SecretSnapshot) -> Persisted<SecretSnapshot> {
        if snapshot.generation() != self.generation + 1 {
            return match self.read() {
                Some(stored) => Persisted::Conflict(stored),
                None => Persisted::Failed,
            };
        }
        let bytes = snapshot.to_bytes().to_vec();
        let value: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        if let Some(token) = value["access_token"].as_str() {
            self.access_tokens.insert(token.to_owned());
        }
        self.generation = snapshot.generation();
        self.bytes = Some(bytes);
        self.writes += 1;
        Persisted::Stored
    }
}
