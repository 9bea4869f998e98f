//! AgeKey: "Use AgeKey", its token endpoint, and the upgrade that the token is for.
//!
//! The documented parameter lists are closed lists here. What the documentation leaves open (the
//! errors of the token endpoint, the body of a successful upgrade) follows the RFCs.

mod claims;
mod date;
mod upgrade;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use self::claims::Claims;
use super::authorize::{self, Destination, Part};
use super::clients::System;
use super::codes::Code;
use super::form::Form;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;
use super::{scope, token};

pub use self::upgrade::upgrade;

/// The three published spellings of the upgrade scope.
const UPGRADE_SCOPES: [&str; 3] = ["agekey.upgrade", "agekey_upgrade", "agekey-upgrade"];

/// How long an ID token is good, in seconds.
const ID_TOKEN_LIFETIME: u64 = 600;

/// `GET /v1/oidc/use`.
pub fn authorize(judge: &mut Judge, received: &Received) -> Reply {
    if received.method != "GET" {
        return Reply::method_not_allowed("GET");
    }
    let found = authorize::parameters(received).and_then(|form| {
        Destination::find(judge, System::AgeKey, &form, Part::Fragment)
            .map(|destination| (form, destination))
    });
    match found {
        Err(page) => page,
        Ok((form, destination)) => match use_agekey(judge, &destination, &form) {
            Ok(parameters) => destination.send(parameters),
            Err(refusal) => destination.refuse(&refusal, Vec::new()),
        },
    }
}

/// `POST /v1/oidc/use/token`.
pub fn token(judge: &mut Judge, received: &Received) -> Reply {
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    let rules = Rules::agekey(&judge.origin);
    match token::serve(judge, &rules, received) {
        Ok(issued) => Reply::json(
            200,
            &json!({
                "access_token": issued.access_token,
                "token_type": "Bearer",
                "expires_in": issued.expires_in,
            }),
        ),
        Err(refusal) => refusal.reply(),
    }
}

/// Checks the request and answers for the user: an ID token, and a code when the upgrade scope
/// was asked for and the user is below every threshold.
fn use_agekey(
    judge: &mut Judge,
    destination: &Destination,
    form: &Form,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    form.only(&[
        "scope",
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "nonce",
        "claims",
        "response_mode",
        "can_create",
        "language",
        "theme",
    ])?;
    form.required("state")?;
    let nonce = form.required("nonce")?.to_owned();
    let mut types: Vec<&str> = form.required("response_type")?.split(' ').collect();
    types.sort_unstable();
    if types != ["id_token"] && types != ["code", "id_token"] {
        return Err(Refusal::unsupported_response_type(
            "response_type is neither id_token nor id_token code",
        ));
    }
    one_of(form, "response_mode", &["fragment", "query"])?;
    one_of(form, "can_create", &["true", "false"])?;
    one_of(form, "theme", &["light", "dark", "system"])?;
    let asked = scope::grantable(Some(form.required("scope")?), &destination.client.scopes)?;
    if !scope::holds(&asked, "openid") {
        return Err(Refusal::invalid_scope("scope has no openid"));
    }
    let text = form.required("claims")?;
    let claims = Claims::parse(text)?;
    let upgrade = holds_upgrade(&asked);
    let granted = judge.decide(asked).ok_or_else(Refusal::access_denied)?;

    let subject = judge.chance.uuid();
    let results = claims.results(judge.user_age);
    let below_all = results.values().all(|reached| *reached == Value::Bool(false));
    let rules = Rules::agekey(&judge.origin);
    let id_token = id_token(judge, &rules, destination, &nonce, &subject, results, text)?;
    let mut parameters = vec![("id_token", id_token)];
    if upgrade && below_all {
        let code = Code {
            system: System::AgeKey,
            client_id: destination.client.id.clone(),
            redirect_uri: destination.redirect_uri.clone(),
            redirect_uri_named: true,
            challenge: None,
            scope: granted,
            nonce: Some(nonce),
            subject,
            dpop_jkt: None,
            audience: Vec::new(),
            expires_at: judge.now().saturating_add(rules.code_lifetime),
        };
        let value = judge.chance.token();
        judge.codes.issue(value.clone(), code);
        parameters.push(("code", value));
    }
    Ok(parameters)
}

fn id_token(
    judge: &Judge,
    rules: &Rules,
    destination: &Destination,
    nonce: &str,
    subject: &str,
    results: Map<String, Value>,
    claims: &str,
) -> Result<String, Refusal> {
    let now = judge.now();
    Ok(judge.signing_key.sign(&json!({
        "iss": rules.issuer,
        "sub": subject,
        "aud": destination.client.id,
        "iat": now,
        "exp": now.saturating_add(ID_TOKEN_LIFETIME),
        "nonce": nonce,
        "age_thresholds": results,
        // Binds the token to the very string that was sent.
        "req_claims_hash": URL_SAFE_NO_PAD.encode(Sha256::digest(claims)),
    }))?)
}

fn holds_upgrade(scope: &str) -> bool {
    UPGRADE_SCOPES.iter().any(|spelling| scope::holds(scope, spelling))
}

/// Refuses a parameter that is there with a value outside the list.
fn one_of(form: &Form, name: &str, values: &[&str]) -> Result<(), Refusal> {
    match form.get(name) {
        Some(value) if !values.contains(&value) => {
            Err(Refusal::about(name, "has a value that is not documented"))
        }
        _ => Ok(()),
    }
}
