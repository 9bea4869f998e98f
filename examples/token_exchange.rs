//! Token exchange: a gateway that acts for its user at a backend, with a token that reaches only there.
//!
//! ```sh
//! cargo run --example token_exchange
//! ```
//!
//! The user's token may do a lot, and it is for the gateway. For the reports behind it the gateway gets
//! another: for that one resource, with less scope, and with both names on it. Then it asks for a signed
//! statement that is no access token, and for a place that the server will not issue tokens for. The
//! server is embedded, on loopback, and so are the reports.
//!
//! To copy: the two exchanges in `main` and `send`, with a client of your own. Deal with the refusal as
//! the last step does: its code says what happened, its description why.
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
use grantwire::client::ClientSecretBasic;
use grantwire::flow::{CodeFlow, DriveError, Driver, ResourceFlow, TokenFlow, TransportFailure};
use grantwire::grant::{ClientCredentials, TokenExchange, TokenTypeIdentifier};
use grantwire::reply::ErrorCode;
use grantwire::resource::{self, Denied, ResourceRequest};
use grantwire::{AccessToken, AuthorizationServer, BuildError, Client, Duties, Entropy};
use http::{HeaderMap, Method, Request, Response};
use serde_json::Value;
use support::Http;

const GATEWAY: &str = "gateway.example";
const SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
const WEB: &str = "https://web.example";
const CALLBACK: &str = "https://web.example/cb";
const ACCESS_TOKEN: TokenTypeIdentifier = TokenTypeIdentifier::ACCESS_TOKEN;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let server = server()?;
    let issuer = format!("{}/oauth2", server.origin());
    let reports = format!("{}/reports", server.origin());
    let at = AuthorizationServer::new()
        .issuer(issuer.as_str())
        .authorization_endpoint(&format!("{issuer}/authorize"))
        .token_endpoint(&format!("{issuer}/token"));
    let gateway = Client::new(at.clone(), GATEWAY).auth(ClientSecretBasic::new(SECRET));
    let (http, quiet, printer) = (Http::new(), Http::new(), Printer::new());
    let mut driver = Driver::blocking(support::now, support::sleep_until, |request, duties| {
        send(&http, printer, request, duties)
    });

    printer.title("One token for another");
    printer.step("1. What the gateway has: the token its user sent, and one of its own");
    let user = sign_in(&quiet, &Client::new(at, WEB))?;
    let mut own = TokenFlow::new(gateway.token(ClientCredentials::new()), Entropy::from_os()?);
    let own = driver.run(&mut own)?;
    let own = own.access_token().expose();

    printer.step("2. A token for the reports, to read them and no more");
    let grant = TokenExchange::new(user.expose(), ACCESS_TOKEN)
        .actor(own, ACCESS_TOKEN)
        .requested_token_type(ACCESS_TOKEN);
    let exchange = gateway.token(grant).resource(reports.as_str()).scope("reports.read");
    let issued = driver.run(&mut TokenFlow::new(exchange, Entropy::from_os()?))?;
    let what = issued.issued_token_type().ok_or("nothing says what was issued")?;
    let token = issued.access_token();
    printer.result(
        "TokenResponse",
        &[
            ("access token", &elide::secret(token.expose())),
            ("issued token type", &what.as_str()),
            ("lifetime", issued.lifetime()),
        ],
    );
    require(*what == ACCESS_TOKEN, "it is what was asked for")?;
    require(!issued.scope().contains("reports.write"), "it reaches less far than the user's")?;

    printer.step("3. At the reports it carries both names");
    let mut call = |method: Method, token: &AccessToken| -> Outcome<_> {
        let request = Request::builder().method(method).uri(reports.as_str()).body(Vec::new())?;
        let exchange = ResourceRequest::new(request, token)?;
        Ok(driver.run(&mut ResourceFlow::new(exchange, Entropy::from_os()?))?)
    };
    let answer = call(Method::GET, token)?;
    resource::check(&answer)?;
    let about: Value = serde_json::from_slice(answer.expose_body())?;
    require(about["sub"] == "alice" && about["act"]["sub"] == GATEWAY, "user and gateway")?;

    printer.step("4. It opens nothing else, and the user's token does not open the reports");
    let denied = resource::check(&call(Method::POST, token)?).err();
    let narrow = matches!(&denied, Some(Denied::InsufficientScope(details))
        if details.scope() == Some("reports.write"));
    require(narrow, "more scope is needed to write")?;
    let denied = resource::check(&call(Method::GET, &user)?).err();
    require(matches!(denied, Some(Denied::InvalidToken(_))), "the user's token is not for here")?;

    printer.step("5. A signed statement, to be handed over as an assertion, is no access token");
    let grant = TokenExchange::new(user.expose(), ACCESS_TOKEN)
        .requested_token_type(TokenTypeIdentifier::JWT);
    let exchange = gateway.token(grant).audience("reports").scope("reports.read");
    let issued = driver.run(&mut TokenFlow::new(exchange, Entropy::from_os()?))?;
    let presented = issued.access_token().present(&mut HeaderMap::new());
    require(presented == Err(BuildError::TokenType), "nobody presents it as one by mistake")?;
    printer.refusal("BuildError::TokenType", &[("says", &BuildError::TokenType)]);

    printer.step("6. For a place that is not served there is no token, and a reason");
    let exchange = gateway
        .token(TokenExchange::new(user.expose(), ACCESS_TOKEN))
        .resource("https://payroll.example/");
    let refused = driver.run(&mut TokenFlow::new(exchange, Entropy::from_os()?)).err();
    let Some(error) = refused.as_ref().and_then(DriveError::reply) else {
        return Err("the foreign target was not refused".into());
    };
    let refusal = error.refusal().ok_or("the server gave no reason")?;
    let why = refusal.description().map(|text| text.escaped()).unwrap_or_default();
    printer.refusal("Refusal", &[("code", &refusal.code().as_str()), ("description", &why)]);
    printer.note("The subject token is unharmed: a refused exchange spends nothing.");
    require(*refusal.code() == ErrorCode::InvalidTarget, "the target is what was wrong")?;
    require(!error.credential_is_dead(), "the user's token is still good")
}

