//! The process that needs an access token: it drives the stored session, and says what it does.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use grantwire::flow::{
    AfterUnknown, DriveError, Driver, FlowError, Persisted, Rotation, SecretSnapshot, Session,
    SessionConfig,
};
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};

use super::store::Store;
use super::support::Http;

/// A client whose server forgives nothing, and one whose server takes a used refresh token again for
/// half a minute.
pub const STRICT: &str = "https://strict.example";
pub const LENIENT: &str = "https://lenient.example";
pub const GRACE: Duration = Duration::from_secs(30);

/// A claim has to outlast the transport's patience.
const CLAIM: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_millis(1500);

/// What a process is told on its command line.
#[derive(Clone)]
pub struct Orders {
    pub issuer: String,
    pub client: String,
    pub folder: PathBuf,
    /// How many seconds later it is than the system's clock says.
    pub later: u64,
    /// Whether to stop with the server's answer in hand.
    pub hang: bool,
}

impl Orders {
    pub fn to_args(&self) -> Vec<String> {
        let (folder, later) = (self.folder.display().to_string(), self.later.to_string());
        vec![self.issuer.clone(), self.client.clone(), folder, later, self.hang.to_string()]
    }

    pub fn from_args(args: &[String]) -> Option<Self> {
        let [issuer, client, folder, later, hang] = args else { return None };
        Some(Self {
            issuer: issuer.clone(),
            client: client.clone(),
            folder: folder.into(),
            later: later.parse().ok()?,
            hang: hang.parse().ok()?,
        })
    }

    pub fn client(&self) -> Client {
        let at = AuthorizationServer::new()
            .issuer(self.issuer.as_str())
            .authorization_endpoint(&format!("{}/authorize", self.issuer))
            .token_endpoint(&format!("{}/token", self.issuer));
        Client::new(at, self.client.as_str())
    }

    /// What is known of the server, and what to do when nobody can know.
    pub fn config(&self) -> SessionConfig {
        let config = SessionConfig::new().claim_for(CLAIM);
        if self.client == LENIENT {
            config
                .rotation(Rotation::SingleUse { grace: GRACE })
                .after_unknown(AfterUnknown::ResendWithinGrace)
        } else {
            config.rotation(Rotation::SingleUse { grace: Duration::ZERO })
        }
    }

    pub fn now(&self) -> Timestamp {
        super::support::now() + Duration::from_secs(self.later)
    }

    /// What the store holds, as a session.
    pub fn resume(&self) -> Result<Session, Box<dyn Error>> {
        let snapshot = Store::at(&self.folder).load()?.ok_or("nothing is stored")?;
        let entropy = Entropy::from_os()?;
        Ok(Session::resume(&self.client(), snapshot, self.config(), self.now(), entropy)?)
    }

    /// Drives a session until it has a token that is good now, or knows that there is none.
    pub fn drive(&self, session: &mut Session) -> Result<(), DriveError> {
        let (store, http) = (Store::at(&self.folder), Http::with_patience(PATIENCE));
        let sleep = |until: Timestamp| {
            let left = until.saturating_since(self.now());
            println!("waits {} ms", left.as_millis());
            thread::sleep(left);
        };
        let send = |request, duties, answer_by| {
            println!("sends the refresh token");
            // Networks are slow, and the other process shall have time to see the claim.
            thread::sleep(Duration::from_millis(300));
            let answer = http.transport(request, duties, answer_by);
            if self.hang {
                println!("has an answer");
                loop {
                    thread::park();
                }
            }
            answer
        };
        let persist = |snapshot: SecretSnapshot| {
            let outcome = store.swap(&snapshot);
            match &outcome {
                Persisted::Conflict(newer) => {
                    let (own, newer) = (snapshot.generation(), newer.generation());
                    println!("may not write generation {own}: generation {newer} is stored");
                }
                other => println!("writes {snapshot:?}: {other:?}"),
            }
            outcome
        };
        Driver::blocking(|| self.now(), sleep, send).persist(persist).run(session).map(drop)
    }
}

/// The process.
pub fn run(orders: &Orders) -> Result<(), Box<dyn Error>> {
    let mut session = orders.resume()?;
    println!("ready, with generation {}", session.snapshot().generation());
    io::stdin().read_line(&mut String::new())?;
    match orders.drive(&mut session) {
        Ok(()) => println!("has the token of generation {}", session.snapshot().generation()),
        Err(DriveError::Flow(FlowError::OutcomeUnknown)) => {
            println!("holds: {}", FlowError::OutcomeUnknown);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
