//! No reply of a device authorization endpoint makes the crate panic. Codes come only from a 2xx and
//! are those that another JSON reader finds; what is to be opened in a browser is an `http` or `https`
//! address; the prompt holds no control character, and polling never has an interval of nothing.

#![no_main]

use grantwire::device::DeviceAuthorization;
use grantwire::{Quirks, Timestamp};
use grantwire_fuzz::{client, kept, response};
use http::Response;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((response, quirks)) = response(input) else { return };
    let exchange = client(quirks.clone()).device_authorization();
    match exchange.read(&response) {
        Ok(codes) => usable(&codes, &response, &quirks),
        Err(error) => {
            kept(&error, &response);
            let again = exchange.read(error.raw()).expect_err("it failed before");
            assert_eq!(again.kind(), error.kind());
        }
    }
});

fn usable(codes: &DeviceAuthorization, response: &Response<Vec<u8>>, quirks: &Quirks) {
    assert!(response.status().is_success());
    assert!(!codes.user_code().is_empty() && !codes.interval().is_zero());
    assert!(!codes.prompt().contains(char::is_control));
    let complete = codes.verification_uri_complete();
    for uri in [Some(codes.verification_uri()), complete].into_iter().flatten() {
        let scheme = uri.split("://").next().expect("a first part").to_ascii_lowercase();
        assert!(scheme == "http" || scheme == "https");
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let _ = (format!("{codes:?}"), codes.lifetime().ends(Timestamp::EPOCH));
    // The other reader takes less than ours does, so it has no say where it fails.
    if let (true, Ok(other)) =
        (*quirks == Quirks::new(), serde_json::from_slice::<Value>(response.body()))
    {
        assert_eq!(other["user_code"], codes.user_code());
    }
}
