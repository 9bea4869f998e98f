//! A [`Registration`] as bytes, to be kept between two runs of a program.
//!
//! Plain, versioned data. It holds the client's secrets and is not sealed: whoever stores it must see to
//! that.

use zeroize::Zeroizing;

use super::expiry::SecretExpiry;
use super::metadata::METHOD;
use super::response::{Registration, is_token, is_whole};
use crate::reply::members::Malformed;
use crate::stored::{Reader, StoredError, Writer};
use crate::value::{ClientId, EndpointUri, Secret, Timestamp};
use crate::wire::json;

const NAME: &str = "grantwire_registration";
const VERSION: u64 = 1;
const EXPIRES_AT: &str = "client_secret_expires_at";
const MEMBERS: &[&str; 9] = &[
    NAME,
    "client_id",
    "client_secret",
    EXPIRES_AT,
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
        let mut out = Writer::new(NAME, VERSION);
        out.text("client_id", self.client_id.as_str());
        out.secret("client_secret", self.client_secret.as_ref());
        out.secret("registration_access_token", self.access_token.as_ref());
        out.text("registration_client_uri", self.client_uri.as_ref().map(EndpointUri::as_str));
        out.text(METHOD, self.method.as_deref());
        // In seconds, as the answer has them.
        match &self.expiry {
            SecretExpiry::Unknown => {}
            SecretExpiry::Never => out.number(EXPIRES_AT, 0),
            SecretExpiry::At(moment) => out.number(EXPIRES_AT, moment.as_unix_seconds()),
            // What is no moment is stored as text.
            SecretExpiry::Malformed(raw) => out.text(EXPIRES_AT, raw.raw()),
        }
        out.number("client_id_issued_at", self.issued.map(Timestamp::as_unix_seconds));
        // As text, since its own depth is bounded already.
        out.text("answer", self.body.as_str());
        out.finish()
    }

    /// Reads what [`Registration::to_bytes`] wrote. Nothing shows that nobody changed it in between;
    /// that is for whoever stored it to make sure of.
    ///
    /// # Errors
    ///
    /// [`StoredError`], without any of the content.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        use StoredError::{Inconsistent, Malformed};
        let reader = Reader::open(bytes, NAME, VERSION, MEMBERS)?;
        let client_id = ClientId::from(reader.text("client_id")?.ok_or(Malformed)?.as_str());
        let client_secret = reader.secret("client_secret")?;
        let access_token = reader.secret("registration_access_token")?;
        let uri = reader.text("registration_client_uri")?;
        let answer = reader.text("answer")?.ok_or(Malformed)?;
        let issued = reader.number("client_id_issued_at")?.map(moment).transpose()?;
        let expiry = expiry(&reader)?;
        let whole = |secret: &Secret| !secret.is_empty() && is_whole(secret.expose());
        let fits = |token: &Secret| !token.is_empty() && is_token(token.expose());
        if client_id.check().is_err()
            || !client_secret.as_ref().is_none_or(whole)
            || json::member(&answer, "client_id").is_err()
            || !access_token.as_ref().is_none_or(fits)
        {
            return Err(Inconsistent);
        }
        let uri = uri.map(|uri| EndpointUri::parse(&uri)).transpose().map_err(|_| Inconsistent)?;
        Ok(Self {
            client_id,
            client_secret,
            expiry,
            issued,
            access_token,
            client_uri: uri,
            method: reader.text(METHOD)?.map(|method| method.as_str().to_owned()),
            deviations: Vec::new(),
            body: answer,
        })
    }
}

fn moment(seconds: u64) -> Result<Timestamp, StoredError> {
    if seconds > Timestamp::LAST_SECOND {
        return Err(StoredError::Inconsistent);
    }
    Ok(Timestamp::from_unix_seconds(seconds))
}

fn expiry<const N: usize>(reader: &Reader<'_, N>) -> Result<SecretExpiry, StoredError> {
    if reader.is_text(EXPIRES_AT) {
        let raw = reader.text(EXPIRES_AT)?.ok_or(StoredError::Malformed)?;
        return Ok(SecretExpiry::Malformed(Malformed::new(&raw)));
    }
    let Some(seconds) = reader.number(EXPIRES_AT)? else { return Ok(SecretExpiry::Unknown) };
    let moment = moment(seconds)?;
    Ok(if moment == Timestamp::EPOCH { SecretExpiry::Never } else { SecretExpiry::At(moment) })
}
