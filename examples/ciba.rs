//! CIBA: a call centre asks its caller, on the caller's own phone, whether it is really them.
//!
//! ```sh
//! cargo run --example ciba
//! ```
//!
//! The desk names the user and shows them a word; the phone shows the same word, and asks. The machine
//! says when to poll and what an answer means; the program sends and sleeps. On the way the server asks
//! to slow down. A second caller is not who they say, and the phone's owner declines. Time is an
//! argument, so here it runs twenty times as fast, for the desk and for the embedded server alike.
//!
//! To copy: `Desk::authenticate` without its user, with your own way to send (`support/send.rs` is one)
//! and the real clock of `support/clock.rs`.
//!
//! ```toml
//! grantwire = { version = "0.1", features = ["getrandom"] }
//! http = "1"
//! ```

mod embedded;
mod support;

use std::error::Error;
use std::thread;
use std::time::{Duration, SystemTime};

use embedded::{Authentication, Clock, Config, Fault, Printer, Received, Reply, Server, elide};
use grantwire::backchannel::UserHint;
use grantwire::client::ClientSecretBasic;
use grantwire::flow::{CibaFlow, DriveError, Driver, ExchangeFlow, TransportFailure};
use grantwire::reply::ErrorCode;
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, TokenResponse};
use http::{Request, Response};
use serde_json::{Value, json};
use support::Http;

const ID: &str = "desk.bank.example";
const SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
const TIMES: u32 = 20;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let clock = Clock::Fast { since: SystemTime::now(), times: TIMES };
    let secret = Authentication::ClientSecretBasic(SECRET.to_owned());
    let registered = embedded::Client::new(ID, secret)
        .with_grants(&["urn:openid:params:grant-type:ciba"])
        .with_scopes(&["openid", "transfer"]);
    let config = Config { clock: clock.clone(), clients: vec![registered], ..Config::default() };
    let server = Server::start(config)?;
    let client = client(&format!("{}/oauth2", server.origin()));
    let desk = Desk { server, client, clock, http: Http::new(), printer: Printer::new() };

    desk.printer.title("A caller who is who they say");
    let (tokens, polls) = desk.authenticate("alice", "amber kite", "approve", 13)?;
    let tokens = tokens?;
    desk.printer.result(
        "TokenResponse",
        &[
            ("access token", &elide::secret(tokens.access_token().expose())),
            ("lifetime", &format!("{:?}", tokens.lifetime())),
            ("ID token", &tokens.id_token().map_or("none".into(), |t| elide::secret(t.expose()))),
        ],
    );
    require(polls.starts_with(&["authorization_pending".into(), "slow_down".into()]), "it waited")?;
    require(tokens.id_token().is_some(), "an ID token says who it was")?;

    desk.printer.title("A caller who is not");
    let (tokens, _) = desk.authenticate("bob", "grey heron", "deny", 2)?;
    let end = tokens.err();
    match end.as_ref().and_then(DriveError::reply) {
        Some(error) if error.refusal().is_some_and(|no| *no.code() == ErrorCode::AccessDenied) => {
            desk.printer.refusal("ReplyError", &[("says", error)]);
            Ok(())
        }
        _ => Err("the refusal did not come through".into()),
    }
}

fn client(issuer: &str) -> Client {
    let at = AuthorizationServer::new()
        .issuer(issuer)
        .backchannel_authentication_endpoint(&format!("{issuer}/bc_authorize"))
        .token_endpoint(&format!("{issuer}/token"));
    Client::new(at, ID).auth(ClientSecretBasic::new(SECRET))
}

/// The desk, the server, and the time both live in.
struct Desk {
    server: Server,
    client: Client,
    clock: Clock,
    http: Http,
    printer: Printer,
}

impl Desk {
    /// Asks one user, who decides after so many seconds. Also says how each poll ended.
    fn authenticate(
        &self,
        user: &str,
        word: &str,
        decision: &'static str,
        after: u64,
    ) -> Outcome<(Result<TokenResponse, DriveError>, Vec<String>)> {
        let began = self.now();
        let mut polls = Vec::new();
        let mut driver = Driver::blocking(
            || self.now(),
            |until: Timestamp| thread::sleep(until.saturating_since(self.now()) / TIMES),
            |request: Request<Vec<u8>>, duties| {
                if !request.uri().path().ends_with("/token") {
                    self.printer.request(&Received::from_http(&request));
                    let answer = self.http.transport(request, duties)?;
                    self.printer.reply(&Reply::from_http(&answer));
                    return Ok(answer);
                }
                if decision == "approve" && polls.len() == 1 {
                    self.slow_down();
                }
                let answer = self.http.transport(request, duties);
                let told = told(&answer);
                let passed = self.now().saturating_since(began).as_secs();
                self.printer.note(&format!("poll after {passed:>2} s: {told}"));
                polls.push(told);
                answer
            },
        );

        self.printer.step("1. The desk names the user, and a word that both will see");
        let ask = self
            .client
            .backchannel_authentication(UserHint::Login(user.to_owned()))
            .scope("openid transfer")
            .binding_message(word);
        let asked = driver.run(&mut ExchangeFlow::new(ask, Entropy::from_os()?))?;
        self.printer.result(
            "BackchannelAuthentication",
            &[("open for", asked.lifetime()), ("poll each", &format!("{:?}", asked.interval()))],
        );

        self.printer.step("2. The phone shows it, and its owner thinks");
        let owner = self.owner(user, word, decision, after)?;

        self.printer.step("3. The desk asks whether they have decided");
        let mut flow = CibaFlow::new(&self.client, &asked, self.now(), Entropy::from_os()?);
        let tokens = driver.run(&mut flow);
        owner.join().map_err(|_| "the phone's owner had an accident")?;
        Ok((tokens, polls))
    }

    /// The user, somewhere else: looks at the phone, thinks, and decides there.
    fn owner(
        &self,
        user: &str,
        word: &str,
        decision: &str,
        after: u64,
    ) -> Outcome<thread::JoinHandle<()>> {
        let phone = format!("{}/oauth2/phone", self.server.origin());
        let prompts = Request::get(format!("{phone}?user={user}")).body(Vec::new())?;
        let prompts: Value = serde_json::from_slice(self.http.send_plain(prompts)?.body())?;
        let (client, shown) = (&prompts[0]["client_id"], &prompts[0]["binding_message"]);
        self.printer.note(&format!("{client} wants to know whether it is you: {shown}"));
        require(shown == word, "the phone shows the desk's word")?;
        let form = [("user", user), ("binding_message", word), ("decision", decision)];
        let form = serde_urlencoded::to_string(form)?.into_bytes();
        let decide = Request::post(phone).body(form)?;
        let thinking = Duration::from_secs(after) / TIMES;
        Ok(thread::spawn(move || {
            thread::sleep(thinking);
            // When the phone has no network, the flow ends by itself, and not well.
            let _ = Http::new().send_plain(decide);
        }))
    }

    /// The next poll is one too many for a busy server.
    fn slow_down(&self) {
        let body = json!({ "error": "slow_down" });
        self.server.next_token_reply(Fault::Answer(Reply::json(400, &body)));
    }

    fn now(&self) -> Timestamp {
        self.clock.time().into()
    }
}

/// How a poll ended.
fn told(answer: &Result<Response<Vec<u8>>, TransportFailure>) -> String {
    let Ok(answer) = answer else { return "no answer".to_owned() };
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    body["error"].as_str().unwrap_or("tokens").to_owned()
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
