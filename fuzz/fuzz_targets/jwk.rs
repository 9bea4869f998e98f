//! A document is a public key or it is not, never a panic. A key reads back from its own JSON with the
//! same thumbprint, and a document with a private member is never taken for a public key.

#![no_main]

use grantwire::jose::PublicJwk;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "k"];

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    match PublicJwk::from_json(&text) {
        Ok(key) => {
            let again = PublicJwk::from_json(&key.to_json()).expect("we wrote it");
            assert_eq!(again, key);
            assert_eq!(again.thumbprint(), key.thumbprint());
            assert_eq!(key.thumbprint().len(), 43);
            let _ = (format!("{key:?}"), key.key_type(), key.key_id());
            // The other reader takes less than ours does, so it has no say where it fails.
            if let Ok(other) = serde_json::from_str::<Value>(&text) {
                assert!(PRIVATE.iter().all(|name| other[*name].is_null()));
                let ours: Value = serde_json::from_str(&key.to_json()).expect("we wrote it");
                for name in ["kty", "crv", "x", "y", "n", "e"] {
                    assert!(ours[name].is_null() || ours[name] == other[name]);
                }
            }
        }
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains("cAnArY"));
        }
    }
});
