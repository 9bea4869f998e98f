//! What is granted becomes tokens: an access token, and what comes with it.
//!
//! No request is judged here; that is `token` and the grants.

use serde_json::{Value, json};

use super::clients::{Authentication, Client, System};
use super::judge::Judge;
use super::jws;
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
    /// `Bearer` or `DPoP`, or `N_A` for what is no access token.
    pub token_type: &'static str,
    /// A nonce for the next DPoP proof.
    pub dpop_nonce: Option<String>,
    /// What a token exchange has issued
    /// ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)).
    pub issued_token_type: Option<&'static str>,
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
            ("issued_token_type", self.issued_token_type),
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

/// The first tokens of a new authorization.
pub fn anew(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    grant: Grant,
) -> Result<Issued, Refusal> {
    let family = judge.tokens.family();
    with_refresh(judge, rules, client, grant, family)
}

/// The first tokens of a family, with a refresh token if the client gets one.
pub fn with_refresh(
    judge: &mut Judge,
    rules: &Rules,
    client: &Client,
    grant: Grant,
    family: FamilyId,
) -> Result<Issued, Refusal> {
    let refresh_token =
        refreshes(client, &grant).then(|| refresh_token(judge, rules, client, &grant, family));
    issue(judge, rules, grant, family, refresh_token)
}

/// Whether a code exchange brings a refresh token: the client has the grant, and asked for
/// `offline_access` if that is a scope it has.
fn refreshes(client: &Client, grant: &Grant) -> bool {
    let by_scope = client.scopes.iter().any(|scope| scope == "offline_access");
    client.may_use("refresh_token") && (!by_scope || scope::holds(&grant.scope, "offline_access"))
}

/// An access token, and what comes with it.
pub fn issue(
    judge: &mut Judge,
    rules: &Rules,
    grant: Grant,
    family: FamilyId,
    refresh_token: Option<String>,
) -> Result<Issued, Refusal> {
    until(judge, rules, grant, family, refresh_token, u64::MAX)
}

/// The same, but good at the longest until then.
pub fn until(
    judge: &mut Judge,
    rules: &Rules,
    grant: Grant,
    family: FamilyId,
    refresh_token: Option<String>,
    latest: u64,
) -> Result<Issued, Refusal> {
    let now = judge.now();
    let expires_at = now.saturating_add(rules.access_lifetime).min(latest);
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
    let (scope, token_type) = (grant.scope.clone(), grant.token_type());
    judge.tokens.issue_access(&access_token, grant, family, expires_at);
    Ok(Issued {
        access_token,
        expires_in: expires_at.saturating_sub(now),
        refresh_token,
        id_token,
        scope,
        token_type,
        dpop_nonce: None,
        issued_token_type: None,
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
pub fn refresh_token(
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
