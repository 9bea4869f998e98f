//! An OAuth 2.0 authorization server for the examples and tests: embedded, on loopback, and
//! strict. It verifies everything it is sent, and refuses what the documentation does not allow.
//!
//! It does not use the `grantwire` crate: it is an independent judge of it. It is not for
//! production: it keeps secrets in plain memory, draws no randomness, and its user agrees at once.
//!
//! Three published systems and a generic issuer live on one origin:
//!
//! | system | paths |
//! |---|---|
//! | AgeKey | `/v1/oidc/use`, `/v1/oidc/use/token`, `/v1/agekey/upgrade`, `/.well-known/jwks.json` |
//! | Dressipi | `/oauth/authorize`, `/oauth/token` (also under `/api`), `/api/items/{id}` |
//! | PingOne | `/{envID}/as/{authorize,token,jwks}`, and `/as/...` as on a custom domain |
//! | generic | `/oauth2/{authorize,par,token,revoke,introspect,userinfo,jwks,register}`, |
//! | | `/oauth2/{device_authorization,device}`, `/oauth2/{bc_authorize,phone}`, and its metadata |
//! | a resource of the generic issuer's | `/reports`, and its metadata |
//! | resources up to no good | `/hostile/{lure,impostor,mirror}` |
//!
//! The handlers are functions of the request and the state ([`Judge::answer`]); [`Server`] puts a
//! socket before them.

mod agekey;
mod assertion;
mod authenticate;
mod authorize;
mod bearer;
mod chance;
mod ciba;
mod client_metadata;
pub mod clients;
mod codes;
mod device;
mod dpop;
mod dressipi;
pub mod elide;
mod exchange;
pub mod fault;
mod form;
mod generic;
mod hostile;
mod id_token;
mod introspection;
mod issue;
pub mod judge;
pub mod jws;
pub mod message;
mod metadata;
mod pingone;
mod polled;
pub mod print;
mod pushed;
mod refusal;
mod registration;
mod reports;
mod request_object;
mod revocation;
mod rules;
mod scope;
mod socket;
mod targets;
mod token;
mod tokens;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use self::{
    clients::{Authentication, Client, Pkce, Possession, RedirectRule, Rotation, System},
    fault::{Decision, Fault},
    judge::Judge,
    message::{Received, Reply},
    print::Printer,
};

/// How many requests can be read at the same time.
const WORKERS: usize = 4;

/// Where the server's time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The time of this machine.
    System,
    /// Seconds since the Unix epoch, moved by whoever shares the counter.
    Manual(Arc<AtomicU64>),
    /// From this moment on, so many times as fast as the system's.
    Fast {
        /// When it was right.
        since: SystemTime,
        /// How many of its seconds pass in one.
        times: u32,
    },
}

impl Clock {
    /// The moment it shows.
    pub fn time(&self) -> SystemTime {
        match self {
            Self::System => SystemTime::now(),
            Self::Manual(seconds) => {
                UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::Acquire))
            }
            Self::Fast { since, times } => {
                let passed = SystemTime::now().duration_since(*since).unwrap_or_default();
                *since + passed.saturating_mul(*times)
            }
        }
    }

    /// Seconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        self.time().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

/// What a server starts with.
#[derive(Clone)]
pub struct Config {
    /// Codes, tokens and identifiers are drawn from this.
    pub seed: String,
    /// The time that lifetimes are measured by.
    pub clock: Clock,
    /// Who is registered.
    pub clients: Vec<Client>,
    /// Lets programs register at the generic issuer. Without it none can.
    pub initial_access_token: Option<String>,
    /// The one environment there is, a UUID.
    pub pingone_environment: String,
    /// How old AgeKey's user is, in years.
    pub user_age: u64,
}

impl Default for Config {
    /// The system clock, no clients, a user of twelve.
    fn default() -> Self {
        Self {
            seed: "embedded".to_owned(),
            clock: Clock::System,
            clients: Vec::new(),
            initial_access_token: None,
            pingone_environment: "a5b0c1d2-1111-4222-8333-444455556666".to_owned(),
            user_age: 12,
        }
    }
}

/// A running server. Dropping it stops it.
pub struct Server {
    origin: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

struct Shared {
    listener: TcpListener,
    authority: String,
    stop: AtomicBool,
    bench: Mutex<Bench>,
}

/// The judge and the log, under one lock: the log's order is the order of judgement.
struct Bench {
    judge: Judge,
    log: Vec<Received>,
}

impl Server {
    /// Listens on a free port of `127.0.0.1`.
    pub fn start(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let origin = format!("http://{address}");
        let judge = Judge::new(config, &origin)?;
        let shared = Arc::new(Shared {
            listener,
            authority: address.to_string(),
            stop: AtomicBool::new(false),
            bench: Mutex::new(Bench { judge, log: Vec::new() }),
        });
        let mut server = Self { origin, address, shared, workers: Vec::new() };
        for _ in 0..WORKERS {
            let shared = Arc::clone(&server.shared);
            let worker = thread::Builder::new().spawn(move || shared.work())?;
            server.workers.push(worker);
        }
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every request so far, in the order they were judged.
    pub fn received(&self) -> Vec<Received> {
        self.shared.bench().log.clone()
    }

    /// The requests since the last call of this.
    pub fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut self.shared.bench().log)
    }

    /// Queues a fault for the next request to any token endpoint.
    pub fn next_token_reply(&self, fault: Fault) {
        self.shared.bench().judge.next_token_reply(fault);
    }

    /// Queues what the user decides about the next authorization request.
    pub fn next_decision(&self, decision: Decision) {
        self.shared.bench().judge.next_decision(decision);
    }

    /// How many profiles Dressipi has made.
    pub fn profiles(&self) -> u64 {
        self.shared.bench().judge.profiles
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        // Each worker waits in `accept`; one connection wakes one of them.
        for _ in &self.workers {
            drop(TcpStream::connect(self.address));
        }
        for worker in self.workers.drain(..) {
            // A worker that panicked has already said so.
            let _ = worker.join();
        }
    }
}

impl Shared {
    /// Serves connections until the server stops.
    fn work(&self) {
        while !self.stop.load(Ordering::Acquire) {
            match self.listener.accept() {
                Ok((stream, _)) => self.serve(stream),
                Err(_) => thread::yield_now(),
            }
        }
    }

    fn serve(&self, mut stream: TcpStream) {
        let answer = match socket::read(&mut stream, &self.authority, &self.stop) {
            Ok(received) => {
                let mut bench = self.bench();
                let answer = bench.judge.answer(&received);
                bench.log.push(received);
                answer
            }
            Err(socket::NoRequest::Refused(page)) => Some(page),
            Err(socket::NoRequest::Gone) => None,
        };
        match answer {
            // A client that is gone cannot be told.
            Some(reply) => drop(socket::write(&mut stream, &reply)),
            None => socket::drop_connection(&stream),
        }
    }

    fn bench(&self) -> MutexGuard<'_, Bench> {
        self.bench.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
