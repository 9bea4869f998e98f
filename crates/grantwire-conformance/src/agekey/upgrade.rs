//! `POST /v1/agekey/upgrade`: a fresh verification for the user's AgeKey, let in by the access
//! token.
//!
//! The body is taken in both shapes there are: `authorization_details` as an array, and as a
//! string that holds the array. So is the token: `Bearer`, and the older Basic form with the token
//! as user name and no password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::bearer::{self, NotLetIn};
use super::super::clients::System;
use super::super::judge::Judge;
use super::super::message::{Received, Reply};
use super::super::refusal::Refusal;
use super::super::tokens::Access;
use super::{date, holds_upgrade};

/// Answers an upgrade request. The documentation says nothing of the body of a success; an empty
/// object is sent.
pub fn upgrade(judge: &Judge, received: &Received) -> Reply {
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    if let Err(not_let_in) = let_in(judge, received) {
        return not_let_in.reply();
    }
    if !received.is_media_type("application/json") {
        return Refusal::invalid_request("the content type is not application/json").reply();
    }
    match check_body(&received.body) {
        Ok(()) => Reply::json(200, &json!({})),
        Err(refusal) => refusal.reply(),
    }
}

fn let_in(judge: &Judge, received: &Received) -> Result<(), NotLetIn> {
    let access = match basic_token(received) {
        Some(token) => bearer::known(judge, System::AgeKey, &token)?,
        None => bearer::access(judge, System::AgeKey, received)?,
    };
    let Access { grant, .. } = access;
    if holds_upgrade(&grant.scope) {
        Ok(())
    } else {
        Err(NotLetIn::Insufficient { scope: "agekey.upgrade" })
    }
}

/// The token of the older form.
fn basic_token(received: &Received) -> Option<String> {
    let credentials = received.header("authorization").ok()??.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    decoded.strip_suffix(':').map(str::to_owned)
}

fn check_body(body: &[u8]) -> Result<(), Refusal> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return Err(Refusal::invalid_request("the body is not a JSON object"));
    };
    if members.len() > 1 {
        return Err(Refusal::invalid_request("the body has a member that is not documented"));
    }
    let details = match members.get("authorization_details") {
        Some(Value::Array(details)) => details.clone(),
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|_| Refusal::about("authorization_details", "is not a JSON array"))?,
        _ => return Err(Refusal::about("authorization_details", "is missing")),
    };
    if details.is_empty() {
        return Err(Refusal::about("authorization_details", "is empty"));
    }
    for detail in &details {
        let members = detail
            .as_object()
            .ok_or_else(|| Refusal::about("authorization_details", "holds no object"))?;
        check_detail(members)
            .map_err(|problem| Refusal::about("authorization_details", problem))?;
    }
    Ok(())
}

fn check_detail(detail: &Map<String, Value>) -> Result<(), &'static str> {
    let text = |name: &str| detail.get(name).and_then(Value::as_str);
    if text("type") != Some("age_verification") {
        return Err("has another type than age_verification");
    }
    check_age(detail.get("age").and_then(Value::as_object))?;
    if text("method").is_none_or(str::is_empty) {
        return Err("has no method");
    }
    let id_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_+/=.-".contains(&byte);
    match text("verification_id") {
        Some(id) if (1..=100).contains(&id.len()) && id.bytes().all(id_byte) => {}
        _ => return Err("has no good verification_id"),
    }
    match text("verified_at") {
        Some(time) if date::is_date(time) || date::is_date_time(time) => {}
        _ => return Err("has no good verified_at"),
    }
    if detail.get("attributes").is_some_and(|value| !value.is_object()) {
        return Err("has attributes that are not an object");
    }
    let path = |value: &Value| value.as_str().is_some_and(|path| path.starts_with('/'));
    if detail.get("provenance").is_some_and(|value| !path(value)) {
        return Err("has a provenance that is not a path");
    }
    Ok(())
}

/// Exactly one of the three ways to say an age.
fn check_age(age: Option<&Map<String, Value>>) -> Result<(), &'static str> {
    let mut members = age.into_iter().flatten();
    let good = match (members.next(), members.next()) {
        (Some((name, value)), None) => match name.as_str() {
            "date_of_birth" => value.as_str().is_some_and(date::is_date),
            "at_least_years" | "years" => value.as_u64().is_some(),
            _ => false,
        },
        _ => false,
    };
    if good { Ok(()) } else { Err("has no good age") }
}
