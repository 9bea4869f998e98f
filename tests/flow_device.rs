//! [`DeviceFlow`], one scenario for each row of its table, and its timing by a hand clock.
//!
//! The door that gives the device code is in `doors/device`.

mod given;
mod machines;

use std::time::Duration;

use grantwire::client::PrivateKeyJwt;
use grantwire::device::DeviceAuthorization;
use grantwire::flow::{DEFAULT_LIFETIME, DeviceFlow, FlowError, Machine, Misuse, Step, Transition};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::reply::ErrorCode;
use grantwire::{AuthorizationServer, Client, Resend, Timestamp};
use http::Response;
use machines::*;

use given::{CLIENT_ID, answer, as_pairs, client, entropy, json, pairs_of, server};

const TOKENS: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#;
const PENDING: &str = r#"{"error":"authorization_pending"}"#;
const SLOWER: &str = r#"{"error":"slow_down"}"#;

/// What a device authorization endpoint says, with these members beside the codes.
fn authorization(members: &str) -> DeviceAuthorization {
    let at_door = server().device_authorization_endpoint("https://as.example/device");
    let body = format!(
        r#"{{"device_code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS","user_code":"WDJB-MJHT",
            "verification_uri":"https://example.com/device"{members}}}"#
    );
    let exchange = Client::new(at_door, CLIENT_ID).device_authorization();
    exchange.read(&json(200, body)).expect("a device code")
}

fn flow_with(client: &Client, members: &str) -> Walk<DeviceFlow> {
    Walk::new(DeviceFlow::new(client, &authorization(members), at(0), entropy()))
}

/// Good for 30 minutes, polled each 5 seconds: RFC 8628's own example.
fn flow() -> Walk<DeviceFlow> {
    flow_with(&client(), r#","expires_in":1800,"interval":5"#)
}

/// A flow that has asked for the first time, at second 5.
fn asking() -> Walk<DeviceFlow> {
    let mut walk = flow();
    assert_eq!(until(walk.machine.poll(at(0))), at(5));
    walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| sent(flow.poll(at(5))));
    walk
}

fn tell(walk: &mut Walk<DeviceFlow>, now: Timestamp, reply: &Response<Vec<u8>>) {
    walk.machine.handle_response(now, reply).unwrap();
}

fn pending_then_approved() -> Vec<Transition> {
    let mut walk = asking();
    walk.stays(|flow| assert_outstanding(flow.poll(at(6))));
    walk.goes("Asking", &["Pending"], "Waiting", |flow| {
        flow.handle_response(at(6), &json(400, PENDING)).unwrap();
    });
    assert_eq!(until(walk.stays(|flow| flow.poll(at(6)))), at(11), "from the answer on");
    walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| sent(flow.poll(at(11))));
    walk.goes("Asking", &["Approved"], "Done", |flow| {
        flow.handle_response(at(12), &json(200, TOKENS)).unwrap();
    });
    for second in [12, 13, 4_000] {
        let tokens = walk.stays(|flow| value(flow.poll(at(second))));
        assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    }
    walk.rows()
}

fn the_network_fails() -> Vec<Transition> {
    let mut walk = asking();
    walk.goes("Asking", &["NetworkFailed"], "Waiting", |flow| {
        flow.handle_failure(at(6), NO_ANSWER).unwrap();
    });
    assert_eq!(until(walk.machine.poll(at(6))), at(16), "twice the interval");
    walk.rows()
}

