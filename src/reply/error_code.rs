//! [`ErrorCode`]: the error codes of every specification in one table, and [`Fault`]: who has to act.
//!
//! A code is text chosen by the server: it is kept whole behind accessors and shown only when it can be
//! nothing but a code.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $fault:ident, $hint:literal;)+) => {
        /// The `error` of an answer.
        #[derive(Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)+
            /// A code outside the registry, or free text.
            Other(Box<str>),
            /// A failure in a shape of the server's own, without a string in `error`.
            NonStandard,
        }

        impl ErrorCode {
            /// The code of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    other => Self::Other(other.into()),
                }
            }

            /// The code as it was sent; empty for [`ErrorCode::NonStandard`].
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other(text) => text,
                    Self::NonStandard => "",
                }
            }

            /// Who has to act.
            pub(crate) const fn fault(&self) -> Option<Fault> {
                match self {
                    $(Self::$variant => Some(Fault::$fault),)+
                    Self::Other(_) | Self::NonStandard => None,
                }
            }

            /// What to do about it, for a person.
            pub(crate) const fn hint(&self) -> &'static str {
                match self {
                    $(Self::$variant => $hint,)+
                    Self::Other(_) => "the description and the raw reply may say why",
                    Self::NonStandard => "the raw reply may say why",
                }
            }
        }
    };
}

/// Who can mend a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The client's configuration or request.
    Client,
    /// The credential that was presented: a code, a refresh token, an assertion. A new one is needed.
    Credential,
    /// The server, or what stands before it.
    Server,
    /// The answer does not say: an unknown code, or a failure that cannot be read. A wrong address or
    /// a gateway between may be at fault as well as the server.
    Unknown,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "the client's request or configuration",
            Self::Credential => "the credential that was presented",
            Self::Server => "the server",
            Self::Unknown => "unknown",
        })
    }
}

