//! Chapter C, refreshes: another ID token of the same sign-in. And the claims about a user.

use std::time::Duration;

use grantwire::claims::{ClaimFault, ExpectedIdToken, OriginalIdToken};
use serde_json::{Value, json};

use crate::tools::*;

/// The sign-in, with everything that must stay the same.
fn first() -> Value {
    with(but("auth_time", json!(ISSUED - 100)), "azp", json!(CLIENT_ID))
}

fn original() -> OriginalIdToken {
    check(&expected(), &first()).unwrap().original()
}

fn refreshed(claims: &Value) -> Result<(), ClaimFault> {
    let expected = ExpectedIdToken::new(&rules()).refreshes(original());
    check(&expected, claims).map(drop)
}

#[test]
fn c27_the_same_user_at_the_same_issuer_for_the_same_client() {
    assert_eq!(refreshed(&first()), Ok(()));
    let later = with(with(first(), "iat", json!(ISSUED + 5)), "exp", json!(EXPIRES + 5));
    assert_eq!(refreshed(&later), Ok(()), "the new times are its own");
    let changed = |name: &str, value: Value| refreshed(&with(first(), name, value));
    assert_eq!(changed("sub", json!("somebody else")), Err(ClaimFault::Changed("sub")));
    assert_eq!(changed("iss", json!("https://other.example")), Err(ClaimFault::Issuer));
    assert_eq!(changed("aud", json!("other")), Err(ClaimFault::Audience));
    assert_eq!(changed("aud", json!([CLIENT_ID])), Ok(()), "one text, or an array of it");

    // An original of another issuer or audience than the rules say now.
    let of = |original: OriginalIdToken, claims: &Value| {
        let rules = rules().trusted_audience("b").trusted_audience("c");
        check(&ExpectedIdToken::new(&rules).refreshes(original), claims).map(drop)
    };
    let moved = OriginalIdToken::new("https://other.example", "248289761001", [CLIENT_ID]);
    assert_eq!(of(moved, &claims()), Err(ClaimFault::Changed("iss")));
    let own = || OriginalIdToken::new(ISSUER, "248289761001", [CLIENT_ID, "b"]).with_nonce(NONCE);
    assert_eq!(of(own(), &but("aud", json!(["b", CLIENT_ID]))), Ok(()), "in any order");
    for other in [json!(CLIENT_ID), json!([CLIENT_ID, "c"]), json!([CLIENT_ID, "b", "c"])] {
        assert_eq!(of(own(), &but("aud", other)), Err(ClaimFault::Changed("aud")));
    }
}

#[test]
fn c27_a_nonce_need_not_be_there_and_is_the_first_one_if_it_is() {
    assert_eq!(refreshed(&with(first(), "nonce", Value::Null)), Ok(()));
    assert_eq!(
        refreshed(&with(first(), "nonce", json!("other"))),
        Err(ClaimFault::Changed("nonce"))
    );
    let without = OriginalIdToken::new(ISSUER, "248289761001", [CLIENT_ID]);
    let expected = ExpectedIdToken::new(&rules()).refreshes(without);
    assert_eq!(fault(&expected, &claims()), ClaimFault::Changed("nonce"));
    assert!(check(&expected, &but("nonce", Value::Null)).is_ok());
}

#[test]
fn c27_the_time_of_the_sign_in_stays() {
    let auth_time = |value: Value| refreshed(&with(first(), "auth_time", value));
    assert_eq!(auth_time(json!(ISSUED - 100)), Ok(()));
    assert_eq!(auth_time(Value::Null), Ok(()), "if it is there");
    for other in [json!(ISSUED), json!(ISSUED - 101)] {
        assert_eq!(auth_time(other), Err(ClaimFault::Changed("auth_time")));
    }
}

#[test]
fn c27_a_changed_azp_is_refused() {
    let other = with(first(), "azp", json!("other"));
    assert_eq!(refreshed(&other), Err(ClaimFault::AuthorizedParty));
    let lenient = rules().ignore_azp();
    assert!(check(&ExpectedIdToken::new(&lenient).refreshes(original()), &other).is_ok());
    let without = OriginalIdToken::new(ISSUER, "248289761001", [CLIENT_ID]);
    let expected = ExpectedIdToken::new(&rules()).refreshes(without);
    let added = with(but("nonce", Value::Null), "azp", json!(CLIENT_ID));
    assert_eq!(fault(&expected, &added), ClaimFault::Changed("azp"));
}

