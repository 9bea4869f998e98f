//! [`Ping`]: a server's call that a backchannel authentication has come to its end
//! ([OpenID Connect CIBA §10.2](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#rfc.section.10.2)).
//!
//! The one request that a client is sent. The endpoint it comes to is the application's.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, StatusCode};

use crate::reply::Unusable;
use crate::value::Secret;
use crate::value::secret::same;
use crate::wire::json;

/// A ping is a hundred bytes.
const LIMIT: usize = 64 * 1024;
const MEMBERS: &[&str; 1] = &[NAME];
pub(crate) const NAME: &str = "auth_req_id";

/// A server's call in ping mode: it has an answer for the one who asks.
///
/// Anybody can send one, so nothing in it counts before [`Ping::verify`]. It says nothing of the
/// outcome: [`CibaFlow::pinged`](crate::flow::CibaFlow::pinged) makes the flow ask.
///
/// ```
/// use grantwire::Secret;
/// use grantwire::backchannel::{Ping, PingError};
/// # let incoming = http::Request::post("https://client.example.com/cb")
/// #     .header("authorization", "Bearer 8d67dc78-7faa-4d41-aabd-67707b374255")
/// #     .body(br#"{"auth_req_id":"1c266114-a1be-4252-8ad1-04986c5b9ac1"}"#.to_vec())?;
/// # struct Pending { notification_token: Secret }
/// # let find = |_: &str| Some(Pending { notification_token: Secret::new("8d67dc78-7faa-4d41-aabd-67707b374255") });
///
/// let taken = Ping::read(&incoming).and_then(|ping| {
///     // The identifier finds the request that it is about, and the token sent with that.
///     let pending = find(ping.auth_req_id()).ok_or(PingError::Token)?;
///     ping.verify(&pending.notification_token)?;
///     // Wake whoever drives the flow: `flow.pinged(ping.auth_req_id())`.
///     Ok(())
/// });
/// let status = match taken {
///     Ok(()) => http::StatusCode::NO_CONTENT,
///     Err(error) => error.status(),
/// };
/// assert_eq!(status, 204);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone)]
pub struct Ping {
    auth_req_id: Secret,
    token: Secret,
}

impl Ping {
    /// Reads the request as it came. Its path, method and `Content-Type` are the application's to look at;
    /// what else stands in the body is skipped.
    ///
    /// # Errors
    ///
    /// [`PingError::Token`] without exactly one `Authorization` header that holds a Bearer token, else
    /// [`PingError::Body`] for a body of more than 64 KiB or without `auth_req_id`.
    pub fn read<B: AsRef<[u8]>>(request: &Request<B>) -> Result<Self, PingError> {
        let token = bearer(request.headers()).ok_or(PingError::Token)?;
        let auth_req_id = identifier(request.body().as_ref()).map_err(PingError::Body)?;
        Ok(Self { auth_req_id, token: Secret::new(token) })
    }

    /// Which request it is about, by the word of whoever called. Find what was sent with it, and
    /// [verify](Ping::verify).
    #[must_use]
    pub fn auth_req_id(&self) -> &str {
        self.auth_req_id.expose()
    }

    /// Whether it holds the `client_notification_token` that was sent with this request. The time this takes
    /// says nothing of the token but its length.
    ///
    /// # Errors
    ///
    /// [`PingError::Token`] when it does not, or when the one it should hold is empty.
    pub fn verify(&self, client_notification_token: &Secret) -> Result<(), PingError> {
        let expected = client_notification_token.expose();
        if !expected.is_empty() && same(self.token.expose(), expected) {
            Ok(())
        } else {
            Err(PingError::Token)
        }
    }
}

/// The only one there is. What is in it is compared and goes nowhere else.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

fn identifier(body: &[u8]) -> Result<Secret, Unusable> {
    if body.len() > LIMIT {
        return Err(Unusable::BodyTooLarge { limit: LIMIT });
    }
    let text = json::text(body).text;
    let members = json::object(&text, MEMBERS)?;
    let id = members.get(NAME).ok_or(Unusable::MemberMissing(NAME))?;
    let id = id.string().filter(|id| !id.is_empty()).ok_or(Unusable::MemberMalformed(NAME))?;
    Ok(Secret::new(id))
}

/// Both values are credentials of a kind, so neither is shown.
impl fmt::Debug for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ping(..)")
    }
}

/// Why a ping was not taken. Nothing of it is in here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PingError {
    /// It does not hold the token that it should. Whoever called may not be the server.
    Token,
    /// The body cannot be read.
    Body(Unusable),
}

impl PingError {
    /// What to answer: 401 or 400. A ping that was taken is answered with 204.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::Body(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for PingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token => f.write_str(
                "the caller did not show the notification token that belongs to this request; answer 401",
            ),
            Self::Body(why) => write!(f, "the ping cannot be read: {why}; answer 400"),
        }
    }
}

impl std::error::Error for PingError {}
