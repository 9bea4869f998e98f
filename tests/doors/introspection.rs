//! Introspection (RFC 7662): an authorization decision hangs on it, so nothing is guessed.

use grantwire::client::{ClientAuthentication, ClientSecretBasic, Credentials};
use grantwire::introspection::Introspection;
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind, Unusable};
use grantwire::revocation::TokenTypeHint;
use grantwire::{
    AuthorizationServer, BuildError, Client, Deviation, GrantedScope, Quirks, Secret, Timestamp,
    TokenType,
};
use http::HeaderValue;
use serde_json::{Value, json as value};

use crate::given::*;
use crate::{asked, fails, guest, refused, unusable};

fn at_example() -> Client {
    let server =
        AuthorizationServer::new().introspection_endpoint("https://server.example.com/introspect");
    Client::new(server, "s6BhdRkqt3")
}

/// What the server says of a token.
fn said(body: &str) -> Introspection {
    guest().introspect("t").read(&json(200, body)).expect(body)
}

#[test]
fn section_2_1_the_example_with_client_authentication() {
    let client = at_example().auth(ClientSecretBasic::new("gX1fBat3bV"));
    let request = asked(&client.introspect("mF_9.B5f-4.1JqM").hint(TokenTypeHint::AccessToken));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://server.example.com/introspect");
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    assert_eq!(body_of(&request), "token=mF_9.B5f-4.1JqM&token_type_hint=access_token");
}

/// A protected resource may show an access token of its own in place of client credentials.
struct OwnToken(Secret);

impl ClientAuthentication for OwnToken {
    fn name(&self) -> &str {
        "bearer"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        let malformed = |_| BuildError::HeaderMalformed { header: "authorization".into() };
        let value = format!("Bearer {}", self.0.expose());
        to.authorization(HeaderValue::try_from(value).map_err(malformed)?)
    }
}

#[test]
fn section_2_1_the_example_with_a_token_of_the_resource() {
    let own = OwnToken(Secret::new("23410913-abewfq.123483"));
    let request = asked(&at_example().auth(own).introspect("2YotnFZFEjr1zCsicMWpAA"));
    assert_eq!(request.headers()["authorization"], "Bearer 23410913-abewfq.123483");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(body_of(&request), "token=2YotnFZFEjr1zCsicMWpAA");
}

#[test]
fn section_2_2_the_example_of_an_active_token() {
    let introspection = said(
        r#"{
            "active": true,
            "client_id": "l238j323ds-23ij4",
            "username": "jdoe",
            "scope": "read write dolphin",
            "sub": "Z5O3upPC88QrAjx00dis",
            "aud": "https://protected.example.net/resource",
            "iss": "https://server.example.com/",
            "exp": 1419356238,
            "iat": 1419350238,
            "extension_field": "twenty-seven"
        }"#,
    );
    assert!(introspection.is_active());
    assert_eq!(introspection.client_id(), Some("l238j323ds-23ij4"));
    assert_eq!(introspection.username(), Some("jdoe"));
    assert_eq!(*introspection.scope(), GrantedScope::Set("read write dolphin".into()));
    assert_eq!(introspection.subject(), Some("Z5O3upPC88QrAjx00dis"));
    assert_eq!(introspection.audience().expect("aud"), ["https://protected.example.net/resource"]);
    assert_eq!(introspection.issuer(), Some("https://server.example.com/"));
    assert_eq!(introspection.expires(), Some(Timestamp::from_unix_seconds(1_419_356_238)));
    assert_eq!(introspection.issued(), Some(Timestamp::from_unix_seconds(1_419_350_238)));
    assert_eq!(introspection.not_before(), None);
    assert_eq!(introspection.extra::<String>("extension_field").as_deref(), Some("twenty-seven"));
    assert_eq!(introspection.deviations(), []);
}

