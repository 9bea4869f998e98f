//! CIBA of the generic issuer, in poll mode: the backchannel authentication endpoint, the user's phone, and what the identifiers stand for.
//!
//! The phone shows what waits for its `user` and takes a form with `user`, `binding_message` and
//! `decision` (`approve` or `deny`). Nobody signs in: whoever names a user holds that phone.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::authenticate::authenticate;
use super::clients::{Authentication, Client};
use super::form::Form;
use super::id_token::IdToken;
use super::issue::{self, Issued};
use super::judge::Judge;
use super::message::{Received, Reply};
use super::polled::{self, INTERVAL, Polled, State};
use super::refusal::Refusal;
use super::rules::Rules;
use super::tokens::Grant;
use super::{scope, token};

/// The name of the grant.
pub const GRANT_TYPE: &str = "urn:openid:params:grant-type:ciba";

/// How long a request stays open when the client does not say, and at the longest, in seconds.
const LIFETIME: u64 = 120;

/// Who can be asked.
const USERS: [&str; 2] = ["alice", "bob"];

/// The hints, of which a request has exactly one.
const HINTS: [&str; 3] = ["login_hint", "id_token_hint", "login_hint_token"];

/// The most characters of a binding message that a phone can show.
const SHOWN: usize = 40;

/// What an `auth_req_id` stands for.
struct Asked {
    user: String,
    binding_message: String,
    polled: Polled,
}

/// All requests.
#[derive(Default)]
pub struct Backchannel(HashMap<String, Asked>);

/// The grant
/// ([OpenID Connect CIBA §10.1](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#token_request)).
pub fn grant(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    form: &Form,
    jkt: Option<String>,
) -> Result<Issued, Refusal> {
    let now = judge.now();
    let asked = judge
        .backchannel
        .0
        .get_mut(form.required("auth_req_id")?)
        .filter(|asked| asked.polled.client_id == client.id)
        .ok_or_else(|| Refusal::invalid_grant("the auth_req_id is not known"))?;
    let scope = asked.polled.poll(now)?;
    asked.polled.redeem();
    let grant = Grant { jkt, ..Grant::new(client, &asked.user, scope) };
    issue::anew(judge, rules, client, grant)
}

/// The backchannel authentication endpoint
/// ([OpenID Connect CIBA §7](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_backchannel_endpoint)).
pub fn authentication(judge: &mut Judge, rules: &Rules, received: &Received) -> Reply {
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    ask(judge, rules, received).unwrap_or_else(|refusal| refusal.reply())
}

fn ask(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Refusal> {
    let form = token::form(received)?;
    let client = authenticate(judge, rules, received, &form)?;
    let public = matches!(client.authentication, Authentication::None);
    if public || !client.may_use(GRANT_TYPE) {
        return Err(Refusal::unauthorized_client("the client is not registered for this grant"));
    }
    if form.get("request").is_some() {
        return Err(Refusal::about("request", "is not served here"));
    }
    let scope = scope::grantable(Some(form.required("scope")?), &client.scopes)?;
    if !scope::holds(&scope, "openid") {
        return Err(Refusal::invalid_scope("scope has no openid"));
    }
    let user = hinted(judge, rules, &form)?;
    let binding_message = form.get("binding_message").unwrap_or_default().to_owned();
    if binding_message.chars().count() > SHOWN || binding_message.chars().any(char::is_control) {
        return Err(Refusal::ciba("invalid_binding_message", "it is too long, or no plain text"));
    }
    let expires_in = match form.get("requested_expiry").map(str::parse::<u64>) {
        None => LIFETIME,
        Some(Ok(seconds)) if seconds > 0 => seconds.min(LIFETIME),
        Some(_) => return Err(Refusal::about("requested_expiry", "is not a positive integer")),
    };
    let polled = Polled::new(&client, scope, judge.now().saturating_add(expires_in));
    let id = judge.chance.token();
    judge.backchannel.0.insert(id.clone(), Asked { user, binding_message, polled });
    let acknowledged = json!({ "auth_req_id": id, "expires_in": expires_in, "interval": INTERVAL });
    Ok(Reply::json(200, &acknowledged))
}

/// The user that the one hint names.
fn hinted(judge: &Judge, rules: &Rules, form: &Form) -> Result<String, Refusal> {
    let mut hints = HINTS.into_iter().filter_map(|name| form.get(name).map(|hint| (name, hint)));
    let (Some((name, hint)), None) = (hints.next(), hints.next()) else {
        return Err(Refusal::invalid_request("there is not exactly one hint"));
    };
    let user = match name {
        "login_hint" => hint.to_owned(),
        // An old one still says who it was about.
        "id_token_hint" => IdToken::read(judge, rules, hint)
            .map(|id_token| id_token.subject)
            .map_err(|problem| Refusal::about(name, problem))?,
        _ => return Err(Refusal::about(name, "is of no kind that is known here")),
    };
    if USERS.contains(&user.as_str()) {
        Ok(user)
    } else {
        Err(Refusal::ciba("unknown_user_id", "nobody here is called that"))
    }
}

/// The user's phone.
pub fn phone(judge: &mut Judge, received: &Received) -> Reply {
    let answered = match received.method.as_str() {
        "GET" => shown(judge, received),
        "POST" => decide(judge, received),
        _ => return Reply::method_not_allowed("GET, POST"),
    };
    answered.unwrap_or_else(|refusal| Reply::page(400, &refusal.description))
}

/// What waits for the user.
fn shown(judge: &Judge, received: &Received) -> Result<Reply, Refusal> {
    let form = Form::parse(received.query())?;
    let (user, now) = (form.required("user")?, judge.now());
    let waiting = judge.backchannel.0.values();
    let waiting = waiting.filter(|asked| asked.user == user && asked.polled.is_open(now));
    let prompts: Vec<Value> = waiting
        .map(|asked| {
            json!({
                "client_id": asked.polled.client_id,
                "scope": asked.polled.scope,
                "binding_message": asked.binding_message,
            })
        })
        .collect();
    Ok(Reply::json(200, &json!(prompts)))
}

fn decide(judge: &mut Judge, received: &Received) -> Result<Reply, Refusal> {
    let text = std::str::from_utf8(&received.body)
        .map_err(|_| Refusal::invalid_request("the body is not text"))?;
    let form = Form::parse(text)?;
    let state: State = polled::decision(form.required("decision")?)
        .ok_or_else(|| Refusal::about("decision", "is neither approve nor deny"))?;
    let (user, now) = (form.required("user")?, judge.now());
    let message = form.get("binding_message").unwrap_or_default();
    let found = judge.backchannel.0.values_mut().find(|asked| {
        asked.user == user && asked.binding_message == message && asked.polled.is_open(now)
    });
    Ok(match found {
        Some(asked) => {
            asked.polled.decide(state);
            Reply::page(200, "Thank you. Go back to where you were.")
        }
        None => Reply::page(404, "nothing waits with this message"),
    })
}
