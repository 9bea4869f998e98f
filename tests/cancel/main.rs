//! A run that is dropped at any await costs nothing that is not on the wire.
//!
//! Each machine is driven by both drivers, with a server, a signer, a store and a timer one of which never answers;
//! the run is dropped there, and the machine is driven again in a world that answers. It must come to its end, unless
//! the request that was dropped presented something that is good once: then the outcome is unknown, it says so,
//! and nothing presents it again.

#[path = "../given/mod.rs"]
mod given;
#[path = "../machines/mod.rs"]
mod machines;
mod server;
mod world;

use std::collections::HashSet;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use grantwire::authorization::Callback;
use grantwire::backchannel::UserHint;
use grantwire::client::PrivateKeyJwt;
use grantwire::dpop::DpopKey;
use grantwire::flow::{
    CibaFlow, CodeFlow, DeviceFlow, Dpop, DriveError, FlowError, IdentityAssertionFlow, Machine,
    Misuse, Outstanding, Persisted, ResourceFlow, Rotation, Session, SessionConfig, TokenFlow,
    TokenSource,
};
use grantwire::grant::TokenTypeIdentifier;
use grantwire::jose::{Algorithm, Signer};
use grantwire::resource::ResourceRequest;
use grantwire::{AccessToken, Client, Timestamp, TokenType};
use proptest::collection::vec;
use proptest::prelude::*;

use given::{CLIENT_ID, client, code_exchange, entropy, json, own_token, pending, server as at_as};
use machines::{at, is_lost};
use world::{KEY, Unanswered, World};

/// One run that was dropped: after so many things asked for, whether what was asked was done all the same, and how
/// the clock stands afterwards.
#[derive(Debug, Clone, Copy)]
struct Cut {
    after: usize,
    is_done: bool,
    later: i64,
    is_blocking: bool,
}

fn moved(now: Timestamp, by: i64) -> Timestamp {
    Timestamp::from_unix_millis(now.as_unix_millis().saturating_add_signed(by * 1000))
}

/// What a dropped run leaves behind: nothing outstanding, and nothing that a late answer could change.
fn let_go<M>(machine: &mut M, world: &World, silent: &Unanswered)
where
    M: Machine + Debug,
{
    assert_eq!(machine.outstanding(), None, "after {silent:?}");
    let before = format!("{machine:?}");
    match silent {
        Unanswered::Sleep => {}
        Unanswered::Send { late, .. } => {
            let told = machine.handle_response(world.now(), late);
            assert_eq!(told, Err(Misuse::NotSending), "a late answer");
            let told = machine.handle_failure(world.now(), machines::NO_ANSWER);
            assert_eq!(told, Err(Misuse::NotSending), "a late failure");
        }
        Unanswered::Sign(unsigned) => {
            let told = machine.handle_signature(&KEY.sign(unsigned).expect("a signature"));
            assert_eq!(told, Err(Misuse::NotSigning), "a late signature");
            let told = machine.handle_failure(world.now(), machines::NOT_SENT);
            assert_eq!(told, Err(Misuse::NotSending), "a late failure of the signer");
        }
        Unanswered::Persist => {
            let told = machine.handle_persisted(world.now(), Persisted::Stored);
            assert_eq!(told, Err(Misuse::NotPersisting), "a store that answers late");
        }
    }
    machine.abandon(world.now());
    assert_eq!(format!("{machine:?}"), before, "it was let go of already");
}

/// What must come of the last run.
fn judge<T: Debug>(
    result: &Result<T, DriveError>,
    dropped: &[Unanswered],
    world: &World,
) -> Result<(), String> {
    let once = dropped.iter().any(|each| matches!(each, Unanswered::Send { once: true, .. }));
    match result {
        Ok(_) if once => Err(format!("what was spent has brought {result:?}")),
        Ok(_) => Ok(()),
        Err(DriveError::Flow(error)) if once && is_lost(error) => Ok(()),
        Err(DriveError::Flow(FlowError::OutcomeUnknown)) if once => Ok(()),
        // A device code is spent when it is approved, and the answer that said so was on the wire.
        Err(DriveError::Flow(FlowError::Reply(_))) if world.has_lost_tokens() => Ok(()),
        Err(error) => Err(format!("{error} ({error:?}) after {dropped:?}")),
    }
}

