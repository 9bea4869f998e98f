//! No reply to a backchannel authentication request makes the crate panic. An identifier comes only
//! from a 2xx and is the one that another JSON reader finds; the interval is never nothing and never
//! over an hour.

#![no_main]

use std::time::Duration;

use grantwire::Quirks;
use grantwire::backchannel::{BackchannelAuthentication, UserHint};
use grantwire_fuzz::{client, kept, response};
use http::Response;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((response, quirks)) = response(input) else { return };
    let hint = UserHint::Login("jane".into());
    let exchange = client(quirks.clone()).backchannel_authentication(hint).scope("openid");
    match exchange.read(&response) {
        Ok(asked) => usable(&asked, &response, &quirks),
        Err(error) => {
            kept(&error, &response);
            let again = exchange.read(error.raw()).expect_err("it failed before");
            assert_eq!(again.kind(), error.kind());
        }
    }
});

fn usable(asked: &BackchannelAuthentication, response: &Response<Vec<u8>>, quirks: &Quirks) {
    assert!(response.status().is_success());
    assert!(!asked.auth_req_id().is_empty());
    assert!((Duration::from_secs(1)..=Duration::from_secs(3600)).contains(&asked.interval()));
    let _ = (format!("{asked:?}"), asked.lifetime(), asked.deviations());
    // The other reader takes less than ours does, so it has no say where it fails.
    if let (true, Ok(other)) =
        (*quirks == Quirks::new(), serde_json::from_slice::<Value>(response.body()))
    {
        assert_eq!(other["auth_req_id"], asked.auth_req_id().expose());
    }
}
