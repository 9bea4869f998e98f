//! What is stored, of every kind: it reads back as it was, in whatever order and spacing a database keeps
//! JSON, and anything else is a [`StoredError`].
//!
//! What each kind's members mean is tried where that kind is.

#[path = "given/mod.rs"]
mod given;

use given::{CLIENT_ID, ISSUER, TOKEN, client, json};
use grantwire::authorization::PendingAuthorization;
use grantwire::flow::{Machine as _, Persisted, SecretSnapshot, Session, SessionConfig, Step};
use grantwire::registration::{ClientMetadata, Registration, RegistrationRequest};
use grantwire::{AuthorizationServer, Client, Endpoint, Entropy, StoredError, Timestamp, danger};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};

/// Reads, and writes again.
type Again = fn(&[u8]) -> Result<Vec<u8>, StoredError>;

#[derive(Debug, Clone)]
struct Stored {
    bytes: Vec<u8>,
    again: Again,
}

const PENDING: Again = |bytes| Ok(PendingAuthorization::from_bytes(bytes)?.to_bytes().to_vec());
const REGISTRATION: Again = |bytes| Ok(Registration::from_bytes(bytes)?.to_bytes().to_vec());
const SNAPSHOT: Again = |bytes| Ok(SecretSnapshot::from_bytes(bytes)?.to_bytes().to_vec());

fn pending(state: &str, nonce: &str, insecure: bool) -> Option<Stored> {
    let server = AuthorizationServer::new().authorization_endpoint("https://as.example/authorize");
    let client = match insecure {
        false => Client::new(server.issuer(ISSUER).token_endpoint(TOKEN), CLIENT_ID),
        true => Client::new(
            server.endpoint_insecure(Endpoint::Token, "http://intranet/t?a=b", danger::PlainHttp),
            CLIENT_ID,
        ),
    };
    let request = client.authorization().redirect_uri("https://client.example/cb?a=b");
    let started = request.state(state).nonce(nonce).start(&mut Entropy::new([7; 32])).ok()?;
    Some(Stored { bytes: started.pending.to_bytes().to_vec(), again: PENDING })
}

fn registration(secret: &str, token: &str, more: &str) -> Option<Stored> {
    let server = AuthorizationServer::new().registration_endpoint("https://as.example/register");
    let request = RegistrationRequest::new(&server, ClientMetadata::new());
    let body = serde_json::json!({
        "client_id": CLIENT_ID,
        "client_secret": secret,
        "client_secret_expires_at": if more.is_empty() { Value::from(more) } else { 7.into() },
        "client_id_issued_at": 1_752_702_206_u64,
        "registration_access_token": token,
        "registration_client_uri": "https://as.example/register/c",
        "token_endpoint_auth_method": "client_secret_basic",
        "more": more,
    });
    let read = request.read(&json(201, body.to_string())).ok()?;
    Some(Stored { bytes: read.to_bytes().to_vec(), again: REGISTRATION })
}

/// A session's snapshot after so many steps: brought along, claimed, refreshed.
fn snapshot(refresh: &str, access: &str, steps: usize) -> Option<Stored> {
    let now = Timestamp::from_unix_seconds(1_752_702_206);
    let entropy = Entropy::new([7; 32]);
    let mut session =
        Session::from_refresh_token(&client(), refresh, SessionConfig::new(), entropy);
    let mut kept = session.snapshot().clone();
    for _ in 0..steps {
        match session.poll(now) {
            Step::Persist(next) => {
                kept = next;
                session.handle_persisted(now, Persisted::Stored).expect("it waits");
            }
            Step::Send(..) => {
                let body = serde_json::json!({
                    "access_token": access, "token_type": "DPoP", "expires_in": 60,
                });
                session.handle_response(now, &json(200, body.to_string())).expect("it waits");
            }
            _ => break,
        }
    }
    Some(Stored { bytes: kept.to_bytes().to_vec(), again: SNAPSHOT })
}

/// Any kind, holding any text that its maker takes: quotes, control characters, long ones.
fn stored() -> impl Strategy<Value = Stored> {
    let text =
        || prop_oneof!["[ -~]{1,40}", "\\PC{1,20}", "[\\x00-\\x7f]{1,20}", "[\"\\\\]{900,1400}"];
    prop_oneof![
        (text(), text(), any::<bool>()).prop_filter_map("refused", |(state, nonce, insecure)| {
            pending(&state, &nonce, insecure)
        }),
        (text(), "[!-~]{1,40}", prop_oneof![Just(String::new()), text()])
            .prop_filter_map("refused", |(secret, token, more)| registration(
                &secret, &token, &more
            )),
        (text(), "[!-~]{1,40}", 0..5_usize)
            .prop_filter_map("refused", |(refresh, access, steps)| snapshot(
                &refresh, &access, steps
            )),
    ]
}

fn members(stored: &Stored) -> Map<String, Value> {
    serde_json::from_slice(&stored.bytes).expect("it is an object")
}

