//! [`Callback`]: what came back through the browser, and the check that must come first.
//!
//! Anyone can send anything to a redirect URI. Until `state` has matched, nothing in a callback is
//! believed or shown, errors included.

use crate::wire::pairs::Pairs;
use std::borrow::Cow;
use std::fmt;

use super::asked::Asked;
use super::callback_error::{CallbackError, CallbackErrorKind};
use super::pending::PendingAuthorization;
use crate::grant::CheckedCode;
use crate::reply::{ErrorCode, Refusal};
use crate::value::{Owner, Secret, UntrustedText};
use crate::wire::{base64url, json};

/// The most bytes of a callback that are read.
const LIMIT: usize = 64 * 1024;

/// The parameters of a callback, unchecked ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)).
///
/// ```
/// use grantwire::authorization::Callback;
///
/// let callback = Callback::from_url("https://client.example.com/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz");
/// ```
pub struct Callback {
    pairs: Pairs,
    too_long: bool,
}

/// The parameters that mean something; each may stand once.
const KNOWN: &[&str] = &[
    "access_token",
    "code",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "id_token",
    "iss",
    "response",
    "state",
    "token_type",
];

impl Callback {
    /// From the query of the redirect, with or without the leading `?`.
    #[must_use]
    pub fn from_query(query: &str) -> Self {
        Self::from_form(query.strip_prefix('?').unwrap_or(query).as_bytes())
    }

    /// From the fragment of the redirect, with or without the leading `#`.
    #[must_use]
    pub fn from_fragment(fragment: &str) -> Self {
        Self::from_form(fragment.strip_prefix('#').unwrap_or(fragment).as_bytes())
    }

    /// From the body of a `form_post` response
    /// ([OAuth 2.0 Form Post Response Mode §2](https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html#FormPostResponseMode)).
    #[must_use]
    pub fn from_form(body: &[u8]) -> Self {
        if body.len() > LIMIT {
            return Self { pairs: Pairs::none(), too_long: true };
        }
        Self { pairs: Pairs::read(body), too_long: false }
    }

    /// From the whole URL, or from a path with a query. The fragment is read when it holds a response,
    /// else the query; the two are never mixed, so what somebody hung on must have the right `state` by
    /// itself.
    #[must_use]
    pub fn from_url(url: &str) -> Self {
        let (front, fragment) = url.split_once('#').unwrap_or((url, ""));
        let from_fragment = Self::from_form(fragment.as_bytes());
        if from_fragment.too_long || from_fragment.is_response() {
            return from_fragment;
        }
        let query = front.split_once('?').map_or("", |(_, query)| query);
        Self::from_form(query.as_bytes())
    }

    fn is_response(&self) -> bool {
        let names = ["code", "error", "id_token", "response", "state"];
        names.into_iter().any(|name| self.pairs.all(name).next().is_some())
    }

    /// The one value of this name; `None` when it is absent, empty or repeated.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.pairs.all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value).filter(|value| !value.is_empty()),
            _ => None,
        }
    }

    pub(super) fn repeated(&self) -> Option<&'static str> {
        KNOWN.iter().copied().find(|name| self.pairs.all(name).nth(1).is_some())
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callback({} parameters)", self.pairs.count())
    }
}

/// A checked response: its `state` and `iss` are right and it is no error.
pub struct AuthorizationResponse {
    pub(super) code: Option<CheckedCode>,
    id_token: Option<Secret>,
    pub(super) nonce: Option<Secret>,
    pairs: Pairs,
    pub(super) asked: Asked,
    pub(super) owner: Owner,
}

impl AuthorizationResponse {
    /// The code; `None` when the response type asked for none, or the server gave none.
    #[must_use]
    pub fn into_code(self) -> Option<CheckedCode> {
        self.code
    }

    /// Whether there is a code.
    #[must_use]
    pub const fn has_code(&self) -> bool {
        self.code.is_some()
    }

    /// The ID token of a response type that has one. It is not verified here;
    /// `claims::ExpectedIdToken` verifies it.
    #[must_use]
    pub const fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// The `nonce` that was sent, for whoever verifies the ID token.
    #[must_use]
    pub const fn nonce(&self) -> Option<&Secret> {
        self.nonce.as_ref()
    }

    /// Any other parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.pairs.all(name).next()
    }
}

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationResponse").field("code", &self.code).finish_non_exhaustive()
    }
}

impl PendingAuthorization {
    /// Checks a callback and gives its code, for `response_type=code`.
    ///
    /// `state` is compared first, in constant time; then `iss`; only then is an error or a code
    /// looked at. Nothing has been sent anywhere when this returns.
    ///
    /// # Errors
    ///
    /// [`CallbackError`]; when the callback is not for this authorization,
    /// [`CallbackError::into_pending`] gives it back.
    pub fn code(self, callback: Callback) -> Result<CheckedCode, CallbackError> {
        let kind = CallbackErrorKind::CodeMissing;
        let fail = CallbackError { kind, pending: None, untrusted: None };
        self.response(callback)?.into_code().ok_or(fail)
    }

