//! [`Callback`]: what came back through the browser, and the check that must come first.
//!
//! Anyone can send anything to a redirect URI. Until `state` has matched, nothing in a callback is
//! believed or shown, errors included.

use std::borrow::Cow;
use std::fmt;

use super::asked::Asked;
use super::pending::PendingAuthorization;
use crate::claims::ClaimsError;
use crate::grant::CheckedCode;
use crate::reply::{ErrorCode, Refusal};
use crate::value::{ClientId, Issuer, Secret, UntrustedText};
use crate::wire::{base64url, form, json};

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
    pairs: Vec<(String, Secret)>,
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
            return Self { pairs: Vec::new(), too_long: true };
        }
        let owned =
            |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), Secret::new(value));
        Self { pairs: form::pairs(body).into_iter().map(owned).collect(), too_long: false }
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
        self.pairs.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// The one value of this name; `None` when it is absent, empty or repeated.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.pairs.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value.expose()).filter(|value| !value.is_empty()),
            _ => None,
        }
    }

    pub(super) fn repeated(&self) -> Option<&'static str> {
        let count = |name: &str| self.pairs.iter().filter(|(known, _)| known == name).count();
        KNOWN.iter().copied().find(|name| count(name) > 1)
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callback({} parameters)", self.pairs.len())
    }
}

/// A checked response: its `state` and `iss` are right and it is no error.
pub struct AuthorizationResponse {
    pub(super) code: Option<CheckedCode>,
    id_token: Option<Secret>,
    pub(super) nonce: Option<Secret>,
    pairs: Vec<(String, Secret)>,
    pub(super) asked: Asked,
    pub(super) client_id: ClientId,
    pub(super) issuer: Option<Issuer>,
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

    /// The ID token of a response type that has one. It is not verified here.
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
        let mut values = self.pairs.iter().filter(|(known, _)| known == name);
        values.next().map(|(_, value)| value.expose())
    }
}

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationResponse").field("code", &self.code).finish_non_exhaustive()
    }
}

/// Why a callback was not accepted.
///
/// When it is not for this authorization at all, the pending value is unharmed and can be taken back.
pub struct CallbackError {
    kind: CallbackErrorKind,
    pending: Option<Box<PendingAuthorization>>,
}

