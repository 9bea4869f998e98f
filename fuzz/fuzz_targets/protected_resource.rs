//! No resource's metadata makes the crate panic, or is believed about another resource. An address in
//! it becomes one to ask only when it is approved, and then it is `https` or loopback. What a challenge
//! asks of the user stays one parameter of the request that asks for it.

#![no_main]

use grantwire::protected_resource::{ProtectedResource, ProtectedResourceRequest};
use grantwire::resource::Details;
use grantwire::{EndpointUri, Entropy, Quirks};
use grantwire_fuzz::{client, kept, response};
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
        if let Some(details) = denied.details() {
            step_up(details);
        }
    }
});

fn step_up(details: &Details) {
    let request = details.step_up(client(Quirks::new()).authorization());
    let Ok(started) = request.start(&mut Entropy::new([7; 32])) else { return };
    let count = |name| started.url.as_str().matches(name).count();
    let values = details.acr_values().is_some_and(|values| !values.is_empty());
    assert_eq!(count("&acr_values="), usize::from(values));
    assert_eq!(count("&max_age="), usize::from(details.max_age().is_some()));
    assert_eq!(count("&state="), 1);
}

fn usable(told: &ProtectedResource, response: &Response<Vec<u8>>) {
    assert!(response.status().is_success());
    assert_eq!(told.resource(), RESOURCE);
    let _ = (told.max_age(), told.etag());
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
