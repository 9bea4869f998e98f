//! No reply makes a door panic, and what a door cannot use it keeps.
//!
//! Every reader is given what the token endpoint's is given in `properties`, and documents of its own
//! with a few bytes changed.

use grantwire::Exchange;
use grantwire::authorization::{Callback, RequestObject};
use grantwire::jose::{Algorithm, Signer};
use grantwire::metadata::{MetadataRequest, WellKnown};
use grantwire::provider::agekey::{Age, AgeKey, AgeVerification, Host};
use grantwire::{Client, Endpoint, Quirks, ReplyError, Timestamp};
use http::{HeaderValue, Response, StatusCode};
use proptest::prelude::*;

use crate::given::{CLIENT_ID, ISSUER, entropy, own_token};
use crate::replies::{quirks, response};
use crate::text::{bytes, json, text};

/// Good answers of every door, to be damaged.
const ANSWERS: &[&str] = &[
    r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/token","authorization_endpoint":"https://as.example/a?b=c","mtls_endpoint_aliases":{"token_endpoint":"https://mtls.as.example/token"},"code_challenge_methods_supported":["S256"],"require_pushed_authorization_requests":true}"#,
    r#"{"active":true,"scope":"read write","aud":["a","b"],"exp":1419356238,"iat":1419350238,"nbf":0,"client_id":"c","username":"u","sub":"s","iss":"i","cnf":{"jkt":"x"}}"#,
    r#"{"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","expires_in":60}"#,
    r#"{"device_code":"GmRh","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT","expires_in":1800,"interval":5}"#,
    r#"{"error":"unsupported_token_type","error_description":"d"}"#,
    r#"{"attestation_challenge":"AYjcyMzY3ZDhiNmJkNTZ"}"#,
];

const CACHING: &[&str] = &["max-age=60, public", "no-store", "MAX-AGE=\"5\",,=,x=1=2"];

fn any_response() -> impl Strategy<Value = Response<Vec<u8>>> {
    let status = prop::sample::select(vec![200_u16, 201, 204, 307, 400, 401, 429, 500, 503]);
    let own = (status, bytes(ANSWERS), bytes(CACHING), any::<bool>()).prop_map(
        |(status, body, caching, typed)| {
            let mut response = Response::new(body);
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            if let Ok(value) = HeaderValue::from_bytes(&caching) {
                response.headers_mut().append("cache-control", value);
            }
            if typed {
                let kind = HeaderValue::from_static("application/json");
                response.headers_mut().insert("content-type", kind);
            }
            response
        },
    );
    prop_oneof![2 => own, 1 => response()]
}

fn client(quirks: Quirks) -> Client {
    Client::new(crate::house().quirks(quirks), CLIENT_ID)
}

/// Nothing that was received is lost, and reading it again says the same.
fn look<E: Exchange>(
    door: &E,
    response: &Response<Vec<u8>>,
) -> Result<Option<E::Output>, TestCaseError> {
    match door.read(response.into()) {
        Ok(answer) => {
            prop_assert!(response.status().is_success());
            Ok(Some(answer))
        }
        Err(error) => {
            kept(&error, response)?;
            let Err(again) = door.read(error.raw().into()) else {
                return Err(TestCaseError::fail("it failed before"));
            };
            prop_assert_eq!(again.kind(), error.kind());
            prop_assert_eq!(again.class(), error.class());
            Ok(None)
        }
    }
}

