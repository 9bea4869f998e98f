//! Token revocation ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)).

use super::authenticate::authenticate;
use super::judge::Judge;
use super::message::{Received, Reply};
use super::refusal::Refusal;
use super::rules::Rules;
use super::token;

/// The revocation endpoint. A token that is not known is as good as revoked.
pub fn answer(judge: &mut Judge, rules: &Rules, received: &Received) -> Reply {
    if received.method != "POST" {
        return Reply::method_not_allowed("POST");
    }
    revoke(judge, rules, received).unwrap_or_else(|refusal| refusal.reply())
}

fn revoke(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Reply, Refusal> {
    let form = token::form(received)?;
    let client = authenticate(judge, rules, received, &form)?;
    // The hint saves a search that costs nothing here.
    judge.tokens.revoke(&client, form.required("token")?)?;
    Ok(Reply::empty(200))
}
