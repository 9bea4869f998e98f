//! [`ClientAuthentication`]: how a client proves who it is, and [`Credentials`], where it writes that.
//!
//! The trait is small and open, so that a method this crate has never heard of is one type. What each
//! known method writes is in the files beside this one.

use super::credentials::Credentials;

use crate::request::BuildError;

/// A client authentication method ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)).
///
/// Exactly one is used per request, and none is ever probed for. To bring your own:
///
/// ```
/// use grantwire::client::{ClientAuthentication, Credentials};
/// use grantwire::{BuildError, Secret};
///
/// /// The client's secret travels in a header of its own.
/// struct VendorHeader(Secret);
///
/// impl ClientAuthentication for VendorHeader {
///     fn name(&self) -> &str {
///         "vendor_header"
///     }
///
///     fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
///         to.send_client_id()?;
///         to.secret_header("x-vendor-secret", self.0.expose())
///     }
/// }
/// ```
pub trait ClientAuthentication: Send + Sync {
    /// The method's name, as in `token_endpoint_auth_method`.
    fn name(&self) -> &str;

    /// Whether the connection presents a client certificate. The request then goes to the server's
    /// alias for such connections, if it has one.
    fn presents_certificate(&self) -> bool {
        false
    }

    /// Whether the method says who the client is. One that does not may go without a client identifier.
    fn identifies_client(&self) -> bool {
        true
    }

    /// Whether the method answers a server's challenge
    /// ([`Credentials::attestation_challenge`]). A flow repeats a request for one only then.
    fn answers_challenge(&self) -> bool {
        false
    }

    /// Writes the credentials of one request.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when something cannot be written; the request is then not built.
    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError>;
}

/// A method that is chosen while the program runs, from metadata or a configuration.
impl ClientAuthentication for Box<dyn ClientAuthentication> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn presents_certificate(&self) -> bool {
        (**self).presents_certificate()
    }

    fn identifies_client(&self) -> bool {
        (**self).identifies_client()
    }

    fn answers_challenge(&self) -> bool {
        (**self).answers_challenge()
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        (**self).write(to)
    }
}
