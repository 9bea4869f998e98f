//! The token endpoint, up to the point where a system gives its answer its own shape.
//!
//! Reads the request, authenticates the client, and serves the grant. A new grant is one more line
//! in [`GRANTS`] and one more function, here or in a file of its own.

use super::authenticate::authenticate;
use super::ciba;
use super::clients::{Authentication, Client, Possession, Rotation, System};
use super::codes::{Rejected, check_redirect_uri};
use super::device;
use super::dpop::{Expected, Party, Unproven};
use super::form::Form;
use super::issue::{self, Issued};
use super::judge::Judge;
use super::message::Received;
use super::refusal::Refusal;
use super::rules::Rules;
use super::tokens::Grant;
use super::{exchange, scope, targets};

/// Serves a grant to a client that has proven to be one.
type Serve = fn(&mut Judge, &Rules, &Client, &Form, Option<String>) -> Result<Issued, Refusal>;

/// Every grant there is, by the value of `grant_type`.
pub const GRANTS: [(&str, Serve); 6] = [
    ("authorization_code", authorization_code),
    ("refresh_token", refresh_token),
    ("client_credentials", client_credentials),
    (device::GRANT_TYPE, device::grant),
    (ciba::GRANT_TYPE, ciba::grant),
    (exchange::GRANT_TYPE, exchange::grant),
];

