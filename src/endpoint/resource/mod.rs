//! Presenting an access token, and what a resource says when it does not take it.
//!
//! The request to the resource is the caller's; this file puts the token into it. Bearer tokens
//! ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)) and headers of a provider's own; a token bound
//! to a DPoP key goes by a [`ResourceRequest`].

mod request;

use std::fmt;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName};

pub use request::ResourceRequest;

use crate::endpoint::token::{AccessToken, TokenType};
use crate::message::{Challenge, ErrorCode, Reply, UntrustedText};
use crate::value::header::value;
use crate::value::{BuildError, RetryAfter, UntrustedUrl};

impl AccessToken {
    /// Puts the token into a request as `Authorization: Bearer`
    /// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)), marked sensitive. The scheme is always
    /// written this way, however the server wrote the type.
    ///
    /// # Errors
    ///
    /// [`BuildError::TokenType`] for a token that is not a bearer token;
    /// [`BuildError::HeaderMalformed`] for one that cannot stand in a header.
    pub fn present(&self, headers: &mut HeaderMap) -> Result<(), BuildError> {
        if *self.token_type() != TokenType::Bearer {
            return Err(BuildError::TokenType);
        }
        let token = self.checked("authorization")?;
        let mut text =
            zeroize::Zeroizing::new(String::with_capacity(token.len().saturating_add(7)));
        text.push_str("Bearer ");
        text.push_str(token);
        headers.insert(AUTHORIZATION, value("authorization", &text, true)?);
        Ok(())
    }

    /// Puts the token as it is into a header of the provider's own, marked sensitive.
    ///
    /// # Errors
    ///
    /// As [`AccessToken::present`].
    pub fn present_raw(
        &self,
        header: HeaderName,
        headers: &mut HeaderMap,
    ) -> Result<(), BuildError> {
        if *self.token_type() != TokenType::Bearer {
            return Err(BuildError::TokenType);
        }
        let value = value("access token header", self.checked("access token header")?, true)?;
        headers.insert(header, value);
        Ok(())
    }

    /// A token may come from a store, so it is looked at again.
    fn checked(&self, header: &'static str) -> Result<&str, BuildError> {
        let token = self.expose();
        if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(token)
        } else {
            Err(BuildError::HeaderMalformed { header: header.into() })
        }
    }
}

/// Why a resource did not do what it was asked, as far as the token is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// 401: the token is missing, expired, revoked or malformed. Get a new one.
    InvalidToken(Details),
    /// 403: the token is good and does not reach. Ask for a wider scope, if [`Details::code`] says
    /// that it is the scope; else its user may not do this, or a gateway forbids it.
    InsufficientScope(Details),
    /// 429 or 503: later.
    Unavailable(Option<RetryAfter>),
    /// Another failure of the resource's own, with this status.
    Other(u16),
}

/// What a challenge said beside its error code.
#[derive(Clone, PartialEq, Eq)]
pub struct Details(Box<Said>);

#[derive(Clone, PartialEq, Eq)]
struct Said {
    code: Option<ErrorCode>,
    description: Option<UntrustedText>,
    scope: Option<String>,
    acr_values: Option<String>,
    max_age: Option<u64>,
    resource_metadata: Option<UntrustedUrl>,
}

impl Details {
    /// The error code, if the challenge had one. A 401 without one says that no token was seen
    /// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)), or has a challenge that cannot be
    /// read, which [`Challenge::from_headers`](crate::message::Challenge::from_headers) would say.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// A code that says what is missing, where a new token alone would be refused again.
    fn missing(&self) -> Option<&ErrorCode> {
        use ErrorCode::{InsufficientUserAuthentication, InvalidDpopProof, UseDpopNonce};
        self.code().filter(|code| {
            matches!(code, InsufficientUserAuthentication | InvalidDpopProof | UseDpopNonce)
        })
    }

    /// The description, if there was one.
    #[must_use]
    pub fn description(&self) -> Option<&UntrustedText> {
        self.0.description.as_ref()
    }

    /// The authentication that would do, when the user's was too weak: space-separated
    /// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)). Ask for it with `acr_values`.
    #[must_use]
    pub fn acr_values(&self) -> Option<&str> {
        self.0.acr_values.as_deref()
    }

    /// How long ago the user may have signed in at the most, in seconds
    /// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)). Ask for it with `max_age`.
    #[must_use]
    pub fn max_age(&self) -> Option<u64> {
        self.0.max_age
    }

    /// Where the resource's metadata is, by its own word
    /// ([RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)).
    #[must_use]
    pub fn resource_metadata(&self) -> Option<&UntrustedUrl> {
        self.0.resource_metadata.as_ref()
    }

    /// The scope that would do, if the challenge said.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref()
    }
}

/// The texts are the resource's and may quote what was sent.
impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Details").field("code", &self.0.code).finish_non_exhaustive()
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidToken(details) => match details.missing() {
                Some(code) => {
                    write!(f, "the resource did not take the token: {code}: {}", code.hint())
                }
                None => f.write_str("the resource did not take the token; get a new one"),
            },
            Self::InsufficientScope(details) if details.code().is_some() => {
                f.write_str("the token's scope does not reach; ask for more")
            }
            Self::InsufficientScope(_) => f.write_str(
                "the resource forbids it: the token's scope may not reach, or its user may not do this",
            ),
            Self::Unavailable(_) => f.write_str("the resource is busy; try later"),
            Self::Other(status) => write!(f, "the resource failed with status {status}"),
        }
    }
}

impl std::error::Error for Denied {}

/// Looks at a resource's answer for what it says of the token; `Ok` for any 2xx.
///
/// # Errors
///
/// [`Denied`], by status first and challenge second.
pub fn check<'a>(reply: impl Into<Reply<'a>>) -> Result<(), Denied> {
    let reply = reply.into();
    match reply.status.as_u16() {
        200..=299 => Ok(()),
        401 => Err(Denied::InvalidToken(details(reply))),
        403 => Err(Denied::InsufficientScope(details(reply))),
        429 | 503 => {
            let header = reply.headers.get(http::header::RETRY_AFTER);
            Err(Denied::Unavailable(header.and_then(RetryAfter::parse)))
        }
        status => Err(Denied::Other(status)),
    }
}

/// Challenges count on failures only; a malformed one says nothing.
///
/// Of several, the one that says what is wrong is asked first. What it does not say, another may: a
/// resource that takes both kinds of token says it once.
fn details(reply: Reply<'_>) -> Details {
    let challenges = Challenge::readable(reply.headers);
    let ours = || challenges.iter().filter(|one| one.is("Bearer") || one.is("DPoP"));
    let telling = ours().find(|challenge| challenge.param("error").is_some());
    let param = |name: &str| telling.into_iter().chain(ours()).find_map(|one| one.param(name));
    // RFC 9728 section 5.1 ties this one to no scheme.
    let metadata = || challenges.iter().find_map(|one| one.param("resource_metadata"));
    Details(Box::new(Said {
        code: param("error").map(ErrorCode::from_name),
        description: param("error_description").map(UntrustedText::new),
        scope: param("scope").map(str::to_owned),
        acr_values: param("acr_values").map(str::to_owned),
        max_age: param("max_age").and_then(|seconds| seconds.parse().ok()),
        resource_metadata: param("resource_metadata").or_else(metadata).map(UntrustedUrl::new),
    }))
}
