//! Being told that a session has ended: the server's call to the client
//! ([OpenID Connect Back-Channel Logout §2.5](https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest)), and its page in the browser.
//!
//! A request in, a verdict out. Ending the sessions and remembering what was seen is the application's.

use std::fmt;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::claims::{ClaimsError, LogoutToken, TokenRules};
use crate::jose::{Jws, KeySet, SharedSecret, Verified, Verify};
use crate::value::{Secret, Timestamp};
use crate::wire::{form, json};

mod front_channel;

pub use front_channel::{FrontChannelError, FrontChannelLogout};

/// Twice as long as the longest token.
const LIMIT: usize = 128 * 1024;

/// A server's word that a session has ended, not yet verified.
///
/// Anybody can send one. Answer with [`done`] when the sessions have been ended, or there were none, else
/// with [`LogoutError::response`].
///
/// ```
/// use grantwire::claims::TokenRules;
/// use grantwire::logout::{self, LogoutError, LogoutRequest};
/// # use grantwire::Timestamp;
/// # use grantwire::jose::{KeySet, LocalVerifier};
/// # let incoming = http::Request::post("https://client.example.com/backchannel_logout")
/// #     .body(b"logout_token=eyJhbGciOiJSUzI1NiJ9.e30.AA".to_vec())?;
/// # let now = Timestamp::EPOCH;
/// # let keys = KeySet::of("https://server.example.com", []);
/// # fn seen_before(_jti: &str, _until: Timestamp) -> bool { false }
/// # fn end_sessions(_subject: Option<&str>, _session: Option<&str>) -> bool { true }
/// let rules = TokenRules::new("https://server.example.com", "s6BhdRkqt3");
/// let ended = LogoutRequest::read(&incoming)
///     .and_then(|request| request.verify(&rules, &keys, &LocalVerifier::new(), now))
///     .and_then(|token| {
///         let again = seen_before(token.jti(), token.forget_at());
///         // Without a session, all sessions of the user are meant.
///         match again || end_sessions(token.subject(), token.session_id()) {
///             true => Ok(()),
///             false => Err(LogoutError::Failed),
///         }
///     });
/// let response = match ended {
///     Ok(()) => logout::done(),
///     Err(error) => error.response(),
/// };
/// assert_eq!(response.status(), 400);
/// # Ok::<(), http::Error>(())
/// ```
pub struct LogoutRequest {
    token: Secret,
}

impl LogoutRequest {
    /// Reads the request as it came. Its path is the application's to look at; what else stands in the body is
    /// skipped.
    ///
    /// # Errors
    ///
    /// [`LogoutError`]: it is no `POST`, or does not hold exactly one logout token.
    pub fn read<B: AsRef<[u8]>>(request: &Request<B>) -> Result<Self, LogoutError> {
        if request.method() != Method::POST {
            return Err(LogoutError::Method);
        }
        let body = request.body().as_ref();
        if body.len() > LIMIT {
            return Err(LogoutError::TooLong);
        }
        let pairs = form::pairs(body);
        let mut tokens = pairs.iter().filter(|(name, _)| name == "logout_token");
        match (tokens.next(), tokens.next()) {
            (Some((_, token)), None) if !token.is_empty() => {
                Ok(Self { token: Secret::new(&**token) })
            }
            (Some(_), Some(_)) => Err(LogoutError::Repeated),
            _ => Err(LogoutError::Missing),
        }
    }

    /// Takes the token apart, and compares what can be compared before a key is fetched for it.
    ///
    /// # Errors
    ///
    /// [`LogoutError::Claims`]: no key would make it a logout token of this issuer.
    pub fn open(&self, rules: &TokenRules) -> Result<Jws, LogoutError> {
        LogoutToken::open(rules, self.token.expose()).map_err(LogoutError::Claims)
    }

