//! Any events in any order, to a device flow with any interval and lifetime.

#![no_main]

use arbitrary::Arbitrary;
use grantwire::flow::DeviceFlow;
use grantwire_fuzz::machines::{Event, beginning, client, dpop, entropy, run};
use http::Response;
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    signs: bool,
    bound: bool,
    interval: Option<u32>,
    lifetime: Option<u32>,
    events: Vec<Event>,
}

fuzz_target!(|input: Input| {
    let client = client(input.signs);
    let body = serde_json::json!({
        "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://example.com/device",
        "interval": input.interval,
        "expires_in": input.lifetime,
    });
    let response = Response::new(body.to_string());
    let authorization = client.device_authorization().read(&response).expect("both codes");
    let flow = DeviceFlow::new(&client, &authorization, beginning(), entropy());
    let mut flow = if input.bound { flow.dpop(dpop()) } else { flow };
    run(&mut flow, &input.events, |_, _| {}, |never| match *never {});
});
