//! Methods that sign a JWT: `client_secret_jwt` and `private_key_jwt`.
//!
//! Every request gets an assertion of its own; none is kept, so none can be replayed by a retry.

use std::fmt;

use super::authentication::ClientAuthentication;
use super::credentials::Credentials;
use crate::jose::{Algorithm, Jwt, KeyType, Signer};
use crate::request::{AssertionClaims, BuildError, claim_setters};
use crate::value::Secret;

/// What a client assertion is by default, and what says so.
const TYP: &str = "client-authentication+jwt";

fn write<'a>(
    claims: &AssertionClaims,
    with_client_id: bool,
    signer: &Signer,
    to: &mut Credentials<'_, 'a>,
) -> Result<(), BuildError> {
    let audience = claims.audience.of(to.server, to.endpoint())?;
    let jwt =
        Jwt::new().claim("iss", to.client_id()).claim("sub", to.client_id()).claim("aud", audience);
    let jwt = claims.complete(jwt, Some(to.random()), to.now())?;
    if with_client_id {
        to.send_client_id()?;
    }
    to.assertion(&jwt, signer)
}

macro_rules! with_client_id {
    () => {
        /// Also sends `client_id` in the body
        /// ([RFC 7521 §4.2](https://www.rfc-editor.org/rfc/rfc7521#section-4.2)). Default: no.
        #[must_use]
        pub fn with_client_id(mut self) -> Self {
            self.client_id = true;
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
    claims: AssertionClaims,
    client_id: bool,
}

impl PrivateKeyJwt {
    /// Signs with this key: a [`Signer`], or a local key.
    pub fn new(signer: impl Into<Signer>) -> Self {
        Self { signer: signer.into(), claims: AssertionClaims::new(TYP), client_id: false }
    }

    with_client_id!();
    claim_setters!(
        claims,
        "The `typ` header member. Default: `client-authentication+jwt`; PingOne wants `JWT`."
    );
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
        write(&self.claims, self.client_id, &self.signer, to)
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
    claims: AssertionClaims,
    client_id: bool,
}

impl ClientSecretJwt {
    /// With HS256, HS384 or HS512.
    pub fn new(algorithm: Algorithm, secret: impl Into<Secret>) -> Self {
        let claims = AssertionClaims::new(TYP);
        Self { algorithm, secret: secret.into(), short_secret: false, claims, client_id: false }
    }

    /// Allows a secret shorter than the hash, which [RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2) forbids.
    #[must_use]
    pub fn allow_short_secret(mut self) -> Self {
        self.short_secret = true;
        self
    }

    with_client_id!();
    claim_setters!(
        claims,
        "The `typ` header member. Default: `client-authentication+jwt`; PingOne wants `JWT`."
    );
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
        let signer = Signer::hmac(self.algorithm, secret.clone());
        write(&self.claims, self.client_id, &signer, to)
    }
}

impl fmt::Debug for ClientSecretJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecretJwt")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
