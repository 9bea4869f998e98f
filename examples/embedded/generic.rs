//! A plain OAuth 2.0 issuer under `/oauth2`, for programs that show the protocol and no product.
//!
//! Doors: `authorize` (with `iss` in its answer,
//! [RFC 9207 §2](https://www.rfc-editor.org/rfc/rfc9207#section-2)), `token`, `jwks`, and
//! `userinfo`, a resource that tells what its bearer token means.

use serde_json::{Value, json};

use super::authorize::{self, Destination, Part};
use super::bearer;
use super::clients::System;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::rules::Rules;
use super::token;

pub fn answer(judge: &mut Judge, received: &Received, door: &str) -> Reply {
    let rules = Rules::generic(&judge.origin);
    match door {
        "authorize" => authorize(judge, &rules, received).unwrap_or_else(|page| page),
        "token" if received.method != "POST" => Reply::method_not_allowed("POST"),
        "token" => match token::serve(judge, &rules, received) {
            Ok(issued) => Reply::json(200, &issued.full()),
            Err(refusal) => refusal.reply(),
        },
        "userinfo" => userinfo(judge, received),
        "jwks" => judge.jwks(received),
        _ => Reply::page(404, "nothing is here"),
    }
}

fn authorize(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Reply> {
    let form = authorize::parameters(received)?;
    let destination = Destination::find(judge, System::Generic, &form, Part::Query)?;
    let issuer = || ("iss", rules.issuer.clone());
    Ok(match authorize::code(judge, rules, &destination, &form, "alice") {
        Ok(code) => destination.send(vec![("code", code), issuer()]),
        Err(refusal) => destination.refuse(&refusal, vec![issuer()]),
    })
}

fn userinfo(judge: &Judge, received: &Received) -> Reply {
    if !matches!(received.method.as_str(), "GET" | "POST") {
        return Reply::method_not_allowed("GET, POST");
    }
    match bearer::access(judge, System::Generic, received) {
        Err(not_let_in) => not_let_in.reply(),
        Ok(access) => {
            let about: Value = json!({
                "sub": access.grant.subject,
                "client_id": access.grant.client_id,
                "scope": access.grant.scope,
                "exp": access.expires_at,
            });
            Reply::json(200, &about)
        }
    }
}
