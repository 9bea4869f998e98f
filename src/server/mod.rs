//! [`AuthorizationServer`]: where a server's endpoints are, and how it is to be read.
//!
//! Plain configuration, cheap to clone. It is not a metadata document; one can be made from a
//! document, or typed in. Nothing is fetched.

mod quirks;

use std::fmt;
use std::sync::Arc;

use crate::value::uri::danger;
use crate::value::{EndpointError, EndpointUri, Issuer};

pub use quirks::Quirks;

/// The most bytes of a body that are read unless the server says otherwise: 64 KiB.
pub const DEFAULT_BODY_LIMIT: usize = 64 * 1024;

/// An authorization server as this client knows it.
///
/// Setters never fail: an address that cannot be used is reported by the request that needs it, so a
/// server without a token endpoint is no error until a token is asked for.
///
/// ```
/// use grantwire::AuthorizationServer;
///
/// let server = AuthorizationServer::new()
///     .issuer("https://as.example")
///     .authorization_endpoint("https://as.example/authorize")
///     .token_endpoint("https://as.example/token");
/// ```
#[derive(Debug, Clone, Default)]
pub struct AuthorizationServer(Arc<Parts>);

type Known = Option<Result<EndpointUri, EndpointError>>;

#[derive(Clone)]
struct Parts {
    issuer: Option<Issuer>,
    endpoints: [Known; Endpoint::COUNT],
    mtls_aliases: [Known; Endpoint::COUNT],
    announces_iss: bool,
    lacks_s256: bool,
    body_limit: usize,
    quirks: Quirks,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            issuer: None,
            endpoints: [const { None }; Endpoint::COUNT],
            mtls_aliases: [const { None }; Endpoint::COUNT],
            announces_iss: false,
            lacks_s256: false,
            body_limit: DEFAULT_BODY_LIMIT,
            quirks: Quirks::default(),
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Parts");
        shown.field("issuer", &self.issuer);
        for endpoint in Endpoint::ALL {
            if let Some(known) = self.endpoints.get(endpoint.index()).and_then(Option::as_ref) {
                shown.field(endpoint.name(), known);
            }
        }
        shown.finish_non_exhaustive()
    }
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $variant:ident, $setter:ident, $name:literal;)+) => {
        /// The doors of an authorization server.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Endpoint { $($(#[$doc])* $variant,)+ }

        impl Endpoint {
            /// Every endpoint there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            const COUNT: usize = Self::ALL.len();

            /// The member of server metadata that announces it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            const fn index(self) -> usize {
                self as usize
            }
        }

        impl AuthorizationServer {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $setter(self, url: &str) -> Self {
                    self.endpoint(Endpoint::$variant, url)
                }
            )+
        }
    };
}

endpoints! {
    /// Where the user's browser is sent ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)).
    Authorization, authorization_endpoint, "authorization_endpoint";
    /// Where tokens are asked for ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)).
    Token, token_endpoint, "token_endpoint";
    /// Where device codes are asked for ([RFC 8628 §3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.1)).
    DeviceAuthorization, device_authorization_endpoint, "device_authorization_endpoint";
    /// Where authorization requests are pushed ([RFC 9126 §2](https://www.rfc-editor.org/rfc/rfc9126#section-2)).
    PushedAuthorizationRequest, pushed_authorization_request_endpoint, "pushed_authorization_request_endpoint";
    /// Where tokens are revoked ([RFC 7009 §2](https://www.rfc-editor.org/rfc/rfc7009#section-2)).
    Revocation, revocation_endpoint, "revocation_endpoint";
    /// Where tokens are looked into ([RFC 7662 §2](https://www.rfc-editor.org/rfc/rfc7662#section-2)).
    Introspection, introspection_endpoint, "introspection_endpoint";
    /// Where users are asked on a device of their own
    /// ([OpenID Connect CIBA §7](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_backchannel_endpoint)).
    BackchannelAuthentication, backchannel_authentication_endpoint, "backchannel_authentication_endpoint";
    /// Where users are described ([OpenID Connect Core §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)).
    Userinfo, userinfo_endpoint, "userinfo_endpoint";
    /// Where users are signed out
    /// ([OpenID Connect RP-Initiated Logout §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout)).
    EndSession, end_session_endpoint, "end_session_endpoint";
    /// Where challenges for attested clients are given
    /// ([draft-ietf-oauth-attestation-based-client-auth §6.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-6.1)).
    Challenge, challenge_endpoint, "challenge_endpoint";
    /// Where clients are registered ([RFC 7591 §3](https://www.rfc-editor.org/rfc/rfc7591#section-3)).
    Registration, registration_endpoint, "registration_endpoint";
}

