//! A device flow that hears the same failure again and again: whether it goes on, how slowly, and how it ends.

use std::time::Duration;

use grantwire::device::DeviceAuthorization;
use grantwire::flow::{DeviceFlow, FlowError, Machine, Step, TransportFailure};
use grantwire::{Client, Meaning, Quirks};
use http::Response;

use crate::given::*;
use crate::machines::at;
use crate::replies::{Poll, REPLIES};
use crate::reply_of;

const PENDING: &str = r#"{"error":"authorization_pending"}"#;
const LIFETIME: u64 = 900;

fn client() -> Client {
    Client::new(server().device_authorization_endpoint("https://as.example/device"), CLIENT_ID)
}

fn authorization(client: &Client) -> DeviceAuthorization {
    let body = format!(
        r#"{{"device_code":"GmRh","user_code":"W","verification_uri":"https://a.example","expires_in":{LIFETIME},"interval":5}}"#
    );
    client.device_authorization().read(&json(200, body)).expect("a device code")
}

/// The seconds at which it polled, and how it ended, with answers as they are asked for.
fn polls(
    flow: &mut DeviceFlow,
    mut answers: impl FnMut(usize) -> Response<Vec<u8>>,
) -> (Vec<u64>, FlowError) {
    let (mut polled, mut now) = (Vec::new(), at(0));
    loop {
        match flow.poll(now) {
            Step::Wait(until) => now = until,
            Step::Send(..) => {
                let second = now.as_unix_seconds() - at(0).as_unix_seconds();
                flow.handle_response(now, &answers(polled.len())).expect("asked");
                polled.push(second);
            }
            Step::Done(result) => return (polled, result.expect_err("no tokens ever came")),
            _ => panic!("nothing else is outstanding"),
        }
    }
}

fn flow(client: &Client) -> DeviceFlow {
    DeviceFlow::new(client, &authorization(client), at(0), entropy())
}

