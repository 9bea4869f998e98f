//! Chapter B: reading a key set, choosing a key, keeping the set.

use grantwire::jose::{
    Algorithm, JwkError, Jws, KeyChoice, KeySet, KeySetError, LocalKey, VerifyError,
};

use crate::tools::*;

const CLAIMS: &str = r#"{"sub":"248289761001"}"#;

fn set(keys: &[String]) -> KeySet {
    KeySet::read(ISSUER, &format!(r#"{{"keys":[{}]}}"#, keys.join(","))).unwrap()
}

fn es256() -> LocalKey {
    key(Algorithm::Es256)
}

/// The own key, under an id, with more members.
fn own(key_id: &str, more: &str) -> String {
    jwk(&es256().public_jwk().with_key_id(key_id), more)
}

fn other(key_id: &str, more: &str) -> String {
    jwk(&stranger(Algorithm::Es256).public_jwk().with_key_id(key_id), more)
}

/// A token of the own key, with or without an id.
fn signed(key_id: Option<&str>) -> String {
    let header = match key_id {
        Some(key_id) => format!(r#"{{"alg":"ES256","kid":"{key_id}"}}"#),
        None => r#"{"alg":"ES256"}"#.to_owned(),
    };
    sign(&es256(), &header, CLAIMS)
}

fn check(keys: &KeySet, key_id: Option<&str>) -> Result<(), VerifyError> {
    verify_by(&signed(key_id), &[Algorithm::Es256], keys).map(drop)
}

#[test]
fn b1_a_set_is_an_object_with_an_array() {
    let read = |text: &str| KeySet::read(ISSUER, text).map(|keys| keys.keys().len());
    assert_eq!(read(r#"{"keys":[]}"#), Ok(0));
    assert_eq!(read(r#"{"other":1,"keys":[]}"#), Ok(0));
    for (text, error) in [
        ("", KeySetError::Json),
        ("[]", KeySetError::Json),
        ("<html>", KeySetError::Json),
        (r#"{"keys":[]"#, KeySetError::Json),
        ("{}", KeySetError::Keys),
        (r#"{"keys":null}"#, KeySetError::Keys),
        (r#"{"keys":{}}"#, KeySetError::Keys),
        (r#"{"keys":"x"}"#, KeySetError::Keys),
        (r#"{"keys":[],"keys":[]}"#, KeySetError::Keys),
        (r#"{"Keys":[]}"#, KeySetError::Keys),
    ] {
        assert_eq!(read(text), Err(error), "{text}");
    }
}

#[test]
fn b2_one_bad_key_costs_only_itself() {
    let point =
        |x: &str| format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{x}","kid":"bad"}}"#);
    for (bad, why) in [
        ("1".to_owned(), JwkError::Json),
        ("null".to_owned(), JwkError::Json),
        ("[]".to_owned(), JwkError::Json),
        (r#"{"kid":"bad"}"#.to_owned(), JwkError::Member("kty")),
        (
            r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA","kid":"bad"}"#.to_owned(),
            JwkError::Unsupported,
        ),
        (r#"{"kty":"OKP","crv":"Ed448","x":"AA"}"#.to_owned(), JwkError::Unsupported),
        (r#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#.to_owned(), JwkError::Unsupported),
        (r#"{"kty":"RSA","n":"AA"}"#.to_owned(), JwkError::Member("e")),
        (point("AA"), JwkError::Length("x")),
        (point("A A"), JwkError::Member("x")),
        (own("bad", r#","kid":"bad""#), JwkError::Json),
        (own("bad", r#","use":1"#), JwkError::Member("use")),
        (own("bad", r#","alg":["ES256"]"#), JwkError::Member("alg")),
        (own("bad", r#","key_ops":"verify""#), JwkError::Member("key_ops")),
        (own("bad", r#","key_ops":["verify",1]"#), JwkError::Member("key_ops")),
        (format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, encode([0xA5; 128])), JwkError::RsaSize),
    ] {
        for keys in [vec![bad.clone(), own("good", "")], vec![own("good", ""), bad.clone()]] {
            let keys = set(&keys);
            assert_eq!(keys.keys().len(), 1, "{bad}");
            let [skipped] = keys.skipped() else { panic!("{bad}: {:?}", keys.skipped()) };
            assert_eq!(skipped.why(), why, "{bad}");
            assert_eq!(check(&keys, Some("good")), Ok(()), "{bad}");
            assert_eq!(check(&keys, None), Ok(()), "{bad}: one is left");
        }
    }
    let keys = set(&[own("good", ""), own("weak", r#","use":7"#)]);
    assert_eq!((keys.skipped()[0].index(), keys.skipped()[0].key_id()), (1, Some("weak")));
    assert_eq!(check(&keys, Some("weak")), Err(VerifyError::KeySkipped));
}

#[test]
fn b3_a_candidate_is_for_verifying_with_this_algorithm() {
    for fine in [
        "",
        r#","use":"sig""#,
        r#","alg":"ES256""#,
        r#","key_ops":["sign","verify"]"#,
        r#","use":"sig","alg":"ES256","key_ops":["verify"]"#,
        r#","x5c":["MIIB"],"unknown":{}"#,
    ] {
        assert_eq!(check(&set(&[own("k", fine)]), Some("k")), Ok(()), "{fine}");
    }
    for wrong in [
        r#","use":"enc""#,
        r#","use":"SIG""#,
        r#","use":"""#,
        r#","alg":"ES384""#,
        r#","alg":"ECDH-ES""#,
        r#","alg":"es256""#,
        r#","key_ops":[]"#,
        r#","key_ops":["sign"]"#,
        r#","use":"sig","key_ops":["deriveKey"]"#,
    ] {
        let keys = set(&[own("k", wrong)]);
        assert_eq!(check(&keys, Some("k")), Err(VerifyError::NoKey), "{wrong}");
        assert_eq!(check(&keys, None), Err(VerifyError::NoKey), "{wrong}");
    }
    // The curve is part of the type.
    let p384 = key(Algorithm::Es384).public_jwk().with_key_id("k");
    assert_eq!(check(&set(&[jwk(&p384, "")]), Some("k")), Err(VerifyError::NoKey));
}

#[test]
fn b4_a_key_id_is_matched_exactly() {
    let keys = set(&[other("a", ""), own("b", ""), other("c", "")]);
    assert_eq!(check(&keys, Some("b")), Ok(()));
    assert_eq!(check(&keys, Some("a")), Err(VerifyError::Signature));
    for unknown in ["B", "b ", "", "bb", "1", "../b", "\\u0062\\u0062"] {
        assert_eq!(check(&keys, Some(unknown)), Err(VerifyError::NoKey), "{unknown:?}");
    }
    assert_eq!(check(&keys, Some("\\u0062")), Ok(()), "the same text in another spelling");
    // A key without an id is not the key of that id.
    let nameless = jwk(&es256().public_jwk().without_key_id(), "");
    assert_eq!(check(&set(&[nameless]), Some("b")), Err(VerifyError::NoKey));
}

#[test]
fn b4_several_keys_of_one_id_are_narrowed() {
    let rsa = jwk(&key(Algorithm::Rs256).public_jwk().with_key_id("k"), "");
    let p384 = jwk(&key(Algorithm::Es384).public_jwk().with_key_id("k"), "");
    let keys = set(&[
        rsa,
        p384,
        other("k", r#","use":"enc""#),
        other("k", r#","alg":"ES384""#),
        own("k", r#","use":"sig""#),
    ]);
    assert_eq!(keys.keys().len(), 5);
    assert_eq!(check(&keys, Some("k")), Ok(()));
    let two = set(&[own("k", ""), other("k", "")]);
    assert_eq!(check(&two, Some("k")), Err(VerifyError::SeveralKeys));
}

#[test]
fn b5_without_an_id_there_must_be_one_candidate() {
    assert_eq!(check(&set(&[own("a", "")]), None), Ok(()));
    assert_eq!(check(&set(&[other("a", "")]), None), Err(VerifyError::Signature));
    assert_eq!(check(&set(&[]), None), Err(VerifyError::NoKey));
    let rsa = jwk(&key(Algorithm::Rs256).public_jwk(), "");
    let mixed = set(&[rsa, other("e", r#","use":"enc""#), own("a", "")]);
    assert_eq!(check(&mixed, None), Ok(()), "the others are for something else");

    // Never the first: whichever it is, the answer is the same.
    for keys in [[own("a", ""), other("b", "")], [other("b", ""), own("a", "")]] {
        let keys = set(&keys);
        assert_eq!(check(&keys, None), Err(VerifyError::SeveralKeys));
        // Whoever wants to try each may.
        let jws = Jws::parse(&signed(None)).unwrap();
        let KeyChoice::Several(candidates) = keys.choose(&jws, Algorithm::Es256) else { panic!() };
        let fits = |key: &&grantwire::jose::VerificationKey| {
            verify(&signed(None), &[Algorithm::Es256], key).is_ok()
        };
        assert_eq!(candidates.into_iter().filter(|key| fits(key)).count(), 1);
    }
}

#[test]
fn b6_private_and_symmetric_keys_are_refused_and_reported() {
    let private = own("k", r#","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI""#);
    let secret = format!(r#"{{"kty":"oct","k":"{}","kid":"k","alg":"HS256"}}"#, encode(SECRET));
    let empty = r#"{"kty":"oct","kid":"k","alg":"HS256"}"#.to_owned();
    let lying = own("k", r#","alg":"HS256""#);
    for (bad, why) in [
        (private, JwkError::Private),
        (secret, JwkError::Private),
        (empty, JwkError::Unsupported),
        (lying, JwkError::Unsupported),
    ] {
        let keys = set(&[bad.clone(), own("good", "")]);
        let [skipped] = keys.skipped() else { panic!("{bad}") };
        assert_eq!((skipped.why(), skipped.key_id()), (why, Some("k")), "{bad}");
        assert_eq!(check(&keys, Some("k")), Err(VerifyError::KeySkipped), "{bad}");
        assert_eq!(check(&keys, Some("good")), Ok(()));
        let hs256 =
            tagged(Algorithm::Hs256, SECRET.as_bytes(), r#"{"alg":"HS256","kid":"k"}"#, CLAIMS);
        let error = verify_by(&hs256, Algorithm::ALL, &keys).unwrap_err();
        assert_eq!(error, VerifyError::KeySkipped, "{bad}: a set holds no secret");
    }
}

#[test]
fn b7_no_key_is_told_apart_from_a_bad_signature() {
    let keys = set(&[other("a", "")]);
    let jws = Jws::parse(&signed(Some("new"))).unwrap();
    assert!(matches!(keys.choose(&jws, Algorithm::Es256), KeyChoice::None));
    assert_eq!(check(&keys, Some("new")), Err(VerifyError::NoKey), "fetch again");
    assert_eq!(check(&keys, Some("a")), Err(VerifyError::Signature), "do not");
}

#[test]
fn b11_size_and_number_are_bounded() {
    let small =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let document = |count: usize| format!(r#"{{"keys":[{}]}}"#, vec![small; count].join(","));
    assert_eq!(KeySet::read(ISSUER, &document(100)).unwrap().keys().len(), 100);
    let error = KeySet::read(ISSUER, &document(101)).unwrap_err();
    assert_eq!(error, KeySetError::TooMany { limit: 100 });
    let limit = 512 * 1024;
    let long = format!(r#"{{"x":"{}","keys":[]}}"#, "a".repeat(limit));
    assert_eq!(KeySet::read(ISSUER, &long).unwrap_err(), KeySetError::TooLong { limit });
    let many = KeySet::read_within(ISSUER, &document(10_000), 1 << 20, 10_000).unwrap();
    assert_eq!(many.keys().len(), 10_000);
    // Members that are no keys count too.
    let junk = format!(r#"{{"keys":[{}]}}"#, vec!["1"; 101].join(","));
    assert_eq!(KeySet::read(ISSUER, &junk).unwrap_err(), KeySetError::TooMany { limit: 100 });
}

#[test]
fn b12_a_key_knows_whose_it_is() {
    let keys = set(&[own("k", "")]);
    let verified = verify_by(&signed(Some("k")), &[Algorithm::Es256], &keys).unwrap();
    assert_eq!(verified.key_issuer().as_str(), ISSUER);
    let theirs =
        KeySet::read("https://other.example", &format!(r#"{{"keys":[{}]}}"#, own("k", "")))
            .unwrap();
    let verified = verify_by(&signed(Some("k")), &[Algorithm::Es256], &theirs).unwrap();
    assert_eq!(verified.key_issuer().as_str(), "https://other.example");
}

#[test]
fn b14_a_set_is_kept_as_bytes() {
    let rsa = jwk(
        &key(Algorithm::Ps384).public_jwk().with_key_id("r\"s\\a"),
        r#","alg":"PS384","use":"sig""#,
    );
    let ed = jwk(&key(Algorithm::EdDsa).public_jwk().without_key_id(), r#","alg":"X""#);
    let keys = set(&[
        own("a", ""),
        rsa,
        ed,
        other("enc", r#","use":"enc""#),
        other("ops", r#","key_ops":["sign"]"#),
    ]);
    let bytes = keys.to_bytes();
    let again = KeySet::from_bytes(&bytes).unwrap();
    assert_eq!(again, keys);
    assert_eq!(again.to_bytes(), bytes);
    assert_eq!(again.issuer().as_str(), ISSUER);
    assert_eq!(check(&again, Some("a")), Ok(()));
    assert_eq!(check(&again, Some("enc")), Err(VerifyError::NoKey));

    let text = String::from_utf8(bytes).unwrap();
    for damaged in [
        text.replace("_set\":1", "_set\":2"),
        text.replace("grantwire_key_set", "x"),
        text.replace("\"issuer\"", "\"x\""),
        text.replace("\"keys\"", "\"x\""),
        text.replace("\"x\":\"", "\"x\":\"!"),
        text[..text.len() - 1].to_owned(),
        String::new(),
    ] {
        assert_eq!(
            KeySet::from_bytes(damaged.as_bytes()).unwrap_err(),
            KeySetError::Stored,
            "{damaged}"
        );
    }
    assert_eq!(KeySet::from_bytes(b"\xff").unwrap_err(), KeySetError::Stored);
}
