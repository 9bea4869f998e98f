//! The edge cases of Project Wycheproof, through the public verifier: each has the verdict that it states, or
//! a reason is given here.
//!
//! The signatures are over any bytes, so they go through the keys and not through tokens; the care is the
//! same. Hash functions, curves and encodings that JOSE does not have are left aside.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::jose::{
    Algorithm, LocalVerifier, PublicJwk, SharedSecret, VerificationKey, VerifyError,
};
use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

const ISSUER: &str = "https://as.example";

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn key(json: &str) -> VerificationKey {
    let jwk = PublicJwk::from_json(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    VerificationKey::new(ISSUER, jwk).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// What was looked at, so that a set which is empty by mistake shows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    valid: usize,
    invalid: usize,
    /// Valid by the set's own words, and refused for the reason that is tested beside it.
    refused: usize,
}

impl Count {
    /// Compares a verdict with what the case states.
    fn judge(
        &mut self,
        case: usize,
        comment: &str,
        stated: TestResult,
        ours: Result<(), VerifyError>,
    ) {
        match stated {
            TestResult::Valid => {
                assert_eq!(ours, Ok(()), "case {case} ({comment}) is valid");
                self.valid += 1;
            }
            TestResult::Invalid => {
                assert!(ours.is_err(), "case {case} ({comment}) is invalid");
                self.invalid += 1;
            }
            TestResult::Acceptable => {
                panic!("case {case} ({comment}): nothing is left to taste here")
            }
        }
    }
}

fn ecdsa_count(set: ecdsa::TestName, algorithm: Algorithm, curve: &str) -> Count {
    let mut count = Count::default();
    for group in ecdsa::TestSet::load(set).unwrap().test_groups {
        let point: &[u8] = group.key.key.as_ref();
        let (x, y) = point.strip_prefix(&[4]).unwrap().split_at(point.len() / 2);
        let (x, y) = (encode(x), encode(y));
        let key = key(&format!(r#"{{"kty":"EC","crv":"{curve}","x":"{x}","y":"{y}"}}"#));
        for test in &group.tests {
            let ours = key.verify(&LocalVerifier::new(), algorithm, &test.msg, &test.sig);
            count.judge(test.tc_id, &test.comment, test.result, ours);
        }
    }
    count
}

#[test]
fn ecdsa_on_three_curves() {
    for (set, algorithm, curve) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, Algorithm::Es256, "P-256"),
        (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, Algorithm::Es384, "P-384"),
        (ecdsa::TestName::EcdsaSecp521r1Sha512P1363, Algorithm::Es512, "P-521"),
    ] {
        let count = ecdsa_count(set, algorithm, curve);
        println!("{algorithm}: {count:?}");
        assert!(count.valid > 50 && count.invalid > 50, "{algorithm}: {count:?}");
    }
}

/// The same signatures in DER are none in JOSE (RFC 7518 section 3.4), whatever is in them.
#[test]
fn ecdsa_in_der_is_refused_by_its_length() {
    let mut refused = 0;
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap().test_groups {
        let point: &[u8] = group.key.key.as_ref();
        let (x, y) = point[1..].split_at(32);
        let (x, y) = (encode(x), encode(y));
        let key = key(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#));
        for test in &group.tests {
            let ours = key.verify(&LocalVerifier::new(), Algorithm::Es256, &test.msg, &test.sig);
            let by_length = matches!(ours, Err(VerifyError::SignatureLength { expected: 64, .. }));
            assert!(by_length || test.sig.len() == 64 && ours.is_err(), "case {}", test.tc_id);
            refused += usize::from(test.result == TestResult::Valid);
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn ed25519() {
    let mut count = Count::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let x = encode(group.key.pk.as_ref());
        let key = key(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#));
        for test in &group.tests {
            for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
                let ours = key.verify(&LocalVerifier::new(), algorithm, &test.msg, &test.sig);
                count.judge(test.tc_id, &test.comment, test.result, ours);
            }
        }
    }
    println!("Ed25519: {count:?}");
    assert!(count.valid > 100 && count.invalid > 50, "{count:?}");
}

#[test]
fn rsa_pkcs1() {
    use rsa_pkcs1_verify::TestName;
    for (set, algorithm) in [
        (TestName::Rsa2048Sha256, Algorithm::Rs256),
        (TestName::Rsa2048Sha384, Algorithm::Rs384),
        (TestName::Rsa2048Sha512, Algorithm::Rs512),
        (TestName::Rsa3072Sha256, Algorithm::Rs256),
        (TestName::Rsa3072Sha384, Algorithm::Rs384),
        (TestName::Rsa3072Sha512, Algorithm::Rs512),
        (TestName::Rsa4096Sha256, Algorithm::Rs256),
        (TestName::Rsa4096Sha384, Algorithm::Rs384),
        (TestName::Rsa4096Sha512, Algorithm::Rs512),
        (TestName::Rsa8192Sha256, Algorithm::Rs256),
        (TestName::Rsa8192Sha384, Algorithm::Rs384),
        (TestName::Rsa8192Sha512, Algorithm::Rs512),
    ] {
        let mut count = Count::default();
        for group in rsa_pkcs1_verify::TestSet::load(set).unwrap().test_groups {
            let key = rsa_key(group.key.n.as_ref(), group.key.e.as_ref());
            for test in &group.tests {
                let ours = key.verify(&LocalVerifier::new(), algorithm, &test.msg, &test.sig);
                if test.result == TestResult::Acceptable {
                    // RFC 8017 section 9.2 has one encoding of a hash algorithm, with NULL parameters;
                    // these leave them out.
                    assert_eq!(ours, Err(VerifyError::Signature), "case {}", test.tc_id);
                    count.refused += 1;
                    continue;
                }
                count.judge(test.tc_id, &test.comment, test.result, ours);
            }
        }
        println!("{algorithm}, {set:?}: {count:?}");
        assert!(count.valid >= 5 && count.invalid > 50 && count.refused <= 1, "{set:?}: {count:?}");
    }
}

fn rsa_key(n: &[u8], e: &[u8]) -> VerificationKey {
    key(&format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, encode(n), encode(e)))
}

#[test]
fn rsa_pss() {
    use rsa_pss_verify::TestName;
    for (set, algorithm) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, Algorithm::Ps256),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, Algorithm::Ps384),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, Algorithm::Ps256),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, Algorithm::Ps256),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, Algorithm::Ps384),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, Algorithm::Ps512),
    ] {
        let mut count = Count::default();
        for group in rsa_pss_verify::TestSet::load(set).unwrap().test_groups {
            let key = rsa_key(group.key.n.as_ref(), group.key.e.as_ref());
            for test in &group.tests {
                let ours = key.verify(&LocalVerifier::new(), algorithm, &test.msg, &test.sig);
                count.judge(test.tc_id, &test.comment, test.result, ours);
            }
        }
        println!("{algorithm}, {set:?}: {count:?}");
        assert!(count.valid >= 10 && count.invalid >= 10, "{set:?}: {count:?}");
    }
}

