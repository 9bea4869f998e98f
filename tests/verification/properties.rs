//! What holds for all tokens: what is signed comes back, what is changed does not, both roads agree, nothing
//! panics, and nothing is slower than its length.

use std::time::{Duration, Instant};

use grantwire::authorization::Callback;
use grantwire::claims::{ClaimFault, IssuedWith, LogoutToken, TokenKind};
use grantwire::jose::{
    Algorithm, Jwe, Jws, KeySet, LocalVerifier, SharedSecret, Validity, Verify as _, VerifyError,
};
use grantwire::logout::{FrontChannelLogout, LogoutRequest};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::tools::*;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn payload() -> impl Strategy<Value = Value> {
    prop::collection::btree_map(".{0,12}", value(), 0..40)
        .prop_map(|members| Value::Object(Map::from_iter(members)))
}

fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(Algorithm::ALL.to_vec())
}

/// A token by this algorithm, and its verdict by whichever key it takes.
fn round(algorithm: Algorithm, text: &str) -> Result<String, VerifyError> {
    let jws = Jws::parse(text)?;
    let verified = match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
            SharedSecret::new(ISSUER, SECRET).verify(jws, &[algorithm])?
        }
        _ => verify(text, &[algorithm], &public(&key(algorithm)))?,
    };
    Ok(verified.expose_json().to_owned())
}

fn made(algorithm: Algorithm, payload: &str) -> String {
    match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
            tagged(algorithm, SECRET.as_bytes(), &header(algorithm), payload)
        }
        _ => token(algorithm, payload),
    }
}

/// Text that comes near to a token.
fn nearly_a_token() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        ".{0,30}",
        "[A-Za-z0-9_-]{0,40}".prop_map(String::from),
        Just(encode(r#"{"alg":"ES256"}"#)),
        Just(encode(r#"{"alg":"none"}"#)),
        Just(encode("{}")),
        payload().prop_map(|claims| encode(claims.to_string())),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(encode),
    ];
    prop::collection::vec(part, 0..7).prop_map(|parts| parts.join("."))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_comes_back(algorithm in algorithm(), claims in payload()) {
        let text = made(algorithm, &claims.to_string());
        let back = round(algorithm, &text).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&back).unwrap(), claims);
    }

    #[test]
    fn a_token_with_one_bit_changed_is_refused(algorithm in algorithm(), at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut bytes = made(algorithm, &claims().to_string()).into_bytes();
        *at.get_mut(&mut bytes) ^= 1_u8 << bit;
        // What is no text any more is no token either.
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert!(round(algorithm, &text).is_err(), "{}", text);
        }
    }

    #[test]
    fn both_roads_agree(algorithm in prop::sample::select(asymmetric().collect::<Vec<_>>()), damage in any::<Option<u8>>()) {
        let mut text = token(algorithm, &claims().to_string());
        if let Some(damage) = damage {
            let (input, signature) = text.rsplit_once('.').unwrap();
            let mut signature = decode(signature);
            let at = usize::from(damage) % signature.len();
            signature[at] ^= 0x55;
            text = format!("{input}.{}", encode(signature));
        }
        let own = public(&key(algorithm));
        let unverified = Jws::parse(&text).unwrap().with_key(&[algorithm], &own).unwrap();
        let (input, signature) = (unverified.signing_input().to_vec(), unverified.signature().to_vec());
        // Elsewhere, with nothing but the public key and the bytes.
        let validity = LocalVerifier::new().verify(&own, algorithm, &input, &signature);
        prop_assert_eq!(validity == Validity::Valid, damage.is_none());
        let far = unverified.accept(&unverified.verdict(validity)).map(|verified| verified.expose_json().to_owned());
        let near = unverified.verify_with(&LocalVerifier::new()).map(|verified| verified.expose_json().to_owned());
        prop_assert_eq!(far, near);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_text_makes_a_reader_panic(text in prop_oneof![".{0,80}", nearly_a_token()]) {
        if let Ok(jws) = Jws::parse(&text) {
            prop_assert_eq!(text.split('.').count(), 3);
            let claims: Value = serde_json::from_str(jws.unverified_claims().expose_json()).unwrap();
            prop_assert!(claims.is_object());
            prop_assert_eq!(jws.signing_input(), text.rsplit_once('.').unwrap().0.as_bytes());
        }
        let _ = Jwe::parse(&text);
        let _ = KeySet::read(ISSUER, &text);
        let _ = KeySet::from_bytes(text.as_bytes());
        let _ = FrontChannelLogout::from_query(&text);
        let request = http::Request::post("/").body(text.clone()).unwrap();
        let _ = LogoutRequest::read(&request);
        for kind in [TokenKind::IdToken, TokenKind::LogoutToken, TokenKind::Introspection] {
            prop_assert!(rules().open(kind, &text).is_err(), "nobody signed for this client");
        }
        let _ = format!("{:?}", Callback::from_query(&text));
    }

    #[test]
    fn no_claims_make_a_check_panic(
        name in prop::sample::select(vec![
            "iss", "sub", "aud", "exp", "nbf", "iat", "auth_time", "nonce", "acr", "azp", "at_hash",
            "c_hash", "s_hash", "sid", "events", "jti", "token_introspection",
        ]),
        value in value(),
    ) {
        let mut claims = claims();
        claims[name] = value.clone();
        let with = IssuedWith::authorization_endpoint().access_token(ACCESS_TOKEN).code(CODE).state("x");
        for with in [with, from_token_endpoint()] {
            let found = expected().verify(&signed(&claims), &keys(), &LocalVerifier::new(), with, NOW);
            if let Err(error) = found {
                let said = error.to_string();
                prop_assert!(said.starts_with("the ID token "), "{}", said);
                let wrong = matches!(error.fault(), ClaimFault::Verify(_));
                prop_assert!(!wrong, "the signature is good: {}", said);
            }
        }
        let _ = LogoutToken::verify(&rules(), &signed(&claims), &keys(), &LocalVerifier::new(), NOW);
    }
}