#[test]
fn section_2_2_the_example_of_an_inactive_token() {
    let introspection = said(r#"{"active": false}"#);
    assert!(!introspection.is_active());
    assert_eq!(*introspection.scope(), GrantedScope::Absent);
    assert_eq!((introspection.subject(), introspection.expires()), (None, None));
    assert_eq!(introspection.audience(), None);
    assert_eq!(introspection.deviations(), []);
}

/// RFC 8705 section 3.2. The thumbprint is not canonical base64url, and is kept as it is.
#[test]
fn a_confirmation_is_reachable() {
    let introspection = said(
        r#"{"active":true,"iss":"https://server.example.com","sub":"ty.webb@example.com","exp":1493726400,"nbf":1493722800,"cnf":{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}}"#,
    );
    assert_eq!(introspection.not_before(), Some(Timestamp::from_unix_seconds(1_493_722_800)));
    let confirmation = introspection.confirmation().unwrap();
    assert_eq!(confirmation.x5t_s256(), Some("bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"));
    assert_eq!(confirmation.jkt(), None);
    assert!(!format!("{confirmation:?}").contains("bwcK"), "{confirmation:?}");
    let whole: Value = introspection.extra("cnf").unwrap();
    let expected = value!({"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"});
    assert_eq!(whole, expected);
    assert_eq!(introspection.extra::<String>("cnf"), None, "it is not of that type");
}

/// RFC 9449 section 6.2.
#[test]
fn a_token_of_dpop_says_so() {
    let introspection = said(
        r#"{"active":true,"sub":"someone@example.com","iss":"https://server.example.com","nbf":1562262611,"exp":1562266216,"token_type":"DPoP","cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}"#,
    );
    assert_eq!(introspection.token_type(), Some(&TokenType::Dpop));
    let confirmation = introspection.confirmation().unwrap();
    assert_eq!(confirmation.jkt(), Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"));
    assert_eq!(confirmation.x5t_s256(), None);
    assert_eq!(introspection.deviations(), []);
}

/// A binding that cannot be checked must not be taken for none.
#[test]
fn a_binding_is_never_lost() {
    for (cnf, reported) in [
        (r#"{"kid":"1"}"#, false),
        ("{}", false),
        (r#"{"jkt":7}"#, true),
        (r#"{"jkt":"a","jkt":"b"}"#, true),
        ("7", true),
        ("[]", true),
        (r#""x""#, true),
    ] {
        let introspection = said(&format!(r#"{{"active":true,"cnf":{cnf}}}"#));
        let confirmation = introspection.confirmation().expect(cnf);
        assert_eq!((confirmation.jkt(), confirmation.x5t_s256()), (None, None), "{cnf}");
        let malformed = [Deviation::MalformedMember("cnf")];
        assert_eq!(
            introspection.deviations(),
            if reported { &malformed[..] } else { &[] },
            "{cnf}"
        );
    }
    let half = said(r#"{"active":true,"cnf":{"jkt":"k","x5t#S256":7}}"#);
    assert_eq!(half.confirmation().unwrap().jkt(), Some("k"));
    assert_eq!(half.deviations(), [Deviation::MalformedMember("cnf")]);
    for body in [r#"{"active":true}"#, r#"{"active":true,"cnf":null}"#] {
        assert!(said(body).confirmation().is_none(), "{body}");
    }
}

#[test]
fn how_the_token_is_presented() {
    let kind = |text: &str| {
        let told = said(&format!(r#"{{"active":true,"token_type":{text}}}"#));
        (told.token_type().cloned(), told.deviations().to_vec())
    };
    assert_eq!(kind(r#""Bearer""#), (Some(TokenType::Bearer), vec![]));
    assert_eq!(kind(r#""bearer""#), (Some(TokenType::Bearer), vec![Deviation::TokenTypeCase]));
    assert_eq!(kind(r#""mac""#), (Some(TokenType::from_name("mac")), vec![]));
    for wrong in ["7", r#""""#, "[]"] {
        assert_eq!(kind(wrong), (None, vec![Deviation::MalformedMember("token_type")]), "{wrong}");
    }
}

/// RFC 9470 section 6.2, RFC 9396 section 9.2, and the token's own identifier.
#[test]
fn what_other_rfcs_add() {
    let introspection = said(
        r#"{"active":true,"jti":"t-1","acr":"myACR","auth_time":1646340198,"authorization_details":[{"type":"payment_initiation","amount":123}]}"#,
    );
    assert_eq!((introspection.jti(), introspection.acr()), (Some("t-1"), Some("myACR")));
    assert_eq!(introspection.auth_time(), Some(Timestamp::from_unix_seconds(1_646_340_198)));
    let details: Vec<Value> = introspection.authorization_details().unwrap();
    assert_eq!(details, [value!({"type": "payment_initiation", "amount": 123})]);
    assert_eq!(introspection.authorization_details::<String>(), None, "they are not of that type");
    let bare = said(r#"{"active":true}"#);
    assert_eq!((bare.jti(), bare.acr(), bare.auth_time()), (None, None, None));
    assert_eq!(bare.authorization_details::<Value>(), None);
}

/// In every form that servers send numbers in, as elsewhere.
#[test]
fn a_moment_in_other_forms_is_read_and_reported() {
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for (form, deviation) in [
            (r#""1419356238""#, Deviation::LifetimeString),
            ("1419356238.0", Deviation::LifetimeFloat),
            ("1.419356238e9", Deviation::LifetimeFloat),
        ] {
            let introspection = said(&format!(r#"{{"active":true,"{name}":{form}}}"#));
            let moments = [
                introspection.expires(),
                introspection.issued(),
                introspection.not_before(),
                introspection.auth_time(),
            ];
            let read: Vec<_> = moments.into_iter().flatten().collect();
            assert_eq!(read, [Timestamp::from_unix_seconds(1_419_356_238)], "{name}: {form}");
            assert_eq!(introspection.deviations(), [deviation], "{name}: {form}");
        }
    }
}

/// RFC 9701 section 5: what cannot be verified is not read.
#[test]
fn a_signed_answer_is_refused_by_name() {
    for kind in [
        "application/token-introspection+jwt",
        "Application/Token-Introspection+JWT; charset=utf-8",
        "application/jwt",
    ] {
        let reply = answer(200, &[("content-type", kind)], "eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
        assert_eq!(unusable(&guest().introspect("t"), &reply), Unusable::Jwt, "{kind}");
        let error = fails(&guest().introspect("t"), &reply);
        assert_eq!(error.class(), FailureClass::Indeterminate);
        assert!(error.to_string().contains("plain JSON"), "{error}");
        let plain = answer(200, &[("content-type", kind)], r#"{"active":true}"#);
        assert_eq!(unusable(&guest().introspect("t"), &plain), Unusable::ContentType, "{kind}");
    }
    let failed = answer(401, &[("content-type", "application/jwt")], "eyJhbGciOiJSUzI1NiJ9.e30.c2");
    assert_eq!(unusable(&guest().introspect("t"), &failed), Unusable::Jwt);
}

#[test]
fn active_is_a_boolean_or_the_answer_is_unusable() {
    let why = |body: &str| unusable(&guest().introspect("t"), &json(200, body));
    let values =
        [r#""true""#, r#""false""#, "1", "0", "1.0", "[true]", "{}", r#""""#, r#""yes""#, "-1"];
    for wrong in values {
        let body = format!(r#"{{"active":{wrong},"sub":"a"}}"#);
        assert_eq!(why(&body), Unusable::MemberMalformed("active"), "{wrong}");
    }
    for missing in
        ["{}", r#"{"active":null}"#, r#"{"Active":true}"#, r#"{"token":{"active":true}}"#]
    {
        assert_eq!(why(missing), Unusable::MemberMissing("active"), "{missing}");
    }
    for body in [r#"{"active":true,"active":false}"#, r#"{"active":false,"\u0061ctive":true}"#] {
        assert_eq!(why(body), Unusable::DuplicateMember("active"), "two readers would disagree");
    }
    assert_eq!(why(r#"{"active":true,"error":"invalid_token"}"#), Unusable::Ambiguous);
    assert_eq!(why(r#"{"active":tru"#), Unusable::Truncated);
    assert_eq!(why(""), Unusable::Empty);
    assert_eq!(why("true"), Unusable::NotAnObject);
}

/// No tolerance of the token endpoint makes a guess of it here.
#[test]
fn no_quirk_makes_an_answer_of_what_is_none() {
    let quirks = Quirks::new().assume_bearer().ignore_content_type().form_encoded_response();
    let client = Client::new(crate::house().quirks(quirks), CLIENT_ID);
    let form = answer(200, &[("content-type", "text/plain")], "active=true&sub=a");
    assert_eq!(unusable(&client.introspect("t"), &form), Unusable::MemberMalformed("active"));
}

/// IdentityServer4 and Gluu send the scope as an array.
#[test]
fn a_scope_array_is_read_and_reported() {
    let introspection = said(r#"{"active":true,"scope":["read","write"]}"#);
    assert_eq!(*introspection.scope(), GrantedScope::Set("read write".into()));
    assert_eq!(introspection.deviations(), [Deviation::ScopeArray]);
    let introspection = said(r#"{"active":true,"scope":{"a":1}}"#);
    assert!(matches!(introspection.scope(), GrantedScope::Malformed(_)));
    assert!(!introspection.scope().contains("a"));
}

/// OpenEMR sends a date object for `exp`.
#[test]
fn an_optional_member_that_cannot_be_read_costs_only_itself() {
    let date = r#"{"date":"2026-01-01 00:00:00.000000","timezone_type":3,"timezone":"UTC"}"#;
    let body = format!(r#"{{"active":true,"sub":"a","exp":{date},"iat":"soon","nbf":-1}}"#);
    let introspection = said(&body);
    assert!(introspection.is_active());
    assert_eq!(introspection.subject(), Some("a"));
    assert_eq!(introspection.expires(), None);
    assert_eq!((introspection.issued(), introspection.not_before()), (None, None));
    let malformed = ["exp", "iat", "nbf"].map(Deviation::MalformedMember);
    assert_eq!(introspection.deviations(), malformed);
    let kept: Value = introspection.extra("exp").unwrap();
    assert_eq!(kept["timezone"], "UTC", "it is there for whoever asks");
    // The last was meant as milliseconds, and would be the year 46947.
    let wrong = ["1419356238.5", "1e300", "99999999999999999999999999", "-1", "\"\"", "[]"];
    for number in wrong.into_iter().chain(["\"-1\"", "18446744073709551615", "1419356238000"]) {
        let introspection = said(&format!(r#"{{"active":true,"exp":{number}}}"#));
        assert_eq!(introspection.expires(), None, "{number}");
        assert_eq!(introspection.deviations(), [Deviation::MalformedMember("exp")], "{number}");
    }
    let names = ["client_id", "username", "sub", "iss", "jti", "acr"];
    for name in names {
        let introspection = said(&format!(r#"{{"active":true,"{name}":7}}"#));
        assert_eq!(introspection.deviations(), [Deviation::MalformedMember(name)]);
        assert_eq!(introspection.extra::<u8>(name), Some(7));
    }
}

#[test]
fn an_audience_is_one_or_several() {
    let told = |aud: &str| said(&format!(r#"{{"active":true,"aud":{aud}}}"#));
    for (aud, read) in [(r#""a""#, &["a"][..]), (r#"["a","b"]"#, &["a", "b"]), ("[]", &[])] {
        let introspection = told(aud);
        let audience = introspection.audience().expect(aud);
        assert_eq!((audience, introspection.deviations()), (&*owned(read), &[][..]), "{aud}");
    }
    assert_eq!(told("null").audience(), None);
    // A token that was meant for somebody is never one without an audience.
    for wrong in ["7", r#"{"a":"b"}"#, "true"] {
        let introspection = told(wrong);
        assert_eq!(introspection.audience(), Some(&[][..]), "{wrong}");
        assert_eq!(introspection.deviations(), [Deviation::MalformedMember("aud")], "{wrong}");
    }
    let introspection = told(r#"["a",7,null,"b"]"#);
    assert_eq!(introspection.audience(), Some(&*owned(&["a", "b"])));
    assert_eq!(introspection.deviations(), [Deviation::MalformedElement("aud")]);
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// Gluu once answered 400 for a token it did not know.
#[test]
fn a_failure_is_an_error_and_never_inactive() {
    let failed = |reply| fails(&guest().introspect("t"), &reply);
    let error = failed(json(400, r#"{"error":"invalid_request"}"#));
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::InvalidRequest);
    let error = failed(json(400, r#"{"active":false}"#));
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::NonStandard, "the status is a no");
    let error = failed(json(401, r#"{"error":"invalid_client"}"#));
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::InvalidClient);
    let challenge = [("www-authenticate", r#"Bearer error="invalid_token""#)];
    let error = failed(answer(401, &challenge, ""));
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::InvalidToken);
    let error = failed(json(503, r#"{"active":false}"#));
    assert_eq!(*error.kind(), ReplyErrorKind::Unavailable);
    assert_eq!(error.class(), FailureClass::Transient);
    let page = answer(200, &[("content-type", "text/html")], r#"{"active":true}"#);
    assert_eq!(unusable(&guest().introspect("t"), &page), Unusable::ContentType);
    assert_eq!(unusable(&guest().introspect("t"), &answer(204, &[], "")), Unusable::Empty);
}

#[test]
fn another_2xx_is_reported() {
    let reply = json(201, r#"{"active":true}"#);
    let introspection = guest().introspect("t").read(&reply).unwrap();
    assert_eq!(introspection.deviations(), [Deviation::Status(201)]);
}

#[test]
fn a_token_must_be_there() {
    assert_eq!(refused(&guest().introspect("")), BuildError::Empty { parameter: "token".into() });
}

#[test]
fn it_prints_nobody() {
    let introspection = said(r#"{"active":true,"username":"jdoe","sub":"Z5O3","x":"y"}"#);
    let printed = format!("{introspection:?}");
    assert_eq!(printed, "Introspection { active: true, .. }");
}
