//! [`AuthorizationRequest`]: the URL that a user's browser is sent to
//! ([RFC 6749 §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1)).
//!
//! The URL is written once into one buffer; the three secrets that belong to it go into another.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::asked::Asked;
use super::pending::{Part, PendingAuthorization, Secrets};
use super::url::AuthorizationUrl;
use crate::client::Client;
use crate::dpop::DpopKey;
use crate::pkce::{self, CodeVerifier, danger};
use crate::request::BuildError;
use crate::request::params::Params;
use crate::server::Endpoint;
use crate::value::{AuthorizationDetails, Entropy, RedirectUri, Scope, Secret};
use crate::wire::base64url;

/// An authorization request. `state` and PKCE with `S256` are always there unless taken away by name.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy};
/// # let server = AuthorizationServer::new().authorization_endpoint("https://as.example/authorize");
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let mut entropy = Entropy::new([7; 32]);
/// let started = client
///     .authorization()
///     .redirect_uri("https://client.example.com/cb")
///     .scope("openid profile")
///     .start(&mut entropy)?;
/// // Send the browser to `started.url`; keep `started.pending` in this user's session.
/// assert!(started.url.contains("scope=openid%20profile"));
/// # Ok::<(), grantwire::BuildError>(())
/// ```
pub struct AuthorizationRequest {
    pub(super) client: Client,
    response_type: Cow<'static, str>,
    redirect_uri: Option<RedirectUri>,
    scope: Scope,
    state: Option<Secret>,
    nonce: Nonce,
    pkce: Pkce,
    response_mode: Option<Cow<'static, str>>,
    max_age: Option<u64>,
    claims: Option<String>,
    dpop_jkt: Option<String>,
    details: Option<AuthorizationDetails>,
    resources: Vec<String>,
    extras: Vec<(Cow<'static, str>, String)>,
}

enum Nonce {
    Absent,
    Generated,
    Given(Secret),
}

enum Pkce {
    S256(Option<CodeVerifier>),
    Plain,
    Off,
}

/// A started authorization: where the browser goes, and what to keep until it returns.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartedAuthorization {
    /// The URL to open. It holds `state`, so it is not for logs.
    pub url: AuthorizationUrl,
    /// What the callback will be checked against. Keep it in the user's own session: a store that is
    /// keyed by `state` alone lets one user finish another's login.
    pub pending: PendingAuthorization,
}

impl Client {
    /// Starts an authorization request with `response_type=code`.
    #[must_use]
    pub fn authorization(&self) -> AuthorizationRequest {
        AuthorizationRequest {
            client: self.clone(),
            response_type: Cow::Borrowed("code"),
            redirect_uri: None,
            scope: Scope::default(),
            state: None,
            nonce: Nonce::Absent,
            pkce: Pkce::S256(None),
            response_mode: None,
            max_age: None,
            claims: None,
            dpop_jkt: None,
            details: None,
            resources: Vec::new(),
            extras: Vec::new(),
        }
    }
}

impl AuthorizationRequest {
    /// OPTIONAL by the RFC, wanted by nearly every server. Sent byte for byte, here and when the code
    /// is redeemed.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<RedirectUri>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    /// OPTIONAL. The scope asked for.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Scope>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Another response type than `code`, such as `id_token code`.
    #[must_use]
    pub fn response_type(mut self, response_type: impl Into<Cow<'static, str>>) -> Self {
        self.response_type = response_type.into();
        self
    }

    /// How the response comes back: `query`, `fragment`, `form_post`; signed, with `.jwt` behind one of
    /// these, or `jwt` alone ([JARM §2.3](https://openid.net/specs/oauth-v2-jarm.html#section-2.3)). Default: the server's choice.
    #[must_use]
    pub fn response_mode(mut self, mode: impl Into<Cow<'static, str>>) -> Self {
        self.response_mode = Some(mode.into());
        self
    }

    /// A `state` of the caller's, in place of 32 random bytes. It must be unguessable and new, and is
    /// no place for application data.
    #[must_use]
    pub fn state(mut self, state: impl Into<Secret>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Sends a random `nonce`
    /// ([OpenID Connect Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)); it comes back in the ID token,
    /// to be compared by whoever verifies that.
    #[must_use]
    pub fn with_nonce(mut self) -> Self {
        self.nonce = Nonce::Generated;
        self
    }

    /// Sends this `nonce`.
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.nonce = Nonce::Given(nonce.into());
        self
    }

