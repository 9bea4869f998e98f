//! Prints the crate's typed values. Secrets are shortened; nothing is judged.

use std::fmt::Display;

use grantwire::ReplyError;
use grantwire::{GrantedScope, Lifetime, TokenResponse};

use crate::embedded::{Printer, elide};

/// Tokens that came, and what came with them.
pub fn tokens(printer: Printer, tokens: &TokenResponse) {
    let token = tokens.access_token();
    let mut fields = vec![
        ("access token", elide::secret(token.expose())),
        ("type", format!("{:?}", token.token_type())),
    ];
    match tokens.lifetime() {
        Lifetime::Known(span) => fields.push(("lifetime", format!("{} s", span.as_secs()))),
        other => fields.push(("lifetime", format!("{other:?}"))),
    }
    for (name, token) in
        [("refresh token", tokens.refresh_token()), ("ID token", tokens.id_token())]
    {
        fields.extend(token.map(|token| (name, elide::secret(token.expose()))));
    }
    match tokens.scope() {
        GrantedScope::Set(scope) => fields.push(("scope", scope.to_string())),
        other => fields.push(("scope", format!("{other:?}"))),
    }
    fields.extend(tokens.deviations().iter().map(|each| ("tolerated", each.to_string())));
    printer.result("TokenResponse", &lines(&fields));
}

/// A failure that came in an answer.
pub fn failure(printer: Printer, error: &ReplyError) {
    let mut fields = vec![
        ("says", error.to_string()),
        ("class", format!("{:?}", error.class())),
        ("fault", format!("{:?}", error.fault())),
    ];
    let description = error.refusal().and_then(|refusal| refusal.description());
    fields.extend(description.map(|text| ("description", text.escaped())));
    fields.extend(error.retry_after().map(|wait| ("retry after", format!("{wait:?}"))));
    if error.credential_is_dead() {
        fields.push(("credential", "dead".to_owned()));
    }
    printer.refusal("ReplyError", &lines(&fields));
}

/// Fields as the printer takes them.
pub fn lines<'a>(fields: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a dyn Display)> {
    fields.iter().map(|(name, value)| (*name, value as &dyn Display)).collect()
}
