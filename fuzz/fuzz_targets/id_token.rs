//! No header and no claims make the check of an ID token panic, whoever signed them. What is taken says what
//! another JSON reader finds in it: this issuer, this client, this nonce, an end that is not over.
//!
//! The first line of an input is the header, the rest are the claims. A backend that finds every signature
//! good stands in for the issuer.

#![no_main]

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::Timestamp;
use grantwire::claims::{ExpectedIdToken, IdToken, IssuedWith, LogoutToken, TokenRules};
use grantwire::jose::{Algorithm, KeySet, PublicJwk, Validity, VerificationKey, Verify};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const ISSUER: &str = "https://as.example";
const NOW: Timestamp = Timestamp::from_unix_seconds(1_311_280_980);
const JWK: &str =
    r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

struct Believes;

impl Verify for Believes {
    fn verify(&self, _: &VerificationKey, _: Algorithm, _: &[u8], _: &[u8]) -> Validity {
        Validity::Valid
    }
}

fuzz_target!(|input: &[u8]| {
    let line = input.iter().position(|byte| *byte == b'\n');
    let (header, claims) = line.map_or((input, &[][..]), |at| (&input[..at], &input[at + 1..]));
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let text = format!("{}.{}.{}", encode(header), encode(claims), encode(&[1; 64]));

    let key = PublicJwk::from_json(JWK).expect("a key");
    let keys = KeySet::of(ISSUER, [VerificationKey::new(ISSUER, key).expect("it may verify")]);
    let rules = TokenRules::new(ISSUER, "c").algorithm(Algorithm::EdDsa).trusted_audience("d");
    let expected = ExpectedIdToken::new(&rules).nonce("n").max_age(Duration::from_secs(1000));
    let front = IssuedWith::authorization_endpoint().access_token("t").code("c").state("s");
    for with in [IssuedWith::token_endpoint("t"), front] {
        match expected.verify(&text, &keys, &Believes, with, NOW) {
            Ok(identity) => {
                good(&identity, claims);
                let later = ExpectedIdToken::new(&rules).refreshes(identity.original());
                let again = later.verify(&text, &keys, &Believes, with, NOW);
                assert_eq!(again.expect("the same again").subject(), identity.subject());
            }
            Err(error) => assert!(!format!("{error} {error:?}").contains("cAnArY")),
        }
    }
    if let Ok(logout) = LogoutToken::verify(&rules, &text, &keys, &Believes, NOW) {
        assert!(logout.subject().is_some() || logout.session_id().is_some());
        assert!(!logout.jti().is_empty() && logout.forget_at() > NOW);
        assert!(
            expected.verify(&text, &keys, &Believes, IssuedWith::token_endpoint("t"), NOW).is_err()
        );
    }
});

fn good(identity: &IdToken, claims: &[u8]) {
    assert_eq!(identity.issuer().as_str(), ISSUER);
    assert!(identity.audience().iter().any(|audience| audience == "c"));
    assert!(identity.audience().iter().all(|audience| audience == "c" || audience == "d"));
    assert!((1..=255).contains(&identity.subject().len()));
    assert!(identity.expires().saturating_add(Duration::from_secs(60)) > NOW);
    assert!(identity.auth_time().is_some());
    let standard = identity.standard_claims();
    let _ = (standard.name(), standard.email_verified(), standard.address(), standard.updated_at());
    assert!(format!("{identity:?} {standard:?}").len() < 120);
    // The other reader takes less than ours does, so it has no say where it fails.
    if let Ok(other) = serde_json::from_slice::<Value>(claims) {
        assert_eq!(other["sub"], identity.subject());
        assert_eq!(other["nonce"], "n");
        assert_eq!(other["acr"].as_str(), identity.acr());
    }
}
