//! No logout request makes the crate panic. One is read only when it is a POST with one token, as another
//! reader of forms finds it, and the answer to any other is an error of the right form.
//!
//! The first line of an input is the method, the rest is the body.

#![no_main]

use grantwire::Timestamp;
use grantwire::claims::TokenRules;
use grantwire::jose::{Algorithm, KeySet, Validity, VerificationKey, Verify};
use grantwire::logout::{FrontChannelLogout, LogoutError, LogoutRequest};
use http::{Method, Request};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

struct Believes;

impl Verify for Believes {
    fn verify(&self, _: &VerificationKey, _: Algorithm, _: &[u8], _: &[u8]) -> Validity {
        Validity::Valid
    }
}

fuzz_target!(|input: &[u8]| {
    let line = input.iter().position(|byte| *byte == b'\n');
    let (method, body) = line.map_or((input, &[][..]), |at| (&input[..at], &input[at + 1..]));
    let Ok(method) = Method::from_bytes(method) else { return };
    let mut request = Request::new(body);
    *request.method_mut() = method.clone();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    let tokens: Vec<&String> =
        pairs.iter().filter(|(name, _)| name == "logout_token").map(|(_, value)| value).collect();
    match LogoutRequest::read(&request) {
        Ok(read) => {
            assert!(method == Method::POST && tokens.len() == 1);
            assert_eq!(read.expose_token(), tokens[0]);
            let rules = TokenRules::new("https://as.example", "c");
            let keys = KeySet::of("https://as.example", []);
            let error = read.verify(&rules, &keys, &Believes, Timestamp::EPOCH).unwrap_err();
            answered(error);
        }
        Err(error) => {
            assert!(
                method != Method::POST
                    || tokens.len() != 1
                    || tokens[0].is_empty()
                    || body.len() > 128 * 1024
            );
            answered(error);
        }
    }
    if let Ok(page) = FrontChannelLogout::from_query(&String::from_utf8_lossy(body)) {
        let _ = (page.names_a_session(), page.is_about("https://as.example", Some("s")));
    }
});

fn answered(error: LogoutError) {
    let response = error.response();
    assert_eq!(response.headers()["cache-control"], "no-store");
    if response.status() == 405 {
        return;
    }
    assert_eq!(response.status(), 400);
    let body: Value = serde_json::from_slice(response.body()).expect("JSON");
    assert_eq!(body["error"], "invalid_request");
    assert!(!body["error_description"].as_str().expect("a text").contains("cAnArY"));
}
