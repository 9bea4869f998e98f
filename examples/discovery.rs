//! From a 401 to a token, knowing nothing but the address of an API and whom to trust.
//!
//! ```sh
//! cargo run --example discovery
//! ```
//!
//! The API's challenge names its metadata, the metadata name the authorization server, and that says
//! where its endpoints are. Each of these addresses comes from somebody else, so each is an
//! [`UntrustedUrl`] from which no request can be built until the program approves it: metadata on the
//! API's own origin, and servers on a list of its own. Then three APIs that lie are asked in the same
//! way. The server is embedded, on loopback, and so are all four APIs.
//!
//! To copy: `App::discover` and `Stop`, with a list of your own in place of `trusted`, or a person
//! who is asked.
//!
//! ```toml
//! grantwire = { version = "0.1", features = ["getrandom"] }
//! http = "1"
//! ```

mod embedded;
mod support;

use std::error::Error;

use embedded::{Authentication, Config, Printer, Received, Reply, Server, elide};
use grantwire::authorization::Callback;
use grantwire::flow::{CodeFlow, Driver, TransportFailure};
use grantwire::metadata::{Announced, Metadata, MetadataRequest, WellKnown};
use grantwire::protected_resource::ProtectedResourceRequest;
use grantwire::reply::{ReplyErrorKind, Unusable};
use grantwire::resource::{self, Denied};
use grantwire::{AccessToken, Client, Duties, EndpointUri, Entropy, ReplyError, UntrustedUrl};
use http::{Request, Response};
use support::Http;

const ID: &str = "https://app.example";
const CALLBACK: &str = "https://app.example/cb";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let registered = embedded::Client::new(ID, Authentication::None)
        .redirecting_to(CALLBACK)
        .with_scopes(&["reports.read", "reports.write"]);
    let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
    let origin = server.origin();
    let trusted = vec![format!("{origin}/oauth2")];
    let app = App { http: Http::new(), printer: Printer::new(), trusted };

    app.printer.title("An API, and whom it trusts");
    let api = format!("{origin}/reports");
    let Found { metadata, scope } = app.discover(&api).map_err(Stop::into_error)?;
    app.printer.step("4. A token for that API, from that server");
    let token = app.sign_in(&metadata, &api, &scope)?;
    app.printer.step("5. The API again");
    let mut request = Request::get(&api).body(Vec::new())?;
    token.present(request.headers_mut())?;
    let answer = app.send(request)?;
    resource::check(&answer)?;
    require(answer.status() == 200, "the API lets the token in")?;

    app.printer.title("An API whose metadata are inside somebody's network");
    let stopped = app.discover(&format!("{origin}/hostile/lure"));
    let Err(Stop::Foreign(address)) = stopped else { return Err("it got its way".into()) };
    app.printer.refusal("Stop::Foreign", &[("address", &address.raw())]);
    require(address.raw().contains("169.254.169.254"), "the address of a cloud's credentials")?;

    app.printer.title("An API with an authorization server of its own");
    let stopped = app.discover(&format!("{origin}/hostile/impostor"));
    let Err(Stop::Foreign(address)) = stopped else { return Err("it got its way".into()) };
    app.printer.refusal("Stop::Foreign", &[("address", &address.raw())]);
    let approved = address.approve()?;
    let request = MetadataRequest::new(approved.as_str(), WellKnown::OAuth).request()?;
    app.printer.note("Only if somebody approved it, could it be asked:");
    app.printer.note(&format!("{} {}", request.method(), request.uri()));
    require(request.uri().host() == Some("login.evil.example"), "by a word of the program's own")?;

    app.printer.title("An API that passes another's metadata off as its own");
    let stopped = app.discover(&format!("{origin}/hostile/mirror"));
    let Err(Stop::Failed(error)) = stopped else { return Err("it got its way".into()) };
    app.printer.refusal("ReplyError", &[("says", &error)]);
    let kind = error.downcast_ref::<ReplyError>().map(ReplyError::kind);
    let mismatch = matches!(kind, Some(ReplyErrorKind::Unusable(Unusable::ResourceMismatch)));
    require(mismatch, "the metadata are about another resource")?;

    let asked =
        server.received().iter().filter(|request| request.path().contains("hostile")).count();
    require(asked == 5, "nothing was asked of anybody but the three APIs themselves")
}

