//! PingOne: `/{envID}/as/authorize`, `/{envID}/as/token` and `/{envID}/as/jwks`, and the same
//! under `/as` as on a custom domain.
//!
//! Two error shapes: OAuth's, with a correlation identifier at the end of the description, and the
//! platform's own (`id`, `code`, `message`, `details`). The real service signs its tokens with
//! RS256; here ID tokens are ES256 and access tokens are for the server's eyes only.

use serde_json::json;

use super::authorize::{self, Destination, Part};
use super::clients::System;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;
use super::token;

/// The one user of the environment.
const USER: &str = "5b3c9f7e-3a7c-4d1e-9a35-0f6f5b1f8a11";

pub fn answer(
    judge: &mut Judge,
    received: &Received,
    environment: Option<&str>,
    door: &str,
) -> Reply {
    let prefix = match environment {
        None => String::new(),
        Some(id) if id == judge.pingone_environment => format!("/{id}"),
        Some(_) => return not_found(judge, "environmentId"),
    };
    let rules = Rules::pingone(&judge.origin, &prefix);
    match door {
        "authorize" => authorize(judge, &rules, received).unwrap_or_else(|page| page),
        "token" if received.method != "POST" => Reply::method_not_allowed("POST"),
        "token" => match token::serve(judge, &rules, received) {
            Ok(issued) => Reply::json(200, &issued.full()),
            Err(refusal) => correlated(judge, refusal).reply(),
        },
        "jwks" => judge.jwks(received),
        _ => not_found(judge, "path"),
    }
}

fn authorize(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Reply> {
    let form = authorize::parameters(received)?;
    let destination = Destination::find(judge, System::PingOne, &form, Part::Query)?;
    Ok(match authorize::code(judge, rules, &destination, &form, USER) {
        Ok(code) => destination.send(vec![("code", code)]),
        Err(refusal) => destination.refuse(&correlated(judge, refusal), Vec::new()),
    })
}

/// Wraps a description the way PingOne words its own.
fn correlated(judge: &mut Judge, refusal: Refusal) -> Refusal {
    let id = judge.chance.uuid();
    Refusal {
        description: format!("Request denied: {} (Correlation ID: {id})", refusal.description),
        ..refusal
    }
}

/// The platform's error shape.
fn not_found(judge: &mut Judge, target: &str) -> Reply {
    Reply::json(
        404,
        &json!({
            "id": judge.chance.uuid(),
            "code": "NOT_FOUND",
            "message": "The request could not be completed. The requested resource was not found.",
            "details": [{
                "code": "INVALID_VALUE",
                "target": target,
                "message": "no such resource",
            }],
        }),
    )
}
