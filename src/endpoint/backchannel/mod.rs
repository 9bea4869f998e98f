//! The backchannel authentication endpoint of CIBA
//! ([OpenID Connect CIBA §7.1](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request)): a user is asked on a device of their own.
//!
//! Poll and ping: a [`Ping`] is what the server calls back with. Asking for the outcome is
//! [`CibaFlow`](crate::flow::CibaFlow)'s.

use crate::request::{BuildError, SignatureSlots};
use std::fmt;
use std::time::Duration;

use crate::client::Client;
use crate::endpoint::authorization::RequestObject;
use crate::endpoint::client_call::{BackChannel, Door, door};
use crate::reply::members::Lifetime;
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::request::params::Params;
use crate::server::Endpoint;
use crate::value::{CredentialUse, Entropy, Scope, Secret, Timestamp};
use crate::wire::json;

mod ping;

pub use ping::{Ping, PingError};

/// Who the user is. A request carries exactly one hint, so there is exactly one here.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserHint {
    /// `login_hint`: a name the server knows the user by.
    Login(String),
    /// `id_token_hint`: an ID token that was issued before.
    IdToken(Secret),
    /// `login_hint_token`: a token that says who the user is.
    LoginToken(Secret),
}

/// It says who somebody is, so only its kind is shown.
impl fmt::Debug for UserHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login(_) => "Login(..)",
            Self::IdToken(_) => "IdToken(..)",
            Self::LoginToken(_) => "LoginToken(..)",
        })
    }
}

/// A backchannel authentication request
/// ([OpenID Connect CIBA §7.1](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request)).
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # use grantwire::client::ClientSecretBasic;
/// # let server = AuthorizationServer::new().backchannel_authentication_endpoint("https://as.example/bc-authorize");
/// # let client = Client::new(server, "c").auth(ClientSecretBasic::new("s"));
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// use grantwire::backchannel::UserHint;
///
/// let exchange = client
///     .backchannel_authentication(UserHint::Login("jane".into()))
///     .scope("openid")
///     .binding_message("W4SCT");
/// let request = exchange.request(now, &mut entropy)?;
/// assert_eq!(request.body(), b"login_hint=jane&binding_message=W4SCT&scope=openid");
/// # Ok::<(), grantwire::BuildError>(())
/// ```
pub struct BackchannelAuthenticationRequest {
    channel: BackChannel,
    hint: UserHint,
    scope: Scope,
    binding_message: String,
    user_code: Option<Secret>,
    requested_expiry: Option<Duration>,
    notification_token: Option<Secret>,
    object: Option<RequestObject>,
    /// Parameters that were added before the request was signed.
    inside: Vec<(String, Secret)>,
}

impl Client {
    /// Asks a user on a device of their own.
    #[must_use]
    pub fn backchannel_authentication(&self, hint: UserHint) -> BackchannelAuthenticationRequest {
        BackchannelAuthenticationRequest {
            channel: BackChannel::of(self),
            hint,
            scope: Scope::default(),
            binding_message: String::new(),
            user_code: None,
            requested_expiry: None,
            notification_token: None,
            object: None,
            inside: Vec::new(),
        }
    }
}

