//! [`Session`]: one scenario for each row of its table, and what it promises about the tokens in it.
//!
//! One process or two, one store, a hand clock. Whole fleets under random faults are in `simulation`.

#[path = "../given/mod.rs"]
mod given;
#[path = "../machines/mod.rs"]
mod machines;

mod abandoned;
mod answers;
mod bound;
mod found;
mod refresh;
mod shared;
mod snapshots;
mod store;
mod table;
mod unknown;

use std::time::Duration;

use grantwire::flow::{
    AfterUnknown, Machine, Persisted, Rotation, SecretSnapshot, Session, SessionConfig, Step,
    Steps, TokenSource,
};
use grantwire::{AccessToken, Client, Entropy, Timestamp, TokenResponse};
use http::{Request, Response};

use given::{client, json, pairs_of, tokens};
use machines::*;

/// Far more than any jitter: a token of an hour is due between 58 and 59 minutes.
const HOUR: u64 = 3_600;
/// A moment at which a token of an hour, received at 0, is due and still usable.
const DUE: u64 = HOUR - 30;

/// A process's random bytes.
fn random(of: u8) -> Entropy {
    Entropy::new([of; 32])
}

fn config() -> SessionConfig {
    SessionConfig::new()
}

fn reusable() -> SessionConfig {
    config().rotation(Rotation::Reusable)
}

fn graceful() -> SessionConfig {
    config()
        .rotation(Rotation::SingleUse { grace: Duration::from_secs(600) })
        .after_unknown(AfterUnknown::ResendWithinGrace)
}

/// An answer with these tokens, the access token for an hour.
fn answered(access: &str, refresh: &str) -> Response<Vec<u8>> {
    json(200, body(access, refresh))
}

fn body(access: &str, refresh: &str) -> String {
    format!(
        r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":3600,"refresh_token":"{refresh}"}}"#
    )
}

fn refusal(code: &str) -> Response<Vec<u8>> {
    json(400, format!(r#"{{"error":"{code}"}}"#))
}

/// The answer to a login, with access token `a0` and refresh token `r0`.
fn login() -> TokenResponse {
    tokens(&body("a0", "r0"))
}

/// A session after a login at second 0, by process 1, its tokens stored.
fn fresh(config: SessionConfig, store: &mut Store) -> Session {
    let mut session = Session::from_response(&client(), &login(), config, at(0), random(1));
    let first = to_store(session.poll(at(0)));
    let outcome = store.swap(&first);
    assert!(outcome == Persisted::Stored, "an empty store takes it");
    session.handle_persisted(at(0), outcome).unwrap();
    session
}

/// Another process's session, from what the store holds.
fn joined(config: SessionConfig, store: &Store, now: Timestamp, process: u8) -> Session {
    Session::resume(&client(), store.held(), config, now, random(process))
        .expect("our own snapshot")
}

/// The refresh token that a request presents.
fn presented(request: &Request<Vec<u8>>) -> String {
    let found = pairs_of(request).into_iter().find(|(name, _)| name == "refresh_token");
    found.expect("a refresh token").1
}

/// Claims, if it wants to, and sends; the machine waits for the reply after it.
fn send(session: &mut Session, store: &mut Store, now: u64) -> Request<Vec<u8>> {
    match session.poll(at(now)) {
        Step::Persist(claim) => {
            session.handle_persisted(at(now), store.swap(&claim)).unwrap();
            sent(session.poll(at(now)))
        }
        step => sent(step),
    }
}

/// The token that driving gives at this moment, without a request.
fn token<S: Steps<Output = AccessToken>>(
    session: &mut impl Machine<Steps = S>,
    now: u64,
) -> String {
    value(session.poll(at(now))).expose().to_owned()
}

/// A store of one session, by compare-and-swap. What it holds are bytes, as on a disk.
#[derive(Default)]
struct Store(Option<Vec<u8>>);

impl Store {
    fn held(&self) -> SecretSnapshot {
        SecretSnapshot::from_bytes(self.0.as_ref().expect("something")).expect("what was stored")
    }

    fn put(&mut self, snapshot: &SecretSnapshot) {
        self.0 = Some(snapshot.to_bytes().to_vec());
    }

    fn swap(&mut self, proposed: &SecretSnapshot) -> Persisted<SecretSnapshot> {
        let next = match &self.0 {
            None => true,
            Some(_) => self.held().generation() + 1 == proposed.generation(),
        };
        if !next {
            return Persisted::Conflict(self.held());
        }
        self.put(proposed);
        Persisted::Stored
    }

    /// Stores what the session hands out at this moment, if that is what it wants.
    fn serve(&mut self, session: &mut Session, now: u64) -> Option<Persisted<SecretSnapshot>> {
        match session.poll(at(now)) {
            Step::Persist(snapshot) => {
                let outcome = self.swap(&snapshot);
                session.handle_persisted(at(now), outcome.clone()).unwrap();
                Some(outcome)
            }
            Step::Send(..) => panic!("a request where something to store was expected"),
            _ => None,
        }
    }
}

/// A client of the same server by another name, and one of another server.
fn strangers() -> [Client; 2] {
    let elsewhere = grantwire::AuthorizationServer::new()
        .issuer("https://other.example")
        .token_endpoint("https://other.example/token");
    [Client::new(given::server(), "another"), Client::new(elsewhere, given::CLIENT_ID)]
}
