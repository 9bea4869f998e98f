//! No reply of a challenge endpoint makes the crate panic, and a challenge is the one that another JSON
//! reader finds. Whatever a server sends to an attested client, the flow asks at most once more, with a
//! proof that holds the challenge that came.

#![no_main]

use grantwire::client::ClientAttestation;
use grantwire::flow::{Machine, Step, TokenFlow};
use grantwire::grant::ClientCredentials;
use grantwire::jose::{Algorithm, Signer};
use grantwire::{Entropy, Quirks, Timestamp};
use grantwire_fuzz::{client, kept, response};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((response, quirks)) = response(input) else { return };
    let exchange = client(quirks.clone()).attestation_challenge();
    match exchange.read(&response) {
        Ok(given) => {
            let said = given.challenge();
            assert!(response.status().is_success() && said.is_none_or(|text| !text.is_empty()));
            let _ = format!("{given:?}");
            // The other reader takes less than ours does, so it has no say where it fails.
            if let (true, Ok(other)) =
                (quirks == Quirks::new(), serde_json::from_slice::<Value>(response.body()))
            {
                assert_eq!(other["attestation_challenge"].as_str(), said);
            }
        }
        Err(error) => {
            kept(&error, &response);
            let again = exchange.read(error.raw()).expect_err("it failed before");
            assert_eq!(again.kind(), error.kind());
        }
    }

    let method = ClientAttestation::new("a.b.c", Signer::remote(Algorithm::EdDsa));
    let exchange = client(quirks).auth(method).token(ClientCredentials::new());
    let mut flow = TokenFlow::new(exchange, Entropy::new([7; 32]));
    let (now, mut requests) = (Timestamp::EPOCH, 0);
    loop {
        match flow.poll(now) {
            Step::Sign(unsigned) => {
                let text = std::str::from_utf8(unsigned.input()).expect("ASCII");
                let claims = text.split('.').nth(1).expect("claims").to_owned();
                flow.handle_signature(&unsigned.signed([1; 64])).expect("asked for");
                assert!(requests == 0 || claims.len() > 100, "the challenge is in it");
            }
            Step::Send(request, ..) => {
                assert!(request.headers().contains_key("oauth-client-attestation-pop"));
                requests += 1;
                flow.handle_response(now, &response).expect("asked for");
            }
            Step::Done(_) => break,
            Step::Wait(_) | Step::Outstanding => panic!("there is nothing to wait for"),
        }
    }
    assert!(requests <= 2, "{requests} requests");
    let learned = flow.learned_challenge();
    assert!(learned.is_none_or(|text| text.bytes().all(|byte| byte.is_ascii_graphic())));
});
