//! [`CibaFlow`], one scenario for each row of its table, and its timing by a hand clock, in poll mode and
//! in ping mode. The door that gives the identifier is in `doors/backchannel`.

mod given;
mod machines;

use grantwire::backchannel::{BackchannelAuthentication, UserHint};
use grantwire::client::{ClientSecretBasic, PrivateKeyJwt};
use grantwire::flow::{
    CibaFlow, DEFAULT_LIFETIME, Dpop, FlowError, Machine, Misuse, Step, Transition,
};
use grantwire::grant::Ciba;
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::reply::ErrorCode;
use grantwire::{AuthorizationServer, Client, Timestamp};
use http::Response;
use proptest::prelude::*;

use given::*;
use machines::*;

const TOKENS: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#;
const PENDING: &str = r#"{"error":"authorization_pending"}"#;
const SLOWER: &str = r#"{"error":"slow_down"}"#;
const ID: &str = "1c266114-a1be-4700-8ad1-04986c5b9ac1";
const GRANT: &str = "urn:openid:params:grant-type:ciba";

impl Watched for CibaFlow {
    const TABLE: &'static [Transition] = Self::TRANSITIONS;
    fn stands(&self) -> &'static str {
        self.state()
    }
}

/// What the door says, with these members beside the identifier.
fn begun(members: &str) -> BackchannelAuthentication {
    let at_door = server().backchannel_authentication_endpoint("https://as.example/bc");
    let door =
        Client::new(at_door, CLIENT_ID).backchannel_authentication(UserHint::Login("jane".into()));
    door.read(&json(200, format!(r#"{{"auth_req_id":"{ID}"{members}}}"#))).expect("an identifier")
}

fn confidential() -> Client {
    client().auth(ClientSecretBasic::new("s"))
}

fn flow_with(client: &Client, members: &str) -> Walk<CibaFlow> {
    Walk::new(CibaFlow::new(client, &begun(members), at(0), entropy()))
}

/// Open for two minutes, polled each 2 seconds: PingOne's own example.
fn flow() -> Walk<CibaFlow> {
    flow_with(&confidential(), r#","expires_in":120,"interval":2"#)
}

/// A flow that has asked for the first time, at second 2.
fn asking() -> Walk<CibaFlow> {
    let mut walk = flow();
    assert_eq!(until(walk.machine.poll(at(0))), at(2));
    walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| sent(flow.poll(at(2))));
    walk
}

/// The same in ping mode, which has asked nothing.
fn on_call() -> Walk<CibaFlow> {
    Walk::new(flow().machine.wait_for_ping())
}

fn tell(walk: &mut Walk<CibaFlow>, now: Timestamp, reply: &Response<Vec<u8>>) {
    walk.machine.handle_response(now, reply).unwrap();
}

fn pending_then_approved() -> Vec<Transition> {
    let mut walk = asking();
    walk.stays(|flow| assert_outstanding(flow.poll(at(3))));
    walk.goes("Asking", &["Pending"], "Waiting", |flow| {
        flow.handle_response(at(3), &json(400, PENDING)).unwrap();
    });
    assert_eq!(until(walk.stays(|flow| flow.poll(at(3)))), at(5), "from the answer on");
    walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| sent(flow.poll(at(5))));
    walk.goes("Asking", &["Approved"], "Done", |flow| {
        flow.handle_response(at(6), &json(200, TOKENS)).unwrap();
    });
    for second in [6, 7, 4_000] {
        let tokens = walk.stays(|flow| value(flow.poll(at(second))));
        assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    }
    walk.rows()
}

fn the_network_fails() -> Vec<Transition> {
    let mut walk = asking();
    walk.goes("Asking", &["NetworkFailed"], "Waiting", |flow| {
        flow.handle_failure(at(3), NO_ANSWER).unwrap();
    });
    assert_eq!(until(walk.machine.poll(at(3))), at(7), "twice the interval");
    walk.rows()
}

fn the_user_says_no() -> Vec<Transition> {
    let mut walk = asking();
    walk.goes("Asking", &["Refused"], "Failed", |flow| {
        flow.handle_response(at(3), &json(400, r#"{"error":"access_denied"}"#)).unwrap();
    });
    for _ in 0..3 {
        let end = error(walk.machine.poll(at(4)));
        let refusal = end.reply().and_then(|reply| reply.refusal()).unwrap();
        assert_eq!(*refusal.code(), ErrorCode::AccessDenied);
    }
    walk.rows()
}

fn it_expires_while_waiting() -> Vec<Transition> {
    let mut walk = flow_with(&confidential(), r#","expires_in":9"#);
    walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| sent(flow.poll(at(5))));
    walk.goes("Asking", &["Pending"], "Waiting", |flow| {
        flow.handle_response(at(6), &json(400, PENDING)).unwrap();
    });
    // The next poll would be at 11, which is past the end: it wakes at the end, to say so.
    assert_eq!(until(walk.machine.poll(at(6))), at(9));
    let end = walk.goes("Waiting", &["CodeExpired"], "Failed", |flow| error(flow.poll(at(9))));
    assert!(matches!(end, FlowError::Expired));
    walk.rows()
}

/// A signer that takes its time may take the last seconds.
fn it_expires_while_signing() -> Vec<Transition> {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let client = client().auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256)));
    let mut walk = flow_with(&client, r#","expires_in":12"#);
    let unsigned =
        walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| to_sign(flow.poll(at(5))));
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
    CibaFlow::TRANSITIONS;
    pending_then_approved, the_network_fails, the_user_says_no, it_expires_while_waiting,
    it_expires_while_signing, not_built,
}

/// Section 10.1.
#[test]
fn the_request_is_the_specifications() {
    let request = sent(flow().machine.poll(at(2)));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), TOKEN);
    let wanted = format!("grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba&auth_req_id={ID}");
    assert_eq!(body_of(&request), wanted);
    let odd = built(&confidential().token(Ciba::new("a+b/c=&d%")));
    assert!(body_of(&odd).ends_with("&auth_req_id=a%2Bb%2Fc%3D%26d%25"), "{}", body_of(&odd));
    assert_eq!(pairs_of(&odd), as_pairs(&[("grant_type", GRANT), ("auth_req_id", "a+b/c=&d%")]));
    assert!(build(&confidential().token(Ciba::new(""))).is_err());
}

