//! [`CibaFlow`]: asking whether a user has decided on a device of their own
//! ([OpenID Connect CIBA §11](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#token_error_response)).
//!
//! The same schedule as the device flow's, and the same table. In ping mode the server calls the client
//! back; receiving that call is the caller's.

use super::error::FlowError;
use crate::value::secret::same;
use crate::value::{Entropy, Secret, Timestamp};
use std::fmt;
use std::time::Duration;

use super::device::DeviceFlow;
use super::error::Misuse;
use super::machine::{Machine, Outstanding};
use super::step::{Plain, Step};
use super::table::Transition;
use super::transport_failure::TransportFailure;
use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::backchannel::BackchannelAuthentication;
use crate::endpoint::token::TokenResponse;
use crate::grant::Ciba;
use crate::jose::Signature;
use crate::reply::Reply;

/// Polls the token endpoint until the user has decided or the request has expired.
pub struct CibaFlow {
    polled: DeviceFlow,
    auth_req_id: Secret,
}

impl CibaFlow {
    /// The moves of this machine, which are the device flow's.
    pub const TRANSITIONS: &'static [Transition] = DeviceFlow::TRANSITIONS;

    /// Polls for this authentication, received at `now`.
    #[must_use]
    pub fn new(
        client: &Client,
        authentication: &BackchannelAuthentication,
        now: Timestamp,
        entropy: Entropy,
    ) -> Self {
        let auth_req_id = authentication.auth_req_id.clone();
        let request = client.token(Ciba::new(auth_req_id.clone()));
        let (interval, lifetime) = (authentication.interval, authentication.lifetime.known());
        let polled = DeviceFlow::polling(request, interval, lifetime, now, entropy);
        Self { polled, auth_req_id }
    }

    /// Asks nothing before the server's ping: see [`CibaFlow::pinged`].
    ///
    /// But for one request 15 seconds before the end, or when three quarters of a lifetime under a minute
    /// have passed: a ping that was lost then costs no approval, and a server answers a client in ping mode
    /// as it does one that polls. Should the user not have decided by then, it waits for the ping again,
    /// to the end. Two pings for one decision do no harm.
    ///
    /// A [`Driver`](super::Driver) would sleep through the ping. Take the steps by hand, and wait for the ping
    /// and the moment of [`Step::Wait`](super::Step::Wait), whichever comes first.
    #[must_use]
    pub fn wait_for_ping(mut self) -> Self {
        self.polled.wait_for_call();
        self
    }

    /// The server has called back about this request. The caller has checked the notification token, as
    /// [`Ping::verify`](crate::endpoint::backchannel::Ping::verify) does.
    /// An identifier that is another's changes nothing and gives `false`.
    ///
    /// With [`CibaFlow::wait_for_ping`] the next request is due at once. Without it, and for a second ping,
    /// the server's interval holds all the same, and what a ping ends is a longer pause after a failure.
    pub fn pinged(&mut self, auth_req_id: &str) -> bool {
        let ours = same(self.auth_req_id.expose(), auth_req_id);
        if ours {
            self.polled.called();
        }
        ours
    }

    /// How long an answer to one poll is waited for: see [`AnswerBy`](super::AnswerBy). Default: half a
    /// minute, and never beyond the request's end.
    #[must_use]
    pub fn answer_within(mut self, span: Duration) -> Self {
        self.polled = self.polled.answer_within(span);
        self
    }

    /// As [`DeviceFlow::patience`]; a ping says that the endpoint is there, too.
    #[must_use]
    pub fn patience(mut self, failures: u32) -> Self {
        self.polled = self.polled.patience(failures);
        self
    }

    /// As [`DeviceFlow::longest_wait`].
    #[must_use]
    pub fn longest_wait(mut self, longest: Duration) -> Self {
        self.polled = self.polled.longest_wait(longest);
        self
    }

    /// As [`DeviceFlow::last_failure`].
    #[must_use]
    pub const fn last_failure(&self) -> Option<&FlowError> {
        self.polled.last_failure()
    }

    /// Binds the tokens to a DPoP key.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.polled = self.polled.dpop(dpop);
        self
    }

    /// The DPoP key and the nonces learned, for what follows.
    #[must_use]
    pub fn into_dpop(self) -> Option<Dpop> {
        self.polled.into_dpop()
    }

    /// The name of the state, as in [`CibaFlow::TRANSITIONS`].
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.polled.state()
    }
}

impl Machine for CibaFlow {
    type Steps = Plain<TokenResponse>;

    fn poll(&mut self, now: Timestamp) -> Step<Plain<TokenResponse>> {
        self.polled.poll(now)
    }

    fn outstanding(&self) -> Option<Outstanding> {
        self.polled.outstanding()
    }

    fn abandon(&mut self, now: Timestamp) {
        self.polled.abandon(now);
    }

    fn handle_reply(&mut self, now: Timestamp, reply: Reply<'_>) -> Result<(), Misuse> {
        self.polled.handle_reply(now, reply)
    }

    fn handle_failure(&mut self, now: Timestamp, failure: TransportFailure) -> Result<(), Misuse> {
        self.polled.handle_failure(now, failure)
    }

    fn handle_signature(&mut self, signature: &Signature) -> Result<(), Misuse> {
        self.polled.handle_signature(signature)
    }
}

impl fmt::Debug for CibaFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CibaFlow").field("state", &self.state()).finish_non_exhaustive()
    }
}
