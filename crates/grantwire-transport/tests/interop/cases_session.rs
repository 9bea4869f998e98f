//! Sessions: tokens kept fresh at a server that rotates refresh tokens and punishes reuse.
//!
//! Both clocks are moved on together, so that nothing here waits for a token to expire.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use grantwire::authorization::Callback;
use grantwire::flow::{
    CodeFlow, Dpop, DriveError, Driver, FlowError, Persisted, SecretSnapshot, Session,
    SessionConfig, SessionStatus, TokenSource, TransportFailure,
};
use grantwire::grant::RefreshToken;
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::{AccessToken, Client, Timestamp, TokenType};

use crate::browser;
use crate::case::Case;
use crate::expect;

/// A server, a store that several sessions share, and a clock ahead of the real one.
struct World {
    case: Case,
    store: RefCell<Option<SecretSnapshot>>,
    ahead: Cell<u32>,
    sent: Cell<usize>,
    /// The network fails after the server has answered.
    lossy: Cell<bool>,
}

impl World {
    fn new() -> Self {
        Self {
            case: Case::start(),
            store: RefCell::default(),
            ahead: Cell::new(0),
            sent: Cell::new(0),
            lossy: Cell::new(false),
        }
    }

    fn now(&self) -> Timestamp {
        Case::now().saturating_add(Duration::from_secs(self.ahead.get().into()))
    }

    /// A little longer than an access token lives.
    fn later(&self) {
        self.case.server.forward(301);
        self.ahead.set(self.ahead.get() + 301);
    }

    /// A user signs in, and the session is stored.
    fn sign_in(&self, client: &Client) -> Session {
        let tokens = self.case.tokens(client, "openid");
        let config = SessionConfig::new();
        let entropy = Case::new_entropy();
        let mut session = Session::from_response(client, &tokens, config, self.now(), entropy);
        self.drive(&mut session).expect("stored");
        session
    }

    /// Another process, with what the store holds.
    fn resume(&self, client: &Client) -> Session {
        let stored = self.store.borrow().as_ref().expect("something is stored").to_bytes();
        let stored = SecretSnapshot::from_bytes(&stored).expect("what was stored");
        let config = SessionConfig::new();
        Session::resume(client, stored, config, self.now(), Case::new_entropy()).expect("ours")
    }

    /// Compare-and-swap on the generation.
    fn persist(&self, next: SecretSnapshot) -> Persisted<SecretSnapshot> {
        let mut store = self.store.borrow_mut();
        let current = store.as_ref().filter(|held| held.generation() + 1 != next.generation());
        if let Some(newer) = current {
            return Persisted::Conflict(newer.clone());
        }
        *store = Some(next);
        Persisted::Stored
    }

    fn drive(&self, session: &mut Session) -> Result<AccessToken, DriveError> {
        let send = |request, _, _| {
            self.sent.set(self.sent.get() + 1);
            let reply = self.case.server.send(request);
            if self.lossy.get() { Err(TransportFailure::UNKNOWN) } else { Ok(reply) }
        };
        let wait = |until| panic!("nothing here waits, and not until {until:?}");
        Driver::blocking(|| self.now(), wait, send).persist(|next| self.persist(next)).run(session)
    }

    #[track_caller]
    fn opens(&self, token: &AccessToken) {
        assert_eq!(self.case.userinfo(token).expect("claims")["sub"], "alice");
    }
}

