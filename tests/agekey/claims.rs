//! What a Use request may ask, and what it may not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::provider::agekey::{AssuranceLevel, MethodOverride, Provenance, UseClaims};
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::given::*;
use crate::{WRONG_MOMENTS, agekey, invalid};

const FINE_MOMENTS: &[&str] = &[
    "2026-11-21",
    "2024-02-29",
    "2026-11-21T08:00Z",
    "2026-11-21T08:00:00Z",
    "2026-11-21T08:00:00.123456Z",
    "2026-11-21T08:00:00+05:30",
    "2026-11-21T08:00:00-08:00",
];

#[test]
fn thresholds_are_one_to_five_different_ages() {
    for fine in [vec![18], vec![13, 18], vec![1, 2, 3, 4, 5], vec![21, 13]] {
        assert!(UseClaims::new(fine.clone()).to_json().is_ok(), "{fine:?}");
    }
    for wrong in [vec![], vec![18, 18], vec![13, 18, 13], vec![1, 2, 3, 4, 5, 6]] {
        invalid(UseClaims::new(wrong.clone()).to_json(), "age_thresholds");
        invalid(agekey().use_agekey(&UseClaims::new(wrong)), "age_thresholds");
    }
}

#[test]
fn moments_are_iso_8601_and_exist() {
    for moment in FINE_MOMENTS {
        assert!(UseClaims::new([18]).verified_after(*moment).to_json().is_ok(), "{moment}");
    }
    for moment in WRONG_MOMENTS {
        invalid(UseClaims::new([18]).verified_after(*moment).to_json(), "verified_after");
        let with = MethodOverride::new().min_age(20).verified_after(*moment);
        let claims = UseClaims::new([18]).override_method("id_doc_scan", with);
        invalid(claims.to_json(), "verified_after");
    }
}

#[test]
fn overrides_have_limits_of_their_own() {
    let with =
        |method: &str, with| UseClaims::new([13, 18]).override_method(method, with).to_json();
    let empty = MethodOverride::new;
    assert!(with("id_doc_scan", empty()).is_ok());
    assert!(with("id_doc_scan", empty().age_thresholds([16, 21])).is_ok());
    invalid(with("id_doc_scan", empty().age_thresholds([16])), "overrides");
    invalid(with("id_doc_scan", empty().age_thresholds([16, 21, 25])), "overrides");
    invalid(with("facial_age_estimation", empty()), "overrides");
    assert!(with("facial_age_estimation", empty().min_age(25)).is_ok());
    assert!(with("facial_age_estimation", empty().age_thresholds([16, 21])).is_ok());
}

#[test]
fn provenance_takes_ten_paths_of_each_kind() {
    let paths = |allowed: usize, denied: usize| {
        let mut provenance = Provenance::new();
        for number in 0..allowed {
            provenance = provenance.allow(format!("/a/{number}"));
        }
        for number in 0..denied {
            provenance = provenance.deny(format!("/d/{number}/*"));
        }
        UseClaims::new([18]).provenance(provenance).to_json()
    };
    assert!(paths(10, 10).is_ok());
    invalid(paths(11, 0), "provenance");
    invalid(paths(0, 11), "provenance");
}

#[test]
fn all_the_claims_there_are() {
    let facial = MethodOverride::new()
        .min_age(25)
        .verified_after("2026-01-01")
        .assurance(AssuranceLevel::HighlyEffective)
        .attributes(json!({"liveness": true}));
    let claims = UseClaims::new([13, 18])
        .allow_method("facial_age_estimation")
        .allow_method("id_doc_scan")
        .verified_after("2025-06-30T00:00:00Z")
        .override_method("facial_age_estimation", facial)
        .provenance(Provenance::new().allow("/veratad/*").deny("/veratad/old"))
        .assurance(AssuranceLevel::Effective);
    let sent: Value = serde_json::from_str(&claims.to_json().unwrap()).unwrap();
    assert_eq!(
        sent,
        json!({
            "age_thresholds": [13, 18],
            "allowed_methods": ["facial_age_estimation", "id_doc_scan"],
            "verified_after": "2025-06-30T00:00:00Z",
            "overrides": {"facial_age_estimation": {
                "min_age": 25,
                "verified_after": "2026-01-01",
                "iso_27566_1": "highly_effective",
                "attributes": {"liveness": true},
            }},
            "provenance": {"allowed": ["/veratad/*"], "denied": ["/veratad/old"]},
            "iso_27566_1": "effective",
        })
    );
    let levels = [
        AssuranceLevel::Basic,
        AssuranceLevel::Effective,
        AssuranceLevel::HighlyEffective,
        AssuranceLevel::Strict,
    ];
    assert!(levels.is_sorted(), "each is stricter than the one before");
    assert_eq!(
        serde_json::to_string(&levels).unwrap(),
        r#"["basic","effective","highly_effective","strict"]"#
    );
}

/// The hash is of the very text that was sent.
#[test]
fn the_hash_is_of_what_was_sent() {
    let claims = UseClaims::new([13, 18]).allow_method("id_doc_scan");
    let request = agekey().use_agekey(&claims).unwrap();
    let url = request.start(&mut entropy()).unwrap().url;
    let sent = sha2::Sha256::digest(query(&url, "claims").unwrap());
    let expected = URL_SAFE_NO_PAD.encode(sent);
    assert_eq!(claims.hash().unwrap(), expected);
    invalid(UseClaims::new([]).hash(), "age_thresholds");
}
