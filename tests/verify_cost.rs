//! What it costs in memory to believe an ID token, and to read a key set.
//!
//! A test binary of its own, because counting replaces the allocator.

use allocation_counter::measure;
use grantwire::Timestamp;
use grantwire::claims::{ExpectedIdToken, IssuedWith, TokenRules};
use grantwire::jose::{Algorithm, Jwt, KeySet, LocalKey, LocalVerifier, Signer};

const ISSUER: &str = "https://server.example.com";
const NONCE: &str = "n-0S6_WzA2Mjn-0S6_WzA2Mjn-0S6_WzA2Mj";

fn key(algorithm: Algorithm) -> LocalKey {
    LocalKey::generate(algorithm).expect("a key").key_id("2026-10")
}

#[test]
fn an_id_token_takes_at_most_twelve_allocations() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let own = key(algorithm);
        let claims = Jwt::new()
            .claim("iss", ISSUER)
            .claim("sub", "24400320")
            .claim("aud", "s6BhdRkqt3")
            .claim("exp", 1_311_281_970)
            .claim("iat", 1_311_280_970)
            .claim("auth_time", 1_311_280_969)
            .claim("nonce", NONCE)
            .claim("acr", "urn:mace:incommon:iap:silver")
            .claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ")
            .claim("name", "Jane Doe")
            .claim("email", "janedoe@example.com");
        let unsigned = claims.unsigned(&Signer::from(own.clone())).unwrap();
        let text = unsigned.finish(&own.sign(&unsigned).unwrap()).unwrap();
        let jwks = format!(r#"{{"keys":[{}]}}"#, own.public_jwk().to_json());
        let keys = KeySet::read(ISSUER, &jwks).unwrap();
        let rules = TokenRules::new(ISSUER, "s6BhdRkqt3").algorithm(algorithm);
        let expected = ExpectedIdToken::new(&rules).nonce(NONCE);
        let now = Timestamp::from_unix_seconds(1_311_280_980);
        let verify = || {
            let with = IssuedWith::token_endpoint("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
            let found = expected.verify(text.expose(), &keys, &LocalVerifier::new(), with, now);
            assert_eq!(found.expect("an identity").subject(), "24400320");
        };
        // The first token has the key parsed.
        verify();
        let info = measure(verify);
        println!("{algorithm}: {} allocations, {} bytes", info.count_total, info.bytes_total);
        assert!(info.count_total <= 12, "{algorithm}: {} allocations", info.count_total);
    }
}

#[test]
fn a_key_set_costs_what_its_keys_cost() {
    let jwk = key(Algorithm::Es256).public_jwk().without_key_id().to_json();
    let set = |count: usize| {
        let keys: Vec<String> =
            (0..count).map(|n| jwk.replacen('{', &format!(r#"{{"kid":"{n}","#), 1)).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    };
    let (small, large) = (set(100), set(10_000));
    let read = |text: &str| {
        let mut keys = None;
        let info =
            measure(|| keys = KeySet::read_within(ISSUER, text, usize::MAX, usize::MAX).ok());
        (info, keys.expect("a set"))
    };
    let (few, _) = read(&small);
    let (many, keys) = read(&large);
    println!("100 keys: {} allocations, 10000: {}", few.count_total, many.count_total);
    assert!(few.count_total <= 100 * 10, "{}", few.count_total);
    assert!(many.count_total <= few.count_total * 101, "{}", many.count_total);
    assert!(many.bytes_max <= few.bytes_max * 130, "{} {}", many.bytes_max, few.bytes_max);

    let jws = grantwire::jose::Jws::parse("eyJhbGciOiJFUzI1NiIsImtpZCI6Ijc3In0.e30.AA").unwrap();
    let chosen = measure(|| assert!(keys.choose_one(&jws, Algorithm::Es256).is_ok()));
    assert_eq!(chosen.count_total, 0, "choosing takes no memory");
}
