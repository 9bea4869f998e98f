//! [`Unusable`]: why the body of a reply is not what its endpoint answers.
//!
//! A text names the tolerance that would read the body, where there is one. What the failure means for what was
//! presented is said in `failure`.

use std::fmt;

use crate::wire::json::JsonError;

/// Why a body could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unusable {
    /// Both an `error` and a success.
    Ambiguous,
    /// The body is longer than this limit.
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The registration is another client's ([RFC 7592 §2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)).
    ClientMismatch,
    /// JSON under a media type that is not JSON. Tolerated by `Quirks::ignore_content_type`.
    ContentType,
    /// A member that is read occurs twice.
    DuplicateMember(&'static str),
    /// There is no body.
    Empty,
    /// A token that is not bound to the DPoP key, though the request carried a proof.
    NotBound,
    /// The envelope that `Quirks::token_at` names is not there.
    EnvelopeMissing,
    /// The token is not of the type that was asked for
    /// ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)).
    IssuedTokenType,
    /// The metadata is another issuer's ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
    IssuerMismatch,
    /// A JWT in place of JSON, by its `Content-Type`: a signed answer that was not asked for.
    Jwt,
    /// A plain answer where a signed one was asked for: somebody may have taken the signature away.
    NotSigned,
    /// A required member is there and cannot be what it should be.
    MemberMalformed(&'static str),
    /// A required member is absent.
    MemberMissing(&'static str),
    /// JSON, but not an object.
    NotAnObject,
    /// Not JSON; an HTML page, perhaps.
    NotJson {
        /// The line where it stopped being JSON, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The metadata is about another resource.
    ResourceMismatch,
    /// The claims are about another user.
    SubjectMismatch,
    /// The body ends inside the document.
    Truncated,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ambiguous => f.write_str("it holds both a success and an error"),
            Self::BodyTooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::ClientMismatch => f.write_str("the registration is another client's"),
            Self::ContentType => f.write_str(
                "the body is not announced as JSON, which `Quirks::ignore_content_type` tolerates",
            ),
            Self::DuplicateMember(name) => write!(f, "the member `{name}` occurs twice"),
            Self::Empty => f.write_str("there is no body"),
            Self::NotBound => f.write_str(
                "the token is not bound to the DPoP key; the server may not support DPoP",
            ),
            Self::EnvelopeMissing => {
                f.write_str("the envelope that `Quirks::token_at` names is not there")
            }
            Self::IssuedTokenType => {
                f.write_str("the token issued is not of the type that was asked for")
            }
            Self::IssuerMismatch => f.write_str(
                "the document is another issuer's; issuers are compared byte for byte, a slash at the end included",
            ),
            Self::Jwt => f.write_str(
                "the body is a JWT, which was not asked for; ask for a signed answer, or have the client registered for plain JSON",
            ),
            Self::NotSigned => f.write_str(
                "the answer is plain where a signed one was asked for; it is not believed, have the client registered for signed ones",
            ),
            Self::MemberMalformed("active") => {
                f.write_str("the member `active` is neither true nor false, and nothing is guessed")
            }
            Self::MemberMalformed(name) => write!(f, "the member `{name}` is malformed"),
            Self::MemberMissing("token_type") => f.write_str(
                "the member `token_type` is missing, which `Quirks::assume_bearer` tolerates",
            ),
            Self::MemberMissing("issued_token_type") => f.write_str(
                "the member `issued_token_type` is missing, which `Quirks::assume_requested_token_type` tolerates",
            ),
            Self::MemberMissing(name) => write!(f, "the member `{name}` is missing"),
            Self::NotAnObject => f.write_str("the body is not a JSON object"),
            Self::NotJson { line, column } => {
                write!(f, "the body is not JSON (line {line}, column {column})")
            }
            Self::ResourceMismatch => f.write_str("the document is about another resource"),
            Self::SubjectMismatch => f.write_str("the claims are about another user"),
            Self::Truncated => f.write_str("the body ends too soon"),
        }
    }
}

impl From<JsonError> for Unusable {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Duplicate(name) => Self::DuplicateMember(name),
            JsonError::Empty => Self::Empty,
            JsonError::NotAnObject => Self::NotAnObject,
            JsonError::Syntax { line, column } => Self::NotJson { line, column },
            JsonError::Truncated => Self::Truncated,
        }
    }
}
