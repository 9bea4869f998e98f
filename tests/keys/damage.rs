//! Damaged documents and signatures: refused without a word of them, or still whole; never a panic.

use grantwire::jose::{Algorithm, KeyError, LocalKey, Signer};
use proptest::prelude::*;
use serde_json::Value;

use crate::material::*;
use crate::tools::*;

#[test]
fn debug_says_the_algorithm_and_no_more() {
    let key = LocalKey::from_jwk(Algorithm::Es256, RFC_7517_P256).unwrap();
    assert_eq!(format!("{key:?}"), "LocalKey(ES256)");
    assert_eq!(format!("{:?}", Signer::from(key)), "Signer(ES256, local)");
}

/// Replaces, removes or adds bytes.
#[derive(Debug, Clone)]
enum Edit {
    Set(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Remove(prop::sample::Index),
}

fn edits(bytes: impl Strategy<Value = u8> + Clone) -> impl Strategy<Value = Vec<Edit>> {
    let index = any::<prop::sample::Index>;
    let edit = prop_oneof![
        4 => (index(), bytes.clone()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        1 => index().prop_map(Edit::Cut),
        2 => (index(), bytes).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        2 => index().prop_map(Edit::Remove),
    ];
    prop::collection::vec(edit, 1..5)
}

fn edited(document: &[u8], edits: Vec<Edit>) -> Vec<u8> {
    let mut bytes = document.to_vec();
    for edit in edits {
        if bytes.is_empty() {
            break;
        }
        match edit {
            Edit::Set(at, byte) => *at.get_mut(&mut bytes) = byte,
            Edit::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Edit::Insert(at, byte) => bytes.insert(at.index(bytes.len()), byte),
            Edit::Remove(at) => drop(bytes.remove(at.index(bytes.len()))),
        }
    }
    bytes
}

/// A damaged document is refused without a word of it, or still holds a whole key.
fn refused_or_whole(loaded: Result<LocalKey, KeyError>, secret: &str) -> Result<(), TestCaseError> {
    match loaded {
        Ok(key) => prop_assert!(signs(&key)),
        Err(error) => {
            let said = said(&error);
            for start in 0..secret.len() - 8 {
                prop_assert!(!said.contains(&secret[start..start + 8]), "{said}");
            }
        }
    }
    Ok(())
}

fn printable() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![32_u8..127, Just(b'\n')]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_damaged_pem_is_refused_or_whole(
        row in prop::sample::select(CONTAINERS),
        algorithm in prop::sample::select(Algorithm::ALL),
        fitting in any::<bool>(),
        edits in edits(printable()),
    ) {
        let (_, kind, pem, _) = row;
        let algorithm = if fitting { some_algorithm(kind) } else { algorithm };
        let secret = pem.lines().nth_back(1).unwrap();
        let damaged = String::from_utf8(edited(pem.as_bytes(), edits)).unwrap();
        refused_or_whole(LocalKey::from_pem(algorithm, &damaged), &format!("{secret}{secret}"))?;
    }

    #[test]
    fn a_damaged_der_is_refused_or_whole(
        row in prop::sample::select(CONTAINERS),
        algorithm in prop::sample::select(Algorithm::ALL),
        fitting in any::<bool>(),
        edits in edits(any::<u8>()),
    ) {
        let (_, kind, pem, _) = row;
        let algorithm = if fitting { some_algorithm(kind) } else { algorithm };
        refused_or_whole(LocalKey::from_der(algorithm, &edited(&der(pem), edits)), "no text in here")?;
    }

    #[test]
    fn a_damaged_jwk_is_refused_or_whole(
        jwk in prop::sample::select(vec![
            RFC_7515_RSA, RFC_7515_P256, RFC_7515_P521, RFC_7517_P256, RFC_7517_RSA, RFC_8037_ED25519,
        ]),
        algorithm in prop::sample::select(Algorithm::ALL),
        edits in edits(printable()),
    ) {
        let members: Value = serde_json::from_str(jwk).unwrap();
        let damaged = String::from_utf8(edited(jwk.as_bytes(), edits)).unwrap();
        refused_or_whole(LocalKey::from_jwk(algorithm, &damaged), members["d"].as_str().unwrap())?;
    }

    #[test]
    fn any_signature_is_refused_or_of_the_right_length(
        algorithm in prop::sample::select(Algorithm::ALL),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let unsigned = unsigned(algorithm);
        if let Ok(jws) = unsigned.finish(&unsigned.signed(bytes)) {
            let (_, signature) = jws.expose().rsplit_once('.').unwrap();
            let len = decode(signature).len();
            prop_assert!(algorithm.signature_len().map_or(len >= 256, |expected| len == expected));
        }
    }
}
