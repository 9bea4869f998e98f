//! A document is a key set or it is not, never a panic. A key that cannot be used costs only itself, none
//! has a private member, and the set reads back from its own bytes.

#![no_main]

use grantwire::jose::{Algorithm, Jws, KeyChoice, KeySet, KeyType};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "k"];
const ISSUER: &str = "https://as.example";

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    if let Ok(stored) = KeySet::from_bytes(input) {
        assert_eq!(KeySet::from_bytes(&stored.to_bytes()).expect("we wrote it"), stored);
    }
    let keys = match KeySet::read(ISSUER, &text) {
        Ok(keys) => keys,
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains("cAnArY"));
            return;
        }
    };
    let count = keys.keys().len() + keys.skipped().len();
    assert!(count <= 100);
    for skipped in keys.skipped() {
        assert!(skipped.index() < count);
        let _ = format!("{skipped:?} {}", skipped.why());
    }
    for key in keys.keys() {
        assert_eq!(key.issuer().as_str(), ISSUER);
        assert!(key.jwk().key_type() != KeyType::Symmetric);
        assert!(!key.fits(Algorithm::Hs256));
    }
    // The other reader takes less than ours does, so it has no say where it fails.
    if let Ok(other) = serde_json::from_str::<Value>(&text) {
        let members = other["keys"].as_array().expect("an array");
        assert_eq!(members.len(), count);
        let skipped: Vec<usize> = keys.skipped().iter().map(|key| key.index()).collect();
        for (index, member) in members.iter().enumerate().filter(|(at, _)| !skipped.contains(at)) {
            assert!(PRIVATE.iter().all(|name| member[*name].is_null()), "{index}");
        }
    }
    let again = KeySet::from_bytes(&keys.to_bytes()).expect("we wrote it");
    assert_eq!(again.keys().collect::<Vec<_>>(), keys.keys().collect::<Vec<_>>());
    for token in ["eyJhbGciOiJFUzI1NiJ9.e30.AA", "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.e30.AA"] {
        let jws = Jws::parse(token).expect("a token");
        for algorithm in Algorithm::ALL {
            match keys.choose(&jws, *algorithm) {
                KeyChoice::One(key) => {
                    assert!(key.fits(*algorithm));
                    assert!(jws.key_id().is_none() || key.jwk().key_id() == jws.key_id());
                }
                KeyChoice::Several(keys) => assert!(keys.len() > 1),
                _ => assert!(keys.choose_one(&jws, *algorithm).is_err()),
            }
        }
    }
});
