//! Dressipi: an authorize call that answers JSON, a token endpoint for two grants, and items that
//! know the user by a JWT in `x-dressipi-jwt`.
//!
//! Every call needs a registered `x-api-key`; without one a gateway answers, and not in OAuth's
//! words. OAuth errors are always 400. An item is never refused for want of a good JWT: it comes
//! back unpersonalised.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::authenticate::check_headers;
use super::clients::System;
use super::codes::{self, Code};
use super::form::Form;
use super::judge::Judge;
use super::jws::Jws;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;
use super::token;

/// Profiles are numbered from here.
const FIRST_PROFILE: u64 = 94_173;

/// `GET /oauth/authorize`. Makes a new profile each time.
pub fn authorize(judge: &mut Judge, received: &Received) -> Reply {
    if received.method != "GET" {
        return Reply::method_not_allowed("GET");
    }
    if !has_api_key(judge, received) {
        return forbidden();
    }
    match grant_code(judge, received) {
        Ok((code, state)) => Reply::json(200, &json!({ "code": code, "state": state })),
        Err(refusal) => refused(refusal),
    }
}

/// `POST /oauth/token`.
pub fn token(judge: &mut Judge, received: &Received) -> Reply {
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    if !has_api_key(judge, received) {
        return forbidden();
    }
    let rules = Rules::dressipi(&judge.origin);
    match token::serve(judge, &rules, received) {
        Ok(issued) => Reply::json(
            200,
            &json!({
                "access_token": issued.access_token,
                "refresh_token": issued.refresh_token,
                "expires_in": issued.expires_in,
                "token_type": "Bearer",
            }),
        ),
        Err(refusal) => refused(refusal),
    }
}

/// `GET /api/items/{id}`.
pub fn item(judge: &Judge, received: &Received, item: &str) -> Reply {
    if received.method != "GET" {
        return Reply::method_not_allowed("GET");
    }
    if !has_api_key(judge, received) {
        return forbidden();
    }
    if item.is_empty() || !item.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Reply::json(422, &json!({ "message": "unknown item" }));
    }
    let profile = profile(judge, received);
    Reply::json(
        200,
        &json!({ "item": item, "personalised": profile.is_some(), "profile": profile }),
    )
}

/// A refresh token in the shape of the documented one: signed, opaque, and with characters that
/// have to be escaped in a form.
pub fn refresh_token(judge: &mut Judge, profile: &str) -> String {
    let message = json!([1, [profile], judge.chance.token(), judge.now()]);
    let mac: String = judge.chance.hex().chars().take(40).collect();
    format!("{}--{mac}", STANDARD.encode(message.to_string()))
}

fn grant_code(judge: &mut Judge, received: &Received) -> Result<(String, String), Refusal> {
    let form = Form::parse(received.query())?;
    form.only(&[
        "redirect_uri",
        "response_type",
        "client_id",
        "state",
        "code_challenge",
        "code_challenge_method",
    ])?;
    let client = judge
        .clients
        .find(System::Dressipi, form.required("client_id")?)
        .ok_or_else(|| Refusal::unauthorized_client("the client is not known"))?;
    check_headers(&client, received)?;
    codes::check_redirect_uri(&client, None, &form)?;
    if form.required("response_type")? != "code" {
        return Err(Refusal::unsupported_response_type("response_type is not code"));
    }
    let state = form.required("state")?.to_owned();
    let challenge = codes::challenge(&form, client.pkce)?;
    judge.decide(String::new()).ok_or_else(Refusal::access_denied)?;
    let profile = FIRST_PROFILE.saturating_add(judge.profiles);
    judge.profiles = judge.profiles.saturating_add(1);
    let rules = Rules::dressipi(&judge.origin);
    let code = Code {
        system: System::Dressipi,
        client_id: client.id.clone(),
        redirect_uri: form.required("redirect_uri")?.to_owned(),
        redirect_uri_named: true,
        challenge,
        scope: String::new(),
        nonce: None,
        subject: profile.to_string(),
        dpop_jkt: None,
        audience: Vec::new(),
        expires_at: judge.now().saturating_add(rules.code_lifetime),
    };
    let value = judge.chance.token();
    judge.codes.issue(value.clone(), code);
    Ok((value, state))
}

/// The profile that the raw JWT in the header names, if it is genuine and not expired. With
/// `Bearer` before it, it is not a JWT.
fn profile(judge: &Judge, received: &Received) -> Option<String> {
    let jws = Jws::parse(received.header("x-dressipi-jwt").ok()??).ok()?;
    jws.verify_hmac(&judge.token_key).ok()?;
    let expires_at = jws.payload.get("exp")?.as_u64()?;
    (expires_at > judge.now()).then(|| jws.claim("sub").map(str::to_owned))?
}

/// Whether the key is some partner's. Whose it is, is checked when the client is known.
fn has_api_key(judge: &Judge, received: &Received) -> bool {
    judge.clients.of(System::Dressipi).any(|client| check_headers(client, received).is_ok())
}

/// The gateway's answer, which is not an OAuth error.
fn forbidden() -> Reply {
    Reply::json(403, &json!({ "message": "Forbidden" }))
}

/// The documentation knows one status for an OAuth error.
fn refused(refusal: Refusal) -> Reply {
    Refusal { status: 400, ..refusal }.reply()
}
