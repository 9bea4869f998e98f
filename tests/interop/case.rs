//! One case: a running server, the crate's view of it, and the one way a request travels.
//!
//! The server's addresses come from its own metadata, read by the crate. The clock is the real one,
//! since the server has no other.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::time::SystemTime;

use grantwire::Exchange;
use grantwire::authorization::{AuthorizationRequest, Callback, StartedAuthorization};
use grantwire::client::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt};
use grantwire::flow::{DriveError, Driver, Machine};
use grantwire::grant::CheckedCode;
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::metadata::{MetadataRequest, WellKnown};
use grantwire::{
    AccessToken, AuthorizationServer, Client, Entropy, ReplyError, Timestamp, TokenRequest,
    TokenResponse, resource,
};
use serde_json::{Value, json};

use crate::browser;
use crate::clients;
use crate::harness::Server;

/// What came of a token request.
pub type Answer = Result<TokenResponse, ReplyError>;

/// A running server, and what a client knows of it.
pub struct Case {
    pub server: Server,
    known: AuthorizationServer,
    /// The address of the one resource this server has.
    pub userinfo: String,
    entropy: RefCell<Entropy>,
}

impl Case {
    /// A server with the usual configuration.
    pub fn start() -> Self {
        Self::start_with(&json!({}))
    }

    /// A server with options; `server/configuration.mjs` lists them.
    pub fn start_with(options: &Value) -> Self {
        let server = Server::start_with(options);
        let request = MetadataRequest::new(server.issuer(), WellKnown::OpenId);
        let reply = server.send(request.request().expect("a request"));
        let metadata = request.read(&reply).expect("metadata");
        assert_eq!(metadata.deviations(), []);
        let known = metadata.server().clone();
        let userinfo = metadata.extra("userinfo_endpoint").expect("an address");
        let entropy = RefCell::new(Self::new_entropy());
        Self { server, known, userinfo, entropy }
    }

    /// The server as its metadata describes it.
    pub fn known(&self) -> AuthorizationServer {
        self.known.clone()
    }

    /// A client of the table that only says who it is.
    pub fn named(&self, name: &str) -> Client {
        Client::new(self.known(), clients::client(name).id)
    }

    /// A client of the table that authenticates as it is registered to.
    pub fn client(&self, name: &str) -> Client {
        let row = clients::client(name);
        let client = Client::new(self.known(), row.id);
        let secret = || row.secret.clone().expect("the row has a secret");
        let algorithm = row.algorithm.as_deref().and_then(Algorithm::from_name);
        match row.method.as_str() {
            "none" => client,
            "client_secret_basic" => client.auth(ClientSecretBasic::new(secret())),
            "client_secret_post" => client.auth(ClientSecretPost::new(secret())),
            "client_secret_jwt" => {
                let algorithm = algorithm.expect("the row has an algorithm");
                client.auth(ClientSecretJwt::new(algorithm, secret()))
            }
            "private_key_jwt" => client.auth(PrivateKeyJwt::new(key(name))),
            method => panic!("{name} is registered for {method}"),
        }
    }

    /// The moment it is.
    pub fn now() -> Timestamp {
        Timestamp::from(SystemTime::now())
    }

    /// Sends a request to whichever door it is for, and reads the answer.
    pub fn exchange<E: Exchange>(&self, exchange: &E) -> Result<E::Output, ReplyError> {
        let draft = self.entropy(|entropy| exchange.draft(Self::now(), entropy)).expect("a draft");
        let reply = self.server.send(draft.finish().expect("nothing is left to sign"));
        exchange.read((&reply).into())
    }

    /// Sends a token request and reads the answer.
    pub fn ask(&self, request: &TokenRequest) -> Answer {
        self.ask_at(request, Self::now())
    }

    /// As [`Case::ask`], for a client whose clock says otherwise.
    pub fn ask_at(&self, request: &TokenRequest, now: Timestamp) -> Answer {
        request.read(&self.server.send(self.build_at(request, now)))
    }

    /// The request, unsent.
    pub fn build(&self, request: &TokenRequest) -> http::Request<Vec<u8>> {
        self.build_at(request, Self::now())
    }

    fn build_at(&self, request: &TokenRequest, now: Timestamp) -> http::Request<Vec<u8>> {
        request.request(now, &mut self.entropy.borrow_mut()).expect("the request is built")
    }

    /// The caller's random bytes, for what is not built here.
    pub fn entropy<T>(&self, draw: impl FnOnce(&mut Entropy) -> T) -> T {
        draw(&mut self.entropy.borrow_mut())
    }

    /// Random bytes to give away to a machine.
    pub fn new_entropy() -> Entropy {
        Entropy::from_os().expect("random bytes")
    }

    /// Drives a machine whose keys are here to its end, and counts what it sent.
    pub fn drive<M>(&self, machine: &mut M) -> (Result<M::Output, DriveError>, usize)
    where
        M: Machine<Snapshot = Infallible>,
    {
        let sent = Cell::new(0);
        let send = |request, _| {
            sent.set(sent.get() + 1);
            Ok(self.server.send(request))
        };
        let wait = |until| panic!("nothing here waits, and not until {until:?}");
        let result = Driver::blocking(Self::now, wait, send).run(machine);
        (result, sent.get())
    }

    /// An authorization request to the registered redirect URI.
    pub fn authorization(&self, client: &Client, scope: &str) -> AuthorizationRequest {
        client.authorization().redirect_uri(self.server.redirect_uri()).scope(scope)
    }

    /// The URL and what to keep.
    pub fn begin(&self, request: AuthorizationRequest) -> StartedAuthorization {
        self.entropy(|entropy| request.start(entropy)).expect("the URL is built")
    }

    /// A code for this client, with a yes to everything.
    pub fn code(&self, client: &Client, scope: &str) -> CheckedCode {
        let started = self.begin(self.authorization(client, scope));
        let callback = Callback::from_url(&browser::approve(&started.url));
        started.pending.code(callback).expect("a code")
    }

    /// The tokens of a new code.
    pub fn tokens(&self, client: &Client, scope: &str) -> TokenResponse {
        self.ask(&client.token(self.code(client, scope))).expect("tokens")
    }

    /// What the server says of the token's owner.
    pub fn userinfo(&self, token: &AccessToken) -> Result<Value, resource::Denied> {
        let mut request = http::Request::get(&self.userinfo).body(Vec::new()).expect("a request");
        token.present(request.headers_mut()).expect("a bearer token");
        let reply = self.server.send(request);
        resource::check(&reply)?;
        Ok(serde_json::from_slice(reply.body()).expect("claims in JSON"))
    }
}

/// The private key of a client of the table, for the algorithm it is registered with.
pub fn key(name: &str) -> LocalKey {
    let row = clients::client(name);
    let algorithm = row.algorithm.as_deref().and_then(Algorithm::from_name);
    let algorithm = algorithm.expect("the row has an algorithm");
    LocalKey::from_jwk(algorithm, &row.private_jwk.expect("the row has a key")).expect("a key")
}
