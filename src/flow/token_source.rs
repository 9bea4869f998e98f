//! [`TokenSource`]: tokens that are asked for anew whenever one is needed, and stored nowhere.

use std::fmt;
use std::sync::Arc;

use super::error::{FlowError, Misuse};
use super::machine::{Machine, Outstanding, Persisted};
use super::session::{Session, SessionConfig, SessionStatus};
use super::step::{Plain, Step};
use super::table::Transition;
use super::transport_failure::TransportFailure;
use crate::client::Client;
use crate::dpop::Dpop;
use crate::grant::JwtAssertion;
use crate::jose::Signature;
use crate::reply::Reply;
use crate::value::{AccessToken, Entropy, Timestamp};

/// The client's own tokens, kept fresh. It can ask again whenever it needs to, so it has nothing to store, and a
/// driver for it needs no `persist`.
///
/// Driving it is getting a token, as with a [`Session`]; its states are among a session's.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # use grantwire::flow::{Driver, SessionConfig, TokenSource, TransportFailure};
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
/// # let client = Client::new(server, "c");
/// # let my_http_client = |_: http::Request<Vec<u8>>| Ok::<_, TransportFailure>(
/// #     http::Response::new(br#"{"access_token":"a","token_type":"Bearer","expires_in":600}"#.to_vec()));
/// let config = SessionConfig::new().scope("reports.read");
/// let mut source = TokenSource::client_credentials(&client, config, Entropy::new([7; 32]));
/// let mut driver = Driver::blocking(
///     || Timestamp::from(std::time::SystemTime::now()),
///     |_until| { /* sleep until then */ },
///     |request, _duties, _answer_by| my_http_client(request),
/// );
/// let first = driver.run(&mut source)?;
/// assert_eq!(driver.run(&mut source)?, first, "it is good for ten minutes");
/// # Ok::<(), grantwire::flow::DriveError>(())
/// ```
pub struct TokenSource(Session);

impl TokenSource {
    /// The moves of this machine, which are among a session's.
    pub const TRANSITIONS: &'static [Transition] = Session::TRANSITIONS;

    /// By the client's own authority ([RFC 6749 §4.4.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2)).
    pub fn client_credentials(
        client: &Client,
        config: impl Into<Arc<SessionConfig>>,
        entropy: Entropy,
    ) -> Self {
        Self(Session::client_credentials(client, config, entropy))
    }

    /// Of a service account, which signs an assertion for each token
    /// ([RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1)).
    pub fn jwt_assertion(
        client: &Client,
        assertion: JwtAssertion,
        config: impl Into<Arc<SessionConfig>>,
        entropy: Entropy,
    ) -> Self {
        Self(Session::jwt_assertion(client, assertion, config, entropy))
    }

    /// Binds the tokens to a DPoP key.
    #[must_use]
    pub fn dpop(self, dpop: Dpop) -> Self {
        Self(self.0.dpop(dpop))
    }

    /// The access token, if there is a usable one at this moment. Drives nothing.
    #[must_use]
    pub fn access_token(&self, now: Timestamp) -> Option<&AccessToken> {
        self.0.access_token(now)
    }

    /// How it stands.
    #[must_use]
    pub const fn status(&self) -> SessionStatus {
        self.0.status()
    }

    /// The name of the state, as in [`TokenSource::TRANSITIONS`].
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.0.state()
    }

    /// When driving would do more than hand out the token it has. As [`Session::next_deadline`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.0.next_deadline()
    }

    /// Why the last request came to nothing, until one succeeds.
    #[must_use]
    pub const fn last_failure(&self) -> Option<&FlowError> {
        self.0.last_failure()
    }

    /// Command: a resource has refused this access token. As [`Session::refuse`].
    pub fn refuse(&mut self, token: &AccessToken) -> bool {
        self.0.refuse(token)
    }

    /// Command: the access token is not to be used any more, whichever it is. Driving gets another.
    pub fn refuse_access_token(&mut self) {
        self.0.refuse_access_token();
    }
}

impl Machine for TokenSource {
    type Steps = Plain<AccessToken>;

    fn poll(&mut self, now: Timestamp) -> Step<Plain<AccessToken>> {
        loop {
            return match self.0.poll(now) {
                Step::Send(request, duties, answer_by) => Step::Send(request, duties, answer_by),
                Step::Sign(unsigned) => Step::Sign(unsigned),
                Step::Wait(until) => Step::Wait(until),
                Step::Outstanding => Step::Outstanding,
                Step::Done(result) => Step::Done(result),
                // A session that has no refresh token stores nothing. If it did, nowhere would be good enough:
                // what is lost with the process can be asked for again.
                Step::Persist(_) => match self.0.handle_persisted(now, Persisted::Stored) {
                    Ok(()) => continue,
                    Err(_) => Step::Outstanding,
                },
            };
        }
    }

    fn outstanding(&self) -> Option<Outstanding> {
        self.0.outstanding()
    }

    fn abandon(&mut self, now: Timestamp) {
        self.0.abandon(now);
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        self.0.handle_reply(now, reply)
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        self.0.handle_failure(now, failure)
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        self.0.handle_signature(signature)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("state", &self.state()).finish_non_exhaustive()
    }
}
