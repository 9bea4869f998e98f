//! The one stored format: what a state that outlives the process is written and read by. [`StoredError`]
//! says why stored bytes are not taken.
//!
//! It is one JSON object: a member with the format's name and version, then the state's own members. What they
//! mean is their owner's business. It is not sealed: whoever stores it must keep it where secrets are kept.

use std::fmt;
use std::io::{self, Write as _};
use std::sync::Arc;

use serde::{Deserializer, Serializer};
use zeroize::Zeroizing;

use crate::value::{ClientId, Issuer, Owner, Secret, Timestamp};
use crate::wire::json::{self, Member, Members};
use crate::wire::{base64url, json_text};

/// Why what was stored is not taken. Nothing of its content is in here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredError {
    /// A value in it contradicts another, or could never have been written.
    Inconsistent,
    /// Not what was written: cut off, damaged, or something else.
    Malformed,
    /// It belongs to another client.
    OtherClient,
    /// It belongs to another authorization server.
    OtherServer,
    /// Larger than 16 MiB, the most that is read.
    TooLarge,
    /// Written by another version of this format.
    Version,
}

impl fmt::Display for StoredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inconsistent => {
                "the stored value contradicts itself; restore it from a copy, or start again"
            }
            Self::Malformed => "the stored value is malformed; restore it from a copy, or start again",
            Self::OtherClient => {
                "the stored value belongs to another client; use it with the client that it was stored for"
            }
            Self::OtherServer => {
                "the stored value belongs to another server; use it with the server that it was stored for"
            }
            Self::TooLarge => {
                "the stored value is larger than 16 MiB; restore it from a copy, or start again"
            }
            Self::Version => {
                "the stored value is of another version; read it with the version that wrote it, or start again"
            }
        })
    }
}

impl std::error::Error for StoredError {}

/// The most bytes that are read: far more than any state takes, and little enough to refuse early.
const LIMIT: usize = 16 * 1024 * 1024;
/// Enough for most states, so that their buffer never grows.
const FIRST_ROOM: usize = 1024;

const CLIENT_ID: &str = "client_id";
const ISSUER: &str = "issuer";
const TOKEN_ENDPOINT: &str = "token_endpoint";

/// Writes a state into one buffer that is wiped when it is dropped, and when it has grown out of its place.
pub(crate) struct Writer(Wiped);

impl Writer {
    pub(crate) fn new(name: &str, version: u64) -> Self {
        let mut writer = Self(Wiped(Zeroizing::new(Vec::with_capacity(FIRST_ROOM))));
        writer.0.put(b"{\"");
        writer.0.put(name.as_bytes());
        writer.0.put(b"\":");
        writer.0.number(version);
        writer
    }

    /// Whose it is, for [`Reader::owner`].
    pub(crate) fn owner(&mut self, owner: &Owner) {
        self.text(CLIENT_ID, owner.client_id.as_str());
        self.text(ISSUER, owner.issuer.as_ref().map(Issuer::as_str));
        self.text(TOKEN_ENDPOINT, owner.token_endpoint.as_deref());
    }

    /// A text, secret or not; none is left out, and so it is with all that follow.
    pub(crate) fn text<'t>(&mut self, name: &str, value: impl Into<Option<&'t str>>) {
        if let Some(value) = value.into() {
            // Room for some escapes; a text of nothing else makes the buffer grow once more.
            self.0.room(value.len().saturating_add(value.len().div_euclid(4)));
            self.name(name);
            self.0.string(value);
        }
    }

    pub(crate) fn secret<'t>(&mut self, name: &str, value: impl Into<Option<&'t Secret>>) {
        self.text(name, value.into().map(Secret::expose));
    }

    pub(crate) fn number(&mut self, name: &str, value: impl Into<Option<u64>>) {
        if let Some(value) = value.into() {
            self.name(name);
            self.0.number(value);
        }
    }

    /// In milliseconds.
    pub(crate) fn moment(&mut self, name: &str, value: impl Into<Option<Timestamp>>) {
        self.number(name, value.into().map(Timestamp::as_unix_millis));
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.name(name);
        self.0.put(if value { b"true" } else { b"false" });
    }

    /// Bytes that were drawn at random.
    pub(crate) fn drawn<'t>(&mut self, name: &str, value: impl Into<Option<&'t [u8; 16]>>) {
        self.text(name, value.into().map(|bytes| base64url::encode(bytes)).as_deref());
    }

    pub(crate) fn finish(mut self) -> Zeroizing<Vec<u8>> {
        self.0.put(b"}");
        self.0.0
    }

    fn name(&mut self, name: &str) {
        self.0.put(b",\"");
        self.0.put(name.as_bytes());
        self.0.put(b"\":");
    }
}

