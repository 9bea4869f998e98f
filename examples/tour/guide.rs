//! [`Guide`]: tells the steps, carries the requests, and holds each outcome against what was
//! expected.
//!
//! It knows no system and prints no typed value; those are the chapters' and `show`'s.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use grantwire::ReplyError;
use grantwire::request::Draft;
use grantwire::{BuildError, Duties, Entropy, Timestamp, TokenRequest, TokenResponse};
use http::header::{ACCEPT, LOCATION};
use http::{Request, Response};

use crate::embedded::{Client, Clock, Config, Printer, Received, Reply, Server};
use crate::shape::{Shape, names};
use crate::show;
use crate::support::{Http, SendError};

/// An error ends a chapter: what comes after it would have nothing to stand on.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// How a chapter went.
struct Tally {
    title: &'static str,
    steps: u32,
    requests: u32,
    passed: u32,
    failed: u32,
}

/// Takes the reader through the steps.
pub struct Guide {
    pub printer: Printer,
    pub entropy: Entropy,
    http: Http,
    /// Seconds since the epoch, moved by hand. The servers share it.
    clock: Arc<AtomicU64>,
    chapters: Vec<Tally>,
    last: Option<Received>,
    /// What was printed in full in this chapter, and in which step.
    seen: Vec<(Shape, u32)>,
    aloud: bool,
    full: bool,
}

