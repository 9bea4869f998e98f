//! A program that registers itself, uses what it got, keeps it up to date, and leaves.
//!
//! ```sh
//! cargo run --example registration
//! ```
//!
//! A registration is kept like the secret it is, so each answer is stored before anything else: an
//! answer may bring a new token for managing it, and the old one is then worth nothing. What the server
//! registered counts, not what was asked for. The server is embedded, on loopback, and hands out an
//! initial access token beforehand.
//!
//! To copy: `App`, with a store of your own in the place of `stored`, and the calls of `main` that you
//! need. An update starts from what is registered, since what it leaves out is deleted.
//!
//! ```toml
//! grantwire = { version = "0.1", features = ["getrandom"] }
//! http = "1"
//! ```

mod embedded;
mod support;

use std::convert::Infallible;
use std::error::Error;

use embedded::{Config, Printer, Received, Reply, Server, elide};
use grantwire::Exchange;
use grantwire::authorization::Callback;
use grantwire::flow::{CodeFlow, DriveError, Driver, ExchangeFlow, Machine};
use grantwire::grant::RefreshToken;
use grantwire::registration::{ClientMetadata, Registration, RegistrationRequest};
use grantwire::reply::ErrorCode;
use grantwire::{AuthorizationServer, Client, Entropy, TokenResponse};
use http::Response;
use support::{Http, now, sleep_until};

const INITIAL_ACCESS_TOKEN: &str = "ey23f2.adfj230.af32-developer321";
const CALLBACK: &str = "https://reader.example/callback";
const NEW_CALLBACK: &str = "https://reader.example/signed-in";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let token = Some(INITIAL_ACCESS_TOKEN.to_owned());
    let server = Server::start(Config { initial_access_token: token, ..Config::default() })?;
    let issuer = format!("{}/oauth2", server.origin());
    let at = AuthorizationServer::new()
        .issuer(issuer.as_str())
        .authorization_endpoint(&format!("{issuer}/authorize"))
        .token_endpoint(&format!("{issuer}/token"))
        .registration_endpoint(&format!("{issuer}/register"));
    let mut app = App { at, http: Http::new(), printer: Printer::new(), stored: Vec::new() };
    let metadata = ClientMetadata::new()
        .client_name("Reader")
        .redirect_uris([CALLBACK])
        .grant_types(["authorization_code", "refresh_token"])
        .scope("reports.read");

    app.printer.title("A program registers itself");
    app.printer.step("1. What the server does not like, it says");
    let unsafe_uri = metadata.clone().redirect_uris(["http://reader.example/callback"]);
    let refused = app.drive(&mut app.registering(unsafe_uri)?);
    app.refused(refused, &ErrorCode::InvalidRedirectUri)?;

    app.printer.step("2. It becomes a client, and keeps what it got");
    let registered = app.drive(&mut app.registering(metadata)?)?;
    app.keep(&registered);
    require(registered.client_secret().is_some(), "a secret came, as for client_secret_basic")?;

    app.printer.step("3. After a restart, the client is good at once");
    let client = app.registration()?.client(&app.at)?;
    let tokens = app.sign_in(&client, CALLBACK)?;
    require(tokens.scope().contains("reports.read"), "the scope is the registered one")?;

    app.printer.title("The upkeep of a registration");
    app.printer.step("4. What does the server have?");
    let known = app.registration()?;
    let here = known.configuration(&app.at)?;
    let read = app.drive(&mut flow(here.read_client())?)?.or_previous(&known);
    app.keep(&read);

    app.printer.step("5. Another callback, no name; and the token for all this is replaced");
    let changed = read.metadata().ok_or("what is registered cannot be written again")?;
    let changed = changed.redirect_uris([NEW_CALLBACK]).without("client_name");
    let updated = app.drive(&mut flow(here.update_client(changed))?)?.or_previous(&read);
    app.keep(&updated);
    let rotated = updated.registration_access_token() != known.registration_access_token();
    require(rotated, "the token is another one")?;
    require(updated.client_secret() == known.client_secret(), "the secret stays")?;
    let uris: Vec<String> = updated.extra("redirect_uris").ok_or("there are no redirect URIs")?;
    require(uris == [NEW_CALLBACK], "the new callback has taken the place of the old")?;
    require(updated.extra::<String>("client_name").is_none(), "the name is gone")?;
    let stale = app.drive(&mut flow(here.read_client())?);
    app.refused(stale, &ErrorCode::InvalidToken)?;

    app.printer.step("6. The client goes on with its new callback");
    let client = app.registration()?.client(&app.at)?;
    app.sign_in(&client, NEW_CALLBACK)?;

    app.printer.step("7. And leaves, with everything it had");
    let here = app.registration()?.configuration(&app.at)?;
    app.drive(&mut flow(here.delete_client())?)?;
    let refresh = tokens.refresh_token().ok_or("no refresh token came")?.clone();
    let refresh = client.token(RefreshToken::new(refresh));
    let refused = app.drive(&mut flow(refresh)?);
    app.refused(refused, &ErrorCode::InvalidClient)
}