impl BackchannelAuthenticationRequest {
    /// REQUIRED by OpenID, with `openid` in it.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Scope>) -> Self {
        self.scope = scope.into();
        self
    }

    /// OPTIONAL. Shown on both devices, so that the user can see that they belong together.
    #[must_use]
    pub fn binding_message(mut self, message: impl Into<String>) -> Self {
        self.binding_message = message.into();
        self
    }

    /// OPTIONAL. A code only the user knows.
    #[must_use]
    pub fn user_code(mut self, code: impl Into<Secret>) -> Self {
        self.user_code = Some(code.into());
        self
    }

    /// OPTIONAL. How long the request should stay open, in whole
    /// seconds and at least one.
    #[must_use]
    pub const fn requested_expiry(mut self, expiry: Duration) -> Self {
        self.requested_expiry = Some(expiry);
        self
    }

    /// REQUIRED for ping: what the server presents when it calls the client back. At most 1024 characters
    /// of the syntax of a bearer token ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)), and not
    /// to be guessed: at least 128 random bits.
    #[must_use]
    pub fn client_notification_token(mut self, token: impl Into<Secret>) -> Self {
        self.notification_token = Some(token.into());
        self
    }

    /// Signs the request, as FAPI-CIBA asks: every parameter becomes a claim of a JWT in `request`, and
    /// beside it stands client authentication alone
    /// ([OpenID Connect CIBA §7.1.1](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#signed_auth_request)). A
    /// parameter of the server's own is added before this. The JWT is made anew, and signed, for each
    /// request; it always has `nbf`. No `typ` is named for it, so
    /// the object's own stands until another is set.
    ///
    /// ```
    /// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
    /// # use grantwire::client::ClientSecretPost;
    /// # fn kms_sign(_key: Option<&str>, _input: &[u8]) -> Vec<u8> { vec![1; 64] }
    /// # let server = AuthorizationServer::new().issuer("https://as.example").backchannel_authentication_endpoint("https://as.example/bc-authorize");
    /// # let client = Client::new(server, "c").auth(ClientSecretPost::new("s"));
    /// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
    /// use grantwire::authorization::RequestObject;
    /// use grantwire::backchannel::UserHint;
    /// use grantwire::jose::{Algorithm, Signer};
    ///
    /// let key = Signer::remote(Algorithm::Es256).key_id("kms-1");
    /// let exchange = client
    ///     .backchannel_authentication(UserHint::Login("jane".into()))
    ///     .scope("openid")
    ///     .signed(RequestObject::new(key));
    /// let mut draft = exchange.draft(now, &mut entropy)?;
    /// if let Some(unsigned) = draft.unsigned() {
    ///     let signature = unsigned.signed(kms_sign(unsigned.key_id(), unsigned.input()));
    ///     draft.sign(&signature)?;
    /// }
    /// let request = draft.finish()?;
    /// assert!(request.body().starts_with(b"request=eyJ"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn signed(mut self, object: RequestObject) -> Self {
        self.object = Some(object.with_nbf());
        self.inside.append(&mut self.channel.extras);
        self
    }

    /// What is asked, wherever it stands.
    fn ask<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError> {
        let (name, hint) = match &self.hint {
            UserHint::Login(hint) => ("login_hint", hint.as_str()),
            UserHint::IdToken(hint) => ("id_token_hint", hint.expose()),
            UserHint::LoginToken(hint) => ("login_hint_token", hint.expose()),
        };
        if hint.is_empty() {
            return Err(BuildError::Empty { parameter: name.into() });
        }
        params.managed(name, hint)?;
        params.managed("binding_message", self.binding_message.as_str())?;
        params.managed("user_code", self.user_code.as_ref().map_or("", Secret::expose))?;
        let expiry = self.requested_expiry.map(|expiry| expiry.as_secs().max(1).to_string());
        params.managed("requested_expiry", expiry.unwrap_or_default())?;
        let token = self.notification_token.as_ref().map_or("", Secret::expose);
        check_notification_token(token)?;
        params.managed("client_notification_token", token)?;
        params.managed("scope", self.scope.check()?)
    }
}

/// A backchannel authentication under way
/// ([OpenID Connect CIBA §7.3](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#successful_authentication_request_acknowdlegment)).
#[derive(Debug, Clone)]
pub struct BackchannelAuthentication {
    pub(crate) auth_req_id: Secret,
    pub(crate) lifetime: Lifetime,
    pub(crate) interval: Duration,
    deviations: Vec<Deviation>,
}

impl BackchannelAuthentication {
    /// The identifier of the request.
    #[must_use]
    pub const fn auth_req_id(&self) -> &Secret {
        &self.auth_req_id
    }

    /// How long the request stays open.
    #[must_use]
    pub const fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    /// How long to wait between two polls. 5 seconds when the server says nothing usable.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }
}

