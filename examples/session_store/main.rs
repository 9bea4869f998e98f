//! A session in a file that several processes share, and what becomes of it when one is killed.
//!
//! ```sh
//! cargo run --example session_store
//! ```
//!
//! The refresh token is good for one use. The program starts itself again as real processes that
//! race for the refresh: one writes a claim and sends, the other waits and takes over what came of
//! it. Then a process is killed between claim and answer: nobody can know whether the refresh token is
//! spent, and the session says so. What happens then is a policy. The server is embedded and on
//! loopback; "ten minutes later" is an argument, since the crate has no clock.

mod process;
mod store;
#[path = "../support/mod.rs"]
mod support;
mod worker;

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use grantwire::Entropy;
use grantwire::authorization::Callback;
use grantwire::flow::{CodeFlow, DriveError, Driver, FlowError, Session};
use grantwire_conformance::{Authentication, Clock, Config, Rotation, Server};
use process::Process;
use store::Store;
use support::Http;
use worker::{GRACE, LENIENT, Orders, STRICT};

const CALLBACK: &str = "https://app.example/cb";
/// Access tokens live for 600 seconds.
const LATER: u64 = 610;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    if !args.is_empty() {
        return worker::run(&Orders::from_args(&args).ok_or("not what a process is told")?);
    }
    let world = World::start()?;

    println!("Two processes, one refresh token");
    let orders = world.sign_in("race", STRICT)?;
    let (mut a, mut b) = (Process::start("A", &orders)?, Process::start("B", &orders)?);
    a.wait_for("ready")?;
    b.wait_for("ready")?;
    a.go()?;
    b.go()?;
    a.wait_for("has the token of generation 3")?;
    b.wait_for("has the token of generation 3")?;
    world.refreshes(1)?;

    println!("\nA process is killed between claim and answer");
    let orders = world.sign_in("killed", STRICT)?;
    kill_one("C", &orders)?;
    let mut d = Process::start("D", &orders)?;
    d.go()?;
    d.wait_for("holds")?;
    // An operator decides; the default is to hold and report.
    let mut session = orders.resume()?;
    let held = orders.drive(&mut session);
    require(matches!(held, Err(DriveError::Flow(FlowError::OutcomeUnknown))), "it still holds")?;
    session.give_up()?;
    match orders.drive(&mut session) {
        Err(DriveError::Flow(error @ FlowError::CredentialDead)) => println!("given up: {error}"),
        _ => return Err("the session did not end".into()),
    }
    world.refreshes(1)?;

    println!("\nThe same, at a server that takes a used refresh token again for half a minute");
    let orders = world.sign_in("grace", LENIENT)?;
    kill_one("E", &orders)?;
    let mut f = Process::start("F", &orders)?;
    f.go()?;
    f.wait_for("has the token of generation")?;
    world.refreshes(2)
}

/// Starts a process and kills it when the server has answered it.
fn kill_one(name: &str, orders: &Orders) -> Outcome<()> {
    let mut process = Process::start(name, &Orders { hang: true, ..orders.clone() })?;
    process.go()?;
    process.wait_for("has an answer")?;
    process.kill()?;
    println!("  {name}  is killed");
    Ok(())
}

/// The server, its clock, and a folder for the stores.
struct World {
    server: Server,
    clock: Arc<AtomicU64>,
    /// How far both are ahead of the system's clock, in seconds.
    later: AtomicU64,
    folder: PathBuf,
}

impl World {
    fn start() -> Outcome<Self> {
        let seconds = support::now().as_unix_seconds();
        let clock = Arc::new(AtomicU64::new(seconds));
        let client = |id, grace| {
            grantwire_conformance::Client::new(id, Authentication::None)
                .redirecting_to(CALLBACK)
                .with_rotation(Rotation::Rotating { grace })
        };
        let clients = vec![client(STRICT, 0), client(LENIENT, GRACE.as_secs())];
        let time = Clock::Manual(Arc::clone(&clock));
        let server = Server::start(Config { clock: time, clients, ..Config::default() })?;
        let name = format!("grantwire-{}-{}", std::process::id(), support::now().as_unix_millis());
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder)?;
        Ok(Self { server, clock, later: AtomicU64::new(0), folder })
    }

    /// A user signs in, and the session is stored. Then ten minutes pass.
    fn sign_in(&self, store: &str, client: &str) -> Outcome<Orders> {
        let folder = self.folder.join(store);
        fs::create_dir(&folder)?;
        let later = self.later.load(Ordering::Acquire);
        let issuer = format!("{}/oauth2", self.server.origin());
        let orders = Orders { issuer, client: client.to_owned(), folder, later, hang: false };
        let (client, http, mut entropy) = (orders.client(), Http::new(), Entropy::from_os()?);
        let started = client.authorization().redirect_uri(CALLBACK).start(&mut entropy)?;
        let callback = Callback::from_url(&support::visit(&http, started.url.as_str())?);
        let mut flow = CodeFlow::resume(&client, started.pending, callback, entropy)?;
        let send = |request, duties, answer_by| http.transport(request, duties, answer_by);
        let tokens = Driver::blocking(|| orders.now(), |_| (), send).run(&mut flow)?;
        let (config, entropy) = (orders.config(), Entropy::from_os()?);
        let mut session = Session::from_response(&client, &tokens, config, orders.now(), entropy);
        orders.drive(&mut session)?;
        let stored = Store::at(&orders.folder).load()?.ok_or("nothing is stored")?;
        require(stored == *session.snapshot(), "what is stored is what is used")?;
        self.clock.fetch_add(LATER, Ordering::AcqRel);
        self.later.fetch_add(LATER, Ordering::AcqRel);
        self.server.take_received();
        Ok(Orders { later: later + LATER, ..orders })
    }

    /// How often the server was asked, which is how often a refresh token was presented.
    fn refreshes(&self, wanted: usize) -> Outcome<()> {
        let count = self.server.take_received().len();
        println!("the server was asked {count} times");
        require(count == wanted, "no refresh token was presented once too often")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
