//! PingOne (`https://developer.pingidentity.com/pingone-api`).
//!
//! Addresses by region or custom domain, client assertions as PingOne documents them, and its two
//! shapes of error. The grants themselves are the general ones.

mod error;

use std::time::Duration;

pub use error::{PlatformDetail, PlatformError, correlation_id};

use crate::client::{ClientSecretJwt, PrivateKeyJwt};
use crate::jose::{Algorithm, Signer};
use crate::request::BuildError;
use crate::server::AuthorizationServer;
use crate::value::Secret;

/// A PingOne region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// AP, `https://auth.pingone.asia`.
    AsiaPacific,
    /// AU, `https://auth.pingone.com.au`.
    Australia,
    /// CA, `https://auth.pingone.ca`.
    Canada,
    /// EU, `https://auth.pingone.eu`.
    Europe,
    /// NA, `https://auth.pingone.com`.
    NorthAmerica,
    /// SG, `https://auth.pingone.sg`.
    Singapore,
}

impl Region {
    /// `authPath`: scheme and host.
    #[must_use]
    pub const fn auth_path(self) -> &'static str {
        match self {
            Self::AsiaPacific => "https://auth.pingone.asia",
            Self::Australia => "https://auth.pingone.com.au",
            Self::Canada => "https://auth.pingone.ca",
            Self::Europe => "https://auth.pingone.eu",
            Self::NorthAmerica => "https://auth.pingone.com",
            Self::Singapore => "https://auth.pingone.sg",
        }
    }
}

/// A PingOne environment: an authorization server of its own.
///
/// ```
/// use grantwire::provider::pingone::{Environment, Region};
///
/// let environment = Environment::new(Region::Europe, "5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69")?;
/// assert_eq!(
///     environment.token_endpoint(),
///     "https://auth.pingone.eu/5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69/as/token",
/// );
/// # Ok::<(), grantwire::BuildError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    auth_path: String,
    /// The path between host and `/as`: `/{envID}`, or nothing on a custom domain.
    path: String,
}

impl Environment {
    /// An environment by region and `envID`.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] unless the id is made of letters, digits and hyphens.
    pub fn new(region: Region, environment_id: &str) -> Result<Self, BuildError> {
        Self::at(region.auth_path(), environment_id)
    }

    /// An environment at another `authPath`, such as a server for tests.
    ///
    /// # Errors
    ///
    /// As [`Environment::new`].
    pub fn at(auth_path: &str, environment_id: &str) -> Result<Self, BuildError> {
        check_id("environment id", environment_id)?;
        Ok(Self { auth_path: auth_path.to_owned(), path: format!("/{environment_id}") })
    }