codes! {
    /// The user must choose an account ([OpenID Connect Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)).
    AccountSelectionRequired = "account_selection_required", Client, "send the user again, without prompt=none";
    /// The user must consent ([OpenID Connect Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)).
    ConsentRequired = "consent_required", Client, "send the user again, without prompt=none";
    /// The user must do something ([OpenID Connect Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)).
    InteractionRequired = "interaction_required", Client, "send the user again, without prompt=none";
    /// The user must sign in ([OpenID Connect Core §3.1.2.6](https://openid.net/specs/openid-connect-core-1_0.html#AuthError)).
    LoginRequired = "login_required", Client, "send the user again, without prompt=none";
    /// A request object cannot be read, verified or accepted ([RFC 9101 §7](https://www.rfc-editor.org/rfc/rfc9101#section-7)).
    InvalidRequestObject = "invalid_request_object", Client, "check the request object's key, audience and lifetime, and the clock";
    /// A reference to a request leads nowhere: used, expired, or another client's ([RFC 9101 §7](https://www.rfc-editor.org/rfc/rfc9101#section-7)).
    InvalidRequestUri = "invalid_request_uri", Client, "push or sign the request again and send the user with the new reference";
    /// The server takes no request objects by value ([RFC 9101 §7](https://www.rfc-editor.org/rfc/rfc9101#section-7)).
    RequestNotSupported = "request_not_supported", Client, "send the parameters without a request object, or push them";
    /// The server takes no such references ([RFC 9101 §7](https://www.rfc-editor.org/rfc/rfc9101#section-7)).
    RequestUriNotSupported = "request_uri_not_supported", Client, "send the request itself, or push it";
    /// The details are unknown or malformed ([RFC 9396 §5](https://www.rfc-editor.org/rfc/rfc9396#section-5)).
    InvalidAuthorizationDetails = "invalid_authorization_details", Client, "ask with other authorization details";
    /// The token that hints at the user has expired ([OpenID Connect CIBA §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response)).
    ExpiredLoginHintToken = "expired_login_hint_token", Client, "get a new login_hint_token and ask again";
    /// The binding message cannot be shown ([OpenID Connect CIBA §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response)).
    InvalidBindingMessage = "invalid_binding_message", Client, "ask with a shorter or plainer binding message";
    /// The user's code is wrong ([OpenID Connect CIBA §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response)).
    InvalidUserCode = "invalid_user_code", Client, "ask the user for the code again";
    /// The user's code is missing ([OpenID Connect CIBA §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response)).
    MissingUserCode = "missing_user_code", Client, "ask the user for the code";
    /// The hint names nobody ([OpenID Connect CIBA §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response)).
    UnknownUserId = "unknown_user_id", Client, "ask with another hint";
    /// The user or the server denied the request.
    AccessDenied = "access_denied", Credential, "the user or the server said no";
    /// The user has not decided yet ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
    AuthorizationPending = "authorization_pending", Server, "ask again after the interval";
    /// The device code has expired ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
    ExpiredToken = "expired_token", Credential, "the device code has expired; start again";
    /// The user's authentication is too weak or too old
    /// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)).
    InsufficientUserAuthentication = "insufficient_user_authentication", Client, "send the user to sign in again, with the acr_values or max_age the resource asks for";
    /// A software statement cannot be read or verified ([RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2)).
    InvalidSoftwareStatement = "invalid_software_statement", Client, "get a new software statement from whoever signed it";
    /// A software statement is good, and not good for this server ([RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2)).
    UnapprovedSoftwareStatement = "unapproved_software_statement", Client, "use a software statement that this server approves of";
    /// A member of the client's metadata was not accepted ([RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2)).
    InvalidClientMetadata = "invalid_client_metadata", Client, "register with other client metadata; the description may say which member";
    /// A redirect URI was not accepted ([RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2)).
    InvalidRedirectUri = "invalid_redirect_uri", Client, "register with another redirect URI";
    /// Client authentication failed; an assertion's, too ([RFC 7521 §4.2.1](https://www.rfc-editor.org/rfc/rfc7521#section-4.2.1)).
    InvalidClient = "invalid_client", Client, "check the client identifier, its secret or key, the authentication method, and its encoding or audience";
    /// A client's attestation, or the proof that belongs to it, was not accepted
    /// ([draft-ietf-oauth-attestation-based-client-auth §7.4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-7.4)).
    InvalidClientAttestation = "invalid_client_attestation", Client, "check that the proof is signed by the attested key, and that the server trusts the attester";
    /// The DPoP proof was not accepted ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
    InvalidDpopProof = "invalid_dpop_proof", Client, "check the proof's key, the clock, and the endpoint's address";
    /// The code, refresh token or assertion is not, or no longer, good
    /// ([RFC 7521 §4.1.1](https://www.rfc-editor.org/rfc/rfc7521#section-4.1.1), [RFC 7523 §3.1](https://www.rfc-editor.org/rfc/rfc7523#section-3.1)).
    InvalidGrant = "invalid_grant", Credential, "the code, refresh token or assertion is spent, expired, revoked or not this client's";
    /// A parameter is missing, repeated or malformed.
    InvalidRequest = "invalid_request", Client, "a parameter is missing, repeated or malformed";
    /// The scope is unknown or too wide.
    InvalidScope = "invalid_scope", Client, "ask for another scope";
    /// The target is unknown or refused ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2),
    /// [RFC 8693 §2.2.2](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.2)).
    InvalidTarget = "invalid_target", Client, "ask for another resource or audience";
    /// The token presented is not good ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).
    InvalidToken = "invalid_token", Credential, "the token is expired, revoked or malformed";
    /// The token's scope does not reach ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).
    InsufficientScope = "insufficient_scope", Client, "get a token with a wider scope";
    /// The server failed ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
    ServerError = "server_error", Server, "the server failed; try later";
    /// Google's name for `server_error`.
    InternalFailure = "internal_failure", Server, "the server failed; try later";
    /// Polling is too fast ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
    SlowDown = "slow_down", Server, "ask less often";
    /// The server is busy ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
    TemporarilyUnavailable = "temporarily_unavailable", Server, "the server is busy; try later";
    /// The client may not use this grant.
    UnauthorizedClient = "unauthorized_client", Client, "the client is not allowed this grant; change its registration";
    /// The server does not know this grant.
    UnsupportedGrantType = "unsupported_grant_type", Client, "the server does not support this grant";
    /// The server does not know this response type.
    UnsupportedResponseType = "unsupported_response_type", Client, "the server does not support this response type";
    /// The server does not revoke tokens of this type ([RFC 7009 §2.2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1)).
    UnsupportedTokenType = "unsupported_token_type", Client, "the server does not revoke this kind of token";
    /// The proof of a client's attestation must carry the server's challenge
    /// ([draft-ietf-oauth-attestation-based-client-auth §7.4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-7.4)).
    UseAttestationChallenge = "use_attestation_challenge", Server, "repeat the request with the challenge the server sent";
    /// A client's attestation is too old
    /// ([draft-ietf-oauth-attestation-based-client-auth §7.4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-7.4)).
    UseFreshAttestation = "use_fresh_attestation", Client, "get a new attestation from the attester";
    /// A DPoP proof must carry the server's nonce ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
    UseDpopNonce = "use_dpop_nonce", Server, "repeat the request with the nonce the server sent";
}

impl ErrorCode {
    /// The code, if it is registered or looks like one: letters and underscores only, and not long.
    /// Anything else might quote what was sent.
    fn shown(&self) -> &str {
        let looks_like_one = |text: &str| {
            text.len() <= 40 && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphabetic())
        };
        match self {
            Self::Other(text) if !looks_like_one(text) => "an unregistered error",
            Self::NonStandard => "an error in a shape of the server's own",
            known => known.as_str(),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrorCode({})", self.shown())
    }
}
