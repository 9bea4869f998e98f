//! Authorization requests however they come: plain, signed, or pushed before
//! ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)); and the endpoint they are pushed to.
//!
//! A `request_uri` is good for one visit, for a minute, for the client that pushed.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use super::authenticate::authenticate;
use super::authorize::{self, Destination, Part};
use super::clients::{Client, System};
use super::form::Form;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;
use super::{request_object, token};

/// What every `request_uri` starts with
/// ([RFC 9126 §2.2](https://www.rfc-editor.org/rfc/rfc9126#section-2.2)).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// How long one is good, in seconds.
const LIFETIME: u64 = 60;

/// What authenticates a client is no part of its request.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// What may stand beside a request object in a push
/// ([RFC 9126 §3](https://www.rfc-editor.org/rfc/rfc9126#section-3)).
const BESIDE: [&str; 5] =
    ["request", "client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// An authorization request, taken out of whatever it came in.
#[derive(Clone)]
pub struct Request {
    pub form: Form,
    signed: bool,
    pushed: bool,
}

struct Push {
    client_id: String,
    request: Request,
    expires_at: u64,
}

/// All pushed requests that have not been used.
#[derive(Default)]
pub struct Pushes(HashMap<String, Push>);

impl Request {
    /// What the user's browser brought to the authorization endpoint.
    pub fn brought(judge: &mut Judge, rules: &Rules, form: Form) -> Result<Self, Refusal> {
        match (form.get("request"), form.get("request_uri")) {
            (None, None) => Ok(Self { form, signed: false, pushed: false }),
            (Some(_), Some(_)) => Err(Refusal::about("request_uri", "stands beside request")),
            (Some(text), None) => {
                let client = client(judge, &form)?;
                let form = request_object::read(text, &client, rules, judge.now())?;
                Ok(Self { form, signed: true, pushed: false })
            }
            (None, Some(uri)) => {
                let client = client(judge, &form)?;
                judge.pushes.take(uri, &client, judge.now())
            }
        }
    }

    /// Whether the client may ask in this way
    /// ([RFC 9101 §10.5](https://www.rfc-editor.org/rfc/rfc9101#section-10.5),
    /// [RFC 9126 §6](https://www.rfc-editor.org/rfc/rfc9126#section-6)).
    pub fn check_way(&self, client: &Client) -> Result<(), Refusal> {
        if client.signed_requests && !self.signed {
            return Err(Refusal::invalid_request("this client has to sign its requests"));
        }
        if client.pushed_requests && !self.pushed {
            return Err(Refusal::invalid_request("this client has to push its requests"));
        }
        Ok(())
    }
}

impl Pushes {
    /// Another client's `request_uri` stays good.
    fn take(&mut self, uri: &str, client: &Client, now: u64) -> Result<Request, Refusal> {
        self.0.retain(|_, push| push.expires_at > now);
        let is_own = self.0.get(uri).is_some_and(|push| push.client_id == client.id);
        let push = is_own.then(|| self.0.remove(uri)).flatten();
        push.map(|push| push.request).ok_or_else(|| {
            Refusal::invalid_request_uri("nothing was pushed under it, or it was used, or is old")
        })
    }
}

fn client(judge: &Judge, form: &Form) -> Result<Arc<Client>, Refusal> {
    judge
        .clients
        .find(System::Generic, form.required("client_id")?)
        .ok_or_else(|| Refusal::about("client_id", "is not known"))
}

/// A proof with the push names the key that the code will be bound to, as `dpop_jkt` does
/// ([RFC 9449 §10.1](https://www.rfc-editor.org/rfc/rfc9449#section-10.1)).
fn bound(form: Form, jkt: &str) -> Result<Form, Refusal> {
    match form.get("dpop_jkt") {
        Some(named) if named != jkt => Err(Refusal::about("dpop_jkt", "is not the proof's key")),
        _ => Ok(form.with("dpop_jkt", jkt)),
    }
}

/// The pushed authorization request endpoint
/// ([RFC 9126 §2](https://www.rfc-editor.org/rfc/rfc9126#section-2)).
pub fn push(judge: &mut Judge, rules: &Rules, received: &Received) -> Reply {
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    accept(judge, rules, received).unwrap_or_else(|refusal| refusal.reply())
}

fn accept(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Refusal> {
    let form = token::form(received)?;
    let client = authenticate(judge, rules, received, &form)?;
    if form.get("request_uri").is_some() {
        return Err(Refusal::about("request_uri", "may not be pushed"));
    }
    let jkt = token::proof(judge, &format!("{}/par", rules.issuer), &client, received)?;
    let mut request = if let Some(text) = form.get("request") {
        form.only(&BESIDE)?;
        let form = request_object::read(text, &client, rules, judge.now())?;
        Request { form, signed: true, pushed: true }
    } else {
        let form = form.without(&CREDENTIALS).with("client_id", &client.id);
        Request { form, signed: false, pushed: true }
    };
    request.check_way(&client)?;
    if let Some(jkt) = jkt {
        request.form = bound(request.form, &jkt)?;
    }
    // Everything the authorization endpoint would check, so that the client hears of it here.
    Destination::find(judge, System::Generic, &request.form, Part::Query)
        .map_err(|_| Refusal::about("redirect_uri", "is missing or not registered"))?;
    authorize::check(judge, &client, &request.form)?;
    let uri = format!("{PREFIX}{}", judge.chance.token());
    let expires_at = judge.now().saturating_add(LIFETIME);
    let push = Push { client_id: client.id.clone(), request, expires_at };
    judge.pushes.0.insert(uri.clone(), push);
    Ok(Reply::json(201, &json!({ "request_uri": uri, "expires_in": LIFETIME })))
}
