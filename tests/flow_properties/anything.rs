//! Any event in any order, to each machine: no panic, never a second request in flight, nothing taken
//! that does not fit, waits that never grow, ends that stay.

use grantwire::authorization::Callback;
use grantwire::backchannel::UserHint;
use grantwire::client::PrivateKeyJwt;
use grantwire::dpop::DpopKey;
use grantwire::flow::{
    AfterUnknown, CibaFlow, CodeFlow, DeviceFlow, Dpop, IdentityAssertionFlow, ResourceFlow,
    Rotation, Session, SessionConfig, Steps, TokenFlow, TokenSource,
};
use grantwire::grant::TokenTypeIdentifier;
use grantwire::jose::{Algorithm, Signer};
use grantwire::resource::ResourceRequest;
use grantwire::{AccessToken, Client, Entropy, TokenType};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;

use super::events::{Happens, KEY, Watcher, happens};
use crate::given::{CLIENT_ID, client, code_exchange, json, own_token, pending, server};
use crate::machines::{Watched, at};

fn entropy() -> Entropy {
    Entropy::new([3; 32])
}

/// A client whose key is elsewhere, or one without.
fn client_of(signs: bool) -> Client {
    let client =
        Client::new(server().device_authorization_endpoint("https://as.example/device"), CLIENT_ID);
    let remote = Signer::remote(Algorithm::Es256);
    if signs { client.auth(PrivateKeyJwt::new(remote)) } else { client }
}

pub fn key(remote: bool) -> Dpop {
    let remote_key = || DpopKey::new(Signer::remote(Algorithm::Es256), &KEY.public_jwk());
    if remote { Dpop::new(remote_key().expect("a key")) } else { Dpop::new(KEY.clone()) }
}

fn device_flow(client: &Client, lifetime: u32) -> DeviceFlow {
    let body = format!(
        r#"{{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","expires_in":{lifetime}}}"#
    );
    let authorization = client.device_authorization().read(&json(200, body)).expect("a code");
    DeviceFlow::new(client, &authorization, at(0), entropy())
}

fn ciba_flow(client: &Client) -> CibaFlow {
    let at_ciba = server().backchannel_authentication_endpoint("https://as.example/ciba");
    let asked =
        Client::new(at_ciba, CLIENT_ID).backchannel_authentication(UserHint::Login("u".into()));
    let body = r#"{"auth_req_id":"1c266114","expires_in":120,"interval":2}"#;
    CibaFlow::new(client, &asked.read(&json(200, body)).expect("an id"), at(0), entropy())
}

pub fn config(which: u8) -> SessionConfig {
    let grace = Duration::from_secs(600);
    let config = SessionConfig::new().patience(u32::from(which % 5));
    match which % 6 {
        0 => config,
        1 => config.rotation(Rotation::Reusable),
        2 => config.rotation(Rotation::SingleUse { grace: Duration::ZERO }),
        3 => config.after_unknown(AfterUnknown::GiveUp),
        4 => config.assume_lifetime(Duration::from_secs(300)).claim_for(Duration::ZERO),
        _ => config
            .rotation(Rotation::SingleUse { grace })
            .after_unknown(AfterUnknown::ResendWithinGrace),
    }
}

fn watch<M>(machine: M, events: &[Happens], command: impl Fn(&mut M, u8))
where
    M: Watched<Steps: Steps<Output: std::fmt::Debug>>,
{
    let mut watcher = Watcher::new(machine, at(0));
    for event in events {
        watcher.happens(event, &command);
    }
}

proptest! {
    #[test]
    fn to_a_token_flow(signs: bool, bound in 0..3_u8, events in vec(happens(), 0..60)) {
        let exchange = if signs { own_token(&client_of(true)) } else { code_exchange(&client()) };
        let flow = TokenFlow::new(exchange, entropy());
        let flow = if bound == 0 { flow } else { flow.dpop(key(bound == 1)) };
        watch(flow, &events, |_, _| {});
    }

    #[test]
    fn to_a_code_flow(signs: bool, bound in 0..3_u8, events in vec(happens(), 0..60)) {
        let client = client_of(signs);
        let callback = Callback::from_query("code=SplxlOBeZQQYbYS6WxSbIA&state=xyz");
        let flow = CodeFlow::resume(&client, pending(&client), callback, entropy()).expect("a code");
        let flow = if bound == 0 { flow } else { flow.dpop(key(bound == 1)) };
        watch(flow, &events, |_, _| {});
    }

    #[test]
    fn to_a_device_flow(
        signs: bool,
        bound in 0..3_u8,
        lifetime in 0..5_000_u32,
        events in vec(happens(), 0..120),
    ) {
        let flow = device_flow(&client_of(signs), lifetime);
        let flow = if bound == 0 { flow } else { flow.dpop(key(bound == 1)) };
        watch(flow, &events, |_, _| {});
    }

    #[test]
    fn to_a_session(
        signs: bool,
        bound in 0..3_u8,
        which: u8,
        events in vec(happens(), 0..160),
    ) {
        let client = client_of(signs);
        let session = Session::from_refresh_token(&client, "r", config(which), entropy());
        let session = if bound == 0 { session } else { session.dpop(key(bound == 1)) };
        watch(session, &events, |session, which| match which % 3 {
            0 => session.refuse_access_token(),
            1 => drop(session.resend()),
            _ => drop(session.give_up()),
        });
    }

    #[test]
    fn to_a_token_source(signs: bool, bound in 0..3_u8, which: u8, events in vec(happens(), 0..160)) {
        let client = client_of(signs);
        let source = TokenSource::client_credentials(&client, config(which), entropy());
        let source = if bound == 0 { source } else { source.dpop(key(bound == 1)) };
        watch(source, &events, |source, _| source.refuse_access_token());
    }

    #[test]
    fn to_a_ciba_flow(
        signs: bool,
        bound in 0..3_u8,
        waits: bool,
        events in vec(happens(), 0..120),
    ) {
        let flow = ciba_flow(&client_of(signs));
        let flow = if bound == 0 { flow } else { flow.dpop(key(bound == 1)) };
        let flow = if waits { flow.wait_for_ping() } else { flow };
        watch(flow, &events, |flow, _| assert!(flow.pinged("1c266114")));
    }

    #[test]
    fn to_an_identity_assertion_flow(
        signs: [bool; 2],
        bound in 0..4_u8,
        events in vec(happens(), 0..100),
    ) {
        let [here, there] = signs.map(client_of);
        let kind = TokenTypeIdentifier::ID_TOKEN;
        let flow = IdentityAssertionFlow::new(&here, &there, "e30.e30.id", kind, entropy());
        let flow = match bound {
            0 => flow,
            1 | 2 => flow.dpop(key(bound == 1)),
            _ => flow.dpop_for_both(key(true)),
        };
        watch(flow, &events, |_, _| {});
    }

    #[test]
    fn to_a_resource_flow(bound in 0..3_u8, safe: bool, events in vec(happens(), 0..60)) {
        let method = if safe { "GET" } else { "POST" };
        let request = http::Request::builder().method(method).uri("https://api.example/x");
        let kind = if bound == 0 { TokenType::Bearer } else { TokenType::Dpop };
        let token = AccessToken::new("t", kind);
        let exchange = ResourceRequest::new(request.body(Vec::new()).expect("a request"), &token);
        let flow = ResourceFlow::new(exchange.expect("a token that is presented"), entropy());
        let flow = if bound == 0 { flow } else { flow.dpop(key(bound == 1)) };
        watch(flow, &events, |_, _| {});
    }
}
