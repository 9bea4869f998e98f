//! What happens to a machine, made of the fuzzer's bytes, and what must hold whatever happens.
//!
//! Events are told whether they fit or not. The machine must take exactly those that fit, have one
//! thing outstanding at a time, lengthen no wait and stay where it has ended.

use std::fmt::Debug;

use arbitrary::Arbitrary;
use grantwire::client::PrivateKeyJwt;
use grantwire::dpop::DpopKey;
use grantwire::flow::{Dpop, Machine, Misuse, Persisted, Step, TransportFailure};
use grantwire::jose::{Algorithm, PublicJwk, Signer, Unsigned};
use grantwire::reply::Reply;
use grantwire::{Client, Entropy, Quirks, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// A client whose key is elsewhere, or one without.
pub fn client(signs: bool) -> Client {
    let client = crate::client(Quirks::new());
    if signs { client.auth(PrivateKeyJwt::new(Signer::remote(Algorithm::EdDsa))) } else { client }
}

/// A DPoP key that is elsewhere. It is RFC 8037's.
pub fn dpop() -> Dpop {
    let public = PublicJwk::from_json(
        r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    );
    let signer = Signer::remote(Algorithm::EdDsa);
    Dpop::new(DpopKey::new(signer, &public.expect("a key")).expect("a key for it"))
}

pub fn entropy() -> Entropy {
    Entropy::new([7; 32])
}

pub fn beginning() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000)
}

#[derive(Debug, Arbitrary)]
pub enum Body {
    Tokens { access: u8, refresh: Option<u8>, expires: u16, bound: bool },
    Error(Code),
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
pub enum Code {
    Pending,
    SlowDown,
    Denied,
    Expired,
    InvalidGrant,
    InvalidClient,
    UseNonce,
    ServerError,
    Other(String),
}

#[derive(Debug, Arbitrary)]
pub struct Answer {
    status: u16,
    nonces: Vec<u8>,
    retry_after: Option<u32>,
    header: Option<(bool, Vec<u8>)>,
    body: Body,
}

#[derive(Debug, Arbitrary)]
pub enum Event {
    Poll,
    Later(u32),
    ClockSet(u64),
    Answer(Answer),
    Failure(bool),
    Sign,
    SignWrongly(Vec<u8>),
    SignAnother,
    Stored,
    NotStored,
    Command(u8),
}

impl Answer {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for nonce in self.nonces.iter().take(3) {
            let value = HeaderValue::from_str(&format!("n{nonce}")).expect("ASCII");
            headers.append("dpop-nonce", value);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert("retry-after", HeaderValue::from(seconds));
        }
        if let Some((challenge, value)) = &self.header {
            let name = if *challenge { "www-authenticate" } else { "content-type" };
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        } else {
            headers.insert("content-type", HeaderValue::from_static("application/json"));
        }
        headers
    }

    fn body(&self) -> Vec<u8> {
        match &self.body {
            Body::Text(text) => text.clone().into_bytes(),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Error(code) => {
                let name = match code {
                    Code::Pending => "authorization_pending",
                    Code::SlowDown => "slow_down",
                    Code::Denied => "access_denied",
                    Code::Expired => "expired_token",
                    Code::InvalidGrant => "invalid_grant",
                    Code::InvalidClient => "invalid_client",
                    Code::UseNonce => "use_dpop_nonce",
                    Code::ServerError => "server_error",
                    Code::Other(text) => text,
                };
                serde_json::json!({ "error": name }).to_string().into_bytes()
            }
            Body::Tokens { access, refresh, expires, bound } => {
                let kind = if *bound { "DPoP" } else { "Bearer" };
                let refresh = refresh.map(|number| format!("r{number}"));
                // One in two says that it is an identity assertion, which only one flow looks at.
                let issued = if access % 2 == 0 { "id-jag" } else { "access_token" };
                let access = format!("a{access}");
                let body = serde_json::json!({
                    "access_token": access,
                    "token_type": kind,
                    "expires_in": expires,
                    "refresh_token": refresh,
                    "issued_token_type": format!("urn:ietf:params:oauth:token-type:{issued}"),
                });
                body.to_string().into_bytes()
            }
        }
    }
}

enum Outstanding {
    Nothing,
    Reply,
    Signature(Unsigned),
    Storing,
}

