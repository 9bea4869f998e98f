//! A signed authorization response ([JARM §2](https://openid.net/specs/oauth-v2-jarm.html#section-2)), in all four modes: the
//! callback carries one JWT, and the parameters are its claims.
//!
//! The mode says where the callback carries it, and reads like any other: [`Callback`]. What was asked for
//! signed is never taken plain, and the other way round. Signing replaces neither `state` nor PKCE.

use super::callback_error::{CallbackError, CallbackErrorKind};
use super::pending::PendingAuthorization;
use super::response::{AuthorizationResponse, Callback};
use crate::claims::{CheckedResponse, ClaimFault, ClaimsError, TokenKind, TokenRules};
use crate::jose::{Jws, KeySet, Verified, Verify};
use crate::value::Timestamp;
use crate::wire::form::{self, Escape};
use crate::wire::json;

const KIND: TokenKind = TokenKind::AuthorizationResponse;

/// The parameters that a plain response has, none of which may stand beside a signed one.
const PLAIN: &[&str] = &[
    "access_token",
    "code",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "id_token",
    "state",
    "token_type",
];

/// The claims of the JWT itself, which are no parameters
/// ([JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1)), and what would be a response in the response.
const OWN: &[&str] = &["aud", "exp", "iat", "jti", "nbf", "response"];

impl PendingAuthorization {
    /// Whether a signed response was asked for: by `response_mode` `jwt`, `query.jwt`, `fragment.jwt` or
    /// `form_post.jwt`.
    #[must_use]
    pub const fn expects_signed_response(&self) -> bool {
        self.asked.signed
    }

    /// Takes the JWT of a callback apart, and compares what can be compared before a key is fetched for it.
    ///
    /// # Errors
    ///
    /// [`CallbackErrorKind`]; this value is unharmed, since anybody can send anything to a redirect URI.
    pub fn open_signed(
        &self,
        callback: &Callback,
        rules: &TokenRules,
    ) -> Result<Jws, CallbackErrorKind> {
        let text = self.signed_text(callback, rules)?;
        let jws = rules.open(KIND, text).map_err(CallbackErrorKind::Claims)?;
        outer_issuer(callback, &jws)?;
        Ok(jws)
    }

    /// Checks a signed response that has been verified, and then everything that is in it.
    ///
    /// # Errors
    ///
    /// [`CallbackError`]. Whatever is wrong with the JWT, [`CallbackError::into_pending`] gives this value back.
    pub fn signed_response(
        self,
        rules: &TokenRules,
        verified: Verified,
        now: Timestamp,
    ) -> Result<AuthorizationResponse, CallbackError> {
        let parameters = self
            .own(rules)
            .and_then(|()| CheckedResponse::check(KIND, rules, verified, now))
            .and_then(|response| parameters(&response));
        match parameters {
            Ok(form) => self.believe(Callback::from_form(&form)),
            Err(error) => Err(CallbackError::not_for(self, CallbackErrorKind::Claims(error))),
        }
    }

    /// Everything at once: takes the JWT apart, chooses the key, verifies, checks.
    ///
    /// # Errors
    ///
    /// [`CallbackError`], as [`PendingAuthorization::signed_response`].
    pub fn verify_response(
        self,
        callback: &Callback,
        rules: &TokenRules,
        keys: &KeySet,
        backend: &dyn Verify,
        now: Timestamp,
    ) -> Result<AuthorizationResponse, CallbackError> {
        let verify = || {
            let text = self.signed_text(callback, rules)?;
            let verified =
                rules.verify(KIND, text, keys, backend).map_err(CallbackErrorKind::Claims);
            verified.and_then(|verified| {
                let jws = rules.open(KIND, text).map_err(CallbackErrorKind::Claims)?;
                outer_issuer(callback, &jws)?;
                Ok(verified)
            })
        };
        match verify() {
            Ok(verified) => self.signed_response(rules, verified, now),
            Err(kind) => Err(CallbackError::not_for(self, kind)),
        }
    }

    fn signed_text<'c>(
        &self,
        callback: &'c Callback,
        rules: &TokenRules,
    ) -> Result<&'c str, CallbackErrorKind> {
        self.own(rules).map_err(CallbackErrorKind::Claims)?;
        if let Some(name) = callback.repeated() {
            return Err(CallbackErrorKind::Repeated(name));
        }
        let text = match (callback.one("response"), self.asked.signed) {
            (Some(_), false) => return Err(CallbackErrorKind::SignedUnasked),
            (None, _) => return Err(CallbackErrorKind::NotSigned),
            (Some(text), true) => text,
        };
        match PLAIN.iter().find(|name| callback.one(name).is_some()) {
            Some(name) => Err(CallbackErrorKind::Mixed(name)),
            None => Ok(text),
        }
    }

    /// The rules are those of the server and client of this request.
    fn own(&self, rules: &TokenRules) -> Result<(), ClaimsError> {
        let fault = if self.owner.issuer.as_ref().is_some_and(|issuer| issuer != rules.issuer()) {
            ClaimFault::Issuer
        } else if self.owner.client_id != *rules.client_id() {
            ClaimFault::Audience
        } else {
            return Ok(());
        };
        Err(ClaimsError::new(KIND, fault))
    }
}

/// An `iss` beside the JWT is that in it ([RFC 9207 §4](https://www.rfc-editor.org/rfc/rfc9207#section-4)).
fn outer_issuer(callback: &Callback, jws: &Jws) -> Result<(), CallbackErrorKind> {
    let inner = jws.unverified_claim("iss").and_then(|issuer| issuer.string());
    match callback.one("iss") {
        Some(outer) if inner.as_deref() != Some(outer) => Err(CallbackErrorKind::IssuerMismatch),
        _ => Ok(()),
    }
}

fn push_pair(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    form::push_escaped(form, Escape::Form, name);
    form.push('=');
    form::push_escaped(form, Escape::Form, value);
}

/// The claims that are parameters, as the form they would have come in. Numbers are JSON numbers; what is
/// neither text nor number is no parameter.
fn parameters(response: &CheckedResponse) -> Result<Vec<u8>, ClaimsError> {
    let mut form = String::new();
    let read = json::each(response.json(), &mut |name, member| {
        if OWN.contains(&name) {
            return;
        }
        let is_number =
            member.raw().starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if let Some(text) = member.string() {
            push_pair(&mut form, name, &text);
        } else if is_number {
            push_pair(&mut form, name, member.raw());
        }
    });
    read.map(|()| form.into_bytes()).ok_or_else(|| response.fault(ClaimFault::Malformed("claims")))
}
