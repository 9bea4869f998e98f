//! The introspection endpoint ([RFC 7662 §2](https://www.rfc-editor.org/rfc/rfc7662#section-2)): what a server says of a token.
//!
//! An authorization decision hangs on the answer, so `active` must be a boolean and nothing is guessed:
//! a failure is an error and never "inactive". An answer that is a JWT is an error too, unless it was asked
//! for: [`IntrospectionRequest::signed`].

use crate::reply::members::{GrantedScope, List, moment};
use std::fmt;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::endpoint::client_call::{BackChannel, Door, door};
use crate::endpoint::token_type_hint::{TokenTypeHint, write_token};
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::request::BuildError;
use crate::request::params::Params;
use crate::server::Endpoint;
use crate::value::{Secret, Timestamp, TokenType, authorization_details};
use crate::wire::json::{self, Members};

mod confirmation;
mod signed;

pub use confirmation::Confirmation;
pub use signed::{SignedIntrospection, SignedIntrospectionRequest};

/// An introspection request ([RFC 7662 §2.1](https://www.rfc-editor.org/rfc/rfc7662#section-2.1)).
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # let server = AuthorizationServer::new().introspection_endpoint("https://server.example.com/introspect");
/// # let client = Client::new(server, "rs");
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// let exchange = client.introspect("mF_9.B5f-4.1JqM");
/// let request = exchange.request(now, &mut entropy)?;
/// # let response = http::Response::new(br#"{"active":false}"#.to_vec());
/// assert!(!exchange.read(&response)?.is_active());
/// # Ok::<(), grantwire::Error>(())
/// ```
pub struct IntrospectionRequest {
    channel: BackChannel,
    token: Secret,
    hint: Option<TokenTypeHint>,
}

impl Client {
    /// Asks what a token is worth.
    pub fn introspect(&self, token: impl Into<Secret>) -> IntrospectionRequest {
        IntrospectionRequest { channel: BackChannel::of(self), token: token.into(), hint: None }
    }
}

impl IntrospectionRequest {
    /// OPTIONAL. What kind of token it is.
    #[must_use]
    pub fn hint(mut self, hint: TokenTypeHint) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// What the server says of a token ([RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)).
///
/// Every member but `active` is optional, and one that cannot be read counts as absent and is
/// reported. When the token is not active, nothing else means anything.
#[derive(Clone)]
pub struct Introspection {
    active: bool,
    scope: GrantedScope,
    client_id: Option<String>,
    username: Option<String>,
    subject: Option<String>,
    issuer: Option<String>,
    audience: Option<Vec<String>>,
    expires: Option<Timestamp>,
    issued: Option<Timestamp>,
    not_before: Option<Timestamp>,
    token_type: Option<TokenType>,
    jti: Option<String>,
    confirmation: Option<Confirmation>,
    acr: Option<String>,
    auth_time: Option<Timestamp>,
    deviations: Vec<Deviation>,
    body: Zeroizing<String>,
}

impl Introspection {
    /// REQUIRED. Whether the token is good, in the server's eyes, at this moment. A token that the server does
    /// not know is not active, and no error ([RFC 7662 §2.3](https://www.rfc-editor.org/rfc/rfc7662#section-2.3)).
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.active
    }

    /// OPTIONAL. Its scope.
    #[must_use]
    pub const fn scope(&self) -> &GrantedScope {
        &self.scope
    }

    /// OPTIONAL. The client it was issued to.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// OPTIONAL. A name for a person to read.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// OPTIONAL. `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// OPTIONAL. `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// OPTIONAL. `aud`, one or several, as far as they can be read. It is there whenever the member is and is
    /// not `null`: a token for others must not be taken for one without an audience.
    #[must_use]
    pub fn audience(&self) -> Option<&[String]> {
        self.audience.as_deref()
    }

    /// OPTIONAL. `exp`.
    #[must_use]
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// OPTIONAL. `iat`.
    #[must_use]
    pub const fn issued(&self) -> Option<Timestamp> {
        self.issued
    }

    /// OPTIONAL. `nbf`.
    #[must_use]
    pub const fn not_before(&self) -> Option<Timestamp> {
        self.not_before
    }

    /// OPTIONAL. How the token is presented.
    #[must_use]
    pub const fn token_type(&self) -> Option<&TokenType> {
        self.token_type.as_ref()
    }

