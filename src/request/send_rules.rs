//! [`Duties`]: what a transport owes a request.

/// What the HTTP stack must do with one request, since this crate cannot do it.
///
/// - **Never follow a redirect.** A redirected `POST` either loses its body or gives it, credentials
///   included, to another host.
/// - Stop reading a body that is longer than [`Duties::body_limit`] bytes, and hand over what was read
///   up to one byte beyond it, so that it is seen to be too long. A body that breaks off is handed over
///   as far as it came.
/// - Send again by itself only as [`Duties::resend`] allows.
/// - Present a client certificate when [`Duties::client_certificate`] says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Duties {
    /// The most bytes of body that will be read.
    pub body_limit: usize,
    /// When the same bytes may be sent again without asking this crate.
    pub resend: Resend,
    /// Whether the connection must present the client's certificate
    /// ([RFC 8705 §2](https://www.rfc-editor.org/rfc/rfc8705#section-2)).
    pub client_certificate: bool,
}

/// For a request of the caller's own: 64 KiB, never sent twice, no client certificate.
impl Default for Duties {
    fn default() -> Self {
        Self {
            body_limit: crate::server::DEFAULT_BODY_LIMIT,
            resend: Resend::OnlyIfNotSent,
            client_certificate: false,
        }
    }
}

/// When a transport may send the same request again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)] // a request can be repeated or it cannot
pub enum Resend {
    /// At any time: doing it twice does no harm.
    Always,
    /// Only when no byte of it can have reached the server, as when connecting failed. Once it may
    /// have arrived, a single-use credential or assertion is spent.
    OnlyIfNotSent,
}
