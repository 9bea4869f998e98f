//! No metadata document makes the crate panic, and none is believed that names another issuer, as
//! another JSON reader finds it. A server made of one sends nothing but to `https`, since the issuer is not
//! on this machine.
//! The same holds for an issuer of any text: it is asked at its own host, or not at all.

#![no_main]

use grantwire::grant::ClientCredentials;
use grantwire::metadata::{Metadata, MetadataRequest, WellKnown};
use grantwire::{Client, Entropy, Timestamp};
use grantwire_fuzz::{kept, response};
use http::{Response, Uri};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const ISSUER: &str = "https://as.example";

fuzz_target!(|input: &[u8]| {
    address(&String::from_utf8_lossy(input));
    let Some((response, _)) = response(input) else { return };
    let exchange = MetadataRequest::new(ISSUER, WellKnown::OAuth);
    match exchange.read(&response) {
        Ok(metadata) => usable(&metadata, &response),
        Err(error) => {
            kept(&error, &response);
            let again = exchange.read(error.raw()).expect_err("it failed before");
            assert_eq!(again.kind(), error.kind());
        }
    }
});

fn address(issuer: &str) {
    for form in [WellKnown::OAuth, WellKnown::OpenId, WellKnown::OpenIdInserted] {
        if let Ok(request) = MetadataRequest::new(issuer, form).request() {
            let own: Uri = issuer.parse().expect("an address that was taken");
            assert_eq!(request.uri().authority(), own.authority());
            assert_eq!(request.uri().query(), None);
        }
    }
}

fn usable(metadata: &Metadata, response: &Response<Vec<u8>>) {
    assert!(response.status().is_success());
    assert_eq!(metadata.issuer().as_str(), ISSUER);
    let _ = (
        format!("{metadata:?}"),
        metadata.max_age(),
        metadata.etag(),
        metadata.extra::<Value>("issuer"),
    );
    let _ = (metadata.auth_method("none"), metadata.code_challenge_method("S256"));
    // The other reader takes less than ours does, so it has no say where it fails.
    if let Ok(other) = serde_json::from_slice::<Value>(response.body()) {
        assert_eq!(other["issuer"], ISSUER);
    }
    let client = Client::new(metadata.server().clone(), "c");
    let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
    let requests = [
        client.token(ClientCredentials::new()).request(now, &mut entropy),
        client.revoke("t").request(now, &mut entropy),
        client.introspect("t").request(now, &mut entropy),
        client.device_authorization().request(now, &mut entropy),
    ];
    for uri in requests.iter().flatten().map(|request| request.uri()) {
        assert_eq!(uri.scheme_str(), Some("https"));
    }
    if let Ok(started) = client.authorization().start(&mut entropy) {
        let uri: Uri = started.url.as_str().parse().expect("a URL");
        assert_eq!(uri.scheme_str(), Some("https"));
    }
}