/// An object of these members in this order, repeated names and all.
fn object<'m>(members: impl IntoIterator<Item = (&'m String, &'m Value)>) -> Vec<u8> {
    let one = |(name, value)| format!("{} : {value}", Value::String(String::clone(name)));
    format!(" {{\n{} }}", members.into_iter().map(one).collect::<Vec<_>>().join("\t,\r\n")).into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn it_reads_back(stored in stored()) {
        prop_assert!((stored.again)(&stored.bytes).as_deref() == Ok(&stored.bytes[..]));
    }

    /// A database's own type for JSON keeps neither order nor spacing.
    #[test]
    fn order_and_spacing_do_not_count(stored in stored(), first in any::<Index>()) {
        let members = members(&stored);
        let moved: Vec<_> = members.iter().collect();
        let (front, back) = moved.split_at(first.index(moved.len()));
        let again = (stored.again)(&object(back.iter().chain(front).copied()));
        prop_assert!(again.as_deref() == Ok(&stored.bytes[..]));
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_malformed(
        stored in stored(),
        end in any::<Index>(),
        more in "[^ \t\r\n]\\PC{0,9}",
    ) {
        let cut = (stored.again)(&stored.bytes[..end.index(stored.bytes.len())]);
        prop_assert_eq!(cut, Err(StoredError::Malformed));
        let longer = [&stored.bytes, more.as_bytes()].concat();
        prop_assert_eq!((stored.again)(&longer), Err(StoredError::Malformed));
    }

    #[test]
    fn a_member_that_stands_twice_or_is_not_known_is_malformed(
        stored in stored(),
        which in any::<Index>(),
        name in "[a-z_]{0,9}",
    ) {
        let members = members(&stored);
        let twice = members.iter().nth(which.index(members.len()));
        let doubled = object(members.iter().chain(twice));
        prop_assert_eq!((stored.again)(&doubled), Err(StoredError::Malformed));
        let (other, value) = (format!("{name}?"), Value::Null);
        let strange = object(members.iter().chain([(&other, &value)]));
        prop_assert_eq!((stored.again)(&strange), Err(StoredError::Malformed));
    }

    /// Left out, of another type, or another's value: refused, or read as what it now says.
    #[test]
    fn other_members_are_refused_or_stay_what_they_are(
        stored in stored(),
        (which, other) in any::<(Index, Index)>(),
        way in 0..6_u8,
    ) {
        let mut members = members(&stored);
        let name = members.keys().nth(which.index(members.len())).expect("one").clone();
        let another = members.values().nth(other.index(members.len())).expect("one").clone();
        let value = match way {
            0 => None,
            1 => Some(Value::Array(Vec::new())),
            2 => Some(Value::Object(Map::new())),
            3 => Some(Value::Null),
            4 => Some(Value::from(-1)),
            _ => Some(another),
        };
        match value {
            None => drop(members.remove(&name)),
            Some(value) => drop(members.insert(name.clone(), value)),
        }
        match (stored.again)(&object(&members)) {
            Err(_) => {}
            Ok(written) => {
                prop_assert!(![1, 2, 4].contains(&way), "{} was taken", name);
                prop_assert!((stored.again)(&written).as_deref() == Ok(&written[..]));
            }
        }
    }

    #[test]
    fn another_version_or_another_kind_is_not_read(stored in stored(), other in stored()) {
        let mut members = members(&stored);
        let name = members.keys().find(|name| name.starts_with("grantwire_")).expect("one").clone();
        for version in [Value::from(0), Value::from(u64::MAX)] {
            members.insert(name.clone(), version);
            prop_assert_eq!((stored.again)(&object(&members)), Err(StoredError::Version));
        }
        if (stored.again)(&other.bytes).is_ok() {
            prop_assert!((stored.again as usize) == (other.again as usize));
        }
    }
}

/// Texts that do not fit into the first buffer, one after the other.
#[test]
fn long_ones_read_back() {
    for len in [10, 1000, 1023, 1024, 1025, 5000, 200_000] {
        for piece in ["a", "\"", "\u{1}", "\u{1F600}"] {
            let text = piece.repeat(len);
            let kept = snapshot(&text, "a", 2).expect("one");
            let again = (kept.again)(&kept.bytes);
            assert!(again.as_deref() == Ok(&kept.bytes[..]), "{len} times {piece:?}");
        }
    }
}

/// No buffer grows without a word, whatever is in it: its first place, and one more when that is too small.
#[test]
fn few_allocations() {
    let allocations = |stored: &Stored| {
        let read = SecretSnapshot::from_bytes(&stored.bytes).expect("what was stored");
        allocation_counter::measure(|| drop(read.to_bytes())).count_total
    };
    assert_eq!(allocations(&snapshot("r", "a", 0).expect("one")), 1);
    assert_eq!(allocations(&snapshot(&"r".repeat(100_000), "a", 0).expect("one")), 2);
}
