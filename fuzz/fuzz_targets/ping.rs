//! No call to a notification endpoint makes the crate panic. What is taken holds the token that the header
//! does and the identifier that another JSON reader finds, and no other token verifies it.
//!
//! The first line of the input is the `Authorization` header.

#![no_main]

use grantwire::Secret;
use grantwire::backchannel::{Ping, PingError};
use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let line = input.iter().position(|byte| *byte == b'\n');
    let (header, body) = line.map_or((input, &[][..]), |at| (&input[..at], &input[at + 1..]));
    let Ok(header) = HeaderValue::from_bytes(header) else { return };
    let mut request = Request::new(body);
    request.headers_mut().insert("authorization", header.clone());
    match Ping::read(&request) {
        Ok(ping) => {
            assert!(!ping.auth_req_id().is_empty());
            assert_eq!(format!("{ping:?}"), "Ping(..)");
            if let Ok(other) = serde_json::from_slice::<Value>(body) {
                assert_eq!(other["auth_req_id"], ping.auth_req_id());
            }
            let shown = header.to_str().expect("a token is text");
            let token = shown["Bearer".len()..].trim_start_matches(' ');
            assert_eq!(ping.verify(&Secret::new(token)), Ok(()));
            let longer = Secret::new(format!("{token}x"));
            assert_eq!(ping.verify(&longer), Err(PingError::Token));
            assert_eq!(ping.verify(&Secret::new("")), Err(PingError::Token));
        }
        Err(error) => {
            assert!(matches!(error.status().as_u16(), 400 | 401));
            let _ = format!("{error} {error:?}");
        }
    }
    request.headers_mut().append("authorization", header);
    assert_eq!(Ping::read(&request).unwrap_err(), PingError::Token);
});
