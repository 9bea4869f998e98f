//! Dressipi: one profile made, used, refreshed, and not lost when a refresh fails.
//!
//! Time passes by hand here: nobody waits a day to see a token expire.

use std::time::Duration;

use grantwire::provider::dressipi::{Dressipi, Profile};
use grantwire::reply::{ErrorCode, FailureClass};
use grantwire::{AccessToken, Lifetime};
use http::Request;
use serde_json::{Value, json};

use crate::embedded::{Client, Rotation, Server};
use crate::guide::{Guide, Outcome};

const ID: &str = "partner-web";
const API_KEY: &str = "4f0d2c9be7714c0f";

/// A partner whose refresh tokens stay as they are.
const STEADY_ID: &str = "partner-kiosk";
const STEADY_API_KEY: &str = "b1c96d70a8e5423d";

const DAY: Duration = Duration::from_secs(86_400);

/// How early a token is taken to be expired.
const LEEWAY: Duration = Duration::from_secs(30);

pub fn visit(guide: &mut Guide) -> Outcome<()> {
    let clients = vec![
        Client::dressipi(ID, API_KEY),
        Client::dressipi(STEADY_ID, STEADY_API_KEY).with_rotation(Rotation::Reusable),
    ];
    let server = guide.server(clients, 0)?;
    let dressipi = at(&server, ID, API_KEY);
    let profile = new_profile(guide, &server, &dressipi)?;
    let profile = a_day_later(guide, &server, &dressipi, profile)?;
    replay(guide, &server, &dressipi, &profile)?;
    without_rotation(guide, &server)?;
    wrong_key(guide, &server)
}

fn at(server: &Server, id: &str, api_key: &str) -> Dressipi {
    Dressipi::new(&format!("{}/api", server.origin()), id, api_key)
}

/// The only time the authorize call is made: there is no refresh token in store.
fn new_profile(guide: &mut Guide, server: &Server, dressipi: &Dressipi) -> Outcome<Profile> {
    guide.step("A new profile: the authorize call is an API request, and answers JSON");
    let started = dressipi.create_profile(&mut guide.entropy)?;
    let answer = guide.send(server, started.request, None)?;
    let code = started.pending.read(&answer)?;
    guide.printer.result("CheckedCode", &[("state", &"matches")]);
    guide.check("a profile was made", server.profiles(), 1);

    guide.step("The code for the profile's first tokens");
    let exchange = dressipi.token(code);
    let tokens = guide.tokens(server, &exchange)?;
    guide.check(
        "the fixed URN and the verifier go along",
        guide.body_names(),
        ["grant_type", "code", "redirect_uri", "code_verifier", "client_id"],
    );
    guide.check("so does the API key", guide.sent_header("x-api-key").is_some(), true);
    guide.check("good for a day", tokens.lifetime(), &Lifetime::Known(DAY));
    let profile = Profile::from_response(&tokens, guide.now()).ok_or("no refresh token came")?;

    guide.step("Items, for this person");
    let answer = item(guide, server, dressipi, profile.access_token())?;
    guide.check("personalised", &answer["personalised"], &json!(true));
    let raw = guide.sent_header("x-dressipi-jwt").is_some_and(|jwt| jwt.starts_with("eyJ"));
    guide.check("the JWT travels raw, without `Bearer`", raw, true);
    Ok(profile)
}

/// Expiry, which only the client notices, and the refresh.
fn a_day_later(
    guide: &mut Guide,
    server: &Server,
    dressipi: &Dressipi,
    profile: Profile,
) -> Outcome<Profile> {
    guide.step("A day later (the clock is moved by hand)");
    guide.check("before: not expired", profile.is_expired(guide.now(), LEEWAY), false);
    guide.wait(DAY);
    guide.check(
        "after: expired, by the local clock",
        profile.is_expired(guide.now(), LEEWAY),
        true,
    );
    let answer = item(guide, server, dressipi, profile.access_token())?;
    guide.check(
        "the server would never have said so: 200, and nothing personal in it",
        &answer["personalised"],
        &json!(false),
    );

    guide.step("The refresh, with rotation");
    let exchange = dressipi.refresh(&profile);
    let tokens = guide.tokens(server, &exchange)?;
    guide.check(
        "the fixed URN goes along here too",
        guide.body_names(),
        ["grant_type", "refresh_token", "redirect_uri", "client_id"],
    );
    let renewed = profile.refreshed(&tokens, guide.now());
    let rotated = renewed.refresh_token() != profile.refresh_token();
    guide.check("a new refresh token: store it before anything else", rotated, true);
    let answer = item(guide, server, dressipi, renewed.access_token())?;
    guide.check("still the same profile", &answer["profile"], &json!("94173"));
    Ok(profile)
}

