//! A text is a token of three parts or it is not, never a panic. What is taken is exactly what a writer of
//! base64url would have written, its header and payload are objects without a repeated member, and nothing
//! that names `none` or an extension gets as far as a key.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::jose::{Algorithm, Jwe, Jws, JwsError, PublicJwk, SharedSecret, VerificationKey};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const JWK: &str =
    r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let _ =
        Jwe::parse(&text).map(|jwe| format!("{jwe:?} {} {}", jwe.algorithm(), jwe.encryption()));
    match Jws::parse(&text) {
        Ok(jws) => sound(&text, jws),
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains("cAnArY"));
            assert!(error != JwsError::Encrypted || text.split('.').count() == 5);
        }
    }
});

fn sound(text: &str, jws: Jws) {
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("{} parts", parts.len()) };
    assert_eq!(URL_SAFE_NO_PAD.encode(jws.signature()), signature);
    assert_eq!(jws.signing_input(), format!("{header}.{payload}").as_bytes());
    let claims = jws.unverified_claims().expose_json();
    assert_eq!(URL_SAFE_NO_PAD.encode(claims), payload);
    let decoded = URL_SAFE_NO_PAD.decode(header).expect("it was read");
    // The other reader takes less than ours does, so it has no say where it fails.
    if let Ok(header) = serde_json::from_slice::<Value>(&decoded) {
        assert!(header.get("crit").is_none() && header.get("b64").is_none());
        assert_eq!(header["alg"] == "none", jws.is_unsecured());
        assert_eq!(header.get("kid").and_then(Value::as_str), jws.key_id());
        if let Some(algorithm) = jws.algorithm() {
            assert_eq!(header["alg"], algorithm.name());
        }
    }
    assert!(format!("{jws:?}").len() < 60);

    let key = PublicJwk::from_json(JWK).expect("a key");
    let key = VerificationKey::new("https://as.example", key).expect("it may verify");
    let unsecured = jws.is_unsecured();
    if let Ok(unverified) = jws.clone().with_key(Algorithm::ALL, &key) {
        assert!(!unsecured && unverified.signature().len() == 64);
    }
    let secret = SharedSecret::new("https://as.example", "x".repeat(64));
    assert!(secret.verify(jws, Algorithm::ALL).is_err(), "nobody knows the secret");
}
