//! RFC 7638 thumbprints: section 3.1, RFC 8037 appendix A.3, RFC 7517 appendix A.1.

use grantwire::jose::{JwkError, PublicJwk};

use crate::jws::decode;
use crate::keys::RSA_7638_N;

fn thumbprint(jwk: &str) -> String {
    PublicJwk::from_json(jwk).expect("a public key").thumbprint()
}

#[test]
fn section_3_1_hashes_the_required_members_alone() {
    let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    let jwk = format!(
        r#"{{"kty":"RSA","n":"{RSA_7638_N}","e":"AQAB","alg":"RS256","kid":"2011-04-29"}}"#
    );
    assert_eq!(thumbprint(&jwk), expected);
    let reordered = format!(
        r#" {{ "use" : "sig", "e":"AQAB",
        "n":"{RSA_7638_N}", "kty":"RSA" }} "#
    );
    assert_eq!(thumbprint(&reordered), expected, "neither order nor white space counts");
    let octets = [
        55, 54, 203, 177, 120, 124, 184, 48, 156, 119, 238, 140, 55, 5, 197, 225, 111, 251, 158,
        133, 151, 21, 144, 31, 30, 76, 89, 177, 17, 130, 245, 123,
    ];
    assert_eq!(decode(expected), octets);
}

#[test]
fn rfc_8037_appendix_a_3_ed25519() {
    let jwk = r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    assert_eq!(thumbprint(jwk), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn rfc_7517_appendix_a_1_p_256() {
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}"#;
    assert_eq!(thumbprint(jwk), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
}

#[test]
fn a_private_key_is_no_public_one() {
    // The key of RFC 7515 appendix A.3, which has `d`.
    assert_eq!(PublicJwk::from_json(crate::keys::ES256_JWK), Err(JwkError::Private));
}
