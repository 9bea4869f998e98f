//! By a clock that goes forward: polling is never early and never past the end, whatever is answered.

use std::time::Duration;

use grantwire::flow::{DeviceFlow, Machine as _, Step};
use grantwire::{Client, Entropy, RetryAfter, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use super::events::{Made, made};
use crate::given::{CLIENT_ID, json, server};
use crate::machines::at;

fn flow(interval: u64, lifetime: u64) -> DeviceFlow {
    let at_door = server().device_authorization_endpoint("https://as.example/device");
    let client = Client::new(at_door, CLIENT_ID);
    let body = format!(
        r#"{{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d",
            "expires_in":{lifetime},"interval":{interval}}}"#
    );
    let authorization = client.device_authorization().read(&json(200, body)).expect("a code");
    DeviceFlow::new(&client, &authorization, at(0), Entropy::new([3; 32]))
}

/// An answer to a poll after which it goes on: later, no faster, or nobody knows.
fn going_on() -> impl Strategy<Value = Option<Made>> {
    let made_of = |status, body: &str, headers: Vec<(&'static str, String)>| {
        Some(Made { status, headers, body: body.as_bytes().to_vec() })
    };
    prop_oneof![
        Just(None),
        Just(made_of(400, r#"{"error":"authorization_pending"}"#, vec![])),
        Just(made_of(400, r#"{"error":"slow_down"}"#, vec![])),
        (0..200_u32).prop_map(move |seconds| {
            made_of(503, "", vec![("retry-after", seconds.to_string())])
        }),
        made().prop_map(Some),
    ]
}

/// How long the answer asks to be left alone: the shortest of what its `Retry-After` lines say, moments that
/// have passed left aside.
fn asked(made: &Made, now: Timestamp) -> Duration {
    let lines = made.headers.iter().filter(|(name, _)| *name == "retry-after");
    let waits = lines.filter_map(|(_, value)| match value.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            let wait = RetryAfter::At(date.into()).from_now(now);
            (!wait.is_zero()).then_some(wait)
        }
    });
    waits.min().unwrap_or_default()
}

proptest! {
    #[test]
    fn never_early_and_never_past_the_end(
        interval in 1..60_u64,
        lifetime in 1..3_000_u64,
        answers in vec((going_on(), 0..20_000_u64), 0..60),
        idle in vec(0..120_000_u64, 1..60),
    ) {
        let mut flow = flow(interval, lifetime);
        let end = at(lifetime);
        let (mut now, mut answers) = (at(0), answers.into_iter());
        let mut not_before = at(interval);
        let mut pace = interval;
        for step in idle.iter().cycle().take(400) {
            match flow.poll(now) {
                Step::Wait(until) => {
                    prop_assert!(now < until && until <= end);
                    // Sometimes it is polled before its time, sometimes long after.
                    let next = now + Duration::from_millis(*step);
                    now = if *step % 3 == 0 { next } else { until };
                }
                Step::Send(..) => {
                    prop_assert!(now >= not_before, "{now:?} is before {not_before:?}");
                    prop_assert!(now < end, "{now:?} is past {end:?}");
                    let Some((answer, took)) = answers.next() else { break };
                    now = now + Duration::from_millis(took);
                    let mut pause = Duration::ZERO;
                    match answer {
                        None => {
                            let unknown = grantwire::flow::TransportFailure::UNKNOWN;
                            flow.handle_failure(now, unknown).expect("it waits for one");
                        }
                        Some(made) => {
                            made.tell(&mut flow, now).expect("it waits for one");
                            pause = asked(&made, now);
                            if made.body.starts_with(br#"{"error":"slow_down"}"#) && flow.state() == "Waiting" {
                                // 5xx beats the body; 503 and 429 are no less than the pace either.
                                pace += u64::from(made.status < 500) * 5;
                            }
                        }
                    }
                    not_before = now + pause.max(Duration::from_secs(pace));
                }
                Step::Done(_) => break,
                _ => prop_assert!(false, "nothing else is wanted"),
            }
        }
    }
}
