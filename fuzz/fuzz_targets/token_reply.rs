//! No reply of a token endpoint makes the crate panic. Tokens come only from a 2xx, are fit for a
//! header, and are those that another JSON reader finds. Whatever gives no tokens is kept whole, and
//! reading it again gives the same failure.

#![no_main]

use grantwire::grant::{AuthorizationCode, ClientCredentials, TokenExchange, TokenTypeIdentifier};
use grantwire::provider::dressipi::Profile;
use grantwire::{Quirks, Scope, Timestamp, TokenResponse};
use grantwire_fuzz::{client, kept, response};
use http::Response;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((response, quirks)) = response(input) else { return };
    let client = client(quirks.clone());
    for exchange in [
        client.token(ClientCredentials::new()),
        client.token(AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA")),
        client.token(TokenExchange::new("s", TokenTypeIdentifier::JWT)),
    ] {
        match exchange.read(&response) {
            Ok(tokens) => usable(&tokens, &response, &quirks),
            Err(error) => {
                kept(&error, &response);
                let again = exchange.read(error.raw()).expect_err("it failed before");
                assert_eq!(again.kind(), error.kind());
                assert_eq!(again.class(), error.class());
                assert_eq!(again.fault(), error.fault());
            }
        }
    }
});

fn usable(tokens: &TokenResponse, response: &Response<Vec<u8>>, quirks: &Quirks) {
    let token = tokens.access_token().expose();
    assert!(response.status().is_success());
    assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
    let _ = format!("{tokens:?}");
    let now = Timestamp::from_unix_millis(u64::MAX);
    let _ = (tokens.lifetime().ends(now), tokens.refresh_token_lifetime().ends(now));
    let _ = tokens.scope().or_requested(&Scope::from("a")).tokens().count();
    let _ = tokens.extra::<Value>("scope");
    let _ = Profile::from_response(tokens, now);
    // The other reader takes less than ours does, so it has no say where it fails.
    if let (true, Ok(other)) =
        (*quirks == Quirks::new(), serde_json::from_slice::<Value>(response.body()))
    {
        assert_eq!(other["access_token"], token);
        if let Some(issued) = tokens.issued_token_type() {
            assert_eq!(other["issued_token_type"], issued.as_str());
        }
        if let Some(refresh) = tokens.refresh_token() {
            assert_eq!(other["refresh_token"], refresh.expose());
        }
    }
}
