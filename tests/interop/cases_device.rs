//! The device flow: a code on a screen, a person in a browser, and polling in between.
//!
//! The machine's clock is made up, so that nothing here waits for the interval.

use std::time::Duration;

use grantwire::device::DeviceAuthorization;
use grantwire::flow::{DeviceFlow, FlowError, Machine, Step};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::{Lifetime, Timestamp, TokenResponse, TokenType};
use serde_json::json;

use crate::browser::{Browser, Landing};
use crate::case::Case;
use crate::expect;
use crate::form_post;

/// A device that polls, and its own clock.
struct Device<'a> {
    case: &'a Case,
    flow: DeviceFlow,
    now: Timestamp,
}

impl<'a> Device<'a> {
    fn start(case: &'a Case, scope: &str) -> (Self, DeviceAuthorization) {
        let client = case.client("device");
        let exchange = client.device_authorization().scope(scope);
        let now = Case::now();
        let request = case.entropy(|entropy| exchange.request(now, entropy)).expect("a request");
        let shown = exchange.read(&case.server.send(request)).expect("a device code");
        assert_eq!(shown.deviations(), []);
        let flow = DeviceFlow::new(&client, &shown, now, Case::new_entropy());
        (Self { case, flow, now }, shown)
    }

    /// Waits as long as the machine says, then asks once.
    fn ask(&mut self) {
        let Step::Wait(until) = self.flow.poll(self.now) else { panic!("it waits first") };
        let early = until.saturating_sub(Duration::from_millis(1));
        assert!(matches!(self.flow.poll(early), Step::Wait(again) if again == until));
        self.now = until;
        let Step::Send(request, _) = self.flow.poll(self.now) else { panic!("then it asks") };
        assert!(matches!(self.flow.poll(self.now), Step::Outstanding));
        let reply = self.case.server.send(request);
        self.flow.handle_response(self.now, &reply).expect("an answer was waited for");
    }

    fn result(&mut self) -> Result<TokenResponse, FlowError> {
        let Step::Done(result) = self.flow.poll(self.now) else { panic!("it is decided") };
        result
    }
}

/// The page that asks whether this is the code on the device.
fn confirmation(browser: &mut Browser, shown: &DeviceAuthorization) -> form_post::FormPost {
    let complete = shown.verification_uri_complete().expect("a link with the code in it");
    assert!(complete.starts_with(shown.verification_uri()));
    let Landing::Page { body, .. } = browser.open(complete) else { panic!("a page") };
    let Landing::Page { status, body } = browser.submit(&form_post::read(&body)) else {
        panic!("a page");
    };
    assert_eq!(status, 200);
    assert!(body.contains(shown.user_code()), "the person sees the code that the device shows");
    form_post::read(&body)
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn pending_then_approved() {
    let case = Case::start();
    let (mut device, shown) = Device::start(&case, "openid api:read");
    assert_eq!(shown.lifetime(), &Lifetime::Known(Duration::from_secs(120)));
    assert_eq!(shown.interval(), Duration::from_secs(5));
    assert!(shown.prompt().contains(shown.user_code()));

    for _ in 0..2 {
        device.ask();
        assert_eq!(device.flow.state(), "Waiting");
    }
    let mut browser = Browser::new();
    let form = confirmation(&mut browser, &shown);
    let Landing::Page { status, .. } = browser.submit(&form) else { panic!("a page") };
    assert_eq!(status, 200);

    device.ask();
    let tokens = device.result().expect("tokens");
    expect::issued(&tokens, &TokenType::Bearer, "openid api:read", 300);
    assert!(tokens.refresh_token().is_some());
    assert_eq!(case.userinfo(tokens.access_token()).expect("claims")["sub"], "alice");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn denied() {
    let case = Case::start();
    let (mut device, shown) = Device::start(&case, "openid");
    let mut browser = Browser::new();
    let mut form = confirmation(&mut browser, &shown);
    form.body.extend(b"&abort=yes");
    browser.submit(&form);
    device.ask();
    let error = device.result().expect_err("a no");
    let error = error.reply().expect("the server's");
    let class = FailureClass::Definitive;
    expect::refusal(error, 400, &ErrorCode::AccessDenied, Fault::Credential, class);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn expired_at_the_server() {
    let case = Case::start_with(&json!({ "ttl": { "DeviceCode": 20 } }));
    let (mut device, shown) = Device::start(&case, "openid");
    assert_eq!(shown.lifetime(), &Lifetime::Known(Duration::from_secs(20)));
    // The device's clock stands still while the server's goes on. This server has forgotten the code
    // by then, and does not say `expired_token` of what it does not know.
    case.server.forward(21);
    device.ask();
    let error = device.result().expect_err("too late");
    let error = error.reply().expect("the server's");
    let class = FailureClass::Definitive;
    expect::refusal(error, 400, &ErrorCode::InvalidGrant, Fault::Credential, class);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn expired_here_is_not_even_asked() {
    let case = Case::start();
    let (mut device, _) = Device::start(&case, "openid");
    device.ask();
    device.now = device.now.saturating_add(Duration::from_secs(120));
    assert!(matches!(device.result(), Err(FlowError::Expired)));
}
