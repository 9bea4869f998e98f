//! The device flow of the generic issuer ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)): the device
//! authorization endpoint, the page the user visits, and what the codes stand for.
//!
//! The page takes a form with `user_code` and `decision` (`approve` or `deny`). Nobody signs in:
//! whoever knows the code is the user. The grant itself is one arm in `token`.

use std::collections::HashMap;

use serde_json::json;

use super::authenticate::authenticate;
use super::clients::Client;
use super::form::Form;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;
use super::{scope, token};

/// The name of the grant.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Seconds between polls, what `slow_down` adds to that for good, and how long a code lives.
const INTERVAL: u64 = 5;
const SLOWER: u64 = 5;
const LIFETIME: u64 = 600;

/// The letters of a user code: no vowels, so that no words appear
/// ([RFC 8628 §6.1](https://www.rfc-editor.org/rfc/rfc8628#section-6.1)).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// What a device code stands for.
struct Pending {
    client_id: String,
    user_code: String,
    scope: String,
    expires_at: u64,
    interval: u64,
    polled_at: Option<u64>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Undecided,
    Approved,
    Denied,
    Redeemed,
}

/// All device codes.
#[derive(Default)]
pub struct Devices(HashMap<String, Pending>);

impl Devices {
    /// One poll: the scope, once the user has approved
    /// ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
    pub fn poll(&mut self, client: &Client, code: &str, now: u64) -> Result<String, Refusal> {
        let pending = self
            .0
            .get_mut(code)
            .filter(|pending| pending.client_id == client.id)
            .ok_or_else(|| Refusal::invalid_grant("the device code is not known"))?;
        let early =
            pending.polled_at.is_some_and(|last| now < last.saturating_add(pending.interval));
        pending.polled_at = Some(now);
        if pending.state == State::Redeemed {
            return Err(Refusal::invalid_grant("the device code was used before"));
        }
        if pending.expires_at <= now {
            return Err(Refusal::device("expired_token", "the device code has expired"));
        }
        if early {
            pending.interval = pending.interval.saturating_add(SLOWER);
            return Err(Refusal::device("slow_down", "polled too early; wait five seconds more"));
        }
        match pending.state {
            State::Approved => Ok(pending.scope.clone()),
            State::Denied => Err(Refusal::access_denied()),
            _ => Err(Refusal::device("authorization_pending", "the user has not decided yet")),
        }
    }

    /// Marks a device code as used. Until then a refused poll has cost nothing.
    pub fn redeem(&mut self, code: &str) {
        if let Some(pending) = self.0.get_mut(code) {
            pending.state = State::Redeemed;
        }
    }

    /// What the user says. Letter case and punctuation of the code do not count. Returns whether
    /// there was anything to decide.
    fn decide(&mut self, user_code: &str, state: State, now: u64) -> bool {
        let plain = |code: &str| -> String {
            let letters = code.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|letter| letter.to_ascii_uppercase()).collect()
        };
        let wanted = plain(user_code);
        let found = self.0.values_mut().find(|pending| {
            pending.state == State::Undecided
                && pending.expires_at > now
                && plain(&pending.user_code) == wanted
        });
        if let Some(pending) = found {
            pending.state = state;
            return true;
        }
        false
    }
}

/// The device authorization endpoint
/// ([RFC 8628 §3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.1)).
pub fn authorization(judge: &mut Judge, rules: &Rules, received: &Received) -> Reply {
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    authorize(judge, rules, received).unwrap_or_else(|refusal| refusal.reply())
}

fn authorize(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Refusal> {
    let form = token::form(received)?;
    let client = authenticate(judge, rules, received, &form)?;
    if !client.may_use(GRANT_TYPE) {
        return Err(Refusal::unauthorized_client("the client is not registered for this grant"));
    }
    let scope = scope::grantable(form.get("scope"), &client.scopes)?;
    let (device_code, user_code) = (judge.chance.token(), user_code(judge.chance.bytes()));
    let page = format!("{}/device", rules.issuer);
    let reply = Reply::json(
        200,
        &json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={user_code}"),
            "expires_in": LIFETIME,
            "interval": INTERVAL,
        }),
    );
    let pending = Pending {
        client_id: client.id.clone(),
        user_code,
        scope,
        expires_at: judge.now().saturating_add(LIFETIME),
        interval: INTERVAL,
        polled_at: None,
        state: State::Undecided,
    };
    judge.devices.0.insert(device_code, pending);
    Ok(reply)
}

/// Eight letters with a dash between them.
fn user_code(random: [u8; 32]) -> String {
    let letter = |byte: &u8| {
        let at = usize::from(*byte) % LETTERS.len();
        LETTERS.get(at).copied().map_or('X', char::from)
    };
    let mut code: String = random.iter().take(8).map(letter).collect();
    code.insert(4, '-');
    code
}

/// The page the user visits ([RFC 8628 §3.3](https://www.rfc-editor.org/rfc/rfc8628#section-3.3)).
pub fn page(judge: &mut Judge, received: &Received) -> Reply {
    match received.method.as_str() {
        "GET" => Reply::page(200, "Send the code as user_code, and approve or deny as decision."),
        "POST" => decide(judge, received).unwrap_or_else(|refusal| refusal),
        _ => Reply::method_not_allowed("GET, POST"),
    }
}

fn decide(judge: &mut Judge, received: &Received) -> Result<Reply, Reply> {
    let refused = |refusal: Refusal| Reply::page(400, &refusal.description);
    let text = std::str::from_utf8(&received.body)
        .map_err(|_| Reply::page(400, "the body is not text"))?;
    let form = Form::parse(text).map_err(refused)?;
    let state = match form.required("decision").map_err(refused)? {
        "approve" => State::Approved,
        "deny" => State::Denied,
        _ => return Err(Reply::page(400, "decision is neither approve nor deny")),
    };
    let now = judge.now();
    if judge.devices.decide(form.required("user_code").map_err(refused)?, state, now) {
        Ok(Reply::page(200, "Thank you. Go back to your device."))
    } else {
        Err(Reply::page(404, "no device waits with this code"))
    }
}
