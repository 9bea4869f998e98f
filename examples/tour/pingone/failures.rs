//! What can go wrong: on this side, on that side, and on the way.

use std::time::Duration;

use grantwire::client::ClientSecretBasic;
use grantwire::grant::{ClientCredentials, RefreshToken};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::provider::pingone::{self, Environment, PlatformError, correlation_id};
use grantwire::reply::{ErrorCode, FailureClass, Fault as Mender, ReplyErrorKind, Unusable};
use grantwire::{BuildError, Client, DEFAULT_BODY_LIMIT, Resend, RetryAfter, TokenRequest};

use super::{BASIC_WORKER, SECRET, Scene, WEB_APP, WEB_KEY, WORKER_SCOPE};
use crate::embedded::{Fault, Reply};
use crate::guide::{Guide, Outcome};
use crate::support::SendError;

pub fn visit(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    wrong_key(guide, scene)?;
    too_long_an_assertion(guide, scene)?;
    no_such_environment(guide, scene)?;
    busy(guide, scene)?;
    gateway(guide, scene)?;
    redirect(guide, scene)?;
    too_much(guide, scene)?;
    cut_short(guide, scene)?;
    lost_answer(guide, scene)
}

/// A worker's request, good as it stands.
fn worker(scene: &Scene) -> TokenRequest {
    let client = scene.client(BASIC_WORKER).auth(ClientSecretBasic::new(SECRET));
    client.token(ClientCredentials::new()).scope(WORKER_SCOPE)
}

/// The web application's code exchange.
fn code_exchange(guide: &mut Guide, scene: &Scene) -> Outcome<TokenRequest> {
    let web_app = scene.web_app();
    let scope = "openid offline_access";
    let code = guide.aside("signing in", |guide| scene.sign_in(guide, &web_app, scope))?;
    Ok(web_app.token(code))
}

fn wrong_key(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("An assertion signed with another key of the same name");
    let key = LocalKey::generate(Algorithm::Es256)?.key_id(WEB_KEY);
    let client = scene.client(WEB_APP).auth(pingone::private_key_jwt(key));
    let exchange = client.token(ClientCredentials::new());
    let error = guide.failure(&scene.server, &exchange)?;
    let refusal = error.refusal().ok_or("no refusal could be read")?;
    guide.check("invalid_client", refusal.code(), &ErrorCode::InvalidClient);
    let id = correlation_id(refusal).ok_or("there is no correlation id")?;
    guide.printer.result("for the support desk", &[("correlation id", &id)]);
    guide.check("which PingOne puts nowhere but in the description", id.len(), 36);
    Ok(())
}

fn too_long_an_assertion(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("An assertion for two hours, where PingOne takes one");
    let method = pingone::private_key_jwt(scene.web_key.clone());
    let method = method.lifetime(Duration::from_secs(2 * 3600));
    let exchange = scene.client(WEB_APP).auth(method).token(ClientCredentials::new());
    let now = guide.now();
    let built = exchange.request(now, &mut guide.entropy);
    let error = guide.refused_here(&scene.server, built)?;
    let about_exp = matches!(&error, BuildError::Invalid { parameter, .. } if parameter == "exp");
    guide.check("the claim at fault is named", about_exp, true);
    Ok(())
}

fn no_such_environment(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("An environment that is not there: the platform's own shape of error");
    let nowhere = Environment::at(scene.server.origin(), "00000000-0000-4000-8000-000000000000")?;
    let client = Client::new(nowhere.server(), BASIC_WORKER).auth(ClientSecretBasic::new(SECRET));
    let exchange = client.token(ClientCredentials::new());
    let error = guide.failure(&scene.server, &exchange)?;
    let platform = PlatformError::read(error.raw()).ok_or("it is no platform error")?;
    let target = platform.details().first().and_then(|detail| detail.target());
    guide.printer.refusal(
        "PlatformError",
        &[
            ("code", &platform.code().as_str()),
            ("id", &platform.id()),
            ("target", &target.unwrap_or("none")),
        ],
    );
    guide.check("read from the raw reply", platform.code().as_str(), "NOT_FOUND");
    guide.check("down to its details", target, Some("environmentId"));
    Ok(())
}

fn busy(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("503, with a time to come back");
    let exchange = worker(scene);
    scene.server.next_token_reply(Fault::Status(503, Some(30)));
    let error = guide.failure(&scene.server, &exchange)?;
    guide.check("transient", error.class(), FailureClass::Transient);
    let wait = RetryAfter::Delay(Duration::from_secs(30));
    guide.check("and it says for how long", error.retry_after(), Some(wait));
    guide.wait(wait.from_now(guide.now()));
    guide.aside(
        "half a minute later by the hand-moved clock, the same exchange builds a new request",
        |guide| guide.tokens(&scene.server, &exchange),
    )?;
    Ok(())
}

