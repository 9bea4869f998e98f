//! CIBA: a person is asked on a device of their own, and the client polls or is pinged.
//!
//! The machine's clock is made up, so that nothing here waits for the interval.

use std::time::Duration;

use grantwire::authorization::RequestObject;
use grantwire::backchannel::{
    BackchannelAuthentication, BackchannelAuthenticationRequest, Ping, UserHint,
};
use grantwire::client::ClientSecretBasic;
use grantwire::flow::{CibaFlow, Dpop, FlowError, Machine, Step};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::{Client, Lifetime, ReplyError, Secret, Timestamp, TokenResponse, TokenType};
use serde_json::json;

use crate::case::{Case, key};
use crate::expect;
use crate::notifications::Notifications;

const DEVICE: &str = "/authentication-device";

fn login(name: &str) -> UserHint {
    UserHint::Login(name.into())
}

fn request(client: &Client, hint: UserHint) -> BackchannelAuthenticationRequest {
    client.backchannel_authentication(hint).scope("openid api:read")
}

/// The person picks the device up and answers what it shows.
fn say(case: &Case, answer: &str) {
    let url = format!("{}{DEVICE}?say={answer}", case.server.issuer());
    let reply = case.server.send(http::Request::post(url).body(Vec::new()).expect("a request"));
    assert_eq!(reply.status(), 204);
}

/// A client that polls, and its own clock.
struct Poller<'a> {
    case: &'a Case,
    flow: CibaFlow,
    now: Timestamp,
}

impl<'a> Poller<'a> {
    fn new(case: &'a Case, client: &Client, started: &BackchannelAuthentication) -> Self {
        let now = Case::now();
        let flow = CibaFlow::new(client, started, now, Case::new_entropy());
        Self { case, flow, now }
    }

    /// Asks this person and starts to poll.
    fn start(case: &'a Case, hint: UserHint) -> Self {
        let client = case.client("ciba");
        let started = case.exchange(&request(&client, hint)).expect("under way");
        Self::new(case, &client, &started)
    }

    /// Waits as long as the machine says, then asks once.
    fn ask(&mut self) {
        let Step::Wait(until) = self.flow.poll(self.now) else { panic!("it waits first") };
        self.now = until;
        self.ask_at_once();
    }

    fn ask_at_once(&mut self) {
        let Step::Send(request, _) = self.flow.poll(self.now) else { panic!("it asks") };
        let reply = self.case.server.send(request);
        self.flow.handle_response(self.now, &reply).expect("an answer was waited for");
    }

    fn result(&mut self) -> Result<TokenResponse, FlowError> {
        let Step::Done(result) = self.flow.poll(self.now) else { panic!("it is decided") };
        result
    }

    #[track_caller]
    fn approved(&mut self, account: &str) -> TokenResponse {
        let tokens = self.result().expect("tokens");
        expect::issued(&tokens, &TokenType::Bearer, "openid api:read", 300);
        let claims = expect::claims(tokens.id_token().expect("an ID token").expose());
        assert_eq!(claims["sub"], account);
        tokens
    }
}

