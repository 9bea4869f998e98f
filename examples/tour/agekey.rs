//! AgeKey: Use AgeKey, Use Token and the upgrade, and who gets none of it.
//!
//! ID tokens are not verified by the crate. What is read from one here is read for the eye, and
//! compared with what was asked.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantwire::authorization::{Callback, CallbackErrorKind, PendingAuthorization};
use grantwire::provider::agekey::{Age, AgeKey, AgeVerification, Host, UseClaims};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::resource::Denied;
use grantwire::{AccessToken, BuildError, GrantedScope, Lifetime};
use serde_json::json;

use crate::embedded::jws::Jws;
use crate::embedded::{Client, Decision, Server};
use crate::guide::{Guide, Outcome};

const ID: &str = "ak_test_6b1f0c";
const SECRET: &str = "sk_test_52f1b7c0d9e84a36";
const CALLBACK: &str = "https://client.example/agekey/callback";

/// One of the three spellings in AgeKey's own texts.
const UPGRADE: &str = "openid agekey-upgrade";

/// How old the two people are.
const CHILD: u64 = 12;
const GROWN_UP: u64 = 34;

pub fn visit(guide: &mut Guide) -> Outcome<()> {
    let server = guide.server(vec![Client::agekey(ID, SECRET, CALLBACK)], CHILD)?;
    let agekey = at(&server, SECRET);
    upgrade(guide, &server, &agekey)?;
    refused_tokens(guide, &server, &agekey)?;
    callback_in_the_query(guide, &server, &agekey)?;
    no_code(guide, &server, &agekey)?;
    refused_here(guide, &server)
}

fn at(server: &Server, secret: &str) -> AgeKey {
    AgeKey::new(Host::At(server.origin().to_owned()), ID, secret)
}

/// Starts "Use AgeKey" in fragment mode and follows it to the callback.
fn use_agekey(
    guide: &mut Guide,
    server: &Server,
    agekey: &AgeKey,
    claims: &UseClaims,
) -> Outcome<(PendingAuthorization, String)> {
    let started = agekey
        .use_agekey(claims)?
        .redirect_uri(CALLBACK)
        .scope(UPGRADE)
        .response_type("id_token code")
        .start(&mut guide.entropy)?;
    let callback = guide.browse(server, &started.url)?;
    Ok((started.pending, callback))
}

