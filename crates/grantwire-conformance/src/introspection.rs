//! Token introspection ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)): what a token means, for
//! those who have to decide by it.

use serde_json::{Value, json};

use super::authenticate::authenticate;
use super::clients::Authentication;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;
use super::token;

/// The introspection endpoint. Of a token that is not good it says only that.
pub fn answer(judge: &mut Judge, rules: &Rules, received: &Received) -> Reply {
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    introspect(judge, rules, received).unwrap_or_else(|refusal| refusal.reply())
}

fn introspect(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Refusal> {
    let form = token::form(received)?;
    let client = authenticate(judge, rules, received, &form)?;
    if matches!(client.authentication, Authentication::None) {
        return Err(Refusal::unauthorized_client("a public client may not look into tokens"));
    }
    let value = form.required("token")?;
    let now = judge.now();
    let (grant, expires_at, is_access) = match judge.tokens.access(rules.system, value, now) {
        Some(access) => (&access.grant, access.expires_at, true),
        // A refresh token is for nobody but its client.
        None => match judge.tokens.refresh(&client, value, now) {
            Some((grant, expires_at)) => (grant, expires_at, false),
            None => return Ok(Reply::json(200, &json!({ "active": false }))),
        },
    };
    let mut about = json!({
        "active": true,
        "iss": rules.issuer,
        "sub": grant.subject,
        "client_id": grant.client_id,
        "scope": grant.scope,
        "exp": expires_at,
    });
    let optional = [
        ("token_type", is_access.then(|| grant.token_type().into())),
        ("aud", Some(json!(grant.audience)).filter(|_| !grant.audience.is_empty())),
        ("act", grant.act.clone()),
        ("cnf", grant.jkt.as_ref().map(|jkt| json!({ "jkt": jkt }))),
    ];
    if let Value::Object(members) = &mut about {
        let present = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
        members.extend(present.map(|(name, value)| (name.to_owned(), value)));
    }
    Ok(Reply::json(200, &about))
}