impl Guide {
    /// With `full`, everything is printed in full, and not only what was not seen before.
    pub fn new(full: bool) -> Outcome<Self> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
        Ok(Self {
            printer: Printer::new(),
            entropy: Entropy::from_os()?,
            http: Http::new(),
            clock: Arc::new(AtomicU64::new(now)),
            chapters: Vec::new(),
            last: None,
            seen: Vec::new(),
            aloud: true,
            full,
        })
    }

    /// The moment it is by the hand-moved clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.clock.load(Ordering::Acquire))
    }

    /// Moves the clock.
    pub fn wait(&self, span: Duration) {
        self.clock.fetch_add(span.as_secs(), Ordering::AcqRel);
    }

    /// Starts a server that knows these clients, and whose person at AgeKey is so old.
    pub fn server(&self, clients: Vec<Client>, user_age: u64) -> Outcome<Server> {
        let clock = Clock::Manual(Arc::clone(&self.clock));
        Ok(Server::start(Config { clock, clients, user_age, ..Config::default() })?)
    }

    /// Begins a chapter.
    pub fn chapter(&mut self, title: &'static str, about: &[&str]) {
        self.printer.title(title);
        for line in about {
            self.printer.note(line);
        }
        self.chapters.push(Tally { title, steps: 0, requests: 0, passed: 0, failed: 0 });
        self.seen.clear();
    }

    /// Begins a step of the chapter.
    pub fn step(&mut self, what: &str) {
        let number = self.tally(|tally| {
            tally.steps += 1;
            tally.steps
        });
        self.printer.step(&format!("{number}. {what}"));
    }

    /// Does something that was shown before: a line for each request is enough, and none for what
    /// is checked.
    pub fn aside<T>(&mut self, what: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        self.printer.note(&format!("({what})"));
        self.aloud = self.full;
        let done = act(self);
        self.aloud = true;
        done
    }

    /// Holds what came against what was expected, and says so in one line.
    pub fn check<C, E>(&mut self, what: &str, came: C, expected: E)
    where
        C: PartialEq<E> + Debug,
        E: Debug,
    {
        if came == expected {
            self.tally(|tally| tally.passed += 1);
            if self.aloud {
                self.printer.note(&format!("✓ {what}"));
            }
        } else {
            self.missed(what, &format!("{expected:?}"), &format!("{came:?}"));
        }
    }

    /// Sends a request, prints it as the server received it, and prints the answer. Without duties
    /// it goes out once, with the usual body limit.
    pub fn send(
        &mut self,
        server: &Server,
        request: Request<Vec<u8>>,
        duties: Option<Duties>,
    ) -> Result<Response<Vec<u8>>, SendError> {
        let answer = match duties {
            Some(duties) => self.http.send(request, duties),
            None => self.http.send_plain(request),
        };
        let arrived = server.take_received();
        self.tally(|tally| tally.requests += 1);
        if arrived.len() != 1 {
            self.missed("one request arrives for one that is sent", &"1", &arrived.len());
        }
        for received in &arrived {
            self.print_request(received);
        }
        match &answer {
            Ok(answer) => self.print_answer(&Reply::from_http(answer)),
            Err(_) => self.printer.note("← nothing: the connection closes without an answer"),
        }
        self.last = arrived.into_iter().next_back();
        answer
    }

    /// Opens an authorization URL as a browser would, up to the redirect that leaves the server.
    pub fn browse(&mut self, server: &Server, url: &str) -> Outcome<String> {
        let request = Request::get(url).header(ACCEPT, "text/html").body(Vec::new())?;
        let answer = self.send(server, request, None)?;
        let location = answer.headers().get(LOCATION).ok_or("no redirect came")?;
        Ok(location.to_str()?.to_owned())
    }

    /// Sends a draft that wants nothing more, and reads the answer.
    fn deliver(
        &mut self,
        server: &Server,
        exchange: &TokenRequest,
        draft: Draft,
    ) -> Outcome<Result<TokenResponse, ReplyError>> {
        let duties = draft.duties();
        let answer = self.send(server, draft.finish()?, Some(duties))?;
        Ok(exchange.read(&answer))
    }

    /// An exchange that brings tokens.
    pub fn tokens(&mut self, server: &Server, exchange: &TokenRequest) -> Outcome<TokenResponse> {
        let draft = exchange.draft(self.now(), &mut self.entropy)?;
        self.tokens_for(server, exchange, draft)
    }

    /// A draft of an exchange that brings tokens.
    pub fn tokens_for(
        &mut self,
        server: &Server,
        exchange: &TokenRequest,
        draft: Draft,
    ) -> Outcome<TokenResponse> {
        match self.deliver(server, exchange, draft)? {
            Ok(tokens) => {
                if self.aloud {
                    show::tokens(self.printer, &tokens);
                }
                Ok(tokens)
            }
            Err(error) => Err(format!("tokens were expected; what came: {error}").into()),
        }
    }

    /// An exchange that brings a failure.
    pub fn failure(&mut self, server: &Server, exchange: &TokenRequest) -> Outcome<ReplyError> {
        let draft = exchange.draft(self.now(), &mut self.entropy)?;
        match self.deliver(server, exchange, draft)? {
            Ok(_) => Err("a failure was expected; what came: tokens".into()),
            Err(error) => {
                show::failure(self.printer, &error);
                Ok(error)
            }
        }
    }

    /// A request that is refused in this process, before anything is sent.
    pub fn refused_here<T>(
        &mut self,
        server: &Server,
        built: Result<T, BuildError>,
    ) -> Outcome<BuildError> {
        let error = built.err().ok_or("the request was built, and should not have been")?;
        self.printer.refusal("BuildError", &[("says", &error)]);
        self.check("nothing was sent", server.take_received().len(), 0);
        Ok(error)
    }

    /// The names of the parameters in the body of the last request, in order.
    pub fn body_names(&self) -> Vec<String> {
        let body = self.last.as_ref().map(|last| last.body.as_slice()).unwrap_or_default();
        names(body)
    }

    /// The names of the parameters in the query of the last request, in order.
    pub fn query_names(&self) -> Vec<String> {
        names(self.last.as_ref().map(Received::query).unwrap_or_default().as_bytes())
    }

    /// A parameter in the body of the last request.
    pub fn sent_parameter(&self, name: &str) -> Option<String> {
        let body = self.last.as_ref()?.body.as_slice();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
        pairs.into_iter().find(|(each, _)| each == name).map(|(_, value)| value)
    }

    /// A header of the last request.
    pub fn sent_header(&self, name: &str) -> Option<String> {
        self.last.as_ref()?.header(name).ok()?.map(str::to_owned)
    }

    /// Ends a chapter, which had so many steps and requests if nothing was left out.
    pub fn end(&mut self, ended: Outcome<()>, steps: u32, requests: u32) {
        if let Err(error) = ended {
            self.missed("the chapter comes to its end", &"every step", &chain(error.as_ref()));
        }
        let counted = self.tally(|tally| (tally.steps, tally.requests));
        // Only worth a line when it is otherwise.
        self.aloud = false;
        self.check("as many steps and requests as planned", counted, (steps, requests));
        self.aloud = true;
    }

    /// The summary, and the program's exit code.
    pub fn close(&self, elapsed: Duration) -> ExitCode {
        self.printer.title("What was seen");
        let lines: Vec<(&str, String)> =
            self.chapters.iter().map(|tally| (tally.title, summary(tally))).collect();
        let fields = show::lines(&lines);
        let sum = |count: fn(&Tally) -> u32| self.chapters.iter().map(count).sum::<u32>();
        let (passed, failed) = (sum(|tally| tally.passed), sum(|tally| tally.failed));
        let millis = elapsed.as_millis();
        if failed == 0 {
            self.printer.result(&format!("{passed} checks, all passed, in {millis} ms"), &fields);
            ExitCode::SUCCESS
        } else {
            let line = format!("surprises: {failed}; {passed} checks passed, in {millis} ms");
            self.printer.refusal(&line, &fields);
            ExitCode::FAILURE
        }
    }

    fn print_request(&mut self, received: &Received) {
        let line = format!("→ {} {}", received.method, received.path());
        match self.seen_in(Shape::of_request(received)) {
            None => self.printer.request(received),
            Some(place) => self.printer.note(&format!("{line}{place}")),
        }
    }

    /// An answer that is no success is worth reading each time.
    fn print_answer(&mut self, reply: &Reply) {
        let success = (200..400).contains(&reply.status);
        match self.seen_in(Shape::of_reply(reply)) {
            Some(place) if success || !self.aloud => {
                self.printer.note(&format!("← {}{place}", reply.status));
            }
            _ => self.printer.reply(reply),
        }
    }

    /// Where something of this shape was printed in full, if one line is enough for this one.
    fn seen_in(&mut self, shape: Shape) -> Option<String> {
        if !self.aloud {
            return Some(String::new());
        }
        let step = self.tally(|tally| tally.steps);
        match self.seen.iter().find(|(seen, _)| *seen == shape) {
            Some((_, step)) if !self.full => Some(format!("   (shaped as in step {step})")),
            Some(_) => None,
            None => {
                self.seen.push((shape, step));
                None
            }
        }
    }

    fn missed(&mut self, what: &str, expected: &dyn Display, came: &dyn Display) {
        self.tally(|tally| tally.failed += 1);
        self.printer.refusal(&format!("✗ {what}"), &[("expected", expected), ("came", came)]);
    }

    fn tally<T: Default>(&mut self, change: impl FnOnce(&mut Tally) -> T) -> T {
        self.chapters.last_mut().map(change).unwrap_or_default()
    }
}

/// An error and its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn summary(tally: &Tally) -> String {
    let Tally { steps, requests, passed, failed, .. } = tally;
    let surprises = match failed {
        0 => String::new(),
        failed => format!(", SURPRISES: {failed}"),
    };
    format!("{steps} steps, {requests} requests, {passed} checks{surprises}")
}
