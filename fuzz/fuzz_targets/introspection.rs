//! No reply of an introspection endpoint makes the crate panic. A token is active only when a 2xx says
//! so with a boolean, once, as another JSON reader finds it; every failure is an error, and is kept
//! whole.

#![no_main]

use grantwire::Quirks;
use grantwire::introspection::Introspection;
use grantwire_fuzz::{client, kept, response};
use http::Response;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((response, quirks)) = response(input) else { return };
    let exchange = client(quirks.clone()).introspect("mF_9.B5f-4.1JqM");
    match exchange.read(&response) {
        Ok(told) => usable(&told, &response, &quirks),
        Err(error) => {
            kept(&error, &response);
            let again = exchange.read(error.raw()).expect_err("it failed before");
            assert_eq!(again.kind(), error.kind());
        }
    }
});

fn usable(told: &Introspection, response: &Response<Vec<u8>>, quirks: &Quirks) {
    assert!(response.status().is_success());
    let printed = format!("{told:?}");
    assert!(printed.len() < 50, "nothing but whether it is active");
    let _ = (told.scope().contains("a"), told.token_type(), told.jti(), told.acr());
    let _ = (told.authorization_details::<Value>(), told.extra::<Value>("act"));
    let _ = format!("{:?} {:?}", told.confirmation(), told.deviations());
    let moments = [told.expires(), told.issued(), told.not_before(), told.auth_time()];
    for moment in moments.into_iter().flatten() {
        assert!(moment.as_unix_seconds() <= 253_402_300_799, "not after the year 9999");
    }
    // The other reader takes less than ours does, so it has no say where it fails.
    if let (true, Ok(other)) =
        (*quirks == Quirks::new(), serde_json::from_slice::<Value>(response.body()))
    {
        assert_eq!(other["active"], told.is_active());
        if let Some(subject) = told.subject() {
            assert_eq!(other["sub"], subject);
        }
        assert_eq!(told.confirmation().is_some(), !other["cnf"].is_null(), "no binding is lost");
        if let Some(thumbprint) = told.confirmation().and_then(|bound| bound.jkt()) {
            assert_eq!(other["cnf"]["jkt"], thumbprint);
        }
        assert_eq!(told.audience().is_some(), !other["aud"].is_null(), "no audience is lost");
        for audience in told.audience().unwrap_or_default() {
            let several = other["aud"].as_array();
            assert!(
                several.map_or(other["aud"] == **audience, |all| all
                    .iter()
                    .any(|one| one == audience))
            );
        }
    }
}