/// The whole way, as documented: from the question to the upgrade.
fn upgrade(guide: &mut Guide, server: &Server, agekey: &AgeKey) -> Outcome<()> {
    guide.step("Use AgeKey: the browser goes out, and comes back with the answer in the fragment");
    let claims = UseClaims::new([13, 18]);
    let (pending, callback) = use_agekey(guide, server, agekey, &claims)?;
    guide.check(
        "no code_challenge: AgeKey documents no PKCE, so leaving it out is spelled NoPkce",
        guide.query_names(),
        ["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims"],
    );

    guide.step("A forged callback arrives first");
    let forged = format!("{CALLBACK}#error=access_denied&state=a-guess");
    guide.printer.note(&format!("→ {forged}"));
    let error = pending.response(Callback::from_url(&forged)).err().ok_or("it was believed")?;
    guide.printer.refusal("CallbackError", &[("says", &error)]);
    guide.check(
        "its state is wrong, so its error is not believed, nor even looked at",
        error.kind(),
        &CallbackErrorKind::NotForThisFlow,
    );
    let pending = error.into_pending().ok_or("the pending value is gone")?;
    guide.printer.note("The pending value comes back unharmed: a stranger cannot end the login.");

    guide.step("The right callback");
    let nonce = pending.nonce().map(str::to_owned);
    let response = pending.response(Callback::from_url(&callback))?;
    guide.printer.result(
        "AuthorizationResponse",
        &[("code", &"checked"), ("ID token", &"there, and not verified by this crate")],
    );
    let id_token = response.id_token().ok_or("no ID token came")?;
    let id_token = Jws::parse(id_token.expose())?;
    guide.check(
        "the person is below both thresholds",
        id_token.payload.get("age_thresholds"),
        Some(&json!({ "13": false, "18": false })),
    );
    guide.check("the ID token repeats the nonce", id_token.claim("nonce"), nonce.as_deref());
    let hash = claims.hash()?;
    guide.check(
        "and the hash of the claims exactly as they were sent",
        id_token.claim("req_claims_hash"),
        Some(hash.as_str()),
    );
    let code = response.into_code().ok_or("no code came")?;

    guide.step("Use Token: the code for an access token");
    let exchange = agekey.token(code);
    let tokens = guide.tokens(server, &exchange)?;
    let names = guide.body_names();
    guide.check("the body is grant_type and code, nothing else", names, ["grant_type", "code"]);
    let basic = format!("Basic {}", STANDARD.encode(format!("{ID}:{SECRET}")));
    let as_documented = guide.sent_header("authorization") == Some(basic);
    guide.check("Basic is base64(client_id:client_secret), as documented", as_documented, true);
    let hour = Lifetime::Known(Duration::from_secs(3600));
    guide.check("good for an hour", tokens.lifetime(), &hour);
    guide.check("no refresh token", tokens.refresh_token(), None);
    guide.check(
        "no word about scope, which is a state of its own",
        tokens.scope(),
        &GrantedScope::Absent,
    );

    guide.step("The upgrade: a fresh verification, let in by the token");
    let request = agekey.upgrade(tokens.access_token(), &[verification()])?;
    let answer = guide.send(server, request, None)?;
    guide.check("AgeKey takes it", agekey.read_upgrade(&answer), Ok(()));

    guide.step("The same code once more");
    let error = guide.failure(server, &exchange)?;
    guide.check("refused for good", error.class(), FailureClass::Definitive);
    guide.check("because the code is dead", error.credential_is_dead(), true);

    guide.step("And with it the token that came of it");
    let denied = denied(guide, server, agekey, tokens.access_token())?;
    let invalid = matches!(denied, Denied::InvalidToken(_));
    guide.check("401 is typed: get a new token", invalid, true);
    Ok(())
}

/// Tokens that are not given, or do not reach.
fn refused_tokens(guide: &mut Guide, server: &Server, agekey: &AgeKey) -> Outcome<()> {
    let claims = UseClaims::new([13, 18]);
    guide.step("A wrong client secret");
    let (pending, callback) =
        guide.aside("a new code", |guide| use_agekey(guide, server, agekey, &claims))?;
    let response = pending.response(Callback::from_url(&callback))?;
    let code = response.into_code().ok_or("no code came")?;
    let error = guide.failure(server, &at(server, "sk_test_of_another").token(code))?;
    guide.check(
        "invalid_client",
        error.refusal().map(|no| no.code()),
        Some(&ErrorCode::InvalidClient),
    );
    guide.check("the client is to be mended", error.fault(), Fault::Client);
    guide.check("the code is not to blame, and not dead", error.credential_is_dead(), false);

    guide.step("An upgrade with a token whose scope does not reach");
    server.next_decision(Decision::GrantOnly("openid".to_owned()));
    let (pending, callback) = guide
        .aside("a new code, for less scope", |guide| use_agekey(guide, server, agekey, &claims))?;
    let response = pending.response(Callback::from_url(&callback))?;
    let exchange = agekey.token(response.into_code().ok_or("no code came")?);
    let tokens = guide.aside("its token", |guide| guide.tokens(server, &exchange))?;
    match denied(guide, server, agekey, tokens.access_token())? {
        Denied::InsufficientScope(details) => guide.check(
            "403 is typed, and names the scope that would do",
            details.scope(),
            Some("agekey.upgrade"),
        ),
        other => return Err(format!("403 was expected; what came: {other}").into()),
    }
    Ok(())
}

