//! `token_type`, `access_token`, and the object that they stand in.

use grantwire::reply::{ErrorCode, ReplyErrorKind, Unusable};
use grantwire::{BuildError, Deviation, Quirks, TokenResponse, TokenType};
use http::HeaderMap;

use crate::given::*;
use crate::unusable;

const TYPE: Unusable = Unusable::MemberMissing("token_type");
const TOKEN: Unusable = Unusable::MemberMissing("access_token");
const BAD_TOKEN: Unusable = Unusable::MemberMalformed("access_token");
const BAD_TYPE: Unusable = Unusable::MemberMalformed("token_type");

#[test]
fn refused_by_default_and_recoverable() {
    for (who, body, why) in [
        ("LinkedIn", r#"{"access_token":"at-1","expires_in":5184000}"#, TYPE),
        ("Instagram", r#"{"access_token":"at-1","user_id":17841}"#, TYPE),
        ("VK", r#"{"access_token":"at-1","expires_in":0,"user_id":1}"#, TYPE),
        ("Jobber", r#"{"access_token":"at-1","refresh_token":"rt-1"}"#, TYPE),
        ("Telekom", r#"{"access_token":"at-1","token_type":null}"#, TYPE),
        ("Zitadel", r#"{"access_token":"","token_type":""}"#, BAD_TOKEN),
        ("Casdoor", r#"{"access_token":"","token_type":"","expires_in":0}"#, BAD_TOKEN),
        ("Casdoor, type only", r#"{"access_token":"at-1","token_type":""}"#, BAD_TYPE),
        ("Slack v2", r#"{"ok":true,"authed_user":{"access_token":"at-1"}}"#, TOKEN),
        ("TikTok v1", r#"{"data":{"access_token":"at-1"},"message":"success"}"#, TOKEN),
        ("Azure AD B2C", r#"{"id_token":"a.b.c","token_type":"Bearer"}"#, TOKEN),
        ("evohome", r#"[{"access_token":"at-1","token_type":"Bearer"}]"#, Unusable::NotAnObject),
        ("a faulty server", "null", Unusable::NotAnObject),
        ("a faulty server", "[]", Unusable::NotAnObject),
        ("a faulty server", r#""at-1""#, Unusable::NotAnObject),
        ("a faulty server", "{}", TOKEN),
        ("a faulty server", r#"{"access_token":123,"token_type":"Bearer"}"#, BAD_TOKEN),
        ("a faulty server", r#"{"access_token":null,"token_type":"Bearer"}"#, TOKEN),
        ("a faulty server", r#"{"access_token":["at-1"],"token_type":"Bearer"}"#, BAD_TOKEN),
        ("a faulty server", r#"{"access_token":"at 1","token_type":"Bearer"}"#, BAD_TOKEN),
        ("a faulty server", r#"{"access_token":"at-1","token_type":7}"#, BAD_TYPE),
    ] {
        let reply = json(200, body);
        let error = failure(&reply);
        assert_eq!(*error.kind(), ReplyErrorKind::Unusable(why), "{who}");
        unusable(&error, why, &reply);
    }
}

/// What a reply that failed gives when it is read again with these tolerances.
fn again(body: &str, quirks: Quirks) -> TokenResponse {
    let exchange = code_exchange(&client());
    let error = exchange.read(&json(200, body)).expect_err("strict reading refuses it");
    exchange.read_with(error.raw(), &quirks).expect("the tolerance accepts it")
}

#[test]
fn linkedin_instagram_vk_jobber_and_slack_name_no_type() {
    let tokens =
        again(r#"{"access_token":"at-1","expires_in":5184000}"#, Quirks::new().assume_bearer());
    assert_eq!(*tokens.access_token().token_type(), TokenType::Bearer);
    assert_eq!(tokens.deviations(), [Deviation::TokenTypeAbsent]);
    // Absent is tolerated; a type that is there and is nonsense is not.
    let reply = json(200, r#"{"access_token":"at-1","token_type":7}"#);
    let exchange = code_exchange(&lenient(Quirks::new().assume_bearer()));
    unusable(&exchange.read(&reply).unwrap_err(), BAD_TYPE, &reply);
}

#[test]
fn slack_v2_hides_the_token_in_an_envelope() {
    let body = r#"{"ok":true,"team":{"id":"T1"},"authed_user":{"access_token":"at-1","scope":"chat:write","id":"U1"}}"#;
    let quirks = Quirks::new().token_at("/authed_user").assume_bearer().ok_false_is_error();
    let tokens = again(body, quirks);
    assert_eq!(tokens.access_token().expose(), "at-1");
    assert!(tokens.scope().contains("chat:write"));
    assert_eq!(tokens.extra::<String>("id").as_deref(), Some("U1"));
    assert_eq!(tokens.deviations(), [Deviation::Envelope, Deviation::TokenTypeAbsent]);
}

#[test]
fn slack_says_no_with_ok_false() {
    let reply = json(200, r#"{"ok":false}"#);
    unusable(&failure(&reply), TOKEN, &reply);
    let exchange = code_exchange(&lenient(Quirks::new().ok_false_is_error()));
    let error = exchange.read(&reply).unwrap_err();
    assert_eq!(error.refusal().map(|refusal| refusal.code()), Some(&ErrorCode::NonStandard));
    let tokens = r#"{"ok":true,"access_token":"at-1","token_type":"bearer"}"#;
    assert!(exchange.read(&json(200, tokens)).is_ok());
}

#[test]
fn tiktok_v1_and_douyin_hide_the_token_in_an_envelope() {
    let body =
        r#"{"data":{"access_token":"at-1","expires_in":86400,"open_id":"o"},"message":"success"}"#;
    let tokens = again(body, Quirks::new().token_at("/data").assume_bearer());
    assert_eq!(tokens.extra::<String>("open_id").as_deref(), Some("o"));
    assert_eq!(tokens.deviations(), [Deviation::Envelope, Deviation::TokenTypeAbsent]);
    let exchange = code_exchange(&lenient(Quirks::new().token_at("/data")));
    for (body, why) in [
        (r#"{"message":"error"}"#, Unusable::EnvelopeMissing),
        (r#"{"data":"at-1"}"#, Unusable::EnvelopeMissing),
        (r#"{"data":null}"#, Unusable::EnvelopeMissing),
        (r#"{"data":{}}"#, TOKEN),
    ] {
        let reply = json(200, body);
        unusable(&exchange.read(&reply).unwrap_err(), why, &reply);
    }
}

#[test]
fn azure_ad_b2c_keeps_its_id_token_within_reach() {
    let reply = json(200, r#"{"id_token":"a.b.c","refresh_token":"rt-1","token_type":"Bearer"}"#);
    let error = failure(&reply);
    assert_eq!(error.extra::<String>("id_token").as_deref(), Some("a.b.c"));
    assert_eq!(error.extra::<String>("refresh_token").as_deref(), Some("rt-1"));
}

#[test]
fn keycloak_writes_bearer_small_and_the_header_is_written_large() {
    for sent in ["bearer", "BEARER", "bEaReR"] {
        let tokens = tokens(&format!(r#"{{"access_token":"at-1","token_type":"{sent}"}}"#));
        assert_eq!(*tokens.access_token().token_type(), TokenType::Bearer);
        assert_eq!(tokens.deviations(), [Deviation::TokenTypeCase]);
        let mut headers = HeaderMap::new();
        tokens.access_token().present(&mut headers).unwrap();
        assert_eq!(headers["authorization"], "Bearer at-1");
    }
}

#[test]
fn token_exchange_servers_issue_what_is_no_access_token() {
    for (sent, token_type) in [
        ("N_A", TokenType::NotApplicable),
        ("n_a", TokenType::NotApplicable),
        ("mac", TokenType::Other("mac".into())),
        ("DPoP", TokenType::Dpop),
        ("Bearer ", TokenType::Other("Bearer ".into())),
    ] {
        let tokens = tokens(&format!(r#"{{"access_token":"at-1","token_type":"{sent}"}}"#));
        assert_eq!(*tokens.access_token().token_type(), token_type);
        let mut headers = HeaderMap::new();
        let refused = tokens.access_token().present(&mut headers);
        assert_eq!(refused, Err(BuildError::TokenType), "{sent}");
        assert!(headers.is_empty());
    }
}

#[test]
fn stripe_connect_and_vimeo_send_members_of_their_own() {
    let tokens = tokens(
        r#"{"access_token":"at-1","token_type":"bearer","livemode":false,"stripe_user_id":"acct_1",
            "user":{"links":[1,2]},"big":1e400}"#,
    );
    assert_eq!(tokens.extra::<bool>("livemode"), Some(false));
    assert_eq!(tokens.extra::<String>("stripe_user_id").as_deref(), Some("acct_1"));
    #[derive(serde::Deserialize)]
    struct User {
        links: Vec<u8>,
    }
    assert_eq!(tokens.extra::<User>("user").map(|user| user.links), Some(vec![1, 2]));
    assert_eq!(tokens.extra::<String>("livemode"), None, "of another type");
    assert_eq!(
        tokens.extra::<f64>("big"),
        None,
        "too large for the type, and yet the token is here"
    );
}
