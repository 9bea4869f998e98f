//! PingOne's errors: the platform's own shape, and the correlation id inside OAuth's.

use std::fmt;

use crate::reply::{ErrorCode, Refusal, Reply};
use crate::value::UntrustedText;
use crate::wire::json::{self, Members};

/// The most bytes of a body that are read.
const LIMIT: usize = 64 * 1024;

/// An error in the shape of PingOne's platform, as it comes from everywhere but the OAuth endpoints'
/// own checks. Statuses may change over time, so PingOne asks to go by the code.
///
/// ```
/// use grantwire::ReplyError;
/// use grantwire::provider::pingone::PlatformError;
///
/// fn explain(error: &ReplyError) {
///     if let Some(platform) = PlatformError::read(error.raw()) {
///         println!("{} {}", platform.code(), platform.id());
///     }
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PlatformError {
    id: String,
    code: ErrorCode,
    message: Option<UntrustedText>,
    target: Option<String>,
    details: Vec<PlatformDetail>,
}

/// One of an error's details.
#[derive(Clone, PartialEq, Eq)]
pub struct PlatformDetail {
    code: Option<ErrorCode>,
    target: Option<String>,
    message: Option<UntrustedText>,
    inner_error: Option<UntrustedText>,
}

const MEMBERS: &[&str; 7] =
    &["id", "code", "message", "target", "details", "innererror", "innerError"];

impl PlatformError {
    /// Reads a reply as a platform error; `None` when it is not one.
    #[must_use]
    pub fn read<'a>(reply: impl Into<Reply<'a>>) -> Option<Self> {
        let reply = reply.into();
        if reply.body.len() > LIMIT || reply.status.is_success() {
            return None;
        }
        let text = json::text(reply.body).text;
        let members = json::object(&text, MEMBERS).ok()?;
        let details = members.get("details").and_then(|details| details.elements());
        Some(Self {
            id: string(&members, "id")?,
            code: ErrorCode::from_name(&string(&members, "code")?),
            message: string(&members, "message").map(|text| UntrustedText::new(&text)),
            target: string(&members, "target"),
            details: details
                .unwrap_or_default()
                .into_iter()
                .filter_map(PlatformDetail::read)
                .collect(),
        })
    }

    /// The error's own id, for a support request.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The code, such as `NOT_FOUND` or `INVALID_DATA`.
    #[must_use]
    pub const fn code(&self) -> &ErrorCode {
        &self.code
    }

    /// What happened, for a person.
    #[must_use]
    pub const fn message(&self) -> Option<&UntrustedText> {
        self.message.as_ref()
    }

    /// The item at fault.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// The single faults.
    #[must_use]
    pub fn details(&self) -> &[PlatformDetail] {
        &self.details
    }
}

impl PlatformDetail {
    fn read(text: &str) -> Option<Self> {
        let members = json::object(text, MEMBERS).ok()?;
        // The documents write it both ways.
        let inner = members.get("innererror").or_else(|| members.get("innerError"));
        Some(Self {
            code: string(&members, "code").map(|code| ErrorCode::from_name(&code)),
            target: string(&members, "target"),
            message: string(&members, "message").map(|text| UntrustedText::new(&text)),
            inner_error: inner.map(|inner| UntrustedText::new(inner.raw())),
        })
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// The item at fault.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// What happened, for a person.
    #[must_use]
    pub const fn message(&self) -> Option<&UntrustedText> {
        self.message.as_ref()
    }

    /// Further facts, as JSON text.
    #[must_use]
    pub const fn inner_error(&self) -> Option<&UntrustedText> {
        self.inner_error.as_ref()
    }
}

impl fmt::Debug for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlatformError({}, {} details)", self.code, self.details.len())
    }
}

impl fmt::Debug for PlatformDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlatformDetail").field("code", &self.code).finish_non_exhaustive()
    }
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the platform refused with {}", self.code)
    }
}

impl std::error::Error for PlatformError {}

fn string<const N: usize>(members: &Members<'_, N>, name: &str) -> Option<String> {
    members.get(name)?.string().map(|text| text.into_owned())
}

/// The correlation id in a refusal's description (`… (Correlation ID: <id>)`), which is the only place
/// PingOne puts it.
#[must_use]
pub fn correlation_id(refusal: &Refusal) -> Option<&str> {
    let description = refusal.description()?.raw();
    let (_, tail) = description.rsplit_once("(Correlation ID:")?;
    let (id, _) = tail.split_once(')')?;
    Some(id.trim()).filter(|id| !id.is_empty())
}
