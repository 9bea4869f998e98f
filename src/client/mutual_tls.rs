//! Mutual TLS ([RFC 8705 §2](https://www.rfc-editor.org/rfc/rfc8705#section-2)): `tls_client_auth` and `self_signed_tls_client_auth`.
//!
//! Our half is to say who the client is and that the connection must show the certificate. Holding
//! the key and doing the handshake is the transport's half.

use std::fmt;

use super::authentication::ClientAuthentication;
use super::credentials::Credentials;
use crate::request::BuildError;

macro_rules! mtls {
    ($(#[$doc:meta])* $name:ident, $method:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        #[non_exhaustive]
        pub struct $name;

        impl $name {
            /// The method. Configure the certificate in the HTTP stack.
            #[must_use]
            pub const fn new() -> Self {
                Self
            }
        }

        impl ClientAuthentication for $name {
            fn name(&self) -> &str {
                $method
            }

            fn presents_certificate(&self) -> bool {
                true
            }

            fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
                to.client_certificate();
                to.send_client_id()
            }
        }
    };
}

mtls!(
    /// `tls_client_auth`: a certificate from a known authority
    /// ([RFC 8705 §2.1](https://www.rfc-editor.org/rfc/rfc8705#section-2.1)).
    TlsClientAuth,
    "tls_client_auth"
);

mtls!(
    /// `self_signed_tls_client_auth`: a certificate the server knows
    /// ([RFC 8705 §2.2](https://www.rfc-editor.org/rfc/rfc8705#section-2.2)).
    SelfSignedTlsClientAuth,
    "self_signed_tls_client_auth"
);

/// Another method beside a certificate, to which the tokens are then bound
/// ([RFC 8705 §3](https://www.rfc-editor.org/rfc/rfc8705#section-3)). The requests go to the server's aliases for such
/// connections, if it has any.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client};
/// # use grantwire::jose::{Algorithm, Signer};
/// # let (server, signer) = (AuthorizationServer::new(), Signer::remote(Algorithm::Ps256));
/// use grantwire::client::{MutualTls, PrivateKeyJwt};
///
/// let client = Client::new(server, "s6BhdRkqt3").auth(MutualTls::beside(PrivateKeyJwt::new(signer)));
/// ```
pub struct MutualTls<M>(M);

impl<M: ClientAuthentication> MutualTls<M> {
    /// This method, on a connection that shows the certificate.
    pub const fn beside(method: M) -> Self {
        Self(method)
    }
}

impl<M: ClientAuthentication> ClientAuthentication for MutualTls<M> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn presents_certificate(&self) -> bool {
        true
    }

    fn identifies_client(&self) -> bool {
        self.0.identifies_client()
    }

    fn answers_challenge(&self) -> bool {
        self.0.answers_challenge()
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        to.client_certificate();
        self.0.write(to)
    }
}

impl<M: ClientAuthentication> fmt::Debug for MutualTls<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutualTls").field("method", &self.name()).finish_non_exhaustive()
    }
}
