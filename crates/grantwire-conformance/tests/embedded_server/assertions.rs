//! Client assertions: every algorithm is verified, and every rule is broken once.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

use crate::{START, World, member, refusal, refused};
use grantwire_conformance::{Authentication, Client, Reply};

const ISSUER: &str = "http://127.0.0.1:9/oauth2";
const TOKEN_ENDPOINT: &str = "http://127.0.0.1:9/oauth2/token";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// From the signing input to the signature.
pub(crate) type Sign = dyn Fn(&[u8]) -> Vec<u8>;

/// From key and input to the code.
type Mac = fn(&[u8], &[u8]) -> Vec<u8>;

/// Something that signs bytes, and the public JWK that goes with it.
pub(crate) struct Signer {
    pub(crate) sign: Box<Sign>,
    pub(crate) jwk: Value,
}

pub(crate) fn ecdsa(alg: &'static signature::EcdsaSigningAlgorithm, curve: &str) -> Signer {
    let pair = EcdsaKeyPair::generate(alg).expect("a key");
    let point = pair.public_key().as_ref().to_vec();
    let (x, y) = point[1..].split_at(point.len() / 2);
    let jwk = json!({ "kty": "EC", "crv": curve, "kid": "k1",
        "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) });
    Signer {
        sign: Box::new(move |input| {
            let signature = pair.sign(&SystemRandom::new(), input);
            signature.expect("a signature").as_ref().to_vec()
        }),
        jwk,
    }
}

fn ed25519() -> Signer {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let x = URL_SAFE_NO_PAD.encode(pair.public_key());
    Signer {
        jwk: json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": x }),
        sign: Box::new(move |input| pair.sign(input).as_ref().to_vec()),
    }
}

/// A 2048-bit public key with the usual exponent is 270 bytes of DER, the modulus in the middle.
fn rsa(encoding: &'static dyn signature::RsaEncoding) -> Signer {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let der = pair.public_key().as_ref();
    assert_eq!((der.len(), &der[265..]), (270, &[2, 3, 1, 0, 1][..]));
    let n = URL_SAFE_NO_PAD.encode(&der[9..265]);
    let jwk = json!({ "kty": "RSA", "kid": "k1", "n": n, "e": "AQAB" });
    Signer {
        sign: Box::new(move |input| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &SystemRandom::new(), input, &mut signature).expect("a signature");
            signature
        }),
        jwk,
    }
}

pub(crate) fn jwt(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(input.as_bytes()));
    format!("{input}.{signature}")
}

fn header(alg: &str) -> Value {
    json!({ "alg": alg, "kid": "k1", "typ": "client-authentication+jwt" })
}

fn claims() -> Value {
    json!({ "iss": "c", "sub": "c", "aud": ISSUER, "jti": "j1", "iat": START, "exp": START + 60 })
}

/// `value` with one member changed; `null` takes it out.
pub(crate) fn with(mut value: Value, name: &str, member: Value) -> Value {
    let members = value.as_object_mut().expect("an object");
    if member.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), member);
    }
    value
}

fn world(authentication: Authentication) -> World {
    let client = Client::new("c", authentication).with_grants(&["client_credentials"]);
    World::new(vec![client])
}

fn send(world: &mut World, assertion: &str) -> Reply {
    world.post(
        "/oauth2/token",
        &[
            ("grant_type", "client_credentials"),
            ("client_assertion", assertion),
            ("client_assertion_type", TYPE),
        ],
    )
}