#[test]
fn c27_everything_else_is_as_for_a_first_token() {
    for (name, value, wanted) in [
        ("exp", json!(1), ClaimFault::Expired),
        ("iat", Value::Null, ClaimFault::Missing("iat")),
        ("at_hash", json!("x"), ClaimFault::Hash("at_hash")),
        ("nbf", json!(EXPIRES), ClaimFault::NotYetValid),
    ] {
        assert_eq!(refreshed(&with(first(), name, value)), Err(wanted));
    }
    let aged = ExpectedIdToken::new(&rules()).refreshes(original()).max_age(Duration::ZERO);
    assert_eq!(
        fault(&aged, &first()),
        ClaimFault::AuthenticationTooOld,
        "if it is asked for again"
    );
}

#[test]
fn an_original_is_kept_in_parts() {
    let whole = original();
    let mut parts =
        OriginalIdToken::new(whole.issuer().clone(), whole.subject(), whole.audience().to_vec());
    parts = parts.with_azp(whole.azp().unwrap()).with_auth_time(whole.auth_time().unwrap());
    parts = parts.with_nonce(whole.nonce().unwrap().clone());
    assert_eq!(parts, whole);
    assert_eq!(whole.nonce().unwrap().expose(), NONCE);
}

#[test]
fn standard_claims_have_their_types() {
    let mut all = claims();
    for (name, value) in [
        ("middle_name", json!("M")),
        ("nickname", json!("J")),
        ("preferred_username", json!("j.doe")),
        ("profile", json!("https://example.com/j")),
        ("website", json!("https://j.example")),
        ("email_verified", json!(true)),
        ("zoneinfo", json!("Europe/Paris")),
        ("locale", json!("en-US")),
        ("phone_number", json!("+1 (425) 555-1212")),
        ("phone_number_verified", json!(false)),
        ("updated_at", json!(1_311_280_000)),
        ("amr", json!(["pwd", "otp"])),
        ("sid", json!("s1")),
        (
            "address",
            json!({"street_address": "1234 Hollywood Blvd.", "locality": "Los Angeles", "country": "US", "x": 1}),
        ),
        ("family_name#ja-Kana-JP", json!("ドウ")),
    ] {
        all = with(all, name, value);
    }
    let identity = check(&expected(), &all).unwrap();
    let standard = identity.standard_claims();
    assert_eq!(standard.middle_name().as_deref(), Some("M"));
    assert_eq!(standard.nickname().as_deref(), Some("J"));
    assert_eq!(standard.preferred_username().as_deref(), Some("j.doe"));
    assert_eq!(standard.profile().as_deref(), Some("https://example.com/j"));
    assert_eq!(standard.website().as_deref(), Some("https://j.example"));
    assert_eq!(
        (standard.email_verified(), standard.phone_number_verified()),
        (Some(true), Some(false))
    );
    assert_eq!(standard.zoneinfo().as_deref(), Some("Europe/Paris"));
    assert_eq!(standard.locale().as_deref(), Some("en-US"));
    assert_eq!(standard.phone_number().as_deref(), Some("+1 (425) 555-1212"));
    assert_eq!(standard.updated_at(), Some(seconds(1_311_280_000)));
    assert_eq!(standard.claim::<String>("family_name#ja-Kana-JP").as_deref(), Some("ドウ"));
    let address = standard.address().unwrap();
    assert_eq!(address.street_address.as_deref(), Some("1234 Hollywood Blvd."));
    assert_eq!(
        (address.locality.as_deref(), address.country.as_deref()),
        (Some("Los Angeles"), Some("US"))
    );
    assert_eq!((address.formatted, address.region, address.postal_code), (None, None, None));
    assert_eq!(identity.amr(), ["pwd", "otp"]);
    assert_eq!(identity.session_id().as_deref(), Some("s1"));

    // Another type is not guessed at: "true" is no boolean, and no reason to refuse a sign-in.
    let odd = with(but("email_verified", json!("true")), "name", json!(7));
    let identity = check(&expected(), &odd).unwrap();
    assert_eq!(identity.standard_claims().email_verified(), None);
    assert_eq!(identity.standard_claims().name(), None);
    assert_eq!(identity.claim::<String>("email_verified").as_deref(), Some("true"));
}
