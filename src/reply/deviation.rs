//! [`Deviation`]: what departed from the rules in an answer and was accepted all the same. What is tolerated is
//! said by `Quirks`.

use std::fmt;

/// One way in which an answer departed from the rules and was accepted all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deviation {
    /// The body began with a byte order mark.
    ByteOrderMark,
    /// Scope tokens were separated by commas; tolerated by name.
    CommaSeparatedScope,
    /// The JSON came under another media type, or a form under any; tolerated by name.
    ContentType,
    /// There was no `Content-Type`.
    ContentTypeAbsent,
    /// The token object stood inside an envelope; tolerated by name.
    Envelope,
    /// `expires` was read for `expires_in`; tolerated by name.
    ExpiresAlias,
    /// A lifetime was in milliseconds; tolerated by name.
    ExpiresInMillis,
    /// The body was form-encoded; tolerated by name.
    FormEncoded,
    /// `issued_token_type` was absent and taken for what was asked for; tolerated by name.
    IssuedTokenTypeAbsent,
    /// A lifetime, or a moment such as its end, was a whole number written as a float.
    LifetimeFloat,
    /// A lifetime, or a moment such as its end, was a string of digits.
    LifetimeString,
    /// A lifetime of zero was read as unknown; tolerated by name.
    LifetimeZero,
    /// An element of a list could not be read and is left out; the raw list is reachable as an extra.
    MalformedElement(&'static str),
    /// A member could not be read and counts as absent; its raw value is reachable as an extra.
    MalformedMember(&'static str),
    /// The body was not all UTF-8; what was not is replaced.
    NotUtf8,
    /// A scope was an array of strings.
    ScopeArray,
    /// A client secret came without `client_secret_expires_at`, so nobody knows when it ends.
    SecretExpiryAbsent,
    /// The status was a 2xx, but not the one the RFC asks for.
    Status(u16),
    /// `token_type` was absent and taken for `Bearer`; tolerated by name.
    TokenTypeAbsent,
    /// `verification_url` was read for `verification_uri`.
    VerificationUrl,
    /// `token_type` was not written `Bearer`, `DPoP` or `N_A` in these letter cases.
    TokenTypeCase,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByteOrderMark => f.write_str("the body began with a byte order mark"),
            Self::CommaSeparatedScope => f.write_str("the scope was separated by commas"),
            Self::ContentType => f.write_str("the body was not announced as JSON"),
            Self::ContentTypeAbsent => f.write_str("the body had no content type"),
            Self::Envelope => f.write_str("the token object stood inside an envelope"),
            Self::ExpiresAlias => f.write_str("`expires` was read for `expires_in`"),
            Self::ExpiresInMillis => f.write_str("the lifetime was in milliseconds"),
            Self::FormEncoded => f.write_str("the body was form-encoded"),
            Self::IssuedTokenTypeAbsent => f.write_str("the issued token type was absent"),
            Self::LifetimeFloat => f.write_str("the lifetime or moment was written as a float"),
            Self::LifetimeString => f.write_str("the lifetime or moment was written as a string"),
            Self::LifetimeZero => f.write_str("a lifetime of zero was read as unknown"),
            Self::MalformedElement(name) => {
                write!(f, "an element of the member `{name}` could not be read")
            }
            Self::MalformedMember(name) => write!(f, "the member `{name}` could not be read"),
            Self::NotUtf8 => f.write_str("the body was not all UTF-8"),
            Self::ScopeArray => f.write_str("the scope was an array"),
            Self::SecretExpiryAbsent => {
                f.write_str("the client secret came without `client_secret_expires_at`")
            }
            Self::Status(code) => write!(f, "the status was {code}"),
            Self::VerificationUrl => {
                f.write_str("`verification_url` was read for `verification_uri`")
            }
            Self::TokenTypeAbsent => f.write_str("the token type was absent"),
            Self::TokenTypeCase => f.write_str("the token type was in another letter case"),
        }
    }
}
