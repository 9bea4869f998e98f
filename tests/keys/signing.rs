//! Signatures by local keys, and signatures from elsewhere on their way into a JWS.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature as verify;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::jose::{
    Algorithm, Jwt, KeyError, KeyType, LocalKey, SignatureError, Signer, Unsigned,
};
use serde_json::{Value, json};

use crate::material::*;
use crate::tools::*;

#[test]
fn every_algorithm_signs_and_verifies() {
    for algorithm in asymmetric() {
        let key = a_key(algorithm).key_id("test-only");
        let signer = Signer::from(key.clone());
        assert_eq!((signer.algorithm(), signer.key_id_str()), (algorithm, Some("test-only")));

        let unsigned = Jwt::new().claim("sub", "s6BhdRkqt3").unsigned(&signer).unwrap();
        let (header, _) =
            unsigned.input().split_at(unsigned.input().iter().position(|&b| b == b'.').unwrap());
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        assert_eq!(header, json!({"alg": algorithm.name(), "kid": "test-only"}));

        let signature = finished(&unsigned, &key.sign(&unsigned).unwrap());
        assert_eq!(signature.len(), algorithm.signature_len().unwrap_or(256), "{algorithm}");
        let public = key.public_jwk();
        assert!(verifies(algorithm, &public, unsigned.input(), &signature), "{algorithm}");
        assert!(!verifies(algorithm, &public, b"another input", &signature), "{algorithm}");
    }
}

