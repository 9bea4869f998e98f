//! The upgrade request, and what AgeKey says to it.

use std::fmt;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use http::{Method, Request};
use serde::Serialize;

use super::claims::invalid;
use super::date::{is_date, is_date_or_time};
use crate::endpoint::resource::{self, Denied, Details};
use crate::reply::{ErrorCode, Reply};
use crate::request::{BuildError, headers};
use crate::value::{AccessToken, EndpointUri, UntrustedText};
use crate::wire::{base64url, json};

/// How old a person was found to be.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Age {
    /// Born on this day, as `YYYY-MM-DD`.
    DateOfBirth(String),
    /// At least so many years.
    AtLeastYears(u32),
    /// So many years.
    Years(u32),
}

/// One verification, to make an AgeKey with or to add to one.
///
/// ```
/// use grantwire::provider::agekey::{Age, AgeVerification};
///
/// let detail = AgeVerification::new(
///     Age::AtLeastYears(18),
///     "id_doc_scan",
///     "0198c6a2-7c1e-7b3a-9f00-2f3a4b5c6d7e",
///     "2026-11-21T08:00:00Z",
/// )
/// .provenance("/veratad/roc");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct AgeVerification {
    r#type: &'static str,
    age: Age,
    method: String,
    verification_id: String,
    verified_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<String>,
}

impl AgeVerification {
    /// A verification by this method, under an identifier of the caller's choice (up to 100 letters,
    /// digits and `_+/=.-`; a UUID version 7 is advised), made at this ISO 8601 date or date and time.
    pub fn new(
        age: Age,
        method: impl Into<String>,
        verification_id: impl Into<String>,
        verified_at: impl Into<String>,
    ) -> Self {
        Self {
            r#type: "age_verification",
            age,
            method: method.into(),
            verification_id: verification_id.into(),
            verified_at: verified_at.into(),
            attributes: None,
            provenance: None,
        }
    }

    /// Who verified, as a path such as `/veratad/roc`. Optional in AgeKey's documents, required by
    /// its SDK.
    #[must_use]
    pub fn provenance(mut self, path: impl Into<String>) -> Self {
        self.provenance = Some(path.into());
        self
    }

    /// Further attributes, as AgeKey defines them for the method.
    #[must_use]
    pub fn attributes(mut self, attributes: serde_json::Value) -> Self {
        self.attributes = Some(attributes);
        self
    }

    fn check(&self) -> Result<(), BuildError> {
        if matches!(&self.age, Age::DateOfBirth(day) if !is_date(day)) {
            return Err(invalid("date_of_birth", "takes a day as YYYY-MM-DD"));
        }
        if self.method.is_empty() {
            return Err(BuildError::Empty { parameter: "method".into() });
        }
        let id = &self.verification_id;
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_+/=.-".contains(&byte);
        if !(1..=100).contains(&id.len()) || !id.bytes().all(fine) {
            return Err(invalid("verification_id", "takes 1 to 100 letters, digits and _+/=.-"));
        }
        if !is_date_or_time(&self.verified_at) {
            let rule = "takes an ISO 8601 date, or a date and time with an offset";
            return Err(invalid("verified_at", rule));
        }
        Ok(())
    }
}

/// A person's age is nobody's to log.
impl fmt::Debug for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Age(..)")
    }
}

/// The same holds for what was found of it.
impl fmt::Debug for AgeVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgeVerification").field("method", &self.method).finish_non_exhaustive()
    }
}

/// How the details stand in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetailsForm {
    /// As a JSON array.
    Array,
    /// As a JSON string that holds the array, which is what AgeKey's SDK sends.
    String,
}

/// Whether there are details, each within AgeKey's limits.
pub(super) fn check(details: &[AgeVerification]) -> Result<(), BuildError> {
    if details.is_empty() {
        return Err(BuildError::Empty { parameter: "authorization_details".into() });
    }
    details.iter().try_for_each(AgeVerification::check)
}

pub(super) fn request(
    endpoint: &EndpointUri,
    details: &[AgeVerification],
    form: DetailsForm,
) -> Result<Request<Vec<u8>>, BuildError> {
    check(details)?;
    let unwritable = |_| invalid("authorization_details", "cannot be written as JSON");
    let array = serde_json::to_string(details).map_err(unwritable)?;
    let mut body = String::from("{\"authorization_details\":");
    match form {
        DetailsForm::Array => body.push_str(&array),
        DetailsForm::String => json::push_string(&mut body, &array),
    }
    body.push('}');
    let mut request = Request::new(body.into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint.uri().clone();
    request.headers_mut().insert(CONTENT_TYPE, headers::JSON);
    headers::accept_json(request.headers_mut());
    Ok(request)
}

/// The token as a user name, with an empty password.
pub(super) fn present_basic(
    token: &AccessToken,
    headers: &mut HeaderMap,
) -> Result<(), BuildError> {
    let token = token.expose();
    if token.is_empty() || token.contains(':') || !token.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(BuildError::HeaderMalformed { header: "authorization".into() });
    }
    let mut value = b"Basic ".to_vec();
    let pair = zeroize::Zeroizing::new(format!("{token}:"));
    base64url::push_standard(&mut value, pair.as_bytes());
    headers.insert(AUTHORIZATION, headers::value_from_vec("authorization", value)?);
    Ok(())
}

/// Why AgeKey did not do the upgrade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeError {
    status: u16,
    denied: Denied,
    code: Option<ErrorCode>,
    description: Option<UntrustedText>,
}

impl UpgradeError {
    /// What it means for the token: 401 that it is no good, 403 that its scope does not reach.
    #[must_use]
    pub const fn denied(&self) -> &Denied {
        &self.denied
    }

    /// The `error` of the body.
    #[must_use]
    pub const fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// The `error_description` of the body, else its `message`.
    #[must_use]
    pub const fn description(&self) -> Option<&UntrustedText> {
        self.description.as_ref()
    }
}

impl fmt::Display for UpgradeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "the upgrade was refused with {code} (status {})", self.status),
            None => write!(f, "the upgrade was refused (status {})", self.status),
        }
    }
}

impl std::error::Error for UpgradeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.denied)
    }
}

/// The most bytes of an error body that are read.
const LIMIT: usize = 64 * 1024;
const MEMBERS: &[&str; 3] = &["error", "error_description", "message"];

pub(super) fn read(reply: Reply<'_>) -> Result<(), UpgradeError> {
    let checked = resource::check(reply);
    let text = json::text(reply.body.get(..LIMIT).unwrap_or(reply.body)).text;
    let members = json::object(&text, MEMBERS).ok();
    let member = |name| members.and_then(|members| members.get(name)?.string());
    let denied = match checked {
        // AgeKey says it with the status alone.
        Err(Denied::Other(403)) => Denied::InsufficientScope(Details::of(reply)),
        Err(denied) => denied,
        // An error arrives with a 2xx, too.
        Ok(()) if member("error").is_some() => Denied::Other(reply.status.as_u16()),
        Ok(()) => return Ok(()),
    };
    Err(UpgradeError {
        status: reply.status.as_u16(),
        denied,
        code: member("error").map(|code| ErrorCode::from_name(&code)),
        description: member("error_description")
            .or_else(|| member("message"))
            .map(|text| UntrustedText::new(&text)),
    })
}