    /// Checks a callback of any response type.
    ///
    /// # Errors
    ///
    /// As [`PendingAuthorization::code`], but a response without a code is fine when the response
    /// type is not `code` alone.
    pub fn response(self, callback: Callback) -> Result<AuthorizationResponse, CallbackError> {
        if self.asked.signed {
            return Err(CallbackError::not_for(self, CallbackErrorKind::NotSigned));
        }
        if callback.one("response").is_some() {
            return Err(CallbackError::not_for(self, CallbackErrorKind::SignedUnasked));
        }
        self.believe(callback)
    }

    /// As [`PendingAuthorization::response`], whichever way the parameters came.
    pub(super) fn believe(
        self,
        callback: Callback,
    ) -> Result<AuthorizationResponse, CallbackError> {
        let ours = callback.one("state").is_some_and(|state| self.has_state(state));
        if !ours {
            let kind = if callback.too_long {
                CallbackErrorKind::TooLong
            } else {
                CallbackErrorKind::NotForThisFlow
            };
            return Err(CallbackError { kind, pending: Some(Box::new(self)), untrusted: None });
        }
        let said = refusal_in(&callback);
        self.accept(callback).map_err(|kind| {
            let untrusted = said.filter(|_| kind == CallbackErrorKind::IssuerMissing);
            CallbackError { kind, pending: None, untrusted }
        })
    }

    /// As [`PendingAuthorization::code`], for a server that answers the client's own request with
    /// the response. What came over that connection is for this flow, so `state` may be absent; when
    /// it is there it must match.
    pub(crate) fn code_in_answer(
        self,
        code: &str,
        state: Option<&str>,
    ) -> Result<CheckedCode, CallbackError> {
        let state = state.unwrap_or(self.secrets.state()).to_owned();
        let pairs = Pairs::of(&[("code", code), ("state", &state)]);
        self.code(Callback { pairs, too_long: false })
    }

    /// Everything after `state`.
    fn accept(self, callback: Callback) -> Result<AuthorizationResponse, CallbackErrorKind> {
        if let Some(name) = callback.repeated() {
            return Err(CallbackErrorKind::Repeated(name));
        }
        // A response with an ID token may name its issuer there instead (RFC 9207 section 2.4 speaks
        // of the parameter, section 4 of this). The token is not verified here, but a mix-up shows.
        let id_token = callback.one("id_token").filter(|_| !self.code_only);
        let claimed = id_token.and_then(issuer_of);
        let parameter = callback.one("iss");
        if let (Some(claimed), Some(issuer)) = (&claimed, self.issuer())
            && claimed != issuer.as_str()
        {
            return Err(CallbackErrorKind::IssuerMismatch);
        }
        match (parameter, self.issuer()) {
            (None, Some(_)) if claimed.is_some() => {}
            (None, _) if self.iss_required => return Err(CallbackErrorKind::IssuerMissing),
            (None, _) => {}
            (Some(_), None) => return Err(CallbackErrorKind::IssuerUnknown),
            (Some(iss), Some(issuer)) if iss != issuer.as_str() => {
                return Err(CallbackErrorKind::IssuerMismatch);
            }
            (Some(_), Some(_)) => {}
        }
        if let Some(refusal) = refusal_in(&callback) {
            return Err(CallbackErrorKind::Refused(refusal));
        }
        let code = callback.one("code").map(Secret::new);
        if code.is_none() && self.code_only {
            return Err(CallbackErrorKind::CodeMissing);
        }
        if code.as_ref().is_some_and(|code| !crate::value::text::is_vschar(code.expose())) {
            return Err(CallbackErrorKind::CodeMalformed);
        }
        let id_token = callback.one("id_token").map(Secret::new);
        let nonce = self.nonce().map(Secret::new);
        let code = code.map(|code| CheckedCode {
            code,
            verifier: self.verifier(),
            nonce: nonce.clone(),
            redirect_uri: self.redirect_uri.clone(),
            owner: self.owner.clone(),
        });
        let Self { asked, owner, .. } = self;
        let pairs = callback.pairs;
        Ok(AuthorizationResponse { code, id_token, nonce, pairs, asked, owner })
    }
}

/// The error response in a callback, if it is one.
fn refusal_in(callback: &Callback) -> Option<Refusal> {
    Some(Refusal {
        code: ErrorCode::from_name(callback.one("error")?),
        description: callback.one("error_description").map(UntrustedText::new),
        uri: callback.one("error_uri").map(UntrustedText::new),
    })
}

/// The `iss` claim of an ID token, unverified.
fn issuer_of(id_token: &str) -> Option<String> {
    let payload = base64url::decode(id_token.split('.').nth(1)?)?;
    let claim = json::member(std::str::from_utf8(&payload).ok()?, "iss").ok()??;
    claim.string().map(Cow::into_owned)
}