#[track_caller]
fn failed(result: Result<AccessToken, DriveError>) -> FlowError {
    match result.expect_err("no token") {
        DriveError::Flow(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn outlive_their_access_tokens_again_and_again() {
    let world = World::new();
    let mut session = world.sign_in(&world.case.client("public"));
    let mut token = world.drive(&mut session).expect("a token");
    assert_eq!(world.sent.get(), 0);
    for round in 1..=3 {
        world.later();
        expect::dead_token(world.case.userinfo(&token));
        let fresh = world.drive(&mut session).expect("a token");
        assert_ne!(fresh, token);
        world.opens(&fresh);
        assert_eq!(world.drive(&mut session).expect("the same"), fresh);
        assert_eq!(world.sent.get(), round);
        token = fresh;
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn two_processes_present_one_refresh_token_once() {
    let world = World::new();
    let client = world.case.client("public");
    let mut one = world.sign_in(&client);
    let mut other = world.resume(&client);
    world.later();
    let token = world.drive(&mut one).expect("a token");
    assert_eq!(world.drive(&mut other).expect("the same"), token);
    assert_eq!(world.sent.get(), 1);
    world.opens(&token);
    // And the other way round.
    world.later();
    let token = world.drive(&mut other).expect("a token");
    assert_eq!(world.drive(&mut one).expect("the same"), token);
    assert_eq!(world.sent.get(), 2);
    world.opens(&token);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_lost_answer_is_held_and_presenting_again_ends_it() {
    let world = World::new();
    let client = world.case.client("public");
    let mut session = world.sign_in(&client);
    world.later();
    world.lossy.set(true);
    assert!(matches!(failed(world.drive(&mut session)), FlowError::OutcomeUnknown));
    world.lossy.set(false);
    // Held, here and in any other process, however often it is asked.
    let mut other = world.resume(&client);
    for session in [&mut session, &mut other] {
        assert!(matches!(failed(world.drive(session)), FlowError::OutcomeUnknown));
        assert_eq!(session.status(), SessionStatus::OutcomeUnknown);
    }
    assert_eq!(world.sent.get(), 1);
    // This server had rotated it. Presented again it counts as stolen, and the crate had said so.
    other.resend().expect("at one's own risk");
    assert!(matches!(failed(world.drive(&mut other)), FlowError::CredentialDead));
    assert_eq!(world.sent.get(), 2);
    assert!(matches!(failed(world.drive(&mut world.resume(&client))), FlowError::CredentialDead));
    assert_eq!(world.sent.get(), 2, "what is stored as dead is not presented");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn signed_out_they_are_dead() {
    let world = World::new();
    let client = world.case.client("basic");
    let mut session = world.sign_in(&client);
    let request = session.revocation().expect("there is something to revoke");
    world.case.exchange(&request).expect("revoked");
    world.later();
    assert!(matches!(failed(world.drive(&mut session)), FlowError::CredentialDead));
    assert_eq!(session.status(), SessionStatus::Dead);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_token_that_a_resource_refuses_is_replaced() {
    let world = World::new();
    let client = world.case.client("public");
    let mut session = world.sign_in(&client);
    let token = world.drive(&mut session).expect("a token");
    session.refuse_access_token();
    let fresh = world.drive(&mut session).expect("a token");
    assert_ne!(fresh, token);
    world.opens(&fresh);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn of_the_client_itself_ask_again_and_store_nothing() {
    let world = World::new();
    let config = SessionConfig::new().scope("api:read");
    let client = world.case.client("post");
    let mut source = TokenSource::client_credentials(&client, config, Case::new_entropy());
    let mut drive = || {
        let send = |request, _, _| {
            world.sent.set(world.sent.get() + 1);
            Ok(world.case.server.send(request))
        };
        let wait = |_| panic!("nothing here waits");
        Driver::blocking(|| world.now(), wait, send).run(&mut source).expect("a token")
    };
    let first = drive();
    assert_eq!(drive(), first);
    world.later();
    assert_ne!(drive(), first);
    assert_eq!(world.sent.get(), 2);
    assert!(world.store.borrow().is_none());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn keep_to_their_key() {
    let world = World::new();
    let client = world.case.client("public");
    let dpop = Dpop::new(LocalKey::generate(Algorithm::Es256).expect("a key"));
    let started = world.case.begin(world.case.authorization(&client, "openid"));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let flow = CodeFlow::resume(&client, started.pending, callback, Case::new_entropy());
    let mut flow = flow.expect("a code").dpop(dpop);
    let tokens = world.case.drive(&mut flow).0.expect("tokens");
    let dpop = flow.into_dpop().expect("the key");
    let (config, entropy) = (SessionConfig::new(), Case::new_entropy());
    let mut session =
        Session::from_response(&client, &tokens, config, world.now(), entropy).dpop(dpop.clone());
    world.drive(&mut session).expect("stored");

    world.later();
    let token = world.drive(&mut session).expect("a token");
    assert_eq!(token.token_type(), &TokenType::Dpop);
    // Another process with another key, or with none, presents nothing: the server would refuse.
    world.later();
    let sent = world.sent.get();
    let stranger = Dpop::new(LocalKey::generate(Algorithm::Es256).expect("a key"));
    for mut session in [world.resume(&client), world.resume(&client).dpop(stranger)] {
        assert!(matches!(failed(world.drive(&mut session)), FlowError::Build(_)));
    }
    assert_eq!(world.sent.get(), sent);
    let mut session = world.resume(&client).dpop(dpop);
    assert_ne!(world.drive(&mut session).expect("a token"), token);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_refresh_token_used_behind_their_back_ends_them() {
    let world = World::new();
    let client = world.case.client("public");
    let tokens = world.case.tokens(&client, "openid");
    let refresh = expect::refresh_token(&tokens);
    let (config, entropy) = (SessionConfig::new(), Case::new_entropy());
    let mut session = Session::from_refresh_token(&client, refresh.clone(), config, entropy);
    // Somebody else, who is no session, was first.
    let stolen = client.token(RefreshToken::new(refresh));
    let thief = world.case.ask(&stolen).expect("tokens");
    assert!(matches!(failed(world.drive(&mut session)), FlowError::CredentialDead));
    // The server has taken the thief's tokens as well.
    expect::dead_token(world.case.userinfo(thief.access_token()));
}