/// The server, and whom it knows.
fn server() -> Outcome<Server> {
    let web = embedded::Client::new(WEB, Authentication::None)
        .redirecting_to(CALLBACK)
        .with_scopes(&["openid", "reports.read", "reports.write"]);
    let secret = Authentication::ClientSecretBasic(SECRET.to_owned());
    let gateway = embedded::Client::new(GATEWAY, secret)
        .with_grants(&["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"])
        .with_scopes(&["reports.read", "reports.write"]);
    Ok(Server::start(Config { clients: vec![web, gateway], ..Config::default() })?)
}

/// The user signs in at the web app, which is not what this is about.
fn sign_in(http: &Http, web: &Client) -> Outcome<AccessToken> {
    let mut entropy = Entropy::from_os()?;
    let started = web.authorization().redirect_uri(CALLBACK).start(&mut entropy)?;
    let callback = Callback::from_url(&support::visit(http, started.url.as_str())?);
    let mut flow = CodeFlow::resume(web, started.pending, callback, entropy)?;
    let mut driver = Driver::blocking(support::now, support::sleep_until, |request, duties| {
        http.transport(request, duties)
    });
    Ok(driver.run(&mut flow)?.access_token().clone())
}

/// Sends, and shows both ways.
fn send(
    http: &Http,
    printer: Printer,
    request: Request<Vec<u8>>,
    duties: Duties,
) -> Result<Response<Vec<u8>>, TransportFailure> {
    printer.request(&Received::from_http(&request));
    let answer = http.transport(request, duties)?;
    printer.reply(&Reply::from_http(&answer));
    Ok(answer)
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
