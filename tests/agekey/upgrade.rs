//! The upgrade request, its limits, and what AgeKey says to it.

use std::time::Duration;

use grantwire::provider::agekey::{Age, AgeVerification, DetailsForm};
use grantwire::reply::ErrorCode;
use grantwire::resource::Denied;
use grantwire::{AccessToken, BuildError, RetryAfter, TokenType};
use serde_json::{Value, json};

use crate::given::{answer, as_pairs, body_of, headers_of};
use crate::{WRONG_MOMENTS, agekey, invalid, token};

pub fn detail() -> AgeVerification {
    let id = "0198c6a2-7c1e-7b3a-9f00-2f3a4b5c6d7e";
    AgeVerification::new(Age::AtLeastYears(18), "id_doc_scan", id, "2026-11-21T08:00:00Z")
}

const DETAIL: &str = r#"{"type":"age_verification","age":{"at_least_years":18},"method":"id_doc_scan","verification_id":"0198c6a2-7c1e-7b3a-9f00-2f3a4b5c6d7e","verified_at":"2026-11-21T08:00:00Z"}"#;

#[test]
fn the_upgrade_request_in_its_two_forms() {
    let request = agekey().upgrade(&token(), &[detail()]).unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(
        headers_of(&request),
        as_pairs(&[
            ("accept", "application/json"),
            ("authorization", "Bearer eyJhbGc.x.y"),
            ("content-type", "application/json"),
        ])
    );
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(body_of(&request), format!(r#"{{"authorization_details":[{DETAIL}]}}"#));

    // The SDK sends the array as a string.
    let request = agekey().upgrade_as(&token(), &[detail()], DetailsForm::String).unwrap();
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body, json!({"authorization_details": format!("[{DETAIL}]")}));
}

#[test]
fn the_older_form_has_the_token_as_a_user_name() {
    let request = agekey().upgrade_with_basic(&token(), &[detail()]).unwrap();
    // "eyJhbGc.x.y:"
    assert_eq!(request.headers()["authorization"], "Basic ZXlKaGJHYy54Lnk6");
    assert!(request.headers()["authorization"].is_sensitive());
    for wrong in ["", "a:b", "a b", "a\nb"] {
        let token = AccessToken::new(wrong, TokenType::Bearer);
        let malformed = BuildError::HeaderMalformed { header: "authorization".into() };
        assert_eq!(agekey().upgrade_with_basic(&token, &[detail()]).err(), Some(malformed));
    }
}

#[test]
fn every_kind_of_age_and_all_that_can_go_with_it() {
    let born = AgeVerification::new(Age::DateOfBirth("2001-02-28".into()), "m", "v", "2026-11-21")
        .provenance("/veratad/roc")
        .attributes(json!({"country": "GB"}));
    let years = AgeVerification::new(Age::Years(33), "m", "v", "2026-11-21");
    let request = agekey().upgrade(&token(), &[born, years]).unwrap();
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(
        body["authorization_details"],
        json!([
            {
                "type": "age_verification", "age": {"date_of_birth": "2001-02-28"}, "method": "m",
                "verification_id": "v", "verified_at": "2026-11-21",
                "attributes": {"country": "GB"}, "provenance": "/veratad/roc",
            },
            {
                "type": "age_verification", "age": {"years": 33}, "method": "m",
                "verification_id": "v", "verified_at": "2026-11-21",
            },
        ])
    );
}

#[test]
fn details_have_limits() {
    let send = |age, method: &str, id: &str, at: &str| {
        agekey().upgrade(&token(), &[detail(), AgeVerification::new(age, method, id, at)])
    };
    let years = || Age::Years(30);
    let fine_id = format!("{}{}", "aZ09_+/=.-", "x".repeat(90));
    assert!(send(years(), "m", &fine_id, "2026-11-21").is_ok());
    for wrong in ["", &format!("{fine_id}x"), "a b", "a:b", "é", "a\n"] {
        invalid(send(years(), "m", wrong, "2026-11-21"), "verification_id");
    }
    for wrong in WRONG_MOMENTS {
        invalid(send(years(), "m", "v", wrong), "verified_at");
        invalid(send(Age::DateOfBirth((*wrong).into()), "m", "v", "2026-11-21"), "date_of_birth");
    }
    invalid(
        send(Age::DateOfBirth("2001-02-28T00:00Z".into()), "m", "v", "2026-11-21"),
        "date_of_birth",
    );
    let empty = |named: &str| Some(BuildError::Empty { parameter: named.to_owned().into() });
    assert_eq!(send(years(), "", "v", "2026-11-21").err(), empty("method"));
    assert_eq!(agekey().upgrade(&token(), &[]).err(), empty("authorization_details"));
    let dpop = AccessToken::new("t", TokenType::Dpop);
    assert_eq!(agekey().upgrade(&dpop, &[detail()]).err(), Some(BuildError::TokenType));
}

#[test]
fn what_an_upgrade_comes_to() {
    let read = |status, headers: &[(&str, &str)], body: &str| {
        agekey().read_upgrade(&answer(status, headers, body))
    };
    for status in [200, 201, 204] {
        assert_eq!(read(status, &[], "whatever it says"), Ok(()), "{status}");
    }
    let body = r#"{"error":"invalid_token","error_description":"expired"}"#;
    let error = read(401, &[], body).unwrap_err();
    assert!(matches!(error.denied(), Denied::InvalidToken(_)));
    assert_eq!(error.code(), Some(&ErrorCode::InvalidToken));
    assert_eq!(error.description().unwrap().raw(), "expired");

    let error = read(403, &[], r#"{"message":"scope"}"#).unwrap_err();
    assert!(matches!(error.denied(), Denied::InsufficientScope(_)));
    assert_eq!(error.code(), None);
    assert_eq!(error.description().unwrap().raw(), "scope", "message stands for the description");

    let challenge =
        [("www-authenticate", r#"Bearer error="insufficient_scope", scope="agekey.upgrade""#)];
    let error = read(403, &challenge, "").unwrap_err();
    let Denied::InsufficientScope(details) = error.denied() else { panic!("{error}") };
    assert_eq!(details.code(), Some(&ErrorCode::InsufficientScope));
    assert_eq!(details.scope(), Some("agekey.upgrade"));

    let error = read(429, &[("retry-after", "7")], "").unwrap_err();
    let later = RetryAfter::Delay(Duration::from_secs(7));
    assert_eq!(*error.denied(), Denied::Unavailable(Some(later)));
    for (status, body) in [(400, body), (500, "<html>"), (404, "{"), (302, "")] {
        let error = read(status, &[], body).unwrap_err();
        assert_eq!(*error.denied(), Denied::Other(status));
        assert_eq!(error.code().is_some(), body.starts_with("{\""), "{status}");
    }
}
