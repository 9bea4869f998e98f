//! [`FrontChannelLogout`]: the page that a server loads in the browser when a session ends
//! ([OpenID Connect Front-Channel Logout §2](https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout)).
//!
//! Nothing in it is signed: whoever can make a browser load a page can send one. It may end the session of
//! that browser and no other.

use std::fmt;

use crate::value::Issuer;
use crate::wire::form;

/// The longest query that is read.
const LIMIT: usize = 64 * 1024;

/// The parameters of such a page: `iss` and `sid`, both or neither.
///
/// ```
/// use grantwire::logout::FrontChannelLogout;
///
/// let page = FrontChannelLogout::from_query("iss=https://server.example.com&sid=08a5019c")?;
/// // Against the session of this browser, as its ID token named it:
/// assert!(page.is_about("https://server.example.com", Some("08a5019c")));
/// assert!(!page.is_about("https://server.example.com", Some("another")));
/// # Ok::<(), grantwire::logout::FrontChannelError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct FrontChannelLogout {
    named: Option<(Issuer, String)>,
}

impl FrontChannelLogout {
    /// From the query of the page, with or without the leading `?`. Other parameters are skipped.
    ///
    /// # Errors
    ///
    /// [`FrontChannelError`]: nothing may be ended.
    pub fn from_query(query: &str) -> Result<Self, FrontChannelError> {
        if query.len() > LIMIT {
            return Err(FrontChannelError::TooLong);
        }
        let pairs = form::pairs(query.strip_prefix('?').unwrap_or(query).as_bytes());
        let one = |wanted: &str| {
            let mut values = pairs.iter().filter(|(name, _)| name == wanted);
            match (values.next(), values.next()) {
                (Some((_, value)), None) => Ok(Some(&**value).filter(|value| !value.is_empty())),
                (None, _) => Ok(None),
                (Some(_), Some(_)) => Err(FrontChannelError::Repeated),
            }
        };
        match (one("iss")?, one("sid")?) {
            (Some(issuer), Some(session)) => {
                Ok(Self { named: Some((Issuer::from(issuer), session.to_owned())) })
            }
            (None, None) => Ok(Self { named: None }),
            _ => Err(FrontChannelError::Incomplete),
        }
    }

    /// Whether it names a session at all. A client that is registered with
    /// `frontchannel_logout_session_required` refuses what does not.
    #[must_use]
    pub const fn names_a_session(&self) -> bool {
        self.named.is_some()
    }

    /// Whether it is about this session: that of the browser that loaded the page, with the issuer and the
    /// `sid` of its ID token. What names no session is about whichever there is.
    #[must_use]
    pub fn is_about(&self, issuer: &str, session_id: Option<&str>) -> bool {
        self.named.as_ref().is_none_or(|(named, session)| {
            named.as_str() == issuer && session_id == Some(session.as_str())
        })
    }
}

impl fmt::Debug for FrontChannelLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FrontChannelLogout(..)")
    }
}

/// Why a page does not end a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrontChannelError {
    /// One of `iss` and `sid` is there without the other.
    Incomplete,
    /// One of them stands twice.
    Repeated,
    /// The query is longer than 64 KiB.
    TooLong,
}

impl fmt::Display for FrontChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incomplete => {
                "the logout page has one of `iss` and `sid` without the other (OpenID Connect Front-Channel Logout section 2); end nothing"
            }
            Self::Repeated => "the logout page has `iss` or `sid` twice; end nothing",
            Self::TooLong => "the query of the logout page is longer than 64 KiB; end nothing",
        })
    }
}

impl std::error::Error for FrontChannelError {}