fn pauses(polled: &[u64]) -> Vec<u64> {
    polled.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn each_reply_as_the_first_and_every_answer() {
    for row @ (who, status, _, body, .., poll) in REPLIES {
        let (polled, end) = polls(&mut flow(&client()), |_| reply_of(row));
        let what = format!("{who}: {status} {body}: {polled:?} {end}");
        let growing = pauses(&polled).windows(2).all(|pair| pair[0] < pair[1]);
        match poll {
            Poll::Ends => assert!(polled.len() == 1 && end.reply().is_some(), "{what}"),
            Poll::GoesOn => {
                assert!(polled.len() == 4 && end.reply().is_some(), "{what}");
                assert!(growing, "{what}");
            }
            Poll::Waits => {
                assert!(matches!(end, FlowError::Expired), "{what}");
                assert!(pauses(&polled).iter().all(|pause| *pause == 5), "{what}");
            }
            Poll::Slows => {
                assert!(matches!(end, FlowError::Expired), "{what}");
                assert!(pauses(&polled).windows(2).all(|pair| pair[0] + 5 == pair[1]), "{what}");
            }
        }
    }
}

#[test]
fn each_reply_after_the_endpoint_has_spoken() {
    for row @ (who, status, _, body, .., poll) in REPLIES {
        let mut flow = flow(&client());
        let (polled, end) = polls(&mut flow, |number| match number {
            0 => json(400, PENDING),
            _ => reply_of(row),
        });
        let what = format!("{who}: {status} {body}: {polled:?} {end}");
        if *poll == Poll::Ends {
            assert!(polled.len() == 2 && end.reply().is_some(), "{what}");
            continue;
        }
        assert!(matches!(end, FlowError::Expired), "{what}");
        let kept = flow.last_failure().is_some();
        assert_eq!(kept, *poll == Poll::GoesOn, "{what}");
    }
}

/// An ingress says 404 for seconds during each deployment.
#[test]
fn a_deployment_does_not_end_a_login() {
    let mut flow = flow(&client());
    let tokens = r#"{"access_token":"a1","token_type":"Bearer"}"#;
    let mut now = at(0);
    let answers = [
        json(400, PENDING),
        answer(404, &[("content-type", "text/html")], "<html>"),
        answer(502, &[], ""),
        json(404, r#"{"message":"no Route matched"}"#),
        json(400, PENDING),
        json(200, tokens),
    ];
    let mut answers = answers.iter();
    let end = loop {
        match flow.poll(now) {
            Step::Wait(until) => now = until,
            Step::Send(..) => {
                flow.handle_response(now, answers.next().expect("one")).expect("asked")
            }
            Step::Done(result) => break result.expect("tokens"),
            _ => panic!("nothing else is outstanding"),
        }
    };
    assert_eq!(end.access_token().expose(), "a1");
    // 5, then the failures 10, 20 and 40, then the interval again.
    assert_eq!(now, at(5 + 5 + 10 + 20 + 40 + 5));
}

#[test]
fn patience_is_the_callers_and_counts_what_was_sent() {
    for patience in [0, 1, 2, 7] {
        let mut flow = flow(&client()).patience(patience);
        let (polled, _) = polls(&mut flow, |_| answer(404, &[], ""));
        assert_eq!(polled.len() as u32, patience.max(1), "{patience}");
    }
    for (failure, ends) in [(TransportFailure::NOT_SENT, false), (TransportFailure::UNKNOWN, true)]
    {
        let mut flow = flow(&client());
        let (mut now, mut tries) = (at(0), 0);
        let end = loop {
            match flow.poll(now) {
                Step::Wait(until) => now = until,
                Step::Send(..) => {
                    tries += 1;
                    flow.handle_failure(now, failure.clone()).expect("asked");
                }
                Step::Done(result) => break result.expect_err("no tokens"),
                _ => panic!("nothing else is outstanding"),
            }
        };
        assert_eq!(matches!(end, FlowError::Transport(_)), ends, "{failure:?}");
        assert_eq!(tries == 4, ends, "{failure:?}: {tries}");
    }
}

/// The endpoint has spoken of the code, though it is failing.
#[test]
fn a_word_under_any_line_lengthens_patience() {
    for status in [500, 503, 429, 425] {
        let mut flow = flow(&client());
        let (_, end) = polls(&mut flow, |number| match number {
            0 => json(status, PENDING),
            _ => answer(404, &[], ""),
        });
        assert!(matches!(end, FlowError::Expired), "{status}: {end}");
    }
}

/// Tokens come once, so the answer that may have brought them is not forgotten for a later failure.
#[test]
fn an_answer_that_may_hold_tokens_is_kept() {
    let mut flow = flow(&client());
    let lost = r#"{"access_token":"a1","expires_in":60}"#;
    let (polled, end) = polls(&mut flow, |number| match number {
        0 => json(400, PENDING),
        1 => json(200, lost),
        2 => answer(502, &[], ""),
        _ => json(400, r#"{"error":"invalid_grant"}"#),
    });
    assert_eq!(polled.len(), 4);
    assert!(end.reply().is_some_and(|reply| reply.credential_is_dead()));
    let kept = flow.last_failure().and_then(FlowError::reply).expect("the answer");
    assert_eq!(kept.raw().expose_body(), lost.as_bytes());
}

#[test]
fn what_the_caller_says_is_asked_first() {
    let quirks = Quirks::new()
        .code_means("not_yet", Meaning::Pending)
        .code_means("too_fast", Meaning::SlowDown)
        .code_means("authorization_pending", Meaning::Denied)
        .code_means("device_not_found", Meaning::Dead)
        .code_means("come_back", Meaning::Later)
        .status_means(404, Meaning::NeedsPerson)
        .status_means(418, Meaning::Pending);
    let at_door = server().device_authorization_endpoint("https://as.example/device");
    let client = Client::new(at_door.quirks(quirks), CLIENT_ID);
    for (status, body, ends) in [
        (400, r#"{"error":"not_yet"}"#, None),
        (403, r#"{"error":"too_fast"}"#, None),
        (418, "", None),
        (400, PENDING, Some(1)),
        (400, r#"{"error":"device_not_found"}"#, Some(1)),
        (404, r#"{"error":"device_not_found"}"#, Some(1)),
        (404, "<html>", Some(1)),
        (400, r#"{"error":"come_back"}"#, Some(4)),
    ] {
        let (polled, end) = polls(&mut flow(&client), |_| json(status, body));
        assert_eq!(matches!(end, FlowError::Expired), ends.is_none(), "{status} {body}: {end}");
        if let Some(ends) = ends {
            assert_eq!(polled.len(), ends, "{status} {body}: {polled:?}");
        }
    }
}

#[test]
fn retry_after_is_kept_under_every_line() {
    for (who, status, headers, body, .., poll) in REPLIES {
        if *poll == Poll::Ends {
            continue;
        }
        let mut said = headers.to_vec();
        said.push(("retry-after", "100"));
        let reply = answer(*status, &said, *body);
        let mut flow = flow(&client());
        let (polled, _) = polls(&mut flow, |_| reply.clone());
        assert!(pauses(&polled).iter().all(|pause| *pause >= 100), "{who}: {polled:?}");
    }
}

#[test]
fn a_wait_is_no_longer_than_the_caller_says_and_no_shorter_than_the_interval() {
    let slow = |longest: Option<u64>| {
        let mut flow = flow(&client());
        if let Some(longest) = longest {
            flow = flow.longest_wait(Duration::from_secs(longest));
        }
        let (polled, _) = polls(&mut flow, |number| match number {
            0 => json(400, PENDING),
            1 => answer(429, &[("retry-after", "600")], ""),
            _ => json(400, r#"{"error":"access_denied"}"#),
        });
        polled.windows(2).last().map(|two| two[1] - two[0])
    };
    assert_eq!(slow(None), Some(600));
    assert_eq!(slow(Some(60)), Some(60));
    // A busy server has been given five seconds more, and the interval holds.
    assert_eq!(slow(Some(1)), Some(10));
}
