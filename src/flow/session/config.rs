//! [`SessionConfig`]: what one knows of a server's refresh tokens, and how patient one is.

use std::time::Duration;

use crate::client::Client;
use crate::endpoint::token::TokenRequest;
use crate::flow::answer_by::DEFAULT_ANSWER_WITHIN;
use crate::grant::{ClientCredentials, Grant, JwtAssertion, RefreshToken};
use crate::value::{CredentialUse, RedirectUri, Scope, Secret};

/// What a server does with a refresh token that has been used
/// ([RFC 6749 §10.4](https://www.rfc-editor.org/rfc/rfc6749#section-10.4)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)] // known, known to be once, known to be more: nothing else
pub enum Rotation {
    /// Not known. Treated as [`Rotation::SingleUse`] without a grace. The default.
    Unknown,
    /// It stays good.
    Reusable,
    /// It is replaced, and using it again may end the session.
    SingleUse {
        /// For how long after its use the server takes it once more from a client that lost the
        /// answer; zero for not at all.
        grace: Duration,
    },
}

/// What to do when a single-use refresh token was sent and no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterUnknown {
    /// Report it, and present nothing until told to. The default.
    Hold,
    /// Give the session up, so that the user signs in again.
    GiveUp,
    /// Present it again, but only within the server's grace; after that, hold. The grace counts from
    /// the first use, by the clock of whoever used it: state it shorter than the server's by the
    /// transport's timeout, and by how wrong clocks may be to each other.
    ResendWithinGrace,
}

/// How a session behaves. Put it in an `Arc` to share it among many.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    pub(super) rotation: Rotation,
    pub(super) after_unknown: AfterUnknown,
    pub(super) ahead: Duration,
    pub(super) claim: Duration,
    pub(super) answer_within: Duration,
    pub(super) patience: u32,
    pub(super) longest_wait: Duration,
    pub(super) assumed_lifetime: Option<Duration>,
    pub(super) doubts_invalid_grant: bool,
    pub(super) scope: Scope,
    pub(super) redirect_uri: Option<RedirectUri>,
    pub(super) parameters: Vec<(String, Secret)>,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            rotation: Rotation::Unknown,
            after_unknown: AfterUnknown::Hold,
            ahead: Duration::from_secs(60),
            claim: Duration::from_secs(60),
            answer_within: DEFAULT_ANSWER_WITHIN,
            patience: 4,
            longest_wait: Duration::from_secs(60 * 60),
            assumed_lifetime: None,
            doubts_invalid_grant: false,
            scope: Scope::default(),
            redirect_uri: None,
            parameters: Vec::new(),
        }
    }
}

impl SessionConfig {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the server does with used refresh tokens. Default: not known.
    #[must_use]
    pub const fn rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// What to do when the outcome of a refresh is unknown. Default: hold and report.
    #[must_use]
    pub const fn after_unknown(mut self, policy: AfterUnknown) -> Self {
        self.after_unknown = policy;
        self
    }

    /// How long before a token expires it is refreshed, at the least; jitter makes it up to twice as
    /// long, and a short-lived token is given three quarters of its life or more before jitter.
    /// Default: one minute.
    #[must_use]
    pub const fn refresh_ahead(mut self, ahead: Duration) -> Self {
        self.ahead = ahead;
        self
    }

    /// How long a claim on a single-use refresh token lasts. It must be longer than a refresh can take,
    /// signing included, and twice [`SessionConfig::answer_within`] where the server asks for DPoP nonces: or
    /// another process may take the refresh for lost while it is under way. Default: one minute.
    ///
    /// Nobody waits longer than this for another's claim, and nobody takes it for expired before it has
    /// been seen for as long, unless it ended more than five minutes ago: clocks may be that wrong.
    #[must_use]
    pub const fn claim_for(mut self, claim: Duration) -> Self {
        self.claim = claim;
        self
    }

    /// How long an answer to a refresh is waited for: see [`AnswerBy`](crate::flow::AnswerBy). Never beyond the
    /// claim's end. Default: half a minute.
    #[must_use]
    pub const fn answer_within(mut self, span: Duration) -> Self {
        self.answer_within = span;
        self
    }

    /// After how many failures in a row, without a usable token, driving reports the failure and does
    /// not wait. Trying goes on all the same when it is driven later. What only a person can change is reported
    /// at once. Default: 4.
    #[must_use]
    pub const fn patience(mut self, failures: u32) -> Self {
        self.patience = failures;
        self
    }

    /// The longest pause after a failure: how long a server's `Retry-After` is followed at the most, and how far
    /// the session's own pauses grow. What only a person can change is tried hourly whatever this says.
    /// Default: one hour.
    #[must_use]
    pub const fn longest_wait(mut self, longest: Duration) -> Self {
        self.longest_wait = longest;
        self
    }

    /// How long tokens are taken to be good for when the server does not say. Default: until a
    /// resource refuses them.
    #[must_use]
    pub const fn assume_lifetime(mut self, lifetime: Duration) -> Self {
        self.assumed_lifetime = Some(lifetime);
        self
    }

    /// Asks once more, a second later, before `invalid_grant` is believed. For Xero and QuickBooks, which
    /// say it of good refresh tokens at times. Not where a token's reuse ends the session, and never after
    /// a refresh whose outcome is unknown. Default: it is believed at once.
    #[must_use]
    pub const fn retry_invalid_grant_once(mut self) -> Self {
        self.doubts_invalid_grant = true;
        self
    }

    /// The scope to ask for each time; some servers want it repeated on refresh.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Scope>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sends a redirect URI with each refresh, which Dressipi wants.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<RedirectUri>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    /// Sends a parameter of the server's own with each request.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// What becomes of a refresh token when it is presented.
    pub(super) const fn credential_use(&self) -> CredentialUse {
        match self.rotation {
            Rotation::Unknown | Rotation::SingleUse { .. } => CredentialUse::Once,
            Rotation::Reusable => CredentialUse::Repeated,
        }
    }

    pub(super) const fn grace(&self) -> Duration {
        match self.rotation {
            Rotation::SingleUse { grace } => grace,
            Rotation::Unknown | Rotation::Reusable => Duration::ZERO,
        }
    }

    /// The request for new tokens: with the refresh token, with an assertion made for it, or as the client
    /// itself.
    pub(super) fn request(
        &self,
        client: &Client,
        refresh_token: Option<&Secret>,
        assertion: Option<&JwtAssertion>,
    ) -> TokenRequest {
        let grant: Grant = match (refresh_token, assertion) {
            (_, Some(assertion)) => assertion.clone().into(),
            (None, None) => ClientCredentials::new().into(),
            (Some(token), None) => {
                let mut grant = RefreshToken::new(token.clone());
                if self.credential_use() == CredentialUse::Repeated {
                    grant = grant.reusable();
                }
                if let Some(uri) = &self.redirect_uri {
                    grant = grant.redirect_uri(uri.clone());
                }
                grant.into()
            }
        };
        let mut request = client.token(grant).scope(self.scope.clone());
        for (name, value) in &self.parameters {
            request = request.parameter(name.clone(), value.clone());
        }
        request
    }
}
