//! Refusals as they come: with 200, with 500, in shapes of their own, or in a header.

use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::{Quirks, ReplyError};
use http::Response;

use crate::given::*;
use crate::unusable;

use FailureClass::{Definitive, Indeterminate, Transient};

/// What a refresh makes of a reply: the refresh token is what is at stake.
fn refused(reply: &Response<Vec<u8>>) -> ReplyError {
    refresh(&client()).read(reply).expect_err("a failure")
}

/// Who, status, body, the code, the class, and whether the credential is dead.
type Row = (&'static str, u16, &'static str, &'static str, FailureClass, bool);

const WITH_A_CODE: &[Row] = &[
    (
        "GitHub",
        200,
        r#"{"error":"bad_verification_code","error_description":"It is spent."}"#,
        "bad_verification_code",
        Indeterminate,
        false,
    ),
    ("Zoho", 200, r#"{"error":"invalid_code"}"#, "invalid_code", Indeterminate, false),
    ("Slack", 200, r#"{"ok":false,"error":"invalid_code"}"#, "invalid_code", Indeterminate, false),
    (
        "Azure AD",
        200,
        r#"{"error":"invalid_grant","error_codes":[70008]}"#,
        "invalid_grant",
        Definitive,
        true,
    ),
    (
        "GitHub",
        400,
        r#"{"error":"incorrect_client_credentials"}"#,
        "incorrect_client_credentials",
        Indeterminate,
        false,
    ),
    ("HubSpot", 400, r#"{"error":"BAD_AUTH_CODE"}"#, "BAD_AUTH_CODE", Indeterminate, false),
    ("iZettle", 400, r#"{"error":"EXPIRED_AUTH_CODE"}"#, "EXPIRED_AUTH_CODE", Indeterminate, false),
    (
        "EVE Online",
        400,
        r#"{"error":"invalid_grant: Token is expired or invalid."}"#,
        "invalid_grant: Token is expired or invalid.",
        Indeterminate,
        false,
    ),
    (
        "Auth0, a rule failed",
        400,
        r#"{"error":"Unexpected token 'if'"}"#,
        "Unexpected token 'if'",
        Indeterminate,
        false,
    ),
    ("Auth0", 403, r#"{"error":"invalid_grant"}"#, "invalid_grant", Definitive, true),
    ("Auth0", 403, r#"{"error":"mfa_required","mfa_token":"m"}"#, "mfa_required", Transient, false),
    (
        "Auth0, rate limit",
        429,
        r#"{"error":"too_many_requests"}"#,
        "too_many_requests",
        Transient,
        false,
    ),
    ("Google", 400, r#"{"error":"internal_failure"}"#, "internal_failure", Transient, false),
    (
        "Google",
        400,
        r#"{"error":"invalid_grant","error_description":"Bad Request"}"#,
        "invalid_grant",
        Definitive,
        true,
    ),
    ("any", 400, r#"{"error":"server_error"}"#, "server_error", Transient, false),
    (
        "any",
        200,
        r#"{"error":"temporarily_unavailable"}"#,
        "temporarily_unavailable",
        Transient,
        false,
    ),
    (
        "Dropbox",
        500,
        r#"{"error":"Something went wrong."}"#,
        "Something went wrong.",
        Indeterminate,
        false,
    ),
    ("any", 500, r#"{"error":"invalid_grant"}"#, "invalid_grant", Indeterminate, false),
    ("any", 503, r#"{"error":"invalid_grant"}"#, "invalid_grant", Transient, false),
    (
        "Apple",
        400,
        r#"{"error":"invalid_client","email_verified":false}"#,
        "invalid_client",
        Definitive,
        false,
    ),
    (
        "X",
        400,
        r#"{"error":"invalid_request","error_description":"no error_uri"}"#,
        "invalid_request",
        Definitive,
        false,
    ),
    (
        "Keycloak",
        400,
        r#"{"error":"invalid_grant","error_description":"Session not active"}"#,
        "invalid_grant",
        Definitive,
        true,
    ),
    (
        "FlowFuse, LemonLDAP::NG, @jmondi/oauth2-server, a dead refresh token",
        400,
        r#"{"error":"invalid_request"}"#,
        "invalid_request",
        Definitive,
        false,
    ),
    ("Glewlwyd, a dead code", 403, r#"{"error":"invalid_code"}"#, "invalid_code", Transient, false),
    ("Glewlwyd", 400, r#"{"error":"scope_invalid"}"#, "scope_invalid", Indeterminate, false),
    (
        "Authlib, a dead device code",
        400,
        r#"{"error":"invalid_request","error_description":"Invalid 'device_code' in payload"}"#,
        "invalid_request",
        Definitive,
        false,
    ),
    (
        "Doorkeeper, another client's token",
        403,
        r#"{"error":"unauthorized_client"}"#,
        "unauthorized_client",
        Definitive,
        false,
    ),
    ("any", 401, r#"{"error":"invalid_client"}"#, "invalid_client", Definitive, false),
    ("any", 400, r#"{"error":"unauthorized_client"}"#, "unauthorized_client", Definitive, false),
    ("any", 400, r#"{"error":"invalid_scope"}"#, "invalid_scope", Definitive, false),
];

#[test]
fn refusals_with_a_code() {
    for (who, status, body, code, class, dead) in WITH_A_CODE {
        let error = refused(&json(*status, *body));
        let refusal = error.refusal().unwrap_or_else(|| panic!("{who}: {error}"));
        assert_eq!(refusal.code().as_str(), *code, "{who}");
        assert_eq!(error.class(), *class, "{who} {status} {code}");
        assert_eq!(error.credential_is_dead(), *dead, "{who} {status} {code}");
        assert_eq!(error.raw().expose_body(), body.as_bytes(), "{who}");
    }
}

/// Errors in a shape of the provider's own: known as failures, never as the end of a credential.
#[test]
fn refusals_of_another_shape() {
    for (who, status, body) in [
        ("Facebook", 400, r#"{"error":{"message":"m","type":"OAuthException","code":100}}"#),
        ("Reddit", 401, r#"{"message":"Unauthorized","error":401}"#),
        ("Twitch", 400, r#"{"status":400,"message":"Invalid refresh token"}"#),
        ("Instagram", 400, r#"{"code":400,"error_type":"OAuthException","error_message":"m"}"#),
        ("Supabase", 400, r#"{"code":400,"error_code":"bad","msg":"m"}"#),
        ("Okta", 401, r#"{"errorCode":"E0000011","errorSummary":"m","errorId":"o"}"#),
    ] {
        let error = refused(&json(status, body));
        assert_eq!(
            error.refusal().map(|refusal| refusal.code()),
            Some(&ErrorCode::NonStandard),
            "{who}"
        );
        assert_eq!(error.class(), Indeterminate, "{who}");
        assert!(!error.credential_is_dead(), "{who}");
        assert_eq!(error.raw().expose_body(), body.as_bytes(), "{who}");
    }
}

#[test]
fn members_of_any_refusal_can_be_read() {
    #[derive(serde::Deserialize)]
    struct Facebook {
        r#type: String,
        code: u32,
    }
    let error = refused(&json(400, r#"{"error":{"type":"OAuthException","code":100}}"#));
    let object: Facebook = error.extra("error").unwrap();
    assert_eq!((object.r#type.as_str(), object.code), ("OAuthException", 100));
    let error = refused(&json(401, r#"{"message":"Unauthorized","error":401}"#));
    assert_eq!(error.extra::<u16>("error"), Some(401));
    let error = refused(&json(401, r#"{"errorCode":"E0000011","errorId":"o-1"}"#));
    assert_eq!(error.extra::<String>("errorId").as_deref(), Some("o-1"));
    let body = r#"{"error":"interaction_required","suberror":"basic_action","error_codes":[50076],"claims":"{}"}"#;
    let error = refused(&json(400, body));
    assert_eq!(error.extra::<String>("suberror").as_deref(), Some("basic_action"), "Microsoft");
    assert_eq!(error.extra::<Vec<u32>>("error_codes"), Some(vec![50_076]));
    assert_eq!(error.extra::<String>("claims").as_deref(), Some("{}"));
    let error = refused(&json(403, r#"{"error":"mfa_required","mfa_token":"m-1"}"#));
    assert_eq!(error.extra::<String>("mfa_token").as_deref(), Some("m-1"), "Auth0");
    let error = refused(&json(400, r#"{"error":"invalid_client","email_verified":false}"#));
    assert_eq!(error.extra::<bool>("email_verified"), Some(false), "Apple");
}

#[test]
fn wechat_has_names_of_its_own() {
    let reply = json(200, r#"{"errcode":40029,"errmsg":"invalid code"}"#);
    let missing = Unusable::MemberMissing("access_token");
    unusable(&failure(&reply), missing, &reply);
    let exchange = code_exchange(&lenient(Quirks::new().error_at("/errcode", "/errmsg")));
    let error = exchange.read(&reply).unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code().as_str(), "40029");
    assert_eq!(refusal.description().unwrap().raw(), "invalid code");
    let body = r#"{"errcode":0,"errmsg":"ok","access_token":"at-1","token_type":"bearer"}"#;
    assert!(exchange.read(&json(200, body)).is_ok(), "zero is how it says that all is well");
    let body = r#"{"errcode":null,"access_token":"at-1","token_type":"bearer"}"#;
    assert!(exchange.read(&json(200, body)).is_ok(), "null is absent");
}

#[test]
fn tiktok_v1_says_no_inside_its_envelope() {
    let quirks = Quirks::new().token_at("/data").error_at("/data/error_code", "/data/description");
    let exchange = code_exchange(&lenient(quirks.assume_bearer()));
    let body = r#" {"data":{"description":"Authorization code expired","error_code":10007},"message":"error"}"#;
    let error = exchange.read(&json(200, body)).unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code().as_str(), "10007");
    assert_eq!(refusal.description().unwrap().raw(), "Authorization code expired");
    let body = r#"{"data":{"access_token":"at-1","error_code":0},"message":"success"}"#;
    assert!(exchange.read(&json(200, body)).is_ok());
}

#[test]
fn casdoor_put_the_error_where_the_token_goes() {
    let body = r#"{"access_token":"error: token is expired","token_type":"","expires_in":0}"#;
    let reply = json(200, body);
    unusable(&failure(&reply), Unusable::MemberMalformed("access_token"), &reply);
}

#[test]
fn mitreid_connect_has_an_error_of_null_in_a_success() {
    let tokens = tokens(r#"{"access_token":"at-1","token_type":"Bearer","error":null}"#);
    assert_eq!(tokens.deviations(), []);
}

#[test]
fn a_success_and_an_error_at_once_are_neither() {
    let reply =
        json(200, r#"{"access_token":"at-1","token_type":"Bearer","error":"invalid_grant"}"#);
    let error = failure(&reply);
    unusable(&error, Unusable::Ambiguous, &reply);
    assert!(!error.credential_is_dead());
}

#[test]
fn yandex_describes_in_cyrillic() {
    let error = refused(&json(400, r#"{"error":"invalid_grant","error_description":"Код истёк"}"#));
    assert_eq!(error.refusal().unwrap().description().unwrap().raw(), "Код истёк");
    assert!(error.to_string().is_ascii(), "the description is not part of the message");
}

/// Nothing that could be read, and a status that says who is to blame: later, or not known.
#[test]
fn servers_and_gateways_that_fell_over() {
    for (who, status, body, for_a_refresh, for_the_client) in [
        ("Keyrock", 503, "Server error: missing client grants", Transient, Transient),
        ("Mattermost", 500, "<html>oops</html>", Indeterminate, Transient),
        ("a gateway", 502, "<html>Bad Gateway</html>", Indeterminate, Transient),
        ("a gateway: a lost answer", 504, "", Indeterminate, Transient),
        ("a gateway", 503, "", Transient, Transient),
        ("a gateway", 429, "slow down", Transient, Transient),
    ] {
        let reply = answer(status, &[("content-type", "text/html")], body);
        for (error, class) in [
            (refused(&reply), for_a_refresh),
            (own_token(&client()).read(&reply).unwrap_err(), for_the_client),
        ] {
            assert_eq!(*error.kind(), ReplyErrorKind::Unavailable, "{who}");
            assert_eq!((error.class(), error.fault()), (class, Fault::Server), "{who} {status}");
            assert_eq!(error.raw().expose_body(), body.as_bytes(), "{who}");
        }
    }
}

#[test]
fn google_limits_rates_with_an_html_page() {
    let reply = answer(403, &[("content-type", "text/html")], "<html>rateLimitExceeded</html>");
    let error = refused(&reply);
    unusable(&error, Unusable::NotJson { line: 1, column: 1 }, &reply);
    assert_eq!(error.class(), Transient);
}

#[test]
fn one_server_refuses_in_a_header_alone() {
    let challenge = r#"Bearer error="invalid_grant", error_description="It is spent""#;
    for status in [400, 401] {
        let error = refused(&answer(status, &[("www-authenticate", challenge)], ""));
        let refusal = error.refusal().unwrap();
        assert_eq!(*refusal.code(), ErrorCode::InvalidGrant);
        assert_eq!(refusal.description().unwrap().raw(), "It is spent");
        assert!(error.credential_is_dead());
    }
    // A 5xx has decided nothing, whatever stands in its header.
    let error = refused(&answer(502, &[("www-authenticate", challenge)], ""));
    assert_eq!((error.class(), error.credential_is_dead()), (Indeterminate, false));
}