#[test]
fn it_never_asks_early() {
    let mut walk = flow();
    for second in 0..2 {
        assert_eq!(until(walk.stays(|flow| flow.poll(at(second)))), at(2), "at second {second}");
    }
    sent(walk.machine.poll(at(2)));
    for second in 2..20 {
        walk.stays(|flow| assert_outstanding(flow.poll(at(second))));
    }
    tell(&mut walk, at(20), &json(400, PENDING));
    assert_eq!(until(walk.machine.poll(at(21))), at(22));
    let mut unsaid = flow_with(&confidential(), r#","expires_in":120"#);
    assert_eq!(until(unsaid.machine.poll(at(0))), at(5), "5 seconds when nothing is said");
}

/// Section 11: five seconds more, for this and all later requests.
#[test]
fn slow_down_is_for_good() {
    let mut walk = asking();
    tell(&mut walk, at(2), &json(400, SLOWER));
    assert_eq!(until(walk.machine.poll(at(2))), at(9));
    sent(walk.machine.poll(at(9)));
    tell(&mut walk, at(9), &json(400, PENDING));
    assert_eq!(until(walk.machine.poll(at(9))), at(16), "the old pace does not come back");
}

#[test]
fn failures_back_off_and_are_forgotten() {
    let mut walk = asking();
    let mut now = 2;
    for doubled in [4, 8, 16, 32] {
        let failure = if doubled == 8 { NOT_SENT } else { NO_ANSWER };
        walk.machine.handle_failure(at(now), failure).unwrap();
        assert_eq!(until(walk.machine.poll(at(now))), at(now + doubled));
        now += doubled;
        sent(walk.machine.poll(at(now)));
    }
    tell(&mut walk, at(now), &json(400, PENDING));
    assert_eq!(until(walk.machine.poll(at(now))), at(now + 2));
}

#[test]
fn what_ends_it() {
    for code in ["expired_token", "invalid_client", "invalid_grant", "transaction_failed"] {
        let mut walk = asking();
        walk.goes("Asking", &["Refused"], "Failed", |flow| {
            flow.handle_response(at(3), &json(400, format!(r#"{{"error":"{code}"}}"#))).unwrap();
        });
        let end = error(walk.machine.poll(at(3)));
        let refusal = end.reply().and_then(|reply| reply.refusal()).expect(code);
        assert_eq!(refusal.code().as_str(), code);
    }
}

/// However it is driven, nothing leaves once the end has come.
#[test]
fn it_never_asks_past_the_end() {
    let mut walk = flow();
    let mut now = 0;
    let mut polls = 0;
    loop {
        assert!(now <= 120, "it went on at second {now}");
        match walk.machine.poll(at(now)) {
            Step::Wait(moment) => {
                assert!(moment > at(now) && moment <= at(120), "{moment:?}");
                now = moment.as_unix_seconds() - at(0).as_unix_seconds();
            }
            Step::Send(..) => {
                assert!(now < 120, "a request at the end");
                polls += 1;
                tell(&mut walk, at(now), &json(400, PENDING));
            }
            step => break assert!(matches!(ended(step), Err(FlowError::Expired))),
        }
    }
    assert_eq!((now, polls), (120, 59));
    let mut late = flow();
    assert!(matches!(error(late.machine.poll(at(120))), FlowError::Expired), "woken too late");
    let mut unsaid = flow_with(&confidential(), "");
    let hour = DEFAULT_LIFETIME.as_secs();
    assert!(matches!(error(unsaid.machine.poll(at(hour))), FlowError::Expired));
}

#[test]
fn nothing_is_sent_before_the_ping() {
    let mut walk = on_call();
    for second in [0, 2, 60, 104] {
        assert_eq!(until(walk.stays(|flow| flow.poll(at(second)))), at(105), "the last look");
    }
    assert!(walk.machine.pinged(ID));
    walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| sent(flow.poll(at(104))));
    tell(&mut walk, at(104), &json(200, TOKENS));
    value(walk.machine.poll(at(104)));

    // A ping may come before the interval is over: the answer is there.
    let mut walk = on_call();
    assert!(walk.machine.pinged(ID));
    let request = sent(walk.machine.poll(at(0)));
    assert_eq!(pairs_of(&request), as_pairs(&[("grant_type", GRANT), ("auth_req_id", ID)]));
}

#[test]
fn a_ping_that_never_comes_or_comes_too_late() {
    let mut walk = on_call();
    assert!(matches!(error(walk.machine.poll(at(120))), FlowError::Expired));
    assert!(walk.machine.pinged(ID), "it is ours, and too late");
    assert!(matches!(error(walk.machine.poll(at(121))), FlowError::Expired));
    let mut walk = on_call();
    assert!(walk.machine.pinged(ID));
    assert!(matches!(error(walk.machine.poll(at(120))), FlowError::Expired));
}

/// A lost ping costs no approval: it asks once, 15 seconds before the end.
#[test]
fn a_lost_ping_does_not_lose_an_approval() {
    let mut walk = on_call();
    assert_eq!(until(walk.machine.poll(at(104))), at(105));
    walk.goes("Waiting", &["IntervalOver"], "Asking", |flow| sent(flow.poll(at(105))));
    tell(&mut walk, at(106), &json(200, TOKENS));
    value(walk.machine.poll(at(106)));
    // Woken late it still asks, and never at the end.
    sent(on_call().machine.poll(at(119)));
    assert!(matches!(error(on_call().machine.poll(at(120))), FlowError::Expired));
}

#[test]
fn the_last_look_is_one() {
    for undecided in [PENDING, SLOWER] {
        let mut walk = on_call();
        sent(walk.machine.poll(at(105)));
        tell(&mut walk, at(106), &json(400, undecided));
        for second in [106, 111, 119] {
            assert_eq!(until(walk.stays(|flow| flow.poll(at(second)))), at(120), "{undecided}");
        }
        // The ping may come yet.
        assert!(walk.machine.pinged(ID));
        sent(walk.machine.poll(at(119)));
        tell(&mut walk, at(119), &json(200, TOKENS));
        value(walk.machine.poll(at(119)));
    }
    // Slower is for good (RFC 8628 section 3.5), whenever it was said.
    let mut walk = on_call();
    sent(walk.machine.poll(at(105)));
    tell(&mut walk, at(106), &json(400, SLOWER));
    assert!(walk.machine.pinged(ID));
    sent(walk.machine.poll(at(107)));
    tell(&mut walk, at(107), &json(400, PENDING));
    assert_eq!(until(walk.machine.poll(at(107))), at(114), "2 seconds and 5 more");
    // A ping that crosses the answer says more than the answer.
    let mut walk = on_call();
    sent(walk.machine.poll(at(105)));
    assert!(walk.machine.pinged(ID));
    walk.stays(|flow| assert_outstanding(flow.poll(at(106))));
    tell(&mut walk, at(106), &json(400, PENDING));
    sent(walk.machine.poll(at(106)));
    tell(&mut walk, at(106), &json(400, PENDING));
    assert_eq!(until(walk.machine.poll(at(106))), at(108), "and then it polls");
    let mut walk = on_call();
    sent(walk.machine.poll(at(105)));
    assert!(walk.machine.pinged(ID));
    walk.machine.handle_failure(at(106), NO_ANSWER).unwrap();
    assert_eq!(until(walk.machine.poll(at(106))), at(108), "one interval, and not two");
    // What failed was no look.
    let mut walk = on_call();
    sent(walk.machine.poll(at(105)));
    walk.machine.handle_failure(at(106), NO_ANSWER).unwrap();
    assert_eq!(until(walk.machine.poll(at(106))), at(110), "twice the interval");
    sent(walk.machine.poll(at(110)));
    tell(&mut walk, at(111), &json(400, PENDING));
    assert!(matches!(error(walk.machine.poll(at(120))), FlowError::Expired));
}

#[test]
fn a_short_lifetime_keeps_a_quarter_for_the_last_look() {
    for (members, look) in [
        (r#","expires_in":60,"interval":2"#, 45),
        (r#","expires_in":40,"interval":2"#, 30),
        (r#","expires_in":8,"interval":2"#, 6),
        // Not before the first interval is over, and not at the end.
        (r#","expires_in":8,"interval":7"#, 7),
        (r#","expires_in":8,"interval":8"#, 8),
        (r#","expires_in":8,"interval":9"#, 8),
        (r#","interval":9"#, 3585),
    ] {
        let mut flow = flow_with(&confidential(), members).machine.wait_for_ping();
        assert_eq!(until(flow.poll(at(0))), at(look), "{members}");
        assert_eq!(until(flow.poll(at(look - 1))), at(look), "{members}");
    }
}

/// A ping that nobody waited for ends the pause after a failure, and never the interval.
#[test]
fn a_ping_ends_a_pause_but_not_the_interval() {
    let mut walk = asking();
    for (now, next) in [(2, 6), (6, 14), (14, 30)] {
        walk.machine.handle_failure(at(now), NO_ANSWER).unwrap();
        assert_eq!(until(walk.machine.poll(at(now))), at(next));
        if next < 30 {
            sent(walk.machine.poll(at(next)));
        }
    }
    assert!(walk.stays(|flow| flow.pinged(ID)));
    assert_eq!(until(walk.machine.poll(at(15))), at(16), "one interval after the failure");
    sent(walk.machine.poll(at(16)));
    // Once: the next failure has its pause again, and what the server asks for holds.
    let busy = answer(503, &[("retry-after", "60")], "");
    tell(&mut walk, at(16), &busy);
    assert!(walk.machine.pinged(ID));
    assert_eq!(until(walk.machine.poll(at(16))), at(76));
}

#[test]
fn a_ping_for_another_request_changes_nothing() {
    let mut walk = on_call();
    let upper = ID.to_uppercase();
    let longer = format!("{ID}0");
    for other in ["", "another", &upper, &longer, &ID[1..]] {
        assert!(!walk.stays(|flow| flow.pinged(other)), "{other}");
        assert_eq!(until(walk.stays(|flow| flow.poll(at(60)))), at(105), "{other}");
    }
    assert!(walk.machine.pinged(ID), "its own still counts");
    sent(walk.machine.poll(at(60)));
}

#[test]
fn a_second_ping_hurries_nothing() {
    let mut walk = on_call();
    assert!(walk.machine.pinged(ID));
    assert!(walk.machine.pinged(ID));
    sent(walk.machine.poll(at(10)));
    assert!(walk.stays(|flow| flow.pinged(ID)));
    walk.stays(|flow| assert_outstanding(flow.poll(at(10))));
    // From here on it polls, and each interval is kept.
    tell(&mut walk, at(11), &json(400, PENDING));
    assert!(walk.stays(|flow| flow.pinged(ID)));
    assert_eq!(until(walk.machine.poll(at(11))), at(13));
    sent(walk.machine.poll(at(13)));
    tell(&mut walk, at(13), &json(400, SLOWER));
    assert!(walk.machine.pinged(ID));
    assert_eq!(until(walk.machine.poll(at(13))), at(20));

    let mut polling = flow();
    assert!(polling.machine.pinged(ID), "nor does a ping in poll mode");
    assert_eq!(until(polling.machine.poll(at(1))), at(2));
}

#[test]
fn an_event_that_does_not_fit_changes_nothing() {
    for mut walk in [flow(), on_call()] {
        let wanted = until(walk.machine.poll(at(1)));
        walk.stays(|flow| {
            let reply = json(200, TOKENS);
            assert_eq!(flow.handle_response(at(1), &reply), Err(Misuse::NotSending));
            assert_eq!(flow.handle_failure(at(1), NO_ANSWER), Err(Misuse::NotSending));
        });
        assert_eq!(until(walk.machine.poll(at(1))), wanted);
    }
}

#[test]
fn a_key_goes_in_and_comes_out_with_its_nonces() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let mut flow = flow().machine.dpop(Dpop::new(key));
    let request = sent(flow.poll(at(2)));
    assert!(request.headers().contains_key("dpop"));
    let headers = [("content-type", JSON), ("dpop-nonce", "n1")];
    let bound = r#"{"access_token":"t","token_type":"DPoP"}"#;
    flow.handle_response(at(3), &answer(200, &headers, bound)).unwrap();
    value(flow.poll(at(3)));
    let dpop = flow.into_dpop().expect("the key");
    assert_eq!(dpop.nonces().get(TOKEN, dpop.key()), Some("n1"));
    assert!(self::flow().machine.into_dpop().is_none());
    let shown = format!("{:?}", self::flow().machine);
    assert!(!shown.contains(ID), "{shown}");
}

/// What happens next: so many seconds pass, and the server calls or an answer comes.
#[derive(Debug, Clone)]
enum Event {
    Passes(u64),
    Ping,
    Answer(u16, &'static str),
    Lost,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let answers = prop::sample::select(vec![(400, PENDING), (400, SLOWER), (503, ""), (403, "<")]);
    let event = prop_oneof![
        3 => prop_oneof![0_u64..30, Just(104)].prop_map(Event::Passes),
        1 => Just(Event::Ping),
        2 => answers.prop_map(|(status, body)| Event::Answer(status, body)),
        1 => Just(Event::Lost),
    ];
    prop::collection::vec(event, 0..60)
}

proptest! {
    /// Whenever the server calls: no request at the end or after it, and none before the interval is over
    /// but the one that the first call allows.
    #[test]
    fn pings_break_no_rule(waits in any::<bool>(), events in events()) {
        let mut flow = flow().machine;
        if waits {
            flow = flow.wait_for_ping();
        }
        let (mut now, mut answered, mut called, mut hurried) = (0, 0, false, false);
        let mut sending = false;
        for event in events {
            match event {
                Event::Passes(seconds) => now += seconds,
                Event::Ping => {
                    hurried |= waits && !called;
                    called = true;
                    prop_assert!(flow.pinged(ID));
                }
                Event::Answer(status, body) if sending => {
                    flow.handle_response(at(now), &answer(status, &[], body)).unwrap();
                    (sending, answered) = (false, now);
                    hurried &= body == PENDING;
                }
                Event::Lost if sending => {
                    flow.handle_failure(at(now), NO_ANSWER).unwrap();
                    (sending, answered, hurried) = (false, now, false);
                }
                Event::Answer(..) | Event::Lost => {}
            }
            match flow.poll(at(now)) {
                Step::Send(..) => {
                    prop_assert!(now < 120, "at second {}", now);
                    prop_assert!(hurried || now >= answered + 2, "{} after {}", now, answered);
                    prop_assert!(!waits || called || now >= 105, "not called at {}", now);
                    (sending, hurried) = (true, false);
                }
                Step::Wait(until) => {
                    prop_assert!(until > at(now) && until <= at(120));
                    prop_assert!(!hurried, "the first call counts at once");
                }
                Step::Done(result) => {
                    prop_assert!(now >= 120 && !sending);
                    prop_assert!(matches!(result, Err(FlowError::Expired)));
                }
                Step::Outstanding => prop_assert!(sending),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