/// Serves a token request that came by `POST`.
pub fn serve(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Issued, Refusal> {
    let form = form(received)?;
    if let Some(allowed) = rules.closed_list(form.required("grant_type")?) {
        form.only(allowed)?;
    }
    let client = authenticate(judge, rules, received, &form)?;
    let grant_type = form.required("grant_type")?;
    let known = GRANTS.iter().find(|(name, _)| *name == grant_type);
    let (_, serve_grant) = known.ok_or_else(Refusal::unsupported_grant_type)?;
    if !client.may_use(grant_type) {
        return Err(Refusal::unauthorized_client("the client is not registered for this grant"));
    }
    let jkt = proven_key(judge, rules, &client, received)?;
    // One that was given with the key's proof goes out with every answer, good or bad.
    let nonce = judge.dpop.nonce_for(client.possession, Party::TokenEndpoint, judge.now());
    match serve_grant(judge, rules, &client, &form, jkt) {
        Ok(issued) => Ok(Issued { dpop_nonce: nonce, ..issued }),
        Err(refusal) => Err(refusal.with_nonce(nonce)),
    }
}

/// Where the tokens will be good. Only the generic issuer asks.
fn audience(
    judge: &Judge,
    rules: &Rules,
    form: &Form,
    granted: &[String],
) -> Result<Vec<String>, Refusal> {
    match rules.system {
        System::Generic => targets::narrowed(&judge.origin, form, granted),
        _ => Ok(Vec::new()),
    }
}

/// The thumbprint of the key that the request proves to hold
/// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)), which some clients have to.
fn proven_key(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    received: &Received,
) -> Result<Option<String>, Refusal> {
    if rules.system != System::Generic {
        return Ok(None);
    }
    let jkt = proof(judge, &rules.token_endpoint, client, received)?;
    if jkt.is_none() && client.possession != Possession::Optional {
        return Err(Refusal::invalid_request("this client has to send a DPoP proof"));
    }
    Ok(jkt)
}

/// The thumbprint of the key in the request's proof, if it carries one that is good for this address.
pub fn proof(
    judge: &mut Judge,
    url: &str,
    client: &Client,
    received: &Received,
) -> Result<Option<String>, Refusal> {
    let now = judge.now();
    let expected = Expected {
        party: Party::TokenEndpoint,
        method: &received.method,
        url,
        access_token: None,
        nonce_required: client.possession == Possession::WithNonce,
        now,
    };
    judge.dpop.check(received, &expected).map_err(|unproven| match unproven {
        Unproven::Invalid(problem) => Refusal::invalid_dpop_proof(problem),
        Unproven::NonceNeeded => {
            let nonce = judge.dpop.nonce(Party::TokenEndpoint, now);
            Refusal::use_dpop_nonce().with_nonce(Some(nonce))
        }
    })
}

/// Reads the parameters, and refuses what is no request to this kind of endpoint at all.
pub fn form(received: &Received) -> Result<Form, Refusal> {
    if !received.is_media_type("application/x-www-form-urlencoded") {
        return Err(Refusal::invalid_request(
            "the content type is not application/x-www-form-urlencoded",
        ));
    }
    if !received.query().is_empty() {
        return Err(Refusal::invalid_request("parameters belong in the body, not in the query"));
    }
    if !accepts_json(received)? {
        return Err(Refusal::invalid_request("the client does not accept JSON"));
    }
    let body = std::str::from_utf8(&received.body)
        .map_err(|_| Refusal::invalid_request("the body is not text"))?;
    Form::parse(body)
}

/// Whether the client takes the only media type there is. Saying nothing is taking anything.
fn accepts_json(received: &Received) -> Result<bool, Refusal> {
    let Some(accept) = received.header("accept")? else {
        return Ok(true);
    };
    Ok(accept
        .split(',')
        .filter_map(|range| range.split(';').next())
        .any(|range| matches!(range.trim(), "application/json" | "application/*" | "*/*")))
}

fn authorization_code(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    form: &Form,
    jkt: Option<String>,
) -> Result<Issued, Refusal> {
    let code = match judge.codes.check(client, form, judge.now()) {
        Ok(code) => code,
        Err(Rejected::Refused(refusal)) => return Err(refusal),
        Err(Rejected::UsedBefore(family)) => {
            judge.tokens.end(family);
            return Err(Refusal::invalid_grant("the code was used before; its tokens are revoked"));
        }
    };
    if code.dpop_jkt.is_some() && code.dpop_jkt != jkt {
        return Err(Refusal::invalid_grant("the code was asked for with another key"));
    }
    let audience = audience(judge, rules, form, &code.audience)?;
    let family = judge.tokens.family();
    judge.codes.spend(form.required("code")?, family);
    let grant =
        Grant { nonce: code.nonce, jkt, audience, ..Grant::new(client, &code.subject, code.scope) };
    issue::with_refresh(judge, rules, client, grant, family)
}

fn refresh_token(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    form: &Form,
    jkt: Option<String>,
) -> Result<Issued, Refusal> {
    check_redirect_uri(client, None, form)?;
    let now = judge.now();
    let value = form.required("refresh_token")?;
    let (grant, family) = judge.tokens.refreshable(client, value, now)?;
    if grant.jkt.is_some() && grant.jkt != jkt {
        return Err(Refusal::invalid_grant("the refresh token is bound to another key"));
    }
    let grant = Grant { jkt, ..grant };
    let audience = audience(judge, rules, form, &grant.audience)?;
    let original: Vec<String> = grant.scope.split(' ').map(str::to_owned).collect();
    let narrowed =
        Grant { scope: scope::grantable(form.get("scope"), &original)?, audience, ..grant.clone() };
    let refresh_token = match client.rotation {
        Rotation::Reusable => None,
        Rotation::Rotating { .. } => {
            judge.tokens.use_up(value, now);
            Some(issue::refresh_token(judge, rules, client, &grant, family))
        }
    };
    issue::issue(judge, rules, narrowed, family, refresh_token)
}

fn client_credentials(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    form: &Form,
    jkt: Option<String>,
) -> Result<Issued, Refusal> {
    if matches!(client.authentication, Authentication::None) {
        return Err(Refusal::unauthorized_client("a public client has no credentials of its own"));
    }
    let scope = scope::grantable(form.get("scope"), &client.scopes)?;
    let audience = audience(judge, rules, form, &[])?;
    let grant = Grant { jkt, audience, ..Grant::new(client, &client.id, scope) };
    let family = judge.tokens.family();
    issue::issue(judge, rules, grant, family, None)
}
