//! RFC 9126: the client assertion and the request object, made again with their published key.
//!
//! RSASSA-PKCS1-v1_5 is deterministic, so the tokens come out to the byte.

use grantwire::jose::{Algorithm, Jwt, LocalKey, Signer, Unsigned};

use crate::keys::*;

const HEADER: &str = r#"{"kid":"k2bdc","alg":"RS256"}"#;

fn key() -> LocalKey {
    LocalKey::from_jwk(Algorithm::Rs256, PAR_JWK).expect("the published key")
}

fn sign(claims: &str) -> String {
    let key = key();
    let key_id = key.key_id_str().map(Into::into);
    let unsigned = Unsigned::new(key.algorithm(), key_id, HEADER.as_bytes(), claims.as_bytes());
    assert_eq!(unsigned.key_id(), Some("k2bdc"));
    unsigned.finish(&key.sign(&unsigned).unwrap()).unwrap().expose().to_owned()
}

#[test]
fn section_2_1_the_client_assertion() {
    let claims = r#"{"iss":"s6BhdRkqt3","sub":"s6BhdRkqt3","aud":"https://server.example.com","exp":1625869677}"#;
    assert_eq!(sign(claims), PAR_ASSERTION);
}

#[test]
fn section_3_the_request_object() {
    let claims = r#"{"iss":"s6BhdRkqt3","aud":"https://server.example.com","exp":1625869677,"response_type":"code","client_id":"s6BhdRkqt3","redirect_uri":"https://client.example.org/cb","scope":"account-information","state":"af0ifjsldkj","code_challenge":"K2-ltc83acc4h0c9w6ESC_rEMTJ3bww-uCHaoeK1t8U","code_challenge_method":"S256"}"#;
    assert_eq!(sign(claims), PAR_REQUEST_OBJECT);
}

/// The crate's own header has `alg` before `kid`; but for that order it writes the same assertion.
#[test]
fn section_2_1_the_same_claims_through_the_writer() {
    let jwt = Jwt::new()
        .claim("iss", "s6BhdRkqt3")
        .claim("sub", "s6BhdRkqt3")
        .claim("aud", "https://server.example.com")
        .claim("exp", 1_625_869_677);
    let unsigned = jwt.unsigned(&Signer::from(key())).unwrap();
    let payload = |text: &str| text.split('.').nth(1).unwrap().to_owned();
    let ours = std::str::from_utf8(unsigned.input()).unwrap();
    assert_eq!(payload(ours), payload(PAR_ASSERTION));
}
