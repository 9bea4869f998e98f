//! [`ClaimsError`]: which token was refused, and which claim is at fault.
//!
//! It holds names of claims, never their values. The text names the section and says what to do.

use std::fmt;

use crate::jose::VerifyError;

/// Which kind of token was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// An ID token ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)).
    IdToken,
    /// A logout token
    /// ([OpenID Connect Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken)).
    LogoutToken,
    /// A signed authorization response
    /// ([JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1)).
    AuthorizationResponse,
    /// A signed userinfo response
    /// ([OpenID Connect Core §5.3.2](https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse)).
    Userinfo,
    /// A signed introspection response ([RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5)).
    Introspection,
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdToken => "ID token",
            Self::LogoutToken => "logout token",
            Self::AuthorizationResponse => "signed authorization response",
            Self::Userinfo => "signed userinfo response",
            Self::Introspection => "signed introspection response",
        })
    }
}

/// Why a token is not believed. Nothing in it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimsError {
    token: TokenKind,
    fault: ClaimFault,
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimFault {
    /// It cannot be read, or its signature is not that of the issuer.
    Verify(VerifyError),
    /// It was verified with a key of another issuer than the one expected.
    KeyIssuer,
    /// It is not encrypted, and the client is registered for encrypted ones.
    NotEncrypted,
    /// Its `typ` says that it is another kind of token.
    Typ,
    /// A required claim is absent.
    Missing(&'static str),
    /// A claim is there and cannot be what it should be: a text where a number belongs, say.
    Malformed(&'static str),
    /// `iss` is another issuer.
    Issuer,
    /// `aud` does not name this client.
    Audience,
    /// `aud` names others beside this client, which are not trusted.
    OtherAudience,
    /// It is under a shared secret and has several audiences, which nothing defines.
    SeveralAudiences,
    /// `azp` is another client.
    AuthorizedParty,
    /// `exp` is over.
    Expired,
    /// `nbf` is still to come.
    NotYetValid,
    /// `iat` is still to come.
    IssuedInFuture,
    /// `iat` is longer ago than the caller allows.
    TooOld,
    /// `nonce` is not the one that was sent.
    Nonce,
    /// `nonce` is there, and none was sent.
    NonceUnexpected,
    /// `acr` is none of the values that were asked for.
    Acr,
    /// `auth_time` is longer ago than `max_age` allows.
    AuthenticationTooOld,
    /// `auth_time` is still to come.
    AuthenticationInFuture,
    /// A hash (`at_hash`, `c_hash`, `s_hash`) is not that of what came with the token.
    Hash(&'static str),
    /// A hash cannot be compared, because nothing says which function made it.
    HashUnchecked(&'static str),
    /// A claim is not that of the first ID token.
    Changed(&'static str),
    /// The token is not signed or its signature was not checked, where it must be.
    SignatureRequired,
    /// `events` does not hold the one event that is expected, or holds it where it does not belong.
    Event,
    /// `nonce` is there, where it must not be.
    NonceForbidden,
    /// `sub` is another user.
    Subject,
}

impl ClaimsError {
    pub(crate) const fn new(token: TokenKind, fault: ClaimFault) -> Self {
        Self { token, fault }
    }

    /// Which kind of token was expected.
    #[must_use]
    pub const fn token(&self) -> TokenKind {
        self.token
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn fault(&self) -> ClaimFault {
        self.fault
    }

    /// The section that says so.
    fn section(&self) -> &'static str {
        match (self.token, self.fault) {
            (_, ClaimFault::KeyIssuer) => "RFC 8725 section 3.8",
            (_, ClaimFault::Typ) => "RFC 8725 section 3.11",
            (_, ClaimFault::NotYetValid) => "RFC 7519 section 4.1.5",
            (_, ClaimFault::Changed(_)) => "OpenID Connect Core section 12.2",
            (_, ClaimFault::SeveralAudiences) => "OpenID Connect Core section 10.1",
            (TokenKind::IdToken, ClaimFault::Missing("sub") | ClaimFault::Malformed("sub")) => {
                "OpenID Connect Core section 2"
            }
            (TokenKind::IdToken, ClaimFault::Hash(_) | ClaimFault::HashUnchecked(_)) => {
                "OpenID Connect Core section 3.3.2.11"
            }
            (TokenKind::IdToken, ClaimFault::Missing("at_hash" | "c_hash")) => {
                "OpenID Connect Core section 3.3.2.11"
            }
            (TokenKind::IdToken, _) => "OpenID Connect Core section 3.1.3.7",
            (TokenKind::LogoutToken, ClaimFault::Missing(_) | ClaimFault::Malformed(_)) => {
                "OpenID Connect Back-Channel Logout section 2.4"
            }
            (TokenKind::LogoutToken, _) => "OpenID Connect Back-Channel Logout section 2.6",
            (TokenKind::AuthorizationResponse, _) => "JARM section 2.4",
            (TokenKind::Userinfo, ClaimFault::Subject | ClaimFault::Missing("sub")) => {
                "OpenID Connect Core section 5.3.2"
            }
            (TokenKind::Userinfo, _) => "OpenID Connect Core section 5.3.4",
            (TokenKind::Introspection, _) => "RFC 9701 section 5",
        }
    }

    /// What to do about it.
    fn remedy(&self) -> &'static str {
        match self.fault {
            ClaimFault::Verify(_) => "",
            ClaimFault::KeyIssuer => "use the key set of the issuer that signed it",
            ClaimFault::NotEncrypted => "refuse it, or register the client without encryption",
            ClaimFault::Typ => "it was made for something else; whoever sent it here is at fault",
            ClaimFault::Missing("acr" | "auth_time") => {
                "send the user again, or ask for the claim only if the server has it"
            }
            ClaimFault::Missing("nonce") => {
                "it may be replayed; for a server that leaves it out call `tolerate_missing_nonce`"
            }
            ClaimFault::Missing(_) | ClaimFault::Malformed(_) => "the issuer has to fix it",
            ClaimFault::Issuer => {
                "compare the configured issuer byte for byte, a slash at the end included"
            }
            ClaimFault::Audience => "it is for another client; is the client id the right one?",
            ClaimFault::OtherAudience => "call `trusted_audience` for each that is known",
            ClaimFault::SeveralAudiences => "register the client for an asymmetric algorithm",
            ClaimFault::AuthorizedParty => {
                "it was issued to another client; call `ignore_azp` if the server means something else by it"
            }
            ClaimFault::Expired => "ask for a new one; if it is fresh, a clock is wrong",
            ClaimFault::NotYetValid | ClaimFault::IssuedInFuture => {
                "a clock is wrong; call `clock_skew` if it cannot be set right"
            }
            ClaimFault::TooOld => "ask for a new one",
            ClaimFault::Nonce | ClaimFault::NonceUnexpected => {
                "it belongs to another sign-in; start again"
            }
            ClaimFault::Acr | ClaimFault::AuthenticationTooOld => "send the user again",
            ClaimFault::AuthenticationInFuture => "a clock is wrong",
            ClaimFault::Hash(_) => "what came with it was exchanged; use none of it",
            ClaimFault::HashUnchecked(_) => "verify the signature first",
            ClaimFault::Changed(_) => {
                "the refresh answered about somebody or something else; sign in again"
            }
            ClaimFault::SignatureRequired => "verify it with the issuer's keys",
            ClaimFault::Event => "it is not what was expected; refuse it",
            ClaimFault::Subject => "use none of it; the access token may have been exchanged",
            ClaimFault::NonceForbidden => "it looks like an ID token; refuse it",
        }
    }
}

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { token, fault } = self;
        write!(f, "the {token} ")?;
        match fault {
            ClaimFault::Verify(error) => return write!(f, "is not verified: {error}"),
            ClaimFault::KeyIssuer => f.write_str("was verified with a key of another issuer"),
            ClaimFault::NotEncrypted => f.write_str("is not encrypted as it was registered to be"),
            ClaimFault::Typ => f.write_str("has the `typ` of another kind of token"),
            ClaimFault::Missing(claim) => write!(f, "has no `{claim}`"),
            ClaimFault::Malformed(claim) => write!(f, "has a malformed `{claim}`"),
            ClaimFault::Issuer => f.write_str("is of another issuer by its `iss`"),
            ClaimFault::Audience => f.write_str("is not for this client by its `aud`"),
            ClaimFault::OtherAudience => {
                f.write_str("is for others too by its `aud`, and they are not trusted")
            }
            ClaimFault::SeveralAudiences => {
                f.write_str("is under a shared secret and has several audiences")
            }
            ClaimFault::AuthorizedParty => f.write_str("names another client in `azp`"),
            ClaimFault::Expired => f.write_str("is over by its `exp`"),
            ClaimFault::NotYetValid => f.write_str("is not yet valid by its `nbf`"),
            ClaimFault::IssuedInFuture => f.write_str("was issued in the future by its `iat`"),
            ClaimFault::TooOld => f.write_str("was issued too long ago by its `iat`"),
            ClaimFault::Nonce => f.write_str("has another `nonce` than was sent"),
            ClaimFault::NonceUnexpected => f.write_str("has a `nonce`, and none was sent"),
            ClaimFault::Acr => f.write_str("has an `acr` that was not asked for"),
            ClaimFault::AuthenticationTooOld => {
                f.write_str("has an `auth_time` older than `max_age` allows")
            }
            ClaimFault::AuthenticationInFuture => f.write_str("has an `auth_time` in the future"),
            ClaimFault::Hash(claim) => write!(f, "has a `{claim}` of something else"),
            ClaimFault::HashUnchecked(claim) => {
                write!(f, "has a `{claim}` that cannot be compared")
            }
            ClaimFault::Changed(claim) => write!(f, "has another `{claim}` than the first one"),
            ClaimFault::SignatureRequired => f.write_str("is to be believed by its signature only"),
            ClaimFault::Event => f.write_str("has not the `events` that are expected"),
            ClaimFault::Subject => f.write_str("is about another user by its `sub`"),
            ClaimFault::NonceForbidden => f.write_str("has a `nonce`, which is forbidden"),
        }?;
        write!(f, " ({}); {}", self.section(), self.remedy())
    }
}

impl std::error::Error for ClaimsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            ClaimFault::Verify(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}
