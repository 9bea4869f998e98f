//! Made-up events, and one that tells them to a machine and watches it.

use std::fmt::Debug;
use std::sync::LazyLock;

use grantwire::flow::{FlowError, Misuse, Persisted, Step, TransportFailure};
use grantwire::jose::{Algorithm, LocalKey, Unsigned};
use grantwire::reply::Reply;
use grantwire::{Resend, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::machines::Watched;

/// The one key there is; making one takes longer than everything else here.
pub static KEY: LazyLock<LocalKey> =
    LazyLock::new(|| LocalKey::generate(Algorithm::Es256).expect("a key"));

/// A reply of any kind.
#[derive(Debug, Clone)]
pub struct Made {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// Something that happens to a machine.
#[derive(Debug, Clone)]
pub enum Happens {
    /// The clock goes forward so many milliseconds, or is set to any moment.
    Later(u32),
    ClockSet(u64),
    Polled,
    Answered(Made),
    Failed(TransportFailure),
    /// The right signature, a damaged one, or one of something else.
    Signed(u8),
    Stored,
    NotStored,
    /// A command, where there are any.
    Told(u8),
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let tokens = (0..4_u8, any::<u8>()).prop_map(|(kind, number)| {
        let kind = ["Bearer", "DPoP", "mac", "N_A"][usize::from(kind)];
        format!(
            r#"{{"access_token":"a{number}","token_type":"{kind}","expires_in":{},"refresh_token":"r{number}"}}"#,
            u32::from(number) * 20
        )
    });
    let errors = prop::sample::select(vec![
        "authorization_pending",
        "slow_down",
        "access_denied",
        "expired_token",
        "invalid_grant",
        "invalid_client",
        "use_dpop_nonce",
        "server_error",
        "what",
    ]);
    let errors = errors.prop_map(|code| format!(r#"{{"error":"{code}"}}"#));
    prop_oneof![
        4 => tokens.prop_map(String::into_bytes),
        4 => errors.prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..64),
        1 => "[\\[{\"a-z:,0-9\\]} ]{0,40}".prop_map(String::into_bytes),
    ]
}

fn header() -> impl Strategy<Value = (&'static str, String)> {
    prop_oneof![
        Just(("content-type", "application/json".to_owned())),
        Just(("content-type", "text/html".to_owned())),
        "[a-z0-9\\\\ \"]{0,6}".prop_map(|nonce| ("dpop-nonce", nonce)),
        "[0-9]{1,24}".prop_map(|seconds| ("retry-after", seconds)),
        Just(("retry-after", "Fri, 15 Jan 2027 08:02:00 GMT".to_owned())),
        Just(("www-authenticate", r#"DPoP error="use_dpop_nonce""#.to_owned())),
        "[ -~]{0,24}".prop_map(|challenge| ("www-authenticate", challenge)),
    ]
}

pub fn made() -> impl Strategy<Value = Made> {
    let status = prop_oneof![6 => Just(200), 6 => Just(400), 3 => Just(401), 2 => 100..600_u16];
    (status, vec(header(), 0..3), body()).prop_map(|(status, headers, body)| Made {
        status,
        headers,
        body,
    })
}

pub fn happens() -> impl Strategy<Value = Happens> {
    let failure = prop::sample::select(vec![TransportFailure::NotSent, TransportFailure::Unknown]);
    prop_oneof![
        3 => (0..10_000_u32).prop_map(Happens::Later),
        2 => (0..4_000_000_u32).prop_map(Happens::Later),
        1 => any::<u64>().prop_map(Happens::ClockSet),
        12 => Just(Happens::Polled),
        6 => made().prop_map(Happens::Answered),
        2 => failure.prop_map(Happens::Failed),
        6 => any::<u8>().prop_map(Happens::Signed),
        6 => Just(Happens::Stored),
        1 => Just(Happens::NotStored),
        1 => any::<u8>().prop_map(Happens::Told),
    ]
}

impl Made {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        headers
    }

    /// Tells it to a machine.
    pub fn tell<M: Watched>(&self, machine: &mut M, now: Timestamp) -> Result<(), Misuse> {
        let status = StatusCode::from_u16(self.status).expect("a status");
        machine.handle_reply(now, Reply::new(status, &self.headers(), &self.body))
    }
}

/// What a machine is waiting for, as its watcher knows.
#[derive(Debug, Clone)]
enum Outstanding {
    Nothing,
    Reply,
    Signature(Unsigned),
    Storing,
}

/// Tells a machine what happens, and checks what must always hold.
pub struct Watcher<M: Watched> {
    pub machine: M,
    pub now: Timestamp,
    outstanding: Outstanding,
    /// How long it was told to wait the last time, if nothing has happened since but time.
    left: Option<u64>,
    over: bool,
}

impl<M> Watcher<M>
where
    M: Watched,
    M::Output: Debug,
{
    pub fn new(machine: M, now: Timestamp) -> Self {
        let outstanding = Outstanding::Nothing;
        Self { machine, now, outstanding, left: None, over: false }
    }

    /// Tells it. Whatever does not fit is refused and changes nothing.
    pub fn happens(&mut self, event: &Happens, command: impl Fn(&mut M, u8)) {
        let before = self.machine.stands();
        let refused = match event {
            Happens::Later(millis) => {
                let later = self.now.as_unix_millis().saturating_add(u64::from(*millis));
                self.now = Timestamp::from_unix_millis(later);
                return;
            }
            Happens::ClockSet(millis) => {
                self.now = Timestamp::from_unix_millis(*millis);
                return;
            }
            Happens::Polled => return self.poll(),
            Happens::Told(which) => {
                command(&mut self.machine, *which);
                self.left = None;
                return;
            }
            Happens::Answered(made) => {
                let taken = made.tell(&mut self.machine, self.now);
                self.taken(taken, matches!(self.outstanding, Outstanding::Reply))
            }
            Happens::Failed(failure) => {
                let taken = self.machine.handle_failure(self.now, *failure);
                let signing = matches!(self.outstanding, Outstanding::Signature(_));
                if signing && *failure == TransportFailure::NotSent {
                    // A signer that failed, unless the machine has given up on it by itself.
                    if taken.is_ok() {
                        self.outstanding = Outstanding::Nothing;
                        self.left = None;
                    }
                    taken.is_err()
                } else {
                    self.taken(taken, matches!(self.outstanding, Outstanding::Reply))
                }
            }
            Happens::Signed(how) => self.sign(*how),
            Happens::Stored | Happens::NotStored => {
                let stored = matches!(event, Happens::Stored);
                let outcome = if stored { Persisted::Stored } else { Persisted::Failed };
                let taken = self.machine.handle_persisted(self.now, outcome);
                self.taken(taken, matches!(self.outstanding, Outstanding::Storing))
            }
        };
        if refused {
            assert_eq!(self.machine.stands(), before, "{event:?} was refused");
        }
    }

    /// Notes that an event was taken, and that it was taken exactly when it fits.
    fn taken(&mut self, result: Result<(), Misuse>, fits: bool) -> bool {
        assert_eq!(result.is_ok(), fits, "{result:?} while waiting for {:?}", self.outstanding);
        if fits {
            self.outstanding = Outstanding::Nothing;
            self.left = None;
        }
        !fits
    }

    fn sign(&mut self, how: u8) -> bool {
        let stray = Unsigned::new(Algorithm::Es256, None, b"{}", b"{}");
        let asked = match &self.outstanding {
            Outstanding::Signature(unsigned) => Some(unsigned.clone()),
            _ => None,
        };
        let unsigned = asked.as_ref().unwrap_or(&stray);
        let (signature, right) = match how % 4 {
            0 => (stray.signed([1; 64]), false),
            1 => (unsigned.signed(vec![how; usize::from(how % 64)]), false),
            _ => (KEY.sign(unsigned).expect("a signature"), asked.is_some()),
        };
        let taken = self.machine.handle_signature(&signature);
        if !right {
            // A machine may have given up on a signature, so the kind of refusal is its own.
            assert!(taken.is_err(), "a wrong signature was taken");
            return true;
        }
        if taken.is_ok() {
            self.outstanding = Outstanding::Nothing;
        }
        taken.is_err()
    }

    /// Polls, twice, and checks that the second time is no other than the first.
    fn poll(&mut self) {
        let awaits_reply = matches!(self.outstanding, Outstanding::Reply);
        let awaits_store = matches!(self.outstanding, Outstanding::Storing);
        let before = self.machine.stands();
        let step = self.machine.poll(self.now);
        assert!(
            !awaits_reply || matches!(step, Step::Outstanding),
            "a request is in flight, and it says something else"
        );
        if awaits_store {
            assert!(!matches!(step, Step::Send(..) | Step::Sign(_) | Step::Persist(_)));
        }
        if self.over {
            assert!(matches!(step, Step::Done(_)), "it was over");
            assert_eq!(self.machine.stands(), before);
        }
        let left = self.left.take();
        match step {
            Step::Outstanding => return assert_eq!(self.machine.stands(), before),
            Step::Wait(until) => {
                let now = until.saturating_since(self.now).as_millis() as u64;
                assert!(now > 0, "a wait for nothing");
                assert!(left.is_none_or(|left| now <= left), "the wait grew: {left:?} to {now}");
                self.left = Some(now);
                let again = self.machine.poll(self.now);
                return assert!(
                    matches!(again, Step::Wait(same) if same == until),
                    "a wait repeats"
                );
            }
            Step::Send(request, duties) => {
                assert!(request.uri().scheme().is_some());
                assert!(
                    !request.headers().contains_key("dpop")
                        || duties.resend == Resend::OnlyIfNotSent
                );
                self.outstanding = Outstanding::Reply;
            }
            Step::Sign(unsigned) => self.outstanding = Outstanding::Signature(unsigned),
            Step::Persist(_) => self.outstanding = Outstanding::Storing,
            Step::Done(result) => {
                self.ended(&result);
                return;
            }
        }
        let stands = self.machine.stands();
        assert!(matches!(self.machine.poll(self.now), Step::Outstanding), "handed out once");
        assert_eq!(self.machine.stands(), stands);
    }

    fn ended(&mut self, result: &Result<M::Output, FlowError>) {
        // A session is never over for good; the others stay where they are.
        self.over = matches!(self.machine.stands(), "Done" | "Failed");
        let again = self.machine.poll(self.now);
        match (result, again) {
            (Ok(_), Step::Done(Ok(_))) => {}
            (Err(first), Step::Done(Err(second))) => {
                assert_eq!(first.to_string(), second.to_string());
            }
            _ => panic!("what is done was said otherwise the second time"),
        }
    }
}