/// `spent` is the profile as it was before its refresh token was rotated.
fn replay(guide: &mut Guide, server: &Server, dressipi: &Dressipi, spent: &Profile) -> Outcome<()> {
    guide.step("The old refresh token once more");
    let exchange = dressipi.refresh(spent);
    let error = guide.failure(server, &exchange)?;
    let code = error.refusal().map(|refusal| refusal.code());
    guide.check("invalid_grant", code, Some(&ErrorCode::InvalidGrant));
    guide.check("this credential is dead, for good", error.credential_is_dead(), true);
    guide.check(
        "and nothing fell back to authorize, which would have made a stranger of the person",
        server.profiles(),
        1,
    );
    Ok(())
}

/// A server that leaves the refresh token as it is.
fn without_rotation(guide: &mut Guide, server: &Server) -> Outcome<()> {
    guide.step("A partner whose refresh token stays as it is");
    let dressipi = at(server, STEADY_ID, STEADY_API_KEY);
    let started = dressipi.create_profile(&mut guide.entropy)?;
    let request = started.request;
    let answer = guide.aside("a new profile, once", |guide| guide.send(server, request, None))?;
    let exchange = dressipi.token(started.pending.read(&answer)?);
    let tokens = guide.aside("its tokens", |guide| guide.tokens(server, &exchange))?;
    let profile = Profile::from_response(&tokens, guide.now()).ok_or("no refresh token came")?;

    let exchange = dressipi.refresh(&profile);
    let tokens = guide.tokens(server, &exchange)?;
    guide.check("no refresh token came back", tokens.refresh_token(), None);
    let renewed = profile.refreshed(&tokens, guide.now());
    let kept = renewed.refresh_token() == profile.refresh_token();
    guide.check("so the old one is kept", kept, true);
    let exchange = dressipi.refresh(&renewed);
    guide.aside("a second refresh", |guide| guide.tokens(server, &exchange))?;
    guide.check("and is as good as before", server.profiles(), 2);
    Ok(())
}

/// What stands before the server, and does not speak OAuth.
fn wrong_key(guide: &mut Guide, server: &Server) -> Outcome<()> {
    guide.step("A wrong API key: a gateway answers, and not in OAuth's words");
    let stranger = at(server, ID, "not-an-api-key");
    let profile = Profile::new("an-access-token", "a-refresh-token", None);
    let exchange = stranger.refresh(&profile);
    let error = guide.failure(server, &exchange)?;
    guide.check("typed all the same", error.raw().status().as_u16(), 403);
    guide.check(
        "the server's own words are kept",
        error.extra("message"),
        Some("Forbidden".to_owned()),
    );
    guide.check(
        "the refresh token may be as good as ever: keep it",
        error.class(),
        FailureClass::Transient,
    );
    guide.check("it is not taken for dead", error.credential_is_dead(), false);
    Ok(())
}

/// One item, for the person the token stands for.
fn item(
    guide: &mut Guide,
    server: &Server,
    dressipi: &Dressipi,
    token: &AccessToken,
) -> Outcome<Value> {
    let url = format!("{}/api/items/dress42", server.origin());
    let mut request = Request::get(url).body(Vec::new())?;
    dressipi.present(token, request.headers_mut())?;
    let answer = guide.send(server, request, None)?;
    Ok(serde_json::from_slice(answer.body())?)
}
