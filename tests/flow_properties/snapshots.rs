//! Stored bytes: what was written is read, and nothing that is read makes the crate panic.

use grantwire::flow::{Machine as _, SecretSnapshot, Session, SessionConfig, Step};
use grantwire::{Entropy, StoredError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::given::{CLIENT_ID, ISSUER, client, json};
use crate::machines::at;

/// A snapshot with these texts in it, as the session hands it out.
fn snapshot(refresh: &str, refreshed: bool) -> Vec<u8> {
    let entropy = Entropy::new([1; 32]);
    let mut session =
        Session::from_refresh_token(&client(), refresh, SessionConfig::new(), entropy);
    let Step::Persist(claim) = session.poll(at(0)) else { panic!("a claim was expected") };
    session.handle_persisted(at(0), grantwire::flow::Persisted::Stored).expect("it waits");
    // A token that cannot be sent is stored like any other.
    let sent = matches!(session.poll(at(0)), Step::Send(..));
    if !refreshed || !sent {
        return claim.to_bytes().to_vec();
    }
    let body = r#"{"access_token":"a1","token_type":"Bearer","expires_in":3600}"#;
    session.handle_response(at(0), &json(200, body)).expect("it waits");
    let Step::Persist(tokens) = session.poll(at(0)) else { panic!("tokens were expected") };
    tokens.to_bytes().to_vec()
}

/// Reads, and when that succeeds checks that it is written as it was read, and can be resumed.
fn read(bytes: &[u8]) -> Result<SecretSnapshot, StoredError> {
    let read = SecretSnapshot::from_bytes(bytes)?;
    let again = SecretSnapshot::from_bytes(&read.to_bytes()).expect("we wrote it");
    assert!(again == read);
    let entropy = Entropy::new([1; 32]);
    if let Ok(mut session) =
        Session::resume(&client(), read.clone(), SessionConfig::new(), at(0), entropy)
    {
        let _ = session.poll(at(0));
        let _ = (session.next_deadline(), session.access_token(at(0)), session.status());
    }
    Ok(read)
}

proptest! {
    #[test]
    fn bytes_and_back(refresh in "\\PC{1,40}|[\\x00-\\x7f]{1,40}", refreshed: bool) {
        let bytes = snapshot(&refresh, refreshed);
        let read = read(&bytes).expect("we wrote it");
        prop_assert!(read.to_bytes().as_slice() == bytes);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_damage(
        refreshed: bool,
        damage in vec((any::<Index>(), any::<u8>()), 1..6),
        cut in any::<Option<Index>>(),
    ) {
        let mut bytes = snapshot("r0", refreshed);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes);
    }

    /// Any values in the right places, absurd ones too.
    #[test]
    fn any_values(
        numbers in vec(any::<Option<u64>>(), 6),
        dead: bool,
        texts in vec(prop::option::of("[a-zA-Z0-9_-]{0,24}"), 4),
    ) {
        let mut text = format!(
            r#"{{"grantwire_session":2,"client_id":"{CLIENT_ID}","issuer":"{ISSUER}""#
        );
        let names =
            ["generation", "received", "expires", "claim_made", "claim_until", "unknown_since"];
        for (name, number) in names.iter().zip(&numbers) {
            if let Some(number) = number {
                text.push_str(&format!(r#","{name}":{number}"#));
            }
        }
        for (name, value) in
            ["access_token", "token_type", "refresh_token", "claim_owner"].iter().zip(&texts)
        {
            if let Some(value) = value {
                text.push_str(&format!(r#","{name}":"{value}""#));
            }
        }
        if dead {
            text.push_str(r#","dead":true"#);
        }
        text.push('}');
        let _ = read(text.as_bytes());
    }
}