/// What is wrong with a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackErrorKind {
    /// `state` is absent, repeated or another: this callback is not the answer to this authorization.
    /// A forged one, or a stale tab. The pending value is still good.
    NotForThisFlow,
    /// The callback is longer than 64 KiB. The pending value is still good.
    TooLong,
    /// The server says it always sends `iss`, and it is absent
    /// ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
    IssuerMissing,
    /// `iss` is another server's: a mix-up ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)). The code must not be sent
    /// anywhere.
    IssuerMismatch,
    /// `iss` is there and cannot be compared, because the server's issuer is not configured.
    IssuerUnknown,
    /// A parameter that means something stands twice.
    Repeated(&'static str),
    /// The server, or the user, said no ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
    Refused(Refusal),
    /// Neither a code nor an error.
    CodeMissing,
    /// The code holds characters that no code has.
    CodeMalformed,
    /// A signed response was asked for and a plain one came
    /// ([JARM §2](https://openid.net/specs/oauth-v2-jarm.html#section-2)). The pending value is still good.
    NotSigned,
    /// A signed response came and none was asked for. The pending value is still good.
    SignedUnasked,
    /// This parameter stands beside a signed response, in which all of them belong. The pending value is
    /// still good.
    Mixed(&'static str),
    /// The signed response is not believed. The pending value is still good.
    Claims(ClaimsError),
}

impl CallbackError {
    /// It is not for this authorization, which still waits for its own.
    pub(super) fn not_for(pending: PendingAuthorization, kind: CallbackErrorKind) -> Self {
        Self { kind, pending: Some(Box::new(pending)) }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> &CallbackErrorKind {
        &self.kind
    }

    /// The server's refusal, if it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match &self.kind {
            CallbackErrorKind::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The pending value, when the callback was not for it and it still waits for its own.
    #[must_use]
    pub fn into_pending(self) -> Option<PendingAuthorization> {
        self.pending.map(|pending| *pending)
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            CallbackErrorKind::NotForThisFlow => {
                f.write_str("the callback's state does not match; it is not the answer to this authorization")
            }
            CallbackErrorKind::TooLong => f.write_str("the callback is longer than 64 KiB"),
            CallbackErrorKind::IssuerMissing => {
                f.write_str("the callback has no iss, which this server always sends")
            }
            CallbackErrorKind::IssuerMismatch => {
                f.write_str("the callback comes from another server; its code must not be used")
            }
            CallbackErrorKind::IssuerUnknown => f.write_str(
                "the callback carries iss and the server's issuer is not configured; set AuthorizationServer::issuer",
            ),
            CallbackErrorKind::Repeated(name) => write!(f, "the callback carries `{name}` twice"),
            CallbackErrorKind::Refused(refusal) => refusal.fmt(f),
            CallbackErrorKind::CodeMissing => f.write_str("the callback carries neither a code nor an error"),
            CallbackErrorKind::NotSigned => f.write_str(
                "the callback is plain where a signed response was asked for (JARM section 2); it is not believed",
            ),
            CallbackErrorKind::SignedUnasked => f.write_str(
                "the callback is signed and no signed response was asked for (JARM section 2); ask for one by `response_mode`",
            ),
            CallbackErrorKind::Mixed(name) => write!(
                f,
                "the callback carries `{name}` beside a signed response (JARM section 2.1); it is not believed"
            ),
            CallbackErrorKind::Claims(error) => error.fmt(f),
            CallbackErrorKind::CodeMalformed => f.write_str("the callback's code is malformed"),
        }
    }
}

impl fmt::Debug for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackError").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl std::error::Error for CallbackError {}

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
        let fail = CallbackError { kind: CallbackErrorKind::CodeMissing, pending: None };
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
            return Err(CallbackError { kind, pending: Some(Box::new(self)) });
        }
        self.accept(callback).map_err(|kind| CallbackError { kind, pending: None })
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
        let pairs = [("code", code), ("state", &state)];
        let own = |(name, value): (&str, &str)| (name.to_owned(), Secret::new(value));
        self.code(Callback { pairs: pairs.map(own).into(), too_long: false })
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
        if let (Some(claimed), Some(issuer)) = (&claimed, &self.issuer)
            && claimed != issuer.as_str()
        {
            return Err(CallbackErrorKind::IssuerMismatch);
        }
        match (parameter, &self.issuer) {
            (None, Some(_)) if claimed.is_some() => {}
            (None, _) if self.iss_required => return Err(CallbackErrorKind::IssuerMissing),
            (None, _) => {}
            (Some(_), None) => return Err(CallbackErrorKind::IssuerUnknown),
            (Some(iss), Some(issuer)) if iss != issuer.as_str() => {
                return Err(CallbackErrorKind::IssuerMismatch);
            }
            (Some(_), Some(_)) => {}
        }
        if let Some(code) = callback.one("error") {
            return Err(CallbackErrorKind::Refused(Refusal {
                code: ErrorCode::from_name(code),
                description: callback.one("error_description").map(UntrustedText::new),
                uri: callback.one("error_uri").map(UntrustedText::new),
            }));
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
            client_id: self.client_id.clone(),
            issuer: self.issuer.clone(),
        });
        let Self { asked, client_id, issuer, .. } = self;
        let pairs = callback.pairs;
        Ok(AuthorizationResponse { code, id_token, nonce, pairs, asked, client_id, issuer })
    }
}

/// The `iss` claim of an ID token, unverified.
fn issuer_of(id_token: &str) -> Option<String> {
    let payload = base64url::decode(id_token.split('.').nth(1)?)?;
    let claim = json::member(std::str::from_utf8(&payload).ok()?, "iss").ok()??;
    claim.string().map(Cow::into_owned)
}
