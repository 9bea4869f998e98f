//! DPoP (RFC 9449) in the flows: proofs, nonces, the one retry, and requests to resources.
//!
//! Proofs are verified with `aws-lc-rs` and the key they carry. The RFC's own proofs are read first,
//! so that the verifier is known to be right before it judges ours.

#[path = "../given/mod.rs"]
mod given;
#[path = "../machines/mod.rs"]
mod machines;

mod nonces;
mod proofs;
mod resource;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::client::PrivateKeyJwt;
use grantwire::dpop::{DpopKey, Nonces};
use grantwire::flow::{Dpop, FlowError, Machine, Misuse, ResourceFlow, TokenFlow};
use grantwire::grant::{TokenExchange, TokenTypeIdentifier};
use grantwire::jose::{Algorithm, LocalKey, PublicJwk, Signer};
use grantwire::reply::{ErrorCode, ReplyErrorKind, Unusable};
use grantwire::resource::ResourceRequest;
use grantwire::{AccessToken, TokenType};
use grantwire::{BuildError, Client, Resend, Timestamp};
use http::{HeaderMap, Request, Response};
use machines::*;
use serde_json::Value;

use given::{CLIENT_ID, TOKEN, answer, client, entropy, json, own_token, pairs_of, server};

/// RFC 9449 figure 2 and section 6.1: the thumbprint of the key in all three proofs.
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
const RFC_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const RFC_ATH: &str = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";
const RFC_NONCE: &str = "eyJ7S_zG.eyJH0-Z.HX4w-7v";

/// The header that all three share.
const HEAD: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
/// Section 5, the token request.
const CODE_PROOF: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
/// Section 5, the refresh request.
const REFRESH_PROOF: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA";
/// Section 7.1, the request to a resource.
const RESOURCE_PROOF: &str = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";

/// A proof that has been verified with the key in its own header.
struct Proof {
    header: Value,
    claims: Value,
    key: PublicJwk,
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn verified(jwt: &str) -> Proof {
    let (input, signature) = jwt.rsplit_once('.').expect("three parts");
    let (header, claims) = input.split_once('.').expect("three parts");
    let read = |part: &str| -> Value { serde_json::from_slice(&decode(part)).expect("JSON") };
    let (header, claims) = (read(header), read(claims));
    let coordinate = |name: &str| decode(header["jwk"][name].as_str().expect("a coordinate"));
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(input.as_bytes(), &decode(signature))
        .expect("a signature that verifies");
    let key = PublicJwk::from_json(&header["jwk"].to_string()).expect("a public key");
    Proof { header, claims, key }
}

fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> =
        object.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The one proof of a request.
fn proof_of(request: &Request<Vec<u8>>) -> Proof {
    let mut all = request.headers().get_all("dpop").iter();
    let proof = verified(all.next().expect("a proof").to_str().expect("ASCII"));
    assert!(all.next().is_none(), "at most one (section 4.3)");
    proof
}

fn assertion_of(request: &Request<Vec<u8>>) -> Value {
    let found = pairs_of(request).into_iter().find(|(name, _)| name == "client_assertion");
    let jwt = found.expect("an assertion").1;
    serde_json::from_slice(&decode(jwt.split('.').nth(1).expect("three parts"))).expect("JSON")
}

fn key() -> LocalKey {
    LocalKey::generate(Algorithm::Es256).expect("a key")
}

fn flow(key: &LocalKey) -> TokenFlow {
    TokenFlow::new(own_token(&client()), entropy()).dpop(Dpop::new(key.clone()))
}

const BOUND: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"DPoP"}"#;

/// A 200 with tokens, and these nonces.
fn granted(nonces: &[&str]) -> Response<Vec<u8>> {
    with_nonces(json(200, BOUND), nonces)
}

fn with_nonces(mut response: Response<Vec<u8>>, nonces: &[&str]) -> Response<Vec<u8>> {
    for nonce in nonces {
        response.headers_mut().append("dpop-nonce", nonce.parse().expect("a header"));
    }
    response
}

fn challenge(nonces: &[&str]) -> Response<Vec<u8>> {
    let words = r#"{"error":"use_dpop_nonce","error_description":"Authorization server requires nonce in DPoP proof"}"#;
    with_nonces(json(400, words), nonces)
}
