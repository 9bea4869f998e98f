//! How a [`Session`] begins: with a login, a refresh token, the client itself, or what the store holds.

use std::sync::Arc;

use super::config::SessionConfig;
use super::life::Life;
use super::snapshot::{SecretSnapshot, SnapshotError};
use super::{Orders, Session, State};
use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::token::TokenResponse;
use crate::flow::wait::Wait;
use crate::grant::JwtAssertion;
use crate::value::{Entropy, Secret, Timestamp};

impl Session {
    fn assemble(
        client: &Client,
        config: Arc<SessionConfig>,
        mut entropy: Entropy,
        view: SecretSnapshot,
    ) -> Self {
        let random = entropy.next("session owner");
        let mut owner = [0; 16];
        owner.copy_from_slice(random.split_at(16).0);
        Self {
            client: client.clone(),
            config,
            owner,
            state: State::Resting,
            view,
            proposed: None,
            handed_out: false,
            life: Life::none(),
            call: None,
            entropy: Some(entropy),
            dpop: None,
            challenge: None,
            pause: Wait::OVER,
            quiet: Wait::OVER,
            grace: Wait::OVER,
            failures: 0,
            store_failures: 0,
            trouble: None,
            sent: None,
            orders: Orders::None,
            is_client_credentials: false,
            assertion: None,
            doubted: false,
            is_login: false,
        }
    }

    /// From the answer to a login, received at `now`. The first thing it wants is to store it.
    pub fn from_response(
        client: &Client,
        response: &TokenResponse,
        config: impl Into<Arc<SessionConfig>>,
        now: Timestamp,
        entropy: Entropy,
    ) -> Self {
        let view = SecretSnapshot::first(client);
        let mut session = Self::assemble(client, config.into(), entropy, view);
        session.is_login = true;
        session.view.login = Some(session.owner);
        session.state = State::Storing;
        session.proposed = Some(Box::new(session.with_tokens(response, now)));
        session
    }

    /// From a refresh token alone.
    pub fn from_refresh_token(
        client: &Client,
        token: impl Into<Secret>,
        config: impl Into<Arc<SessionConfig>>,
        entropy: Entropy,
    ) -> Self {
        let mut view = SecretSnapshot::first(client);
        view.refresh_token = Some(token.into());
        Self::assemble(client, config.into(), entropy, view)
    }

    /// Of the client itself: it asks again whenever it needs to, and stores nothing.
    pub fn client_credentials(
        client: &Client,
        config: impl Into<Arc<SessionConfig>>,
        entropy: Entropy,
    ) -> Self {
        let view = SecretSnapshot::first(client);
        let mut session = Self::assemble(client, config.into(), entropy, view);
        session.is_client_credentials = true;
        session
    }

    /// Of a service account, which signs an assertion for each token: it asks again whenever it needs to, and
    /// stores nothing ([RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1)).
    pub fn jwt_assertion(
        client: &Client,
        assertion: JwtAssertion,
        config: impl Into<Arc<SessionConfig>>,
        entropy: Entropy,
    ) -> Self {
        let mut session = Self::client_credentials(client, config, entropy);
        session.assertion = Some(Box::new(assertion));
        session
    }

    /// From what the store holds.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::OtherClient`] or [`SnapshotError::OtherServer`].
    pub fn resume(
        client: &Client,
        snapshot: SecretSnapshot,
        config: impl Into<Arc<SessionConfig>>,
        now: Timestamp,
        entropy: Entropy,
    ) -> Result<Self, SnapshotError> {
        snapshot.check(client)?;
        let mut session = Self::assemble(client, config.into(), entropy, snapshot);
        session.adopt(now);
        Ok(session)
    }

    /// Binds the tokens to a DPoP key.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.dpop = Some(Box::new(dpop));
        self
    }
}
