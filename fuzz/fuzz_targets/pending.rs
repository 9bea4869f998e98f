//! Stored bytes are refused or read, never a panic. What was read is stored again as what it is, the
//! `serde` road agrees with the bytes, and no error prints anything that was stored.

#![no_main]

use grantwire::authorization::PendingAuthorization;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    match PendingAuthorization::from_bytes(input) {
        Ok(pending) => {
            let bytes = pending.to_bytes();
            let again = PendingAuthorization::from_bytes(&bytes).expect("we wrote it");
            assert!(again.to_bytes() == bytes);
            let json = serde_json::to_string(&pending).expect("it is a string");
            let by_serde: PendingAuthorization = serde_json::from_str(&json).expect("we wrote it");
            assert!(by_serde.to_bytes() == bytes);
            let _ = format!("{pending:?}");
        }
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains("cAnArY"));
            if let Ok(text) = std::str::from_utf8(input) {
                let json = serde_json::to_string(text).expect("it is a string");
                assert!(serde_json::from_str::<PendingAuthorization>(&json).is_err());
            }
        }
    }
    if let Err(error) = serde_json::from_slice::<PendingAuthorization>(input) {
        assert!(!format!("{error} {error:?}").contains("cAnArY"));
    }
});