/// Bytes that leave nothing behind when they grow.
struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    /// A vector that grows by itself gives its old memory back as it is; this one is wiped first.
    fn room(&mut self, more: usize) {
        let needed = self.0.len().saturating_add(more);
        if needed > self.0.capacity() {
            let doubled = self.0.capacity().saturating_mul(2);
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(doubled)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.room(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, value: u64) {
        // Writing into memory cannot fail.
        let _ = write!(self, "{value}");
    }

    fn string(&mut self, text: &str) {
        let start = self.0.len();
        if json::write_string(&mut *self, text).is_err() {
            self.0.truncate(start);
            self.put(b"\"\"");
        }
    }
}

impl io::Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The members of a state, as a [`Writer`] wrote them, in any order. A member that is absent or `null` is none.
pub(crate) struct Reader<'a, const N: usize>(Members<'a, N>);

impl<'a, const N: usize> Reader<'a, N> {
    /// Opens what was written under this name and version. `members` are all the names there can be, the
    /// format's own among them; each stands once at most, and no other does.
    pub(crate) fn open(
        bytes: &'a [u8],
        name: &str,
        version: u64,
        members: &'static [&'static str; N],
    ) -> Result<Self, StoredError> {
        if bytes.len() > LIMIT {
            return Err(StoredError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| StoredError::Malformed)?;
        let reader = Self(json::object(text, members).map_err(|_| StoredError::Malformed)?);
        // Another version may have other members, so the version is looked at first.
        match reader.number(name)? {
            Some(written) if written == version => {}
            Some(_) => return Err(StoredError::Version),
            None => return Err(StoredError::Malformed),
        }
        let exact = json_text::has_only(text, members);
        if exact { Ok(reader) } else { Err(StoredError::Malformed) }
    }

    /// Whose it is. That it is who asks is for [`check_owner`].
    pub(crate) fn owner(&self) -> Result<Owner, StoredError> {
        let client_id = self.text(CLIENT_ID)?.ok_or(StoredError::Malformed)?;
        Ok(Owner {
            client_id: ClientId::from(client_id.as_str()),
            issuer: self.text(ISSUER)?.map(|issuer| Issuer::from(issuer.as_str())),
            token_endpoint: self.text(TOKEN_ENDPOINT)?.map(|uri| Arc::from(uri.as_str())),
        })
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<Zeroizing<String>>, StoredError> {
        self.optional(name, |member| json_text::unescape(member.raw()))
    }

    pub(crate) fn secret(&self, name: &str) -> Result<Option<Secret>, StoredError> {
        // Taken out of its wrapping, not copied.
        Ok(self.text(name)?.map(|mut text| Secret::new(std::mem::take(&mut *text))))
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, StoredError> {
        self.optional(name, Member::read)
    }

    pub(crate) fn moment(&self, name: &str) -> Result<Option<Timestamp>, StoredError> {
        Ok(self.number(name)?.map(Timestamp::from_unix_millis))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, StoredError> {
        self.optional(name, Member::read)
    }

    pub(crate) fn drawn(&self, name: &str) -> Result<Option<[u8; 16]>, StoredError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let bytes = base64url::decode(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Some).ok_or(StoredError::Inconsistent)
    }

    /// Whether it is a string, for a member that can be of two kinds.
    pub(crate) fn is_text(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|member| member.raw().starts_with('"'))
    }

    fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(Member<'a>) -> Option<T>,
    ) -> Result<Option<T>, StoredError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(member) => read(member).map(Some).ok_or(StoredError::Malformed),
        }
    }
}

/// Holds the owner of what was stored against who asks for it.
pub(crate) fn check_owner(stored: &Owner, asking: &Owner) -> Result<(), StoredError> {
    if stored.client_id != asking.client_id {
        return Err(StoredError::OtherClient);
    }
    if !stored.is_same_server(asking) {
        return Err(StoredError::OtherServer);
    }
    Ok(())
}

/// What was written, as a text in a `serde` format.
pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(std::str::from_utf8(bytes).unwrap_or_default())
}

/// Reads what [`serialize`] wrote. A format's own message for a value of another type quotes it, so none is
/// passed on.
pub(crate) fn deserialize<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    read: fn(&[u8]) -> Result<T, StoredError>,
) -> Result<T, D::Error> {
    struct Text<T>(fn(&[u8]) -> Result<T, StoredError>);
    impl<T> serde::de::Visitor<'_> for Text<T> {
        type Value = Result<T, StoredError>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a stored value")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok((self.0)(text.as_bytes()))
        }
    }
    let read = deserializer.deserialize_str(Text(read)).unwrap_or(Err(StoredError::Malformed));
    read.map_err(serde::de::Error::custom)
}