    /// OPTIONAL. Its identifier.
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.jti.as_deref()
    }

    /// OPTIONAL. `cnf`: the certificate or key that the token is bound to. Unlike the others it is never
    /// absent because it could not be read.
    #[must_use]
    pub const fn confirmation(&self) -> Option<&Confirmation> {
        self.confirmation.as_ref()
    }

    /// OPTIONAL. The class of the authentication behind it
    /// ([RFC 9470 §6.2](https://www.rfc-editor.org/rfc/rfc9470#section-6.2)).
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// OPTIONAL. When the user authenticated
    /// ([RFC 9470 §6.2](https://www.rfc-editor.org/rfc/rfc9470#section-6.2)).
    #[must_use]
    pub const fn auth_time(&self) -> Option<Timestamp> {
        self.auth_time
    }

    /// OPTIONAL. What exactly it is good for, beyond scopes, as any type
    /// ([RFC 9396 §9.2](https://www.rfc-editor.org/rfc/rfc9396#section-9.2)); `None` when the server said nothing or the type
    /// does not fit.
    #[must_use]
    pub fn authorization_details<T: DeserializeOwned>(&self) -> Option<Vec<T>> {
        self.extra(authorization_details::NAME)
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Any member by name, as any type, such as `act`; `None` when it is absent or of another type.
    #[must_use]
    pub fn extra<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&self.body, name).ok()??.read()
    }
}

/// It says who somebody is, so only whether it is active is shown.
impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection").field("active", &self.active).finish_non_exhaustive()
    }
}

door!(IntrospectionRequest => Introspection);

impl Door for IntrospectionRequest {
    type Answer = Introspection;
    const ENDPOINT: Endpoint = Endpoint::Introspection;
    const SUCCESS: &'static str = "active";

    fn channel(&self) -> &BackChannel {
        &self.channel
    }

    fn channel_mut(&mut self) -> &mut BackChannel {
        &mut self.channel
    }

    fn write<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError> {
        write_token(&self.token, self.hint.as_ref(), params)
    }

    fn understand(reply: Reply<'_>, rules: Rules<'_>) -> Result<Introspection, ReplyError> {
        let mut body = body::open(reply, rules)?;
        body.expect_status(reply, 200);
        interpret(&body.text, rules, body.deviations).map_err(|why| rules.unusable(reply, why))
    }
}

const MEMBERS: &[&str; 15] = &[
    "active",
    "scope",
    "client_id",
    "username",
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "token_type",
    "jti",
    "cnf",
    "acr",
    "auth_time",
];

fn interpret(
    text: &str,
    rules: Rules<'_>,
    mut deviations: Vec<Deviation>,
) -> Result<Introspection, Unusable> {
    let members = json::object(text, MEMBERS)?;
    let active = members.get("active").ok_or(Unusable::MemberMissing("active"))?;
    let active = match active.raw() {
        "true" => true,
        "false" => false,
        _ => return Err(Unusable::MemberMalformed("active")),
    };
    let deviations = &mut deviations;
    let scope = GrantedScope::read(members.get("scope"), rules.quirks, deviations);
    Ok(Introspection {
        active,
        scope,
        client_id: text_member(&members, "client_id", deviations),
        username: text_member(&members, "username", deviations),
        subject: text_member(&members, "sub", deviations),
        issuer: text_member(&members, "iss", deviations),
        audience: audience(&members, deviations),
        expires: moment(&members, "exp", deviations),
        issued: moment(&members, "iat", deviations),
        not_before: moment(&members, "nbf", deviations),
        token_type: token_type(&members, deviations),
        jti: text_member(&members, "jti", deviations),
        confirmation: members.get("cnf").map(|member| Confirmation::read(member, deviations)),
        acr: text_member(&members, "acr", deviations),
        auth_time: moment(&members, "auth_time", deviations),
        deviations: std::mem::take(deviations),
        body: Zeroizing::new(text.to_owned()),
    })
}

fn text_member<const N: usize>(
    members: &Members<'_, N>,
    name: &'static str,
    deviations: &mut Vec<Deviation>,
) -> Option<String> {
    let text = members.get(name)?.string();
    if text.is_none() {
        deviations.push(Deviation::MalformedMember(name));
    }
    text.map(Into::into)
}

fn audience<const N: usize>(
    members: &Members<'_, N>,
    deviations: &mut Vec<Deviation>,
) -> Option<Vec<String>> {
    if let Some(one) = members.get("aud")?.string() {
        return Some(vec![one.into_owned()]);
    }
    Some(List::of(members, "aud", deviations).map(|list| list.known).unwrap_or_default())
}

fn token_type<const N: usize>(
    members: &Members<'_, N>,
    deviations: &mut Vec<Deviation>,
) -> Option<TokenType> {
    const NAME: &str = "token_type";
    let name = text_member(members, NAME, deviations)?;
    if name.is_empty() {
        deviations.push(Deviation::MalformedMember(NAME));
        return None;
    }
    let token_type = TokenType::from_name(&name);
    if name != token_type.as_str() {
        deviations.push(Deviation::TokenTypeCase);
    }
    Some(token_type)
}

impl fmt::Debug for IntrospectionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntrospectionRequest")
            .field("client", &self.channel.client)
            .field("hint", &self.hint)
            .finish_non_exhaustive()
    }
}
