//! Stored authorizations that hold the canary and cannot be read, by every road serde has.

use std::fmt::Debug;

use grantwire::authorization::PendingAuthorization;
use grantwire::{Entropy, Error};
use serde::de::value::{
    BoolDeserializer, BytesDeserializer, CharDeserializer, F64Deserializer, I64Deserializer,
    MapDeserializer, SeqDeserializer, StrDeserializer, U64Deserializer, UnitDeserializer,
};
use serde::de::{Deserialize, Deserializer, IntoDeserializer};

use crate::needle::{CANARY, Needle};
use crate::parties::client;
use crate::watch::Watch;

/// Texts that are no pending authorization; `@` stands for the canary.
const TEXTS: &[&str] = &[
    "@",
    "\"@\"",
    "[\"@\"]",
    r#"{"@":"@"}"#,
    r#"{"grantwire_pending":"@"}"#,
    r#"{"grantwire_pending":3,"state":"@"}"#,
    r#"{"grantwire_pending":2,"state":"@"}"#,
    r#"{"grantwire_pending":2,"state":"@","state":"@"}"#,
    r#"{"grantwire_pending":2,"state":["@"],"nonce":"@","code_verifier":"@","client_id":"@","iss_required":"@"}"#,
    r#"{"grantwire_pending":2,"state":"@","nonce":"@","code_verifier":"@@@@","client_id":"@","iss_required":true,"code_only":true}"#,
    r#"{"grantwire_pending":2,"state":"@","nonce":"@","code_verifier":"@","client_id":"@\n","iss_required":true,"code_only":true}"#,
    r#"{"grantwire_pending":2,"state":"@","nonce":"@","code_verifier":"@","client_id":"c","redirect_uri":"@#@","iss_required":true,"code_only":true}"#,
    r#"{"grantwire_pending":2,"state":"@","nonce":"@","code_verifier":"@","client_id":"c","issuer":"@ @","iss_required":true,"code_only":true}"#,
];

pub fn show(watch: &mut Watch) {
    for text in TEXTS {
        let text = text.replace('@', CANARY);
        let error = PendingAuthorization::from_bytes(text.as_bytes()).unwrap_err();
        watch.error(&error);
        watch.error(&Error::from(error));
        watch.failure(serde_json::from_str::<PendingAuthorization>(&text));
        let quoted = serde_json::to_string(&text).unwrap();
        watch.failure(serde_json::from_str::<PendingAuthorization>(&quoted));
        watch.failure(serde_json::from_str::<Vec<PendingAuthorization>>(&format!("[{quoted}]")));
    }
    let request = client().authorization().state(CANARY);
    let pending = request.start(&mut Entropy::new([7; 32])).unwrap().pending;
    let cut = &pending.to_bytes()[..90];
    watch.failure(PendingAuthorization::from_bytes(cut));

    type Simple = serde::de::value::Error;
    watch.failure(read(StrDeserializer::<Simple>::new(CANARY)));
    watch.failure(read(BytesDeserializer::<Simple>::new(CANARY.as_bytes())));
    watch.failure(read(SeqDeserializer::<_, Simple>::new([CANARY].into_iter())));
    watch.failure(read(MapDeserializer::<_, Simple>::new([(CANARY, CANARY)].into_iter())));
    watch.failure(read(UnitDeserializer::<Simple>::new()));
    watch.failure(read(IntoDeserializer::<Simple>::into_deserializer(CANARY.to_owned())));
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<PendingAuthorization, D::Error> {
    PendingAuthorization::deserialize(from)
}

/// Numbers are too short for the canary, and serde's own messages quote them.
#[test]
fn not_even_a_number_is_quoted() {
    type Simple = serde::de::value::Error;
    fn silent<E: Debug + std::fmt::Display>(read: Result<PendingAuthorization, E>) {
        let error = read.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("73059") && !said.contains("true") && !said.contains('✓'), "{said}");
    }
    silent(read(U64Deserializer::<Simple>::new(7305918264)));
    silent(read(I64Deserializer::<Simple>::new(-7305918264)));
    silent(read(F64Deserializer::<Simple>::new(7.305918264e9)));
    silent(read(BoolDeserializer::<Simple>::new(true)));
    silent(read(CharDeserializer::<Simple>::new('✓')));
    for json in ["7305918264", "-7305918264", "73059.18264", "true", "[7305918264]"] {
        silent(serde_json::from_str(json));
        silent(serde_json::from_value(serde_json::from_str(json).unwrap()));
    }
}

/// What is stored is meant to hold secrets: the search would find them there.
#[test]
fn the_bytes_themselves_hold_it() {
    let request = client().authorization().state(CANARY);
    let pending = request.start(&mut Entropy::new([7; 32])).unwrap().pending;
    let needle = Needle::new(CANARY.as_bytes());
    assert!(needle.is_in(&String::from_utf8_lossy(&pending.to_bytes())));
    assert!(needle.is_in(&serde_json::to_string(&pending).unwrap()));
}