/// JOSE fixes salt and mask: as long as the hash, and by the same hash (RFC 7518 section 3.5). What is valid
/// with others is not valid here.
#[test]
fn rsa_pss_with_another_salt_or_mask_is_refused() {
    use rsa_pss_verify::TestName;
    for (set, algorithm) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen0, Algorithm::Ps256),
        (TestName::RsaPss2048Sha256Mgf1Sha1_20, Algorithm::Ps256),
        (TestName::RsaPss4096Sha512Mgf1SaltLen32, Algorithm::Ps512),
    ] {
        let mut refused = 0;
        for group in rsa_pss_verify::TestSet::load(set).unwrap().test_groups {
            let key = rsa_key(group.key.n.as_ref(), group.key.e.as_ref());
            // What is invalid there because its salt is that of JOSE is no case here.
            for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
                let ours = key.verify(&LocalVerifier::new(), algorithm, &test.msg, &test.sig);
                assert_eq!(ours, Err(VerifyError::Signature), "{set:?}, case {}", test.tc_id);
                refused += 1;
            }
        }
        assert!(refused > 10, "{set:?}: {refused}");
    }
}

#[test]
fn hmac() {
    use mac::TestName;
    for (set, algorithm, len) in [
        (TestName::HmacSha256, Algorithm::Hs256, 32),
        (TestName::HmacSha384, Algorithm::Hs384, 48),
        (TestName::HmacSha512, Algorithm::Hs512, 64),
    ] {
        let mut count = Count::default();
        for group in mac::TestSet::load(set).unwrap().test_groups {
            for test in &group.tests {
                let strict = SharedSecret::from_bytes(ISSUER, test.key.to_vec());
                let ours =
                    strict.clone().allow_short().verify_bytes(algorithm, &test.msg, &test.tag);
                if test.tag.len() != len && test.result == TestResult::Valid {
                    // A tag that is cut is none in JOSE (RFC 7518 section 3.2).
                    let cut = VerifyError::SignatureLength { expected: len, got: test.tag.len() };
                    assert_eq!(ours, Err(cut), "case {}", test.tc_id);
                    count.refused += 1;
                    continue;
                }
                count.judge(test.tc_id, &test.comment, test.result, ours);
                if test.key.len() < len {
                    let short = Err(VerifyError::SecretTooShort { least: len });
                    assert_eq!(strict.verify_bytes(algorithm, &test.msg, &test.tag), short);
                }
            }
        }
        println!("{algorithm}: {count:?}");
        assert!(count.valid > 20 && count.invalid > 50 && count.refused > 20, "{count:?}");
    }
}