fn kept(error: &ReplyError, response: &Response<Vec<u8>>) -> Result<(), TestCaseError> {
    let _ = (format!("{error} {error:?}"), error.retry_after(), error.location());
    let _: Option<serde_json::Value> = error.extra("error");
    prop_assert_eq!(error.raw().expose_body(), response.body());
    prop_assert_eq!(error.raw().status(), response.status());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn introspection_replies(response in any_response(), quirks in quirks()) {
        let door = client(quirks.clone()).introspect("t");
        if let Some(told) = look(&door, &response)? {
            let _ = format!("{told:?} {:?}", told.deviations());
            let _ = (told.scope(), told.subject(), told.extra::<serde_json::Value>("cnf"));
            let end = told.expires().map(|end| end.saturating_since(Timestamp::EPOCH));
            prop_assert!(end.is_some() || told.expires().is_none());
            // Another reader agrees on what matters, where it can read the body at all.
            if quirks == Quirks::new()
                && let Ok(other) = serde_json::from_slice::<serde_json::Value>(response.body())
            {
                prop_assert_eq!(other["active"].as_bool(), Some(told.is_active()));
            }
        }
    }

    #[test]
    fn push_replies(response in any_response(), quirks in quirks()) {
        let door = client(quirks).authorization().push(&mut entropy()).unwrap().exchange;
        if let Some(pushed) = look(&door, &response)? {
            let uri = pushed.request_uri();
            prop_assert!(!uri.is_empty() && uri.bytes().all(|byte| byte.is_ascii_graphic()));
            let url = door.url(&pushed).unwrap();
            prop_assert_eq!(crate::given::query(&url, "request_uri"), Some(uri.to_owned()));
            let _ = (format!("{pushed:?}"), pushed.lifetime().ends(Timestamp::EPOCH));
        }
    }

    #[test]
    fn device_replies(response in any_response(), quirks in quirks()) {
        let door = client(quirks).device_authorization();
        if let Some(codes) = look(&door, &response)? {
            for uri in [Some(codes.verification_uri()), codes.verification_uri_complete()] {
                let scheme = uri.map_or("http", |uri| uri.split(':').next().unwrap());
                let http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
                prop_assert!(http, "{scheme}");
            }
            prop_assert!(!codes.interval().is_zero());
            prop_assert!(!codes.prompt().contains(char::is_control));
            let _ = format!("{codes:?} {:?}", codes.deviations());
        }
    }

    #[test]
    fn revocation_replies(response in any_response(), quirks in quirks()) {
        let revoked = look(&client(quirks).revoke("t"), &response)?.is_some();
        prop_assert_eq!(revoked, response.status().is_success());
    }

    #[test]
    fn challenge_replies(response in any_response(), quirks in quirks()) {
        let door = client(quirks).attestation_challenge();
        if let Some(given) = look(&door, &response)? {
            prop_assert!(given.challenge().is_none_or(|challenge| !challenge.is_empty()));
            prop_assert_eq!(format!("{given:?}"), "AttestationChallenge(..)");
        }
    }

    /// Whatever a request says, its request object says the same, whether the key is here or elsewhere.
    #[test]
    fn request_objects(
        name in "[a-z_]{1,10}",
        value in text(0..40),
        scope in "[a-z]{0,8}",
        resources in prop::collection::vec("urn:[a-z]{1,5}", 0..3),
    ) {
        let ask = || {
            let request = client(Quirks::new()).authorization().scope(scope.as_str());
            let request = resources.iter().fold(request, |request, one| request.resource(one));
            request.parameter(name.clone(), value.clone())
        };
        let object = RequestObject::new(Signer::remote(Algorithm::Es256));
        let draft = ask().signed(object).draft(Timestamp::EPOCH, &mut entropy());
        let plain = match (ask().start(&mut entropy()), &draft) {
            (Ok(plain), Ok(_)) => plain,
            (Err(plain), Err(signed)) => {
                prop_assert_eq!(&plain, signed);
                return Ok(());
            }
            // What the object says of itself, and what is JSON there, cannot be said otherwise.
            (Ok(_), Err(_)) => {
                let own = ["iss", "aud", "exp", "iat", "jti", "claims", "authorization_details"];
                prop_assert!(own.contains(&&*name), "{}", name);
                return Ok(());
            }
            (Err(error), Ok(_)) => return Err(TestCaseError::fail(error.to_string())),
        };
        let draft = draft.unwrap();
        let input = std::str::from_utf8(draft.unsigned().unwrap().input()).unwrap();
        let payload = input.split('.').nth(1).unwrap();
        let payload = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload);
        let claims: serde_json::Value = serde_json::from_slice(&payload.unwrap()).unwrap();
        let sent = crate::given::pairs(plain.url.split_once('?').unwrap().1);
        for (name, _) in &sent {
            let values: Vec<_> =
                sent.iter().filter(|(other, _)| other == name).map(|(_, value)| serde_json::Value::from(value.as_str())).collect();
            let said = match &claims[name] {
                serde_json::Value::Array(several) => several.clone(),
                // `max_age` is a number there.
                serde_json::Value::Number(number) => vec![number.to_string().into()],
                one => vec![one.clone()],
            };
            prop_assert_eq!(said, values, "{}", name);
        }
        let beside = ["iss", "aud", "jti", "iat", "exp"];
        for name in claims.as_object().unwrap().keys() {
            let known = beside.contains(&&**name) || sent.iter().any(|(sent, _)| sent == name);
            prop_assert!(known, "{}", name);
        }
    }

    #[test]
    fn metadata_replies(response in any_response()) {
        match MetadataRequest::new(ISSUER, WellKnown::OAuth).read(&response) {
            Err(error) => kept(&error, &response)?,
            Ok(metadata) => {
                prop_assert!(response.status().is_success());
                prop_assert_eq!(metadata.issuer().as_str(), ISSUER);
                let _ = format!("{metadata:?} {:?} {:?}", metadata.deviations(), metadata.max_age());
                let _ = (metadata.auth_method("none"), metadata.requires_pushed_requests());
                let client = Client::new(metadata.server().clone(), "c");
                let token = own_token(&client).draft(Timestamp::EPOCH, &mut entropy());
                let bad = |(endpoint, _): &(Endpoint, _)| *endpoint == Endpoint::Token;
                if metadata.unusable_endpoints().iter().any(bad) {
                    prop_assert!(token.is_err());
                }
            }
        }
    }

    /// An issuer of any text gives a request to that very host, or none.
    #[test]
    fn metadata_addresses(issuer in prop_oneof![text(0..40), "https://[a-z.:/@?#%-]{0,30}"]) {
        for form in [WellKnown::OAuth, WellKnown::OpenId, WellKnown::OpenIdInserted] {
            if let Ok(request) = MetadataRequest::new(issuer.as_str(), form).request() {
                let asked = issuer.parse::<http::Uri>().unwrap();
                prop_assert_eq!(request.uri().authority(), asked.authority());
                prop_assert!(request.uri().path().contains("/.well-known/"));
                prop_assert_eq!(request.uri().query(), None);
            }
        }
    }

    /// Whatever an extra attribute is, it comes out of the push as it went in.
    #[test]
    fn details_of_an_agekey(attributes in json()) {
        // The other reader takes no halves of surrogate pairs, and no number that is too large.
        if let Ok(attributes) = serde_json::from_str::<serde_json::Value>(&attributes) {
            let detail = AgeVerification::new(Age::Years(30), "m", "v", "2026-11-21")
                .attributes(attributes.clone());
            let agekey = AgeKey::new(Host::Test, "ak_test_1", "s");
            let started = agekey.create(&[detail], "https://client.example/cb").unwrap();
            let started = started.push(&mut entropy()).unwrap();
            let sent = crate::given::pairs_of(&crate::asked(&started.exchange));
            let details = &sent.iter().find(|(name, _)| name == "authorization_details").unwrap().1;
            let written = format!(r#""attributes":{attributes}"#);
            prop_assert!(details.contains(&written), "{details}");
            let read: Vec<serde_json::Value> = serde_json::from_str(details).unwrap();
            prop_assert_eq!(read.len(), 1);
        }
    }

    #[test]
    fn callbacks_of_an_agekey(query in bytes(&["state=s&agekey_created=true", "error=x&state=s"])) {
        let agekey = AgeKey::new(Host::Test, "ak_test_1", "s");
        let detail = AgeVerification::new(Age::Years(30), "m", "v", "2026-11-21");
        let started = agekey.create(&[detail], "https://client.example/cb").unwrap();
        let pending = started.push(&mut entropy()).unwrap().pending;
        // The state is drawn, so nothing that is made up here can be for this flow.
        let error = agekey.read_create(pending, Callback::from_form(&query)).unwrap_err();
        prop_assert!(error.into_pending().is_some());
    }
}
