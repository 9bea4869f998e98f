//! The end session endpoint ([OpenID Connect RP-Initiated Logout §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout)): a URL that signs the
//! user out.

use std::fmt;

use super::authorization::url::AuthorizationUrl;
use crate::client::Client;
use crate::request::BuildError;
use crate::request::params::Params;
use crate::server::Endpoint;
use crate::value::{RedirectUri, Secret};

/// A logout request, for the user's browser.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client};
/// # let server = AuthorizationServer::new().end_session_endpoint("https://as.example/signoff");
/// # let client = Client::new(server, "c");
/// let url = client.end_session().post_logout_redirect_uri("https://client.example/bye").url()?;
/// assert_eq!(
///     url.as_str(),
///     "https://as.example/signoff?client_id=c&post_logout_redirect_uri=https%3A%2F%2Fclient.example%2Fbye",
/// );
/// # Ok::<(), grantwire::BuildError>(())
/// ```
pub struct EndSessionRequest {
    client: Client,
    id_token_hint: Option<Secret>,
    redirect: Option<RedirectUri>,
    state: Option<Secret>,
    extras: Vec<(String, String)>,
}

impl Client {
    /// Signs the user out at the server.
    #[must_use]
    pub fn end_session(&self) -> EndSessionRequest {
        EndSessionRequest {
            client: self.clone(),
            id_token_hint: None,
            redirect: None,
            state: None,
            extras: Vec::new(),
        }
    }
}

impl EndSessionRequest {
    /// RECOMMENDED. The ID token of the session to end; an expired one will do.
    #[must_use]
    pub fn id_token_hint(mut self, token: impl Into<Secret>) -> Self {
        self.id_token_hint = Some(token.into());
        self
    }

    /// OPTIONAL. Where the browser goes afterwards.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<RedirectUri>) -> Self {
        self.redirect = Some(uri.into());
        self
    }

    /// OPTIONAL. Comes back with the browser.
    #[must_use]
    pub fn state(mut self, state: impl Into<Secret>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Adds any other parameter, such as `logout_hint` or `ui_locales`.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extras.push((name.into(), value.into()));
        self
    }

    /// The URL to open.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when a value cannot be sent or the server has no such endpoint.
    pub fn url(&self) -> Result<AuthorizationUrl, BuildError> {
        let endpoint = self.client.server().uri(Endpoint::EndSession, false)?.as_str();
        let mut params = Params::new();
        params.managed("client_id", self.client.id().check()?)?;
        params.managed("id_token_hint", self.id_token_hint.as_ref().map_or("", Secret::expose))?;
        if let Some(uri) = &self.redirect {
            let endpoint = "post_logout_redirect_uri";
            let uri = uri.check().map_err(|error| BuildError::Endpoint { endpoint, error })?;
            params.managed(endpoint, uri)?;
        }
        params.managed("state", self.state.as_ref().map_or("", Secret::expose))?;
        for (name, value) in &self.extras {
            // Each of these has a way in that checks it.
            if matches!(name.as_str(), "id_token_hint" | "post_logout_redirect_uri") {
                return Err(BuildError::ParameterManaged { parameter: name.clone().into() });
            }
            params.extra(name, value)?;
        }
        AuthorizationUrl::of(endpoint, &params)
    }
}

impl fmt::Debug for EndSessionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndSessionRequest").field("client", &self.client).finish_non_exhaustive()
    }
}
