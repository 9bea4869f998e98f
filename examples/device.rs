//! The device flow in a terminal: a code for the user, and patience for the device.
//!
//! ```sh
//! cargo run --example device
//! ```
//!
//! The machine says when to ask and what an answer means; the program shows the code, sends, and
//! sleeps. On the way the user takes their time, the server asks to slow down, and the network loses
//! an answer. Time is an argument, so here it runs twenty times as fast, for the client and for the
//! embedded server alike.

mod embedded;
mod support;

use std::error::Error;
use std::thread;
use std::time::{Duration, SystemTime};

use embedded::{Authentication, Clock, Config, Fault, Reply, Server};
use grantwire::device::DeviceAuthorization;
use grantwire::flow::{DeviceFlow, DriveError, Driver, ExchangeFlow, TransportFailure};
use grantwire::reply::ErrorCode;
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, TokenResponse};
use http::{Request, Response};
use serde_json::{Value, json};
use support::Http;

const ID: &str = "https://tv.example";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const TIMES: u32 = 20;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let clock = Clock::Fast { since: SystemTime::now(), times: TIMES };
    let registered = embedded::Client::new(ID, Authentication::None)
        .with_grants(&[GRANT, "refresh_token"])
        .with_scopes(&["watch"]);
    let config = Config { clock: clock.clone(), clients: vec![registered], ..Config::default() };
    let tv = Tv { server: Server::start(config)?, clock, began: SystemTime::now() };

    println!("A user who takes their time");
    let (tokens, polls) = tv.sign_in("approve", 44)?;
    let tokens = tokens?;
    println!("  a {:?} token, {:?}", tokens.access_token().token_type(), tokens.lifetime());
    let seen = |wanted: &str| polls.iter().any(|poll| poll.as_str() == wanted);
    let expected = ["authorization_pending", "slow_down", "no answer", "tokens"];
    if let Some(missing) = expected.into_iter().find(|wanted| !seen(wanted)) {
        return Err(format!("no poll ended with {missing}").into());
    }

    println!("\nA user who says no");
    let (tokens, _) = tv.sign_in("deny", 2)?;
    let end = tokens.err();
    match end.as_ref().and_then(DriveError::reply) {
        Some(error) if error.refusal().is_some_and(|no| *no.code() == ErrorCode::AccessDenied) => {
            println!("  {error}");
            Ok(())
        }
        _ => Err("the refusal did not come through".into()),
    }
}

/// The device, the server, and the time both live in.
struct Tv {
    server: Server,
    clock: Clock,
    began: SystemTime,
}

impl Tv {
    /// One device flow, with a user who decides after so many seconds. Also says how each poll ended.
    fn sign_in(
        &self,
        decision: &'static str,
        after: u64,
    ) -> Outcome<(Result<TokenResponse, DriveError>, Vec<String>)> {
        let issuer = format!("{}/oauth2", self.server.origin());
        let at = AuthorizationServer::new()
            .issuer(issuer.as_str())
            .device_authorization_endpoint(&format!("{issuer}/device_authorization"))
            .token_endpoint(&format!("{issuer}/token"));
        let client = Client::new(at, ID);
        let http = Http::new();
        let mut polls = Vec::new();
        let mut driver = Driver::blocking(
            || self.now(),
            |until: Timestamp| thread::sleep(until.saturating_since(self.now()) / TIMES),
            |request: Request<Vec<u8>>, duties| {
                let is_poll = request.uri().path().ends_with("/token");
                if is_poll && decision == "approve" {
                    self.trouble(polls.len());
                }
                let answer = http.transport(request, duties);
                if is_poll {
                    polls.push(self.told(&answer));
                }
                answer
            },
        );

        // A code for the device, and one for its user.
        let request = client.device_authorization().scope("watch");
        let authorization = driver.run(&mut ExchangeFlow::new(request, Entropy::from_os()?))?;
        println!("  {}", authorization.prompt());
        if let Some(uri) = authorization.verification_uri_complete() {
            println!("  or scan a picture of {uri}");
        }
        let user = self.user(&authorization, decision, after)?;

        // Asking whether the user has decided.
        let mut flow = DeviceFlow::new(&client, &authorization, self.now(), Entropy::from_os()?);
        let tokens = driver.run(&mut flow);
        user.join().map_err(|_| "the user had an accident")?;
        Ok((tokens, polls))
    }

    /// The user, somewhere else: reads the screen, thinks, and goes to the page.
    fn user(
        &self,
        shown: &DeviceAuthorization,
        decision: &str,
        after: u64,
    ) -> Outcome<thread::JoinHandle<()>> {
        let form = [("user_code", shown.user_code()), ("decision", decision)];
        let form = serde_urlencoded::to_string(form)?.into_bytes();
        let visit = Request::post(shown.verification_uri()).body(form)?;
        let thinking = Duration::from_secs(after) / TIMES;
        Ok(thread::spawn(move || {
            thread::sleep(thinking);
            // When the page is not to be reached, the flow ends by itself, and not well.
            let _ = Http::new().send_plain(visit);
        }))
    }

    /// What goes wrong on the way: the second poll is one too many, the third loses its answer.
    fn trouble(&self, polls: usize) {
        match polls {
            1 => {
                let body = json!({ "error": "slow_down" });
                self.server.next_token_reply(Fault::Answer(Reply::json(400, &body)));
            }
            2 => self.server.next_token_reply(Fault::DropConnection),
            _ => {}
        }
    }

    /// Prints how a poll ended, and says so.
    fn told(&self, answer: &Result<Response<Vec<u8>>, TransportFailure>) -> String {
        let told = match answer {
            Err(_) => "no answer".to_owned(),
            Ok(answer) => {
                let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
                body["error"].as_str().unwrap_or("tokens").to_owned()
            }
        };
        let passed = self.now().saturating_since(self.began.into());
        println!("  after {:>3} s: {told}", passed.as_secs());
        told
    }

    fn now(&self) -> Timestamp {
        self.clock.time().into()
    }
}