    /// Everything at once: takes the token apart, chooses the key, verifies, checks.
    ///
    /// # Errors
    ///
    /// [`LogoutError::Claims`].
    pub fn verify(
        &self,
        rules: &TokenRules,
        keys: &KeySet,
        backend: &dyn Verify,
        now: Timestamp,
    ) -> Result<LogoutToken, LogoutError> {
        let token = LogoutToken::verify(rules, self.token.expose(), keys, backend, now);
        token.map_err(LogoutError::Claims)
    }

    /// As [`LogoutRequest::verify`], for a token under the client secret.
    ///
    /// # Errors
    ///
    /// [`LogoutError::Claims`].
    pub fn verify_with_secret(
        &self,
        rules: &TokenRules,
        secret: &SharedSecret,
        now: Timestamp,
    ) -> Result<LogoutToken, LogoutError> {
        let token = LogoutToken::verify_with_secret(rules, self.token.expose(), secret, now);
        token.map_err(LogoutError::Claims)
    }

    /// Holds a verified token against the rules.
    ///
    /// # Errors
    ///
    /// [`LogoutError::Claims`].
    pub fn check(
        &self,
        rules: &TokenRules,
        verified: Verified,
        now: Timestamp,
    ) -> Result<LogoutToken, LogoutError> {
        LogoutToken::check(rules, verified, now).map_err(LogoutError::Claims)
    }

    /// The token as it came, unverified: to be decrypted, for example.
    #[must_use]
    pub fn expose_token(&self) -> &str {
        self.token.expose()
    }
}

impl fmt::Debug for LogoutRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogoutRequest(..)")
    }
}

/// What to answer when the sessions have been ended, or nobody was signed in
/// ([OpenID Connect Back-Channel Logout §2.8](https://openid.net/specs/openid-connect-backchannel-1_0.html#BCResponse)).
///
/// Refresh tokens of the sessions should be revoked, unless they were granted for `offline_access`.
#[must_use]
pub fn done() -> Response<Vec<u8>> {
    answer(StatusCode::OK, Vec::new())
}

fn answer(status: StatusCode, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Why nobody was signed out. Nothing of the token is in here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutError {
    /// It is no `POST`.
    Method,
    /// The body is longer than 128 KiB.
    TooLong,
    /// There is no `logout_token`.
    Missing,
    /// There are several.
    Repeated,
    /// The token is not believed.
    Claims(ClaimsError),
    /// The issuer's keys cannot be had, so nobody knows whether to believe it. For the application to say.
    KeysUnavailable,
    /// The sessions could not be ended. For the application to say.
    Failed,
}

impl LogoutError {
    /// What to answer: 400 with the reason as JSON, or 405
    /// ([OpenID Connect Back-Channel Logout §2.8](https://openid.net/specs/openid-connect-backchannel-1_0.html#BCResponse)).
    #[must_use]
    pub fn response(&self) -> Response<Vec<u8>> {
        if *self == Self::Method {
            let mut response = answer(StatusCode::METHOD_NOT_ALLOWED, Vec::new());
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        let description = self.to_string();
        let mut body = String::from(r#"{"error":"invalid_request","error_description":"#);
        json::push_string(&mut body, &description);
        body.push('}');
        let mut response = answer(StatusCode::BAD_REQUEST, body.into_bytes());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}

impl fmt::Display for LogoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("a logout request is a POST; answer 405"),
            Self::TooLong => f.write_str("the logout request is longer than 128 KiB; answer 400"),
            Self::Missing => {
                f.write_str("the logout request has no `logout_token`; answer 400")
            }
            Self::Repeated => {
                f.write_str("the logout request has several `logout_token`; answer 400")
            }
            Self::Claims(error) => error.fmt(f),
            Self::KeysUnavailable => f.write_str(
                "the issuer's keys cannot be had, so nobody was signed out; answer 400 and fetch them",
            ),
            Self::Failed => f.write_str("the sessions could not be ended; answer 400"),
        }
    }
}

impl std::error::Error for LogoutError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Claims(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}
