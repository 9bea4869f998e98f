//! AgeKey: age assurance with passkeys (`https://docs.agekey.org`).
//!
//! A relying party asks whether a person is at least so old ("Use AgeKey") and gets booleans in an ID
//! token. When all are false and an upgrade was asked for, it also gets a code; the code becomes an
//! access token ("Use Token"), and that pays for an upgrade of the person's AgeKey. Somebody who has
//! none is given one from a verification made elsewhere ("Create AgeKey"), by a pushed request. ID
//! tokens are not verified here.

mod claims;
mod create;
mod date;
mod upgrade;

use http::Request;

pub use claims::{AssuranceLevel, MethodOverride, Provenance, UseClaims};
pub use create::{CreateRequest, Created};
pub use upgrade::{Age, AgeVerification, DetailsForm, UpgradeError};

use crate::client::{Client, ClientSecretBasic, ClientSecretPost};
use crate::endpoint::authorization::{
    AuthorizationRequest, Callback, CallbackError, PendingAuthorization,
};
use crate::endpoint::token::TokenRequest;
use crate::grant::{AuthorizationCode, CheckedCode};
use crate::pkce::danger::NoPkce;
use crate::reply::Reply;
use crate::request::BuildError;
use crate::server::AuthorizationServer;
use crate::value::{AccessToken, EndpointUri, RedirectUri, Secret};

/// Where AgeKey is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    /// `https://api.agekey.org`. Client identifiers begin with `ak_live_`.
    Live,
    /// `https://api-test.agekey.org`. Client identifiers begin with `ak_test_`.
    Test,
    /// Another base URL, without a slash at the end: a proxy, or a server for tests.
    At(String),
}

impl Host {
    /// The base URL.
    #[must_use]
    pub fn base(&self) -> &str {
        match self {
            Self::Live => "https://api.agekey.org",
            Self::Test => "https://api-test.agekey.org",
            Self::At(base) => base,
        }
    }

    /// The server behind it: the Use flow's authorization and token endpoints.
    #[must_use]
    pub fn server(&self) -> AuthorizationServer {
        let base = self.base();
        AuthorizationServer::new()
            .issuer(format!("{base}/v1/oidc/use"))
            .authorization_endpoint(&format!("{base}/v1/oidc/use"))
            .token_endpoint(&format!("{base}/v1/oidc/use/token"))
    }

    /// The server of the Create flow: where its requests are pushed, and where the browser goes. It
    /// has no token endpoint, and AgeKey documents no issuer for it.
    #[must_use]
    pub fn create_server(&self) -> AuthorizationServer {
        let base = self.base();
        AuthorizationServer::new()
            .authorization_endpoint(&format!("{base}/v1/oidc/create"))
            .pushed_authorization_request_endpoint(&format!("{base}/v1/oidc/create/par"))
    }
}

/// An AgeKey application.
///
/// ```
/// use grantwire::Entropy;
/// use grantwire::provider::agekey::{AgeKey, Host, UseClaims};
///
/// # let mut entropy = Entropy::new([7; 32]);
/// let agekey = AgeKey::new(Host::Test, "ak_test_1", "sk_test_1");
/// let started = agekey
///     .use_agekey(&UseClaims::new([13, 18]))?
///     .redirect_uri("https://client.example/cb")
///     .scope("openid agekey-upgrade")
///     .response_type("id_token code")
///     .start(&mut entropy)?;
/// assert!(started.url.starts_with("https://api-test.agekey.org/v1/oidc/use?"));
/// # Ok::<(), grantwire::BuildError>(())
/// ```
#[derive(Debug, Clone)]
pub struct AgeKey {
    host: Host,
    client: Client,
    create_client: Client,
}

impl AgeKey {
    /// An application by its identifier and secret.
    pub fn new(host: Host, client_id: &str, client_secret: impl Into<Secret>) -> Self {
        let secret = client_secret.into();
        let create_client = Client::new(host.create_server(), client_id)
            .auth(ClientSecretPost::new(secret.clone()));
        let client = Client::new(host.server(), client_id).auth(ClientSecretBasic::new(secret));
        Self { host, client, create_client }
    }

    /// The client, for whatever this type has no method for.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The client of the Create flow, which authenticates in the body.
    #[must_use]
    pub const fn create_client(&self) -> &Client {
        &self.create_client
    }

