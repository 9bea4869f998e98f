//! Token requests: what goes in comes out, in order, once, encoded as a form is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantwire::{BuildError, Entropy, Timestamp};
use http::Request;
use proptest::prelude::*;
use serde_json::Value;

use crate::asked::*;

type Pairs = Vec<(String, String)>;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_752_702_206);

fn built(asked: &Asked, entropy: &mut Entropy) -> Request<Vec<u8>> {
    let exchange = asked.exchange();
    if asked.method != Method::RemoteKey {
        return exchange.request(NOW, entropy).unwrap();
    }
    assert_eq!(exchange.request(NOW, entropy).unwrap_err(), BuildError::NeedsSignature);
    let mut draft = exchange.draft(NOW, entropy).unwrap();
    let signature = draft.unsigned().unwrap().signed([0x55; 64]);
    draft.sign(&signature).unwrap();
    draft.finish().unwrap()
}

fn pairs_of(body: &[u8]) -> Pairs {
    serde_urlencoded::from_bytes(body).unwrap()
}

/// Takes the assertion off the end.
fn split_assertion(method: Method, mut pairs: Pairs) -> (Pairs, Option<String>) {
    if !method.is_assertion() {
        return (pairs, None);
    }
    let kind = pairs.pop().unwrap();
    assert_eq!((kind.0.as_str(), kind.1.as_str()), ("client_assertion_type", ASSERTION_TYPE));
    let (name, assertion) = pairs.pop().unwrap();
    assert_eq!(name, "client_assertion");
    (pairs, Some(assertion))
}

fn claims(assertion: &str) -> Value {
    let payload = assertion.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Undoes HTTP Basic and what each half was escaped with.
fn identity(header: &str, method: Method) -> (String, String) {
    let pair = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
    let pair = String::from_utf8(pair).unwrap();
    let (id, secret) = pair.split_once(':').unwrap();
    let undo = |text: &str| {
        let read: Pairs = serde_urlencoded::from_str(&format!("x={text}")).unwrap();
        read.into_iter().next().unwrap().1
    };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    match method {
        Method::BasicRaw => (id.to_owned(), secret.to_owned()),
        Method::BasicForm => {
            let by_the_letter = serde_urlencoded::to_string([("", undo(id))]).unwrap();
            assert_eq!(by_the_letter.strip_prefix('='), Some(id));
            (undo(id), undo(secret))
        }
        // Every kind of server must read it alike, so there is no `+` for a space.
        _ => {
            assert!(pair.bytes().all(|byte| unreserved(byte) || byte == b':'), "{pair}");
            (undo(id), undo(secret))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn what_goes_in_comes_out(asked in asked()) {
        let request = built(&asked, &mut Entropy::new([7; 32]));
        let pairs = pairs_of(request.body());
        let encoded = serde_urlencoded::to_string(&pairs).unwrap();
        prop_assert_eq!(std::str::from_utf8(request.body()).unwrap(), encoded);
        prop_assert_eq!(request.body().capacity(), request.body().len());
        let (pairs, assertion) = split_assertion(asked.method, pairs);
        prop_assert_eq!(pairs, asked.pairs());
        prop_assert_eq!(request.uri(), "https://as.example/token?tenant=a%20b&x");
        prop_assert_eq!(request.headers()["x-agent"].as_bytes(), asked.agent.as_bytes());
        prop_assert_eq!(request.headers().contains_key("authorization"), asked.method.is_basic());
        if let Some(value) = request.headers().get("authorization") {
            prop_assert!(value.is_sensitive());
            let found = identity(value.to_str().unwrap(), asked.method);
            prop_assert_eq!(found, (asked.id.clone(), asked.secret.clone()));
        }
        if let Some(assertion) = assertion {
            let claims = claims(&assertion);
            prop_assert_eq!(&claims["iss"], &asked.id);
            prop_assert_eq!(&claims["sub"], &asked.id);
            prop_assert_eq!(&claims["aud"], ISSUER);
            prop_assert_eq!(&claims["iat"], NOW.as_unix_seconds());
            prop_assert_eq!(&claims["exp"], NOW.as_unix_seconds() + 60);
        }
    }

    #[test]
    fn parameters_are_unique_and_in_order(asked in asked()) {
        let request = built(&asked, &mut Entropy::new([7; 32]));
        let names: Vec<_> = pairs_of(request.body()).into_iter().map(|(name, _)| name).collect();
        prop_assert_eq!(&names[0], "grant_type");
        for (at, name) in names.iter().enumerate() {
            let again = names[..at].contains(name);
            prop_assert!(!again || matches!(name.as_str(), "resource" | "audience"), "{}", name);
        }
        let is_credential = |name: &String| name.starts_with("client_");
        let first = names.iter().position(is_credential).unwrap_or(names.len());
        prop_assert!(names[first..].iter().all(is_credential), "{:?}", names);
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let places = ["scope", "resource", "audience"].map(place);
        prop_assert!(places.iter().flatten().is_sorted(), "{:?}", names);
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(asked in asked(), seed in any::<[u8; 32]>()) {
        let [one, two] = [seed; 2].map(|seed| built(&asked, &mut Entropy::new(seed)));
        prop_assert_eq!(one.method(), two.method());
        prop_assert_eq!(one.uri(), two.uri());
        prop_assert_eq!(one.headers(), two.headers());
        prop_assert_eq!(one.body(), two.body());
    }

    #[test]
    fn no_two_requests_share_a_jti(asked in asked(), seed in any::<[u8; 32]>()) {
        prop_assume!(asked.method.is_assertion());
        let mut entropy = Entropy::new(seed);
        let jtis: Vec<_> = (0..4)
            .map(|_| {
                let pairs = pairs_of(built(&asked, &mut entropy).body());
                let (_, assertion) = split_assertion(asked.method, pairs);
                claims(&assertion.unwrap())["jti"].as_str().unwrap().to_owned()
            })
            .collect();
        for (at, jti) in jtis.iter().enumerate() {
            prop_assert!(jti.len() >= 22, "less than 128 bits");
            prop_assert!(!jtis[..at].contains(jti));
        }
    }
}