    /// An environment on its custom domain, where the id does not stand in the path.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] unless the domain is a host name, perhaps with a port.
    pub fn custom_domain(domain: &str) -> Result<Self, BuildError> {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':');
        if domain.is_empty() || !domain.bytes().all(fine) {
            let rule = "takes a host name, without a scheme or a path";
            return Err(BuildError::Invalid { parameter: "custom domain".into(), rule });
        }
        Ok(Self { auth_path: format!("https://{domain}"), path: String::new() })
    }

    fn url(&self, tail: &str) -> String {
        format!("{}{}/as{tail}", self.auth_path, self.path)
    }

    /// The issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.url("")
    }

    /// The authorization endpoint.
    #[must_use]
    pub fn authorization_endpoint(&self) -> String {
        self.url("/authorize")
    }

    /// The token endpoint.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        self.url("/token")
    }

    /// Where device codes are asked for.
    #[must_use]
    pub fn device_authorization_endpoint(&self) -> String {
        self.url("/device_authorization")
    }

    /// Where authorization requests are pushed. PingOne's own sample has no `client_id` beside an
    /// assertion; see
    /// [`without_client_id`](crate::endpoint::authorization::PushedAuthorizationRequest::without_client_id).
    #[must_use]
    pub fn pushed_authorization_request_endpoint(&self) -> String {
        self.url("/par")
    }

    /// Where tokens are looked into, by the application or by a resource with its own identifier and
    /// secret.
    #[must_use]
    pub fn introspection_endpoint(&self) -> String {
        self.url("/introspect")
    }

    /// Where tokens of custom resources are revoked; PingOne revokes no others.
    #[must_use]
    pub fn revocation_endpoint(&self) -> String {
        self.url("/revoke")
    }

    /// Where users are asked on a device of their own. PingOne polls only, and takes exactly one hint, a
    /// scope, and any client authentication but `NONE`. What is neither `authorization_pending` nor
    /// `slow_down` ends the polling, a [`PlatformError`] too, but for one that says to come later or that is
    /// the server's own failure.
    #[must_use]
    pub fn backchannel_authentication_endpoint(&self) -> String {
        self.url("/cibaAuthorization")
    }

    /// Where users are described. A token of the client itself is answered by a [`PlatformError`].
    #[must_use]
    pub fn userinfo_endpoint(&self) -> String {
        self.url("/userinfo")
    }

    /// Where users are signed off. `post_logout_redirect_uri` and `state` together stay under 8192
    /// characters.
    #[must_use]
    pub fn end_session_endpoint(&self) -> String {
        self.url("/signoff")
    }

    /// Where the user's browser goes on when a flow of PingOne's own has ended.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] unless the id is made of letters, digits and hyphens.
    pub fn resume_url(&self, flow_id: &str) -> Result<String, BuildError> {
        check_id("flow id", flow_id)?;
        Ok(format!("{}?flowId={flow_id}", self.url("/resume")))
    }

    /// Where the metadata of [RFC 8414 §3.1](https://www.rfc-editor.org/rfc/rfc8414#section-3.1) is.
    #[must_use]
    pub fn metadata_url(&self) -> String {
        format!("{}/.well-known/oauth-authorization-server{}/as", self.auth_path, self.path)
    }

    /// Where the OpenID configuration is.
    #[must_use]
    pub fn openid_configuration_url(&self) -> String {
        self.url("/.well-known/openid-configuration")
    }

    /// The server, for a [`Client`](crate::Client).
    #[must_use]
    pub fn server(&self) -> AuthorizationServer {
        AuthorizationServer::new()
            .issuer(self.issuer())
            .authorization_endpoint(&self.authorization_endpoint())
            .token_endpoint(&self.token_endpoint())
            .device_authorization_endpoint(&self.device_authorization_endpoint())
            .pushed_authorization_request_endpoint(&self.pushed_authorization_request_endpoint())
            .introspection_endpoint(&self.introspection_endpoint())
            .revocation_endpoint(&self.revocation_endpoint())
            .backchannel_authentication_endpoint(&self.backchannel_authentication_endpoint())
            .userinfo_endpoint(&self.userinfo_endpoint())
            .end_session_endpoint(&self.end_session_endpoint())
    }
}

fn check_id(name: &'static str, id: &str) -> Result<(), BuildError> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if id.is_empty() || !id.bytes().all(fine) {
        let rule = "takes letters, digits and hyphens";
        return Err(BuildError::Invalid { parameter: name.into(), rule });
    }
    Ok(())
}

/// PingOne refuses an assertion whose `exp` is further ahead.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// `PRIVATE_KEY_JWT` as PingOne documents it: `typ` is `JWT`, `exp` at most an hour ahead, for RS* and
/// ES* keys. The audience is the issuer; the token endpoint or the endpoint called will do as well.
///
/// The other methods are the general ones: `NONE` is
/// [`PublicClient`](crate::client::PublicClient), `CLIENT_SECRET_BASIC` and `CLIENT_SECRET_POST` are
/// [`ClientSecretBasic`](crate::client::ClientSecretBasic) and
/// [`ClientSecretPost`](crate::client::ClientSecretPost).
pub fn private_key_jwt(signer: impl Into<Signer>) -> PrivateKeyJwt {
    PrivateKeyJwt::new(signer).typ("JWT").longest_lifetime(LONGEST)
}

/// `CLIENT_SECRET_JWT` as PingOne documents it: as [`private_key_jwt`], with HS256, HS384 or HS512.
pub fn client_secret_jwt(algorithm: Algorithm, secret: impl Into<Secret>) -> ClientSecretJwt {
    ClientSecretJwt::new(algorithm, secret).typ("JWT").longest_lifetime(LONGEST)
}
