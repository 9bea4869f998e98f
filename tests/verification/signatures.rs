//! Chapter A: parsing, algorithms, keys and signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantwire::jose::{
    Algorithm, JwkError, Jws, JwsError, JwsPart, KeySet, KeyType, PublicJwk, SharedSecret, Sign,
    Signer, Validity, VerificationKey, Verify, VerifyError,
};

use crate::tools::*;

const CLAIMS: &str = r#"{"iss":"https://server.example.com","sub":"248289761001"}"#;

fn parse(text: &str) -> Result<(), JwsError> {
    Jws::parse(text).map(drop)
}

fn with_header(header: &str) -> String {
    sign(&key(Algorithm::Es256), header, CLAIMS)
}

#[test]
fn a1_three_parts_and_no_other_number() {
    let good = token(Algorithm::Es256, CLAIMS);
    assert_eq!(parse(&good), Ok(()));
    let [header, payload, signature]: [&str; 3] =
        good.split('.').collect::<Vec<_>>().try_into().unwrap();
    for (text, error) in [
        (String::new(), JwsError::Parts),
        ("2YotnFZFEjr1zCsicMWpAA".into(), JwsError::Parts),
        (format!("{header}.{payload}"), JwsError::Parts),
        (format!("{good}."), JwsError::Parts),
        (format!("{good}.{signature}.{signature}"), JwsError::Encrypted),
        (format!("{good}.{signature}.{signature}.{signature}"), JwsError::Parts),
        (".".repeat(60_000), JwsError::Parts),
    ] {
        assert_eq!(parse(&text), Err(error), "{} parts", text.split('.').count());
    }
}

#[test]
fn a1_base64url_in_its_one_form() {
    let good = token(Algorithm::EdDsa, CLAIMS);
    let parts: Vec<&str> = good.split('.').collect();
    // 64 bytes leave four unused bits in the last character of a signature.
    let last = good.chars().last().unwrap();
    let twin = match last {
        'A' => 'B',
        'Q' => 'R',
        'g' => 'h',
        'w' => 'x',
        other => panic!("{other}"),
    };
    let stray = format!("{}{twin}", good.strip_suffix(last).unwrap());
    assert_ne!(stray, good);
    assert_eq!(parse(&stray), Err(JwsError::Base64(JwsPart::Signature)));

    let names = [JwsPart::Header, JwsPart::Payload, JwsPart::Signature];
    for (index, part) in names.into_iter().enumerate() {
        for damage in ["=", "==", " ", "\n", "\t", "\0", "{", "}", "\"", "+", "/", "%3D", "é"] {
            for before in [false, true] {
                let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
                parts[index] = match before {
                    true => format!("{damage}{}", parts[index]),
                    false => format!("{}{damage}", parts[index]),
                };
                let found = parse(&parts.join("."));
                assert_eq!(found, Err(JwsError::Base64(part)), "{damage:?} in the {part}");
            }
        }
    }
    for whole in
        [format!(" {good}"), format!("{good}\n"), format!("\"{good}\""), format!("{{{good}}}")]
    {
        assert!(matches!(parse(&whole), Err(JwsError::Base64(_))), "{whole}");
    }
}