fn gateway(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("502, with a page of HTML, for a worker's secret");
    scene.server.next_token_reply(Fault::Html502);
    let error = guide.failure(&scene.server, &worker(scene))?;
    guide.check("a page is no refusal", error.kind(), &ReplyErrorKind::Unavailable);
    guide.check(
        "a secret can be presented again: keep it, try later",
        error.class(),
        FailureClass::Transient,
    );

    guide.step("The same 502, for a code");
    let exchange = code_exchange(guide, scene)?;
    scene.server.next_token_reply(Fault::Html502);
    let error = guide.failure(&scene.server, &exchange)?;
    guide.check(
        "a code can be spent by now: nobody knows, and the class says so",
        error.class(),
        FailureClass::Indeterminate,
    );
    Ok(())
}

fn redirect(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("A redirect, which would carry the secret elsewhere");
    let elsewhere = format!("{}/oauth2/token", scene.server.origin());
    scene.server.next_token_reply(Fault::Redirect(elsewhere.clone()));
    let error = guide.failure(&scene.server, &worker(scene))?;
    guide.check("not followed", error.kind(), &ReplyErrorKind::Redirected);
    guide.check("shown, for whoever mends the address", error.location(), Some(elsewhere.as_str()));
    guide.check("and that is on this side", error.fault(), Mender::Client);
    Ok(())
}

fn too_much(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("A body without end (a megabyte of it)");
    let endless = Reply::text(200, "application/json", &" ".repeat(1 << 20));
    scene.server.next_token_reply(Fault::Answer(endless));
    let error = guide.failure(&scene.server, &worker(scene))?;
    let too_large = ReplyErrorKind::Unusable(Unusable::BodyTooLarge { limit: DEFAULT_BODY_LIMIT });
    guide.check("reading stops at the limit", error.kind(), &too_large);
    Ok(())
}

fn cut_short(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("200, and the JSON ends in the middle");
    let exchange = code_exchange(guide, scene)?;
    scene.server.next_token_reply(Fault::TruncatedJson);
    let error = guide.failure(&scene.server, &exchange)?;
    let truncated = ReplyErrorKind::Unusable(Unusable::Truncated);
    guide.check("the code is spent and the answer is no good", error.kind(), &truncated);
    let kept = error.raw().expose_body();
    let bytes = format!("{} bytes, of which this prints none", kept.len());
    guide.printer.result("RawReply", &[("body", &bytes)]);
    guide.check(
        "but nothing that came is lost: the access token is in the raw reply",
        kept.starts_with(b"{\"access_token\":\"eyJ"),
        true,
    );
    guide.check(
        "nor is it in the error's text",
        format!("{error} {error:?}").contains("eyJ"),
        false,
    );
    Ok(())
}

/// The one failure that must not be met with another try.
fn lost_answer(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("A refresh is sent, the server rotates, and the answer is lost");
    let exchange = code_exchange(guide, scene)?;
    let tokens = guide.aside("its tokens", |guide| guide.tokens(&scene.server, &exchange))?;
    let refresh_token = tokens.refresh_token().ok_or("no refresh token came")?.clone();
    let exchange = scene.web_app().token(RefreshToken::new(refresh_token));
    scene.server.next_token_reply(Fault::DropConnectionAfterProcessing);
    let now = guide.now();
    let draft = exchange.draft(now, &mut guide.entropy)?;
    let duties = draft.duties();
    let lost = guide.send(&scene.server, draft.finish()?, Some(duties));
    let error = lost.err().ok_or("an answer came")?;
    let resend = format!("{:?}", duties.resend);
    guide.printer.refusal("SendError", &[("says", &error), ("duties: resend", &resend)]);
    let unknown = matches!(error, SendError::Unknown(_));
    guide.check("nobody on this side knows what came of it", unknown, true);
    guide.check(
        "the request's duties forbid another try, and one request is all that arrived",
        duties.resend,
        Resend::OnlyIfNotSent,
    );

    guide.step("Had it been sent again, this would have come");
    let error = guide.failure(&scene.server, &exchange)?;
    guide.check(
        "the token looks stolen to the server, and the whole family is revoked",
        error.credential_is_dead(),
        true,
    );
    Ok(())
}
