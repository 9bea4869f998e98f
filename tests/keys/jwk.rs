//! Keys from private JWKs, and their public halves.

use std::error::Error as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::jose::{Algorithm, Curve, JwkError, KeyError, KeyType, LocalKey, PublicJwk, Signer};
use serde_json::{Value, json};

use crate::material::*;
use crate::tools::*;

#[test]
fn private_jwks_have_the_thumbprints_that_the_rfcs_print() {
    for (algorithm, jwk, key_id, thumbprint) in [
        (Algorithm::Es256, RFC_7517_P256, Some("1"), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"),
        (
            Algorithm::Rs256,
            RFC_7517_RSA,
            Some("2011-04-29"),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
        ),
        (Algorithm::EdDsa, RFC_8037_ED25519, None, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
    ] {
        let key = LocalKey::from_jwk(algorithm, jwk).unwrap();
        assert_eq!(key.thumbprint(), thumbprint);
        assert_eq!(key.public_jwk().thumbprint(), thumbprint);
        assert_eq!(key.key_id_str(), key_id);
        assert!(signs(&key), "{algorithm}");

        // The public half is a public JWK: every public member as it stood, and none of the private.
        let public: Value = serde_json::from_str(&key.public_jwk().to_json()).unwrap();
        let private: Value = serde_json::from_str(jwk).unwrap();
        for (name, value) in public.as_object().unwrap() {
            assert_eq!(value, &private[name], "{name}");
        }
        for name in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(public.get(name).is_none(), "{name}");
        }
        assert_eq!(PublicJwk::from_json(&key.public_jwk().to_json()).unwrap(), key.public_jwk());
    }
}

#[test]
fn the_key_id_travels_and_can_be_replaced() {
    let key = LocalKey::from_jwk(Algorithm::Es256, RFC_7517_P256).unwrap();
    assert_eq!(key.public_jwk().key_id(), Some("1"));
    let renamed = key.clone().key_id("2");
    assert_eq!(renamed.public_jwk().key_id(), Some("2"));
    assert_eq!(Signer::from(renamed).key_id_str(), Some("2"));
    assert_eq!(Signer::from(key).key_id_str(), Some("1"));
    assert_eq!(a_key(Algorithm::Es256).public_jwk().key_id(), None);
}

#[test]
fn a_jwk_for_another_algorithm_is_refused_by_both_names() {
    let load = |asked, jwk: &str, stated: &str| {
        LocalKey::from_jwk(asked, &with(jwk, "alg", Some(json!(stated))))
    };
    assert!(load(Algorithm::Ps256, RFC_7515_RSA, "PS256").is_ok());
    let error = refusal(load(Algorithm::Ps256, RFC_7515_RSA, "RS256"));
    assert_eq!(error.to_string(), "the key is for RS256, but was asked for PS256");
    let error = refusal(load(Algorithm::Rs256, RFC_7515_RSA, "RSA-OAEP-canary"));
    assert_eq!(error, KeyError::Algorithm { key: None, asked: Algorithm::Rs256 });
    assert!(!said(&error).contains("canary"));
    // Two names for what one key does.
    for asked in [Algorithm::EdDsa, Algorithm::Ed25519] {
        for stated in ["EdDSA", "Ed25519"] {
            let key = load(asked, RFC_8037_ED25519, stated).unwrap();
            assert_eq!(key.algorithm(), asked, "the name asked for is the one that signs");
        }
        assert!(load(asked, RFC_8037_ED25519, "ES256").is_err());
    }
    // The kind of key comes first: it is what cannot be mended by asking differently.
    let error = refusal(load(Algorithm::Rs256, RFC_7515_P256, "ES256"));
    assert_eq!(
        error,
        KeyError::Mismatch { key: KeyType::Ec(Curve::P256), algorithm: Algorithm::Rs256 }
    );
    let error = refusal(LocalKey::from_jwk(Algorithm::Rs256, r#"{"kty":"oct","k":"AA"}"#));
    assert_eq!(error.to_string(), "the key is symmetric, but RS256 takes RSA");
}

#[test]
fn a_jwk_names_the_member_at_fault() {
    let all: &[(Algorithm, &str, &[&str])] = &[
        (Algorithm::Es256, RFC_7515_P256, &["kty", "crv", "x", "y", "d"]),
        (Algorithm::EdDsa, RFC_8037_ED25519, &["kty", "crv", "x", "d"]),
        (Algorithm::Rs256, RFC_7515_RSA, &["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"]),
    ];
    for &(algorithm, jwk, members) in all {
        for &name in members {
            let fault = |value| refusal(LocalKey::from_jwk(algorithm, &with(jwk, name, value)));
            let member = KeyError::Jwk(JwkError::Member(name));
            assert_eq!(fault(None), member, "{name} absent");
            assert_eq!(fault(Some(json!(null))), member, "{name} null");
            assert_eq!(fault(Some(json!(7))), member, "{name} a number");
            if name == "kty" || name == "crv" {
                assert_eq!(fault(Some(json!("x"))), KeyError::Jwk(JwkError::Unsupported));
                continue;
            }
            assert_eq!(fault(Some(json!(""))), member, "{name} empty");
            assert_eq!(fault(Some(json!("AA=="))), member, "{name} padded");
            assert_eq!(fault(Some(json!("A+/A"))), member, "{name} in the wrong alphabet");
            let short = fault(Some(json!("AQ")));
            match algorithm {
                Algorithm::Rs256 => assert_eq!(short, KeyError::Numbers, "{name} short"),
                _ => assert_eq!(short, KeyError::Jwk(JwkError::Length(name)), "{name} short"),
            }
        }
        for name in ["alg", "kid"] {
            let error = refusal(LocalKey::from_jwk(algorithm, &with(jwk, name, Some(json!(7)))));
            assert_eq!(error, KeyError::Jwk(JwkError::Member(name)));
        }
    }
}

#[test]
fn numbers_that_do_not_belong_together_are_refused() {
    let p256: Value = serde_json::from_str(RFC_7517_P256).unwrap();
    for (algorithm, jwk, name, other) in [
        (Algorithm::Es256, RFC_7515_P256, "d", p256["d"].clone()),
        (Algorithm::Es256, RFC_7515_P256, "x", p256["x"].clone()),
        (Algorithm::Es256, RFC_7515_P256, "d", json!(URL_SAFE_NO_PAD.encode([0; 32]))),
        (Algorithm::Es256, RFC_7515_P256, "d", json!(URL_SAFE_NO_PAD.encode([255; 32]))),
        (Algorithm::EdDsa, RFC_8037_ED25519, "d", p256["d"].clone()),
        (Algorithm::EdDsa, RFC_8037_ED25519, "x", p256["x"].clone()),
        (Algorithm::Rs256, RFC_7515_RSA, "e", json!("Aw")),
        (Algorithm::Rs256, RFC_7515_RSA, "n", json!("AAAA")),
    ] {
        let error = refusal(LocalKey::from_jwk(algorithm, &with(jwk, name, Some(other))));
        assert_eq!(error, KeyError::Numbers, "{name}");
    }
}

#[test]
fn a_jwk_is_one_object_of_sensible_size() {
    let fault = |jwk: &str| refusal(LocalKey::from_jwk(Algorithm::Es256, jwk));
    for jwk in ["", "[]", "null", "{", r#"{"kty":"EC","kty":"EC"}"#, P256_PKCS8] {
        assert_eq!(fault(jwk), KeyError::Jwk(JwkError::Json));
    }
    let x5c = |len| with(RFC_7515_P256, "x5c", Some(json!(["A".repeat(len)])));
    assert_eq!(fault(&x5c(64 * 1024)), KeyError::Jwk(JwkError::TooLarge));
    assert!(LocalKey::from_jwk(Algorithm::Es256, &x5c(8 * 1024)).is_ok());
    assert_eq!(fault("{}").source().unwrap().to_string(), JwkError::Member("kty").to_string());
}

#[test]
fn harmless_spellings_of_a_jwk_are_taken() {
    let key = LocalKey::from_jwk(Algorithm::Rs256, RFC_7515_RSA).unwrap();
    // A leading zero in the modulus, which some writers add.
    let jwk: Value = serde_json::from_str(RFC_7515_RSA).unwrap();
    let padded = [vec![0], decode(jwk["n"].as_str().unwrap())].concat();
    let padded = with(RFC_7515_RSA, "n", Some(json!(URL_SAFE_NO_PAD.encode(padded))));
    let padded = LocalKey::from_jwk(Algorithm::Rs256, &padded).unwrap();
    assert_eq!(padded.thumbprint(), key.thumbprint());
    // Escapes in a string.
    let escaped = RFC_7515_P256.replace("jpsQ", r"\u006apsQ");
    assert!(LocalKey::from_jwk(Algorithm::Es256, &escaped).is_ok());
}
