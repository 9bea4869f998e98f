//! Dressipi, now Mapp Fashion (`https://docs.mapp.com/apidocs`): recommendations for a profile.
//!
//! A public client with PKCE and an API key on every call. The authorize call is an API request that
//! answers JSON; each one **makes a new profile**, so it is never a way out of a failed refresh: the
//! refresh token *is* the profile. The access token travels raw in `x-dressipi-jwt`.

mod profile;

use std::fmt;

use http::header::HeaderName;
use http::{HeaderMap, Request};

pub use profile::Profile;

use crate::client::Client;
use crate::endpoint::authorization::{CallbackError, PendingAuthorization};
use crate::endpoint::token::TokenRequest;
use crate::grant::{AuthorizationCode, CheckedCode, RefreshToken};
use crate::reply::{Reply, ReplyError, Rules, Unusable, body};
use crate::request::BuildError;
use crate::request::headers::{accept_json, value};
use crate::server::{AuthorizationServer, Quirks};
use crate::value::{AccessToken, CredentialUse, EndpointUri, Entropy, Secret};
use crate::wire::json;

/// The only redirect URI there is; it goes with both grants.
pub const REDIRECT_URI: &str = "urn:ietf:wg:oauth:2.0:oob:auto";

const API_KEY: &str = "x-api-key";
const JWT: HeaderName = HeaderName::from_static("x-dressipi-jwt");

/// A partner's access to Dressipi.
///
/// ```
/// use grantwire::Entropy;
/// use grantwire::provider::dressipi::Dressipi;
///
/// # let mut entropy = Entropy::new([7; 32]);
/// let dressipi = Dressipi::new("https://partner.example/api", "client-1", "api-key-1");
/// // Only when there is no refresh token in store:
/// let started = dressipi.create_profile(&mut entropy)?;
/// assert_eq!(started.request.headers()["x-api-key"], "api-key-1");
/// # Ok::<(), grantwire::BuildError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dressipi {
    client: Client,
    api_key: Secret,
}

/// A started authorize call. The request goes out, with
/// [`Duties::default`](crate::Duties::default); what is pending reads the answer.
#[non_exhaustive]
pub struct StartedProfile {
    /// The request. It may be sent once: each one makes a profile.
    pub request: Request<Vec<u8>>,
    /// How its answer is read.
    pub pending: NewProfile,
}

/// The request has the API key in its headers and `state` in its URL.
impl fmt::Debug for StartedProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StartedProfile(..)")
    }
}

/// A profile in the making: what reads the answer to the authorize call.
#[derive(Debug)]
pub struct NewProfile {
    pending: PendingAuthorization,
    limit: usize,
}

impl Dressipi {
    /// A partner's base URL (to which `/oauth/token` is added), client identifier and API key.
    pub fn new(base_url: &str, client_id: &str, api_key: impl Into<Secret>) -> Self {
        let base = base_url.strip_suffix('/').unwrap_or(base_url);
        let server = AuthorizationServer::new()
            .authorization_endpoint(&format!("{base}/oauth/authorize"))
            .token_endpoint(&format!("{base}/oauth/token"));
        let api_key = api_key.into();
        let client = Client::new(server, client_id).secret_header(API_KEY, api_key.clone());
        Self { client, api_key }
    }

    /// The client, for whatever this type has no method for.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Starts the authorize call, which makes a new profile. Call it only when no refresh token is in
    /// store.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the base URL or the API key cannot be used.
    pub fn create_profile(&self, entropy: &mut Entropy) -> Result<StartedProfile, BuildError> {
        let started = self.client.authorization().redirect_uri(REDIRECT_URI).start(entropy)?;
        let endpoint = EndpointUri::parse(&started.url)
            .map_err(|error| BuildError::Endpoint { endpoint: "authorization_endpoint", error })?;
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = endpoint.uri().clone();
        accept_json(request.headers_mut());
        self.client.extra_headers().apply(request.headers_mut())?;
        let limit = self.client.server().limit();
        Ok(StartedProfile { request, pending: NewProfile { pending: started.pending, limit } })
    }

