//! What is stored, and what is not taken for it.

use grantwire::client::TlsClientAuth;
use grantwire::{AuthorizationServer, Endpoint, StoredError};

use crate::given::{CLIENT_ID, ISSUER, TOKEN};

use super::*;

/// Snapshots of every kind that a session hands out.
fn every_kind() -> Vec<SecretSnapshot> {
    let mut all = vec![
        Session::from_refresh_token(&client(), "r\"\\\u{1}é", config(), random(1))
            .snapshot()
            .clone(),
    ];
    for reply in [answered("a1", "r1"), refusal("invalid_grant"), json(503, ""), json(500, "")] {
        let mut store = Store::default();
        let mut session = fresh(config(), &mut store);
        all.push(store.held());
        send(&mut session, &mut store, HOUR);
        all.push(store.held());
        session.handle_response(at(HOUR), &reply).unwrap();
        store.serve(&mut session, HOUR);
        all.push(store.held());
    }
    all
}

#[test]
fn bytes_and_back() {
    for snapshot in every_kind() {
        let bytes = snapshot.to_bytes();
        let again = SecretSnapshot::from_bytes(&bytes).unwrap();
        assert!(again == snapshot);
        assert!(again.to_bytes() == bytes);
        Session::resume(&client(), again, config(), at(0), random(1)).unwrap();
    }
}

#[test]
fn a_truncated_one_is_malformed() {
    for snapshot in every_kind() {
        let bytes = snapshot.to_bytes();
        for end in 0..bytes.len() {
            let cut = SecretSnapshot::from_bytes(&bytes[..end]);
            assert_eq!(cut.unwrap_err(), StoredError::Malformed, "cut at {end}");
        }
    }
}

#[test]
fn another_clients_or_servers_is_not_resumed() {
    let mut store = Store::default();
    drop(fresh(config(), &mut store));
    let resume = |client: &Client| {
        Session::resume(client, store.held(), config(), at(0), random(1)).unwrap_err()
    };
    let [client, server] = strangers();
    assert_eq!(resume(&client), StoredError::OtherClient);
    assert_eq!(resume(&server), StoredError::OtherServer);
}

/// A row outlives changes of the configuration: an issuer is learned, an endpoint moves, a certificate is used.
#[test]
fn a_server_is_the_same_by_its_issuer_or_its_token_endpoint() {
    const ELSEWHERE: &str = "https://elsewhere.example/token";
    let known = |issuer: &str, endpoint: &str| {
        let server = AuthorizationServer::new().token_endpoint(endpoint);
        Client::new(if issuer.is_empty() { server } else { server.issuer(issuer) }, CLIENT_ID)
    };
    let alias = AuthorizationServer::new().token_endpoint(TOKEN);
    let alias = alias.mtls_endpoint_alias(Endpoint::Token, "https://mtls.as.example/token");
    let certified = Client::new(alias, CLIENT_ID).auth(TlsClientAuth::new());
    let stored = |client: &Client| {
        let session = Session::from_refresh_token(client, "r0", config(), random(1));
        SecretSnapshot::from_bytes(&session.snapshot().to_bytes()).unwrap()
    };
    let resumed = |stored: &SecretSnapshot, client: &Client| {
        Session::resume(client, stored.clone(), config(), at(0), random(1))
    };
    let (plain, whole) = (stored(&known("", TOKEN)), stored(&known(ISSUER, TOKEN)));
    for same in [&known(ISSUER, TOKEN), &known("", TOKEN), &certified] {
        assert!(resumed(&plain, same).is_ok() && resumed(&whole, same).is_ok());
    }
    assert!(resumed(&whole, &known(ISSUER, ELSEWHERE)).is_ok(), "the endpoint has moved");
    for (row, other) in [
        (&plain, known("", ELSEWHERE)),
        (&plain, known(ISSUER, ELSEWHERE)),
        (&whole, known("", ELSEWHERE)),
        (&whole, known("https://evil.example", ELSEWHERE)),
    ] {
        assert_eq!(resumed(row, &other).unwrap_err(), StoredError::OtherServer);
    }
    // What is written next has all that is known by then, so that both may change, one after the other.
    let mut session = resumed(&plain, &known(ISSUER, TOKEN)).unwrap();
    let next = to_store(session.poll(at(0)));
    assert!(resumed(&next, &known(ISSUER, ELSEWHERE)).is_ok());
}