/// The older way back.
fn callback_in_the_query(guide: &mut Guide, server: &Server, agekey: &AgeKey) -> Outcome<()> {
    guide.step("The callback in the query, as older programs have it");
    let started = agekey
        .use_agekey(&UseClaims::new([13]))?
        .redirect_uri(CALLBACK)
        .scope("openid agekey.upgrade")
        .response_type("id_token code")
        .response_mode("query")
        .start(&mut guide.entropy)?;
    let callback = guide.browse(server, &started.url)?;
    let (_, query) = callback.split_once('?').ok_or("the callback has no query")?;
    let response = started.pending.response(Callback::from_query(query))?;
    guide.check("the code is found there as well", response.has_code(), true);
    let exchange = agekey.token(response.into_code().ok_or("no code came")?);
    let tokens = guide.aside("its token", |guide| guide.tokens(server, &exchange))?;
    let request = agekey.upgrade(tokens.access_token(), &[verification()])?;
    let answer = guide.aside("its upgrade", |guide| guide.send(server, request, None))?;
    guide.check("and is as good as any", agekey.read_upgrade(&answer), Ok(()));
    Ok(())
}

/// Answers that are fine, and have no code in them.
fn no_code(guide: &mut Guide, server: &Server, agekey: &AgeKey) -> Outcome<()> {
    guide.step("A person who is old enough");
    let elsewhere = guide.server(vec![Client::agekey(ID, SECRET, CALLBACK)], GROWN_UP)?;
    let claims = UseClaims::new([13, 18]);
    let (pending, callback) = use_agekey(guide, &elsewhere, &at(&elsewhere, SECRET), &claims)?;
    let response = pending.response(Callback::from_url(&callback))?;
    let id_token = response.id_token().ok_or("no ID token came")?;
    let id_token = Jws::parse(id_token.expose())?;
    guide.check(
        "both thresholds are reached",
        id_token.payload.get("age_thresholds"),
        Some(&json!({ "13": true, "18": true })),
    );
    guide.check("so there is no code, and that is no error", response.has_code(), false);

    guide.step("A person who says no");
    server.next_decision(Decision::Deny);
    let (pending, callback) = use_agekey(guide, server, agekey, &claims)?;
    let error = pending.response(Callback::from_url(&callback)).err().ok_or("a yes came")?;
    guide.printer.refusal("CallbackError", &[("says", &error)]);
    guide.check(
        "state is right, so this no is believed",
        error.refusal().map(|refusal| refusal.code()),
        Some(&ErrorCode::AccessDenied),
    );
    guide.check("and the login is over", error.into_pending().is_none(), true);
    Ok(())
}

/// Mistakes that need no server to be seen.
fn refused_here(guide: &mut Guide, server: &Server) -> Outcome<()> {
    guide.step("Six thresholds, where AgeKey takes five");
    let claims = UseClaims::new([13, 14, 15, 16, 17, 18]);
    let error = guide.refused_here(server, at(server, SECRET).use_agekey(&claims))?;
    guide.check("the member at fault is named", invalid(&error), Some("age_thresholds"));

    guide.step("A test client at the live host");
    let live = AgeKey::new(Host::Live, ID, SECRET);
    let error = guide.refused_here(server, live.use_agekey(&UseClaims::new([18])))?;
    guide.check("caught by the prefix", invalid(&error), Some("client_id"));
    Ok(())
}

/// Asks for the upgrade and shows why it is not done.
fn denied(
    guide: &mut Guide,
    server: &Server,
    agekey: &AgeKey,
    token: &AccessToken,
) -> Outcome<Denied> {
    let request = agekey.upgrade(token, &[verification()])?;
    let answer = guide.send(server, request, None)?;
    let error = agekey.read_upgrade(&answer).err().ok_or("the upgrade was done")?;
    guide.printer.refusal("UpgradeError", &[("says", &error), ("that is", error.denied())]);
    Ok(error.denied().clone())
}

fn verification() -> AgeVerification {
    AgeVerification::new(
        Age::AtLeastYears(18),
        "id_doc_scan",
        "0198c6a2-7c1e-7b3a-9f00-2f3a4b5c6d7e",
        "2026-11-21T08:00:00Z",
    )
    .provenance("/veratad/roc")
}

fn invalid(error: &BuildError) -> Option<&str> {
    match error {
        BuildError::Invalid { parameter, .. } => Some(parameter),
        _ => None,
    }
}
