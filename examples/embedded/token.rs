//! The token endpoint, up to the point where a system gives its answer its own shape.
//!
//! Reads the request, authenticates the client, and serves the grant. A new grant is one more arm
//! in [`serve`] and one more function.

use serde_json::{Value, json};

use super::authenticate::authenticate;
use super::clients::{Authentication, Client, Possession, Rotation, System};
use super::codes::{Rejected, check_redirect_uri};
use super::device;
use super::dpop::{Expected, Party, Unproven};
use super::form::Form;
use super::judge::Judge;
use super::jws;
use super::message::Received;
use super::refusal::Refusal;
use super::rules::Rules;
use super::scope;
use super::tokens::{FamilyId, Grant};

/// What was granted.
pub struct Issued {
    pub access_token: String,
    pub expires_in: u64,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    pub scope: String,
    /// `Bearer` or `DPoP`.
    pub token_type: &'static str,
    /// A nonce for the next DPoP proof.
    pub dpop_nonce: Option<String>,
}

impl Issued {
    /// The answer of [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1), with
    /// everything there is.
    pub fn full(&self) -> Value {
        let mut members = json!({
            "access_token": self.access_token,
            "token_type": self.token_type,
            "expires_in": self.expires_in,
        });
        let optional = [
            ("refresh_token", self.refresh_token.as_deref()),
            ("id_token", self.id_token.as_deref()),
            ("scope", Some(self.scope.as_str()).filter(|scope| !scope.is_empty())),
        ];
        for (name, value) in optional {
            if let (Some(value), Some(members)) = (value, members.as_object_mut()) {
                members.insert(name.to_owned(), json!(value));
            }
        }
        members
    }
}

