//! The device flow of the generic issuer ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)): the device
//! authorization endpoint, the page the user visits, and what the codes stand for.
//!
//! The page takes a form with `user_code` and `decision` (`approve` or `deny`). Nobody signs in:
//! whoever knows the code is the user.

use std::collections::HashMap;

use serde_json::json;

use super::authenticate::authenticate;
use super::clients::Client;
use super::form::Form;
use super::issue::{self, Issued};
use super::judge::Judge;
use super::message::{Received, Reply};
use super::polled::{self, INTERVAL, Polled, State};
use super::refusal::Refusal;
use super::rules::Rules;
use super::tokens::Grant;
use super::{scope, token};

/// The name of the grant.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How long a code lives, in seconds.
const LIFETIME: u64 = 600;

/// The letters of a user code: no vowels, so that no words appear
/// ([RFC 8628 §6.1](https://www.rfc-editor.org/rfc/rfc8628#section-6.1)).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// What a device code stands for.
struct Pending {
    user_code: String,
    polled: Polled,
}

/// All device codes.
#[derive(Default)]
pub struct Devices(HashMap<String, Pending>);

impl Devices {
    /// One poll: the scope, once the user has approved.
    fn poll(&mut self, client: &Client, code: &str, now: u64) -> Result<String, Refusal> {
        self.0
            .get_mut(code)
            .filter(|pending| pending.polled.client_id == client.id)
            .ok_or_else(|| Refusal::invalid_grant("the device code is not known"))?
            .polled
            .poll(now)
    }

    /// What the user says. Letter case and punctuation of the code do not count. Returns whether
    /// there was anything to decide.
    fn decide(&mut self, user_code: &str, state: State, now: u64) -> bool {
        let plain = |code: &str| -> String {
            let letters = code.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|letter| letter.to_ascii_uppercase()).collect()
        };
        let wanted = plain(user_code);
        let found = self
            .0
            .values_mut()
            .find(|pending| pending.polled.is_open(now) && plain(&pending.user_code) == wanted);
        found.map(|pending| pending.polled.decide(state)).is_some()
    }
}

/// The grant ([RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4)).
pub fn grant(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    form: &Form,
    jkt: Option<String>,
) -> Result<Issued, Refusal> {
    let code = form.required("device_code")?;
    let now = judge.now();
    let scope = judge.devices.poll(client, code, now)?;
    if let Some(pending) = judge.devices.0.get_mut(code) {
        pending.polled.redeem();
    }
    issue::anew(judge, rules, client, Grant { jkt, ..Grant::new(client, "alice", scope) })
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
    let polled = Polled::new(&client, scope, judge.now().saturating_add(LIFETIME));
    judge.devices.0.insert(device_code, Pending { user_code, polled });
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
    let state = polled::decision(form.required("decision").map_err(refused)?)
        .ok_or_else(|| Reply::page(400, "decision is neither approve nor deny"))?;
    let now = judge.now();
    if judge.devices.decide(form.required("user_code").map_err(refused)?, state, now) {
        Ok(Reply::page(200, "Thank you. Go back to your device."))
    } else {
        Err(Reply::page(404, "no device waits with this code"))
    }
}
