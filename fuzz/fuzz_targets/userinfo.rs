//! No reply of a userinfo endpoint makes the crate panic. Claims come only from a 2xx, are about
//! somebody, and are about the user that was asked for; none of them is printed.

#![no_main]

use grantwire::{AccessToken, TokenType};
use grantwire::{AuthorizationServer, Client};
use grantwire_fuzz::{kept, response};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((response, quirks)) = response(input) else { return };
    let server =
        AuthorizationServer::new().userinfo_endpoint("https://as.example/me").quirks(quirks);
    let token = AccessToken::new("t", TokenType::Bearer);
    let ask = || Client::new(server.clone(), "c").userinfo(&token).expect("it is complete");
    match ask().read(&response) {
        Ok(told) => {
            assert!(response.status().is_success() && !told.subject().is_empty());
            assert_eq!(format!("{told:?}"), "Userinfo(..)");
            let _ = told.claim::<Value>("email");
            let same = ask().expect_subject(told.subject()).read(&response);
            assert!(same.is_ok_and(|same| same.subject() == told.subject()));
            assert!(ask().expect_subject(format!("{}x", told.subject())).read(&response).is_err());
        }
        Err(error) => kept(&error, &response),
    }
});