/// One exchange, as a machine.
fn flow<E: Exchange>(exchange: E) -> Outcome<ExchangeFlow<E>> {
    Ok(ExchangeFlow::new(exchange, Entropy::from_os()?))
}

struct App {
    at: AuthorizationServer,
    http: Http,
    printer: Printer,
    /// What a store would hold.
    stored: Vec<u8>,
}

impl App {
    fn registering(&self, metadata: ClientMetadata) -> Outcome<ExchangeFlow<RegistrationRequest>> {
        let request = RegistrationRequest::new(&self.at, metadata);
        flow(request.initial_access_token(INITIAL_ACCESS_TOKEN))
    }

    /// Stores a registration, in the place of the one before.
    fn keep(&mut self, registration: &Registration) {
        self.stored = registration.to_bytes().to_vec();
        let token = registration.registration_access_token();
        let token = token.map_or("none".to_owned(), |token| elide::secret(token.expose()));
        self.printer.result(
            "Registration",
            &[
                ("client id", &registration.client_id().as_str()),
                ("authenticates by", &registration.token_endpoint_auth_method()),
                ("secret ends", &format!("{:?}", registration.client_secret_expires_at())),
                ("managed with", &token),
                ("stored", &format!("{} bytes", self.stored.len())),
            ],
        );
    }

    fn registration(&self) -> Outcome<Registration> {
        Ok(Registration::from_bytes(&self.stored)?)
    }

    /// The code flow, with the client as it is registered.
    fn sign_in(&self, client: &Client, callback: &str) -> Outcome<TokenResponse> {
        let mut entropy = Entropy::from_os()?;
        let started = client.authorization().redirect_uri(callback).start(&mut entropy)?;
        let callback = Callback::from_url(&support::visit(&self.http, &started.url)?);
        let mut flow = CodeFlow::resume(client, started.pending, callback, entropy)?;
        Ok(self.drive(&mut flow)?)
    }

    /// Drives a machine to its end, and shows what it sends and gets.
    fn drive<M>(&self, machine: &mut M) -> Result<M::Output, DriveError>
    where
        M: Machine<Snapshot = Infallible>,
    {
        let mut driver = Driver::blocking(now, sleep_until, |request, duties| {
            self.printer.request(&Received::from_http(&request));
            let answer: Response<Vec<u8>> = self.http.transport(request, duties)?;
            self.printer.reply(&Reply::from_http(&answer));
            Ok(answer)
        });
        driver.run(machine)
    }

    /// Makes sure that something was refused, and for this reason.
    fn refused<T>(&self, answer: Result<T, DriveError>, wanted: &ErrorCode) -> Outcome<()> {
        let end = answer.err();
        let Some(error) = end.as_ref().and_then(DriveError::reply) else {
            return Err("it was not refused".into());
        };
        self.printer.refusal("ReplyError", &[("says", error)]);
        let code = error.refusal().map(|refusal| refusal.code());
        require(code == Some(wanted), "it was refused for the reason that was expected")
    }
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
