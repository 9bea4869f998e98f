//! A [`Registration`] as bytes, to be kept between two runs of a program.
//!
//! Plain, versioned data. It holds the client's secrets and is not sealed: whoever stores it must see to
//! that.

use std::fmt;

use zeroize::Zeroizing;

use super::expiry::SecretExpiry;
use super::metadata::METHOD;
use super::response::{Registration, is_token, is_whole};
use crate::reply::members::Malformed;
use crate::value::{ClientId, EndpointUri, Secret, Timestamp};
use crate::wire::json::{self, Member};

/// Why stored bytes are no registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredRegistrationError {
    /// Not what [`Registration::to_bytes`] wrote: cut off, damaged, or something else.
    Malformed,
    /// Written by another version of this format.
    Version,
    /// A value in it could never have been written.
    Inconsistent,
}

impl fmt::Display for StoredRegistrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "the stored registration is malformed; restore it, or register again"
            }
            Self::Version => {
                "the stored registration is of another version; read it with the one that wrote it"
            }
            Self::Inconsistent => {
                "the stored registration is inconsistent; restore it, or register again"
            }
        })
    }
}

impl std::error::Error for StoredRegistrationError {}

const VERSION: u64 = 1;
const MEMBERS: &[&str; 9] = &[
    "grantwire_registration",
    "client_id",
    "client_secret",
    "client_secret_expires_at",
    "client_id_issued_at",
    "registration_access_token",
    "registration_client_uri",
    METHOD,
    "answer",
];

impl Registration {
    /// As JSON, with the secrets in the clear. How the answer departed from the rules is not kept.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Names and signs take less than this, and escapes at most double a text.
        let texts = [
            Some(self.client_id.as_str()),
            self.client_secret.as_ref().map(Secret::expose),
            self.access_token.as_ref().map(Secret::expose),
            self.client_uri.as_ref().map(EndpointUri::as_str),
            self.method.as_deref(),
        ];
        let texts_len = texts.iter().flatten().map(|text| text.len().saturating_mul(2));
        let answer = self.body.len().saturating_mul(2).saturating_add(4096);
        let room = texts_len.fold(answer, usize::saturating_add);
        let mut out = String::with_capacity(room);
        out.push_str("{\"grantwire_registration\":1");
        let mut put = |name: &str, value: &str, quoted: bool| {
            out.push_str(",\"");
            out.push_str(name);
            out.push_str("\":");
            if quoted {
                json::push_string(&mut out, value);
            } else {
                out.push_str(value);
            }
        };
        let names = [
            "client_id",
            "client_secret",
            "registration_access_token",
            "registration_client_uri",
            METHOD,
        ];
        for (name, text) in names.into_iter().zip(texts) {
            if let Some(text) = text {
                put(name, text, true);
            }
        }
        match &self.expiry {
            SecretExpiry::Unknown => {}
            SecretExpiry::Never => put("client_secret_expires_at", "0", false),
            SecretExpiry::At(moment) => {
                let seconds = moment.as_unix_seconds().to_string();
                put("client_secret_expires_at", &seconds, false);
            }
            SecretExpiry::Malformed(raw) => put("client_secret_expires_at", raw.raw(), true),
        }
        if let Some(issued) = self.issued {
            put("client_id_issued_at", &issued.as_unix_seconds().to_string(), false);
        }
        // As text, since its own depth is bounded already.
        put("answer", &self.body, true);
        out.push('}');
        Zeroizing::new(out.into_bytes())
    }

    /// Reads what [`Registration::to_bytes`] wrote. Nothing shows that nobody changed it in between;
    /// that is for whoever stored it to make sure of.
    ///
    /// # Errors
    ///
    /// [`StoredRegistrationError`], without any of the content.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredRegistrationError> {
        use StoredRegistrationError::{Inconsistent, Malformed, Version};
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed)?;
        let members = json::object(text, MEMBERS).map_err(|_| Malformed)?;
        match members.get("grantwire_registration").and_then(|version| version.read::<u64>()) {
            Some(VERSION) => {}
            Some(_) => return Err(Version),
            None => return Err(Malformed),
        }
        let text = |name| match members.get(name) {
            None => Ok(None),
            Some(member) => member.string().map(|text| Some(text.into_owned())).ok_or(Malformed),
        };
        let client_id = ClientId::from(text("client_id")?.ok_or(Malformed)?);
        let client_secret = text("client_secret")?;
        let access_token = text("registration_access_token")?;
        let uri = text("registration_client_uri")?;
        let answer = text("answer")?.ok_or(Malformed)?;
        let issued = members.get("client_id_issued_at").map(seconds).transpose()?;
        let expiry = members.get("client_secret_expires_at").map(expiry).transpose()?;
        let fits = |token: &String| !token.is_empty() && is_token(token);
        if client_id.check().is_err()
            || client_secret.as_ref().is_some_and(|secret| secret.is_empty() || !is_whole(secret))
            || json::member(&answer, "client_id").is_err()
            || !access_token.as_ref().is_none_or(fits)
        {
            return Err(Inconsistent);
        }
        let uri = uri.map(|uri| EndpointUri::parse(&uri)).transpose().map_err(|_| Inconsistent)?;
        Ok(Self {
            client_id,
            client_secret: client_secret.map(Secret::new),
            expiry: expiry.unwrap_or(SecretExpiry::Unknown),
            issued,
            access_token: access_token.map(Secret::new),
            client_uri: uri,
            method: text(METHOD)?,
            deviations: Vec::new(),
            body: Zeroizing::new(answer),
        })
    }
}

fn seconds(member: Member<'_>) -> Result<Timestamp, StoredRegistrationError> {
    let seconds = member.read::<u64>().ok_or(StoredRegistrationError::Malformed)?;
    if seconds > Timestamp::LAST_SECOND {
        return Err(StoredRegistrationError::Inconsistent);
    }
    Ok(Timestamp::from_unix_seconds(seconds))
}

/// What is no moment was stored as text.
fn expiry(member: Member<'_>) -> Result<SecretExpiry, StoredRegistrationError> {
    if let Some(raw) = member.string() {
        return Ok(SecretExpiry::Malformed(Malformed::new(&raw)));
    }
    let moment = seconds(member)?;
    Ok(if moment == Timestamp::EPOCH { SecretExpiry::Never } else { SecretExpiry::At(moment) })
}
