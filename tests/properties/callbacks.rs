//! Callbacks: the same answer by every road, and the code brings its verifier along.

use grantwire::authorization::{Callback, CallbackErrorKind, PendingAuthorization};
use grantwire::grant::AuthorizationCode;
use grantwire::pkce::CodeVerifier;
use grantwire::{EndpointUri, Entropy, Timestamp};
use proptest::prelude::*;

use crate::text::*;
use crate::urls::{Pkce, sent};

/// One callback by every road it can come.
fn roads(form: &str) -> Vec<Callback> {
    vec![
        Callback::from_query(form),
        Callback::from_query(&format!("?{form}")),
        Callback::from_fragment(form),
        Callback::from_fragment(&format!("#{form}")),
        Callback::from_form(form.as_bytes()),
        Callback::from_url(&format!("https://client.example/cb?{form}")),
        Callback::from_url(&format!("https://client.example/cb?a=b#{form}")),
        Callback::from_url(&format!("/cb?{form}")),
        Callback::from_url(&format!("/cb?{form}#")),
    ]
}

fn kept(bytes: &[u8]) -> PendingAuthorization {
    PendingAuthorization::from_bytes(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_road_gives_the_code_and_its_verifier(
        sent in sent(),
        code in visible(1..30),
        others in pairs(0..5),
        seed in any::<[u8; 32]>(),
    ) {
        prop_assume!(EndpointUri::parse(&sent.endpoint()).is_ok());
        let (url, pending) = sent.start(seed);
        let url: Vec<(String, String)> =
            serde_urlencoded::from_str(&url[sent.endpoint().len() + 1..]).unwrap();
        let said = |name: &str| {
            url.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        let mut form = vec![("code".to_owned(), code.clone())];
        // Whatever stands in front of it may be glued to the first pair, so it is not asked for.
        let stored: serde_json::Value = serde_json::from_slice(&pending.to_bytes()).unwrap();
        form.push(("state".to_owned(), stored["state"].as_str().unwrap().to_owned()));
        if let Some(issuer) = &sent.issuer {
            form.push(("iss".to_owned(), issuer.clone()));
        }
        form.extend(others.clone());
        let form = serde_urlencoded::to_string(form).unwrap();
        for callback in roads(&form) {
            let response = kept(&pending.to_bytes()).response(callback).unwrap();
            for (name, value) in &others {
                prop_assert_eq!(response.parameter(name), Some(value.as_str()));
            }
            let checked = response.into_code().unwrap();
            prop_assert_eq!(checked.expose(), &code);
            let exchange = sent.client().token(AuthorizationCode::new(checked));
            let request = exchange.request(Timestamp::EPOCH, &mut Entropy::new([1; 32])).unwrap();
            let body: Vec<(String, String)> = serde_urlencoded::from_bytes(request.body()).unwrap();
            let sent_again = |name: &str| {
                body.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            };
            prop_assert_eq!(sent_again("redirect_uri"), sent.redirect_uri.clone());
            let verifier = sent_again("code_verifier");
            let challenge = match sent.pkce {
                Pkce::S256 => verifier.map(|text| CodeVerifier::from_text(text).unwrap().challenge()),
                Pkce::Plain => verifier,
                Pkce::Off => {
                    prop_assert_eq!(verifier, None);
                    None
                }
            };
            prop_assert_eq!(challenge, said("code_challenge"));
        }
    }

    #[test]
    fn another_state_leaves_the_pending_value_unharmed(
        sent in sent(),
        other in text(0..50),
        seed in any::<[u8; 32]>(),
    ) {
        prop_assume!(EndpointUri::parse(&sent.endpoint()).is_ok());
        let (_, pending) = sent.start(seed);
        let bytes = pending.to_bytes();
        prop_assume!(sent.state.as_ref() != Some(&other));
        for error in ["", "error=access_denied&"] {
            let form = serde_urlencoded::to_string([("code", "c"), ("state", &other)]).unwrap();
            for callback in roads(&format!("{error}{form}")) {
                let refused = kept(&bytes).response(callback).unwrap_err();
                prop_assert_eq!(refused.kind(), &CallbackErrorKind::NotForThisFlow);
                prop_assert!(refused.into_pending().unwrap().to_bytes() == bytes);
            }
        }
    }
}
