//! What a test is given: a moment, random bytes, and two exchanges.

#![allow(dead_code, reason = "each test takes the part it needs")]

use grantwire::grant::{AuthorizationCode, ClientCredentials};
use grantwire::{Client, Entropy, Timestamp, TokenRequest};

pub const CLIENT_ID: &str = "s6BhdRkqt3";

pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000)
}

pub fn entropy() -> Entropy {
    Entropy::new([7; 32])
}

/// An exchange whose credential is spent by presenting it.
pub fn code_exchange(client: &Client) -> TokenRequest {
    client.token(AuthorizationCode::unchecked("SplxlOBeZQQYbYS6WxSbIA"))
}

/// An exchange that can be repeated.
pub fn own_token(client: &Client) -> TokenRequest {
    client.token(ClientCredentials::new())
}
