//! No reply to a pushed authorization request makes the crate panic. A reference comes only from a
//! 2xx, is the one that another JSON reader finds, is fit for a URL, and comes out of that URL again
//! as it went in.

#![no_main]

use grantwire::authorization::{PushedAuthorization, PushedAuthorizationRequest};
use grantwire::{Entropy, Quirks, Timestamp};
use grantwire_fuzz::{client, kept, response};
use http::Response;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((response, quirks)) = response(input) else { return };
    let request = client(quirks.clone()).authorization();
    let exchange = request.push(&mut Entropy::new([7; 32])).expect("it is complete").exchange;
    match exchange.read(&response) {
        Ok(pushed) => usable(&exchange, &pushed, &response, &quirks),
        Err(error) => {
            kept(&error, &response);
            let again = exchange.read(error.raw()).expect_err("it failed before");
            assert_eq!(again.kind(), error.kind());
        }
    }
});

fn usable(
    exchange: &PushedAuthorizationRequest,
    pushed: &PushedAuthorization,
    response: &Response<Vec<u8>>,
    quirks: &Quirks,
) {
    let reference = pushed.request_uri();
    assert!(response.status().is_success());
    assert!(!reference.is_empty() && reference.bytes().all(|byte| byte.is_ascii_graphic()));
    let _ = (format!("{pushed:?}"), pushed.lifetime().ends(Timestamp::EPOCH));
    let url = exchange.url(pushed).expect("a reference that was taken can be sent");
    let (_, query) = url.split_once('?').expect("a query");
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).expect("a form");
    let [_, (_, client_id), (_, sent)] = pairs.as_slice() else { panic!("three parameters") };
    assert_eq!((client_id.as_str(), sent.as_str()), ("s6BhdRkqt3", reference));
    // The other reader takes less than ours does, so it has no say where it fails.
    if let (true, Ok(other)) =
        (*quirks == Quirks::new(), serde_json::from_slice::<Value>(response.body()))
    {
        assert_eq!(other["request_uri"], reference);
    }
}
