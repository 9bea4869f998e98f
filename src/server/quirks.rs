//! [`Quirks`]: the named tolerances of one server. What was tolerated is reported by `reply`.
//!
//! Reading is strict unless a tolerance is named. Each one is here because a provider needs it. Forms
//! that cannot change a meaning need no name, but they are reported all the same.

use std::sync::Arc;

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
    pub(crate) wordless_refusals: bool,
    pub(crate) zero_means_no_expiry: bool,
    pub(crate) client_id_parameter: Option<Arc<str>>,
    pub(crate) dead_refresh_code: Option<Arc<str>>,
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

    /// This code, in the answer to a refresh, says that the refresh token is dead, as `invalid_grant` does.
    /// For FlowFuse and others that say `invalid_request`. A refresh that is really malformed then ends a
    /// session too.
    #[must_use]
    pub fn dead_refresh_code(mut self, code: &str) -> Self {
        self.dead_refresh_code = Some(code.into());
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
