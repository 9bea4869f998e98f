//! What is kept between redirect and callback: whole after any trip through storage, and refused
//! without a word of it when it is damaged.

use grantwire::EndpointUri;
use grantwire::authorization::PendingAuthorization;
use proptest::prelude::*;

use crate::text::*;
use crate::urls::sent;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn storage_changes_nothing(sent in sent(), seed in any::<[u8; 32]>()) {
        prop_assume!(EndpointUri::parse(&sent.endpoint()).is_ok());
        let (_, pending) = sent.start(seed);
        let bytes = pending.to_bytes();
        let back = PendingAuthorization::from_bytes(&bytes).unwrap();
        prop_assert!(back.to_bytes() == bytes);
        prop_assert_eq!(back.nonce(), sent.nonce.as_deref().filter(|nonce| !nonce.is_empty()));
        prop_assert_eq!(back.client_id().as_str(), sent.id);
        prop_assert_eq!(back.issuer().map(|issuer| issuer.as_str().to_owned()), sent.issuer);

        let json = serde_json::to_string(&pending).unwrap();
        let back: PendingAuthorization = serde_json::from_str(&json).unwrap();
        prop_assert!(back.to_bytes() == bytes);
    }

    #[test]
    fn damage_is_refused_or_harmless(sent in sent(), edits in edits(), seed in any::<[u8; 32]>()) {
        prop_assume!(EndpointUri::parse(&sent.endpoint()).is_ok());
        let (_, pending) = sent.start(seed);
        let damaged = edited(&pending.to_bytes(), edits);
        match PendingAuthorization::from_bytes(&damaged) {
            // Nothing is sealed, so a changed value can be a good one; it must then stay what it is.
            Ok(pending) => {
                let bytes = pending.to_bytes();
                let again = PendingAuthorization::from_bytes(&bytes).unwrap();
                prop_assert!(again.to_bytes() == bytes);
            }
            Err(error) => prop_assert!(!error.to_string().contains(&sent.id) || sent.id.len() < 5),
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in bytes(STORED)) {
        let read = PendingAuthorization::from_bytes(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let json = serde_json::to_string(&text).unwrap();
        let by_serde = serde_json::from_str::<PendingAuthorization>(&json);
        if text.as_bytes() == bytes {
            prop_assert_eq!(read.is_ok(), by_serde.is_ok());
        }
        let _ = serde_json::from_slice::<PendingAuthorization>(&bytes);
    }
}

const STORED: &[&str] = &[
    r#"{"grantwire_pending":2,"state":"s","nonce":"","code_verifier":"","client_id":"c","iss_required":false,"code_only":true}"#,
    r#"{"grantwire_pending":2,"state":"s","nonce":"n","code_verifier":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","client_id":"c","redirect_uri":"https://client.example/cb","issuer":"https://as.example","token_endpoint":"https://as.example/token","iss_required":true,"code_only":false}"#,
    r#"{"grantwire_pending":3}"#,
];