fn the_user_says_no() -> Vec<Transition> {
    let mut walk = asking();
    walk.goes("Asking", &["Refused"], "Failed", |flow| {
        flow.handle_response(at(6), &json(400, r#"{"error":"access_denied"}"#)).unwrap();
    });
    for _ in 0..3 {
        let end = error(walk.machine.poll(at(7)));
        let refusal = end.reply().and_then(|reply| reply.refusal()).unwrap();
        assert_eq!(*refusal.code(), ErrorCode::AccessDenied);
    }
    walk.rows()
}

fn the_code_expires_while_waiting() -> Vec<Transition> {
    let mut walk = flow_with(&client(), r#","expires_in":12,"interval":5"#);
    walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| sent(flow.poll(at(6))));
    walk.goes("Asking", &["Pending"], "Waiting", |flow| {
        flow.handle_response(at(8), &json(400, PENDING)).unwrap();
    });
    // The next poll would be at 13, which is past the end: it wakes at the end, to say so.
    assert_eq!(until(walk.machine.poll(at(8))), at(12));
    let end = walk.goes("Waiting", &["CodeExpired"], "Failed", |flow| error(flow.poll(at(12))));
    assert!(matches!(end, FlowError::Expired));
    walk.rows()
}

/// A signer that takes its time may take the code's last seconds.
fn the_code_expires_while_signing() -> Vec<Transition> {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256));
    let client = Client::new(server(), CLIENT_ID).auth(method);
    let mut walk = flow_with(&client, r#","expires_in":12"#);
    let unsigned =
        walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| to_sign(flow.poll(at(5))));
    walk.stays(|flow| assert_outstanding(flow.poll(at(11))));
    let signature = key.sign(&unsigned).unwrap();
    walk.stays(|flow| flow.handle_signature(&signature)).unwrap();
    let end = walk.goes("Asking", &["CodeExpired"], "Failed", |flow| error(flow.poll(at(12))));
    assert!(matches!(end, FlowError::Expired));
    walk.rows()
}

fn not_built() -> Vec<Transition> {
    let nowhere = Client::new(AuthorizationServer::new(), CLIENT_ID);
    let mut walk = flow_with(&nowhere, "");
    let events = &["IntervalOver", "NotBuilt"];
    let end = walk.goes("Waiting", events, "Failed", |flow| error(flow.poll(at(5))));
    assert!(matches!(end, FlowError::Build(_)));
    walk.rows()
}

scenarios! {
    DeviceFlow::TRANSITIONS;
    pending_then_approved, the_network_fails, the_user_says_no, the_code_expires_while_waiting,
    the_code_expires_while_signing, not_built,
}

#[test]
fn the_request_is_the_rfcs() {
    let mut walk = flow();
    let (request, duties) = sent_with(walk.machine.poll(at(5)));
    let wanted = as_pairs(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS"),
        ("client_id", CLIENT_ID),
    ]);
    assert_eq!(pairs_of(&request), wanted);
    // Asking twice does the code no harm, but at once is too soon for the interval.
    assert_eq!(duties.resend, Resend::OnlyIfNotSent);
}

#[test]
fn it_never_asks_early() {
    let mut walk = flow();
    for second in 0..5 {
        assert_eq!(until(walk.stays(|flow| flow.poll(at(second)))), at(5), "at second {second}");
    }
    sent(walk.machine.poll(at(5)));
    for second in 5..20 {
        walk.stays(|flow| assert_outstanding(flow.poll(at(second))));
    }
}

/// RFC 8628 section 3.5: five seconds more, for this and all later requests.
#[test]
fn slow_down_is_for_good() {
    let mut walk = asking();
    tell(&mut walk, at(5), &json(400, SLOWER));
    assert_eq!(until(walk.machine.poll(at(5))), at(15));
    sent(walk.machine.poll(at(15)));
    tell(&mut walk, at(15), &json(400, PENDING));
    assert_eq!(until(walk.machine.poll(at(15))), at(25), "the old pace does not come back");
    sent(walk.machine.poll(at(25)));
    tell(&mut walk, at(25), &json(400, SLOWER));
    assert_eq!(until(walk.machine.poll(at(25))), at(40));
}

/// Auth0 and Okta say 429 without a body of RFC 8628; GitHub says pending with a 200.
#[test]
fn providers_ways_of_saying_later() {
    let mut walk = asking();
    tell(&mut walk, at(5), &answer(429, &[], "Too Many Requests"));
    assert_eq!(until(walk.machine.poll(at(5))), at(15), "as `slow_down`");
    sent(walk.machine.poll(at(15)));
    tell(&mut walk, at(15), &json(200, PENDING));
    assert_eq!(until(walk.machine.poll(at(15))), at(25));
}

