//! A plain OAuth 2.0 issuer under `/oauth2`, for programs that show the protocol and no product.
//!
//! Doors: `authorize` (with `iss` in its answer,
//! [RFC 9207 §2](https://www.rfc-editor.org/rfc/rfc9207#section-2)), `par`, `token`, `revoke`,
//! `introspect`, `jwks`, `register` (and below it a door for each client),
//! `device_authorization` with its page `device`, `bc_authorize` with the user's `phone`, and
//! `userinfo`, a resource that tells what its bearer or DPoP token means.

use serde_json::{Value, json};

use super::authorize::{self, Destination, Part};
use super::bearer::{self, NotLetIn};
use super::ciba;
use super::clients::System;
use super::device;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::pushed::{self, Request};
use super::refusal;
use super::rules::Rules;
use super::{introspection, registration, revocation, token};

pub fn answer(judge: &mut Judge, received: &Received, door: &str) -> Reply {
    let rules = Rules::generic(&judge.origin);
    match door {
        "authorize" => authorize(judge, &rules, received).unwrap_or_else(|page| page),
        "token" if received.method != "POST" => Reply::method_not_allowed("POST"),
        "token" => match token::serve(judge, &rules, received) {
            Ok(issued) => {
                refusal::with_nonce(Reply::json(200, &issued.full()), issued.dpop_nonce.as_deref())
            }
            Err(refusal) => refusal.reply(),
        },
        "device_authorization" => device::authorization(judge, &rules, received),
        "device" => device::page(judge, received),
        "bc_authorize" => ciba::authentication(judge, &rules, received),
        "phone" => ciba::phone(judge, received),
        "par" => pushed::push(judge, &rules, received),
        "revoke" => revocation::answer(judge, &rules, received),
        "introspect" => introspection::answer(judge, &rules, received),
        "register" => registration::register(judge, &rules, received),
        "userinfo" => userinfo(judge, received),
        "jwks" => judge.jwks(received),
        _ => Reply::page(404, "nothing is here"),
    }
}

fn authorize(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Reply> {
    let brought = authorize::parameters(received)?;
    // What is wrong with the envelope is said to the person who holds it.
    let request = Request::brought(judge, rules, brought).map_err(|refusal| {
        Reply::page(400, &format!("{}: {}", refusal.error, refusal.description))
    })?;
    let form = &request.form;
    let destination = Destination::find(judge, System::Generic, form, Part::Query)?;
    let issuer = || ("iss", rules.issuer.clone());
    let code = request
        .check_way(&destination.client)
        .and_then(|()| authorize::code(judge, rules, &destination, form, "alice"));
    Ok(match code {
        Ok(code) => destination.send(vec![("code", code), issuer()]),
        Err(refusal) => destination.refuse(&refusal, vec![issuer()]),
    })
}

fn userinfo(judge: &mut Judge, received: &Received) -> Reply {
    if !matches!(received.method.as_str(), "GET" | "POST") {
        return Reply::method_not_allowed("GET, POST");
    }
    match bearer::proven_access(judge, System::Generic, received) {
        Err(not_let_in) => not_let_in.reply(),
        // A token for other places is not good here.
        Ok((access, _)) if !access.is_good_at(&Rules::generic(&judge.origin).issuer) => {
            NotLetIn::BadToken.reply()
        }
        Ok((access, nonce)) => {
            let about: Value = json!({
                "sub": access.grant.subject,
                "client_id": access.grant.client_id,
                "scope": access.grant.scope,
                "exp": access.expires_at,
            });
            refusal::with_nonce(Reply::json(200, &about), nonce.as_deref())
        }
    }
}
