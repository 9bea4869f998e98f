//! [`CreateRequest`]: "Create AgeKey", an authorization request that is pushed and comes back without
//! a code or a token.
//!
//! The push, its reply and the check of the callback are the general ones
//! ([RFC 9126 §2](https://www.rfc-editor.org/rfc/rfc9126#section-2)). AgeKey's own part is what goes in, and the parameters that it wants a second
//! time in the browser's URL.

use std::fmt;

use super::upgrade::{self, AgeVerification};
use crate::client::Client;
use crate::endpoint::authorization::{AuthorizationRequest, AuthorizationResponse, StartedPush};
use crate::pkce::danger::NoPkce;
use crate::request::BuildError;
use crate::value::{AuthorizationDetails, Entropy, RedirectUri};

const SCOPE: &str = "openid";
const RESPONSE_TYPE: &str = "none";
const TYPE: &str = "age_verification";

/// A request to make an AgeKey: `response_type=none`, `scope=openid`, `type=age_verification`, and no
/// PKCE, since there is no code.
///
/// ```
/// use grantwire::authorization::Callback;
/// use grantwire::provider::agekey::{Age, AgeKey, AgeVerification, Host};
/// # use grantwire::{Entropy, Timestamp};
///
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// let agekey = AgeKey::new(Host::Test, "ak_test_1", "sk_test_1");
/// let found = AgeVerification::new(Age::AtLeastYears(18), "id_doc_scan", "v-1", "2026-11-21");
/// let started = agekey.create(&[found], "https://client.example/cb")?.push(&mut entropy)?;
///
/// let request = started.exchange.request(now, &mut entropy)?;
/// # let state = std::str::from_utf8(request.body()).unwrap().split("state=").nth(1).unwrap().split('&').next().unwrap();
/// # let query = format!("state={state}");
/// # let mut response = http::Response::new(br#"{"request_uri":"urn:agekey:request:AjcP1Yt7Np0"}"#.to_vec());
/// # *response.status_mut() = http::StatusCode::CREATED;
/// let pushed = started.exchange.read(&response)?;
/// let url = started.exchange.url(&pushed)?;       // send the browser there; keep `pending`
/// assert!(url.starts_with("https://api-test.agekey.org/v1/oidc/create?"));
///
/// let created = agekey.read_create(started.pending, Callback::from_query(&query))?;
/// assert_eq!(created.agekey_created(), None);
/// # Ok::<(), grantwire::Error>(())
/// ```
pub struct CreateRequest {
    request: AuthorizationRequest,
    redirect_uri: RedirectUri,
    sends_type: bool,
    language: Option<String>,
    can_upgrade: bool,
}

impl CreateRequest {
    pub(super) fn new(
        client: &Client,
        details: &[AgeVerification],
        redirect_uri: RedirectUri,
    ) -> Result<Self, BuildError> {
        upgrade::check(details)?;
        let request = client
            .authorization()
            .response_type(RESPONSE_TYPE)
            .scope(SCOPE)
            .without_pkce(NoPkce)
            .redirect_uri(redirect_uri.clone())
            .authorization_details(AuthorizationDetails::new(details)?);
        Ok(Self { request, redirect_uri, sends_type: true, language: None, can_upgrade: false })
    }

    /// Leaves out `type=age_verification`, as AgeKey's SDK does; its documents have it.
    #[must_use]
    pub const fn without_type(mut self) -> Self {
        self.sends_type = false;
        self
    }

    /// OPTIONAL. The language of the pages the person sees, such as `en-GB`.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Sends `can_upgrade=true`, as AgeKey's SDK does: the person may already have an AgeKey, and that
    /// is then upgraded.
    #[must_use]
    pub const fn can_upgrade(mut self) -> Self {
        self.can_upgrade = true;
        self
    }

    /// The push, and what to keep until the callback.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when a value cannot be sent.
    pub fn push(self, entropy: &mut Entropy) -> Result<StartedPush, BuildError> {
        let Self { mut request, redirect_uri, sends_type, language, can_upgrade } = self;
        if sends_type {
            request = request.parameter("type", TYPE);
        }
        let StartedPush { exchange, pending } = request.push(entropy)?;
        let mut exchange = exchange
            .url_parameter("scope", SCOPE)
            .url_parameter("response_type", RESPONSE_TYPE)
            .url_parameter("redirect_uri", redirect_uri.as_str());
        if let Some(language) = language {
            exchange = exchange.url_parameter("language", language);
        }
        if can_upgrade {
            exchange = exchange.url_parameter("can_upgrade", "true");
        }
        Ok(StartedPush { exchange, pending })
    }
}

/// The details are a person's age, so nothing of them is shown.
impl fmt::Debug for CreateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateRequest").field("request", &self.request).finish_non_exhaustive()
    }
}

/// A callback of "Create AgeKey" that is no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    agekey_created: Option<bool>,
}

impl Created {
    pub(super) fn of(response: &AuthorizationResponse) -> Self {
        let agekey_created = match response.parameter("agekey_created") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        Self { agekey_created }
    }

    /// Whether a new AgeKey was made, where AgeKey says so (`agekey_created`). Only its sample reads
    /// that, so `None` is the usual case and no failure. It came through the browser.
    #[must_use]
    pub const fn agekey_created(&self) -> Option<bool> {
        self.agekey_created
    }
}
