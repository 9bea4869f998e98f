//! What the tests of keys share: keys at hand, a verifier, and small editors of documents.
//!
//! The verifier sees the public JWK and `aws-lc-rs`, and nothing else of this crate.

use std::error::Error as _;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature as verify;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantwire::jose::{
    Algorithm, Jwt, KeyError, KeyType, LocalKey, PublicJwk, Signature, Signer, Unsigned,
};
use serde_json::Value;

use crate::material::CONTAINERS;

/// Every algorithm that takes a key pair.
pub fn asymmetric() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.iter().copied().filter(|algorithm| algorithm.key_type() != KeyType::Symmetric)
}

/// An algorithm that takes this kind of key.
pub fn some_algorithm(kind: KeyType) -> Algorithm {
    asymmetric().find(|algorithm| algorithm.key_type() == kind).unwrap()
}

pub fn a_key(algorithm: Algorithm) -> LocalKey {
    let (_, _, pem, _) = CONTAINERS.iter().find(|row| row.1 == algorithm.key_type()).unwrap();
    LocalKey::from_pem(algorithm, pem).unwrap()
}

pub fn unsigned(algorithm: Algorithm) -> Unsigned {
    Jwt::new().claim("sub", "s6BhdRkqt3").unsigned(&Signer::remote(algorithm)).unwrap()
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The signature's bytes, as they stand in the finished JWS.
pub fn finished(unsigned: &Unsigned, signature: &Signature) -> Vec<u8> {
    let jws = unsigned.finish(signature).unwrap();
    let (input, signature) = jws.expose().rsplit_once('.').unwrap();
    assert_eq!(input.as_bytes(), unsigned.input());
    decode(signature)
}

/// Verifies with the public JWK and nothing else.
pub fn verifies(
    algorithm: Algorithm,
    public: &PublicJwk,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let jwk: Value = serde_json::from_str(&public.to_json()).unwrap();
    let number = |name: &str| decode(jwk[name].as_str().unwrap());
    let rsa = |parameters| {
        let key = PublicKeyComponents { n: number("n"), e: number("e") };
        key.verify(parameters, message, signature)
    };
    let ec = |algorithm: &'static verify::EcdsaVerificationAlgorithm| {
        let point = [vec![4], number("x"), number("y")].concat();
        verify::UnparsedPublicKey::new(algorithm, point).verify(message, signature)
    };
    let verified = match algorithm {
        Algorithm::Rs256 => rsa(&verify::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => rsa(&verify::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => rsa(&verify::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => rsa(&verify::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => rsa(&verify::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => rsa(&verify::RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 => ec(&verify::ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => ec(&verify::ECDSA_P384_SHA384_FIXED),
        Algorithm::Es512 => ec(&verify::ECDSA_P521_SHA512_FIXED),
        Algorithm::EdDsa | Algorithm::Ed25519 => {
            verify::UnparsedPublicKey::new(&verify::ED25519, number("x")).verify(message, signature)
        }
        other => panic!("{other} has no public key"),
    };
    verified.is_ok()
}

/// Signs with the key, and checks the signature with its public half.
pub fn signs(key: &LocalKey) -> bool {
    let unsigned = unsigned(key.algorithm());
    let signature = finished(&unsigned, &key.sign(&unsigned).unwrap());
    verifies(key.algorithm(), &key.public_jwk(), unsigned.input(), &signature)
}

/// The bytes of a PEM document's last section.
pub fn der(pem: &str) -> Vec<u8> {
    let (_, section) = pem.rsplit_once("-----BEGIN ").unwrap();
    let body = section.lines().skip(1).take_while(|line| !line.starts_with("-----END"));
    STANDARD.decode(body.collect::<String>()).unwrap()
}

/// A JWK with one member set, or taken out.
pub fn with(jwk: &str, name: &str, value: Option<Value>) -> String {
    let mut jwk: Value = serde_json::from_str(jwk).unwrap();
    match value {
        Some(value) => jwk[name] = value,
        None => drop(jwk.as_object_mut().unwrap().remove(name)),
    }
    jwk.to_string()
}

pub fn refusal(loaded: Result<LocalKey, KeyError>) -> KeyError {
    loaded.expect_err("the key must be refused")
}

/// All that an error and its causes say.
pub fn said(error: &KeyError) -> String {
    let cause = error.source().map(|cause| format!("{cause:?} {cause}"));
    format!("{error:?} {error} {}", cause.unwrap_or_default())
}