#[test]
fn retry_after_is_kept_when_it_is_longer() {
    for (header, wanted) in [("60", 65), ("3", 15), ("0", 15)] {
        let mut walk = asking();
        tell(&mut walk, at(5), &answer(429, &[("retry-after", header)], ""));
        assert_eq!(until(walk.machine.poll(at(5))), at(wanted), "Retry-After: {header}");
    }
    let mut walk = asking();
    tell(&mut walk, at(5), &answer(503, &[("retry-after", "99999999999999999999")], ""));
    assert_eq!(until(walk.machine.poll(at(5))), at(1_800), "the code's end comes first");
}

/// RFC 8628 section 3.5 suggests exponential back-off; it ends when the server is heard again.
#[test]
fn failures_back_off_and_are_forgotten() {
    let mut walk = asking();
    let mut now = 5;
    for doubled in [10, 20, 40, 80, 160, 320, 320] {
        walk.machine.handle_failure(at(now), NO_ANSWER).unwrap();
        assert_eq!(until(walk.machine.poll(at(now))), at(now + doubled));
        now += doubled;
        sent(walk.machine.poll(at(now)));
    }
    tell(&mut walk, at(now), &json(400, PENDING));
    assert_eq!(until(walk.machine.poll(at(now))), at(now + 5));
    sent(walk.machine.poll(at(now + 5)));
    tell(&mut walk, at(now + 5), &json(502, "<html>"));
    assert_eq!(until(walk.machine.poll(at(now + 5))), at(now + 15), "a gateway is no answer");
}

