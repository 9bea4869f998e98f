//! [`Denied`]: what a resource's refusal means for the token, and so what to do about it.
//!
//! The code of a challenge says it; where there is none, the status does. The body is the resource's own
//! and is not looked at.

use std::fmt;

use http::header::RETRY_AFTER;

use super::details::{Details, is_challenged};
use crate::reply::{ErrorCode, Reply, RetryAfter};

/// Why a resource did not do what it was asked, as far as the token is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// The token is missing, expired, revoked or malformed: `invalid_token`, or a 401 without a code that is
    /// known here. Get a new one.
    InvalidToken(Details),
    /// The token is good and does not reach: `insufficient_scope`, or a 403 with a challenge that has no code.
    /// Ask for a wider scope.
    InsufficientScope(Details),
    /// The token is good, and the user's sign-in was too weak or too old: `insufficient_user_authentication`
    /// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)). A refresh gives another token of the
    /// same sign-in, so it is no help: send the user again, with [`Details::step_up`].
    InsufficientUserAuthentication(Details),
    /// The request is at fault, and not the token: `invalid_request`
    /// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)), or a proof that was not taken,
    /// `invalid_dpop_proof` and `use_dpop_nonce`
    /// ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)). Correct it; a new token changes
    /// nothing. A flow answers a wanted nonce by itself, so that one is left over when it did not help.
    InvalidRequest(Details),
    /// 429 or 503: later.
    Unavailable(Option<RetryAfter>),
    /// Another failure of the resource's own, with this status. A 403 without a challenge is one: the
    /// application said no, and nothing says that another token would do.
    Other(u16),
}

impl Denied {
    /// What the challenge said beside its code; `None` where the failure is not about the token or the request.
    #[must_use]
    pub const fn details(&self) -> Option<&Details> {
        match self {
            Self::InvalidToken(details)
            | Self::InsufficientScope(details)
            | Self::InsufficientUserAuthentication(details)
            | Self::InvalidRequest(details) => Some(details),
            Self::Unavailable(_) | Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidToken(_) => "the resource did not take the token; get a new one",
            Self::InsufficientScope(_) => "the token's scope does not reach; ask for more",
            Self::InsufficientUserAuthentication(_) => {
                "the user's sign-in is too weak or too old; send the user to sign in again, as the challenge asks"
            }
            Self::InvalidRequest(details) => match details.code() {
                Some(ErrorCode::InvalidDpopProof) => {
                    "the resource did not take the DPoP proof; check its key, the address and the clock"
                }
                Some(ErrorCode::UseDpopNonce) => {
                    "the resource wants its nonce in the DPoP proof; send the request again with it"
                }
                _ => "the resource did not take the request; correct it and keep the token",
            },
            Self::Unavailable(_) => "the resource is busy; try later",
            Self::Other(status @ 400..=499) => {
                return write!(
                    f,
                    "the resource refused with status {status}; its answer may say why"
                );
            }
            Self::Other(status) => return write!(f, "the resource failed with status {status}"),
        })
    }
}

impl std::error::Error for Denied {}

/// Looks at a resource's answer for what it says of the token; `Ok` for any 2xx.
///
/// ```
/// use grantwire::resource::{self, Denied};
///
/// let answer = http::Response::builder()
///     .status(401)
///     .header("www-authenticate", r#"Bearer error="insufficient_user_authentication", max_age=5"#)
///     .body("")?;
/// match resource::check(&answer) {
///     Ok(()) => println!("there is an answer to read"),
///     Err(Denied::InvalidToken(_)) => println!("refresh, and ask again"),
///     Err(Denied::InsufficientUserAuthentication(said)) => assert_eq!(said.max_age(), Some(5)),
///     Err(other) => println!("{other}"),
/// }
/// # Ok::<(), http::Error>(())
/// ```
///
/// # Errors
///
/// [`Denied`], by the challenge's code first and the status second. 429 and 503 are for later whatever the
/// challenge says, and outside of 4xx a challenge is not about this token.
pub fn check<'a>(reply: impl Into<Reply<'a>>) -> Result<(), Denied> {
    let reply = reply.into();
    Err(match reply.status.as_u16() {
        200..=299 => return Ok(()),
        429 | 503 => {
            Denied::Unavailable(reply.headers.get(RETRY_AFTER).and_then(RetryAfter::parse))
        }
        400..=499 => refused(reply),
        status => Denied::Other(status),
    })
}

fn refused(reply: Reply<'_>) -> Denied {
    let details = Details::of(reply);
    match (details.code(), reply.status.as_u16()) {
        (Some(ErrorCode::InvalidToken), _) => Denied::InvalidToken(details),
        (Some(ErrorCode::InsufficientScope), _) => Denied::InsufficientScope(details),
        (Some(ErrorCode::InsufficientUserAuthentication), _) => {
            Denied::InsufficientUserAuthentication(details)
        }
        (
            Some(ErrorCode::InvalidRequest | ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce),
            _,
        ) => Denied::InvalidRequest(details),
        (_, 401) => Denied::InvalidToken(details),
        (None, 403) if is_challenged(reply) => Denied::InsufficientScope(details),
        (_, status) => Denied::Other(status),
    }
}