impl AuthorizationServer {
    /// A server of which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn parts(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }

    /// The issuer identifier, byte for byte. Needed for client assertions, and to check `iss` in
    /// authorization responses.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<Issuer>) -> Self {
        self.parts().issuer = Some(issuer.into());
        self
    }

    /// Where an endpoint is.
    #[must_use]
    pub fn endpoint(mut self, endpoint: Endpoint, url: &str) -> Self {
        put(&mut self.parts().endpoints, endpoint, EndpointUri::parse(url));
        self
    }

    /// Where an endpoint is, over plain `http` to any host.
    #[must_use]
    pub fn endpoint_insecure(
        mut self,
        endpoint: Endpoint,
        url: &str,
        permission: danger::PlainHttp,
    ) -> Self {
        put(&mut self.parts().endpoints, endpoint, EndpointUri::parse_insecure(url, permission));
        self
    }

    /// Where an endpoint is for clients that present a certificate
    /// ([RFC 8705 §5](https://www.rfc-editor.org/rfc/rfc8705#section-5)).
    #[must_use]
    pub fn mtls_endpoint_alias(mut self, endpoint: Endpoint, url: &str) -> Self {
        put(&mut self.parts().mtls_aliases, endpoint, EndpointUri::parse(url));
        self
    }

    /// The server announces that every authorization response carries `iss`
    /// ([RFC 9207 §3](https://www.rfc-editor.org/rfc/rfc9207#section-3)); a response without it is then refused.
    #[must_use]
    pub fn announces_iss(mut self) -> Self {
        self.parts().announces_iss = true;
        self
    }

    /// The server announces code challenge methods, and `S256` is not among them
    /// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)). PKCE is then refused here and not weakened.
    #[must_use]
    pub fn announces_no_s256(mut self) -> Self {
        self.parts().lacks_s256 = true;
        self
    }

    /// The most bytes of a body that are read. Default: 64 KiB.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.parts().body_limit = bytes;
        self
    }

    /// How far this server is tolerated.
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.parts().quirks = quirks;
        self
    }

    /// Where an endpoint is, and its alias for clients with a certificate, as a document has them; `None`
    /// changes nothing.
    pub(crate) fn found(
        mut self,
        endpoint: Endpoint,
        uri: Option<Result<EndpointUri, EndpointError>>,
        alias: Option<Result<EndpointUri, EndpointError>>,
    ) -> Self {
        let parts = self.parts();
        if let Some(uri) = uri {
            put(&mut parts.endpoints, endpoint, uri);
        }
        if let Some(alias) = alias {
            put(&mut parts.mtls_aliases, endpoint, alias);
        }
        self
    }

    pub(crate) fn known_issuer(&self) -> Option<&Issuer> {
        self.0.issuer.as_ref()
    }

    pub(crate) fn lacks_s256(&self) -> bool {
        self.0.lacks_s256
    }

    pub(crate) fn must_send_iss(&self) -> bool {
        self.0.announces_iss
    }

    pub(crate) fn limit(&self) -> usize {
        self.0.body_limit
    }

    pub(crate) fn tolerances(&self) -> &Quirks {
        &self.0.quirks
    }

    /// An endpoint's address; the alias for clients with a certificate if there is one.
    pub(crate) fn uri(
        &self,
        endpoint: Endpoint,
        certificate: bool,
    ) -> Result<&EndpointUri, AddressError> {
        let alias = self.0.mtls_aliases.get(endpoint.index()).and_then(Option::as_ref);
        let plain = self.0.endpoints.get(endpoint.index()).and_then(Option::as_ref);
        match alias.filter(|_| certificate).or(plain) {
            Some(Ok(uri)) => Ok(uri),
            Some(Err(error)) => {
                Err(AddressError::Unusable { endpoint: endpoint.name(), error: *error })
            }
            None => Err(AddressError::Missing { endpoint: endpoint.name() }),
        }
    }
}

/// Why a server has no address for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressError {
    /// None is configured.
    Missing { endpoint: &'static str },
    /// The one that is configured cannot be used.
    Unusable { endpoint: &'static str, error: EndpointError },
}

fn put(
    all: &mut [Known; Endpoint::COUNT],
    endpoint: Endpoint,
    uri: Result<EndpointUri, EndpointError>,
) {
    if let Some(slot) = all.get_mut(endpoint.index()) {
        *slot = Some(uri);
    }
}
