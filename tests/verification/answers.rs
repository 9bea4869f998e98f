//! Chapter E, signed introspection, and of chapter C the signed claims about a user. And what is encrypted.

use grantwire::claims::{ClaimFault, ExpectedIdToken, TokenKind, TokenRules};
use grantwire::introspection::Introspection;
use grantwire::jose::{Algorithm, Jwe, Jws, JwsError, LocalVerifier, SharedSecret, VerifyError};
use grantwire::reply::{ReplyErrorKind, Unusable};
use grantwire::userinfo::Userinfo;
use grantwire::{AccessToken, AuthorizationServer, Client, Entropy, TokenType};
use http::Response;
use serde_json::{Value, json};

use crate::tools::*;

const RESOURCE: &str = "https://rs.example.com/resource";
const INTROSPECTION: &str = "application/token-introspection+jwt";

fn client() -> Client {
    let server = AuthorizationServer::new()
        .issuer(ISSUER)
        .introspection_endpoint("https://server.example.com/introspect")
        .userinfo_endpoint("https://server.example.com/userinfo");
    Client::new(server, CLIENT_ID)
}

fn reply(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    let response = Response::builder().status(status).header("content-type", media_type);
    response.body(body.into()).unwrap()
}

/// RFC 9701 section 5.
fn told() -> Value {
    json!({
        "iss": ISSUER, "aud": RESOURCE, "iat": ISSUED,
        "token_introspection": {
            "active": true, "iss": ISSUER, "aud": RESOURCE, "iat": ISSUED - 70, "exp": ISSUED + 50,
            "client_id": "paiB2goo0a", "scope": "read write dolphin", "sub": "Z5O3upPC88QrAjx00dis",
        },
    })
}

fn rules_of_resource() -> TokenRules {
    TokenRules::new(ISSUER, RESOURCE).algorithm(ALGORITHM)
}