/// What the challenge led to.
struct Found {
    metadata: Metadata,
    scope: String,
}

/// Why the program goes no further.
enum Stop {
    /// Somebody named an address, and nothing says that it is to be trusted.
    Foreign(UntrustedUrl),
    Failed(Box<dyn Error>),
}

impl Stop {
    fn into_error(self) -> Box<dyn Error> {
        match self {
            Self::Foreign(_) => "the API named an address that is not trusted".into(),
            Self::Failed(error) => error,
        }
    }
}

impl<E: Into<Box<dyn Error>>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

struct App {
    http: Http,
    printer: Printer,
    /// The authorization servers that this program sends its users to.
    trusted: Vec<String>,
}

impl App {
    /// Asks without a token, and follows the challenge as far as it can be trusted.
    fn discover(&self, api: &str) -> Result<Found, Stop> {
        self.printer.step("1. Without a token the API says where to look");
        let answer = self.send(Request::get(api).body(Vec::new())?)?;
        let Err(Denied::InvalidToken(details)) = resource::check(&answer) else {
            return Err("the API wants no token".into());
        };
        let named = details.resource_metadata().ok_or("the challenge names no metadata")?;

        self.printer.step("2. Its metadata, if they are where the API is");
        let address = named.approve_same_origin(&EndpointUri::parse(api)?);
        let address = address.ok_or_else(|| Stop::Foreign(named.clone()))?;
        let ask = ProtectedResourceRequest::at(address, api);
        let about = ask.read(&self.send(ask.request())?)?;

        self.printer.step("3. An authorization server, if it is one of ours");
        let servers = about.authorization_servers();
        let known = |server: &&UntrustedUrl| self.trusted.iter().any(|ours| ours == server.raw());
        let Some(server) = servers.iter().find(known) else {
            let first = servers.first().ok_or("the API names no authorization server")?;
            return Err(Stop::Foreign(first.clone()));
        };
        let issuer = server.approve()?;
        let ask = MetadataRequest::new(issuer.as_str(), WellKnown::OAuth);
        let metadata = ask.read(&self.send(ask.request()?)?)?;
        if metadata.code_challenge_method("S256") == Announced::No {
            return Err("the server does not know PKCE".into());
        }
        Ok(Found { metadata, scope: details.scope().unwrap_or_default().to_owned() })
    }

    /// The code flow, with what the metadata say.
    fn sign_in(&self, metadata: &Metadata, api: &str, scope: &str) -> Outcome<AccessToken> {
        let client = Client::new(metadata.server().clone(), ID);
        let mut entropy = Entropy::from_os()?;
        let asking = client.authorization().redirect_uri(CALLBACK).scope(scope).resource(api);
        let started = asking.start(&mut entropy)?;
        self.printer.note(&format!("the browser goes to {}", elide::url(started.url.as_str())));
        let callback = Callback::from_url(&support::visit(&self.http, started.url.as_str())?);
        let mut flow = CodeFlow::resume(&client, started.pending, callback, entropy)?;
        let mut driver =
            Driver::blocking(support::now, support::sleep_until, |request, _duties: Duties| {
                self.send(request).map_err(|_| TransportFailure::Unknown)
            });
        Ok(driver.run(&mut flow)?.access_token().clone())
    }

    /// Sends, and shows both ways.
    fn send(&self, request: Request<Vec<u8>>) -> Outcome<Response<Vec<u8>>> {
        self.printer.request(&Received::from_http(&request));
        let answer = self.http.send_plain(request)?;
        self.printer.reply(&Reply::from_http(&answer));
        Ok(answer)
    }
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
