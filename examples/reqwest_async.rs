//! The smallest whole program with `reqwest`, async on `tokio`: a token for the client itself, and
//! its first use.
//!
//! ```sh
//! cargo run --example reqwest_async
//! ```
//!
//! The calls into the crate are those of the `ureq` example, and none of them is async: only `send`
//! is. It follows no redirect, reads a body up to the limit, gives up in time, and sends a second
//! time only where that can do no harm. The server is embedded and on loopback. To copy the program
//! for a real one, leave out what starts it, and add:
//!
//! ```toml
//! grantwire = { version = "0.1", features = ["getrandom"] }
//! http = "1"
//! reqwest = "0.13"
//! serde_json = "1"
//! tokio = { version = "1", features = ["macros", "rt"] }
//! ```

mod embedded;

use std::error::Error;
use std::time::{Duration, SystemTime};

use embedded::{Authentication, Config, Server};
use grantwire::client::ClientSecretBasic;
use grantwire::grant::ClientCredentials;
use grantwire::{AuthorizationServer, Client, Duties, Entropy, Resend, resource};
use http::{Request, Response};
use serde_json::Value;

const ID: &str = "s6BhdRkqt3";
const SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = Authentication::ClientSecretBasic(SECRET.to_owned());
    let registered = embedded::Client::new(ID, secret)
        .with_grants(&["client_credentials"])
        .with_scopes(&["reports.read", "reports.write"]);
    let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
    let issuer = format!("{}/oauth2", server.origin());

    // Who asks, and whom. Nothing is sent yet.
    let at = AuthorizationServer::new().token_endpoint(&format!("{issuer}/token"));
    let client = Client::new(at, ID).auth(ClientSecretBasic::new(SECRET));
    let (http, mut entropy) = (http_client()?, Entropy::from_os()?);

    // The token: a request out, an answer in.
    let exchange = client.token(ClientCredentials::new()).scope("reports.read");
    let draft = exchange.draft(SystemTime::now().into(), &mut entropy)?;
    let duties = draft.duties();
    let answer = send(&http, draft.finish()?, duties).await?;
    let tokens = exchange.read(&answer)?;
    println!("a {:?} token, {:?}", tokens.access_token().token_type(), tokens.lifetime());

    // Its first use.
    let mut request = Request::get(format!("{issuer}/userinfo")).body(Vec::new())?;
    tokens.access_token().present(request.headers_mut())?;
    let answer = send(&http, request, duties).await?;
    resource::check(&answer)?;
    let about: Value = serde_json::from_slice(answer.body())?;
    println!("the resource knows it: {about}");

    match (about["client_id"].as_str(), about["scope"].as_str()) {
        (Some(ID), Some("reports.read")) => Ok(()),
        _ => Err("the token is not the one that was asked for".into()),
    }
}

/// A client that does nothing by itself.
fn http_client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(Duration::from_secs(10))
        .no_proxy() // the server is on loopback
        .build()
}

/// Sends a request and does what its duties ask.
async fn send(
    http: &reqwest::Client,
    request: Request<Vec<u8>>,
    duties: Duties,
) -> Result<Response<Vec<u8>>, Box<dyn Error>> {
    if duties.client_certificate {
        return Err("this client has no certificate to show".into());
    }
    let mut answer = match http.execute(request.clone().try_into()?).await {
        Err(error) if duties.resend == Resend::Always || error.is_connect() => {
            http.execute(request.try_into()?).await?
        }
        answer => answer?,
    };
    let mut bytes = Vec::new();
    // One byte more than the limit is enough for the reader to see that a body is too long. A body
    // that breaks off is read as far as it came: the reader says that it is cut, keeps it, and
    // knows what that means for the credential.
    while bytes.len() <= duties.body_limit
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    let mut whole = Response::new(bytes);
    *whole.status_mut() = answer.status();
    *whole.headers_mut() = answer.headers().clone();
    Ok(whole)
}
