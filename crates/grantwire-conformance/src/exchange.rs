//! Token exchange ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693)): one token for another.
//!
//! A subject is an access token of this issuer's, or an ID token that was issued to the client that
//! asks. An actor is the client's own token. What comes out reaches no further than the subject: no
//! more scope, no more time, and it ends with the authorization it came from.

use serde_json::{Value, json};

use super::clients::{Authentication, Client, System};
use super::form::Form;
use super::id_token::IdToken;
use super::issue::{self, Issued};
use super::judge::Judge;
use super::refusal::Refusal;
use super::rules::Rules;
use super::tokens::{FamilyId, Grant};
use super::{scope, targets};

/// The name of the grant.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The types of token that are known here
/// ([RFC 8693 §3](https://www.rfc-editor.org/rfc/rfc8693#section-3)).
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A token that came, understood.
struct Party {
    subject: String,
    /// Who acts for the subject already.
    act: Option<Value>,
    /// `None`: it says nothing of scope.
    scope: Option<String>,
    audience: Vec<String>,
    expires_at: u64,
    family: Option<FamilyId>,
    /// The client it was issued to.
    client_id: String,
}

/// The grant ([RFC 8693 §2](https://www.rfc-editor.org/rfc/rfc8693#section-2)).
pub fn grant(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    form: &Form,
    jkt: Option<String>,
) -> Result<Issued, Refusal> {
    if matches!(client.authentication, Authentication::None) {
        return Err(Refusal::unauthorized_client("a public client may not exchange tokens"));
    }
    let requested = match form.get("requested_token_type") {
        None | Some(ACCESS_TOKEN) => ACCESS_TOKEN,
        Some(JWT) => JWT,
        Some(_) => return Err(Refusal::about("requested_token_type", "is not issued here")),
    };
    let subject = party(judge, rules, client, form, "subject_token", &jkt)?;
    let actor = match (form.get("actor_token"), form.get("actor_token_type")) {
        (None, None) => None,
        (None, Some(_)) => return Err(Refusal::about("actor_token", "is missing")),
        (Some(_), _) => Some(party(judge, rules, client, form, "actor_token", &jkt)?),
    };
    if actor.as_ref().is_some_and(|actor| actor.client_id != client.id) {
        return Err(Refusal::about("actor_token", "is not the client's own"));
    }
    let mut audience = targets::asked(&judge.origin, form)?;
    if audience.is_empty() {
        audience.clone_from(&subject.audience);
    }
    let scope = granted_scope(form, client, &subject)?;
    let act = actor.map_or(subject.act.clone(), |actor| Some(acting(&actor, subject.act)));
    let grant = Grant { jkt, audience, act, ..Grant::new(client, &subject.subject, scope) };
    let issued = if requested == JWT {
        jwt(judge, rules, grant, subject.expires_at)?
    } else {
        let family = subject.family.unwrap_or_else(|| judge.tokens.family());
        issue::until(judge, rules, grant, family, None, subject.expires_at)?
    };
    // An ID token tells a client who signed in; nobody did.
    Ok(Issued { issued_token_type: Some(requested), id_token: None, ..issued })
}

/// Reads one of the two tokens. Whatever is wrong with it, it is the request that is not valid
/// ([RFC 8693 §2.2.2](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.2)).
fn party(
    judge: &Judge,
    rules: &Rules,
    client: &Client,
    form: &Form,
    name: &str,
    jkt: &Option<String>,
) -> Result<Party, Refusal> {
    let token = form.required(name)?;
    let now = judge.now();
    match form.required(&format!("{name}_type"))? {
        ACCESS_TOKEN => {
            let access = judge
                .tokens
                .access(System::Generic, token, now)
                .ok_or_else(|| Refusal::about(name, "is not good"))?;
            if access.grant.jkt.is_some() && access.grant.jkt != *jkt {
                return Err(Refusal::about(name, "is bound to a key that was not proven"));
            }
            Ok(Party {
                subject: access.grant.subject.clone(),
                act: access.grant.act.clone(),
                scope: Some(access.grant.scope.clone()),
                audience: access.grant.audience.clone(),
                expires_at: access.expires_at,
                family: Some(access.family),
                client_id: access.grant.client_id.clone(),
            })
        }
        ID_TOKEN => {
            let read = IdToken::read(judge, rules, token);
            let id_token = read.map_err(|problem| Refusal::about(name, problem))?;
            if id_token.expires_at <= now || !id_token.is_for(client) {
                return Err(Refusal::about(name, "has expired or is another client's"));
            }
            Ok(Party {
                subject: id_token.subject,
                act: None,
                scope: None,
                audience: Vec::new(),
                expires_at: id_token.expires_at,
                family: None,
                client_id: client.id.clone(),
            })
        }
        _ => Err(Refusal::about(&format!("{name}_type"), "is of no kind that is taken here")),
    }
}

/// No more than the subject has, and no more than the client may have.
fn granted_scope(form: &Form, client: &Client, subject: &Party) -> Result<String, Refusal> {
    let mut reach = client.scopes.clone();
    if let Some(scope) = &subject.scope {
        reach.retain(|token| scope::holds(scope, token));
    }
    scope::grantable(form.get("scope"), &reach)
}

/// The claim `act`, with whoever acted before inside
/// ([RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)).
fn acting(actor: &Party, before: Option<Value>) -> Value {
    let mut act = json!({ "sub": actor.subject });
    if let (Some(before), Some(members)) = (before, act.as_object_mut()) {
        members.insert("act".to_owned(), before);
    }
    act
}

/// A signed statement for one place, to be presented there as an assertion. It is no access token,
/// so its `token_type` is `N_A` ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)).
fn jwt(judge: &Judge, rules: &Rules, grant: Grant, until: u64) -> Result<Issued, Refusal> {
    let [audience] = grant.audience.as_slice() else {
        return Err(Refusal::invalid_target("a JWT is for exactly one resource or audience"));
    };
    let now = judge.now();
    let expires_at = until.min(now.saturating_add(rules.access_lifetime));
    let mut claims = json!({
        "iss": rules.issuer,
        "sub": grant.subject,
        "aud": audience,
        "client_id": grant.client_id,
        "scope": grant.scope,
        "iat": now,
        "exp": expires_at,
    });
    if let (Some(act), Some(members)) = (grant.act, claims.as_object_mut()) {
        members.insert("act".to_owned(), act);
    }
    Ok(Issued {
        access_token: judge.signing_key.sign_as("assertion+jwt", &claims)?,
        expires_in: expires_at.saturating_sub(now),
        refresh_token: None,
        id_token: None,
        scope: grant.scope,
        token_type: "N_A",
        dpop_nonce: None,
        issued_token_type: None,
    })
}
