//! Chapter C, hashes: what came with an ID token is what the server sent with it.

use grantwire::claims::{ClaimFault, ExpectedIdToken, IdToken, IssuedWith};
use grantwire::danger::UncheckedSignature;
use grantwire::jose::{Algorithm, Jws, KeySet, LocalVerifier};
use serde_json::{Value, json};

use crate::printed::*;
use crate::tools::*;

fn verify(claims: &Value, with: IssuedWith<'_>) -> Result<IdToken, ClaimFault> {
    verify_as(Algorithm::Es256, claims, with)
}

fn verify_as(
    algorithm: Algorithm,
    claims: &Value,
    with: IssuedWith<'_>,
) -> Result<IdToken, ClaimFault> {
    let keys = set_of(&[key(algorithm)]);
    let expected = ExpectedIdToken::new(&rules().algorithm(algorithm)).nonce(NONCE);
    let text = token(algorithm, &claims.to_string());
    let found = expected.verify(&text, &keys, &LocalVerifier::new(), with, NOW);
    found.map_err(|error| error.fault())
}

const AT_HASH: &str = "77QmUPtjPfzWtF2AnpK9RQ";
const C_HASH: &str = "LDktKdoQak3Pk0cnXxCltA";

#[test]
fn c21_the_function_is_that_of_the_algorithm() {
    let access_token =
        "YmJiZTAwYmYtMzgyOC00NzhkLTkyOTItNjJjNDM3MGYzOWIy9sFhvH8K_x8UIHj1osisS57f5DduL";
    let hashes = [
        ("256", "xsZZrUssMXjL3FBlzoSh2g"),
        ("384", "adt46pcdiB-l6eTNifgoVM-5AIJAxq84"),
        ("512", "p2LHG4H-8pYDc0hyVOo3iIHvZJUqe9tbj3jESOuXbkY"),
    ];
    for algorithm in asymmetric() {
        let own =
            hashes.iter().find(|(name, _)| algorithm.name().ends_with(name)).unwrap_or(&hashes[2]);
        for (_, hash) in hashes {
            let found = verify_as(
                algorithm,
                &but("at_hash", json!(hash)),
                IssuedWith::token_endpoint(access_token),
            );
            match hash == own.1 {
                true => assert!(found.is_ok(), "{algorithm}"),
                false => assert_eq!(found.unwrap_err(), ClaimFault::Hash("at_hash"), "{algorithm}"),
            }
        }
    }
}

#[test]
fn c21_eddsa_is_known_by_the_key_and_not_by_its_name() {
    // With `EdDSA` alone nobody knows the curve, so an unverified token's hash cannot be compared.
    let unsigned = |algorithm: Algorithm| {
        let claims = but("at_hash", json!("p2LHG4H-8pYDc0hyVOo3iIHvZJUqe9tbj3jESOuXbkY"));
        let jws = Jws::parse(&token(algorithm, &claims.to_string())).unwrap();
        let expected = ExpectedIdToken::new(&rules().algorithm(algorithm)).nonce(NONCE);
        let with = IssuedWith::token_endpoint(
            "YmJiZTAwYmYtMzgyOC00NzhkLTkyOTItNjJjNDM3MGYzOWIy9sFhvH8K_x8UIHj1osisS57f5DduL",
        );
        expected.check_unsigned(jws, UncheckedSignature, with, NOW).map_err(|error| error.fault())
    };
    assert_eq!(unsigned(Algorithm::EdDsa).unwrap_err(), ClaimFault::HashUnchecked("at_hash"));
    assert!(unsigned(Algorithm::Ed25519).is_ok());
    assert!(unsigned(Algorithm::Es512).is_ok());
}

#[test]
fn c22_the_left_half_in_base64url_and_no_other_spelling() {
    let with = IssuedWith::token_endpoint(ACCESS_TOKEN);
    assert!(verify(&but("at_hash", json!(AT_HASH)), with).is_ok());
    let lower = AT_HASH.to_lowercase();
    let whole = "77QmUPtjPfzWtF2AnpK9RSQnaBXG4KVBuJvTe1Y4kZ8";
    for wrong in [C_HASH, "", &AT_HASH[..21], &format!("{AT_HASH}=="), &lower, whole] {
        let found = verify(&but("at_hash", json!(wrong)), with).unwrap_err();
        assert_eq!(found, ClaimFault::Hash("at_hash"), "{wrong:?}");
    }
    let found = verify(&but("at_hash", json!([AT_HASH])), with).unwrap_err();
    assert_eq!(found, ClaimFault::Malformed("at_hash"));
}

#[test]
fn c23_from_the_token_endpoint_a_hash_is_compared_if_it_is_there() {
    let with = IssuedWith::token_endpoint(ACCESS_TOKEN);
    assert!(verify(&claims(), with).is_ok(), "it may be absent");
    assert!(verify(&but("at_hash", json!(AT_HASH)), with).is_ok());
    let found = verify(&but("at_hash", json!(AT_HASH)), IssuedWith::token_endpoint("other"));
    assert_eq!(found.unwrap_err(), ClaimFault::Hash("at_hash"));
    let found = verify(&but("c_hash", json!(C_HASH)), with.code("other"));
    assert_eq!(found.unwrap_err(), ClaimFault::Hash("c_hash"));
    assert!(verify(&but("c_hash", json!(C_HASH)), with.code(CODE)).is_ok());
}