/// Tells a machine all of this. `sent` hears of each request, `command` gives commands.
pub fn run<M>(
    machine: &mut M,
    events: &[Event],
    mut command: impl FnMut(&mut M, u8),
    mut stored: impl FnMut(&M::Snapshot),
) where
    M: Machine + Debug,
    M::Output: Debug,
{
    let mut now = beginning();
    let mut waits_for = Outstanding::Nothing;
    let mut left = None;
    for event in events {
        let before = format!("{machine:?}");
        let awaits_reply = matches!(waits_for, Outstanding::Reply);
        let awaits_store = matches!(waits_for, Outstanding::Storing);
        let told: Option<(Result<(), Misuse>, bool)> = match event {
            Event::Later(millis) => {
                let later = now.as_unix_millis().saturating_add(u64::from(*millis));
                now = Timestamp::from_unix_millis(later.min(u64::MAX / 2));
                None
            }
            Event::ClockSet(millis) => {
                // At the very end of time nothing can lie ahead, and no wait can be said.
                now = Timestamp::from_unix_millis((*millis).min(u64::MAX / 2));
                None
            }
            Event::Command(which) => {
                command(machine, *which);
                left = None;
                None
            }
            Event::Answer(answer) => {
                let status = StatusCode::from_u16(answer.status % 500 + 100).expect("100 to 599");
                let (headers, body) = (answer.headers(), answer.body());
                Some((machine.handle_reply(now, Reply::new(status, &headers, &body)), awaits_reply))
            }
            Event::Failure(sent) => {
                let failure =
                    if *sent { TransportFailure::Unknown } else { TransportFailure::NotSent };
                let told = machine.handle_failure(now, failure);
                // A signer may fail too, unless the machine has given up on it by itself.
                let signing = matches!(waits_for, Outstanding::Signature(_)) && !*sent;
                let fits = if signing { told.is_ok() } else { awaits_reply };
                Some((told, fits))
            }
            Event::Stored => Some((machine.handle_persisted(now, Persisted::Stored), awaits_store)),
            Event::NotStored => {
                Some((machine.handle_persisted(now, Persisted::Failed), awaits_store))
            }
            Event::Sign => {
                if let Outstanding::Signature(unsigned) = &waits_for
                    && machine.handle_signature(&unsigned.signed([1; 64])).is_ok()
                {
                    waits_for = Outstanding::Nothing;
                }
                None
            }
            Event::SignWrongly(bytes) => {
                if let Outstanding::Signature(unsigned) = &waits_for
                    && bytes.len() != 64
                {
                    let told = machine.handle_signature(&unsigned.signed(bytes.as_slice()));
                    assert!(told.is_err(), "a signature of {} bytes was taken", bytes.len());
                    assert_eq!(format!("{machine:?}"), before);
                }
                None
            }
            Event::SignAnother => {
                let another = Unsigned::new(Algorithm::EdDsa, None, b"{}", b"{}");
                assert!(machine.handle_signature(&another.signed([1; 64])).is_err());
                assert_eq!(format!("{machine:?}"), before);
                None
            }
            Event::Poll => {
                let step = machine.poll(now);
                if awaits_reply {
                    assert!(matches!(step, Step::Outstanding), "a request is in flight");
                }
                let last = left.take();
                match step {
                    Step::Outstanding => assert_eq!(format!("{machine:?}"), before),
                    Step::Wait(until) => {
                        let span = until.saturating_since(now);
                        assert!(!span.is_zero() && last.is_none_or(|last| span <= last));
                        left = Some(span);
                    }
                    Step::Send(..) => {
                        assert!(!awaits_store);
                        waits_for = Outstanding::Reply;
                    }
                    Step::Sign(unsigned) => {
                        assert!(!awaits_store);
                        waits_for = Outstanding::Signature(unsigned);
                    }
                    Step::Persist(snapshot) => {
                        assert!(!awaits_store);
                        stored(&snapshot);
                        waits_for = Outstanding::Storing;
                    }
                    Step::Done(result) => {
                        let again = machine.poll(now);
                        assert!(
                            matches!(again, Step::Done(again) if again.is_ok() == result.is_ok())
                        );
                    }
                }
                None
            }
        };
        if let Some((told, fits)) = told {
            assert_eq!(told.is_ok(), fits, "{told:?} to {event:?}");
            if fits {
                waits_for = Outstanding::Nothing;
                left = None;
            } else {
                assert_eq!(format!("{machine:?}"), before);
            }
        }
    }
}
