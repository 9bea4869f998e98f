//! [`AssertionClaims`]: what every JWT made here says of its audience and its time, whatever it is for.
//!
//! Client assertions, authorization grants and request objects share it. Who the issuer and subject
//! are, and where the JWT goes, is decided by whoever makes one.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::error::BuildError;
use crate::jose::Jwt;
use crate::server::{AuthorizationServer, Endpoint};
use crate::value::Timestamp;
use crate::wire::base64url;

/// Whom an assertion is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssertionAudience {
    /// The server's issuer identifier, as a single string. The default, and the only one that an
    /// assertion made for one server cannot be replayed at another with
    /// ([draft-ietf-oauth-rfc7523bis](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis)).
    Issuer,
    /// The token endpoint's URL, for servers that accept nothing else. Weaker.
    TokenEndpoint,
    /// The URL of the endpoint that the request goes to. Weaker.
    RequestEndpoint,
    /// Another value that the server asks for.
    Value(Cow<'static, str>),
}

impl AssertionAudience {
    /// The audience for this server, in a request to this endpoint.
    pub(crate) fn of<'a>(
        &'a self,
        server: &'a AuthorizationServer,
        endpoint: &'a str,
    ) -> Result<&'a str, BuildError> {
        match self {
            Self::Issuer => Ok(server.known_issuer().ok_or(BuildError::IssuerMissing)?.check()?),
            Self::TokenEndpoint => Ok(server.uri(Endpoint::Token, false)?.as_str()),
            Self::RequestEndpoint => Ok(endpoint),
            Self::Value(value) => Ok(value),
        }
    }
}

/// Audience, time, `typ` and whatever the caller adds.
#[derive(Clone)]
pub(crate) struct AssertionClaims {
    pub(crate) audience: AssertionAudience,
    pub(crate) typ: Option<Cow<'static, str>>,
    pub(crate) lifetime: Duration,
    pub(crate) longest: Option<Duration>,
    pub(crate) backdate: Duration,
    pub(crate) header: Vec<(Cow<'static, str>, Value)>,
    pub(crate) extra: Vec<(Cow<'static, str>, Value)>,
}

impl AssertionClaims {
    pub(crate) const fn new(typ: &'static str) -> Self {
        Self {
            audience: AssertionAudience::Issuer,
            typ: Some(Cow::Borrowed(typ)),
            lifetime: Duration::from_secs(60),
            longest: None,
            backdate: Duration::ZERO,
            header: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// Adds `jti`, `iat` and `exp`, then the caller's claims and header members.
    pub(crate) fn complete(
        &self,
        mut jwt: Jwt,
        jti: Option<[u8; 32]>,
        now: Timestamp,
    ) -> Result<Jwt, BuildError> {
        let invalid = |rule| Err(BuildError::Invalid { parameter: "exp".into(), rule });
        if self.longest.is_some_and(|longest| self.lifetime > longest) {
            return invalid("the assertion's lifetime is longer than this server allows");
        }
        if self.lifetime < Duration::from_secs(1) {
            return invalid("the assertion's lifetime is under one second");
        }
        let issued = now.saturating_sub(self.backdate);
        if let Some(jti) = jti {
            jwt = jwt.claim("jti", base64url::encode(&jti));
        }
        jwt = jwt
            .claim("iat", issued.as_unix_seconds())
            .claim("exp", now.saturating_add(self.lifetime).as_unix_seconds());
        if let Some(typ) = &self.typ {
            jwt = jwt.typ(typ.clone());
        }
        for (name, value) in &self.header {
            jwt = jwt.header(name.clone(), value.clone());
        }
        for (name, value) in &self.extra {
            jwt = jwt.claim(name.clone(), value.clone());
        }
        Ok(jwt)
    }
}

/// The setters of what [`AssertionClaims`] holds, for a type that holds one at this path.
macro_rules! claim_setters {
    ($($claims:tt).+, $typ:literal) => {
        /// Whom the JWT is made for. Default: the issuer.
        #[must_use]
        pub fn audience(mut self, audience: $crate::request::AssertionAudience) -> Self {
            self.$($claims).+.audience = audience;
            self
        }

        #[doc = $typ]
        #[must_use]
        pub fn typ(mut self, typ: impl Into<std::borrow::Cow<'static, str>>) -> Self {
            self.$($claims).+.typ = Some(typ.into());
            self
        }

        /// Leaves the `typ` header member out.
        #[must_use]
        pub fn without_typ(mut self) -> Self {
            self.$($claims).+.typ = None;
            self
        }

        /// How long after it is made the JWT expires. Default: 60 seconds; at least one.
        #[must_use]
        pub fn lifetime(mut self, lifetime: std::time::Duration) -> Self {
            self.$($claims).+.lifetime = lifetime;
            self
        }

        /// The longest lifetime the server takes; a longer one is refused here instead of there.
        /// Default: no limit.
        #[must_use]
        pub fn longest_lifetime(mut self, longest: std::time::Duration) -> Self {
            self.$($claims).+.longest = Some(longest);
            self
        }

        /// Sets `iat` this far back, for servers whose clock is behind. Default: not at all.
        #[must_use]
        pub fn backdate(mut self, by: std::time::Duration) -> Self {
            self.$($claims).+.backdate = by;
            self
        }

        /// Adds a JOSE header member, such as `x5t` or `x5c`.
        #[must_use]
        pub fn header(
            mut self,
            name: impl Into<std::borrow::Cow<'static, str>>,
            value: impl Into<serde_json::Value>,
        ) -> Self {
            self.$($claims).+.header.push((name.into(), value.into()));
            self
        }

        /// Adds a claim. Those this crate writes cannot be repeated.
        #[must_use]
        pub fn claim(
            mut self,
            name: impl Into<std::borrow::Cow<'static, str>>,
            value: impl Into<serde_json::Value>,
        ) -> Self {
            self.$($claims).+.extra.push((name.into(), value.into()));
            self
        }
    };
}

pub(crate) use claim_setters;