#[test]
fn every_signature_algorithm_is_verified() {
    let signers = [
        ("ES256", ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")),
        ("ES384", ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")),
        ("ES512", ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "P-521")),
        ("EdDSA", ed25519()),
        ("Ed25519", ed25519()),
        ("RS256", rsa(&signature::RSA_PKCS1_SHA256)),
        ("RS384", rsa(&signature::RSA_PKCS1_SHA384)),
        ("RS512", rsa(&signature::RSA_PKCS1_SHA512)),
        ("PS256", rsa(&signature::RSA_PSS_SHA256)),
        ("PS384", rsa(&signature::RSA_PSS_SHA384)),
        ("PS512", rsa(&signature::RSA_PSS_SHA512)),
    ];
    for (alg, signer) in signers {
        let mut world = world(Authentication::PrivateKeyJwt(vec![signer.jwk]));
        let good = jwt(&header(alg), &claims(), &signer.sign);
        assert_eq!(send(&mut world, &good).status, 200, "{alg}");
        let other = jwt(&header(alg), &claims(), |input| (signer.sign)(&input[1..]));
        let reply = send(&mut world, &other);
        assert_eq!(refusal(&reply), refused(401, "invalid_client"), "{alg}");
    }
}

#[test]
fn every_hmac_algorithm_is_verified_with_the_client_secret() {
    let key = b"cf136dc3c1fc93f31185e5885805d";
    let secret = || Authentication::ClientSecretJwt("cf136dc3c1fc93f31185e5885805d".into());
    let macs: [(&str, Mac); 3] = [("HS256", mac_256), ("HS384", mac_384), ("HS512", mac_512)];
    for (alg, mac) in macs {
        let mut world = world(secret());
        let good = jwt(&header(alg), &claims(), |input| mac(key, input));
        assert_eq!(send(&mut world, &good).status, 200, "{alg}");
        let other = jwt(&header(alg), &claims(), |input| mac(b"other", input));
        let reply = send(&mut world, &other);
        assert_eq!(refusal(&reply), refused(401, "invalid_client"), "{alg}");
    }
}

/// The oldest trick: the public key, as text, used as an HMAC secret.
#[test]
fn a_public_key_is_no_hmac_secret() {
    let signer = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
    let public = signer.jwk.to_string();
    let mut world = world(Authentication::PrivateKeyJwt(vec![signer.jwk]));
    let forged = jwt(&header("HS256"), &claims(), |input| mac_256(public.as_bytes(), input));
    let reply = send(&mut world, &forged);
    assert_eq!(refusal(&reply), refused(401, "invalid_client"));
}

#[test]
fn every_rule_of_the_assertion_is_checked() {
    let signer = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
    let mut world = world(Authentication::PrivateKeyJwt(vec![signer.jwk.clone()]));
    let mut refuse = |name: &str, header: &Value, claims: &Value, because: &str| {
        let reply = send(&mut world, &jwt(header, claims, &signer.sign));
        assert_eq!(refusal(&reply), refused(401, "invalid_client"), "{name}");
        let description = member(&reply, "error_description").unwrap_or_default();
        assert!(description.contains(because), "{name}: {description}");
    };
    let headers = [
        ("alg", json!("none"), "alg"),
        ("alg", json!("RS256"), "does not fit"),
        ("alg", json!("ES384"), "does not fit"),
        ("alg", Value::Null, "alg"),
        ("typ", json!("at+jwt"), "typ"),
        ("typ", Value::Null, "typ"),
        ("kid", json!("k2"), "kid"),
        ("kid", Value::Null, "kid"),
        ("crit", json!(["exp"]), "crit"),
    ];
    for (name, value, because) in headers {
        refuse(name, &with(header("ES256"), name, value), &claims(), because);
    }
    let wrong = [
        ("iss", json!("d"), "differ"),
        ("sub", json!("d"), "differ"),
        ("iss", Value::Null, "no iss"),
        ("aud", json!("https://other.example"), "aud"),
        ("aud", json!([ISSUER]), "single string"),
        ("aud", Value::Null, "aud"),
        ("exp", json!(START), "expired"),
        ("exp", json!(START + 3601), "too far"),
        ("exp", json!("soon"), "whole number"),
        ("exp", json!(1.5), "whole number"),
        ("exp", Value::Null, "exp"),
        ("iat", json!(START + 60), "future"),
        ("nbf", json!(START + 60), "future"),
        ("jti", json!(""), "jti"),
        ("jti", json!(7), "jti"),
        ("jti", Value::Null, "jti"),
    ];
    for (name, value, because) in wrong {
        refuse(name, &header("ES256"), &with(claims(), name, value), because);
    }
}

#[test]
fn an_assertion_is_good_once_and_either_audience_serves() {
    let signer = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
    let mut world = world(Authentication::PrivateKeyJwt(vec![signer.jwk.clone()]));
    let first = jwt(&header("ES256"), &claims(), &signer.sign);
    assert_eq!(send(&mut world, &first).status, 200);
    let replayed = send(&mut world, &first);
    assert_eq!(refusal(&replayed), refused(401, "invalid_client"));
    let other_audience = with(claims(), "aud", json!(TOKEN_ENDPOINT));
    let second = with(other_audience, "jti", json!("j2"));
    let second = jwt(&header("ES256"), &second, &signer.sign);
    assert_eq!(send(&mut world, &second).status, 200);
}

#[test]
fn a_key_registered_for_one_algorithm_takes_no_other() {
    let signer = ed25519();
    let jwk = with(signer.jwk, "alg", json!("Ed25519"));
    let mut world = world(Authentication::PrivateKeyJwt(vec![jwk]));
    let older_name = jwt(&header("EdDSA"), &claims(), &signer.sign);
    let reply = send(&mut world, &older_name);
    assert_eq!(refusal(&reply), refused(401, "invalid_client"));
    let registered = jwt(&header("Ed25519"), &claims(), &signer.sign);
    assert_eq!(send(&mut world, &registered).status, 200);
}

/// `typ` is `JWT`, `jti` may be missing, and the algorithms are RS* and ES*.
#[test]
fn pingone_takes_the_assertion_it_documents() {
    let documented = with(header("ES256"), "typ", json!("JWT"));
    let without_id = with(claims(), "jti", Value::Null);
    let claims = with(without_id, "aud", json!("http://127.0.0.1:9/as"));
    let reply = |signer: &Signer, header: &Value| {
        let keys = Authentication::PrivateKeyJwt(vec![signer.jwk.clone()]);
        let mut world = World::new(vec![Client::pingone("c", keys)]);
        let assertion = jwt(header, &claims, &signer.sign);
        let parameters = [
            ("grant_type", "client_credentials"),
            ("client_assertion", assertion.as_str()),
            ("client_assertion_type", TYPE),
        ];
        refusal(&world.post("/as/token", &parameters))
    };
    let p256 = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
    assert_eq!(reply(&p256, &documented), refused(200, ""));
    let newer_type = header("ES256");
    assert_eq!(reply(&p256, &newer_type), refused(401, "invalid_client"));
    let unlisted = with(documented, "alg", json!("Ed25519"));
    assert_eq!(reply(&ed25519(), &unlisted), refused(401, "invalid_client"));
}

#[test]
fn the_assertion_type_is_required_and_known() {
    let signer = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
    let mut world = world(Authentication::PrivateKeyJwt(vec![signer.jwk.clone()]));
    let assertion = jwt(&header("ES256"), &claims(), &signer.sign);
    let mut send = |name: &str, value: &str| {
        let parameters = [
            ("grant_type", "client_credentials"),
            ("client_assertion", assertion.as_str()),
            (name, value),
        ];
        refusal(&world.post("/oauth2/token", &parameters))
    };
    assert_eq!(send("x", "y"), refused(400, "invalid_request"));
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    let unknown = send("client_assertion_type", saml);
    assert_eq!(unknown, refused(401, "invalid_client"));
}

fn mac_256(key: &[u8], input: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    mac.chain_update(input).finalize().into_bytes().to_vec()
}

fn mac_384(key: &[u8], input: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha384>::new_from_slice(key).expect("a key");
    mac.chain_update(input).finalize().into_bytes().to_vec()
}

fn mac_512(key: &[u8], input: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha512>::new_from_slice(key).expect("a key");
    mac.chain_update(input).finalize().into_bytes().to_vec()
}