/// Section 7.1. The server could not present anything else.
fn check_notification_token(token: &str) -> Result<(), BuildError> {
    let wrong =
        |rule| Err(BuildError::Invalid { parameter: "client_notification_token".into(), rule });
    if token.len() > 1024 {
        return wrong("takes at most 1024 characters");
    }
    let body = token.trim_end_matches('=');
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if !body.bytes().all(fine) || (body.is_empty() && !token.is_empty()) {
        return wrong("takes letters, digits and `-._~+/`, and `=` at the end only");
    }
    Ok(())
}

door!(BackchannelAuthenticationRequest => BackchannelAuthentication);

impl Door for BackchannelAuthenticationRequest {
    type Answer = BackchannelAuthentication;
    const ENDPOINT: Endpoint = Endpoint::BackchannelAuthentication;
    const SUCCESS: &'static str = "auth_req_id";
    // Asking twice asks the user twice.
    const CREDENTIAL: CredentialUse = CredentialUse::Once;
    const REFUSED: &'static [&'static str] = &["id_token_hint", "login_hint", "login_hint_token"];

    fn channel(&self) -> &BackChannel {
        &self.channel
    }

    fn channel_mut(&mut self) -> &mut BackChannel {
        &mut self.channel
    }

    fn is_single_use(&self) -> bool {
        self.object.is_some()
    }

    /// Nothing may stand beside a signed request (section 7.1.1).
    fn check_extra(&self, name: &str) -> Result<(), BuildError> {
        if Self::REFUSED.contains(&name) {
            return Err(BuildError::ParameterManaged { parameter: name.to_owned().into() });
        }
        if self.object.is_some() {
            let rule = "belongs in the signed request; add it before the request is signed";
            return Err(BuildError::Invalid { parameter: name.to_owned().into(), rule });
        }
        Ok(())
    }

    fn write<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError> {
        match self.object {
            Some(_) => Ok(()),
            None => self.ask(params),
        }
    }

    fn sign(
        &self,
        now: Timestamp,
        entropy: &mut Entropy,
        params: &mut Params<'_>,
        slots: &mut SignatureSlots,
    ) -> Result<(), BuildError> {
        let Some(object) = &self.object else { return Ok(()) };
        let mut claims = Params::new();
        self.ask(&mut claims)?;
        for (name, value) in &self.inside {
            if Self::REFUSED.contains(&name.as_str()) {
                return Err(BuildError::ParameterManaged { parameter: name.clone().into() });
            }
            claims.extra(name, value.expose())?;
        }
        let endpoint = self.address()?.as_str();
        let jwt = object.jwt(&self.channel.client, &claims, endpoint, now, entropy)?;
        slots.sign_parameter("request", &jwt, object.signer(), params)
    }

    fn understand(
        reply: Reply<'_>,
        rules: Rules<'_>,
    ) -> Result<BackchannelAuthentication, ReplyError> {
        let mut body = body::open(reply, rules)?;
        body.expect_status(reply, 200);
        interpret(&body.text, rules, body.deviations).map_err(|why| rules.unusable(reply, why))
    }
}

const MEMBERS: &[&str; 3] = &["auth_req_id", "expires_in", "interval"];

fn interpret(
    text: &str,
    rules: Rules<'_>,
    mut deviations: Vec<Deviation>,
) -> Result<BackchannelAuthentication, Unusable> {
    const NAME: &str = "auth_req_id";
    let members = json::object(text, MEMBERS)?;
    let id = members.get(NAME).ok_or(Unusable::MemberMissing(NAME))?;
    let id = id.string().filter(|id| !id.is_empty()).ok_or(Unusable::MemberMalformed(NAME))?;
    Ok(BackchannelAuthentication {
        auth_req_id: Secret::new(id),
        lifetime: Lifetime::read(members.get("expires_in"), rules.quirks, &mut deviations),
        interval: Lifetime::interval(members.get("interval"), &mut deviations),
        deviations,
    })
}

impl fmt::Debug for BackchannelAuthenticationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackchannelAuthenticationRequest")
            .field("client", &self.channel.client)
            .finish_non_exhaustive()
    }
}
