//! [`KeySet`]: the public keys of one issuer, and which of them a token may be verified with.
//!
//! A value: read from a document, kept as bytes. Fetching it, and fetching it again, is for whoever
//! has a clock and a connection.

use std::fmt;

use super::alg::{Algorithm, KeyType};
use super::error::VerifyError;
use super::jwk::{JwkError, PublicJwk};
use super::jws::Jws;
use super::verification_key::{Stated, VerificationKey};
use crate::value::Issuer;
use crate::wire::json;

/// The largest document that is read unless the caller says otherwise, in bytes.
const MOST_BYTES: usize = 512 * 1024;
/// The most members of `keys` that are read unless the caller says otherwise.
const MOST_KEYS: usize = 100;

/// A JWK Set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)), bound to the issuer whose keys they are.
///
/// A key that cannot be used costs only itself; [`KeySet::skipped`] says why. Cheap enough to clone:
/// the keys are shared.
///
/// ```
/// use grantwire::jose::{Algorithm, Jws, KeyChoice, KeySet};
///
/// let keys = KeySet::read("https://as.example", r#"{"keys":[
///     {"kty":"OKP","crv":"Ed25519","kid":"1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
///     {"kty":"post-quantum","kid":"2"}]}"#)?;
/// assert_eq!((keys.keys().len(), keys.skipped().len()), (1, 1));
/// let jws = Jws::parse("eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.e30.AA")?;
/// assert!(matches!(keys.choose(&jws, Algorithm::EdDsa), KeyChoice::One(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet {
    issuer: Issuer,
    keys: Vec<Entry>,
    skipped: Vec<SkippedKey>,
}

/// A key and what its set says it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    key: VerificationKey,
    verifies: bool,
}

/// A member of `keys` that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    index: usize,
    key_id: Option<Box<str>>,
    why: JwkError,
}

impl SkippedKey {
    /// Which member of `keys`, from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Its `kid`, if that could be read.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Why it cannot be used.
    #[must_use]
    pub const fn why(&self) -> JwkError {
        self.why
    }
}

/// Why a document is no key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySetError {
    /// It is not one JSON object.
    Json,
    /// `keys` is absent, repeated, or no array ([RFC 7517 §5.1](https://www.rfc-editor.org/rfc/rfc7517#section-5.1)).
    Keys,
    /// It is longer than this limit.
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// It has more keys than this limit.
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Stored bytes that [`KeySet::to_bytes`] did not write, or another version of it did.
    Stored,
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json => f.write_str(
                "the key set is not one JSON object (RFC 7517 section 5); is it the document at `jwks_uri`?",
            ),
            Self::Keys => f.write_str(
                "the key set has no array `keys` (RFC 7517 section 5.1); is it the document at `jwks_uri`?",
            ),
            Self::TooLong { limit } => {
                write!(f, "the key set is longer than {limit} bytes; call `read_within` to take it")
            }
            Self::TooMany { limit } => {
                write!(f, "the key set has more than {limit} keys; call `read_within` to take it")
            }
            Self::Stored => {
                f.write_str("the stored key set is malformed or of another version; fetch it again")
            }
        }
    }
}

impl std::error::Error for KeySetError {}