/// Drives a machine of this make through these cuts and to its end. A macro, since the driver's store fits machines of
/// two kinds.
macro_rules! driven {
    ($make:expr, $cuts:expr, $seen:expr) => {{
        let world = World::new(at(0));
        let mut machine = $make;
        let mut dropped: Vec<Unanswered> = Vec::new();
        let mut ended = None;
        for cut in $cuts {
            let cut: Cut = cut;
            world.falls_silent(cut.after, cut.is_done);
            if cut.is_blocking {
                let mut driver = world.blocking();
                ended = catch_unwind(AssertUnwindSafe(|| driver.run(&mut machine))).ok();
            } else {
                let mut driver = world.driver();
                let mut run = pin!(driver.run(&mut machine));
                let polled = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                ended = match polled {
                    Poll::Ready(result) => Some(result),
                    Poll::Pending => None,
                };
            }
            let silent = world.speaks();
            assert_eq!(silent.is_some(), ended.is_none(), "a run ends, or is dropped");
            let Some(silent) = silent else { break };
            $seen.insert(silent.kind());
            let_go(&mut machine, &world, &silent);
            dropped.push(silent);
            world.set_clock(moved(world.now(), cut.later));
        }
        let result = ended.unwrap_or_else(|| world.blocking().run(&mut machine));
        (result, dropped, world)
    }};
}

/// A run dropped at each await there is, done or not done, now and a while later, by both drivers.
macro_rules! at_every_await {
    ($($name:ident: $make:expr, [$($kind:ident),*];)+) => {
        $(#[test]
        fn $name() {
            let mut seen = HashSet::new();
            for is_blocking in [false, true] {
                for is_done in [false, true] {
                    for later in [0, 5, 61, 4_000, -50] {
                        let mut awaits = 0;
                        for after in 0.. {
                            let cut = Cut { after, is_done, later, is_blocking };
                            let (result, dropped, world) = driven!($make, [cut], seen);
                            if dropped.is_empty() {
                                break;
                            }
                            awaits += 1;
                            if let Err(why) = judge(&result, &dropped, &world) {
                                panic!("{cut:?}: {why}");
                            }
                        }
                        assert!(awaits > 0, "it asks for nothing");
                    }
                }
            }
            let wanted = HashSet::from([$(Kind::$kind.of()),*]);
            assert_eq!(seen, wanted, "other kinds of awaits than were to be tried");
        })+

        mod again_and_again {
            use super::*;

            proptest! {
                $(#[test]
                fn $name(cuts in vec(cut(), 0..6)) {
                    let mut seen = HashSet::new();
                    let (result, dropped, world) = driven!($make, cuts, seen);
                    if let Err(why) = judge(&result, &dropped, &world) {
                        prop_assert!(false, "{why}");
                    }
                })+
            }
        }
    };
}

enum Kind {
    Sleep,
    Send,
    Sign,
    Persist,
}

impl Kind {
    const fn of(&self) -> Option<Outstanding> {
        match self {
            Self::Sleep => None,
            Self::Send => Some(Outstanding::Send),
            Self::Sign => Some(Outstanding::Sign),
            Self::Persist => Some(Outstanding::Persist),
        }
    }
}

fn cut() -> impl Strategy<Value = Cut> {
    let later = prop_oneof![Just(0), -300..300_i64, Just(1_500)];
    (0..9_usize, any::<bool>(), later, any::<bool>())
        .prop_map(|(after, is_done, later, is_blocking)| Cut { after, is_done, later, is_blocking })
}

fn remote() -> Signer {
    Signer::remote(Algorithm::Es256)
}

/// A client whose key is elsewhere.
fn signing() -> Client {
    Client::new(at_as(), CLIENT_ID).auth(PrivateKeyJwt::new(remote()))
}

fn dpop() -> Dpop {
    Dpop::new(DpopKey::new(remote(), &KEY.public_jwk()).expect("a key"))
}

