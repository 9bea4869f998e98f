//! What the programs for the HTTP stacks share: an embedded server on loopback, a client that it
//! knows, and the clock.

#![allow(dead_code, unreachable_pub, reason = "each program uses only a part of this module")]

use std::error::Error;
use std::time::{Duration, SystemTime};

use grantwire::client::ClientSecretBasic;
use grantwire::{AuthorizationServer, Client, Timestamp, TokenResponse, resource};
use grantwire_conformance::{Authentication, Config, Server};
use http::{Request, Response};
use serde_json::Value;

const ID: &str = "s6BhdRkqt3";
const SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
const SCOPE: &str = "reports.read";

/// From connecting to the last byte in.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub struct Demo {
    pub client: Client,
    pub scope: &'static str,
    userinfo: String,
    /// Stops when dropped.
    _server: Server,
}

impl Demo {
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let secret = Authentication::ClientSecretBasic(SECRET.to_owned());
        let registered = grantwire_conformance::Client::new(ID, secret)
            .with_grants(&["client_credentials"])
            .with_scopes(&[SCOPE, "reports.write"]);
        let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
        let issuer = format!("{}/oauth2", server.origin());
        let at = AuthorizationServer::new().token_endpoint(&format!("{issuer}/token"));
        let client = Client::new(at, ID).auth(ClientSecretBasic::new(SECRET));
        Ok(Self { client, scope: SCOPE, userinfo: format!("{issuer}/userinfo"), _server: server })
    }

    /// The first use of a token.
    pub fn ask(&self, tokens: &TokenResponse) -> Result<Request<Vec<u8>>, Box<dyn Error>> {
        println!("a {:?} token, {:?}", tokens.access_token().token_type(), tokens.lifetime());
        let mut request = Request::get(&self.userinfo).body(Vec::new())?;
        tokens.access_token().present(request.headers_mut())?;
        Ok(request)
    }

    /// Checks that the resource knows the token as what was asked for.
    pub fn check(&self, answer: &Response<Vec<u8>>) -> Result<(), Box<dyn Error>> {
        resource::check(answer)?;
        let about: Value = serde_json::from_slice(answer.body())?;
        println!("the resource knows it: {about}");
        match (about["client_id"].as_str(), about["scope"].as_str()) {
            (Some(ID), Some(SCOPE)) => Ok(()),
            _ => Err("the token is not the one that was asked for".into()),
        }
    }
}

/// This moment. The crate itself has no clock.
pub fn now() -> Timestamp {
    SystemTime::now().into()
}

/// How long it is until a moment.
pub fn time_until(until: Timestamp) -> Duration {
    until.saturating_since(now())
}
