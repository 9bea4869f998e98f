//! What the specifications print, through the public verifier: each is taken, and no other token is.

use grantwire::jose::{
    Algorithm, Jws, JwsError, JwsPart, KeySet, LocalVerifier, PublicJwk, SharedSecret,
    VerificationKey, VerifyError,
};

use crate::printed::*;
use crate::tools::*;

fn public_key(jwk: &str) -> VerificationKey {
    VerificationKey::new(ISSUER, PublicJwk::from_json(jwk).unwrap()).unwrap()
}

/// Verifies the two printed parts, whatever the payload is.
fn verifies(algorithm: Algorithm, jwk: &str, jws: &str) {
    let (input, signature) = jws.rsplit_once('.').unwrap();
    let mut signature = decode(signature);
    let key = public_key(jwk);
    let check = |input: &str, signature: &[u8]| {
        key.verify(&LocalVerifier::new(), algorithm, input.as_bytes(), signature)
    };
    assert_eq!(check(input, &signature), Ok(()));
    assert_eq!(check(&format!("{input}A"), &signature), Err(VerifyError::Signature));
    signature[20] ^= 1;
    assert_eq!(check(input, &signature), Err(VerifyError::Signature));
}

#[test]
fn rfc_7515_a_1_hs256() {
    let secret = SharedSecret::from_bytes(ISSUER, decode(HS256_KEY));
    let verified = secret.verify(Jws::parse(HS256_JWS).unwrap(), &[Algorithm::Hs256]).unwrap();
    assert_eq!(verified.claim::<String>("iss").as_deref(), Some("joe"));
    assert_eq!(verified.claim::<u64>("exp"), Some(1_300_819_380));
    assert_eq!(verified.claim::<bool>("http://example.com/is_root"), Some(true));
    let other = SharedSecret::new(ISSUER, SECRET);
    let error = other.verify(Jws::parse(HS256_JWS).unwrap(), &[Algorithm::Hs256]).unwrap_err();
    assert_eq!(error, VerifyError::Signature);
}

#[test]
fn rfc_7515_a_2_rs256_and_a_3_es256() {
    for (algorithm, jwk, jws) in
        [(Algorithm::Rs256, RS256_JWK, RS256_JWS), (Algorithm::Es256, ES256_JWK, ES256_JWS)]
    {
        let verified = verify(jws, &[algorithm], &public_key(jwk)).unwrap();
        assert_eq!(verified.claim::<String>("iss").as_deref(), Some("joe"));
        verifies(algorithm, jwk, jws);
    }
}

#[test]
fn rfc_7515_a_4_es512() {
    verifies(Algorithm::Es512, ES512_JWK, ES512_JWS);
    let error = Jws::parse(ES512_JWS).unwrap_err();
    assert_eq!(error, JwsError::Json(JwsPart::Payload), "its payload is a word and no claims");
}

#[test]
fn rfc_7515_a_5_is_refused() {
    let jws = Jws::parse(UNSECURED).unwrap();
    assert!(jws.is_unsecured() && jws.algorithm().is_none());
    assert_eq!(
        verify(UNSECURED, Algorithm::ALL, &public_key(RS256_JWK)).unwrap_err(),
        VerifyError::Unsecured
    );
    let secret = SharedSecret::new(ISSUER, SECRET);
    assert_eq!(secret.verify(jws, Algorithm::ALL).unwrap_err(), VerifyError::Unsecured);
}

#[test]
fn rfc_7520_chapter_4() {
    verifies(Algorithm::Rs256, COOKBOOK_RSA, COOKBOOK_RS256);
    verifies(Algorithm::Ps384, COOKBOOK_RSA, COOKBOOK_PS384);
    verifies(Algorithm::Es512, COOKBOOK_EC, COOKBOOK_ES512);
    let (input, tag) = COOKBOOK_HS256.rsplit_once('.').unwrap();
    let secret = SharedSecret::from_bytes(ISSUER, decode(COOKBOOK_SECRET));
    let check = |input: &str| secret.verify_bytes(Algorithm::Hs256, input.as_bytes(), &decode(tag));
    assert_eq!(check(input), Ok(()));
    assert_eq!(check(&input[1..]), Err(VerifyError::Signature));
    // Section 4.5: the payload is detached. It is no token by itself.
    let parts: Vec<&str> = COOKBOOK_HS256.split('.').collect();
    let error = Jws::parse(&format!("{}..{}", parts[0], parts[2])).unwrap_err();
    assert_eq!(error, JwsError::Json(JwsPart::Payload));
    // Sections 4.6 to 4.8 have no compact form.
    let json = format!(r#"{{"payload":"{}","signatures":[]}}"#, parts[1]);
    assert_eq!(Jws::parse(&json).unwrap_err(), JwsError::Parts);
}

#[test]
fn rfc_8037_a_4_ed25519() {
    verifies(Algorithm::EdDsa, ED25519_JWK, ED25519_JWS);
    verifies(Algorithm::Ed25519, ED25519_JWK, ED25519_JWS);
}

#[test]
fn openid_core_a_2_to_a_7() {
    let keys = KeySet::read(ISSUER, &format!(r#"{{"keys":[{OPENID_JWK}]}}"#)).unwrap();
    for text in
        [OPENID_ID_TOKEN, OPENID_ID_TOKEN_TOKEN, OPENID_CODE_ID_TOKEN, OPENID_CODE_ID_TOKEN_TOKEN]
    {
        let verified = verify_by(text, &[Algorithm::Rs256], &keys).unwrap();
        assert_eq!(verified.claim::<String>("iss").as_deref(), Some(ISSUER));
        assert_eq!(verified.claim::<String>("sub").as_deref(), Some("248289761001"));
        assert_eq!(verified.claim::<u64>("iat"), Some(1_311_280_970));
        verifies(Algorithm::Rs256, OPENID_JWK, text);
    }
}
