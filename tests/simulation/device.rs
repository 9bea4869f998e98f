//! Device flows in the same kind of world: never early, never after the end, and always an end.

use grantwire::device::DeviceAuthorization;
use grantwire::flow::{DeviceFlow, Dpop, FlowError, Machine as _, Step, TransportFailure};
use grantwire::reply::FailureClass;
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
use http::Response;
use sha2::{Digest as _, Sha256};

use crate::chance::Chance;
use crate::plan::{SIGNATURE, key};
use crate::server::{BEGINNING, Device, Effect, Fault, Manners, Rotates, Server};

const FAULTS: &[Fault] = &[
    Fault::TooMany,
    Fault::Unavailable,
    Fault::UnavailableAfter,
    Fault::NoRoute,
    Fault::Before,
    Fault::Forbidden,
    Fault::HtmlAfter,
];

/// How one device flow ended, and the hash of all that happened.
pub struct Ended {
    pub result: &'static str,
    pub polls: u64,
    pub trace: Vec<u8>,
}

struct Clock {
    now: u64,
    offset: i64,
}

impl Clock {
    fn says(&self) -> Timestamp {
        Timestamp::from_unix_millis((BEGINNING + self.now).saturating_add_signed(self.offset))
    }
}

fn authorization(client: &Client, interval: u64, lifetime: u64) -> DeviceAuthorization {
    let body = serde_json::json!({
        "device_code": "the-code", "user_code": "WDJB-MJHT",
        "verification_uri": "https://as.example/device",
        "interval": interval, "expires_in": lifetime,
    });
    let response = Response::builder().header("content-type", "application/json");
    let response = response.body(body.to_string().into_bytes()).expect("a response");
    client.device_authorization().read(&response).expect("an authorization")
}

/// Runs one flow. Jumps of its clock are drawn too, when the seed says so.
pub fn run(seed: u64) -> Ended {
    let chance = &mut Chance::new(seed ^ 0xDE71CE);
    let dpop = chance.permille(400);
    let mut server = Server::new(Manners {
        rotates: Rotates::Always,
        grace_ms: 0,
        lifetime_s: 600,
        says_lifetime: true,
        dpop,
        nonce_ms: 45_000,
    });
    let (interval, lifetime) = (chance.between(1, 12), chance.between(60, 900));
    let jumps = chance.permille(300);
    let faults = chance.pick(&[0, 50, 300]);
    let decided_at = chance.between(1000, 1_200_000);
    server.add_device(
        "the-code",
        Device {
            decided_at,
            approved: chance.permille(700),
            ends_at: lifetime * 1000,
            interval_ms: interval * 1000,
            last_poll: None,
            early: 0,
        },
    );
    let at = AuthorizationServer::new()
        .token_endpoint("https://as.example/token")
        .device_authorization_endpoint("https://as.example/device");
    let client = Client::new(at, "tv");
    let mut clock = Clock { now: 0, offset: 0 };
    let entropy = Entropy::new(chance.bytes());
    let authorization = authorization(&client, interval, lifetime);
    let mut flow = DeviceFlow::new(&client, &authorization, clock.says(), entropy);
    if dpop {
        flow = flow.dpop(Dpop::new(key()));
    }
    let mut trace = Sha256::new();
    let (mut polls, mut not_before, mut nonce_retries) = (0, 0, 0);
    // The true moment before which nothing may be sent, by what the machine itself has said.
    let mut waiting = 0;
    // Whether the server has been heard to speak of the code.
    let mut spoken = false;
    let mut forward = 0;
    let result = loop {
        assert!(clock.now < 3 * 3_600_000, "GRANTWIRE_SIM_SEED={seed}: it does not end");
        if jumps && chance.permille(60) {
            let by = chance.between(0, 240_000) as i64 - 120_000;
            clock.offset += by;
            let gained = u64::try_from(by).unwrap_or(0);
            forward += gained;
            not_before -= gained.min(not_before);
            waiting -= gained.min(waiting);
        }
        match flow.poll(clock.says()) {
            Step::Done(Ok(_)) => break "approved",
            Step::Done(Err(FlowError::Expired)) => break "expired",
            Step::Done(Err(FlowError::Reply(error)))
                if error.class() == FailureClass::Definitive =>
            {
                break "refused";
            }
            Step::Done(Err(FlowError::Reply(_) | FlowError::Transport(_))) => {
                assert!(!spoken, "GRANTWIRE_SIM_SEED={seed}: it goes on until the code's end");
                break "not reached";
            }
            Step::Done(Err(error)) => panic!("GRANTWIRE_SIM_SEED={seed}: {error}"),
            Step::Outstanding => panic!("GRANTWIRE_SIM_SEED={seed}: nothing is outstanding"),
            Step::Wait(until) => {
                let span = until.saturating_since(clock.says()).as_millis() as u64;
                assert!(span > 0, "GRANTWIRE_SIM_SEED={seed}: a wait for a moment that is past");
                waiting = clock.now + span;
                nonce_retries = 0;
                clock.now += if chance.permille(100) { chance.between(0, span) } else { span };
            }
            Step::Sign(unsigned) => {
                clock.now += chance.between(0, 4000);
                let result = flow.handle_signature(&unsigned.signed(SIGNATURE));
                result.expect("the signature was asked for");
            }
            Step::Send(request, ..) => {
                polls += 1;
                trace.update(clock.now.to_le_bytes());
                assert!(
                    clock.now >= waiting,
                    "GRANTWIRE_SIM_SEED={seed}: before the end of its wait"
                );
                assert!(
                    clock.now >= not_before,
                    "GRANTWIRE_SIM_SEED={seed}: Retry-After is not honoured"
                );
                assert!(
                    clock.now + forward < lifetime * 1000 || jumps,
                    "GRANTWIRE_SIM_SEED={seed}: after the end of the code"
                );
                let is_sent = !chance.permille(faults / 2);
                let fault = chance.permille(faults).then(|| chance.pick(FAULTS));
                clock.now += chance.between(5, 300);
                let failure = match is_sent {
                    false if chance.permille(500) => Some(TransportFailure::NOT_SENT),
                    false => Some(TransportFailure::UNKNOWN),
                    true => None,
                };
                if let Some(failure) = failure {
                    clock.now += chance.between(5, 20_000);
                    flow.handle_failure(clock.says(), failure).expect("a request is out");
                    continue;
                }
                let answer = server.answer(clock.now, &request, fault, false, chance);
                trace.update(answer.response.body());
                clock.now += chance.between(5, 2000);
                not_before = answer.not_before(clock.now, !jumps);
                nonce_retries += u32::from(answer.effect == Effect::NonceAsked);
                assert!(
                    nonce_retries <= 2,
                    "GRANTWIRE_SIM_SEED={seed}: a second repetition for a nonce"
                );
                let body = String::from_utf8_lossy(answer.response.body());
                spoken |= body.contains("authorization_pending") || body.contains("slow_down");
                flow.handle_response(clock.says(), &answer.response).expect("a request is out");
            }
        }
    };
    let early = server.device("the-code").early;
    assert!(
        early == 0 || jumps,
        "GRANTWIRE_SIM_SEED={seed}: the server saw {early} polls before their time"
    );
    if faults == 0 && !jumps && decided_at + 60_000 < lifetime * 1000 {
        assert_ne!(result, "expired", "GRANTWIRE_SIM_SEED={seed}: there was time enough");
    }
    Ended { result, polls, trace: trace.finalize().to_vec() }
}
