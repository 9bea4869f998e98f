//! Claims about a user that are signed
//! ([OpenID Connect Core §5.3.2](https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse)).
//!
//! A server signs them for a client that is registered so. Nothing in them counts before the signature is
//! verified.

use std::fmt;

use http::Request;
use zeroize::Zeroizing;

use super::{Userinfo, UserinfoRequest};
use crate::claims::{CheckedResponse, ClaimFault, ClaimsError, TokenKind, TokenRules};
use crate::dpop::DpopKey;
use crate::endpoint::Exchange;
use crate::jose::{Jws, KeySet, SharedSecret, Verified, Verify};
use crate::reply::{Reply, ReplyError, jwt};
use crate::request::{BuildError, Draft};
use crate::value::{Entropy, Timestamp};
use crate::wire::json;

const MEDIA_TYPE: &str = "application/jwt";

/// A userinfo request that takes nothing but a signed answer.
pub struct SignedUserinfoRequest {
    request: UserinfoRequest,
}

impl UserinfoRequest {
    /// Asks for a signed answer, for a client that is registered with `userinfo_signed_response_alg`. A plain
    /// one is then refused.
    #[must_use]
    pub const fn signed(self) -> SignedUserinfoRequest {
        SignedUserinfoRequest { request: self }
    }
}

impl SignedUserinfoRequest {
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

    /// Reads the reply. What it says is still to be verified.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]; with [`Unusable::NotSigned`](crate::reply::Unusable::NotSigned) when the answer is
    /// plain.
    pub fn read<'a>(&self, reply: impl Into<Reply<'a>>) -> Result<SignedUserinfo, ReplyError> {
        Exchange::read(self, reply.into())
    }
}

impl Exchange for SignedUserinfoRequest {
    type Output = SignedUserinfo;

    fn draft(&self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError> {
        let mut draft = Exchange::draft(&self.request, now, entropy)?;
        draft.accept(MEDIA_TYPE);
        Ok(draft)
    }

    fn draft_bound(
        &self,
        key: &DpopKey,
        nonce: Option<&str>,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Draft, BuildError> {
        let mut draft = Exchange::draft_bound(&self.request, key, nonce, now, entropy)?;
        draft.accept(MEDIA_TYPE);
        Ok(draft)
    }

    fn read(&self, reply: Reply<'_>) -> Result<SignedUserinfo, ReplyError> {
        let rules = self.request.rules(reply)?;
        let text = jwt::open(reply, rules, MEDIA_TYPE)
            .map_err(|error| rules.token_refused(reply, error))?;
        Ok(SignedUserinfo { text, subject: self.request.subject.clone() })
    }

    fn target(&self) -> Result<&str, BuildError> {
        Exchange::target(&self.request)
    }

    fn presented(&self) -> Option<&str> {
        Exchange::presented(&self.request)
    }
}

impl fmt::Debug for SignedUserinfoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedUserinfoRequest").field(&self.request).finish()
    }
}

/// Signed claims that nobody has verified. They remember about whom they must be.
#[derive(Clone)]
pub struct SignedUserinfo {
    text: Zeroizing<String>,
    subject: Option<String>,
}

const KIND: TokenKind = TokenKind::Userinfo;

impl SignedUserinfo {
    /// Takes it apart, and compares what can be compared before a key is fetched for it.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]: no key would make it an answer of this issuer.
    pub fn open(&self, rules: &TokenRules) -> Result<Jws, ClaimsError> {
        rules.open(KIND, &self.text)
    }

    /// Everything at once: takes it apart, chooses the key, verifies, checks.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`].
    pub fn verify(
        &self,
        rules: &TokenRules,
        keys: &KeySet,
        backend: &dyn Verify,
        now: Timestamp,
    ) -> Result<Userinfo, ClaimsError> {
        self.check(rules, rules.verify(KIND, &self.text, keys, backend)?, now)
    }

    /// As [`SignedUserinfo::verify`], for an answer under the client secret.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`].
    pub fn verify_with_secret(
        &self,
        rules: &TokenRules,
        secret: &SharedSecret,
        now: Timestamp,
    ) -> Result<Userinfo, ClaimsError> {
        self.check(rules, rules.verify_with_secret(KIND, &self.text, secret)?, now)
    }

    /// Holds a verified answer against the rules
    /// ([OpenID Connect Core §5.3.4](https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponseValidation)).
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]; with [`ClaimFault::Subject`] when it is about another user than expected.
    pub fn check(
        &self,
        rules: &TokenRules,
        verified: Verified,
        now: Timestamp,
    ) -> Result<Userinfo, ClaimsError> {
        let response = CheckedResponse::check(KIND, rules, verified, now)?;
        let member = json::member(response.json(), "sub").ok().flatten();
        let member = member.ok_or_else(|| response.fault(ClaimFault::Missing("sub")))?;
        let subject = member.string().filter(|subject| !subject.is_empty());
        let subject = subject.ok_or_else(|| response.fault(ClaimFault::Malformed("sub")))?;
        if self.subject.as_ref().is_some_and(|expected| *expected != subject) {
            return Err(response.fault(ClaimFault::Subject));
        }
        let body = Zeroizing::new(response.json().to_owned());
        Ok(Userinfo { subject: subject.into_owned(), deviations: Vec::new(), body })
    }

    /// The token as it came, unverified: to be decrypted, for example.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

/// It is about a person.
impl fmt::Debug for SignedUserinfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedUserinfo(..)")
    }
}
