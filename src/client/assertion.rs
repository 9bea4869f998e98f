//! Methods that sign a JWT: `client_secret_jwt` and `private_key_jwt`.
//!
//! Every request gets an assertion of its own; none is kept, so none can be replayed by a retry.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::auth::{ClientAuthentication, Credentials};
use crate::jose::{Algorithm, Jwt, KeyType, Signer};
use crate::value::{BuildError, Secret};
use crate::wire::base64url;

/// Whom a client assertion is made for.
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

/// What an assertion says, whichever key signs it.
#[derive(Clone)]
struct Claims {
    audience: AssertionAudience,
    typ: Option<Cow<'static, str>>,
    lifetime: Duration,
    longest: Option<Duration>,
    backdate: Duration,
    send_client_id: bool,
    header: Vec<(Cow<'static, str>, Value)>,
    extra: Vec<(Cow<'static, str>, Value)>,
}

impl Claims {
    const fn new() -> Self {
        Self {
            audience: AssertionAudience::Issuer,
            typ: Some(Cow::Borrowed("client-authentication+jwt")),
            lifetime: Duration::from_secs(60),
            longest: None,
            backdate: Duration::ZERO,
            send_client_id: false,
            header: Vec::new(),
            extra: Vec::new(),
        }
    }

    fn write<'a>(&self, to: &mut Credentials<'_, 'a>, signer: &Signer) -> Result<(), BuildError> {
        if self.longest.is_some_and(|longest| self.lifetime > longest) {
            let rule = "the assertion's lifetime is longer than this server allows";
            return Err(BuildError::Invalid { parameter: "exp".into(), rule });
        }
        if self.lifetime < Duration::from_secs(1) {
            let rule = "the assertion's lifetime is under one second";
            return Err(BuildError::Invalid { parameter: "exp".into(), rule });
        }
        let audience = match &self.audience {
            AssertionAudience::Issuer => to.issuer()?,
            AssertionAudience::TokenEndpoint => to.token_endpoint()?,
            AssertionAudience::RequestEndpoint => to.endpoint(),
            AssertionAudience::Value(value) => value,
        };
        let issued = to.now().saturating_sub(self.backdate);
        let mut jwt = Jwt::new()
            .claim("iss", to.client_id())
            .claim("sub", to.client_id())
            .claim("aud", audience)
            .claim("jti", base64url::encode(&to.random()))
            .claim("iat", issued.as_unix_seconds())
            .claim("exp", to.now().saturating_add(self.lifetime).as_unix_seconds());
        if let Some(typ) = &self.typ {
            jwt = jwt.typ(typ.clone());
        }
        for (name, value) in &self.header {
            jwt = jwt.header(name.clone(), value.clone());
        }
        for (name, value) in &self.extra {
            jwt = jwt.claim(name.clone(), value.clone());
        }
        if self.send_client_id {
            to.send_client_id()?;
        }
        to.assertion(&jwt, signer)
    }
}

macro_rules! claim_setters {
    () => {
        /// Whom the assertion is made for. Default: the issuer.
        #[must_use]
        pub fn audience(mut self, audience: AssertionAudience) -> Self {
            self.claims.audience = audience;
            self
        }

        /// The `typ` header member. Default: `client-authentication+jwt`; PingOne wants `JWT`.
        #[must_use]
        pub fn typ(mut self, typ: impl Into<Cow<'static, str>>) -> Self {
            self.claims.typ = Some(typ.into());
            self
        }

        /// Leaves the `typ` header member out.
        #[must_use]
        pub fn without_typ(mut self) -> Self {
            self.claims.typ = None;
            self
        }

        /// How long after it is made the assertion expires. Default: 60 seconds; at least one.
        #[must_use]
        pub fn lifetime(mut self, lifetime: Duration) -> Self {
            self.claims.lifetime = lifetime;
            self
        }

        /// The longest lifetime the server takes; a longer one is refused here instead of there.
        /// Default: no limit.
        #[must_use]
        pub fn longest_lifetime(mut self, longest: Duration) -> Self {
            self.claims.longest = Some(longest);
            self
        }

        /// Sets `iat` this far back, for servers whose clock is behind. Default: not at all.
        #[must_use]
        pub fn backdate(mut self, by: Duration) -> Self {
            self.claims.backdate = by;
            self
        }

        /// Also sends `client_id` in the body
        /// ([RFC 7521 §4.2](https://www.rfc-editor.org/rfc/rfc7521#section-4.2)). Default: no.
        #[must_use]
        pub fn with_client_id(mut self) -> Self {
            self.claims.send_client_id = true;
            self
        }

        /// Adds a JOSE header member, such as `x5t` or `x5c`.
        #[must_use]
        pub fn header(
            mut self,
            name: impl Into<Cow<'static, str>>,
            value: impl Into<Value>,
        ) -> Self {
            self.claims.header.push((name.into(), value.into()));
            self
        }

        /// Adds a claim. Those this crate writes cannot be repeated.
        #[must_use]
        pub fn claim(
            mut self,
            name: impl Into<Cow<'static, str>>,
            value: impl Into<Value>,
        ) -> Self {
            self.claims.extra.push((name.into(), value.into()));
            self
        }
    };
}

/// `private_key_jwt`: a JWT signed with the client's private key
/// ([RFC 7523 §2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2)).
///
/// The key may be here or elsewhere; the signer knows.
///
/// ```
/// use grantwire::client::PrivateKeyJwt;
/// use grantwire::jose::{Algorithm, Signer};
///
/// let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256).key_id("kms-1")).typ("JWT");
/// ```
#[derive(Clone)]
pub struct PrivateKeyJwt {
    signer: Signer,
    claims: Claims,
}

impl PrivateKeyJwt {
    /// Signs with this key: a [`Signer`], or a local key.
    pub fn new(signer: impl Into<Signer>) -> Self {
        Self { signer: signer.into(), claims: Claims::new() }
    }