    /// A verifier of the caller's, in place of 32 random bytes.
    #[must_use]
    pub fn code_verifier(mut self, verifier: CodeVerifier) -> Self {
        self.pkce = Pkce::S256(Some(verifier));
        self
    }

    /// PKCE with the verifier in the clear, for servers that know no better.
    #[must_use]
    pub fn plain_pkce(mut self, _: danger::PlainPkce) -> Self {
        self.pkce = Pkce::Plain;
        self
    }

    /// No PKCE at all, for servers that refuse it.
    #[must_use]
    pub fn without_pkce(mut self, _: danger::NoPkce) -> Self {
        self.pkce = Pkce::Off;
        self
    }

    /// OPTIONAL. The user must have authenticated not longer ago than this
    /// ([OpenID Connect Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)), in whole seconds. The ID token is
    /// held against it.
    #[must_use]
    pub const fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age.as_secs());
        self
    }

    /// The `claims` parameter, as JSON text
    /// ([OpenID Connect Core §5.5](https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter)).
    #[must_use]
    pub fn claims(mut self, json: impl Into<String>) -> Self {
        self.claims = Some(json.into());
        self
    }

    /// Binds the code to a DPoP key, which must then redeem it
    /// ([RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10)).
    #[must_use]
    pub fn dpop_jkt(mut self, key: &DpopKey) -> Self {
        self.dpop_jkt = Some(key.thumbprint().to_owned());
        self
    }

    /// OPTIONAL, repeatable. Where the token will be used: an absolute URI without a fragment
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// What exactly is asked for, beyond scopes
    /// ([RFC 9396 §3](https://www.rfc-editor.org/rfc/rfc9396#section-3)).
    #[must_use]
    pub fn authorization_details(mut self, details: AuthorizationDetails) -> Self {
        self.details = Some(details);
        self
    }

    /// Adds any other parameter: `prompt`, `login_hint`, `acr_values`. It may not have the name of one
    /// that this crate writes, and an empty value is left out.
    #[must_use]
    pub fn parameter(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.extras.push((name.into(), value.into()));
        self
    }

    /// The URL, and what to keep until the callback. The code challenge goes with its method, whose
    /// default would be the weaker one ([RFC 7636 §4.3](https://www.rfc-editor.org/rfc/rfc7636#section-4.3)).
    ///
    /// # Errors
    ///
    /// [`BuildError`] when a value cannot be sent or the server has no authorization endpoint.
    pub fn start(self, entropy: &mut Entropy) -> Result<StartedAuthorization, BuildError> {
        let secrets = self.secrets(entropy)?;
        let url = self.url(&secrets)?;
        let pending = self.pending(secrets);
        Ok(StartedAuthorization { url, pending })
    }

    /// What the callback will be checked against.
    pub(super) fn pending(&self, secrets: Secrets) -> PendingAuthorization {
        PendingAuthorization {
            secrets,
            owner: self.client.owner(),
            iss_required: self.client.server().must_send_iss(),
            code_only: self.response_type == "code",
            redirect_uri: self.redirect_uri.clone(),
            asked: Asked::of(
                self.response_mode.as_deref().unwrap_or_default(),
                self.max_age.or_else(|| self.extra("max_age")?.parse().ok()),
                self.claims.as_deref(),
            ),
        }
    }

    /// A parameter that the caller has added.
    fn extra(&self, name: &str) -> Option<&str> {
        let mut extras = self.extras.iter().filter(|(known, _)| known == name);
        extras.next().map(|(_, value)| value.as_str())
    }

    /// `state`, `nonce` and the verifier, in one piece of memory.
    pub(super) fn secrets(&self, entropy: &mut Entropy) -> Result<Secrets, BuildError> {
        if self.state.as_ref().is_some_and(Secret::is_empty) {
            return Err(BuildError::Empty { parameter: "state".into() });
        }
        let state = self.state.as_ref().map(|state| Part::Given(state.expose()));
        let nonce = match &self.nonce {
            Nonce::Absent => Part::Given(""),
            Nonce::Generated => Part::Drawn,
            Nonce::Given(nonce) => Part::Given(nonce.expose()),
        };
        let verifier = match &self.pkce {
            Pkce::Off => Part::Given(""),
            Pkce::S256(Some(verifier)) => Part::Given(verifier.expose()),
            Pkce::S256(None) | Pkce::Plain => Part::Drawn,
        };
        let state = state.unwrap_or(Part::Drawn);
        Ok(Secrets::join([state, nonce, verifier], entropy))
    }

    /// The challenge of the verifier; anything where it is not sent.
    pub(super) fn challenge(&self, secrets: &Secrets) -> [u8; base64url::LEN_32] {
        match self.pkce {
            Pkce::S256(_) => pkce::s256(secrets.verifier()),
            Pkce::Plain | Pkce::Off => [b'-'; base64url::LEN_32],
        }
    }

    fn url(&self, secrets: &Secrets) -> Result<AuthorizationUrl, BuildError> {
        let server = self.client.server();
        let endpoint = server.uri(Endpoint::Authorization, false)?.as_str();
        let challenge = self.challenge(secrets);
        let challenge = std::str::from_utf8(&challenge).unwrap_or_default();
        let mut params = Params::new();
        self.write(secrets, challenge, true, &mut params)?;
        AuthorizationUrl::of(endpoint, &params)
    }

    pub(super) fn write_client_id<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError> {
        let name = self.client.server().tolerances().client_id_parameter.as_deref();
        params.managed(name.unwrap_or("client_id"), self.client.id().check()?)
    }

    /// What OpenID Connect wants beside a request object.
    pub(super) fn write_openid<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError> {
        params.managed("response_type", self.response_type.as_ref())?;
        params.scope(&self.scope)
    }

    /// The parameters, for a URL, a push or a request object.
    pub(super) fn write<'a>(
        &'a self,
        secrets: &'a Secrets,
        challenge: &'a str,
        client_id: bool,
        params: &mut Params<'a>,
    ) -> Result<(), BuildError> {
        if self.response_type.is_empty() {
            return Err(BuildError::Empty { parameter: "response_type".into() });
        }
        match self.response_type.as_ref() {
            "code" => params.plain("response_type", "code")?,
            other => params.managed("response_type", other)?,
        }
        if client_id {
            self.write_client_id(params)?;
        }
        if let Some(uri) = &self.redirect_uri {
            params.redirect_uri(uri)?;
        }
        params.scope(&self.scope)?;
        if self.state.is_some() {
            params.managed("state", secrets.state())?;
        } else {
            params.plain("state", secrets.state())?;
        }
        params.managed("nonce", secrets.nonce())?;
        params.managed("response_mode", self.response_mode.as_deref().unwrap_or_default())?;
        match self.pkce {
            Pkce::S256(_) if self.client.server().lacks_s256() => {
                let rule = "the server announces that it does not take S256, and a weaker method is never chosen for you";
                return Err(BuildError::Invalid {
                    parameter: "code_challenge_method".into(),
                    rule,
                });
            }
            Pkce::S256(_) => {
                params.plain("code_challenge", challenge)?;
                params.plain("code_challenge_method", "S256")?;
            }
            Pkce::Plain => {
                params.managed("code_challenge", secrets.verifier())?;
                params.managed("code_challenge_method", "plain")?;
            }
            Pkce::Off => {}
        }
        params.managed("dpop_jkt", self.dpop_jkt.as_deref().unwrap_or_default())?;
        if let Some(seconds) = self.max_age {
            params.managed("max_age", seconds.to_string())?;
        }
        params.managed("claims", self.claims.as_deref().unwrap_or_default())?;
        let details = self.details.as_ref().map_or("", AuthorizationDetails::as_json);
        params.managed("authorization_details", details)?;
        for resource in &self.resources {
            params.resource(resource)?;
        }
        for (name, value) in &self.extras {
            params.extra(name, value)?;
        }
        Ok(())
    }
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("client", &self.client)
            .field("redirect_uri", &self.redirect_uri)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
