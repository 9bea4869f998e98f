//! The userinfo endpoint ([OpenID Connect Core §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)): claims about a user, as JSON.
//!
//! A signed answer (`application/jwt`) is refused unless it was asked for: [`UserinfoRequest::signed`].

use crate::reply::Presented;
use std::fmt;

use http::Request;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::exchange::Exchange;
use super::resource::request::ResourceRequest;
use crate::claims::StandardClaims;
use crate::client::Client;
use crate::dpop::DpopKey;
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::request::headers::accept_json;
use crate::request::{BuildError, Draft};
use crate::server::Endpoint;
use crate::value::{AccessToken, CredentialUse, Entropy, Timestamp};
use crate::wire::json;

mod signed;

pub use signed::{SignedUserinfo, SignedUserinfoRequest};

/// A userinfo request. A Bearer token goes as it is; a `DPoP` token goes through a flow.
pub struct UserinfoRequest {
    client: Client,
    resource: ResourceRequest,
    subject: Option<String>,
}

impl Client {
    /// Asks who the user of this token is.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the server has no userinfo endpoint, or the token cannot be presented.
    pub fn userinfo(&self, token: &AccessToken) -> Result<UserinfoRequest, BuildError> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = self.endpoint(Endpoint::Userinfo)?.uri().clone();
        accept_json(request.headers_mut());
        self.extra_headers().apply(request.headers_mut())?;
        let limit = self.server().limit();
        let mut resource = ResourceRequest::new(request, token)?.body_limit(limit);
        if self.method().presents_certificate() {
            resource = resource.client_certificate();
        }
        Ok(UserinfoRequest { client: self.clone(), resource, subject: None })
    }
}

impl UserinfoRequest {
    /// Only takes claims about this user: the `sub` of a verified ID token
    /// ([OpenID Connect Core §5.3.2](https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse)).
    #[must_use]
    pub fn expect_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The request, for a Bearer token.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: nothing was sent.
    pub fn request(
        &self,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Request<Vec<u8>>, BuildError> {
        Exchange::draft(self, now, entropy)?.finish()
    }

    /// Reads the reply.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]; [`Unusable::SubjectMismatch`] when the claims are about another user. A 401
    /// without a code is read as `invalid_token`: many servers say no more.
    pub fn read<'a>(&self, reply: impl Into<Reply<'a>>) -> Result<Userinfo, ReplyError> {
        Exchange::read(self, reply.into())
    }
}

impl UserinfoRequest {
    /// How the reply is to be read, unless it is a challenge.
    fn rules(&self, reply: Reply<'_>) -> Result<Rules<'_>, ReplyError> {
        // The nonce challenge comes first; it is a resource's own.
        self.resource.read(reply)?;
        let server = self.client.server();
        let credential = CredentialUse::Repeated;
        let (quirks, limit) = (server.tolerances(), server.limit());
        let presented = Presented::AccessToken;
        Ok(Rules { quirks, limit, credential, success: "sub", presented })
    }
}

impl Exchange for UserinfoRequest {
    type Output = Userinfo;

    fn draft(&self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError> {
        self.resource.draft(now, entropy)
    }

    fn draft_bound(
        &self,
        key: &DpopKey,
        nonce: Option<&str>,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Draft, BuildError> {
        self.resource.draft_bound(key, nonce, now, entropy)
    }

    fn read(&self, reply: Reply<'_>) -> Result<Userinfo, ReplyError> {
        let rules = self.rules(reply)?;
        let mut body =
            body::open(reply, rules).map_err(|error| rules.token_refused(reply, error))?;
        body.expect_status(reply, 200);
        let members =
            json::object(&body.text, MEMBERS).map_err(|why| rules.unusable(reply, why))?;
        let unusable = |why: Unusable| rules.unusable(reply, why);
        let subject = members.get("sub").ok_or_else(|| unusable(Unusable::MemberMissing("sub")))?;
        let subject = subject.string().filter(|subject| !subject.is_empty());
        let subject =
            subject.ok_or_else(|| unusable(Unusable::MemberMalformed("sub")))?.into_owned();
        if self.subject.as_ref().is_some_and(|expected| *expected != subject) {
            return Err(unusable(Unusable::SubjectMismatch));
        }
        let deviations = body.deviations;
        Ok(Userinfo { subject, deviations, body: Zeroizing::new(body.text.into_owned()) })
    }

    fn credential_use(&self) -> CredentialUse {
        CredentialUse::Repeated
    }

    fn target(&self) -> Result<&str, BuildError> {
        self.resource.target()
    }

    fn presented(&self) -> Option<&str> {
        self.resource.presented()
    }
}

const MEMBERS: &[&str; 1] = &["sub"];

/// Claims about a user.
#[derive(Clone)]
pub struct Userinfo {
    subject: String,
    deviations: Vec<Deviation>,
    body: Zeroizing<String>,
}

impl Userinfo {
    /// REQUIRED. Who it is about.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The claims that have a name for everybody.
    #[must_use]
    pub fn standard_claims(&self) -> StandardClaims<'_> {
        StandardClaims::of(&self.body)
    }

    /// Any claim by name, as any type; `None` when it is absent or of another type.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&self.body, name).ok()??.read()
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }
}

/// It is about a person.
impl fmt::Debug for Userinfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Userinfo(..)")
    }
}

impl fmt::Debug for UserinfoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserinfoRequest").field("client", &self.client).finish_non_exhaustive()
    }
}