/// Which keys a token may be verified with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum KeyChoice<'k> {
    /// This one.
    One(&'k VerificationKey),
    /// Each of these fits, and the token does not say which.
    Several(Vec<&'k VerificationKey>),
    /// None fits. The set may be older than the key: fetch it again, once.
    None,
}

const SET: &[&str; 1] = &["keys"];
const USES: &[&str; 4] = &["kid", "use", "alg", "key_ops"];

impl KeySet {
    /// Reads a set of at most 512 KiB and 100 keys.
    ///
    /// A key is skipped, and the others are taken, when it cannot be understood, has a repeated
    /// member or private members, or is an RSA key of fewer than 2048 bits.
    ///
    /// # Errors
    ///
    /// [`KeySetError`]: it is no set, or too large.
    pub fn read(issuer: impl Into<Issuer>, document: &str) -> Result<Self, KeySetError> {
        Self::read_within(issuer, document, MOST_BYTES, MOST_KEYS)
    }

    /// As [`KeySet::read`], with other limits.
    ///
    /// # Errors
    ///
    /// [`KeySetError`]: it is no set, or too large.
    pub fn read_within(
        issuer: impl Into<Issuer>,
        document: &str,
        most_bytes: usize,
        most_keys: usize,
    ) -> Result<Self, KeySetError> {
        if document.len() > most_bytes {
            return Err(KeySetError::TooLong { limit: most_bytes });
        }
        let members = json::object(document, SET).map_err(|error| match error {
            json::JsonError::Duplicate(_) => KeySetError::Keys,
            _ => KeySetError::Json,
        })?;
        let documents = members.get("keys").and_then(|keys| keys.elements());
        let documents = documents.ok_or(KeySetError::Keys)?;
        if documents.len() > most_keys {
            return Err(KeySetError::TooMany { limit: most_keys });
        }
        let mut set = Self { issuer: issuer.into(), keys: Vec::new(), skipped: Vec::new() };
        for (index, document) in documents.into_iter().enumerate() {
            match entry(&set.issuer, document) {
                Ok(entry) => set.keys.push(entry),
                Err((key_id, why)) => set.skipped.push(SkippedKey { index, key_id, why }),
            }
        }
        Ok(set)
    }

    /// A set of keys that were come by in another way.
    #[must_use]
    pub fn of(issuer: impl Into<Issuer>, keys: impl IntoIterator<Item = VerificationKey>) -> Self {
        let issuer = issuer.into();
        // A key is bound to its issuer, so one of another issuer is none of this set.
        let keys = keys.into_iter().filter(|key| *key.issuer() == issuer);
        let keys = keys.map(|key| Entry { key, verifies: true }).collect();
        Self { issuer, keys, skipped: Vec::new() }
    }

    /// Whose keys they are.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The keys that can be used, in their order. Some may be for encryption.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &VerificationKey> {
        self.keys.iter().map(|entry| &entry.key)
    }

    /// The members of `keys` that cannot be used, and why.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// The keys for a token that is signed with this algorithm.
    ///
    /// A token with a `kid` is verified with the key of that very id. Of several keys, those fit whose
    /// type and curve are the algorithm's, and whose `alg`, `use` and `key_ops` do not say otherwise
    /// ([RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4)).
    #[must_use]
    pub fn choose(&self, jws: &Jws, algorithm: Algorithm) -> KeyChoice<'_> {
        let named = |entry: &&Entry| {
            jws.key_id().is_none_or(|key_id| entry.key.jwk().key_id() == Some(key_id))
        };
        let fits = |entry: &&Entry| entry.verifies && entry.key.fits(algorithm);
        let mut keys = self.keys.iter().filter(named).filter(fits).map(|entry| &entry.key);
        match (keys.next(), keys.next()) {
            (None, _) => KeyChoice::None,
            (Some(key), None) => KeyChoice::One(key),
            (Some(first), Some(second)) => {
                KeyChoice::Several([first, second].into_iter().chain(keys).collect())
            }
        }
    }

    /// The one key for a token that is signed with this algorithm.
    ///
    /// # Errors
    ///
    /// [`VerifyError::NoKey`] or [`VerifyError::KeySkipped`] when there is none,
    /// [`VerifyError::SeveralKeys`] when the token does not say which: the first is never taken for
    /// the right one.
    pub fn choose_one(
        &self,
        jws: &Jws,
        algorithm: Algorithm,
    ) -> Result<&VerificationKey, VerifyError> {
        match self.choose(jws, algorithm) {
            KeyChoice::One(key) => Ok(key),
            KeyChoice::Several(_) => Err(VerifyError::SeveralKeys),
            KeyChoice::None => {
                let named = |key: &SkippedKey| key.key_id.is_some() && key.key_id() == jws.key_id();
                let skipped = self.skipped.iter().any(named);
                Err(if skipped { VerifyError::KeySkipped } else { VerifyError::NoKey })
            }
        }
    }

    /// The set as bytes, for whoever keeps it. What was skipped is not in them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = String::from("{\"grantwire_key_set\":1,\"issuer\":");
        json::push_string(&mut out, self.issuer.as_str());
        out.push_str(",\"keys\":[");
        for (index, Entry { key, verifies }) in self.keys.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            let mut jwk = key.jwk().to_json();
            jwk.pop();
            out.push_str(&jwk);
            if let Some(alg) = key.stated_name() {
                out.push_str(",\"alg\":");
                json::push_string(&mut out, alg);
            }
            out.push_str(if *verifies { ",\"use\":\"sig\"}" } else { ",\"use\":\"enc\"}" });
        }
        out.push_str("]}");
        out.into_bytes()
    }

    /// Reads what [`KeySet::to_bytes`] wrote. Nothing shows that nobody changed it in between; that
    /// is for whoever stored it to make sure of.
    ///
    /// # Errors
    ///
    /// [`KeySetError::Stored`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeySetError> {
        let stored = || KeySetError::Stored;
        let text = std::str::from_utf8(bytes).map_err(|_| stored())?;
        let members = json::object(text, STORED).map_err(|_| stored())?;
        let version = members.get("grantwire_key_set").and_then(|version| version.read::<u64>());
        let issuer = members.get("issuer").and_then(|issuer| issuer.string());
        let (Some(1), Some(issuer)) = (version, issuer) else { return Err(stored()) };
        let set = Self::read_within(issuer.into_owned(), text, usize::MAX, usize::MAX);
        set.ok().filter(|set| set.skipped.is_empty()).ok_or_else(stored)
    }
}

const STORED: &[&str; 2] = &["grantwire_key_set", "issuer"];

/// One member of `keys`; else its id, if it has one, and why it is of no use.
fn entry(issuer: &Issuer, document: &str) -> Result<Entry, (Option<Box<str>>, JwkError)> {
    // What a key is for can be wrong while its numbers are right, so this is read first.
    let members = json::object(document, USES).map_err(|_| (None, JwkError::Json))?;
    let text = |name: &'static str| match members.get(name) {
        None => Ok(None),
        Some(member) => member.string().map(Some).ok_or(JwkError::Member(name)),
    };
    let key_id = text("kid").ok().flatten().map(|key_id| Box::from(key_id.as_ref()));
    let read = || {
        text("kid")?;
        let jwk = PublicJwk::from_json(document)?;
        let algorithm = match text("alg")? {
            None => Stated::Any,
            Some(name) => Algorithm::from_name(&name).map_or(Stated::Unknown, Stated::One),
        };
        let mut verifies = text("use")?.is_none_or(|name| name == "sig");
        if let Some(operations) = members.get("key_ops") {
            let mut may = false;
            let each = &mut |operation: &str| may |= operation == "verify";
            operations.each_string(each).ok_or(JwkError::Member("key_ops"))?;
            verifies &= may;
        }
        // A shared secret is never a key of a set, whatever its `alg` says.
        if matches!(algorithm, Stated::One(one) if one.key_type() == KeyType::Symmetric) {
            return Err(JwkError::Unsupported);
        }
        let key = VerificationKey::stating(issuer.clone(), jwk, algorithm)?;
        Ok(Entry { key, verifies })
    };
    read().map_err(|why| (key_id, why))
}