fn typed(typ: &str, claims: &Value) -> String {
    let header = format!(r#"{{"alg":"{ALGORITHM}","kid":"{KEY_ID}","typ":"{typ}"}}"#);
    sign(&key(ALGORITHM), &header, &claims.to_string())
}

fn introspect_text(text: &str) -> Result<Introspection, ClaimFault> {
    let exchange = client().introspect("mF_9.B5f-4.1JqM").signed();
    let signed = exchange.read(&reply(200, INTROSPECTION, text)).unwrap();
    let found = signed.verify(&rules_of_resource(), &keys(), &LocalVerifier::new(), NOW);
    found.map_err(|error| error.fault())
}

fn introspect(claims: &Value) -> Result<Introspection, ClaimFault> {
    introspect_text(&typed("token-introspection+jwt", claims))
}

#[test]
fn e1_a_signed_answer_is_asked_for() {
    let exchange = client().introspect("mF_9.B5f-4.1JqM").signed();
    let request = exchange.request(NOW, &mut Entropy::new([7; 32])).unwrap();
    assert_eq!(request.headers()["accept"], INTROSPECTION);
    assert_eq!(request.headers().get_all("accept").iter().count(), 1);
    assert!(String::from_utf8_lossy(request.body()).contains("token=mF_9.B5f-4.1JqM"));
    let plain = client().introspect("mF_9.B5f-4.1JqM");
    assert_eq!(
        plain.request(NOW, &mut Entropy::new([7; 32])).unwrap().headers()["accept"],
        "application/json"
    );
}

#[test]
fn e1_e7_no_downgrade_either_way() {
    let signed = client().introspect("t").signed();
    for media_type in ["application/json", "application/jwt", "text/plain"] {
        let error = signed.read(&reply(200, media_type, r#"{"active":true}"#)).unwrap_err();
        let ReplyErrorKind::Unusable(why) = error.kind() else { panic!("{error:?}") };
        let wanted = if media_type == "application/json" {
            Unusable::NotSigned
        } else {
            Unusable::ContentType
        };
        assert_eq!(*why, wanted, "{media_type}");
    }
    let text = typed("token-introspection+jwt", &told());
    assert!(signed.read(&reply(200, INTROSPECTION, text.clone())).is_ok());
    let upper = INTROSPECTION.to_uppercase() + "; charset=utf-8";
    assert!(signed.read(&reply(200, &upper, format!("{text}\n"))).is_ok());
    // Not asked for and signed: the plain reader does not guess.
    let error = client().introspect("t").read(&reply(200, INTROSPECTION, text)).unwrap_err();
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::Jwt));
    // An error is plain, as it always was.
    let error =
        signed.read(&reply(401, "application/json", r#"{"error":"invalid_client"}"#)).unwrap_err();
    assert!(matches!(error.kind(), ReplyErrorKind::Refused(_)), "{error:?}");
    let long = reply(200, INTROSPECTION, vec![b'a'; 65 * 1024]);
    let error = signed.read(&long).unwrap_err();
    assert!(
        matches!(error.kind(), ReplyErrorKind::Unusable(Unusable::BodyTooLarge { .. })),
        "{error:?}"
    );
}

#[test]
fn e2_typ_is_its_own() {
    for fine in [
        "token-introspection+jwt",
        "Token-Introspection+JWT",
        "application/token-introspection+jwt",
    ] {
        assert!(introspect_text(&typed(fine, &told())).is_ok(), "{fine}");
    }
    for other in ["JWT", "at+jwt", "logout+jwt", ""] {
        assert_eq!(
            introspect_text(&typed(other, &told())).unwrap_err(),
            ClaimFault::Typ,
            "{other}"
        );
    }
    assert_eq!(introspect_text(&signed(&told())).unwrap_err(), ClaimFault::Typ, "absent");
}

#[test]
fn e3_issuer_audience_and_time() {
    let but = |name: &str, value: Value| introspect(&with(told(), name, value)).map(drop);
    assert_eq!(but("iss", json!("https://other.example")), Err(ClaimFault::Issuer));
    assert_eq!(but("aud", json!("https://other.example")), Err(ClaimFault::Audience));
    assert_eq!(but("aud", json!([RESOURCE, "https://other.example"])), Ok(()), "it contains ours");
    assert_eq!(but("aud", Value::Null), Err(ClaimFault::Missing("aud")));
    assert_eq!(but("iat", Value::Null), Err(ClaimFault::Missing("iat")));
    assert_eq!(but("iat", json!(ISSUED + 71)), Err(ClaimFault::IssuedInFuture));
    assert_eq!(but("nbf", json!(ISSUED + 71)), Err(ClaimFault::NotYetValid));
}

#[test]
fn e4_what_is_said_of_the_token_is_an_object_inside() {
    let told_ = introspect(&told()).unwrap();
    assert!(told_.is_active());
    assert_eq!(told_.client_id(), Some("paiB2goo0a"));
    assert_eq!(told_.subject(), Some("Z5O3upPC88QrAjx00dis"));
    assert!(told_.scope().contains("dolphin"));
    assert_eq!(told_.expires(), Some(seconds(ISSUED + 50)));
    let inside = |value: Value| introspect(&with(told(), "token_introspection", value)).map(drop);
    assert_eq!(inside(Value::Null), Err(ClaimFault::Missing("token_introspection")));
    for wrong in [json!([]), json!("{}"), json!(true)] {
        assert_eq!(inside(wrong), Err(ClaimFault::Malformed("token_introspection")));
    }
    assert_eq!(inside(json!({})), Err(ClaimFault::Missing("active")));
    for wrong in [json!("true"), json!(1), json!([true])] {
        assert_eq!(inside(json!({"active": wrong})), Err(ClaimFault::Malformed("active")));
    }
    let twice = told().to_string().replace(r#""active":true"#, r#""active":true,"active":false"#);
    let text = sign(
        &key(ALGORITHM),
        &format!(r#"{{"alg":"{ALGORITHM}","typ":"token-introspection+jwt"}}"#),
        &twice,
    );
    assert_eq!(introspect_text(&text).unwrap_err(), ClaimFault::Malformed("token_introspection"));
}

#[test]
fn e5_end_and_subject_of_the_answer_are_not_the_tokens() {
    let answer = with(with(told(), "exp", json!(ISSUED + 1000)), "sub", json!("somebody else"));
    let told_ = introspect(&answer).unwrap();
    assert_eq!(told_.expires(), Some(seconds(ISSUED + 50)));
    assert_eq!(told_.subject(), Some("Z5O3upPC88QrAjx00dis"));
    let bare = with(answer, "token_introspection", json!({"active": true}));
    let told_ = introspect(&bare).unwrap();
    assert_eq!((told_.expires(), told_.subject(), told_.issuer()), (None, None, None));
    assert_eq!(
        introspect(&with(told(), "exp", json!(ISSUED - 60))).unwrap_err(),
        ClaimFault::Expired
    );
}

#[test]
fn e6_of_an_inactive_token_nothing_is_told() {
    let inactive = json!({"active": false, "sub": "Z5O3upPC88QrAjx00dis", "scope": "read"});
    let told_ = introspect(&with(told(), "token_introspection", inactive)).unwrap();
    assert!(!told_.is_active());
    assert_eq!(told_.subject(), None);
    assert!(!told_.scope().contains("read"));
    assert_eq!(told_.extra::<Value>("sub"), None);
}

#[test]
fn e8_signature_and_algorithm() {
    let header = format!(r#"{{"alg":"{ALGORITHM}","typ":"token-introspection+jwt"}}"#);
    let forged = sign(&stranger(ALGORITHM), &header, &told().to_string());
    assert_eq!(introspect_text(&forged).unwrap_err(), ClaimFault::Verify(VerifyError::Signature));
    let es256 = sign(
        &key(Algorithm::Es256),
        r#"{"alg":"ES256","typ":"token-introspection+jwt"}"#,
        &told().to_string(),
    );
    let wrong = VerifyError::Algorithm(Some(Algorithm::Es256));
    assert_eq!(introspect_text(&es256).unwrap_err(), ClaimFault::Verify(wrong));
    let encrypted = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA";
    let found = introspect_text(encrypted).unwrap_err();
    assert_eq!(found, ClaimFault::Verify(VerifyError::Jws(JwsError::Encrypted)), "E10");
}

#[test]
fn e9_such_a_token_is_no_id_token() {
    let dressed = with(told(), "aud", json!(CLIENT_ID));
    let found = check_text(&expected(), &typed("token-introspection+jwt", &dressed)).unwrap_err();
    assert_eq!(found, ClaimFault::Typ);
}

fn user() -> Value {
    json!({"iss": ISSUER, "aud": CLIENT_ID, "sub": "248289761001", "name": "Jane Doe"})
}

fn userinfo_text(text: &str, subject: Option<&str>) -> Result<Userinfo, ClaimFault> {
    let token = AccessToken::new("SlAV32hkKG", TokenType::Bearer);
    let mut exchange = client().userinfo(&token).unwrap();
    if let Some(subject) = subject {
        exchange = exchange.expect_subject(subject);
    }
    let signed = exchange.signed().read(&reply(200, "application/jwt", text)).unwrap();
    let found = signed.verify(&rules(), &keys(), &LocalVerifier::new(), NOW);
    found.map_err(|error| error.fault())
}

fn userinfo(claims: &Value) -> Result<Userinfo, ClaimFault> {
    userinfo_text(&signed(claims), Some("248289761001"))
}

#[test]
fn c28_claims_about_another_user_are_not_used() {
    assert_eq!(userinfo(&user()).unwrap().subject(), "248289761001");
    let other = with(user(), "sub", json!("248289761002"));
    assert_eq!(userinfo(&other).unwrap_err(), ClaimFault::Subject);
    assert_eq!(userinfo_text(&signed(&other), None).unwrap().subject(), "248289761002");
    assert_eq!(
        userinfo(&with(user(), "sub", Value::Null)).unwrap_err(),
        ClaimFault::Missing("sub")
    );
    for wrong in [json!(""), json!(1), json!(["248289761001"])] {
        assert_eq!(
            userinfo(&with(user(), "sub", wrong)).unwrap_err(),
            ClaimFault::Malformed("sub")
        );
    }
}

#[test]
fn c29_issuer_audience_and_signature_of_signed_claims() {
    let good = userinfo(&user()).unwrap();
    assert_eq!(good.standard_claims().name().as_deref(), Some("Jane Doe"));
    assert_eq!(good.claim::<String>("name").as_deref(), Some("Jane Doe"));
    let but = |name: &str, value: Value| userinfo(&with(user(), name, value)).map(drop);
    assert_eq!(but("iss", Value::Null), Err(ClaimFault::Missing("iss")));
    assert_eq!(but("iss", json!("https://other.example")), Err(ClaimFault::Issuer));
    assert_eq!(but("aud", Value::Null), Err(ClaimFault::Missing("aud")));
    assert_eq!(but("aud", json!("other")), Err(ClaimFault::Audience));
    assert_eq!(but("aud", json!([CLIENT_ID, "other"])), Ok(()), "it contains ours");
    assert_eq!(but("exp", json!(ISSUED - 60)), Err(ClaimFault::Expired));
    assert_eq!(but("exp", json!(EXPIRES)), Ok(()));
    assert_eq!(but("nbf", json!(EXPIRES)), Err(ClaimFault::NotYetValid));
    assert_eq!(userinfo_text(&typed("at+jwt", &user()), None).unwrap_err(), ClaimFault::Typ);
    let forged = sign(&stranger(ALGORITHM), &header(ALGORITHM), &user().to_string());
    assert_eq!(
        userinfo_text(&forged, None).unwrap_err(),
        ClaimFault::Verify(VerifyError::Signature)
    );

    let token = AccessToken::new("SlAV32hkKG", TokenType::Bearer);
    let text =
        tagged(Algorithm::Hs256, SECRET.as_bytes(), r#"{"alg":"HS256"}"#, &user().to_string());
    let exchange = client().userinfo(&token).unwrap().signed();
    let signed = exchange.read(&reply(200, "application/jwt", text)).unwrap();
    let rules = rules().algorithm(Algorithm::Hs256);
    let told = signed.verify_with_secret(&rules, &SharedSecret::new(ISSUER, SECRET), NOW).unwrap();
    assert_eq!(told.subject(), "248289761001");
}

#[test]
fn c30_no_downgrade_either_way() {
    let token = AccessToken::new("SlAV32hkKG", TokenType::Bearer);
    let exchange = || client().userinfo(&token).unwrap();
    let request = exchange().signed().request(NOW, &mut Entropy::new([7; 32])).unwrap();
    assert_eq!(request.headers()["accept"], "application/jwt");
    assert_eq!(request.headers()["authorization"], "Bearer SlAV32hkKG");
    let plain = reply(200, "application/json", user().to_string());
    let error = exchange().signed().read(&plain).unwrap_err();
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::NotSigned));
    assert!(exchange().read(&plain).is_ok());
    let signed = reply(200, "application/jwt", signed(&user()));
    assert_eq!(
        *exchange().read(&signed).unwrap_err().kind(),
        ReplyErrorKind::Unusable(Unusable::Jwt)
    );
    let denied = reply(401, "text/plain", "");
    assert!(matches!(
        exchange().signed().read(&denied).unwrap_err().kind(),
        ReplyErrorKind::Refused(_)
    ));
}

/// The token, "encrypted": nothing here decrypts, and nothing needs to.
fn jwe(header: &str) -> Result<Jwe, JwsError> {
    Jwe::parse(&format!("{}.AAAA.AAAA.AAAA.AAAA", encode(header)))
}

#[test]
fn a14_c16_what_was_encrypted_is_signed_inside() {
    let header = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"1","cty":"JWT"}"#;
    let open = |inner: &str| jwe(header).unwrap().decrypted(inner.as_bytes());
    let strict = ExpectedIdToken::new(&rules().encrypted()).nonce(NONCE);
    let check = |jws: Jws| {
        let algorithms = rules();
        let algorithms = algorithms.expected_algorithms();
        strict.rules().examine(TokenKind::IdToken, &jws).map_err(|error| error.fault())?;
        let keys = keys();
        let key = keys.choose_one(&jws, ALGORITHM).unwrap();
        let verified = jws.with_key(algorithms, key).unwrap().verify_with(&LocalVerifier::new());
        let verified = verified.map_err(ClaimFault::Verify)?;
        strict.check(verified, from_token_endpoint(), NOW).map_err(|error| error.fault())
    };
    let identity = check(open(&signed(&claims())).unwrap()).unwrap();
    assert_eq!(identity.subject(), "248289761001");
    // Only signed, where encrypted was registered.
    assert_eq!(
        check(Jws::parse(&signed(&claims())).unwrap()).unwrap_err(),
        ClaimFault::NotEncrypted
    );
    // Only encrypted is not signed: claims in the clear, or another encrypted token.
    assert_eq!(open(r#"{"sub":"248289761001"}"#).unwrap_err(), JwsError::Parts);
    let nested = format!("{}.AAAA.AAAA.AAAA.AAAA", encode(header));
    assert_eq!(open(&nested).unwrap_err(), JwsError::Encrypted);
    let unsigned = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(claims().to_string()));
    let found = check(open(&unsigned).unwrap()).unwrap_err();
    assert_eq!(found, ClaimFault::Verify(VerifyError::Unsecured));
    // The explicit type is the inner one's.
    assert_eq!(check(open(&typed("at+jwt", &claims())).unwrap()).unwrap_err(), ClaimFault::Typ);
}

#[test]
fn a15_an_encrypted_token_is_read_as_carefully() {
    assert!(jwe(r#"{"alg":"ECDH-ES","enc":"A128GCM"}"#).is_ok());
    for (header, error) in [
        (r#"{"enc":"A128GCM"}"#, JwsError::HeaderMember("alg")),
        (r#"{"alg":"dir"}"#, JwsError::HeaderMember("enc")),
        (r#"{"alg":"dir","enc":1}"#, JwsError::HeaderMember("enc")),
        (r#"{"alg":"dir","enc":"A128GCM","kid":1}"#, JwsError::HeaderMember("kid")),
        (r#"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#, JwsError::Compressed),
        (r#"{"alg":"dir","enc":"A128GCM","crit":["x"]}"#, JwsError::Critical),
    ] {
        assert_eq!(jwe(header).unwrap_err(), error, "{header}");
    }
    let twice = jwe(r#"{"alg":"dir","alg":"dir","enc":"A128GCM"}"#).unwrap_err();
    assert!(matches!(twice, JwsError::Duplicate(_)), "{twice}");
    for text in ["", "a.b.c", "e30.AA.AA.AA", "e30.AA.AA.AA.AA.AA", &".".repeat(70_000)] {
        assert_eq!(Jwe::parse(text).unwrap_err(), JwsError::Parts);
    }
    let header = encode(r#"{"alg":"dir","enc":"A128GCM"}"#);
    assert!(matches!(
        Jwe::parse(&format!("{header}.A A.AA.AA.AA")).unwrap_err(),
        JwsError::Base64(_)
    ));
    assert!(matches!(Jwe::parse(&"a".repeat(200_000)).unwrap_err(), JwsError::TooLong { .. }));
}
