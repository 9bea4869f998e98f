//! Stored bytes are refused or read, never a panic. What was read is stored again as what it is, a
//! session made of it can be driven, and no error prints anything that was stored.

#![no_main]

use grantwire::flow::{Machine, SecretSnapshot, Session, SessionConfig};
use grantwire_fuzz::machines::{beginning, client, entropy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    match SecretSnapshot::from_bytes(input) {
        Err(error) => assert!(!format!("{error} {error:?}").contains("cAnArY")),
        Ok(snapshot) => {
            assert!(!format!("{snapshot:?}").contains("cAnArY"));
            let again = SecretSnapshot::from_bytes(&snapshot.to_bytes()).expect("we wrote it");
            assert!(again == snapshot);
            let (client, config, now) = (client(false), SessionConfig::new(), beginning());
            if let Ok(mut session) = Session::resume(&client, snapshot, config, now, entropy()) {
                let _ = session.poll(now);
                let _ = (session.next_deadline(), session.access_token(now), session.status());
                assert!(!format!("{session:?}").contains("cAnArY"));
            }
        }
    }
});
