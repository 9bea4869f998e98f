//! Code and PKCE with `PRIVATE_KEY_JWT`, and the refresh that rotates.

use std::time::Duration;

use grantwire::Lifetime;
use grantwire::grant::RefreshToken;
use serde_json::Value;

use super::{Scene, WEB_APP};
use crate::guide::{Guide, Outcome};
use grantwire_conformance::jws::Jws;

pub fn visit(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    let web_app = scene.web_app();

    guide.step("Signing in: code and PKCE");
    let code = scene.sign_in(guide, &web_app, "openid profile offline_access")?;
    let names = guide.query_names();
    let pkce = names.iter().filter(|name| name.starts_with("code_challenge")).count();
    guide.check("the challenge and its method are sent without being asked for", pkce, 2);

    guide.step("The code, with an assertion signed by the application's own key");
    let exchange = web_app.token(code);
    let tokens = guide.tokens(&scene.server, &exchange)?;
    guide.check(
        "the parameters, in the order of PingOne's own example",
        guide.body_names(),
        [
            "grant_type",
            "code",
            "redirect_uri",
            "code_verifier",
            "client_assertion",
            "client_assertion_type",
        ],
    );
    guide.check("no Authorization header", guide.sent_header("authorization"), None);
    open_assertion(guide)?;
    let first = jti(guide)?;
    let hour = Lifetime::Known(Duration::from_secs(3600));
    guide.check("the tokens are good for an hour", tokens.lifetime(), &hour);
    guide.check("openid was granted, so an ID token came", tokens.id_token().is_some(), true);

    guide.step("The refresh");
    let refresh_token = tokens.refresh_token().ok_or("no refresh token came")?;
    let exchange = web_app.token(RefreshToken::new(refresh_token.clone()));
    let renewed = guide.tokens(&scene.server, &exchange)?;
    let rotated = renewed.refresh_token().is_some_and(|new| new != refresh_token);
    guide.check("the refresh token is rotated: store the new one", rotated, true);
    guide.check("the assertion is a new one: none is ever sent twice", jti(guide)? == first, false);
    Ok(())
}

/// Shows what the last assertion says.
fn open_assertion(guide: &mut Guide) -> Outcome<()> {
    let assertion = guide.sent_parameter("client_assertion").ok_or("no assertion was sent")?;
    let jws = Jws::parse(&assertion)?;
    let text = |text: Option<&str>| text.unwrap_or("none").to_owned();
    let time = |name: &str| jws.payload.get(name).and_then(Value::as_u64);
    let lifetime = time("exp").zip(time("iat")).and_then(|(exp, iat)| exp.checked_sub(iat));
    guide.printer.result(
        "the assertion, opened",
        &[
            ("alg", &text(jws.header("alg"))),
            ("kid", &text(jws.header("kid"))),
            ("aud", &text(jws.claim("aud"))),
        ],
    );
    guide.check("typ is JWT, as PingOne wants it", jws.header("typ"), Some("JWT"));
    guide.check("iss is the client", jws.claim("iss"), Some(WEB_APP));
    guide.check("so is sub", jws.claim("sub"), Some(WEB_APP));
    guide.check("it is good for a minute", lifetime, Some(60));
    Ok(())
}

/// What makes the last assertion one of its kind.
fn jti(guide: &Guide) -> Outcome<String> {
    let assertion = guide.sent_parameter("client_assertion").ok_or("no assertion was sent")?;
    let jws = Jws::parse(&assertion)?;
    Ok(jws.claim("jti").ok_or("the assertion has no jti")?.to_owned())
}
