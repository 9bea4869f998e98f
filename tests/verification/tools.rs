//! Tokens made by hand: any header, any payload, a real signature.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::Timestamp;
use grantwire::claims::{ClaimFault, ExpectedIdToken, IdToken, IssuedWith, TokenRules};
use grantwire::jose::{
    Algorithm, Jws, KeySet, KeyType, LocalKey, LocalVerifier, PublicJwk, Unsigned, VerificationKey,
    Verified, VerifyError,
};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://server.example.com";
pub const KEY_ID: &str = "2026-10";
/// 64 bytes, enough for `HS512`.
pub const SECRET: &str = "a secret of sixty-four octets, which does for all three of them.";

/// Every algorithm that takes a key pair.
pub fn asymmetric() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.iter().copied().filter(|algorithm| algorithm.key_type() != KeyType::Symmetric)
}

/// The issuer's key for an algorithm, made once.
pub fn key(algorithm: Algorithm) -> LocalKey {
    static KEYS: OnceLock<Vec<LocalKey>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let generate = |algorithm| LocalKey::generate(algorithm).expect("a key").key_id(KEY_ID);
        asymmetric().map(generate).collect()
    });
    let found = keys.iter().find(|key| key.algorithm() == algorithm);
    found.unwrap_or_else(|| panic!("{algorithm} takes no key pair")).clone()
}

/// A key of somebody else.
pub fn stranger(algorithm: Algorithm) -> LocalKey {
    LocalKey::generate(algorithm).expect("a key")
}

pub fn public(key: &LocalKey) -> VerificationKey {
    VerificationKey::new(ISSUER, key.public_jwk()).expect("a key that may verify")
}

pub fn set_of(keys: &[LocalKey]) -> KeySet {
    KeySet::of(ISSUER, keys.iter().map(public))
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// A token with this header and payload as they are, signed.
pub fn sign(key: &LocalKey, header: &str, payload: &str) -> String {
    let unsigned = Unsigned::new(key.algorithm(), None, header.as_bytes(), payload.as_bytes());
    let signature = key.sign(&unsigned).expect("a signature");
    unsigned.finish(&signature).expect("a signature of the right length").expose().to_owned()
}

pub fn header(algorithm: Algorithm) -> String {
    format!(r#"{{"alg":"{algorithm}","kid":"{KEY_ID}"}}"#)
}

/// A token with the usual header.
pub fn token(algorithm: Algorithm, payload: &str) -> String {
    sign(&key(algorithm), &header(algorithm), payload)
}

/// A token under a shared secret.
pub fn tagged(algorithm: Algorithm, secret: &[u8], header: &str, payload: &str) -> String {
    use aws_lc_rs::hmac;
    let hash = match algorithm {
        Algorithm::Hs256 => hmac::HMAC_SHA256,
        Algorithm::Hs384 => hmac::HMAC_SHA384,
        Algorithm::Hs512 => hmac::HMAC_SHA512,
        other => panic!("{other} takes no secret"),
    };
    let input = format!("{}.{}", encode(header), encode(payload));
    let tag = hmac::sign(&hmac::Key::new(hash, secret), input.as_bytes());
    format!("{input}.{}", encode(tag))
}

/// Verifies with the one key.
pub fn verify(
    text: &str,
    expected: &[Algorithm],
    key: &VerificationKey,
) -> Result<Verified, VerifyError> {
    Jws::parse(text)?.with_key(expected, key)?.verify_with(&LocalVerifier::new())
}

/// Verifies with whichever key of the set is the right one.
pub fn verify_by(
    text: &str,
    expected: &[Algorithm],
    keys: &KeySet,
) -> Result<Verified, VerifyError> {
    let jws = Jws::parse(text)?;
    let key = keys.choose_one(&jws, jws.expect_algorithm(expected)?)?;
    jws.with_key(expected, key)?.verify_with(&LocalVerifier::new())
}

/// A public key as the JSON that a set holds, with members added.
pub fn jwk(key: &PublicJwk, more: &str) -> String {
    let json = key.to_json();
    let open = json.strip_suffix('}').expect("an object");
    format!("{open}{more}}}")
}

pub const CLIENT_ID: &str = "s6BhdRkqt3";
pub const NONCE: &str = "n-0S6_WzA2Mj";
pub const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
pub const CODE: &str = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
pub const ISSUED: u64 = 1_311_280_970;
pub const EXPIRES: u64 = 1_311_281_970;
/// Ten seconds after the tokens of these tests are issued.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(ISSUED + 10);
/// The algorithm of most tests, because its keys are quick.
pub const ALGORITHM: Algorithm = Algorithm::Ed25519;

pub fn rules() -> TokenRules {
    TokenRules::new(ISSUER, CLIENT_ID).algorithm(ALGORITHM)
}

/// The claims of a good ID token.
pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "248289761001", "aud": CLIENT_ID, "exp": EXPIRES, "iat": ISSUED,
        "nonce": NONCE,
    })
}

/// Claims with one set, or taken out if it is `Null`.
pub fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let members = claims.as_object_mut().expect("an object");
    match value {
        Value::Null => drop(members.remove(name)),
        value => drop(members.insert(name.to_owned(), value)),
    }
    claims
}

/// The good claims with one changed.
pub fn but(name: &str, value: Value) -> Value {
    with(claims(), name, value)
}

/// What the issuer makes of claims.
pub fn signed(claims: &Value) -> String {
    token(ALGORITHM, &claims.to_string())
}

/// The issuer's keys for the algorithm of most tests.
pub fn keys() -> KeySet {
    set_of(&[key(ALGORITHM)])
}

pub fn expected() -> ExpectedIdToken {
    ExpectedIdToken::new(&rules()).nonce(NONCE)
}

pub fn from_token_endpoint() -> IssuedWith<'static> {
    IssuedWith::token_endpoint(ACCESS_TOKEN)
}

/// Checks a token that came from the token endpoint ten seconds after it was issued.
pub fn check_text(expected: &ExpectedIdToken, text: &str) -> Result<IdToken, ClaimFault> {
    let local = LocalVerifier::new();
    let checked = expected.verify(text, &keys(), &local, from_token_endpoint(), NOW);
    checked.map_err(|error| error.fault())
}

pub fn check(expected: &ExpectedIdToken, claims: &Value) -> Result<IdToken, ClaimFault> {
    check_text(expected, &signed(claims))
}

/// The fault of a token that must be refused.
pub fn fault(expected: &ExpectedIdToken, claims: &Value) -> ClaimFault {
    check(expected, claims).expect_err("it must be refused")
}

pub fn seconds(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}
