//! What all authorization endpoints share: where the answer goes, and the code flow of PingOne
//! and the generic issuer.
//!
//! An error is sent to a redirect URI only after that URI is known to be registered
//! ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).

use std::sync::Arc;

use super::clients::{Client, System};
use super::codes::{self, Code};
use super::form::{self, Form};
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;
use super::{scope, targets};

/// The part of the redirect URI that carries the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Query,
    Fragment,
}

/// A registered place for the answer.
pub struct Destination {
    pub client: Arc<Client>,
    pub redirect_uri: String,
    /// Whether the request named the redirect URI.
    pub redirect_uri_named: bool,
    part: Part,
    state: Option<String>,
}

impl Destination {
    /// Finds where the answer to this request may go, or the page that says why nowhere.
    /// `usual` is the part used when there is no `response_mode`.
    pub fn find(judge: &Judge, system: System, form: &Form, usual: Part) -> Result<Self, Reply> {
        let client = form
            .get("client_id")
            .and_then(|id| judge.clients.find(system, id))
            .ok_or_else(|| Reply::page(400, "client_id is missing or not known"))?;
        let named = form.get("redirect_uri");
        let redirect_uri = match (named, client.redirect_uris.as_slice()) {
            (Some(uri), registered) if registered.iter().any(|each| each == uri) => uri.to_owned(),
            (None, [only]) if system == System::Generic => only.clone(),
            _ => {
                return Err(Reply::page(400, "redirect_uri is missing or not registered"));
            }
        };
        let part = match form.get("response_mode") {
            Some("query") => Part::Query,
            Some("fragment") => Part::Fragment,
            _ => usual,
        };
        Ok(Self {
            client,
            redirect_uri,
            redirect_uri_named: named.is_some(),
            part,
            state: form.get("state").map(str::to_owned),
        })
    }

    /// Sends the user agent there with these parameters and the request's `state`.
    pub fn send(&self, mut parameters: Vec<(&str, String)>) -> Reply {
        if let Some(state) = &self.state {
            parameters.push(("state", state.clone()));
        }
        let separator = match self.part {
            Part::Fragment => '#',
            Part::Query if self.redirect_uri.contains('?') => '&',
            Part::Query => '?',
        };
        let parameters = form::encode(&parameters);
        Reply::found(&format!("{}{separator}{parameters}", self.redirect_uri))
    }

    /// Sends the user agent there with an error.
    pub fn refuse(&self, refusal: &Refusal, mut more: Vec<(&str, String)>) -> Reply {
        let mut parameters = vec![
            ("error", refusal.error.to_owned()),
            ("error_description", refusal.description.clone()),
        ];
        parameters.append(&mut more);
        self.send(parameters)
    }
}

/// The parameters of an authorization request, from the query of a `GET` or the form of a `POST`.
pub fn parameters(received: &Received) -> Result<Form, Reply> {
    let text = match received.method.as_str() {
        "GET" => received.query(),
        "POST" if !received.is_media_type("application/x-www-form-urlencoded") => {
            return Err(Reply::page(415, "the body is not a form"));
        }
        "POST" => std::str::from_utf8(&received.body)
            .map_err(|_| Reply::page(400, "the body is not text"))?,
        _ => return Err(Reply::method_not_allowed("GET, POST")),
    };
    Form::parse(text).map_err(|refusal| Reply::page(400, &refusal.description))
}

/// A request for a code that is in order; nobody has been asked yet.
pub struct Checked {
    challenge: Option<String>,
    scope: String,
    audience: Vec<String>,
}

/// Checks everything but where the answer goes.
pub fn check(judge: &Judge, client: &Client, form: &Form) -> Result<Checked, Refusal> {
    if form.required("response_type")? != "code" {
        return Err(Refusal::unsupported_response_type("response_type is not code"));
    }
    if !matches!(form.get("response_mode"), None | Some("query" | "fragment")) {
        return Err(Refusal::about("response_mode", "is not served here"));
    }
    if !client.may_use("authorization_code") {
        return Err(Refusal::unauthorized_client("the client is not registered for this grant"));
    }
    Ok(Checked {
        challenge: codes::challenge(form, client.pkce)?,
        scope: scope::grantable(form.get("scope"), &client.scopes)?,
        audience: match client.system {
            System::Generic => targets::asked(&judge.origin, form)?,
            _ => Vec::new(),
        },
    })
}

/// The code flow: a code for the client, once everything is in order and the user agrees.
pub fn code(
    judge: &mut Judge,
    rules: &Rules,
    destination: &Destination,
    form: &Form,
    subject: &str,
) -> Result<String, Refusal> {
    let client = &destination.client;
    let Checked { challenge, scope, audience } = check(judge, client, form)?;
    let scope = judge.decide(scope).ok_or_else(Refusal::access_denied)?;
    let code = Code {
        system: rules.system,
        client_id: client.id.clone(),
        redirect_uri: destination.redirect_uri.clone(),
        redirect_uri_named: destination.redirect_uri_named,
        challenge,
        scope,
        nonce: form.get("nonce").map(str::to_owned),
        subject: subject.to_owned(),
        dpop_jkt: form.get("dpop_jkt").map(str::to_owned),
        audience,
        expires_at: judge.now().saturating_add(rules.code_lifetime),
    };
    let value = judge.chance.token();
    judge.codes.issue(value.clone(), code);
    Ok(value)
}
