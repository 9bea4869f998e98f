//! Keys from PEM and DER, and keys that must be refused.

use grantwire::jose::{Algorithm, KeyError, KeyType, LocalKey};

use crate::material::*;
use crate::tools::*;

#[test]
fn every_container_holds_the_key_that_openssl_says() {
    for &(name, kind, pem, thumbprint) in CONTAINERS {
        let algorithm = some_algorithm(kind);
        let from_pem = LocalKey::from_pem(algorithm, pem).expect(name);
        let from_der = LocalKey::from_der(algorithm, &der(pem)).expect(name);
        let with_more = [der(pem), b"\n".to_vec()].concat();
        let from_more = LocalKey::from_der(algorithm, &with_more).expect(name);
        for key in [from_pem, from_der, from_more] {
            assert_eq!(key.thumbprint(), thumbprint, "{name}");
            assert_eq!(key.public_jwk().key_type(), kind, "{name}");
            assert!(signs(&key), "{name}");
        }
    }
}

#[test]
fn what_stands_around_a_pem_section_does_not_matter() {
    let crlf = P521_SEC1.replace('\n', "\r\n");
    let bundle =
        format!("Bag Attributes\n{P256_PUBLIC}{P256_PKCS8_ENCRYPTED}{P256_PKCS8}{RSA_PKCS8}");
    assert!(LocalKey::from_pem(Algorithm::Es512, &crlf).is_ok());
    assert!(LocalKey::from_pem(Algorithm::Es256, &bundle).is_ok(), "the first private key counts");
}

#[test]
fn a_sec1_key_without_its_curve_is_told_by_its_size() {
    let jwk: serde_json::Value = serde_json::from_str(RFC_7515_P256).unwrap();
    let mut sec1 = vec![0x30, 37, 2, 1, 1, 4, 32];
    sec1.extend(decode(jwk["d"].as_str().unwrap()));
    let named = LocalKey::from_jwk(Algorithm::Es256, RFC_7515_P256).unwrap();
    let bare = LocalKey::from_der(Algorithm::Es256, &sec1).unwrap();
    assert_eq!(bare.thumbprint(), named.thumbprint());
    let error = refusal(LocalKey::from_der(Algorithm::Es384, &sec1));
    assert_eq!(error.to_string(), "the key is EC P-256, but ES384 takes EC P-384");
}

#[test]
fn a_key_of_another_kind_is_named_with_the_algorithm() {
    for &(name, key, pem, _) in CONTAINERS {
        for algorithm in asymmetric() {
            for loaded in
                [LocalKey::from_pem(algorithm, pem), LocalKey::from_der(algorithm, &der(pem))]
            {
                if algorithm.key_type() == key {
                    assert!(loaded.is_ok(), "{name}, {algorithm}");
                } else {
                    let error = refusal(loaded);
                    assert_eq!(error, KeyError::Mismatch { key, algorithm }, "{name}, {algorithm}");
                }
            }
        }
    }
    for (algorithm, pem, message) in [
        (Algorithm::Rs256, P256_SEC1, "the key is EC P-256, but RS256 takes RSA"),
        (Algorithm::Es256, P521_PKCS8, "the key is EC P-521, but ES256 takes EC P-256"),
        (Algorithm::EdDsa, RSA_PKCS1, "the key is RSA, but EdDSA takes Ed25519"),
        (Algorithm::Ps512, ED25519_PKCS8, "the key is Ed25519, but PS512 takes RSA"),
    ] {
        assert_eq!(refusal(LocalKey::from_pem(algorithm, pem)).to_string(), message);
    }
}

#[test]
fn short_rsa_keys_are_refused() {
    for algorithm in asymmetric() {
        for loaded in [
            LocalKey::from_pem(algorithm, RSA_1024_PKCS8),
            LocalKey::from_pem(algorithm, RSA_1024_PKCS1),
            LocalKey::from_jwk(algorithm, RSA_1024_JWK),
        ] {
            let expected = match algorithm.key_type() {
                KeyType::Rsa => KeyError::RsaSize,
                _ => KeyError::Mismatch { key: KeyType::Rsa, algorithm },
            };
            assert_eq!(refusal(loaded), expected, "{algorithm}");
        }
    }
}

#[test]
fn shared_secret_algorithms_point_at_client_secret_jwt() {
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        for loaded in [
            LocalKey::from_pem(algorithm, P256_PKCS8),
            LocalKey::from_der(algorithm, &der(P256_PKCS8)),
            LocalKey::from_jwk(algorithm, r#"{"kty":"oct","k":"AA"}"#),
            LocalKey::from_jwk(algorithm, "not even JSON"),
            LocalKey::generate(algorithm),
        ] {
            let error = refusal(loaded);
            assert_eq!(error, KeyError::SharedSecret(algorithm));
            assert!(error.to_string().contains("client_secret_jwt"), "{error}");
        }
    }
}

#[test]
fn what_is_no_key_of_a_supported_kind_is_refused() {
    for (algorithm, pem, error) in [
        (Algorithm::Es256, SECP256K1, KeyError::Der),
        (Algorithm::EdDsa, X25519, KeyError::Der),
        (Algorithm::Es256, P256_PKCS8_ENCRYPTED, KeyError::Encrypted),
        (Algorithm::Es256, P256_SEC1_ENCRYPTED, KeyError::Encrypted),
        (Algorithm::Es256, P256_PUBLIC, KeyError::Pem),
        (Algorithm::Es256, "", KeyError::Pem),
        (Algorithm::Es256, RFC_7515_P256, KeyError::Pem),
        (
            Algorithm::Es256,
            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
            KeyError::Der,
        ),
        (Algorithm::Es256, "-----BEGIN PRIVATE KEY-----\nMIGH", KeyError::Pem),
        (
            Algorithm::Es256,
            "-----BEGIN PRIVATE KEY-----\n%%%%\n-----END PRIVATE KEY-----\n",
            KeyError::Pem,
        ),
    ] {
        assert_eq!(refusal(LocalKey::from_pem(algorithm, pem)), error, "{pem}");
    }
    for bytes in [
        &[][..],
        &[0x30],
        &[0x30, 0x80],
        &[0x30, 0xff, 0xff],
        P256_PKCS8.as_bytes(),
        &der(P256_PUBLIC),
    ] {
        assert_eq!(refusal(LocalKey::from_der(Algorithm::Es256, bytes)), KeyError::Der);
    }
}
