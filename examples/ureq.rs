//! The smallest whole program with `ureq`: a token for the client itself, and its first use.
//!
//! ```sh
//! cargo run --example ureq
//! ```
//!
//! `agent` and `send` are all that a blocking HTTP client owes this crate: it follows no redirect,
//! reads a body up to the limit, gives up in time, and sends a second time only where that can do
//! no harm. The server is embedded and on loopback. To copy the program for a real one, leave out
//! what starts it, and add:
//!
//! ```toml
//! grantwire = { version = "0.1", features = ["getrandom"] }
//! http = "1"
//! serde_json = "1"
//! ureq = "3"
//! ```

mod embedded;

use std::error::Error;
use std::io::{ErrorKind, Read as _};
use std::time::{Duration, SystemTime};

use embedded::{Authentication, Config, Server};
use grantwire::client::ClientSecretBasic;
use grantwire::grant::ClientCredentials;
use grantwire::{AuthorizationServer, Client, Duties, Entropy, Resend, resource};
use http::{Request, Response};
use serde_json::Value;

const ID: &str = "s6BhdRkqt3";
const SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";

fn main() -> Result<(), Box<dyn Error>> {
    let secret = Authentication::ClientSecretBasic(SECRET.to_owned());
    let registered = embedded::Client::new(ID, secret)
        .with_grants(&["client_credentials"])
        .with_scopes(&["reports.read", "reports.write"]);
    let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
    let issuer = format!("{}/oauth2", server.origin());

    // Who asks, and whom. Nothing is sent yet.
    let at = AuthorizationServer::new().token_endpoint(&format!("{issuer}/token"));
    let client = Client::new(at, ID).auth(ClientSecretBasic::new(SECRET));
    let (agent, mut entropy) = (agent(), Entropy::from_os()?);

    // The token: a request out, an answer in.
    let exchange = client.token(ClientCredentials::new()).scope("reports.read");
    let draft = exchange.draft(SystemTime::now().into(), &mut entropy)?;
    let duties = draft.duties();
    let answer = send(&agent, draft.finish()?, duties)?;
    let tokens = exchange.read(&answer)?;
    println!("a {:?} token, {:?}", tokens.access_token().token_type(), tokens.lifetime());

    // Its first use.
    let mut request = Request::get(format!("{issuer}/userinfo")).body(Vec::new())?;
    tokens.access_token().present(request.headers_mut())?;
    let answer = send(&agent, request, duties)?;
    resource::check(&answer)?;
    let about: Value = serde_json::from_slice(answer.body())?;
    println!("the resource knows it: {about}");

    match (about["client_id"].as_str(), about["scope"].as_str()) {
        (Some(ID), Some("reports.read")) => Ok(()),
        _ => Err("the token is not the one that was asked for".into()),
    }
}

/// An agent that does nothing by itself.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false) // a refusal is an answer, to be read like any other
        .timeout_global(Some(Duration::from_secs(10)))
        .proxy(None) // the server is on loopback
        .build()
        .into()
}

/// Sends a request and does what its duties ask.
fn send(
    agent: &ureq::Agent,
    request: Request<Vec<u8>>,
    duties: Duties,
) -> Result<Response<Vec<u8>>, Box<dyn Error>> {
    if duties.client_certificate {
        return Err("this client has no certificate to show".into());
    }
    let answer = match agent.run(request.clone()) {
        Err(error) if duties.resend == Resend::Always || !was_sent(&error) => agent.run(request)?,
        answer => answer?,
    };
    let (head, body) = answer.into_parts();
    // One byte more than the limit, so that the reader sees that a body is too long.
    let most = u64::try_from(duties.body_limit)?.saturating_add(1);
    let mut bytes = Vec::new();
    // A body that breaks off is read as far as it came: the reader says that it is cut, keeps it,
    // and knows what that means for the credential.
    let _ = body.into_reader().take(most).read_to_end(&mut bytes);
    Ok(Response::from_parts(head, bytes))
}

/// Whether the server can have seen anything of the request.
fn was_sent(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => false,
        ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => false,
        ureq::Error::Io(error) => error.kind() != ErrorKind::ConnectionRefused,
        _ => true,
    }
}