    claim_setters!();
}

impl ClientAuthentication for PrivateKeyJwt {
    fn name(&self) -> &str {
        "private_key_jwt"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        if self.signer.algorithm().key_type() == KeyType::Symmetric {
            let rule = "a symmetric algorithm has no private key; use client_secret_jwt";
            return Err(BuildError::Invalid { parameter: "alg".into(), rule });
        }
        self.claims.write(to, &self.signer)
    }
}

impl fmt::Debug for PrivateKeyJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKeyJwt").field("signer", &self.signer).finish_non_exhaustive()
    }
}

/// `client_secret_jwt`: a JWT authenticated with the client's secret
/// ([RFC 7523 §2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2)). The key is the secret's UTF-8 bytes.
#[derive(Clone)]
pub struct ClientSecretJwt {
    algorithm: Algorithm,
    secret: Secret,
    short_secret: bool,
    claims: Claims,
}

impl ClientSecretJwt {
    /// With HS256, HS384 or HS512.
    pub fn new(algorithm: Algorithm, secret: impl Into<Secret>) -> Self {
        Self { algorithm, secret: secret.into(), short_secret: false, claims: Claims::new() }
    }

    /// Allows a secret shorter than the hash, which [RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2) forbids.
    #[must_use]
    pub fn allow_short_secret(mut self) -> Self {
        self.short_secret = true;
        self
    }

    claim_setters!();
}

impl ClientAuthentication for ClientSecretJwt {
    fn name(&self) -> &str {
        "client_secret_jwt"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        let secret = &self.secret;
        let (KeyType::Symmetric, Some(shortest)) =
            (self.algorithm.key_type(), self.algorithm.signature_len())
        else {
            let rule = "client_secret_jwt takes HS256, HS384 or HS512";
            return Err(BuildError::Invalid { parameter: "alg".into(), rule });
        };
        if secret.is_empty() {
            return Err(BuildError::Empty { parameter: "client_secret".into() });
        }
        if secret.expose().len() < shortest && !self.short_secret {
            let rule = "the secret is shorter than the hash of the algorithm; allow it by name, or use a shorter hash";
            return Err(BuildError::Invalid { parameter: "client_secret".into(), rule });
        }
        self.claims.write(to, &Signer::hmac(self.algorithm, secret.clone()))
    }
}

impl fmt::Debug for ClientSecretJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecretJwt")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
