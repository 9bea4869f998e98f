//! RFC 7515 appendix A: complete tokens, reproduced where the algorithm is deterministic and verified
//! where it is not.
//!
//! The payloads hold line breaks inside the JSON, so the segments are used as printed and no JSON is
//! rebuilt.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P521_SHA512_FIXED, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::BuildError;
use grantwire::client::{ClientSecretJwt, PrivateKeyJwt};
use grantwire::jose::{
    Algorithm, Jwt, JwtError, LocalKey, PublicJwk, SignatureError, Signer, Unsigned,
};

use crate::given::*;
use crate::keys::*;

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Header, payload and signature of a printed token, decoded.
fn parts(jws: &str) -> [Vec<u8>; 3] {
    let parts: Vec<_> = jws.split('.').map(decode).collect();
    parts.try_into().expect("three parts")
}

/// What is to be signed, from the printed segments, and the printed signature.
fn take_apart(algorithm: Algorithm, jws: &str) -> (Unsigned, Vec<u8>) {
    let [header, payload, signature] = parts(jws);
    let unsigned = Unsigned::new(algorithm, None, &header, &payload);
    let input = jws.rsplit_once('.').expect("three parts").0;
    assert_eq!(unsigned.input(), input.as_bytes(), "the input is the two segments as printed");
    (unsigned, signature)
}

/// The uncompressed point of a public EC key.
fn point(jwk: &PublicJwk) -> Vec<u8> {
    let members: serde_json::Value = serde_json::from_str(&jwk.to_json()).expect("JSON");
    let coordinate = |name: &str| decode(members[name].as_str().expect("a coordinate"));
    [vec![4], coordinate("x"), coordinate("y")].concat()
}

#[test]
fn a_1_hs256_is_reproduced() {
    let (unsigned, printed) = take_apart(Algorithm::Hs256, HS256_JWS);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &decode(HS256_KEY));
    let tag = hmac::sign(&key, unsigned.input());
    assert_eq!(tag.as_ref(), printed);
    let jws = unsigned.finish(&unsigned.signed(tag.as_ref())).unwrap();
    assert_eq!(jws.expose(), HS256_JWS);
}

/// The key of A.1 is no text, so the crate's own HMAC is checked on secrets that are.
#[test]
fn hs_tags_are_those_of_another_implementation() {
    let secret = "a secret of more than sixty-four octets, so that it does for every one of them";
    for (algorithm, hash) in [
        (Algorithm::Hs256, hmac::HMAC_SHA256),
        (Algorithm::Hs384, hmac::HMAC_SHA384),
        (Algorithm::Hs512, hmac::HMAC_SHA512),
    ] {
        let client = client().auth(ClientSecretJwt::new(algorithm, secret));
        let request = built(&own_token(&client));
        let [_, (name, jws), _] = pairs_of(&request).try_into().expect("three parameters");
        assert_eq!(name, "client_assertion");
        let (input, tag) = jws.rsplit_once('.').unwrap();
        let key = hmac::Key::new(hash, secret.as_bytes());
        hmac::verify(&key, input.as_bytes(), &decode(tag)).expect("a tag that verifies");
    }
}

#[test]
fn a_2_rs256_is_reproduced() {
    let (unsigned, _) = take_apart(Algorithm::Rs256, RS256_JWS);
    let key = LocalKey::from_jwk(Algorithm::Rs256, RS256_JWK).unwrap();
    let jws = unsigned.finish(&key.sign(&unsigned).unwrap()).unwrap();
    assert_eq!(jws.expose(), RS256_JWS);
}

/// The printed signature verifies and is taken as it is; so is one that is made here.
fn check_ecdsa(
    algorithm: Algorithm,
    jwk: &str,
    printed: &str,
    verifier: &'static dyn VerificationAlgorithm,
) {
    let key = LocalKey::from_jwk(algorithm, jwk).unwrap();
    let public = UnparsedPublicKey::new(verifier, point(&key.public_jwk()));
    let (unsigned, signature) = take_apart(algorithm, printed);
    public.verify(unsigned.input(), &signature).expect("the printed signature");
    assert_eq!(unsigned.finish(&unsigned.signed(signature)).unwrap().expose(), printed);

    let own = unsigned.finish(&key.sign(&unsigned).unwrap()).unwrap();
    let [_, _, signature] = parts(own.expose());
    assert_eq!(Some(signature.len()), algorithm.signature_len());
    public.verify(unsigned.input(), &signature).expect("a signature made here");
}

#[test]
fn a_3_es256_verifies() {
    check_ecdsa(Algorithm::Es256, ES256_JWK, ES256_JWS, &ECDSA_P256_SHA256_FIXED);
}

#[test]
fn a_4_es512_verifies() {
    let [header, payload, _] = parts(ES512_JWS);
    assert_eq!(header, br#"{"alg":"ES512"}"#);
    assert_eq!(payload, b"Payload");
    check_ecdsa(Algorithm::Es512, ES512_JWK, ES512_JWS, &ECDSA_P521_SHA512_FIXED);
}

#[test]
fn a_3_in_der_as_a_kms_returns_it() {
    let (unsigned, signature) = take_apart(Algorithm::Es256, ES256_JWS);
    let integer = |number: &[u8]| {
        // A leading zero keeps a number positive whose first bit is set; A.3's r needs none and its s
        // does.
        let pad: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
        let content = [pad, number].concat();
        [&[2, content.len() as u8], content.as_slice()].concat()
    };
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    let der = [&[0x30, body.len() as u8], body.as_slice()].concat();
    assert_eq!(der.len(), 71, "one of the two numbers is padded");
    assert_eq!(unsigned.finish(&unsigned.signed(der)).unwrap().expose(), ES256_JWS);
}

/// A.5 is a token with `"alg":"none"` and no signature. There is no way to write one.
#[test]
fn a_5_an_unsecured_token_cannot_be_made() {
    assert_eq!(Algorithm::from_name("none"), None);
    assert!(Algorithm::ALL.iter().all(|algorithm| !algorithm.name().eq_ignore_ascii_case("none")));

    let managed = BuildError::ParameterManaged { parameter: "alg".into() };
    let signer = Signer::remote(Algorithm::Es256);
    let unsigned = Jwt::new().header("alg", "none").unsigned(&signer);
    assert_eq!(unsigned.err(), Some(JwtError::MemberManaged("alg".into())));
    let method = PrivateKeyJwt::new(signer).header("alg", "none");
    assert_eq!(build(&own_token(&client().auth(method))).err(), Some(managed));

    // Whoever writes the header by hand still needs a signature of the right length.
    for algorithm in Algorithm::ALL {
        let unsigned = Unsigned::new(*algorithm, None, br#"{"alg":"none"}"#, b"{}");
        let refused = unsigned.finish(&unsigned.signed(Vec::new())).unwrap_err();
        assert!(
            matches!(refused, SignatureError::Length { got: 0, .. } | SignatureError::Encoding),
            "{algorithm}"
        );
    }
}
