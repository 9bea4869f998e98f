//! A refusal says what the server said: its code is the one that another JSON reader finds. Only the
//! server's own `invalid_grant` kills a credential, never one that came with 429 or a 5xx. Nothing of
//! the body is in what an error prints, but for a code that can be nothing else.

#![no_main]

use grantwire::grant::{AuthorizationCode, ClientCredentials};
use grantwire::provider::agekey::{AgeKey, Host};
use grantwire::provider::pingone::{PlatformError, correlation_id};
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind};
use grantwire::{Quirks, ReplyError, TokenRequest, resource};
use grantwire_fuzz::{client, response};
use http::Response;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((response, quirks)) = response(input) else { return };
    let client = client(quirks.clone());
    let once = client.token(AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA"));
    let often = client.token(ClientCredentials::new());
    for (exchange, once) in [(once, true), (often, false)] {
        refused(&exchange, once, &response, quirks == Quirks::new());
    }
    if let Err(denied) = resource::check(&response) {
        let _ = format!("{denied} {denied:?}");
    }
    if let Some(error) = PlatformError::read(&response) {
        let _ = format!("{error} {error:?} {:?}", error.details());
        assert!(!response.status().is_success());
    }
    if let Err(error) = AgeKey::new(Host::Test, "c", "s").read_upgrade(&response) {
        let _ = format!("{error} {error:?}");
        // A 2xx is a refusal only when its body names an error.
        assert!(error.code().is_some() || !response.status().is_success());
    }
});

fn refused(exchange: &TokenRequest, once: bool, response: &Response<Vec<u8>>, strict: bool) {
    let Err(error) = exchange.read(response) else { return };
    let status = response.status().as_u16();
    if matches!(status, 421 | 425 | 429 | 511) {
        assert_eq!(error.class(), FailureClass::Transient);
    } else if status >= 500 {
        let unknown = if once { FailureClass::Indeterminate } else { FailureClass::Transient };
        assert!([unknown, FailureClass::Transient].contains(&error.class()));
    }
    // Nothing can be lost that can be presented again.
    assert!(once || error.class() != FailureClass::Indeterminate);
    // A body without an error in it buries nothing, whatever the status.
    if strict && error.credential_is_dead() {
        assert!(matches!(status, 200..=299 | 400..=499) && status != 429);
        assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::InvalidGrant));
    }
    if let Some(refusal) = error.refusal() {
        let _ = refusal.description().map(|text| text.escaped());
        let _ = correlation_id(refusal);
    }
    quiet(&error);
    // The other reader takes less than ours does, so it has no say where it fails.
    let Ok(other) = serde_json::from_slice::<Value>(response.body()) else { return };
    let ReplyErrorKind::Refused(refusal) = error.kind() else { return };
    if strict && other.get("error").is_some_and(|error| !error.is_null()) {
        let text = other["error"].as_str().filter(|text| !text.is_empty());
        let expected = text.map_or(ErrorCode::NonStandard, ErrorCode::from_name);
        assert_eq!(refusal.code(), &expected);
    }
}

/// A marked text in the body is not printed.
fn quiet(error: &ReplyError) {
    const MARK: &str = "cAnArY-7";
    assert!(!format!("{error} {error:?}").contains(MARK));
}
