//! The named providers, with the canary for every secret and every fact about a person.

use grantwire::provider::agekey::{Age, AgeKey, AgeVerification, DetailsForm, Host};
use grantwire::provider::dressipi::{Dressipi, Profile};
use grantwire::provider::pingone;
use grantwire::{AccessToken, Entropy, Secret, Timestamp, TokenType, jose::Algorithm};
use http::HeaderMap;

use crate::needle::CANARY;
use crate::watch::Watch;

pub fn show(watch: &mut Watch) {
    let token = AccessToken::new(CANARY, TokenType::Bearer);
    let agekey = AgeKey::new(Host::Test, "ak_test_1", CANARY);
    watch.debug(&agekey);
    let age = Age::DateOfBirth(CANARY.to_owned());
    watch.debug(&age);
    let detail = AgeVerification::new(age, "id_doc_scan", CANARY, CANARY)
        .provenance(CANARY)
        .attributes(serde_json::json!({ CANARY: CANARY }));
    watch.debug(&detail);
    watch.failure(agekey.upgrade(&token, std::slice::from_ref(&detail)));
    watch.failure(agekey.upgrade_as(&token, &[detail], DetailsForm::String));
    let good = AgeVerification::new(Age::Years(40), "id_doc_scan", "1", "2026-11-21");
    let other = AccessToken::new(CANARY, TokenType::Dpop);
    watch.failure(agekey.upgrade(&other, std::slice::from_ref(&good)));
    let colon = AccessToken::new(format!("{CANARY}:"), TokenType::Bearer);
    watch.failure(agekey.upgrade_with_basic(&colon, &[good]));

    let found = AgeVerification::new(Age::Years(40), CANARY, CANARY, "2026-11-21");
    let create = agekey.create(&[found], format!("https://client.example/?k={CANARY}")).unwrap();
    let create = create.language(CANARY);
    watch.debug(&create);
    watch.debug(&create.push(&mut Entropy::new([7; 32])).unwrap());
    let bad = AgeVerification::new(Age::Years(40), "id_doc_scan", CANARY, CANARY);
    watch.failure(agekey.create(&[bad], "https://client.example/cb"));

    let dressipi = Dressipi::new("https://partner.example", "c", CANARY);
    watch.debug(&dressipi);
    let seed: [u8; 32] = CANARY.as_bytes()[..32].try_into().unwrap();
    let started = dressipi.create_profile(&mut Entropy::new(seed)).unwrap();
    watch.debug(&started);
    watch.debug(&started.pending);
    let profile = Profile::new(CANARY, CANARY, None);
    watch.debug(&profile);
    watch.debug(&dressipi.refresh(&profile));
    let bad = Dressipi::new("https://partner.example", "c", format!("{CANARY}\n"));
    watch.debug(&bad);
    watch.failure(bad.create_profile(&mut Entropy::new(seed)));
    watch.failure(bad.present(&token, &mut HeaderMap::new()));
    watch.failure(bad.refresh(&profile).request(Timestamp::EPOCH, &mut Entropy::new(seed)));

    watch.debug(&pingone::client_secret_jwt(Algorithm::Hs256, Secret::new(CANARY)));
}

/// The state in the URL is drawn, so it is looked for by itself.
#[test]
fn a_new_profile_does_not_print_its_state() {
    let dressipi = Dressipi::new("https://partner.example", "c", CANARY);
    let started = dressipi.create_profile(&mut Entropy::new([7; 32])).unwrap();
    let url = started.request.uri().to_string();
    for name in ["state=", "code_challenge="] {
        let value = url.split(name).nth(1).unwrap().split('&').next().unwrap();
        let mut watch = Watch::new(value.as_bytes());
        watch.debug(&started);
        watch.assert_silent();
    }
}