fn code_flow(client: &Client) -> CodeFlow {
    let callback = Callback::from_query("code=SplxlOBeZQQYbYS6WxSbIA&state=xyz");
    CodeFlow::resume(client, pending(client), callback, entropy()).expect("a code")
}

fn device_flow(client: &Client) -> DeviceFlow {
    let at_device = at_as().device_authorization_endpoint("https://as.example/device");
    let body = r#"{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","expires_in":30000}"#;
    let asked = Client::new(at_device, CLIENT_ID).device_authorization();
    let authorization = asked.read(&json(200, body)).expect("a code");
    DeviceFlow::new(client, &authorization, at(0), entropy())
}

fn ciba_flow(client: &Client) -> CibaFlow {
    let at_ciba = at_as().backchannel_authentication_endpoint("https://as.example/ciba");
    let asked =
        Client::new(at_ciba, CLIENT_ID).backchannel_authentication(UserHint::Login("u".into()));
    let body = r#"{"auth_req_id":"1c266114","expires_in":30000,"interval":2}"#;
    CibaFlow::new(client, &asked.read(&json(200, body)).expect("an id"), at(0), entropy())
}

fn identity_assertion_flow(client: &Client) -> IdentityAssertionFlow {
    let kind = TokenTypeIdentifier::ID_TOKEN;
    IdentityAssertionFlow::new(client, client, "e30.e30.id", kind, entropy())
}

fn resource_flow(method: &str, bound: bool) -> ResourceFlow {
    let request = http::Request::builder().method(method).uri("https://api.example/x");
    let kind = if bound { TokenType::Dpop } else { TokenType::Bearer };
    let exchange = ResourceRequest::new(
        request.body(Vec::new()).expect("a request"),
        &AccessToken::new("t", kind),
    );
    let flow = ResourceFlow::new(exchange.expect("a token that is presented"), entropy());
    if bound { flow.dpop(dpop()) } else { flow }
}

fn session(client: &Client) -> Session {
    Session::from_refresh_token(client, "r0", SessionConfig::new(), entropy())
}

fn reusable(client: &Client) -> Session {
    let config = SessionConfig::new().rotation(Rotation::Reusable);
    Session::from_refresh_token(client, "reusable", config, entropy())
}

fn source(client: &Client) -> TokenSource {
    TokenSource::client_credentials(client, SessionConfig::new(), entropy())
}

at_every_await! {
    a_token_flow: TokenFlow::new(own_token(&client()), entropy()), [Send];
    a_token_flow_that_signs: TokenFlow::new(own_token(&signing()), entropy()).dpop(dpop()), [Sign, Send];
    a_token_flow_with_a_code: TokenFlow::new(code_exchange(&client()), entropy()), [Send];
    a_code_flow: code_flow(&client()), [Send];
    a_code_flow_that_signs: code_flow(&signing()).dpop(dpop()), [Sign, Send];
    a_device_flow: device_flow(&client()), [Sleep, Send];
    a_device_flow_that_signs: device_flow(&signing()).dpop(dpop()), [Sleep, Sign, Send];
    a_ciba_flow: ciba_flow(&client()), [Sleep, Send];
    a_ciba_flow_that_signs: ciba_flow(&signing()).dpop(dpop()), [Sleep, Sign, Send];
    an_identity_assertion_flow: identity_assertion_flow(&client()), [Send];
    an_identity_assertion_flow_that_signs: identity_assertion_flow(&signing()).dpop(dpop()), [Sign, Send];
    a_resource_that_is_read: resource_flow("GET", false), [Send];
    a_resource_that_is_written: resource_flow("POST", true), [Sign, Send];
    a_session: session(&client()), [Send, Persist];
    a_session_that_signs: session(&signing()).dpop(dpop()), [Sign, Send, Persist];
    a_session_with_a_reusable_token: reusable(&signing()), [Sign, Send, Persist];
    a_token_source: source(&client()), [Send];
    a_token_source_that_signs: source(&signing()).dpop(dpop()), [Sign, Send];
}