    /// Starts "Use AgeKey" with these claims: `response_type=id_token`, `scope=openid`, a nonce, and
    /// no PKCE, which AgeKey does not document.
    ///
    /// Scope, response type, response mode and redirect URI are the caller's to set. The upgrade
    /// scope is spelled three ways in AgeKey's own texts (`agekey-upgrade`, `agekey_upgrade`,
    /// `agekey.upgrade`), so none is built in.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] when a claim is outside AgeKey's limits, or the client identifier
    /// belongs to the other host.
    pub fn use_agekey(&self, claims: &UseClaims) -> Result<AuthorizationRequest, BuildError> {
        self.check_id()?;
        let request = self.client.authorization().response_type("id_token").scope("openid");
        Ok(request.with_nonce().without_pkce(NoPkce).claims(claims.to_json()?))
    }

    /// Starts "Create AgeKey" with what was found about the person. The browser comes back to the
    /// redirect URI.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] when a detail is outside AgeKey's limits, or the client identifier
    /// belongs to the other host.
    pub fn create(
        &self,
        details: &[AgeVerification],
        redirect_uri: impl Into<RedirectUri>,
    ) -> Result<CreateRequest, BuildError> {
        self.check_id()?;
        CreateRequest::new(&self.create_client, details, redirect_uri.into())
    }

    /// Reads the callback of "Create AgeKey". There is no token in it: that it is no error is all
    /// there is to success.
    ///
    /// # Errors
    ///
    /// [`CallbackError`]; when the callback is not for this authorization,
    /// [`CallbackError::into_pending`] gives it back.
    pub fn read_create(
        &self,
        pending: PendingAuthorization,
        callback: Callback,
    ) -> Result<Created, CallbackError> {
        pending.response(callback).map(|response| Created::of(&response))
    }

    fn check_id(&self) -> Result<(), BuildError> {
        let id = self.client.id().as_str();
        let elsewhere = match self.host {
            Host::Live => id.starts_with("ak_test_"),
            Host::Test => id.starts_with("ak_live_"),
            Host::At(_) => false,
        };
        if elsewhere {
            let rule = "the identifier's prefix belongs to AgeKey's other host";
            return Err(BuildError::Invalid { parameter: "client_id".into(), rule });
        }
        Ok(())
    }

    /// "Use Token": the code for an access token. The body holds `grant_type` and `code` and nothing
    /// else, as AgeKey documents it.
    #[must_use]
    pub fn token(&self, code: CheckedCode) -> TokenRequest {
        self.client.token(AuthorizationCode::new(code).without_redirect_uri())
    }

    /// The upgrade request, with the token as a Bearer token and the details as a JSON array.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] when a detail is outside AgeKey's limits.
    pub fn upgrade(
        &self,
        token: &AccessToken,
        details: &[AgeVerification],
    ) -> Result<Request<Vec<u8>>, BuildError> {
        self.upgrade_as(token, details, DetailsForm::Array)
    }

    /// As [`AgeKey::upgrade`], with the details in the form one chooses: AgeKey's documents show an
    /// array, its SDK sends a string that holds the array.
    ///
    /// # Errors
    ///
    /// As [`AgeKey::upgrade`].
    pub fn upgrade_as(
        &self,
        token: &AccessToken,
        details: &[AgeVerification],
        form: DetailsForm,
    ) -> Result<Request<Vec<u8>>, BuildError> {
        let mut request = upgrade::request(&self.upgrade_endpoint()?, details, form)?;
        token.present(request.headers_mut())?;
        Ok(request)
    }

    /// As [`AgeKey::upgrade`], with the token as the user name of Basic credentials, which is how
    /// older versions of the documents show it.
    ///
    /// # Errors
    ///
    /// As [`AgeKey::upgrade`].
    pub fn upgrade_with_basic(
        &self,
        token: &AccessToken,
        details: &[AgeVerification],
    ) -> Result<Request<Vec<u8>>, BuildError> {
        let endpoint = self.upgrade_endpoint()?;
        let mut request = upgrade::request(&endpoint, details, DetailsForm::Array)?;
        upgrade::present_basic(token, request.headers_mut())?;
        Ok(request)
    }

    /// Reads the answer to an upgrade. What a success says is not looked at.
    ///
    /// # Errors
    ///
    /// [`UpgradeError`]: 401 and 403 by name, any other failure with what the server said.
    pub fn read_upgrade<'a>(&self, reply: impl Into<Reply<'a>>) -> Result<(), UpgradeError> {
        upgrade::read(reply.into())
    }

    fn upgrade_endpoint(&self) -> Result<EndpointUri, BuildError> {
        EndpointUri::parse(&format!("{}/v1/agekey/upgrade", self.host.base()))
            .map_err(|error| BuildError::Endpoint { endpoint: "upgrade", error })
    }
}
