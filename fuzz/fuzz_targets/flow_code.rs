//! Any events in any order, to a code flow and to any callback before it. A single-use code is sent
//! once, and once more only after a nonce.

#![no_main]

use arbitrary::Arbitrary;
use grantwire::Secret;
use grantwire::authorization::Callback;
use grantwire::flow::CodeFlow;
use grantwire_fuzz::machines::{Event, client, dpop, entropy, run};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    signs: bool,
    bound: bool,
    callback: Option<String>,
    events: Vec<Event>,
}

fuzz_target!(|input: Input| {
    let client = client(input.signs);
    let request = client.authorization().redirect_uri("https://client.example/cb");
    let started = request.state(Secret::new("xyz")).start(&mut entropy()).expect("a URL");
    let query = input.callback.as_deref().unwrap_or("code=SplxlOBeZQQYbYS6WxSbIA&state=xyz");
    let callback = Callback::from_query(query);
    let flow = match CodeFlow::resume(&client, started.pending, callback, entropy()) {
        Ok(flow) => flow,
        Err(error) => {
            assert!(input.callback.is_some(), "{error}");
            return;
        }
    };
    let mut flow = if input.bound { flow.dpop(dpop()) } else { flow };
    run(&mut flow, &input.events, |_, _| {}, |never| match *never {});
});
