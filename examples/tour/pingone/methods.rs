//! The other ways to authenticate: `NONE`, `CLIENT_SECRET_BASIC`, `CLIENT_SECRET_POST`,
//! `CLIENT_SECRET_JWT`, and `PRIVATE_KEY_JWT` with RSA and with a key that is elsewhere.

use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantwire::client::{ClientSecretBasic, ClientSecretPost};
use grantwire::grant::ClientCredentials;
use grantwire::jose::{Algorithm, SignatureError, Signer, Unsigned};
use grantwire::provider::pingone;
use grantwire::{BuildError, Client, TokenRequest};

use super::{
    BASIC_WORKER, HMAC_WORKER, KMS_KEY, KMS_WORKER, NATIVE_APP, POST_WORKER, RSA_WORKER, SECRET,
    Scene, WORKER_SCOPE,
};
use crate::guide::{Guide, Outcome};
use grantwire_conformance::jws::Jws;

pub fn visit(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    none(guide, scene)?;
    basic(guide, scene)?;
    post(guide, scene)?;
    signed_with_the_secret(guide, scene)?;
    signed_with_rsa(guide, scene)?;
    signed_elsewhere(guide, scene)
}

/// What a worker asks for, by itself.
fn worker(client: &Client) -> TokenRequest {
    client.token(ClientCredentials::new()).scope(WORKER_SCOPE)
}

/// A client that cannot keep a secret proves itself with the code's verifier alone.
fn none(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("NONE: a native application");
    let native = scene.client(NATIVE_APP);
    let code = guide.aside("signing in", |guide| scene.sign_in(guide, &native, "openid"))?;
    guide.tokens(&scene.server, &native.token(code))?;
    guide.check(
        "the verifier is the only proof there is",
        guide.body_names(),
        ["grant_type", "code", "redirect_uri", "code_verifier", "client_id"],
    );
    Ok(())
}

fn basic(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("CLIENT_SECRET_BASIC");
    let client = scene.client(BASIC_WORKER).auth(ClientSecretBasic::new(SECRET));
    guide.tokens(&scene.server, &worker(&client))?;
    let documented = format!("Basic {}", STANDARD.encode(format!("{BASIC_WORKER}:{SECRET}")));
    let as_documented = guide.sent_header("authorization") == Some(documented);
    guide.check(
        "the secret has `.`, `~`, `_` and `-` in it, which stay as they are",
        as_documented,
        true,
    );
    guide.check("the body is the grant alone", guide.body_names(), ["grant_type", "scope"]);
    Ok(())
}

fn post(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("CLIENT_SECRET_POST");
    let client = scene.client(POST_WORKER).auth(ClientSecretPost::new(SECRET));
    guide.tokens(&scene.server, &worker(&client))?;
    let names = guide.body_names();
    let expected = ["grant_type", "scope", "client_id", "client_secret"];
    guide.check("id and secret come last in the body", names, expected);
    guide.check("and nothing is in the header", guide.sent_header("authorization"), None);
    Ok(())
}

fn signed_with_the_secret(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("CLIENT_SECRET_JWT");
    let method = pingone::client_secret_jwt(Algorithm::Hs256, SECRET);
    let client = scene.client(HMAC_WORKER).auth(method);
    guide.tokens(&scene.server, &worker(&client))?;
    guide.check("the secret signs", assertion_algorithm(guide).as_deref(), Some("HS256"));
    guide.check("and stays at home", guide.sent_parameter("client_secret"), None);
    Ok(())
}

fn signed_with_rsa(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("PRIVATE_KEY_JWT, with RSA");
    let method = pingone::private_key_jwt(scene.rsa_key.clone());
    let client = scene.client(RSA_WORKER).auth(method);
    guide.tokens(&scene.server, &worker(&client))?;
    guide.check("signed with the key", assertion_algorithm(guide).as_deref(), Some("RS256"));
    Ok(())
}

/// The key is in another thread, as it would be in a KMS.
fn signed_elsewhere(guide: &mut Guide, scene: &Scene) -> Outcome<()> {
    guide.step("PRIVATE_KEY_JWT, with a key that another thread holds");
    let method = pingone::private_key_jwt(Signer::remote(Algorithm::Es256).key_id(KMS_KEY));
    let client = scene.client(KMS_WORKER).auth(method);
    let exchange = worker(&client);
    let now = guide.now();
    let at_once = exchange.request(now, &mut guide.entropy);
    let error = guide.refused_here(&scene.server, at_once)?;
    guide.check("it takes two phases", error, BuildError::NeedsSignature);

    let mut draft = exchange.draft(now, &mut guide.entropy)?;
    let unsigned = draft.unsigned().ok_or("nothing is to be signed")?.clone();
    let fields: [(&str, &dyn Display); 3] = [
        ("algorithm", &unsigned.algorithm()),
        ("key id", &unsigned.key_id().unwrap_or("none")),
        ("input", &format!("{} bytes", unsigned.input().len())),
    ];
    guide.printer.result("Unsigned", &fields);
    let other = exchange.draft(now, &mut guide.entropy)?;
    let other = other.unsigned().ok_or("nothing is to be signed")?;
    let error = draft.sign(&other.signed(signature(scene, other)?)).err();
    guide.check("another request's signature is refused", error, Some(SignatureError::Ticket));
    draft.sign(&unsigned.signed(signature(scene, &unsigned)?))?;
    guide.check("the right one is taken, in DER as it came", draft.unsigned().is_none(), true);
    guide.tokens_for(&scene.server, &exchange, draft)?;
    guide.check("and verifies", assertion_algorithm(guide).as_deref(), Some("ES256"));
    Ok(())
}

/// With which algorithm the last assertion was signed.
fn assertion_algorithm(guide: &Guide) -> Option<String> {
    let assertion = guide.sent_parameter("client_assertion")?;
    Jws::parse(&assertion).ok()?.header("alg").map(str::to_owned)
}

fn signature(scene: &Scene, unsigned: &Unsigned) -> Outcome<Vec<u8>> {
    let key_id = unsigned.key_id().ok_or("the request names no key")?;
    scene.kms.sign(key_id, unsigned.input()).ok_or_else(|| "no signature came".into())
}