    /// The code for the first tokens of a profile.
    #[must_use]
    pub fn token(&self, code: CheckedCode) -> TokenRequest {
        self.client.token(AuthorizationCode::new(code))
    }

    /// New tokens for a profile. When this fails the profile is not lost; making a new one would lose
    /// it.
    pub fn refresh(&self, profile: &Profile) -> TokenRequest {
        let grant = RefreshToken::new(profile.refresh_token().clone()).redirect_uri(REDIRECT_URI);
        let request = self.client.token(grant);
        match profile.access_token().expose() {
            // A profile may be stored by its refresh token alone.
            "" => request,
            jwt => request.secret_header(JWT.as_str(), Secret::new(jwt)),
        }
    }

    /// Puts the API key and the profile's token into a request to Items or Recommendations. The token
    /// goes raw, without `Bearer`.
    ///
    /// An expired token is no error there, only impersonal answers: ask
    /// [`Profile::is_expired`] first.
    ///
    /// # Errors
    ///
    /// [`BuildError::HeaderMalformed`] or [`BuildError::TokenType`].
    pub fn present(&self, token: &AccessToken, headers: &mut HeaderMap) -> Result<(), BuildError> {
        headers.insert(API_KEY, value(API_KEY, self.api_key.expose(), true)?);
        token.present_raw(JWT, headers)
    }
}

/// Why the authorize call gave no code.
#[derive(Debug)]
#[non_exhaustive]
pub enum NewProfileError {
    /// The answer has `state`, and it is another's.
    Callback(CallbackError),
    /// The answer is a refusal, or has no code in it.
    Reply(ReplyError),
}

impl From<CallbackError> for NewProfileError {
    fn from(error: CallbackError) -> Self {
        Self::Callback(error)
    }
}

impl From<ReplyError> for NewProfileError {
    fn from(error: ReplyError) -> Self {
        Self::Reply(error)
    }
}

impl fmt::Display for NewProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Callback(_) => f.write_str("the answer to the authorize call is another's"),
            Self::Reply(error) => {
                let status = error.raw().status().as_u16();
                write!(f, "the authorize call gave no code (status {status})")
            }
        }
    }
}

impl std::error::Error for NewProfileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Callback(error) => Some(error),
            Self::Reply(error) => Some(error),
        }
    }
}

const MEMBERS: &[&str; 2] = &["code", "state"];

impl NewProfile {
    /// Reads the answer to the authorize call.
    ///
    /// Its fields are not documented beyond "a grant code", so it is read leniently: `code` at the top
    /// or one object down, `state` checked when it is there.
    ///
    /// # Errors
    ///
    /// [`NewProfileError::Reply`] when there is no code in it, [`NewProfileError::Callback`] when
    /// `state` is another.
    pub fn read<'a>(self, reply: impl Into<Reply<'a>>) -> Result<CheckedCode, NewProfileError> {
        let reply = reply.into();
        let quirks = Quirks::new().ignore_content_type();
        let credential = CredentialUse::Once;
        let rules = Rules { quirks: &quirks, limit: self.limit, credential, success: "code" };
        let body = body::open(reply, rules)?;
        let missing = || rules.unusable(reply, Unusable::MemberMissing("code"));
        let unusable = |why| rules.unusable(reply, why);
        let object = json::object_with(&body.text, "code").ok_or_else(missing)?;
        let members = json::object(object, MEMBERS).map_err(unusable)?;
        let text = |name| members.get(name).and_then(|member| member.string());
        let code = text("code").ok_or_else(missing)?;
        // Where the code is one object down, `state` may stand beside it or at the top.
        let at_the_top = || json::member(&body.text, "state").ok()??.string();
        let state = text("state").or_else(at_the_top);
        Ok(self.pending.code_in_answer(&code, state.as_deref())?)
    }
}
