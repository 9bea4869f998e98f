//! Form bodies, other media types, other success statuses, and what stands around the JSON.

use grantwire::reply::{ErrorCode, Unusable};
use grantwire::{Deviation, GrantedScope, Quirks};

use crate::given::*;
use crate::unusable;

const BODY: &str = r#"{"access_token":"at-1","token_type":"Bearer"}"#;
const TEXT: &[(&str, &str)] = &[("content-type", "text/plain")];
const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

/// Shopify, GitHub, and whoever sends XML to those who take anything: JSON is always asked for.
#[test]
fn every_request_asks_for_json() {
    let client = client();
    for exchange in [code_exchange(&client), refresh(&client), own_token(&client)] {
        assert_eq!(built(&exchange).headers()["accept"], "application/json");
    }
}

#[test]
fn github_answers_with_a_form() {
    let reply = answer(200, FORM, "access_token=at-1&scope=&token_type=bearer");
    unusable(&failure(&reply), Unusable::NotJson { line: 1, column: 1 }, &reply);
    let exchange = code_exchange(&lenient(Quirks::new().form_encoded_response()));
    let tokens = exchange.read(&reply).unwrap();
    assert_eq!(tokens.access_token().expose(), "at-1");
    assert_eq!(*tokens.scope(), GrantedScope::Empty);
    assert_eq!(tokens.deviations(), [Deviation::FormEncoded, Deviation::TokenTypeCase]);
    // The refusal comes as a form as well, and with 200.
    let reply = answer(200, FORM, "error=bad_verification_code&error_description=It+is+spent");
    let error = exchange.read(&reply).unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code().as_str(), "bad_verification_code");
    assert_eq!(refusal.description().unwrap().raw(), "It is spent");
}

#[test]
fn facebook_answered_with_a_form_and_refused_with_json() {
    let exchange = code_exchange(&lenient(Quirks::new().form_encoded_response().assume_bearer()));
    let reply = answer(200, TEXT, "access_token=a%2Bb&expires_in=3600");
    assert_eq!(exchange.read(&reply).unwrap().access_token().expose(), "a+b");
    let reply = json(400, r#"{"error":{"message":"x","type":"OAuthException","code":100}}"#);
    let error = exchange.read(&reply).unwrap_err();
    assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::NonStandard));
}

#[test]
fn a_form_that_repeats_a_member_is_refused() {
    let exchange = code_exchange(&lenient(Quirks::new().form_encoded_response()));
    let reply = answer(200, FORM, "access_token=a&access_token=b&token_type=bearer");
    let error = exchange.read(&reply).unwrap_err();
    unusable(&error, Unusable::DuplicateMember("access_token"), &reply);
}

#[test]
fn wechat_sends_json_as_plain_text() {
    for media_type in ["text/plain", "text/plain; charset=utf-8", "text/html", "text/javascript"] {
        let reply = answer(200, &[("content-type", media_type)], BODY);
        unusable(&failure(&reply), Unusable::ContentType, &reply);
        let exchange = code_exchange(&lenient(Quirks::new().ignore_content_type()));
        assert_eq!(exchange.read(&reply).unwrap().deviations(), [Deviation::ContentType]);
    }
}

/// The decoder is never chosen by the media type: only the body says what it is.
#[test]
fn the_media_type_does_not_pick_the_decoder() {
    let quirks = Quirks::new().form_encoded_response().ignore_content_type();
    let exchange = code_exchange(&lenient(quirks));
    assert!(exchange.read(&answer(200, FORM, BODY)).is_ok(), "JSON under a form's type");
    let form = "access_token=at-1&token_type=bearer";
    assert!(exchange.read(&json(200, form)).is_ok(), "a form under JSON's type");
}

#[test]
fn json_by_any_of_its_names_is_json() {
    for media_type in [
        "application/json",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON ; charset=utf-8",
        "application/problem+json",
    ] {
        let reply = answer(200, &[("content-type", media_type)], BODY);
        assert_eq!(code_exchange(&client()).read(&reply).unwrap().deviations(), [], "{media_type}");
    }
}

#[test]
fn no_media_type_at_all_is_accepted_and_said() {
    let tokens = code_exchange(&client()).read(&answer(200, &[], BODY)).unwrap();
    assert_eq!(tokens.deviations(), [Deviation::ContentTypeAbsent]);
}

#[test]
fn a_refusal_is_a_refusal_under_any_media_type() {
    for headers in [TEXT, FORM, &[("content-type", "text/html")], &[]] {
        for status in [200, 400, 401, 403] {
            let error = failure(&answer(status, headers, r#"{"error":"invalid_grant"}"#));
            assert_eq!(
                error.refusal().map(|refusal| refusal.code()),
                Some(&ErrorCode::InvalidGrant)
            );
        }
    }
}

#[test]
fn html_whatever_it_is_announced_as() {
    let html = "<!DOCTYPE html>\n<html><title>Sign in</title></html>";
    for media_type in [JSON, "text/html"] {
        for (who, status) in [("a proxy or a wrong URL", 200), ("Shopify", 400), ("n8n", 404)] {
            let reply = answer(status, &[("content-type", media_type)], html);
            let error = failure(&reply);
            assert_eq!(error.raw().expose_body(), html.as_bytes(), "{who}");
            unusable(&error, Unusable::NotJson { line: 1, column: 1 }, &reply);
        }
    }
}

#[test]
fn an_identity_provider_behind_postman_sends_xml() {
    let reply = answer(200, &[("content-type", "application/xml")], "<token>at-1</token>");
    unusable(&failure(&reply), Unusable::NotJson { line: 1, column: 1 }, &reply);
}

#[test]
fn supabase_ostrom_and_ballerina_create_tokens() {
    for status in [201, 202, 203] {
        let tokens = code_exchange(&client()).read(&json(status, BODY)).unwrap();
        assert_eq!(tokens.deviations(), [Deviation::Status(status)]);
    }
    let reply = answer(204, &[], "");
    unusable(&failure(&reply), Unusable::Empty, &reply);
}

#[test]
fn keycloak_behind_kong_challenges_a_success() {
    let headers = [("content-type", JSON), ("www-authenticate", r#"Bearer error="invalid_token""#)];
    let tokens = code_exchange(&client()).read(&answer(200, &headers, BODY)).unwrap();
    assert_eq!(tokens.deviations(), []);
}

#[test]
fn a_byte_order_mark_is_stripped_once() {
    let once = [b"\xEF\xBB\xBF", BODY.as_bytes()].concat();
    let tokens = code_exchange(&client()).read(&json(200, once.clone())).unwrap();
    assert_eq!(tokens.deviations(), [Deviation::ByteOrderMark]);
    let reply = json(200, [b"\xEF\xBB\xBF", once.as_slice()].concat());
    unusable(&failure(&reply), Unusable::NotJson { line: 1, column: 1 }, &reply);
}

#[test]
fn wordpress_begins_with_a_new_line() {
    let reply = json(200, format!("\r\n\t {BODY}\n\n"));
    assert_eq!(code_exchange(&client()).read(&reply).unwrap().deviations(), []);
}

#[test]
fn bytes_that_are_no_text_cost_the_member_they_stand_in() {
    let body = [
        br#"{"access_token":"at-1","token_type":"Bearer","note":""#.as_slice(),
        b"\xFF\xFE",
        br#""}"#,
    ]
    .concat();
    let tokens = code_exchange(&client()).read(&json(200, body)).unwrap();
    assert_eq!(tokens.deviations(), [Deviation::NotUtf8]);
    assert_eq!(tokens.access_token().expose(), "at-1");
}
