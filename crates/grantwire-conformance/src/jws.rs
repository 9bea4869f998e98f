//! Compact JWS: signatures checked, and the server's own JWTs signed.
//!
//! No claims are judged here; that is `assertion`. The algorithms are those of
//! [RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1), with `EdDSA` and `Ed25519`
//! as two names.

use std::io;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::{Sha256, Sha384, Sha512};

/// A JWS taken apart, not yet believed.
pub struct Jws<'a> {
    /// The protected header.
    pub header: Map<String, Value>,
    /// The claims.
    pub payload: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Three base64url parts without padding; header and payload are JSON objects; no `crit`.
    pub fn parse(text: &'a str) -> Result<Self, &'static str> {
        let (signed, signature) = text.rsplit_once('.').ok_or("not a JWT")?;
        let (header, payload) = signed.split_once('.').ok_or("not a JWT")?;
        let header = object(header).ok_or("the JWT's header is not a JSON object")?;
        if header.contains_key("crit") {
            return Err("the JWT has a crit header");
        }
        Ok(Self {
            header,
            payload: object(payload).ok_or("the JWT's payload is not a JSON object")?,
            signed,
            signature: URL_SAFE_NO_PAD
                .decode(signature)
                .map_err(|_| "the JWT's signature is not base64url")?,
        })
    }

    /// A text member of the header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A text member of the payload.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.payload.get(name)?.as_str()
    }

    /// A time in the payload, in whole seconds.
    pub fn time(&self, name: &str) -> Result<Option<u64>, &'static str> {
        match self.payload.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_u64().map(Some).ok_or("a time is not a whole number of seconds")
            }
        }
    }

    /// Checks a signature with the one of these public JWKs that `kid` names.
    pub fn verify_with_one_of(
        &self,
        keys: &[Value],
        algorithms: &[&str],
    ) -> Result<(), &'static str> {
        let alg = self.header("alg").ok_or("the JWT has no alg")?;
        if !algorithms.contains(&alg) {
            return Err("alg is not one this server takes");
        }
        let kid = self.header("kid");
        let id = |key: &&Value| key.get("kid").and_then(Value::as_str) == kid;
        let mut fitting = keys.iter().filter(id);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => self.verify_with_jwk(key),
            _ => Err("kid names no registered key"),
        }
    }

    /// Checks an HMAC signature.
    pub fn verify_hmac(&self, key: &[u8]) -> Result<(), &'static str> {
        let genuine = match self.header("alg") {
            Some("HS256") => Hmac::<Sha256>::new_from_slice(key)
                .map(|mac| mac.chain_update(self.signed).verify_slice(&self.signature)),
            Some("HS384") => Hmac::<Sha384>::new_from_slice(key)
                .map(|mac| mac.chain_update(self.signed).verify_slice(&self.signature)),
            Some("HS512") => Hmac::<Sha512>::new_from_slice(key)
                .map(|mac| mac.chain_update(self.signed).verify_slice(&self.signature)),
            _ => return Err("alg is not an HMAC algorithm"),
        };
        match genuine {
            Ok(Ok(())) => Ok(()),
            _ => Err("the signature is wrong"),
        }
    }

    /// Checks a signature with a public JWK. The key's type, curve and `alg` (when it has one)
    /// must fit the header's `alg`.
    pub fn verify_with_jwk(&self, jwk: &Value) -> Result<(), &'static str> {
        let alg = self.header("alg").ok_or("the JWT has no alg")?;
        let member = |name: &str| jwk.get(name).and_then(Value::as_str);
        if member("alg").is_some_and(|registered| registered != alg) {
            return Err("alg is not the one the key is registered for");
        }
        let bytes = |name: &str| {
            member(name)
                .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
                .ok_or("the registered key is not complete")
        };
        let (kty, crv) = (member("kty"), member("crv"));
        let genuine = if let Some((verifier, curve)) = ecdsa(alg) {
            if kty != Some("EC") || crv != Some(curve) {
                return Err("alg does not fit the registered key");
            }
            let point = [vec![4], bytes("x")?, bytes("y")?].concat();
            UnparsedPublicKey::new(verifier, point).verify(self.signed.as_bytes(), &self.signature)
        } else if let Some(parameters) = rsa(alg) {
            if kty != Some("RSA") {
                return Err("alg does not fit the registered key");
            }
            let key = RsaPublicKeyComponents { n: bytes("n")?, e: bytes("e")? };
            key.verify(parameters, self.signed.as_bytes(), &self.signature)
        } else if matches!(alg, "EdDSA" | "Ed25519") {
            if kty != Some("OKP") || crv != Some("Ed25519") {
                return Err("alg does not fit the registered key");
            }
            UnparsedPublicKey::new(&signature::ED25519, bytes("x")?)
                .verify(self.signed.as_bytes(), &self.signature)
        } else {
            return Err("alg is not a signature algorithm this server knows");
        };
        genuine.map_err(|_| "the signature is wrong")
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

fn ecdsa(alg: &str) -> Option<(&'static signature::EcdsaVerificationAlgorithm, &'static str)> {
    match alg {
        "ES256" => Some((&signature::ECDSA_P256_SHA256_FIXED, "P-256")),
        "ES384" => Some((&signature::ECDSA_P384_SHA384_FIXED, "P-384")),
        "ES512" => Some((&signature::ECDSA_P521_SHA512_FIXED, "P-521")),
        _ => None,
    }
}

fn rsa(alg: &str) -> Option<&'static signature::RsaParameters> {
    match alg {
        "RS256" => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        "RS384" => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        "RS512" => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        "PS256" => Some(&signature::RSA_PSS_2048_8192_SHA256),
        "PS384" => Some(&signature::RSA_PSS_2048_8192_SHA384),
        "PS512" => Some(&signature::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

/// Signs with HS256. Same input, same output.
pub fn sign_hs256(header: &Value, claims: &Value, key: &[u8]) -> String {
    let signed = signing_input(header, claims);
    // An HMAC takes a key of any length, so the empty signature is never used.
    let signature = Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(&signed).finalize().into_bytes().to_vec())
        .unwrap_or_default();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The server's ES256 key, made when it starts. It signs ID tokens.
///
/// ECDSA draws a random number for each signature, so ID tokens are the one thing here that
/// differs from run to run.
pub(crate) struct SigningKey {
    pair: EcdsaKeyPair,
    kid: String,
}

impl SigningKey {
    pub fn generate(kid: &str) -> io::Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| io::Error::other("no ES256 key could be made"))?;
        Ok(Self { pair, kid: kid.to_owned() })
    }

    /// Signs an ID token with ES256.
    pub fn sign(&self, claims: &Value) -> io::Result<String> {
        self.sign_as("JWT", claims)
    }

    /// Signs a JWT of this type with ES256.
    pub fn sign_as(&self, typ: &str, claims: &Value) -> io::Result<String> {
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": typ });
        let signed = signing_input(&header, claims);
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .map_err(|_| io::Error::other("the ES256 key did not sign"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }

    /// The JWK Set a client checks ID tokens with.
    pub fn jwks(&self) -> Value {
        // An uncompressed point: the byte 4, then x and y of 32 bytes each.
        let point = self.pair.public_key().as_ref();
        let coordinate = |range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
        json!({ "keys": [{
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
            "kid": self.kid,
            "x": coordinate(1..33),
            "y": coordinate(33..65),
        }]})
    }
}

fn signing_input(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}
