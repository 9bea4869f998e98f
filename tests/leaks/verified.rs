//! What is verified: tokens whose every part holds the canary, key sets with private keys in them, and
//! whatever is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::Error;
use grantwire::jose::{
    Algorithm, Jws, KeySet, LocalKey, LocalVerifier, PublicJwk, SharedSecret, Unsigned, Validity,
    VerificationKey, Verify as _, VerifyError,
};

use crate::needle::CANARY;
use crate::watch::Watch;

const ISSUER: &str = "https://as.example";

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub fn show(watch: &mut Watch) {
    show_tokens(watch);
    show_secrets(watch);
    show_sets(watch);
}

fn show_tokens(watch: &mut Watch) {
    let key = LocalKey::generate(Algorithm::EdDsa).unwrap();
    let public = VerificationKey::new(ISSUER, key.public_jwk()).unwrap();
    watch.debug(&public);
    let header = format!(r#"{{"alg":"EdDSA","kid":"{CANARY}","typ":"{CANARY}"}}"#);
    let payload = format!(r#"{{"sub":"{CANARY}","{CANARY}":1}}"#);
    let unsigned = Unsigned::new(Algorithm::EdDsa, None, header.as_bytes(), payload.as_bytes());
    let signed = unsigned.finish(&key.sign(&unsigned).unwrap()).unwrap();
    let jws = Jws::parse(signed.expose()).unwrap();
    watch.debug(&jws);
    watch.debug(&jws.unverified_claims());
    assert_eq!(jws.unverified_claims().claim::<String>("sub").as_deref(), Some(CANARY));
    watch.failure(jws.clone().with_key(&[Algorithm::Es256], &public));
    let unverified = jws.with_key(&[Algorithm::EdDsa], &public).unwrap();
    watch.debug(&unverified);
    for validity in [Validity::Invalid, Validity::Unsupported, Validity::Valid] {
        let verdict = unverified.verdict(validity);
        watch.debug(&verdict);
        if let Err(error) = unverified.accept(&verdict) {
            watch.error(&error);
            watch.error(&Error::from(error));
        }
    }
    let (input, signature) = (unverified.signing_input(), unverified.signature());
    let local = LocalVerifier::new();
    assert_eq!(local.verify(&public, Algorithm::EdDsa, input, signature), Validity::Valid);
    let verified = unverified.verify_with(&local).unwrap();
    watch.debug(&verified);

    let e = encode(&format!(r#"{{"alg":"{CANARY}"}}"#));
    let c = encode(&format!(r#"{{"alg":"ES256","crit":["{CANARY}"]}}"#));
    let d = encode(&format!(r#"{{"{CANARY}":1,"{CANARY}":2}}"#));
    let n = encode(&format!(r#"{{"alg":["{CANARY}"]}}"#));
    for text in [
        CANARY.to_owned(),
        format!("{CANARY}.{CANARY}.{CANARY}"),
        format!("{CANARY}.{CANARY}.{CANARY}.{CANARY}.{CANARY}"),
        format!("{CANARY}!.e30.AA"),
        format!("{c}.e30.AA"),
        format!("{d}.e30.AA"),
        format!("{n}.e30.AA"),
        format!("eyJhbGciOiJFUzI1NiJ9.{d}.AA"),
        format!("eyJhbGciOiJFUzI1NiJ9.{}.AA", encode(CANARY)),
        CANARY.repeat(10_000),
    ] {
        let error = Jws::parse(&text).unwrap_err();
        watch.error(&error);
        watch.error(&VerifyError::from(error));
        watch.error(&Error::from(error));
    }
    let unknown = Jws::parse(&format!("{e}.e30.AA")).unwrap();
    watch.debug(&unknown);
    watch.failure(unknown.with_key(Algorithm::ALL, &public));
}

fn show_secrets(watch: &mut Watch) {
    let jws = || Jws::parse("eyJhbGciOiJIUzI1NiJ9.e30.AA").unwrap();
    for secret in [
        SharedSecret::new(ISSUER, CANARY),
        SharedSecret::from_bytes(ISSUER, CANARY.as_bytes()).allow_short(),
    ] {
        watch.debug(&secret);
        watch.failure(secret.verify(jws(), &[Algorithm::Hs256]));
        watch.failure(secret.verify(jws(), &[]));
    }
}

fn show_sets(watch: &mut Watch) {
    let private = format!(r#"{{"kty":"EC","crv":"P-256","kid":"k","d":"{CANARY}"}}"#);
    let secret = format!(r#"{{"kty":"oct","k":"{CANARY}"}}"#);
    let odd = format!(r#"{{"kty":"{CANARY}","use":["{CANARY}"]}}"#);
    let keys =
        KeySet::read(ISSUER, &format!(r#"{{"keys":[{private},{secret},{odd},"{CANARY}"]}}"#));
    let keys = keys.unwrap();
    watch.debug(&keys);
    for skipped in keys.skipped() {
        watch.debug(skipped);
        watch.error(&skipped.why());
    }
    assert_eq!(keys.skipped().len(), 4);
    let jws = Jws::parse("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.e30.AA").unwrap();
    watch.failure(keys.choose_one(&jws, Algorithm::Es256));
    for text in [CANARY.to_owned(), format!("[\"{CANARY}\"]"), format!(r#"{{"keys":"{CANARY}"}}"#)]
    {
        let error = KeySet::read(ISSUER, &text).unwrap_err();
        watch.error(&error);
        watch.error(&Error::from(error));
        watch.failure(KeySet::from_bytes(text.as_bytes()));
    }
    let weak =
        PublicJwk::from_json(&format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, encode(CANARY)));
    watch.failure(VerificationKey::new(ISSUER, weak.unwrap()));
}
