//! No resource's metadata makes the crate panic, or is believed about another resource. An address in
//! it becomes one to ask only when it is approved, and then it is `https` or loopback.

#![no_main]

use grantwire::EndpointUri;
use grantwire::protected_resource::{ProtectedResource, ProtectedResourceRequest};
use grantwire_fuzz::{kept, response};
use http::Response;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const RESOURCE: &str = "https://resource.example.com/r";

fuzz_target!(|input: &[u8]| {
    let Some((response, _)) = response(input) else { return };
    let exchange = ProtectedResourceRequest::of(RESOURCE).expect("an address");
    match exchange.read(&response) {
        Ok(told) => usable(&told, &response),
        Err(error) => kept(&error, &response),
    }
    // What a challenge says is read on the same occasion.
    if let Err(denied) = grantwire::resource::check(&response) {
        let _ = format!("{denied} {denied:?}");
    }
});

fn usable(told: &ProtectedResource, response: &Response<Vec<u8>>) {
    assert!(response.status().is_success());
    assert_eq!(told.resource(), RESOURCE);
    assert!(!format!("{told:?}").contains("authorization_servers"));
    let trusted = EndpointUri::parse(RESOURCE).expect("an address");
    for server in told.authorization_servers() {
        if let Ok(approved) = server.approve() {
            assert_eq!(approved.as_str(), server.raw());
        }
        if let Some(same) = server.approve_same_origin(&trusted) {
            assert_eq!(same.origin(), trusted.origin());
        }
    }
    if let Ok(other) = serde_json::from_slice::<Value>(response.body()) {
        assert_eq!(other["resource"], told.resource());
    }
}