#[test]
fn what_ends_it() {
    for body in [
        r#"{"error":"expired_token"}"#,
        r#"{"error":"invalid_client"}"#,
        r#"{"error":"invalid_grant"}"#,
        r#"{"error":"AADSTS50196"}"#,
    ] {
        let mut walk = asking();
        walk.goes("Asking", &["Refused"], "Failed", |flow| {
            flow.handle_response(at(6), &json(400, body)).unwrap();
        });
    }
    // Nor does an unknown code with a 403, whatever it says of later, go on.
    for headers in [&[][..], &[("retry-after", "60")]] {
        let mut walk = asking();
        let body = r#"{"error":"policy_denied"}"#;
        let mut said = vec![("content-type", "application/json")];
        said.extend(headers);
        walk.goes("Asking", &["Refused"], "Failed", |flow| {
            flow.handle_response(at(6), &answer(403, &said, body)).unwrap();
        });
    }
    // An object without a code is the server's own word, whatever shape it has.
    let platform = r#"{"id":"i","code":"ACCESS_FAILED","message":"m"}"#;
    for (status, body) in [(403, platform), (404, platform), (403, r#"{"error":{"code":7}}"#)] {
        let mut walk = asking();
        walk.goes("Asking", &["Refused"], "Failed", |flow| {
            flow.handle_response(at(6), &json(status, body)).unwrap();
        });
    }
    // What is no object may be a gateway's, and what says when to come back is not the end.
    for (headers, body) in [
        (&[][..], "<html>"),
        (&[], ""),
        (&[], "[]"),
        (&[("content-type", "application/json"), ("retry-after", "9")], platform),
    ] {
        let mut walk = asking();
        walk.goes("Asking", &["Pending"], "Waiting", |flow| {
            flow.handle_response(at(6), &answer(403, headers, body)).unwrap();
        });
    }
    // A server that timed out says so in JSON too.
    let mut walk = asking();
    walk.goes("Asking", &["Pending"], "Waiting", |flow| {
        flow.handle_response(at(6), &json(408, r#"{"message":"Request Timeout"}"#)).unwrap();
    });
    // A 2xx that is no answer may have been the tokens, which come once.
    let mut walk = asking();
    walk.goes("Asking", &["Refused"], "Failed", |flow| {
        flow.handle_response(at(6), &answer(200, &[], "<html>")).unwrap();
    });
}

/// An answer that comes after the end still counts: the server decides, and it has.
#[test]
fn an_answer_after_the_end_still_counts() {
    let mut walk = flow_with(&client(), r#","expires_in":10"#);
    sent(walk.machine.poll(at(9)));
    walk.stays(|flow| assert_outstanding(flow.poll(at(11))));
    walk.goes("Asking", &["Approved"], "Done", |flow| {
        flow.handle_response(at(12), &json(200, TOKENS)).unwrap();
    });
    value(walk.machine.poll(at(12)));

    let mut late = flow_with(&client(), r#","expires_in":10"#);
    sent(late.machine.poll(at(9)));
    tell(&mut late, at(12), &json(400, PENDING));
    let end = late.goes("Waiting", &["CodeExpired"], "Failed", |flow| error(flow.poll(at(12))));
    assert!(matches!(end, FlowError::Expired));
}

/// Without `expires_in` it does not poll for ever.
#[test]
fn a_lifetime_that_is_not_said_is_an_hour() {
    let mut walk = flow_with(&client(), "");
    let hour = DEFAULT_LIFETIME.as_secs();
    assert!(matches!(walk.machine.poll(at(hour - 1)), Step::Send(..)));
    tell(&mut walk, at(hour - 1), &json(400, PENDING));
    assert_eq!(until(walk.machine.poll(at(hour - 1))), at(hour));
    assert!(matches!(error(walk.machine.poll(at(hour))), FlowError::Expired));
}

#[test]
fn a_clock_that_runs_backwards_lengthens_no_wait() {
    let mut walk = flow();
    assert_eq!(until(walk.machine.poll(at(3))), at(5));
    // Set back by an hour and three seconds: two seconds are left, as before.
    let back = Timestamp::from_unix_seconds(at(3).as_unix_seconds() - 3_600);
    assert_eq!(until(walk.machine.poll(back)), back + Duration::from_secs(2));
    assert!(matches!(walk.machine.poll(back + Duration::from_secs(2)), Step::Send(..)));
}

#[test]
fn an_event_that_does_not_fit_changes_nothing() {
    let reply = json(200, TOKENS);
    let mut walk = flow();
    walk.stays(|flow| {
        assert_eq!(flow.handle_response(at(1), &reply), Err(Misuse::NotSending));
        assert_eq!(flow.handle_failure(at(1), NO_ANSWER), Err(Misuse::NotSending));
    });
    assert_eq!(until(walk.machine.poll(at(1))), at(5), "nor was the wait changed");
    sent(walk.machine.poll(at(5)));
    tell(&mut walk, at(6), &json(400, PENDING));
    let twice = walk.stays(|flow| flow.handle_response(at(6), &reply));
    assert_eq!(twice, Err(Misuse::NotSending), "the same answer, delivered again");
    sent(walk.machine.poll(at(11)));
    tell(&mut walk, at(11), &reply);
    walk.stays(|flow| {
        assert_eq!(flow.handle_failure(at(12), NO_ANSWER), Err(Misuse::NotSending));
    });
    value(walk.machine.poll(at(12)));
}

/// A signature for a poll that is given up is not the next one's.
#[test]
fn a_signature_of_another_poll_is_refused() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256));
    let client = Client::new(server(), CLIENT_ID).auth(method);
    let mut walk = flow_with(&client, r#","expires_in":1800"#);
    let first = key.sign(&to_sign(walk.machine.poll(at(5)))).unwrap();
    walk.machine.handle_signature(&first).unwrap();
    sent(walk.machine.poll(at(5)));
    tell(&mut walk, at(5), &json(400, PENDING));
    let second = to_sign(walk.machine.poll(at(10)));
    let misuse = walk.stays(|flow| flow.handle_signature(&first));
    assert!(matches!(misuse, Err(Misuse::Signature(_))), "each poll has its own assertion");
    walk.machine.handle_signature(&key.sign(&second).unwrap()).unwrap();
    sent(walk.machine.poll(at(10)));
}
