//! A login of a program in a browser, over `fetch`: the second half, from the callback to a token.
//!
//! ```sh
//! cargo run -p grantwire-transport --example fetch
//! cargo check -p grantwire-transport --example fetch --target wasm32-unknown-unknown
//! ```
//!
//! For a browser `page` is the program. Here a stand-in plays the browser, and the server is embedded and
//! on loopback. What a program of your own needs:
//!
//! ```toml
//! grantwire = "0.1"
//! grantwire-transport = { version = "0.1", features = ["fetch"] }
//! wasm-bindgen-futures = "0.4"
//! web-sys = { version = "0.3", features = ["Location", "Storage", "Window"] }
//! ```

#[cfg(not(target_arch = "wasm32"))]
mod stand_in;

use std::error::Error;
use std::future::ready;
use std::time::Duration;

use grantwire::authorization::{Callback, PendingAuthorization};
use grantwire::flow::{AnswerBy, CodeFlow, Driver};
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, TokenResponse};
#[cfg(target_arch = "wasm32")]
use grantwire_transport::fetch::browser;
use grantwire_transport::fetch::{Fetch, send};

/// A program in a browser has no secret.
const ID: &str = "https://app.example";
#[cfg(not(target_arch = "wasm32"))]
const CALLBACK: &str = "https://app.example/cb";
const PATIENCE: Duration = Duration::from_secs(10);

fn client(issuer: &str) -> Client {
    let server = AuthorizationServer::new()
        .issuer(issuer)
        .authorization_endpoint(&format!("{issuer}/authorize"))
        .token_endpoint(&format!("{issuer}/token"));
    Client::new(server, ID)
}

/// Redeems the code of a callback. This flow never waits, so it needs no timer.
async fn sign_in<F: Fetch>(
    fetch: &F,
    client: &Client,
    pending: PendingAuthorization,
    callback: &str,
    now: fn() -> Timestamp,
    entropy: Entropy,
) -> Result<TokenResponse, Box<dyn Error>> {
    let mut flow = CodeFlow::resume(client, pending, Callback::from_url(callback), entropy)?;
    let sending = |request, duties, answer_by: AnswerBy| {
        send(fetch, request, duties, PATIENCE.min(answer_by.within()))
    };
    Ok(Driver::new(now, |_| ready(()), sending).run(&mut flow).await?)
}

#[cfg(target_arch = "wasm32")]
fn main() {
    wasm_bindgen_futures::spawn_local(async {
        // What a program does with a failure is its own affair.
        let _ = page().await;
    });
}

/// What the page at `CALLBACK` does. The page before it has put the bytes of `PendingAuthorization` into
/// the session's storage, and they are JSON.
#[cfg(target_arch = "wasm32")]
async fn page() -> Result<TokenResponse, Box<dyn Error>> {
    let window = web_sys::window().ok_or("no page")?;
    let storage = window.session_storage().ok().flatten().ok_or("no storage")?;
    let pending = storage.get_item("login").ok().flatten().ok_or("no login is under way")?;
    let pending = PendingAuthorization::from_bytes(pending.as_bytes())?;
    let callback = window.location().href().map_err(|_| "no address")?;
    let entropy = browser::entropy().map_err(|_| "no random bytes")?;
    let client = client("https://as.example");
    sign_in(&browser::Browser, &client, pending, &callback, browser::now, entropy).await
}

#[cfg(not(target_arch = "wasm32"))]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    use std::time::SystemTime;

    use grantwire_conformance::{Authentication, Config, Server};

    let registered =
        grantwire_conformance::Client::new(ID, Authentication::None).redirecting_to(CALLBACK);
    let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
    let client = client(&format!("{}/oauth2", server.origin()));

    let mut entropy = Entropy::from_os()?;
    let started = client.authorization().redirect_uri(CALLBACK).start(&mut entropy)?;
    let callback = stand_in::visit(&started.url)?;
    println!("the browser is back");
    let fetch = stand_in::StandIn;
    let now = || SystemTime::now().into();
    let tokens = sign_in(&fetch, &client, started.pending, &callback, now, entropy).await?;
    println!("a {:?} token, {:?}", tokens.access_token().token_type(), tokens.lifetime());
    Ok(())
}
