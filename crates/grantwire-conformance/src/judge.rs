//! The server without its socket: everything it knows, and which handler a request goes to.
//!
//! [`Judge::answer`] is a function of the request, the state and the clock. It reads no socket, so
//! a test can call it directly.

use std::collections::VecDeque;
use std::io;

use super::assertion::UsedIds;
use super::chance::Chance;
use super::ciba::Backchannel;
use super::clients::Clients;
use super::codes::Codes;
use super::device::Devices;
use super::dpop::Dpop;
use super::fault::{Decision, Fault};
use super::jws::SigningKey;
use super::message::{Received, Reply};
use super::pushed::Pushes;
use super::registration::Registrations;
use super::tokens::Tokens;
use super::{
    Clock, Config, agekey, dressipi, generic, hostile, metadata, pingone, registration, reports,
};

/// The state that the handlers share.
pub struct Judge {
    /// Scheme, host and port, without a slash at the end.
    pub(crate) origin: String,
    pub(crate) clients: Clients,
    pub(crate) codes: Codes,
    pub(crate) tokens: Tokens,
    pub(crate) used_ids: UsedIds,
    pub(crate) devices: Devices,
    pub(crate) backchannel: Backchannel,
    pub(crate) pushes: Pushes,
    pub(crate) registrations: Registrations,
    pub(crate) dpop: Dpop,
    pub(crate) chance: Chance,
    /// Signs ID tokens.
    pub(crate) signing_key: SigningKey,
    /// Signs access tokens that look like JWTs; no client can check them.
    pub(crate) token_key: [u8; 32],
    pub(crate) pingone_environment: String,
    /// How old AgeKey's user is.
    pub(crate) user_age: u64,
    /// How many profiles Dressipi has made.
    pub profiles: u64,
    clock: Clock,
    faults: VecDeque<Fault>,
    decisions: VecDeque<Decision>,
}

impl Judge {
    /// A server that is reached at `origin`, such as `http://127.0.0.1:8080`.
    pub fn new(config: Config, origin: &str) -> io::Result<Self> {
        let mut chance = Chance::new(&config.seed);
        Ok(Self {
            origin: origin.to_owned(),
            clients: Clients::new(config.clients),
            codes: Codes::default(),
            tokens: Tokens::default(),
            used_ids: UsedIds::default(),
            devices: Devices::default(),
            backchannel: Backchannel::default(),
            pushes: Pushes::default(),
            registrations: Registrations::new(config.initial_access_token),
            signing_key: SigningKey::generate(&chance.uuid())?,
            token_key: chance.bytes(),
            dpop: Dpop::new(chance.bytes()),
            chance,
            pingone_environment: config.pingone_environment,
            user_age: config.user_age,
            profiles: 0,
            clock: config.clock,
            faults: VecDeque::new(),
            decisions: VecDeque::new(),
        })
    }

    /// Answers a request. `None` means that the connection is to be closed without an answer.
    pub fn answer(&mut self, received: &Received) -> Option<Reply> {
        let at_token_endpoint = received.path().ends_with("/token");
        let fault = at_token_endpoint.then(|| self.faults.pop_front()).flatten();
        match fault {
            Some(fault) => fault.apply(|| self.route(received)),
            None => Some(self.route(received)),
        }
    }

    fn route(&mut self, received: &Received) -> Reply {
        let segments: Vec<&str> = received.path().split('/').skip(1).collect();
        match segments.as_slice() {
            ["v1", "oidc", "use"] => agekey::authorize(self, received),
            ["v1", "oidc", "use", "token"] => agekey::token(self, received),
            ["v1", "agekey", "upgrade"] => agekey::upgrade(self, received),
            [".well-known", "jwks.json"] => self.jwks(received),
            // The documentation leaves open whether these stand under `/api`.
            ["oauth", "authorize"] | ["api", "oauth", "authorize"] => {
                dressipi::authorize(self, received)
            }
            ["oauth", "token"] | ["api", "oauth", "token"] => dressipi::token(self, received),
            ["api", "items", item] => dressipi::item(self, received, item),
            ["reports"] => reports::answer(self, received),
            [".well-known", "oauth-protected-resource", "reports"] => {
                reports::metadata(self, received)
            }
            ["hostile", name] => hostile::answer(self, name),
            [".well-known", "oauth-protected-resource", "hostile", name] => {
                hostile::metadata(self, received, name)
            }
            ["oauth2", "register", id] => registration::manage(self, received, id),
            [".well-known", "oauth-authorization-server" | "openid-configuration", "oauth2"]
            | ["oauth2", ".well-known", "openid-configuration"] => metadata::answer(self, received),
            ["oauth2", door] => generic::answer(self, received, door),
            // A custom domain has no environment in its paths.
            ["as", door] => pingone::answer(self, received, None, door),
            [environment, "as", door] => pingone::answer(self, received, Some(environment), door),
            _ => Reply::page(404, "nothing is here"),
        }
    }

    /// The keys that check ID tokens.
    pub fn jwks(&self, received: &Received) -> Reply {
        match received.method.as_str() {
            "GET" => Reply::json(200, &self.signing_key.jwks()),
            _ => Reply::method_not_allowed("GET"),
        }
    }

    /// Seconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Queues a fault for a request to any token endpoint.
    pub fn next_token_reply(&mut self, fault: Fault) {
        self.faults.push_back(fault);
    }

    /// Queues a decision for an authorization request that would otherwise succeed.
    pub fn next_decision(&mut self, decision: Decision) {
        self.decisions.push_back(decision);
    }

    /// What the user decides now: the scope that is granted, or nothing.
    pub fn decide(&mut self, asked: String) -> Option<String> {
        match self.decisions.pop_front() {
            None => Some(asked),
            Some(Decision::GrantOnly(scope)) => Some(scope),
            Some(Decision::Deny) => None,
        }
    }
}