/// The best of three, since others run on this machine too.
fn quickest(mut run: impl FnMut()) -> Duration {
    let timed = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..3).map(|_| timed(&mut run)).min().unwrap()
}

/// Whether sixteen times as much takes at most sixty-four times as long: four times what it should on a busy
/// machine, and a quarter of what the square would take.
fn assert_linear(what: &str, small: impl FnMut(), large: impl FnMut()) {
    let (small, large) = (quickest(small), quickest(large));
    assert!(large < small * 64 + Duration::from_millis(5), "{what}: {small:?} became {large:?}");
}

#[test]
fn nothing_is_slower_than_its_length() {
    let members = |count: usize| {
        let members: Vec<String> = (0..count).map(|n| format!(r#""{n}":1"#)).collect();
        token(ALGORITHM, &format!("{{{}}}", members.join(",")))
    };
    let escaped = |count: usize| {
        let members: Vec<String> = (0..count).map(|n| format!(r#""\u0061{n}":1"#)).collect();
        token(ALGORITHM, &format!("{{{}}}", members.join(",")))
    };
    let brackets =
        |count: usize| token(ALGORITHM, &format!(r#"{{"x":[{}1]}}"#, "[],".repeat(count)));
    let audience = |count: usize| signed(&but("aud", json!(vec!["x"; count])));
    for (what, small, large) in [
        ("members", members(250), members(4000)),
        ("names with escapes", escaped(150), escaped(2400)),
        ("brackets", brackets(500), brackets(8000)),
        ("dots", ".".repeat(4_000), ".".repeat(64_000)),
        ("not base64url", "!".repeat(4_000), "!".repeat(64_000)),
    ] {
        assert_linear(what, || drop(Jws::parse(&small)), || drop(Jws::parse(&large)));
    }
    let (small, large) = (audience(500), audience(8000));
    assert_linear(
        "audiences",
        || drop(check_text(&expected(), &small)),
        || drop(check_text(&expected(), &large)),
    );

    let jwk = jwk(&key(ALGORITHM).public_jwk().without_key_id(), "");
    let set = |count: usize| {
        let keys: Vec<String> =
            (0..count).map(|n| jwk.replacen('{', &format!(r#"{{"kid":"{n}","#), 1)).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    };
    let read = |text: &str| KeySet::read_within(ISSUER, text, usize::MAX, usize::MAX).unwrap();
    let (small, large) = (set(625), set(10_000));
    assert_linear("keys", || drop(read(&small)), || drop(read(&large)));
    let (small, large) = (read(&small), read(&large));
    let header = format!(r#"{{"alg":"{ALGORITHM}","kid":"none of them"}}"#);
    let jws = Jws::parse(&sign(&key(ALGORITHM), &header, "{}")).unwrap();
    let choose = |keys: &KeySet| (0..50).for_each(|_| drop(keys.choose(&jws, ALGORITHM)));
    assert_linear("choosing", || choose(&small), || choose(&large));
}