#[test]
fn signatures_that_the_rfcs_print_come_out_again() {
    let rsa = LocalKey::from_jwk(Algorithm::Rs256, RFC_7515_RSA).unwrap();
    let unsigned = Unsigned::new(Algorithm::Rs256, None, br#"{"alg":"RS256"}"#, RFC_7515_PAYLOAD);
    assert_eq!(finished(&unsigned, &rsa.sign(&unsigned).unwrap()), decode(RFC_7515_RS256));

    let ed25519 = LocalKey::from_jwk(Algorithm::EdDsa, RFC_8037_ED25519).unwrap();
    let payload = b"Example of Ed25519 signing";
    let unsigned = Unsigned::new(Algorithm::EdDsa, None, br#"{"alg":"EdDSA"}"#, payload);
    assert_eq!(finished(&unsigned, &ed25519.sign(&unsigned).unwrap()), decode(RFC_8037_EDDSA));
}

#[test]
fn ecdsa_signatures_that_the_rfcs_print_verify() {
    for (algorithm, jwk, header, payload, signature) in [
        (Algorithm::Es256, RFC_7515_P256, r#"{"alg":"ES256"}"#, RFC_7515_PAYLOAD, RFC_7515_ES256),
        (Algorithm::Es512, RFC_7515_P521, r#"{"alg":"ES512"}"#, b"Payload", RFC_7515_ES512),
    ] {
        let key = LocalKey::from_jwk(algorithm, jwk).unwrap();
        let unsigned = Unsigned::new(algorithm, None, header.as_bytes(), payload);
        let theirs = finished(&unsigned, &unsigned.signed(decode(signature)));
        assert!(verifies(algorithm, &key.public_jwk(), unsigned.input(), &theirs), "{algorithm}");
        assert!(signs(&key), "{algorithm}");
    }
}

#[test]
fn generated_keys_sign_and_differ() {
    let kinds = [
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Es512,
        Algorithm::Ed25519,
        Algorithm::Ps256,
    ];
    for algorithm in kinds {
        let (one, two) =
            (LocalKey::generate(algorithm).unwrap(), LocalKey::generate(algorithm).unwrap());
        assert!(signs(&one) && signs(&two), "{algorithm}");
        assert_ne!(one.thumbprint(), two.thumbprint(), "{algorithm}");
        assert_eq!(one.key_id_str(), None);
    }
}

#[test]
fn a_key_signs_only_with_its_own_algorithm() {
    for (mine, asked) in [
        (Algorithm::Rs256, Algorithm::Ps256),
        (Algorithm::EdDsa, Algorithm::Ed25519),
        (Algorithm::Es256, Algorithm::Hs256),
    ] {
        let error = a_key(mine).sign(&unsigned(asked)).unwrap_err();
        assert_eq!(error, KeyError::Algorithm { key: Some(mine), asked });
        assert_eq!(error.to_string(), format!("the key is for {mine}, but was asked for {asked}"));
    }
}

#[test]
fn der_signatures_become_the_fixed_form() {
    for (algorithm, fixed, asn1, key) in [
        (
            Algorithm::Es256,
            &verify::ECDSA_P256_SHA256_FIXED,
            &verify::ECDSA_P256_SHA256_ASN1_SIGNING,
            P256_PKCS8,
        ),
        (
            Algorithm::Es384,
            &verify::ECDSA_P384_SHA384_FIXED,
            &verify::ECDSA_P384_SHA384_ASN1_SIGNING,
            P384_PKCS8,
        ),
        (
            Algorithm::Es512,
            &verify::ECDSA_P521_SHA512_FIXED,
            &verify::ECDSA_P521_SHA512_ASN1_SIGNING,
            P521_PKCS8,
        ),
    ] {
        let pair = verify::EcdsaKeyPair::from_pkcs8(asn1, &der(key)).unwrap();
        let point = verify::KeyPair::public_key(&pair).as_ref();
        let unsigned = unsigned(algorithm);
        // Often enough for numbers with leading zeros and with sign bytes to occur.
        for _ in 0..300 {
            let kms = pair.sign(&SystemRandom::new(), unsigned.input()).unwrap();
            let raw = finished(&unsigned, &unsigned.signed(kms.as_ref()));
            assert_eq!(raw.len(), algorithm.signature_len().unwrap());
            verify::UnparsedPublicKey::new(fixed, point).verify(unsigned.input(), &raw).unwrap();
            // The fixed form itself passes through as it is.
            assert_eq!(finished(&unsigned, &unsigned.signed(raw.clone())), raw);
        }
    }
}

#[test]
fn a_signature_for_another_input_is_refused() {
    let key = a_key(Algorithm::Es256);
    let one = unsigned(Algorithm::Es256);
    let two = Jwt::new().claim("sub", "another").unsigned(&Signer::from(key.clone())).unwrap();
    let signature = key.sign(&one).unwrap();
    assert!(one.finish(&signature).is_ok());
    assert_eq!(two.finish(&signature).unwrap_err(), SignatureError::Ticket);
    // The same bytes to be signed with another algorithm are another input too.
    let (header, payload) = (br#"{"alg":"RS256"}"#, b"{}");
    let rs256 = Unsigned::new(Algorithm::Rs256, None, header, payload);
    let ps256 = Unsigned::new(Algorithm::Ps256, None, header, payload);
    assert_eq!(rs256.input(), ps256.input());
    assert_eq!(ps256.finish(&rs256.signed(vec![1; 256])).unwrap_err(), SignatureError::Ticket);
}

#[test]
fn a_signature_of_the_wrong_form_is_refused() {
    let finish = |algorithm, bytes: Vec<u8>| {
        let unsigned = unsigned(algorithm);
        unsigned.finish(&unsigned.signed(bytes)).err()
    };
    for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
        for got in [0, 63, 65] {
            let error = SignatureError::Length { expected: 64, got };
            assert_eq!(finish(algorithm, vec![1; got]), Some(error));
        }
    }
    for algorithm in asymmetric().filter(|algorithm| algorithm.key_type() == KeyType::Rsa) {
        assert!(matches!(
            finish(algorithm, vec![1; 255]),
            Some(SignatureError::Length { got: 255, .. })
        ));
        assert_eq!(finish(algorithm, vec![1; 384]), None);
    }
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512] {
        for garbage in
            [vec![], vec![0x30], vec![0; 63], vec![0xff; 133], b"not a signature".to_vec()]
        {
            assert_eq!(finish(algorithm, garbage), Some(SignatureError::Encoding), "{algorithm}");
        }
    }
    let p521 =
        verify::EcdsaKeyPair::from_pkcs8(&verify::ECDSA_P521_SHA512_ASN1_SIGNING, &der(P521_PKCS8));
    let wide = p521.unwrap().sign(&SystemRandom::new(), b"message").unwrap();
    assert_eq!(finish(Algorithm::Es512, wide.as_ref().to_vec()), None);
    assert_eq!(finish(Algorithm::Es256, wide.as_ref().to_vec()), Some(SignatureError::Encoding));
}
