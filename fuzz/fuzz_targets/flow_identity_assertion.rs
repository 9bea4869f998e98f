//! Any events in any order, to a flow from one server to another. What the first server gives is
//! presented to the second only when it is an identity assertion.

#![no_main]

use arbitrary::Arbitrary;
use grantwire::flow::IdentityAssertionFlow;
use grantwire::grant::TokenTypeIdentifier;
use grantwire_fuzz::machines::{Event, client, dpop, entropy, run};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    signs: [bool; 2],
    bound: bool,
    events: Vec<Event>,
}

fuzz_target!(|input: Input| {
    let [here, there] = input.signs.map(client);
    let kind = TokenTypeIdentifier::ID_TOKEN;
    let flow = IdentityAssertionFlow::new(&here, &there, "e30.e30.id", kind, entropy());
    let mut flow = if input.bound { flow.dpop(dpop()) } else { flow };
    run(&mut flow, &input.events, |_, _| {}, |never| match *never {});
    let redeeming = matches!(flow.state(), "Redeeming" | "Done" | "NotRedeemed");
    assert_eq!(flow.assertion().is_some(), redeeming);
});
