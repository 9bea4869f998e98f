//! Signatures made elsewhere: the bytes go out, the signature comes back, the server verifies it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::client::PrivateKeyJwt;
use grantwire::grant::ClientCredentials;
use grantwire::jose::{Algorithm, LocalKey, Signature, SignatureError, Signer, Unsigned};
use grantwire::{BuildError, TokenRequest};
use serde_json::Value;

use crate::case::{Answer, Case, key};
use crate::clients;
use crate::expect;

/// A token request of a client whose key is not here.
fn request(case: &Case, name: &str) -> TokenRequest {
    let key = key(name);
    let signer = Signer::remote(key.algorithm()).key_id(key.key_id_str().expect("a kid"));
    let client = case.named(name).auth(PrivateKeyJwt::new(signer));
    client.token(ClientCredentials::new()).scope("api:read")
}

fn ask(case: &Case, request: &TokenRequest, sign: impl Fn(&Unsigned) -> Signature) -> Answer {
    let mut draft = case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft");
    while let Some(unsigned) = draft.unsigned() {
        let signature = sign(unsigned);
        draft.sign(&signature).expect("the signature fits");
    }
    request.read(&case.server.send(draft.finish().expect("nothing is left to sign")))
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn in_two_phases_with_each_kind_of_key() {
    let case = Case::start();
    for name in ["key-es256", "key-es384", "key-es512", "key-rs256", "key-ps256", "key-ed25519"] {
        let request = request(&case, name);
        let unsent = case.entropy(|entropy| request.request(Case::now(), entropy));
        assert_eq!(unsent.expect_err("no key is here"), BuildError::NeedsSignature);
        let key = key(name);
        let answer = ask(&case, &request, |unsigned| {
            assert_eq!(unsigned.algorithm(), key.algorithm());
            assert_eq!(unsigned.key_id(), key.key_id_str());
            key.sign(unsigned).expect("a signature")
        });
        expect::granted(answer, "api:read", 300);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn in_der_as_a_kms_returns_them() {
    let case = Case::start();
    for (name, signing) in [
        ("key-es256", &ECDSA_P256_SHA256_ASN1_SIGNING),
        ("key-es384", &ECDSA_P384_SHA384_ASN1_SIGNING),
        ("key-es512", &ECDSA_P521_SHA512_ASN1_SIGNING),
    ] {
        let kms = kms(name, signing);
        // Often enough for both numbers to come with and without their sign byte.
        for _ in 0..12 {
            let answer = ask(&case, &request(&case, name), |unsigned| {
                let der = kms.sign(&SystemRandom::new(), unsigned.input()).expect("a signature");
                assert_eq!(der.as_ref()[0], 0x30, "a SEQUENCE");
                unsigned.signed(der.as_ref())
            });
            expect::granted(answer, "api:read", 300);
        }
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn for_another_input_are_not_taken_and_the_draft_still_waits() {
    let case = Case::start();
    let key = key("key-es256");
    let request = request(&case, "key-es256");
    let draft = || case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft");
    let (mut mine, others) = (draft(), draft());
    let sign = |unsigned: Option<&Unsigned>| key.sign(unsigned.expect("unsigned")).expect("signed");
    let stray = sign(others.unsigned());
    assert_eq!(mine.sign(&stray), Err(SignatureError::Ticket));
    let own = sign(mine.unsigned());
    assert_eq!(mine.sign(&own), Ok(()));
    assert_eq!(mine.sign(&own), Err(SignatureError::NotAsked));
    let reply = case.server.send(mine.finish().expect("signed"));
    expect::granted(request.read(&reply), "api:read", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn of_another_key_reach_the_server_and_are_refused() {
    let case = Case::start();
    let stranger = LocalKey::generate(Algorithm::Es256).expect("a key");
    let answer = ask(&case, &request(&case, "key-es256"), |unsigned| {
        stranger.sign(unsigned).expect("a signature")
    });
    expect::unknown_client(answer);
}

/// A key that signs in DER and has never seen this crate.
fn kms(name: &str, algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    let jwk = clients::client(name).private_jwk.expect("a key");
    let jwk: Value = serde_json::from_str(&jwk).expect("a JWK");
    let number = |member: &str| {
        URL_SAFE_NO_PAD.decode(jwk[member].as_str().expect("a number")).expect("base64url")
    };
    let point = [vec![4], number("x"), number("y")].concat();
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, &number("d"), &point).expect("a key")
}
