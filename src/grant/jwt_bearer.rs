//! The `jwt-bearer` grant ([RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1)): [`JwtAssertion`] makes its JWT here,
//! one for each request and signed in two phases, and [`JwtBearer`] presents one that somebody else has signed.

use crate::value::{CredentialUse, Secret};
use std::fmt;

use super::signed_assertion::SignedAssertion;
use super::{Grant, Value};
use crate::jose::Signer;
use crate::request::{AssertionClaims, claim_setters};

/// `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`, by a party that signs for itself: a service
/// account ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)).
///
/// As Google wants it:
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # use grantwire::jose::{Algorithm, Signer};
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// use std::time::Duration;
/// use grantwire::grant::JwtAssertion;
/// use grantwire::client::AssertionAudience;
///
/// let key = Signer::remote(Algorithm::Rs256).key_id("370ab79b4513eb9bad7c9bd16a95cb76b5b2a56a");
/// let grant = JwtAssertion::new("reports@project.iam.gserviceaccount.com", key)
///     .audience(AssertionAudience::TokenEndpoint)
///     .lifetime(Duration::from_secs(3600))
///     .without_jti()
///     .claim("scope", "https://www.googleapis.com/auth/devstorage.read_only");
/// # let server = AuthorizationServer::new().token_endpoint("https://oauth2.googleapis.com/token");
/// let client = Client::unidentified(server);
/// let draft = client.token(grant).draft(now, &mut entropy)?;
/// assert!(draft.unsigned().is_some());
/// # Ok::<(), grantwire::BuildError>(())
/// ```
#[derive(Clone)]
pub struct JwtAssertion(SignedAssertion);

impl JwtAssertion {
    /// Signed by this key for this issuer, which is `iss`.
    pub fn new(issuer: impl Into<String>, signer: impl Into<Signer>) -> Self {
        Self(SignedAssertion {
            issuer: issuer.into(),
            subject: None,
            signer: signer.into(),
            jti: true,
            claims: AssertionClaims::new("JWT"),
        })
    }

    /// `sub`: on whose behalf. The RFC asks for it; Google takes it for a user to act for, and otherwise
    /// wants none. Default: the issuer is not repeated as the subject.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.0.subject = Some(subject.into());
        self
    }

    /// Leaves `jti` out.
    #[must_use]
    pub const fn without_jti(mut self) -> Self {
        self.0.jti = false;
        self
    }

    claim_setters!(0.claims, "The `typ` header member. Default: `JWT`.");
}

impl From<JwtAssertion> for Grant {
    /// Another one is made for each request, so asking again presents nothing twice.
    fn from(assertion: JwtAssertion) -> Self {
        Self::new("urn:ietf:params:oauth:grant-type:jwt-bearer", CredentialUse::Repeated)
            .with("assertion", Value::SignedAssertion(Box::new(assertion.0)))
    }
}

impl fmt::Debug for JwtAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAssertion").field("signer", &self.0.signer).finish_non_exhaustive()
    }
}

/// `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`: a JWT that somebody trusted has signed.
pub struct JwtBearer {
    assertion: Secret,
}

impl JwtBearer {
    /// Presents this JWT. Servers may take it only once.
    pub fn new(assertion: impl Into<Secret>) -> Self {
        Self { assertion: assertion.into() }
    }
}

impl From<JwtBearer> for Grant {
    fn from(grant: JwtBearer) -> Self {
        Self::new("urn:ietf:params:oauth:grant-type:jwt-bearer", CredentialUse::Once)
            .with("assertion", Value::Required(grant.assertion))
    }
}

impl fmt::Debug for JwtBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtBearer(..)")
    }
}
