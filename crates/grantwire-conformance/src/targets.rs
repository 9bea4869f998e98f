//! Where a token is to be used: `resource`
//! ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)) and, in a token exchange,
//! `audience` ([RFC 8693 §2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.1)).
//!
//! The generic issuer knows two places: itself, and the protected resource `reports`. Asked for any
//! other, it issues nothing.

use super::form::Form;
use super::refusal::Refusal;
use super::reports;
use super::rules::Rules;

/// The places that a request names, each once, by their URIs.
pub fn asked(origin: &str, form: &Form) -> Result<Vec<String>, Refusal> {
    let (issuer, reports) = (Rules::generic(origin).issuer, reports::resource(origin));
    let mut places = Vec::new();
    for resource in form.all("resource") {
        if !is_absolute(resource) {
            return Err(Refusal::invalid_target("resource is no absolute URI without a fragment"));
        }
        if resource != issuer && resource != reports {
            return Err(Refusal::invalid_target("resource is not one this server serves"));
        }
        places.push(resource.to_owned());
    }
    for audience in form.all("audience") {
        places.push(match audience {
            reports::AUDIENCE => reports.clone(),
            _ if audience == issuer || audience == reports => audience.to_owned(),
            _ => return Err(Refusal::invalid_target("audience is not one this server knows")),
        });
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

/// What a later request of the same authorization asks for, which may be less and not more
/// ([RFC 8707 §2.2](https://www.rfc-editor.org/rfc/rfc8707#section-2.2)).
pub fn narrowed(origin: &str, form: &Form, granted: &[String]) -> Result<Vec<String>, Refusal> {
    let asked = asked(origin, form)?;
    if asked.is_empty() {
        return Ok(granted.to_vec());
    }
    if !granted.is_empty() && !asked.iter().all(|place| granted.contains(place)) {
        return Err(Refusal::invalid_target("resource is not among those that were granted"));
    }
    Ok(asked)
}

fn is_absolute(uri: &str) -> bool {
    let after_scheme = uri.split_once("://").map(|(_, rest)| rest);
    after_scheme.is_some_and(|rest| !rest.is_empty()) && !uri.contains('#')
}
