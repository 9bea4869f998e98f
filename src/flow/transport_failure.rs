//! [`TransportFailure`]: why there is no reply, in the HTTP client's words if it gives them.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why there is no reply. Cheap to clone.
///
/// There are two kinds, and the difference decides what becomes of a code or a refresh token that was in the request:
/// it was not sent, or nobody knows. Either may carry the HTTP client's own error, which then is the
/// [`source`](Error::source) of every error that comes of it, up to [`DriveError`](super::DriveError).
///
/// The crate's own texts never print that error: it may hold the address, with a query. Whoever prints a whole
/// chain of errors prints it too.
///
/// ```
/// use std::error::Error;
/// use grantwire::flow::TransportFailure;
///
/// fn told(error: std::io::Error) -> TransportFailure {
///     match error.kind() {
///         std::io::ErrorKind::ConnectionRefused => TransportFailure::not_sent(error),
///         _ => TransportFailure::unknown(error),
///     }
/// }
///
/// let failure = told(std::io::ErrorKind::TimedOut.into());
/// assert!(!failure.is_not_sent());
/// assert_eq!(failure.source().unwrap().to_string(), "timed out");
/// // Without an error at hand:
/// assert!(TransportFailure::NOT_SENT.is_not_sent());
/// assert!(!TransportFailure::UNKNOWN.is_not_sent());
/// ```
#[derive(Clone)]
pub struct TransportFailure {
    is_not_sent: bool,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl TransportFailure {
    /// No byte of the request can have reached the server: connecting failed.
    pub const NOT_SENT: Self = Self { is_not_sent: true, source: None };

    /// It may have arrived. A timeout, a reset, anything else.
    pub const UNKNOWN: Self = Self { is_not_sent: false, source: None };

    /// As [`TransportFailure::NOT_SENT`], with the HTTP client's error.
    pub fn not_sent(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(error.into().into()), ..Self::NOT_SENT }
    }

    /// As [`TransportFailure::UNKNOWN`], with the HTTP client's error.
    pub fn unknown(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(error.into().into()), ..Self::UNKNOWN }
    }

    /// Whether it is sure that the server has seen nothing of the request.
    #[must_use]
    pub const fn is_not_sent(&self) -> bool {
        self.is_not_sent
    }
}

impl fmt::Display for TransportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_not_sent {
            "the request was not sent; try again later"
        } else {
            "the request may have been sent, and no answer came; do not present a single-use \
             credential again"
        })
    }
}

impl Error for TransportFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The HTTP client's error is not shown.
impl fmt::Debug for TransportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_not_sent { "NotSent" } else { "Unknown" })?;
        f.write_str(if self.source.is_some() { "(..)" } else { "" })
    }
}
