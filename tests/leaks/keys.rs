//! Private keys: the canary in documents that are none, and a real key searched for itself.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantwire::Error;
use grantwire::client::PrivateKeyJwt;
use grantwire::jose::{Algorithm, LocalKey, PublicJwk, Signer};

use crate::needle::CANARY;
use crate::watch::Watch;

/// The key of RFC 8037 Appendix A, for tests only.
const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

pub fn show(watch: &mut Watch) {
    let encoded = STANDARD.encode(CANARY);
    for pem in [
        CANARY.to_owned(),
        format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----\n"),
        format!("-----BEGIN PRIVATE KEY-----\n{CANARY}!\n-----END PRIVATE KEY-----\n"),
        format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{encoded}\n"),
        format!("-----BEGIN {CANARY}-----\n{encoded}\n-----END {CANARY}-----\n"),
    ] {
        watch.failure(LocalKey::from_pem(Algorithm::EdDsa, &pem));
    }
    watch.failure(LocalKey::from_der(Algorithm::Es256, CANARY.as_bytes()));
    for jwk in [
        CANARY.to_owned(),
        format!(r#"{{"kty":"{CANARY}"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{CANARY}","d":"{CANARY}"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","d":"{CANARY}"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","d":"{D}","alg":"{CANARY}"}}"#),
        format!(r#"{{"kty":"oct","k":"{CANARY}"}}"#),
        format!(r#"{{"kty":"OKP","d":"{CANARY}""#),
    ] {
        watch.failure(LocalKey::from_jwk(Algorithm::EdDsa, &jwk));
        let error = PublicJwk::from_json(&jwk).unwrap_err();
        watch.error(&error);
        watch.error(&Error::from(error));
    }
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","d":"{D}"}}"#);
    let key = LocalKey::from_jwk(Algorithm::EdDsa, &jwk).unwrap();
    watch.debug(&key);
    watch.debug(&Signer::from(key));
}

#[test]
fn a_key_does_not_print_itself() {
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","d":"{D}"}}"#);
    let key = LocalKey::from_jwk(Algorithm::EdDsa, &jwk).unwrap();
    let private = URL_SAFE_NO_PAD.decode(D).unwrap();
    for secret in [private.as_slice(), D.as_bytes()] {
        let mut watch = Watch::new(secret);
        watch.debug(&key);
        watch.debug(&key.public_jwk());
        watch.debug(&Signer::from(key.clone()));
        watch.debug(&PrivateKeyJwt::new(key.clone()));
        watch.failure(LocalKey::from_jwk(Algorithm::Es256, &jwk));
        watch.failure(LocalKey::from_jwk(Algorithm::EdDsa, &jwk.replace("11q", "22q")));
        watch.failure(LocalKey::from_jwk(Algorithm::Hs256, &jwk));
        watch.failure(PublicJwk::from_json(&jwk));
        watch.assert_silent();
    }
}