#[test]
fn c24_through_the_browser_a_hash_is_required_of_all_that_came() {
    let front = IssuedWith::authorization_endpoint();
    assert!(verify(&claims(), front).is_ok(), "it came alone");
    let token = front.access_token(ACCESS_TOKEN);
    assert_eq!(verify(&claims(), token).unwrap_err(), ClaimFault::Missing("at_hash"));
    assert!(verify(&but("at_hash", json!(AT_HASH)), token).is_ok());
    let code = front.code(CODE);
    assert_eq!(verify(&claims(), code).unwrap_err(), ClaimFault::Missing("c_hash"));
    assert!(verify(&but("c_hash", json!(C_HASH)), code).is_ok());
    assert_eq!(
        verify(&but("c_hash", json!(AT_HASH)), code).unwrap_err(),
        ClaimFault::Hash("c_hash")
    );
    let both = with(but("c_hash", json!(C_HASH)), "at_hash", json!(AT_HASH));
    assert!(verify(&both, code.access_token(ACCESS_TOKEN)).is_ok());
    assert_eq!(verify(&both, code.access_token(CODE)).unwrap_err(), ClaimFault::Hash("at_hash"));
}

#[test]
fn c25_the_hash_of_the_state_where_a_profile_asks_for_it() {
    // SHA-256 of `af0ifjsldkj`, its left half.
    let hash = {
        use aws_lc_rs::digest;
        encode(&digest::digest(&digest::SHA256, b"af0ifjsldkj").as_ref()[..16])
    };
    let front = IssuedWith::authorization_endpoint();
    let hashed = but("s_hash", json!(hash));
    assert!(verify(&hashed, front.state("af0ifjsldkj")).is_ok());
    assert_eq!(verify(&hashed, front.state("other")).unwrap_err(), ClaimFault::Hash("s_hash"));
    assert!(verify(&claims(), front.state("af0ifjsldkj")).is_ok(), "nobody asks for it");

    let keys = set_of(&[key(ALGORITHM)]);
    let strict = ExpectedIdToken::new(&rules().require_state_hash()).nonce(NONCE);
    let check = |claims: &Value, with: IssuedWith<'_>| {
        let found = strict.verify(&signed(claims), &keys, &LocalVerifier::new(), with, NOW);
        found.map(drop).map_err(|error| error.fault())
    };
    assert_eq!(check(&claims(), front.state("x")), Err(ClaimFault::Missing("s_hash")));
    assert_eq!(check(&hashed, front), Err(ClaimFault::HashUnchecked("s_hash")), "of what?");
}

#[test]
fn c26_both_tokens_of_a_hybrid_sign_in_are_about_one_user() {
    let first =
        verify(&but("c_hash", json!(C_HASH)), IssuedWith::authorization_endpoint().code(CODE))
            .unwrap();
    let second =
        |claims: &Value| verify(claims, IssuedWith::token_endpoint(ACCESS_TOKEN).after(&first));
    assert!(second(&claims()).is_ok());
    let other = but("sub", json!("somebody else"));
    assert_eq!(second(&other).unwrap_err(), ClaimFault::Changed("sub"));
    assert!(
        verify(&other, IssuedWith::token_endpoint(ACCESS_TOKEN)).is_ok(),
        "by itself it is fine"
    );
}

/// OpenID Connect Core appendix A, whole.
#[test]
fn the_printed_tokens_are_identities() {
    let keys = KeySet::read(ISSUER, &format!(r#"{{"keys":[{OPENID_JWK}]}}"#)).unwrap();
    let rules = grantwire::claims::TokenRules::new(ISSUER, CLIENT_ID);
    let expected = ExpectedIdToken::new(&rules).nonce(NONCE);
    let front = IssuedWith::authorization_endpoint();
    let verify = |text, with| {
        let found = expected.verify(text, &keys, &LocalVerifier::new(), with, NOW);
        found.map_err(|error| error.fault())
    };
    let identity = verify(OPENID_ID_TOKEN, front).unwrap();
    let standard = identity.standard_claims();
    assert_eq!(standard.name().as_deref(), Some("Jane Doe"));
    assert_eq!(standard.given_name().as_deref(), Some("Jane"));
    assert_eq!(standard.family_name().as_deref(), Some("Doe"));
    assert_eq!(standard.gender().as_deref(), Some("female"));
    assert_eq!(standard.birthdate().as_deref(), Some("0000-10-31"));
    assert_eq!(standard.email().as_deref(), Some("janedoe@example.com"));
    assert_eq!(standard.picture().as_deref(), Some("http://example.com/janedoe/me.jpg"));
    assert_eq!((standard.nickname(), standard.email_verified()), (None, None));

    let (token, code) = (front.access_token(ACCESS_TOKEN), front.code(CODE));
    assert!(verify(OPENID_ID_TOKEN_TOKEN, token).is_ok());
    assert!(verify(OPENID_CODE_ID_TOKEN, code).is_ok());
    assert!(verify(OPENID_CODE_ID_TOKEN_TOKEN, code.access_token(ACCESS_TOKEN)).is_ok());
    assert_eq!(verify(OPENID_ID_TOKEN, token).unwrap_err(), ClaimFault::Missing("at_hash"));
    assert_eq!(verify(OPENID_ID_TOKEN_TOKEN, code).unwrap_err(), ClaimFault::Missing("c_hash"));
    let other = front.access_token("other");
    assert_eq!(verify(OPENID_ID_TOKEN_TOKEN, other).unwrap_err(), ClaimFault::Hash("at_hash"));
}
