//! What a session costs in memory while nothing is under way.
//!
//! A test binary of its own, because counting replaces the allocator. The client and the configuration
//! are shared by all sessions and are not counted.

use std::sync::Arc;

use allocation_counter::measure;
use grantwire::dpop::DpopKey;
use grantwire::flow::{
    Dpop, Machine as _, Persisted, SecretSnapshot, Session, SessionConfig, Step,
};
use grantwire::jose::{Algorithm, PublicJwk, Signer};
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
use http::Response;

/// The most bytes for a session at rest, beyond those of its tokens.
const BUDGET: usize = 1024;

const ACCESS_TOKEN: usize = 900;
const REFRESH_TOKEN: usize = 120;

fn client() -> Client {
    let server = AuthorizationServer::new()
        .issuer("https://as.example")
        .token_endpoint("https://as.example/token");
    Client::new(server, "s6BhdRkqt3")
}

fn dpop() -> Dpop {
    let public = PublicJwk::from_json(
        r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#,
    );
    let signer = Signer::remote(Algorithm::Es256);
    Dpop::new(DpopKey::new(signer, &public.expect("a key")).expect("it fits"))
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_unix_seconds(1_752_702_206 + second)
}

fn answer(token_type: &str) -> Response<Vec<u8>> {
    let body = serde_json::json!({
        "access_token": "a".repeat(ACCESS_TOKEN),
        "refresh_token": "r".repeat(REFRESH_TOKEN),
        "token_type": token_type,
        "expires_in": 3600,
    });
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("dpop-nonce", "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    response.body(body.to_string().into_bytes()).expect("a response")
}

/// Drives it until it has a token.
fn drive(session: &mut Session, now: Timestamp, token_type: &str) {
    loop {
        match session.poll(now) {
            Step::Persist(_) => session.handle_persisted(now, Persisted::Stored).expect("asked"),
            Step::Send(..) => session.handle_response(now, &answer(token_type)).expect("asked"),
            Step::Sign(unsigned) => {
                session.handle_signature(&unsigned.signed([1; 64])).expect("asked");
            }
            Step::Done(result) => return drop(result.expect("a token")),
            other => panic!("{other:?}"),
        }
    }
}

/// The bytes a session owns: itself and its part of the heap, without its tokens.
fn owned(make: impl FnOnce() -> Session) -> usize {
    let mut made = None;
    let info = measure(|| made = Some(make()));
    let session = made.expect("it was made");
    assert!(session.access_token(at(3700)).is_some());
    let heap = usize::try_from(info.bytes_current).expect("it owns something");
    size_of::<Session>() + heap - ACCESS_TOKEN - REFRESH_TOKEN
}

#[test]
fn an_idle_session_costs_at_most_a_kibibyte_and_its_tokens() {
    let client = client();
    let config = Arc::new(SessionConfig::new());
    let fresh = || {
        let entropy = Entropy::new([7; 32]);
        Session::from_refresh_token(&client, "r".repeat(REFRESH_TOKEN), config.clone(), entropy)
    };
    let refreshed = |mut session: Session, token_type| {
        drive(&mut session, at(0), token_type);
        // Once more, so that whatever grows has grown.
        drive(&mut session, at(3600), token_type);
        session
    };
    let stored: SecretSnapshot = refreshed(fresh(), "Bearer").snapshot().clone();
    let dpop = dpop();
    let cases = [
        ("refreshed", owned(|| refreshed(fresh(), "Bearer"))),
        ("bound to a key", owned(|| refreshed(fresh().dpop(dpop.clone()), "DPoP"))),
        (
            "resumed",
            owned(|| {
                let entropy = Entropy::new([8; 32]);
                let snapshot = stored.clone();
                let session = Session::resume(&client, snapshot, config.clone(), at(3600), entropy);
                session.expect("it is this client's")
            }),
        ),
    ];
    println!("a session itself: {} bytes", size_of::<Session>());
    for (name, bytes) in cases {
        println!("{name}: {bytes} bytes and its tokens");
        assert!(bytes <= BUDGET, "{name}: {bytes} bytes");
    }
}
