//! `/reports`: a protected resource of the generic issuer, with metadata
//! ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)).
//!
//! `GET` takes the scope `reports.read`, `POST` takes `reports.write`, and either takes a token that
//! was issued for this resource: one for nowhere in particular is not enough.

use serde_json::json;

use super::bearer::{self, NotLetIn};
use super::clients::System;
use super::dpop::ALGORITHMS;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::with_nonce;
use super::rules::Rules;
use super::scope;

/// What a token exchange may call it.
pub const AUDIENCE: &str = "reports";

/// The scopes it knows.
pub const SCOPES: [&str; 2] = ["reports.read", "reports.write"];

/// Its resource identifier, which is its address.
pub fn resource(origin: &str) -> String {
    format!("{origin}/reports")
}

/// The resource itself.
pub fn answer(judge: &mut Judge, received: &Received) -> Reply {
    let needed = match received.method.as_str() {
        "GET" => SCOPES[0],
        "POST" => SCOPES[1],
        _ => return Reply::method_not_allowed("GET, POST"),
    };
    let place = resource(&judge.origin);
    let let_in = bearer::proven_access(judge, System::Generic, received).and_then(|let_in| {
        let grant = &let_in.0.grant;
        if !grant.audience.contains(&place) {
            Err(NotLetIn::BadToken)
        } else if !scope::holds(&grant.scope, needed) {
            Err(NotLetIn::Insufficient { scope: needed })
        } else {
            Ok(let_in)
        }
    });
    match let_in {
        Err(not_let_in) => {
            let metadata = format!("{}/.well-known/oauth-protected-resource/reports", judge.origin);
            not_let_in.reply_of(&metadata, needed)
        }
        Ok((access, nonce)) => {
            let mut about = json!({
                "reports": ["third quarter"],
                "sub": access.grant.subject,
                "scope": access.grant.scope,
            });
            if let (Some(act), Some(members)) = (access.grant.act, about.as_object_mut()) {
                members.insert("act".to_owned(), act);
            }
            with_nonce(Reply::json(200, &about), nonce.as_deref())
        }
    }
}

/// What it says of itself ([RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2)).
pub fn metadata(judge: &Judge, received: &Received) -> Reply {
    Reply::document(
        received,
        &json!({
            "resource": resource(&judge.origin),
            "authorization_servers": [Rules::generic(&judge.origin).issuer],
            "scopes_supported": SCOPES,
            "bearer_methods_supported": ["header"],
            "dpop_signing_alg_values_supported": ALGORITHMS,
            "resource_name": "Reports",
        }),
    )
}