/// Serves a token request that came by `POST`.
pub fn serve(judge: &mut Judge, rules: &Rules, received: &Received) -> Result<Issued, Refusal> {
    let form = form(received)?;
    if let Some(allowed) = rules.closed_list(form.required("grant_type")?) {
        form.only(allowed)?;
    }
    let client = authenticate(judge, rules, received, &form)?;
    let grant_type = form.required("grant_type")?;
    let serve_grant = match grant_type {
        "authorization_code" => authorization_code,
        "refresh_token" => refresh_token,
        "client_credentials" => client_credentials,
        device::GRANT_TYPE => device_code,
        _ => return Err(Refusal::unsupported_grant_type()),
    };
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

/// The thumbprint of the key that the request proves to hold
/// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
fn proven_key(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    received: &Received,
) -> Result<Option<String>, Refusal> {
    if rules.system != System::Generic {
        return Ok(None);
    }
    let now = judge.now();
    let expected = Expected {
        party: Party::TokenEndpoint,
        method: &received.method,
        url: &rules.token_endpoint,
        access_token: None,
        nonce_required: client.possession == Possession::WithNonce,
        now,
    };
    match judge.dpop.check(received, &expected) {
        Ok(None) if client.possession != Possession::Optional => {
            Err(Refusal::invalid_request("this client has to send a DPoP proof"))
        }
        Ok(jkt) => Ok(jkt),
        Err(Unproven::Invalid(problem)) => Err(Refusal::invalid_dpop_proof(problem)),
        Err(Unproven::NonceNeeded) => {
            let nonce = judge.dpop.nonce(Party::TokenEndpoint, now);
            Err(Refusal::use_dpop_nonce().with_nonce(Some(nonce)))
        }
    }
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
    let family = judge.tokens.family();
    judge.codes.spend(form.required("code")?, family);
    let grant = Grant {
        system: code.system,
        client_id: code.client_id,
        subject: code.subject,
        scope: code.scope,
        nonce: code.nonce,
        jkt,
    };
    let refresh_token = if refreshes(client, &grant) {
        Some(issue_refresh(judge, rules, client, &grant, family))
    } else {
        None
    };
    issue(judge, rules, grant, family, refresh_token)
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
    let original: Vec<String> = grant.scope.split(' ').map(str::to_owned).collect();
    let narrowed =
        Grant { scope: scope::grantable(form.get("scope"), &original)?, ..grant.clone() };
    let refresh_token = match client.rotation {
        Rotation::Reusable => None,
        Rotation::Rotating { .. } => {
            judge.tokens.use_up(value, now);
            Some(issue_refresh(judge, rules, client, &grant, family))
        }
    };
    issue(judge, rules, narrowed, family, refresh_token)
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
    let grant = Grant {
        system: client.system,
        client_id: client.id.clone(),
        subject: client.id.clone(),
        scope: scope::grantable(form.get("scope"), &client.scopes)?,
        nonce: None,
        jkt,
    };
    let family = judge.tokens.family();
    issue(judge, rules, grant, family, None)
}

fn device_code(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    form: &Form,
    jkt: Option<String>,
) -> Result<Issued, Refusal> {
    let code = form.required("device_code")?;
    let scope = judge.devices.poll(client, code, judge.now())?;
    judge.devices.redeem(code);
    let family = judge.tokens.family();
    let grant = Grant {
        system: client.system,
        client_id: client.id.clone(),
        subject: "alice".to_owned(),
        scope,
        nonce: None,
        jkt,
    };
    let refresh_token =
        refreshes(client, &grant).then(|| issue_refresh(judge, rules, client, &grant, family));
    issue(judge, rules, grant, family, refresh_token)
}

/// Whether a code exchange brings a refresh token: the client has the grant, and asked for
/// `offline_access` if that is a scope it has.
fn refreshes(client: &Client, grant: &Grant) -> bool {
    let by_scope = client.scopes.iter().any(|scope| scope == "offline_access");
    client.may_use("refresh_token") && (!by_scope || scope::holds(&grant.scope, "offline_access"))
}

fn issue(
    judge: &mut Judge,
    rules: &Rules,
    grant: Grant,
    family: FamilyId,
    refresh_token: Option<String>,
) -> Result<Issued, Refusal> {
    let now = judge.now();
    let expires_at = now.saturating_add(rules.access_lifetime);
    let access_token = access_token(judge, rules, &grant, now, expires_at);
    let id_token = if scope::holds(&grant.scope, "openid") && rules.system != System::AgeKey {
        let mut claims = json!({
            "iss": rules.issuer,
            "sub": grant.subject,
            "aud": grant.client_id,
            "iat": now,
            "exp": expires_at,
        });
        if let (Some(nonce), Some(claims)) = (&grant.nonce, claims.as_object_mut()) {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        Some(judge.signing_key.sign(&claims)?)
    } else {
        None
    };
    let (scope, bound) = (grant.scope.clone(), grant.jkt.is_some());
    judge.tokens.issue_access(&access_token, grant, family, expires_at);
    Ok(Issued {
        access_token,
        expires_in: rules.access_lifetime,
        refresh_token,
        id_token,
        scope,
        token_type: if bound { "DPoP" } else { "Bearer" },
        dpop_nonce: None,
    })
}

/// An access token in the shape the system is known for. A client must not look inside; all but
/// Dressipi's are looked up when they come back.
fn access_token(judge: &mut Judge, rules: &Rules, grant: &Grant, iat: u64, exp: u64) -> String {
    let typ = match rules.system {
        System::Generic => return judge.chance.token(),
        System::Dressipi => {
            let claims = json!({ "exp": exp, "iat": iat, "sub": grant.subject });
            return jws::sign_hs256(&json!({ "alg": "HS256" }), &claims, &judge.token_key);
        }
        System::AgeKey => "JWT",
        System::PingOne => "at+jwt",
    };
    let claims = json!({
        "iss": rules.issuer,
        "sub": grant.subject,
        "client_id": grant.client_id,
        "scope": grant.scope,
        "iat": iat,
        "exp": exp,
        "jti": judge.chance.uuid(),
    });
    jws::sign_hs256(&json!({ "alg": "HS256", "typ": typ }), &claims, &judge.token_key)
}

/// A public client's refresh token is bound to its key; another client is bound by its authentication
/// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
fn issue_refresh(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    grant: &Grant,
    family: FamilyId,
) -> String {
    let value = match rules.system {
        System::Dressipi => super::dressipi::refresh_token(judge, &grant.subject),
        _ => judge.chance.token(),
    };
    let expires_at = judge.now().saturating_add(rules.refresh_lifetime);
    let public = matches!(client.authentication, Authentication::None);
    let jkt = grant.jkt.clone().filter(|_| public);
    let grant = Grant { jkt, ..grant.clone() };
    judge.tokens.issue_refresh(&value, grant, family, expires_at);
    value
}