#[track_caller]
fn refused(answer: Result<BackchannelAuthentication, ReplyError>, status: u16, code: ErrorCode) {
    let error = answer.expect_err("the server refuses");
    expect::refusal(&error, status, &code, Fault::Client, FailureClass::Definitive);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn pending_then_approved() {
    let case = Case::start();
    let client = case.client("ciba");
    let request = request(&client, login("nobody")).binding_message("W4SCT");
    let started = case.exchange(&request).expect("under way");
    assert_eq!(started.lifetime(), &Lifetime::Known(Duration::from_secs(120)));
    assert_eq!(started.interval(), Duration::from_secs(5), "this server names none");
    assert_eq!(started.deviations(), []);
    // What the person sees, which is what the client shows beside it.
    let screen = json!([
        { "client": "ciba", "scope": "openid api:read", "binding_message": "W4SCT" }
    ]);
    assert_eq!(case.server.get_json(DEVICE), screen);

    let mut poller = Poller::new(&case, &client, &started);
    for _ in 0..2 {
        poller.ask();
        assert_eq!(poller.flow.state(), "Waiting");
    }
    say(&case, "yes");
    poller.ask();
    let tokens = poller.approved("nobody");
    assert!(tokens.refresh_token().is_some());
    assert_eq!(case.userinfo(tokens.access_token()).expect("claims")["sub"], "nobody");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn denied_at_once_and_denied_later() {
    let case = Case::start();
    for (account, later) in [("mallory", false), ("nobody", true)] {
        let mut poller = Poller::start(&case, login(account));
        if later {
            poller.ask();
            say(&case, "no");
        }
        poller.ask();
        let error = poller.result().expect_err("a no");
        let error = error.reply().expect("the server's");
        let refusal = error.refusal().expect("a refusal");
        assert_eq!(refusal.code(), &ErrorCode::AccessDenied);
        assert!(refusal.description().is_none(), "this server keeps the words to itself");
        assert_eq!((error.fault(), error.class()), (Fault::Credential, FailureClass::Definitive));
        assert_eq!(error.raw().status().as_u16(), 400);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn expired_at_the_server() {
    let case = Case::start();
    let client = case.client("ciba");
    let short = request(&client, login("nobody")).requested_expiry(Duration::from_secs(20));
    let started = case.exchange(&short).expect("under way");
    assert_eq!(started.lifetime(), &Lifetime::Known(Duration::from_secs(20)), "as asked for");
    let mut poller = Poller::new(&case, &client, &started);
    // The client's clock stands still while the server's goes on. This server has forgotten the
    // request by then, and does not say `expired_token` of what it does not know.
    case.server.forward(21);
    poller.ask();
    let error = poller.result().expect_err("too late");
    let error = error.reply().expect("the server's");
    let class = FailureClass::Definitive;
    expect::refusal(error, 400, &ErrorCode::InvalidGrant, Fault::Credential, class);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn expired_here_is_not_even_asked() {
    let case = Case::start();
    let mut poller = Poller::start(&case, login("nobody"));
    poller.ask();
    poller.now = poller.now.saturating_add(Duration::from_secs(120));
    assert!(matches!(poller.result(), Err(FlowError::Expired)));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn each_kind_of_hint_names_the_person() {
    let case = Case::start();
    let mut poller = Poller::start(&case, login("alice"));
    poller.ask();
    let id_token = poller.approved("alice").id_token().expect("an ID token").clone();
    for hint in [UserHint::IdToken(id_token), UserHint::LoginToken("token-of-alice".into())] {
        let mut poller = Poller::start(&case, hint);
        poller.ask();
        poller.approved("alice");
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_hint_that_names_nobody() {
    let case = Case::start();
    let client = case.client("ciba");
    for hint in [login("stranger"), UserHint::LoginToken("token-of-stranger".into())] {
        refused(case.exchange(&request(&client, hint)), 400, ErrorCode::UnknownUserId);
    }
    let forged = UserHint::IdToken("eyJhbGciOiJub25lIn0.e30.".into());
    refused(case.exchange(&request(&client, forged)), 400, ErrorCode::InvalidRequest);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_message_that_cannot_be_shown_and_a_code_that_is_wrong() {
    let case = Case::start();
    let client = case.client("ciba");
    let unshowable = request(&client, login("alice")).binding_message("two words, and a comma");
    refused(case.exchange(&unshowable), 400, ErrorCode::InvalidBindingMessage);
    let code = |code: &str| request(&client, login("alice")).user_code(code);
    refused(case.exchange(&code("4321")), 400, ErrorCode::InvalidUserCode);
    assert!(case.exchange(&code("1234")).is_ok());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn who_may_not_ask_is_told_so() {
    let case = Case::start();
    let wrong = case.named("ciba").auth(ClientSecretBasic::new("wrong"));
    refused(case.exchange(&request(&wrong, login("alice"))), 401, ErrorCode::InvalidClient);
    // Known and authenticated, and not registered for this grant.
    let other = case.client("basic");
    refused(case.exchange(&request(&other, login("alice"))), 400, ErrorCode::InvalidRequest);
    // A scope that is not among those it is registered for.
    let wide = request(&case.client("ciba-ping"), login("alice")).scope("openid api:write");
    refused(case.exchange(&wide.client_notification_token("t")), 400, ErrorCode::InvalidScope);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn another_clients_request_is_not_answered() {
    let case = Case::start();
    let started = case.exchange(&request(&case.client("ciba"), login("alice"))).expect("under way");
    let mut poller = Poller::new(&case, &case.client("ciba-ping"), &started);
    poller.ask();
    let error = poller.result().expect_err("a no");
    let error = error.reply().expect("the server's");
    let class = FailureClass::Definitive;
    expect::refusal(error, 400, &ErrorCode::InvalidGrant, Fault::Credential, class);
    // It is none the worse for it.
    let mut poller = Poller::new(&case, &case.client("ciba"), &started);
    poller.ask();
    poller.approved("alice");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn tokens_that_are_polled_for_are_bound_to_a_key() {
    let case = Case::start_with(&json!({ "dpopNonce": true }));
    let mut poller = Poller::start(&case, login("nobody"));
    let key = LocalKey::generate(Algorithm::Es256).expect("a key");
    poller.flow = poller.flow.dpop(Dpop::new(key));
    // The nonce is asked for in between, and that is not a poll: no interval is waited for.
    poller.ask();
    assert_eq!(poller.flow.state(), "Asking");
    poller.ask_at_once();
    assert_eq!(poller.flow.state(), "Waiting");
    say(&case, "yes");
    poller.ask();
    let tokens = poller.result().expect("tokens");
    expect::issued(&tokens, &TokenType::Dpop, "openid api:read", 300);
}

/// Section 7.1.1. The client must sign: everything it asks stands in the JWT.
#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_signed_request() {
    let case = Case::start();
    let client = case.client("ciba-signed");
    let ask = || request(&client, login("nobody")).binding_message("W4SCT");
    refused(case.exchange(&ask()), 400, ErrorCode::InvalidRequest);
    let started =
        case.exchange(&ask().signed(RequestObject::new(key("ciba-signed")))).expect("under way");
    let screen = json!([
        { "client": "ciba-signed", "scope": "openid api:read", "binding_message": "W4SCT" }
    ]);
    assert_eq!(case.server.get_json(DEVICE), screen);
    say(&case, "yes");
    let mut poller = Poller::new(&case, &client, &started);
    poller.ask();
    poller.approved("nobody");
    // By a stranger's key. Section 13 has no code of its own for that.
    let stranger = RequestObject::new(LocalKey::generate(Algorithm::Es256).expect("a key"));
    refused(case.exchange(&ask().signed(stranger)), 400, ErrorCode::InvalidRequest);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_ping_says_when_to_ask() {
    let notifications = Notifications::listen();
    let case = Case::start_with(&json!({ "notifications": notifications.url }));
    let client = case.client("ciba-ping");
    let token = "8d67dc78-7faa-4d41-aabd-67707b374255";
    let request = request(&client, login("nobody")).client_notification_token(token);
    let started = case.exchange(&request).expect("under way");
    let mut poller = Poller::new(&case, &client, &started);
    poller.flow = poller.flow.wait_for_ping();
    // Nothing is asked before the call: the machine would wait until shortly before the end.
    let ends = poller.now.saturating_add(Duration::from_secs(105));
    assert!(matches!(poller.flow.poll(poller.now), Step::Wait(until) if until == ends));

    say(&case, "yes");
    let ping = Ping::read(&notifications.first()).expect("a ping");
    ping.verify(&Secret::new(token)).expect("the server's own");
    ping.verify(&Secret::new("another")).expect_err("not for this request");
    let named = ping.auth_req_id();
    assert!(!poller.flow.pinged("another"));
    assert!(matches!(poller.flow.poll(poller.now), Step::Wait(until) if until == ends));
    assert!(poller.flow.pinged(named));
    poller.ask_at_once();
    poller.approved("nobody");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn without_a_notification_token_there_is_no_ping() {
    let case = Case::start();
    let client = case.client("ciba-ping");
    let bare = request(&client, login("alice"));
    refused(case.exchange(&bare), 400, ErrorCode::InvalidRequest);
}
