//! [`Quirks`]: the named tolerances, and [`Deviation`]: what was tolerated.
//!
//! Reading is strict unless a tolerance is named. Each one is here because a provider needs it. Forms
//! that cannot change a meaning need no name, but they are reported all the same.

use std::fmt;
use std::sync::Arc;

use super::meaning::{Meaning, Meanings};

/// Tolerances for one server. All are off by default.
///
/// ```
/// let quirks = grantwire::Quirks::new().assume_bearer().ignore_content_type();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quirks {
    pub(crate) assume_bearer: bool,
    pub(crate) assume_requested_token_type: bool,
    pub(crate) comma_separated_scope: bool,
    pub(crate) expires_alias: bool,
    pub(crate) expires_in_millis: bool,
    pub(crate) form_encoded_response: bool,
    pub(crate) ignore_content_type: bool,
    pub(crate) ok_false_is_error: bool,
    pub(crate) unavailable_means_untouched: bool,
    pub(crate) wordless_refusals: bool,
    pub(crate) zero_means_no_expiry: bool,
    pub(crate) client_id_parameter: Option<Arc<str>>,
    pub(crate) meanings: Meanings,
    pub(crate) error_at: Option<(Arc<str>, Arc<str>)>,
    pub(crate) token_at: Option<Arc<str>>,
}

impl Quirks {
    /// No tolerance.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A missing `token_type` means `Bearer`. For LinkedIn, Instagram, VK, Jobber, Slack.
    #[must_use]
    pub fn assume_bearer(mut self) -> Self {
        self.assume_bearer = true;
        self
    }

    /// A token exchange whose answer does not say what was issued has issued what was asked for. For
    /// Keycloak before version 26.
    #[must_use]
    pub fn assume_requested_token_type(mut self) -> Self {
        self.assume_requested_token_type = true;
        self
    }

    /// The client identifier goes in a parameter of another name. For TikTok's `client_key`.
    #[must_use]
    pub fn client_id_parameter(mut self, name: &str) -> Self {
        self.client_id_parameter = Some(name.into());
        self
    }

    /// Commas separate scope tokens in answers. For GitHub. A comma is a legal character of a scope
    /// token, so this is never guessed.
    #[must_use]
    pub fn comma_separated_scope(mut self) -> Self {
        self.comma_separated_scope = true;
        self
    }

    /// This error code, under whatever status, has this meaning: for codes that are not registered, and for
    /// registered ones that a server uses for something else. As many as the server needs; codes are compared
    /// exactly, and the same code again replaces the row. A meaning that is set here is asked before anything
    /// else, in messages, polling and sessions alike. [`Meaning::Dead`] counts at the token endpoint only, where
    /// something is presented that can be dead.
    ///
    /// For GitHub's `bad_refresh_token`, and for FlowFuse, which says `invalid_request` of a dead refresh token (a
    /// refresh that is really malformed then ends a session too).
    ///
    /// ```
    /// use grantwire::{Meaning, Quirks};
    ///
    /// let quirks = Quirks::new()
    ///     .code_means("bad_refresh_token", Meaning::Dead)
    ///     .code_means("mfa_required", Meaning::NeedsPerson)
    ///     .status_means(403, Meaning::Later);
    /// ```
    #[must_use]
    pub fn code_means(mut self, code: &str, meaning: Meaning) -> Self {
        self.meanings.set(None, Some(code), meaning);
        self
    }

    /// This error code has this meaning under this status alone, which counts before
    /// [`Quirks::code_means`].
    #[must_use]
    pub fn code_under_status_means(mut self, status: u16, code: &str, meaning: Meaning) -> Self {
        self.meanings.set(Some(status), Some(code), meaning);
        self
    }

    /// A failure with this status has this meaning, where its code has none. For GitHub's rate limit, which
    /// is a 403. A 2xx has none by its status: what cannot be read of it may hold tokens.
    #[must_use]
    pub fn status_means(mut self, status: u16, meaning: Meaning) -> Self {
        if !(200..300).contains(&status) {
            self.meanings.set(Some(status), None, meaning);
        }
        self
    }

    /// A 503 comes from the server itself and says that it did nothing, so that a single-use credential may be
    /// presented again. Not for a server behind a proxy: Envoy, and the meshes built on it, say 503 when the
    /// connection died after the request had gone out.
    #[must_use]
    pub fn unavailable_means_untouched(mut self) -> Self {
        self.unavailable_means_untouched = true;
        self
    }

    /// The error code and text stand at these paths (`/errcode`, `/errmsg`). For WeChat.
    #[must_use]
    pub fn error_at(mut self, code: &str, description: &str) -> Self {
        self.error_at = Some((code.into(), description.into()));
        self
    }

    /// `expires` stands for `expires_in` when that is absent. For Facebook before Graph 2.3.
    #[must_use]
    pub fn expires_alias(mut self) -> Self {
        self.expires_alias = true;
        self
    }

    /// `expires_in` is in milliseconds. For Zoho. Never guessed from the size of the number.
    #[must_use]
    pub fn expires_in_millis(mut self) -> Self {
        self.expires_in_millis = true;
        self
    }

    /// Bodies may be form-encoded. For GitHub without `Accept`, and old Facebook.
    #[must_use]
    pub fn form_encoded_response(mut self) -> Self {
        self.form_encoded_response = true;
        self
    }

    /// JSON is read whatever the `Content-Type` says. For WeChat's `text/plain`.
    #[must_use]
    pub fn ignore_content_type(mut self) -> Self {
        self.ignore_content_type = true;
        self
    }

    /// `"ok": false` is an error even on a 200. For Slack.
    #[must_use]
    pub fn ok_false_is_error(mut self) -> Self {
        self.ok_false_is_error = true;
        self
    }

    /// The token object stands inside an envelope, at this path. For Slack's `/authed_user` and
    /// TikTok's `/data`.
    #[must_use]
    pub fn token_at(mut self, path: &str) -> Self {
        // A path without its first slash means the same.
        self.token_at = Some(format!("/{}", path.trim_start_matches('/')).into());
        self
    }

    /// An empty body refuses by its status: 401 and 403 are `invalid_client`, and 400 is `invalid_grant` to
    /// what can be presented once, else `invalid_request`. For Glewlwyd. Not for a server behind a gateway
    /// that answers in its place.
    #[must_use]
    pub fn wordless_refusals(mut self) -> Self {
        self.wordless_refusals = true;
        self
    }

    /// `expires_in` of zero says nothing about the lifetime. For VK with the `offline` scope.
    #[must_use]
    pub fn zero_means_no_expiry(mut self) -> Self {
        self.zero_means_no_expiry = true;
        self
    }
}

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