/// A stored session with these members in the place of those it had.
fn read(members: &str) -> Result<SecretSnapshot, StoredError> {
    let head = r#""generation":3,"client_id":"s6BhdRkqt3","issuer":"https://as.example""#;
    let comma = if members.is_empty() { "" } else { "," };
    let text = format!("{{\"grantwire_session\":2,{head}{comma}{members}}}");
    SecretSnapshot::from_bytes(text.as_bytes())
}

#[test]
fn another_version_is_said_to_be_that() {
    for version in ["0", "1", "18446744073709551615"] {
        let text = format!(
            r#"{{"grantwire_session":{version},"generation":3,"client_id":"c","issuer":"s"}}"#
        );
        let error = SecretSnapshot::from_bytes(text.as_bytes()).unwrap_err();
        assert_eq!(error, StoredError::Version, "{version}");
    }
}

#[test]
fn what_no_session_ever_wrote() {
    use StoredError::{Inconsistent, Malformed};
    assert!(read("").is_ok() && read(r#""refresh_token":"r""#).is_ok());
    let claim = r#""claim_owner":"AAAAAAAAAAAAAAAAAAAAAA","claim_made":5,"claim_until":9"#;
    assert!(read(&format!(r#""refresh_token":"r",{claim}"#)).is_ok());
    for (members, wanted) in [
        (claim.to_owned(), Inconsistent),
        (r#""unknown_since":5"#.to_owned(), Inconsistent),
        (r#""dead":true,"refresh_token":"r""#.to_owned(), Inconsistent),
        (r#""refresh_token":"""#.to_owned(), Inconsistent),
        (r#""access_token":"a""#.to_owned(), Inconsistent),
        (r#""access_token":"","token_type":"Bearer","received":1"#.to_owned(), Inconsistent),
        (r#""refresh_token":"r","claim_made":5,"claim_until":9"#.to_owned(), Inconsistent),
        (format!(r#""refresh_token":"r",{}"#, claim.replace("AAAAAAAA", "")), Inconsistent),
        (format!(r#""refresh_token":"r",{}"#, claim.replace(":9", ":4")), Inconsistent),
        (r#""refresh_token":7"#.to_owned(), Malformed),
        (r#""refresh_token":"r","refresh_token":"s""#.to_owned(), Malformed),
        (r#""unknown_since":-1,"refresh_token":"r""#.to_owned(), Malformed),
    ] {
        assert_eq!(read(&members).unwrap_err(), wanted, "{members}");
    }
    for text in ["", "{}", "[]", "null", "\u{feff}", "{\"grantwire_pending\":1}"] {
        assert_eq!(SecretSnapshot::from_bytes(text.as_bytes()).unwrap_err(), Malformed, "{text}");
    }
    assert_eq!(SecretSnapshot::from_bytes(&[0xFF; 8]).unwrap_err(), Malformed);
    assert_eq!(SecretSnapshot::from_bytes(&vec![b' '; 2 << 20]).unwrap_err(), Malformed);
    let too_large = SecretSnapshot::from_bytes(&vec![b' '; (16 << 20) + 1]);
    assert_eq!(too_large.unwrap_err(), StoredError::TooLarge);
}

#[test]
fn no_error_says_what_was_stored() {
    let secret = r#"{"grantwire_session":2,"refresh_token":{"cAnArY":1},"cAnArY":"cAnArY"}"#;
    let error = SecretSnapshot::from_bytes(secret.as_bytes()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("cAnArY"));
}