#[test]
fn a2_header_and_payload_are_objects_in_utf8() {
    let assemble =
        |header: &[u8], payload: &[u8]| format!("{}.{}.AA", encode(header), encode(payload));
    assert_eq!(parse(&assemble(br#"{"alg":"ES256"}"#, b"{}")), Ok(()));
    for wrong in [
        &b""[..],
        b"[]",
        b"null",
        b"1",
        b"\"x\"",
        b"{",
        b"{\"a\":1,}",
        b"\xef\xbb\xbf{}",
        b"{\"a\":\"\xff\"}",
        b"{}{}",
        b"{\"x\n\":1}",
        b"{\"\\u0078\x1f\":1}",
        b"{\"x\":\"\t\"}",
    ] {
        let name = String::from_utf8_lossy(wrong).into_owned();
        assert_eq!(parse(&assemble(wrong, b"{}")), Err(JwsError::Json(JwsPart::Header)), "{name}");
        let found = parse(&assemble(br#"{"alg":"ES256"}"#, wrong));
        assert_eq!(found, Err(JwsError::Json(JwsPart::Payload)), "{name}");
    }
    for (header, member) in [
        ("{}", "alg"),
        (r#"{"alg":null}"#, "alg"),
        (r#"{"alg":256}"#, "alg"),
        (r#"{"alg":["ES256"]}"#, "alg"),
        (r#"{"alg":"ES256","kid":1}"#, "kid"),
        (r#"{"alg":"ES256","kid":null}"#, "kid"),
        (r#"{"alg":"ES256","typ":{}}"#, "typ"),
    ] {
        let found = parse(&assemble(header.as_bytes(), b"{}"));
        assert_eq!(found, Err(JwsError::HeaderMember(member)), "{header}");
    }
}

#[test]
fn a2_no_member_stands_twice() {
    for header in [
        r#"{"alg":"ES256","alg":"ES256"}"#,
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","x":1,"x":1}"#,
        r#"{"alg":"ES256","\u0061lg":"none"}"#,
    ] {
        assert_eq!(
            parse(&with_header(header)),
            Err(JwsError::Duplicate(JwsPart::Header)),
            "{header}"
        );
    }
    for payload in
        [r#"{"sub":"a","sub":"a"}"#, r#"{"sub":"a","\u0073ub":"b"}"#, r#"{"x":1,"y":2,"x":{}}"#]
    {
        let text = token(Algorithm::Es256, payload);
        assert_eq!(parse(&text), Err(JwsError::Duplicate(JwsPart::Payload)), "{payload}");
    }
    assert_eq!(parse(&token(Algorithm::Es256, r#"{"a":{"sub":1},"sub":2}"#)), Ok(()));
}

#[test]
fn a3_no_extension_is_understood() {
    for crit in [
        r#"["exp"]"#,
        r#"["b64"]"#,
        r#"["alg"]"#,
        "[]",
        r#"["x","x"]"#,
        r#"["absent"]"#,
        r#""exp""#,
        "null",
        "{}",
        "false",
    ] {
        let header = format!(r#"{{"alg":"ES256","kid":"{KEY_ID}","crit":{crit},"exp":1,"x":1}}"#);
        assert_eq!(parse(&with_header(&header)), Err(JwsError::Critical), "{crit}");
    }
    // Without `crit` an unknown member is ignored (RFC 7515 section 4).
    let header = format!(r#"{{"alg":"ES256","kid":"{KEY_ID}","exp":1,"x":1}}"#);
    verify(&with_header(&header), &[Algorithm::Es256], &public(&key(Algorithm::Es256))).unwrap();
}

#[test]
fn a4_a_payload_is_encoded() {
    for b64 in ["false", "true", "null", "\"false\""] {
        let header = format!(r#"{{"alg":"ES256","b64":{b64}}}"#);
        assert_eq!(parse(&with_header(&header)), Err(JwsError::UnencodedPayload), "{b64}");
    }
    // As RFC 7797 has it, the two go together.
    let both = with_header(r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#);
    assert_eq!(parse(&both), Err(JwsError::Critical));
}

#[test]
fn a5_the_algorithm_is_one_that_was_expected() {
    let good = token(Algorithm::Es256, CLAIMS);
    let key = public(&key(Algorithm::Es256));
    assert!(verify(&good, &[Algorithm::Es256], &key).is_ok());
    assert!(verify(&good, &[Algorithm::Rs256, Algorithm::Es256], &key).is_ok());
    let others: Vec<_> =
        Algorithm::ALL.iter().copied().filter(|other| *other != Algorithm::Es256).collect();
    for expected in [&[][..], &[Algorithm::Rs256], &others] {
        let error = verify(&good, expected, &key).unwrap_err();
        assert_eq!(error, VerifyError::Algorithm(Some(Algorithm::Es256)), "{expected:?}");
    }
}

#[test]
fn a5_none_is_never_an_algorithm() {
    let key = public(&key(Algorithm::Es256));
    let secret = SharedSecret::new(ISSUER, SECRET);
    for alg in ["none", "None", "NONE", "nOnE", "es256", "ES256 ", "ES257", "", "\u{217}ES256"] {
        let good = with_header(&format!(r#"{{"alg":"{alg}"}}"#));
        let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
        let wanted = match alg {
            "none" => VerifyError::Unsecured,
            _ => VerifyError::Algorithm(None),
        };
        for text in [good, unsigned] {
            let found = verify(&text, Algorithm::ALL, &key).unwrap_err();
            assert_eq!(found, wanted, "{alg:?}");
            let found = secret.verify(Jws::parse(&text).unwrap(), Algorithm::ALL).unwrap_err();
            assert_eq!(found, wanted, "{alg:?}");
        }
    }
    // A token that names a real algorithm and has no signature.
    let bare = format!("{}.", token(Algorithm::Es256, CLAIMS).rsplit_once('.').unwrap().0);
    let found = verify(&bare, Algorithm::ALL, &key).unwrap_err();
    assert_eq!(found, VerifyError::SignatureLength { expected: 64, got: 0 });
}

#[test]
fn a6_a_key_verifies_only_its_own_kind() {
    for own in asymmetric() {
        let key = public(&key(own));
        for algorithm in Algorithm::ALL.iter().copied() {
            let fits = own.key_type() == algorithm.key_type();
            assert_eq!(key.fits(algorithm), fits, "{own} key for {algorithm}");
            if !fits && algorithm.key_type() != KeyType::Symmetric {
                let error = verify(&token(algorithm, CLAIMS), Algorithm::ALL, &key).unwrap_err();
                let mismatch = VerifyError::KeyMismatch { key: own.key_type(), algorithm };
                assert_eq!(error, mismatch, "{own} key for {algorithm}");
            }
        }
    }
}

#[test]
fn a6_a_key_for_one_algorithm_is_for_no_other() {
    let text = token(Algorithm::Ps256, CLAIMS);
    let key = public(&key(Algorithm::Ps256));
    assert!(verify(&text, Algorithm::ALL, &key).is_ok());
    assert!(verify(&text, Algorithm::ALL, &key.clone().only(Algorithm::Ps256)).is_ok());
    let other = key.only(Algorithm::Rs256);
    let mismatch = VerifyError::KeyMismatch { key: KeyType::Rsa, algorithm: Algorithm::Ps256 };
    assert_eq!(verify(&text, Algorithm::ALL, &other).unwrap_err(), mismatch);
}

/// The oldest trick: the public key is known to everybody, and HMAC takes any bytes.
#[test]
fn a6_a_public_key_is_no_shared_secret() {
    let own = key(Algorithm::Rs256);
    let jwk = own.public_jwk().to_json();
    let n = own.public_jwk().number("n").unwrap();
    let pem =
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&n));
    for bytes in [jwk.into_bytes(), n, pem.into_bytes()] {
        let forged = tagged(Algorithm::Hs256, &bytes, &header(Algorithm::Hs256), CLAIMS);
        let error = verify(&forged, Algorithm::ALL, &public(&own)).unwrap_err();
        let mismatch = VerifyError::KeyMismatch { key: KeyType::Rsa, algorithm: Algorithm::Hs256 };
        assert_eq!(error, mismatch);
        let keys = set_of(std::slice::from_ref(&own));
        assert_eq!(verify_by(&forged, Algorithm::ALL, &keys).unwrap_err(), VerifyError::NoKey);
    }
    // And the other way round: a secret verifies no RS256.
    let jws = Jws::parse(&token(Algorithm::Rs256, CLAIMS)).unwrap();
    let error = SharedSecret::new(ISSUER, SECRET).verify(jws, Algorithm::ALL).unwrap_err();
    let mismatch =
        VerifyError::KeyMismatch { key: KeyType::Symmetric, algorithm: Algorithm::Rs256 };
    assert_eq!(error, mismatch);
}

#[test]
fn a7_a_token_does_not_bring_its_own_key() {
    let attacker = stranger(Algorithm::Es256).key_id(KEY_ID);
    let embedded = attacker.public_jwk().to_json();
    for extra in [
        format!(r#""jwk":{embedded}"#),
        r#""jku":"https://attacker.example/jwks""#.to_owned(),
        r#""x5u":"https://attacker.example/cert""#.to_owned(),
        r#""x5c":["MIIB"]"#.to_owned(),
        r#""jwk":"not even an object""#.to_owned(),
    ] {
        let header = format!(r#"{{"alg":"ES256","kid":"{KEY_ID}",{extra}}}"#);
        let forged = sign(&attacker, &header, CLAIMS);
        let keys = set_of(&[key(Algorithm::Es256)]);
        assert_eq!(
            verify_by(&forged, &[Algorithm::Es256], &keys).unwrap_err(),
            VerifyError::Signature,
            "{extra}"
        );
        let good = sign(&key(Algorithm::Es256), &header, CLAIMS);
        assert!(verify_by(&good, &[Algorithm::Es256], &keys).is_ok(), "{extra}: it is ignored");
    }
}

/// An RSA key whose modulus has this many bits.
fn rsa_key(bits: usize, exponent: &[u8]) -> Result<VerificationKey, JwkError> {
    let mut n = vec![0xA5; bits.div_ceil(8)];
    n[0] = match bits % 8 {
        0 => 0x80,
        odd => 1 << (odd - 1),
    };
    let json = format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, encode(n), encode(exponent));
    VerificationKey::new(ISSUER, PublicJwk::from_json(&json).unwrap())
}

#[test]
fn a8_rsa_keys_have_2048_bits() {
    let usual = [1, 0, 1];
    for bits in [2048, 2049, 3072, 4096, 8192] {
        assert!(rsa_key(bits, &usual).is_ok(), "{bits}");
    }
    for bits in [1, 512, 1024, 2047, 8193, 16384] {
        assert_eq!(rsa_key(bits, &usual).unwrap_err(), JwkError::RsaSize, "{bits}");
    }
    for exponent in [&[3][..], &[17], &[0, 1, 0, 1], &[1, 0, 0, 0, 1]] {
        assert!(rsa_key(2048, exponent).is_ok(), "{exponent:?}");
    }
    for exponent in [&[0][..], &[1], &[0, 1], &[2], &[1, 0, 0], &[3, 0, 0, 0, 1], &[1; 64]] {
        assert_eq!(rsa_key(2048, exponent).unwrap_err(), JwkError::RsaExponent, "{exponent:?}");
    }
    // Leading zeros make no key longer.
    let padded = [vec![0; 128], vec![0xA5; 128]].concat();
    let json = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, encode(padded));
    let jwk = PublicJwk::from_json(&json).unwrap();
    assert_eq!(VerificationKey::new(ISSUER, jwk).unwrap_err(), JwkError::RsaSize);
}

#[test]
fn a8_shared_secrets_are_as_long_as_the_hash() {
    for (algorithm, least) in
        [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)]
    {
        let text = |secret: &str| tagged(algorithm, secret.as_bytes(), &header(algorithm), CLAIMS);
        let verify = |secret: SharedSecret, text: String| {
            secret.verify(Jws::parse(&text).unwrap(), &[algorithm]).map(drop)
        };
        let (enough, short) = (&SECRET[..least], &SECRET[..least - 1]);
        assert_eq!(verify(SharedSecret::new(ISSUER, enough), text(enough)), Ok(()));
        let error = verify(SharedSecret::new(ISSUER, short), text(short)).unwrap_err();
        assert_eq!(error, VerifyError::SecretTooShort { least });
        assert_eq!(verify(SharedSecret::new(ISSUER, short).allow_short(), text(short)), Ok(()));
        let error = verify(SharedSecret::new(ISSUER, "").allow_short(), text("")).unwrap_err();
        assert_eq!(error, VerifyError::SecretTooShort { least });
    }
}

fn replaced(text: &str, signature: &[u8]) -> String {
    format!("{}.{}", text.rsplit_once('.').unwrap().0, encode(signature))
}

#[test]
fn a9_signatures_have_exactly_their_length() {
    for algorithm in asymmetric() {
        let text = token(algorithm, CLAIMS);
        let key = public(&key(algorithm));
        let signature = decode(text.rsplit_once('.').unwrap().1);
        let expected = signature.len();
        assert_eq!(algorithm.signature_len().unwrap_or(256), expected);
        assert!(verify(&text, &[algorithm], &key).is_ok(), "{algorithm}");
        let longer = [signature.as_slice(), &[0]].concat();
        let padded = [&[0], signature.as_slice()].concat();
        let shorter = signature[..expected - 1].to_vec();
        for (other, why) in
            [(longer, "longer"), (padded, "padded"), (shorter, "shorter"), (Vec::new(), "none")]
        {
            let got = other.len();
            let error = verify(&replaced(&text, &other), &[algorithm], &key).unwrap_err();
            assert_eq!(error, VerifyError::SignatureLength { expected, got }, "{algorithm} {why}");
        }
    }
}

#[test]
fn a9_ecdsa_is_two_positive_numbers_and_not_der() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512] {
        let text = token(algorithm, CLAIMS);
        let key = public(&key(algorithm));
        let signature = decode(text.rsplit_once('.').unwrap().1);
        let half = signature.len() / 2;
        let mut no_r = signature.clone();
        no_r[..half].fill(0);
        let mut no_s = signature.clone();
        no_s[half..].fill(0);
        for zero in [no_r, no_s, vec![0; 2 * half]] {
            let error = verify(&replaced(&text, &zero), &[algorithm], &key).unwrap_err();
            assert_eq!(error, VerifyError::Signature, "{algorithm}");
        }
        let integer = |number: &[u8]| {
            let start = number.iter().position(|byte| *byte != 0).unwrap();
            let pad: &[u8] = if number[start] >= 0x80 { &[0] } else { &[] };
            let content = [pad, &number[start..]].concat();
            [&[2, content.len() as u8], content.as_slice()].concat()
        };
        let body = [integer(&signature[..half]), integer(&signature[half..])].concat();
        let head = if body.len() < 128 {
            vec![0x30, body.len() as u8]
        } else {
            vec![0x30, 0x81, body.len() as u8]
        };
        let der = [head, body].concat();
        let error = verify(&replaced(&text, &der), &[algorithm], &key).unwrap_err();
        assert!(matches!(error, VerifyError::SignatureLength { .. }), "{algorithm}: {error}");
    }
}

/// A backend that finds everything good: what is refused in spite of it was refused before.
struct Believes;

impl Verify for Believes {
    fn verify(&self, _: &VerificationKey, _: Algorithm, _: &[u8], _: &[u8]) -> Validity {
        Validity::Valid
    }
}

#[test]
fn a9_what_cannot_be_a_signature_reaches_no_backend() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512] {
        let key = public(&key(algorithm));
        let half = algorithm.signature_len().unwrap() / 2;
        let check = |r: u8, s: u8| {
            let signature = [vec![r; half], vec![s; half]].concat();
            key.verify(&Believes, algorithm, b"input", &signature)
        };
        assert_eq!(check(1, 1), Ok(()));
        for (r, s) in [(0, 1), (1, 0), (0, 0)] {
            assert_eq!(check(r, s), Err(VerifyError::Signature), "{algorithm} {r} {s}");
        }
    }
    // And a key that was parsed for one algorithm is parsed again for another.
    let own = key(Algorithm::Ps256);
    let (key, local) = (public(&own), grantwire::jose::LocalVerifier::new());
    for algorithm in [Algorithm::Ps256, Algorithm::Ps384, Algorithm::Rs256, Algorithm::Ps256] {
        let jwk = own.public_jwk();
        assert!(
            key.parsed(algorithm, |_| Some(algorithm)).is_some_and(|it| *it == algorithm)
                && jwk.key_type() == KeyType::Rsa
        );
        let text = token(Algorithm::Ps256, CLAIMS);
        let (input, signature) = text.rsplit_once('.').unwrap();
        let found = key.verify(&local, algorithm, input.as_bytes(), &decode(signature));
        let wanted =
            if algorithm == Algorithm::Ps256 { Ok(()) } else { Err(VerifyError::Signature) };
        assert_eq!(found, wanted, "{algorithm}");
    }
}

#[test]
fn a9_a_tag_has_exactly_its_length() {
    let secret = SharedSecret::new(ISSUER, SECRET);
    for (algorithm, expected) in
        [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)]
    {
        let text = tagged(algorithm, SECRET.as_bytes(), &header(algorithm), CLAIMS);
        let tag = decode(text.rsplit_once('.').unwrap().1);
        for got in [0, 1, expected - 1, expected + 1] {
            let mut other = tag.clone();
            other.resize(got, 0);
            let jws = Jws::parse(&replaced(&text, &other)).unwrap();
            let error = secret.verify(jws, &[algorithm]).unwrap_err();
            assert_eq!(error, VerifyError::SignatureLength { expected, got }, "{algorithm}");
        }
    }
}

#[test]
fn a9_every_bit_of_a_tag_counts() {
    let secret = SharedSecret::new(ISSUER, SECRET);
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let text = tagged(algorithm, SECRET.as_bytes(), &header(algorithm), CLAIMS);
        let verify = |text: &str| secret.verify(Jws::parse(text).unwrap(), &[algorithm]).map(drop);
        assert_eq!(verify(&text), Ok(()));
        let tag = decode(text.rsplit_once('.').unwrap().1);
        for bit in 0..tag.len() * 8 {
            let mut other = tag.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(&replaced(&text, &other)), Err(VerifyError::Signature), "bit {bit}");
        }
    }
}

#[test]
fn a10_typ_in_any_letter_case_and_with_or_without_application() {
    let typ = |typ: &str| {
        let header = format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#);
        verify(&with_header(&header), &[Algorithm::Es256], &public(&key(Algorithm::Es256))).unwrap()
    };
    for same in [
        "logout+jwt",
        "LOGOUT+JWT",
        "Logout+Jwt",
        "application/logout+jwt",
        "Application/LOGOUT+jwt",
    ] {
        assert!(typ(same).is_typ("logout+jwt"), "{same}");
        assert!(typ(same).is_typ("application/logout+jwt"), "{same}");
        assert_eq!(typ(same).typ(), Some(same), "it is kept as it came");
    }
    for other in [
        "JWT",
        "at+jwt",
        "logout",
        "logout+jwt ",
        "text/logout+jwt",
        "application/x/logout+jwt",
        "",
    ] {
        assert!(!typ(other).is_typ("logout+jwt"), "{other}");
    }
    let absent = verify(
        &token(Algorithm::Es256, CLAIMS),
        &[Algorithm::Es256],
        &public(&key(Algorithm::Es256)),
    );
    assert!(!absent.unwrap().is_typ("JWT"));
}

#[test]
fn a11_size_and_depth_are_bounded_before_anything_is_decoded() {
    let limit = 64 * 1024;
    let padding =
        |len: usize| token(Algorithm::Es256, &format!(r#"{{"x":"{}"}}"#, "a".repeat(len)));
    assert!(padding(48_000).len() < limit);
    assert_eq!(parse(&padding(48_000)), Ok(()));
    assert_eq!(parse(&padding(49_500)), Err(JwsError::TooLong { limit }));
    // Not base64url, so it was not decoded.
    assert_eq!(parse(&"!".repeat(1024 * 1024)), Err(JwsError::TooLong { limit }));

    let nested = |depth: usize| {
        format!(r#"{{"alg":"ES256","x":{}1{}}}"#, "[".repeat(depth), "]".repeat(depth))
    };
    assert_eq!(parse(&with_header(&nested(63))), Ok(()));
    assert_eq!(parse(&with_header(&nested(64))), Err(JwsError::TooDeep(JwsPart::Header)));
    assert_eq!(parse(&token(Algorithm::Es256, &nested(63))), Ok(()));
    let deep = token(Algorithm::Es256, &nested(10_000));
    assert_eq!(parse(&deep), Err(JwsError::TooDeep(JwsPart::Payload)));
}

#[test]
fn a14_encrypted_is_not_signed() {
    // RFC 7516 appendix A.1, cut short.
    let jwe = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp.48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodet";
    assert_eq!(parse(jwe), Err(JwsError::Encrypted));
    let said = JwsError::Encrypted.to_string();
    assert!(said.contains("encrypted") && said.contains("decrypt it first"), "{said}");
}

#[test]
fn a16_ed25519_is_read_under_both_names() {
    for (algorithm, other) in
        [(Algorithm::EdDsa, Algorithm::Ed25519), (Algorithm::Ed25519, Algorithm::EdDsa)]
    {
        let key = public(&key(algorithm));
        let text = token(algorithm, CLAIMS);
        assert!(verify(&text, &[algorithm], &key).is_ok());
        assert!(
            verify(&text, &[algorithm], &key.clone().only(other)).is_ok(),
            "one key, two names"
        );
        let error = verify(&text, &[other], &key).unwrap_err();
        assert_eq!(error, VerifyError::Algorithm(Some(algorithm)), "two algorithms all the same");
    }
}

#[test]
fn the_two_roads_agree_and_a_verdict_is_for_one_token() {
    for algorithm in asymmetric() {
        let text = token(algorithm, CLAIMS);
        let own = public(&key(algorithm));
        let unverified = Jws::parse(&text).unwrap().with_key(&[algorithm], &own).unwrap();
        assert_eq!(unverified.signing_input(), text.rsplit_once('.').unwrap().0.as_bytes());
        assert_eq!(encode(unverified.signature()), text.rsplit_once('.').unwrap().1);
        let valid = unverified.verdict(Validity::Valid);
        let verified = unverified.accept(&valid).unwrap();
        let at_once = verify(&text, &[algorithm], &own).unwrap();
        assert_eq!(verified.expose_json(), at_once.expose_json());
        assert_eq!(verified.key_issuer().as_str(), ISSUER);

        let invalid = unverified.verdict(Validity::Invalid);
        assert_eq!(unverified.accept(&invalid).unwrap_err(), VerifyError::Signature);
        let unsupported = unverified.verdict(Validity::Unsupported);
        assert_eq!(
            unverified.accept(&unsupported).unwrap_err(),
            VerifyError::Unsupported(algorithm)
        );

        // Another token, another key, another algorithm: each a verdict about something else.
        let other_token = token(algorithm, r#"{"sub":"somebody else"}"#);
        let other_token = Jws::parse(&other_token).unwrap().with_key(&[algorithm], &own).unwrap();
        let other_key = public(&stranger(algorithm));
        let other_key = Jws::parse(&text).unwrap().with_key(&[algorithm], &other_key).unwrap();
        for other in [other_token, other_key] {
            assert!(!unverified.is_judged_by(&other.verdict(Validity::Valid)));
            let error = unverified.accept(&other.verdict(Validity::Valid)).unwrap_err();
            assert_eq!(error, VerifyError::OtherVerdict, "{algorithm}");
        }
    }
}

/// A backend that is neither this crate nor its feature: it asks the other one, and counts.
struct Counting(std::sync::atomic::AtomicUsize);

impl Verify for Counting {
    fn verify(
        &self,
        key: &VerificationKey,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Validity {
        assert_eq!(Some(signature.len()), algorithm.signature_len(), "its form was checked before");
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        match algorithm {
            Algorithm::EdDsa => {}
            _ => return Validity::Unsupported,
        }
        let parsed = key.parsed(algorithm, |jwk| jwk.number("x")).unwrap();
        let key = aws_lc_rs::signature::UnparsedPublicKey::new(
            &aws_lc_rs::signature::ED25519,
            parsed.as_slice(),
        );
        match key.verify(input, signature) {
            Ok(()) => Validity::Valid,
            Err(_) => Validity::Invalid,
        }
    }
}

impl Sign for Counting {
    fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Option<Vec<u8>> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let unsigned = grantwire::jose::Unsigned::new(algorithm, None, b"{}", b"{}");
        assert_ne!(unsigned.input(), input);
        (algorithm == Algorithm::Es256).then(|| vec![7; 64])
    }
}

#[test]
fn any_backend_can_stand_in() {
    let backend = Counting(Default::default());
    let own = public(&key(Algorithm::EdDsa));
    let text = token(Algorithm::EdDsa, CLAIMS);
    let unverified = |text: &str| Jws::parse(text).unwrap().with_key(Algorithm::ALL, &own).unwrap();
    assert!(unverified(&text).verify_with(&backend).is_ok());
    let forged = sign(&stranger(Algorithm::EdDsa), &header(Algorithm::EdDsa), CLAIMS);
    assert_eq!(unverified(&forged).verify_with(&backend).unwrap_err(), VerifyError::Signature);
    let es256 = public(&key(Algorithm::Es256));
    let text = Jws::parse(&token(Algorithm::Es256, CLAIMS)).unwrap();
    let error = text.with_key(Algorithm::ALL, &es256).unwrap().verify_with(&backend).unwrap_err();
    assert_eq!(error, VerifyError::Unsupported(Algorithm::Es256));
    assert_eq!(backend.0.into_inner(), 3);

    // And the same for signing: a request with such a signer waits for nobody.
    use grantwire::client::PrivateKeyJwt;
    use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, grant::ClientCredentials};
    let server = AuthorizationServer::new()
        .issuer(ISSUER)
        .token_endpoint("https://server.example.com/token");
    for (algorithm, works) in [(Algorithm::Es256, true), (Algorithm::EdDsa, false)] {
        let signer = Signer::with_backend(algorithm, Counting(Default::default())).key_id("k");
        let client = Client::new(server.clone(), "s6BhdRkqt3").auth(PrivateKeyJwt::new(signer));
        let request = client
            .token(ClientCredentials::new())
            .request(Timestamp::EPOCH, &mut Entropy::new([7; 32]));
        match works {
            true => {
                assert!(String::from_utf8_lossy(request.unwrap().body()).contains(&encode([7; 64])))
            }
            false => assert_eq!(request.unwrap_err(), grantwire::BuildError::Signing),
        }
    }
}

#[test]
fn any_bytes_can_be_verified_with_the_same_care() {
    let own = key(Algorithm::Ps512);
    let unsigned = grantwire::jose::Unsigned::new(Algorithm::Ps512, None, b"{}", b"{}");
    let signed = unsigned.finish(&own.sign(&unsigned).unwrap()).unwrap();
    let signature = decode(signed.expose().rsplit_once('.').unwrap().1);
    let local = grantwire::jose::LocalVerifier::new();
    let check = |algorithm, input: &[u8], signature: &[u8]| {
        public(&own).verify(&local, algorithm, input, signature)
    };
    assert_eq!(check(Algorithm::Ps512, unsigned.input(), &signature), Ok(()));
    assert_eq!(check(Algorithm::Ps384, unsigned.input(), &signature), Err(VerifyError::Signature));
    assert_eq!(check(Algorithm::Rs512, unsigned.input(), &signature), Err(VerifyError::Signature));
    assert_eq!(check(Algorithm::Ps512, b"other", &signature), Err(VerifyError::Signature));
    assert!(matches!(
        check(Algorithm::Ps512, b"", &signature[1..]),
        Err(VerifyError::SignatureLength { .. })
    ));
    let keys = KeySet::of("https://other.example", [public(&own)]);
    assert_eq!(keys.keys().len(), 0, "a key of one issuer is in no other's set");
}
