//! Chapter C, claims: whose ID token it is, for whom, for how long, for which sign-in.

use std::time::Duration;

use grantwire::claims::{
    ClaimFault, ClaimsError, ExpectedIdToken, IdToken, IssuedWith, TokenKind, TokenRules,
};
use grantwire::danger::{UncheckedSignature, UnsecuredIdToken};
use grantwire::jose::{Algorithm, Jws, JwsError, KeySet, LocalVerifier, SharedSecret, VerifyError};
use serde_json::{Value, json};

use crate::tools::*;

fn by(rules: TokenRules) -> ExpectedIdToken {
    ExpectedIdToken::new(&rules).nonce(NONCE)
}

fn at(seconds_: u64, claims: &Value) -> Result<IdToken, ClaimFault> {
    let local = LocalVerifier::new();
    let now = seconds(seconds_);
    let checked = expected().verify(&signed(claims), &keys(), &local, from_token_endpoint(), now);
    checked.map_err(|error| error.fault())
}

#[test]
fn a_good_token_is_an_identity() {
    let claims = with(claims(), "name", json!("Jane Doe"));
    let identity = check(&expected(), &claims).unwrap();
    assert_eq!(identity.issuer().as_str(), ISSUER);
    assert_eq!(identity.subject(), "248289761001");
    assert_eq!(identity.audience(), [CLIENT_ID]);
    assert_eq!((identity.issued(), identity.expires()), (seconds(ISSUED), seconds(EXPIRES)));
    assert_eq!((identity.auth_time(), identity.acr(), identity.azp()), (None, None, None));
    assert_eq!(identity.algorithm(), Some(ALGORITHM));
    assert!(identity.is_signature_verified());
    assert_eq!(identity.standard_claims().name().as_deref(), Some("Jane Doe"));
}

#[test]
fn c1_the_issuer_is_compared_byte_for_byte() {
    for other in [
        "https://server.example.com/",
        "https://SERVER.example.com",
        "https://server.example.com:443",
        "http://server.example.com",
        "server.example.com",
        " https://server.example.com",
        "",
    ] {
        assert_eq!(fault(&expected(), &but("iss", json!(other))), ClaimFault::Issuer, "{other}");
    }
    assert_eq!(fault(&expected(), &but("iss", Value::Null)), ClaimFault::Missing("iss"));
    for wrong in [json!(1), json!([ISSUER]), json!({}), json!(true)] {
        assert_eq!(fault(&expected(), &but("iss", wrong)), ClaimFault::Malformed("iss"));
    }
}

#[test]
fn c2_the_audience_is_this_client() {
    for fine in [json!(CLIENT_ID), json!([CLIENT_ID])] {
        assert_eq!(check(&expected(), &but("aud", fine)).unwrap().audience(), [CLIENT_ID]);
    }
    for other in [json!("S6BHDRKQT3"), json!("other"), json!(["other"]), json!(""), json!([""])] {
        assert_eq!(fault(&expected(), &but("aud", other.clone())), ClaimFault::Audience, "{other}");
    }
    for none in [Value::Null, json!([])] {
        assert_eq!(fault(&expected(), &but("aud", none)), ClaimFault::Missing("aud"));
    }
    for wrong in [json!(1), json!({}), json!([CLIENT_ID, 1]), json!([[CLIENT_ID]]), json!(true)] {
        let found = fault(&expected(), &but("aud", wrong.clone()));
        assert_eq!(found, ClaimFault::Malformed("aud"), "{wrong}");
    }
}

#[test]
fn c3_other_audiences_are_trusted_only_when_said_so() {
    let two = but("aud", json!([CLIENT_ID, "https://api.example.com"]));
    assert_eq!(fault(&expected(), &two), ClaimFault::OtherAudience);
    let trusting = by(rules().trusted_audience("https://api.example.com"));
    assert_eq!(check(&trusting, &two).unwrap().audience().len(), 2);
    let three = but("aud", json!(["https://api.example.com", CLIENT_ID, "other"]));
    assert_eq!(fault(&trusting, &three), ClaimFault::OtherAudience);
    let without_us = but("aud", json!(["https://api.example.com"]));
    assert_eq!(fault(&trusting, &without_us), ClaimFault::Audience);
}

#[test]
fn c4_the_authorized_party_is_this_client() {
    assert_eq!(check(&expected(), &but("azp", json!(CLIENT_ID))).unwrap().azp(), Some(CLIENT_ID));
    let other = but("azp", json!("other"));
    assert_eq!(fault(&expected(), &other), ClaimFault::AuthorizedParty);
    assert_eq!(check(&by(rules().ignore_azp()), &other).unwrap().azp(), Some("other"));
    assert_eq!(fault(&expected(), &but("azp", json!([CLIENT_ID]))), ClaimFault::Malformed("azp"));

    let trusting = rules().trusted_audience("other");
    let several = but("aud", json!([CLIENT_ID, "other"]));
    assert!(check(&by(trusting.clone()), &several).is_ok(), "errata set 2 asks for no azp");
    let older = by(trusting.require_azp_for_several_audiences());
    assert_eq!(fault(&older, &several), ClaimFault::Missing("azp"));
    assert!(check(&older, &with(several, "azp", json!(CLIENT_ID))).is_ok());
    assert!(check(&older, &claims()).is_ok(), "one audience needs none");
}

#[test]
fn c5_it_is_not_over() {
    // One minute between the clocks is allowed for.
    assert!(at(EXPIRES - 1, &claims()).is_ok());
    assert!(at(EXPIRES + 59, &claims()).is_ok());
    assert_eq!(at(EXPIRES + 60, &claims()).unwrap_err(), ClaimFault::Expired);
    assert_eq!(fault(&expected(), &but("exp", Value::Null)), ClaimFault::Missing("exp"));
    assert_eq!(fault(&expected(), &but("exp", json!(0))), ClaimFault::Expired);
    assert_eq!(fault(&expected(), &but("exp", json!(-1))), ClaimFault::Expired);

    let local = LocalVerifier::new();
    let exact = by(rules().clock_skew(Duration::ZERO));
    let verify = |seconds_| {
        let now = seconds(seconds_);
        let found = exact.verify(&signed(&claims()), &keys(), &local, from_token_endpoint(), now);
        found.map_err(|error| error.fault())
    };
    assert!(verify(EXPIRES - 1).is_ok());
    assert_eq!(verify(EXPIRES).unwrap_err(), ClaimFault::Expired, "before, and not at");
}

#[test]
fn c5_c6_moments_are_numbers_and_never_texts() {
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for wrong in
            [json!("1311281970"), json!([]), json!(true), json!({}), json!(1_311_281_970_000_u64)]
        {
            let found = fault(&expected(), &but(name, wrong.clone()));
            assert_eq!(found, ClaimFault::Malformed(name), "{wrong}");
        }
    }
    let fraction = with(but("exp", json!(1_311_281_970.9)), "iat", json!(1_311_280_970.0));
    assert_eq!(check(&expected(), &fraction).unwrap().expires(), seconds(EXPIRES));
}

#[test]
fn c6_it_was_issued_and_not_in_the_future() {
    assert_eq!(fault(&expected(), &but("iat", Value::Null)), ClaimFault::Missing("iat"));
    assert!(at(ISSUED - 60, &claims()).is_ok());
    assert_eq!(at(ISSUED - 61, &claims()).unwrap_err(), ClaimFault::IssuedInFuture);

    let local = LocalVerifier::new();
    let fresh = by(rules().most_age(Duration::from_secs(100)));
    let verify = |seconds_| {
        let now = seconds(seconds_);
        let found = fresh.verify(&signed(&claims()), &keys(), &local, from_token_endpoint(), now);
        found.map_err(|error| error.fault())
    };
    assert!(verify(ISSUED + 160).is_ok());
    assert_eq!(verify(ISSUED + 161).unwrap_err(), ClaimFault::TooOld);
}

#[test]
fn nbf_is_not_still_to_come() {
    let begins = |seconds: u64| but("nbf", json!(seconds));
    assert!(check(&expected(), &begins(ISSUED + 70)).is_ok());
    assert_eq!(fault(&expected(), &begins(ISSUED + 71)), ClaimFault::NotYetValid);
}

#[test]
fn c7_the_subject_is_1_to_255_ascii_characters() {
    for fine in ["a", " ", &"x".repeat(255)] {
        assert_eq!(check(&expected(), &but("sub", json!(fine))).unwrap().subject(), fine);
    }
    assert_eq!(fault(&expected(), &but("sub", Value::Null)), ClaimFault::Missing("sub"));
    let long = json!("x".repeat(256));
    for wrong in [json!(""), long, json!("ü"), json!(248_289_761_001_u64), json!(["a"])] {
        let found = fault(&expected(), &but("sub", wrong.clone()));
        assert_eq!(found, ClaimFault::Malformed("sub"), "{wrong}");
    }
}

#[test]
fn c8_the_nonce_is_the_one_that_was_sent() {
    assert!(check(&expected(), &claims()).is_ok());
    for other in ["N-0S6_WzA2Mj", "n-0S6_WzA2M", "n-0S6_WzA2Mjj", ""] {
        assert_eq!(fault(&expected(), &but("nonce", json!(other))), ClaimFault::Nonce, "{other}");
    }
    assert_eq!(fault(&expected(), &but("nonce", Value::Null)), ClaimFault::Missing("nonce"));
    assert_eq!(fault(&expected(), &but("nonce", json!([NONCE]))), ClaimFault::Malformed("nonce"));
    let text = claims().to_string();
    let twice = text.replacen('{', &format!(r#"{{"nonce":"{NONCE}","#), 1);
    let found = check_text(&expected(), &token(ALGORITHM, &twice)).unwrap_err();
    let duplicate = JwsError::Duplicate(grantwire::jose::JwsPart::Payload);
    assert_eq!(found, ClaimFault::Verify(VerifyError::Jws(duplicate)));

    let lenient = by(rules().tolerate_missing_nonce());
    assert!(check(&lenient, &but("nonce", Value::Null)).is_ok());
    assert_eq!(
        fault(&lenient, &but("nonce", json!("other"))),
        ClaimFault::Nonce,
        "only a missing one"
    );
}

#[test]
fn c9_a_nonce_that_nobody_sent_is_refused() {
    let none_sent = ExpectedIdToken::new(&rules());
    assert!(check(&none_sent, &but("nonce", Value::Null)).is_ok());
    for nonce in [NONCE, ""] {
        let found = fault(&none_sent, &but("nonce", json!(nonce)));
        assert_eq!(found, ClaimFault::NonceUnexpected, "{nonce:?}");
    }
    let lenient = ExpectedIdToken::new(&rules().tolerate_missing_nonce());
    assert_eq!(fault(&lenient, &claims()), ClaimFault::NonceUnexpected);
}

#[test]
fn c10_what_holds_a_nonce_is_not_copied() {
    // The list of public types says so: `ExpectedIdToken` has no `Clone` (see the leaks test).
    let surface = include_str!("../api.txt");
    assert!(surface.contains("pub struct claims::ExpectedIdToken"));
    assert!(!surface.contains("impl Clone for claims::ExpectedIdToken"));
}

#[test]
fn c11_essential_acr_is_one_of_those_asked_for() {
    let asked = || expected().essential_acr(["urn:mace:incommon:iap:silver", "2"]);
    for fine in ["urn:mace:incommon:iap:silver", "2"] {
        assert_eq!(check(&asked(), &but("acr", json!(fine))).unwrap().acr(), Some(fine));
    }
    assert_eq!(fault(&asked(), &but("acr", json!("0"))), ClaimFault::Acr);
    assert_eq!(fault(&asked(), &claims()), ClaimFault::Missing("acr"));
    assert_eq!(fault(&asked(), &but("acr", json!(2))), ClaimFault::Malformed("acr"));
    assert_eq!(
        check(&expected(), &but("acr", json!("0"))).unwrap().acr(),
        Some("0"),
        "else it is shown"
    );
}

#[test]
fn c12_the_user_authenticated_as_lately_as_was_asked() {
    let aged = |seconds: u64| expected().max_age(Duration::from_secs(seconds));
    let auth_time = |before: u64| but("auth_time", json!(ISSUED + 10 - before));
    let fine = check(&aged(100), &auth_time(160)).unwrap();
    assert_eq!(fine.auth_time(), Some(seconds(ISSUED - 150)));
    assert_eq!(fault(&aged(100), &auth_time(161)), ClaimFault::AuthenticationTooOld);
    assert!(check(&aged(0), &auth_time(60)).is_ok());
    assert_eq!(fault(&aged(0), &auth_time(61)), ClaimFault::AuthenticationTooOld);
    for asked in [aged(100), expected().auth_time(), by(rules().require_auth_time())] {
        assert_eq!(fault(&asked, &claims()), ClaimFault::Missing("auth_time"));
        assert!(check(&asked, &auth_time(0)).is_ok());
    }
    assert!(check(&expected(), &claims()).is_ok(), "nobody asked");
    assert!(check(&expected(), &auth_time(1_000_000)).is_ok(), "nobody asked how long ago");
    let future = but("auth_time", json!(ISSUED + 71));
    assert_eq!(fault(&expected(), &future), ClaimFault::AuthenticationInFuture);
}

#[test]
fn c13_the_signature_is_looked_at_unless_a_permission_says_otherwise() {
    let forged = sign(&stranger(ALGORITHM), &header(ALGORITHM), &claims().to_string());
    let found = check_text(&expected(), &forged).unwrap_err();
    assert_eq!(found, ClaimFault::Verify(VerifyError::Signature));

    let unsigned = |text: &str, with: IssuedWith<'_>| {
        let jws = Jws::parse(text).unwrap();
        let checked = expected().check_unsigned(jws, UncheckedSignature, with, NOW);
        checked.map_err(|error| error.fault())
    };
    let identity = unsigned(&forged, from_token_endpoint()).unwrap();
    assert!(!identity.is_signature_verified());
    let front = unsigned(&forged, IssuedWith::authorization_endpoint()).unwrap_err();
    assert_eq!(front, ClaimFault::SignatureRequired, "only what came over TLS from the server");
    let other = signed(&but("aud", json!("other")));
    assert_eq!(unsigned(&other, from_token_endpoint()).unwrap_err(), ClaimFault::Audience);
    let es256 = token(Algorithm::Es256, &claims().to_string());
    let found = unsigned(&es256, from_token_endpoint()).unwrap_err();
    let wrong = VerifyError::Algorithm(Some(Algorithm::Es256));
    assert_eq!(found, ClaimFault::Verify(wrong), "the algorithm is still the registered one");
}

#[test]
fn c14_rs256_unless_something_else_was_registered() {
    let text = |algorithm| token(algorithm, &claims().to_string());
    let verify = |rules: TokenRules, algorithm| {
        let (keys, local) = (set_of(&[key(algorithm)]), LocalVerifier::new());
        let found = by(rules).verify(&text(algorithm), &keys, &local, from_token_endpoint(), NOW);
        found.map_err(|error| error.fault())
    };
    let plain = || TokenRules::new(ISSUER, CLIENT_ID);
    let other = |algorithm| ClaimFault::Verify(VerifyError::Algorithm(Some(algorithm)));
    for algorithm in asymmetric() {
        let found = verify(plain(), algorithm).map(drop);
        let wanted = if algorithm == Algorithm::Rs256 { Ok(()) } else { Err(other(algorithm)) };
        assert_eq!(found, wanted, "{algorithm} by default");
        assert!(verify(plain().algorithm(algorithm), algorithm).is_ok(), "{algorithm} registered");
    }
    let some = || plain().algorithms([Algorithm::Es256, Algorithm::Ps256]);
    assert!(verify(some(), Algorithm::Ps256).is_ok());
    assert_eq!(verify(some(), Algorithm::Rs256).unwrap_err(), other(Algorithm::Rs256));
    // What the metadata announces narrows, and never adds.
    let narrowed = || some().narrowed_to(["RS256", "ES256"]);
    assert!(verify(narrowed(), Algorithm::Es256).is_ok());
    assert_eq!(verify(narrowed(), Algorithm::Ps256).unwrap_err(), other(Algorithm::Ps256));
    assert_eq!(verify(narrowed(), Algorithm::Rs256).unwrap_err(), other(Algorithm::Rs256));
    let nothing = some().narrowed_to(["none"]);
    assert_eq!(verify(nothing, Algorithm::Es256).unwrap_err(), other(Algorithm::Es256));
}

#[test]
fn c15_none_only_where_it_was_registered_and_from_the_token_endpoint() {
    let parts = [encode(r#"{"alg":"none"}"#), encode(claims().to_string())];
    let text = format!("{}.{}.", parts[0], parts[1]);
    let unsecured = VerifyError::Unsecured;
    assert_eq!(check_text(&expected(), &text).unwrap_err(), ClaimFault::Verify(unsecured));

    let unsigned = |rules: TokenRules, text: &str, with: IssuedWith<'_>| {
        let jws = Jws::parse(text).unwrap();
        let checked = by(rules).check_unsigned(jws, UncheckedSignature, with, NOW);
        checked.map_err(|error| error.fault())
    };
    let allowed = || rules().allow_unsecured(UnsecuredIdToken);
    let required = ClaimFault::SignatureRequired;
    assert_eq!(unsigned(rules(), &text, from_token_endpoint()).unwrap_err(), required);
    let identity = unsigned(allowed(), &text, from_token_endpoint()).unwrap();
    assert_eq!((identity.algorithm(), identity.is_signature_verified()), (None, false));
    let front = IssuedWith::authorization_endpoint();
    assert_eq!(unsigned(allowed(), &text, front).unwrap_err(), required);
    assert_eq!(
        unsigned(allowed(), &format!("{text}AA"), from_token_endpoint()).unwrap_err(),
        required
    );
    for other in ["None", "NONE", "x"] {
        let text = format!("{}.{}.", encode(format!(r#"{{"alg":"{other}"}}"#)), parts[1]);
        let found = unsigned(allowed(), &text, from_token_endpoint()).unwrap_err();
        assert_eq!(found, ClaimFault::Verify(VerifyError::Algorithm(None)), "{other}");
    }
    // With the permission alone, the usual road still refuses it.
    let found = check_text(&by(allowed()), &text).unwrap_err();
    assert_eq!(found, ClaimFault::Verify(unsecured));
    assert!(check(&by(allowed()), &claims()).is_ok());
}

#[test]
fn c16_encrypted_if_it_was_registered_so() {
    assert_eq!(fault(&by(rules().encrypted()), &claims()), ClaimFault::NotEncrypted);
    assert!(check(&by(rules()), &claims()).is_ok());
}

#[test]
fn c17_unknown_claims_are_kept() {
    let claims = with(claims(), "https://example.com/roles", json!(["a", {"b": 1}]));
    let identity = check(&expected(), &claims).unwrap();
    let roles: Option<(String, Value)> = identity.claim("https://example.com/roles");
    assert_eq!(roles, Some(("a".into(), json!({"b": 1}))));
    assert_eq!(identity.claim::<u64>("https://example.com/roles"), None, "of another type");
    let all: Value = serde_json::from_str(identity.expose_json()).unwrap();
    assert_eq!(all, claims);
}

#[test]
fn c18_a_token_of_another_kind_is_refused_by_its_typ() {
    let typed = |typ: &str| {
        let header = format!(r#"{{"alg":"{ALGORITHM}","kid":"{KEY_ID}","typ":"{typ}"}}"#);
        sign(&key(ALGORITHM), &header, &claims().to_string())
    };
    for fine in ["JWT", "jwt", "id+jwt", "id_token+jwt", "ID+JWT", "application/jwt", "", "x"] {
        assert!(check_text(&expected(), &typed(fine)).is_ok(), "{fine}");
    }
    for other in [
        "logout+jwt",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "token-introspection+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "client-authentication+jwt",
        "oauth-authz-req+jwt",
        "something-new+jwt",
    ] {
        assert_eq!(check_text(&expected(), &typed(other)).unwrap_err(), ClaimFault::Typ, "{other}");
    }
    let named = by(rules().accept_typ("something-new+jwt"));
    assert!(check_text(&named, &typed("application/Something-New+jwt")).is_ok());
    assert_eq!(check_text(&named, &typed("at+jwt")).unwrap_err(), ClaimFault::Typ);
}

#[test]
fn c19_b12_a_key_of_one_issuer_verifies_no_others_token() {
    // The right claims and a signature that verifies, by a key that is another's.
    let other = KeySet::of(
        "https://other.example",
        [grantwire::jose::VerificationKey::new(
            "https://other.example",
            key(ALGORITHM).public_jwk().with_key_id(KEY_ID),
        )
        .unwrap()],
    );
    let found = expected().verify(
        &signed(&claims()),
        &other,
        &LocalVerifier::new(),
        from_token_endpoint(),
        NOW,
    );
    assert_eq!(found.unwrap_err().fault(), ClaimFault::KeyIssuer);
    // Another issuer's token is refused before anybody asks for a key.
    let error = expected().open(&signed(&but("iss", json!("https://other.example")))).unwrap_err();
    assert_eq!(error.fault(), ClaimFault::Issuer);
}

#[test]
fn c20_tenants_by_the_callers_check() {
    let configured = "https://login.example/{tenantid}/v2.0";
    let rules =
        TokenRules::new(configured, CLIENT_ID).algorithm(ALGORITHM).issuer_checked_by(|iss| {
            let tenant: Option<String> = iss.claim("tid");
            tenant.is_some_and(|tenant| {
                tenant != "blocked"
                    && iss.as_str() == format!("https://login.example/{tenant}/v2.0")
            })
        });
    let jwk = key(ALGORITHM).public_jwk().with_key_id(KEY_ID);
    let keys = KeySet::read(configured, &format!(r#"{{"keys":[{}]}}"#, jwk.to_json())).unwrap();
    let verify = |iss: &str, tid: &str| {
        let claims = with(but("iss", json!(iss)), "tid", json!(tid));
        let found = by(rules.clone()).verify(
            &signed(&claims),
            &keys,
            &LocalVerifier::new(),
            from_token_endpoint(),
            NOW,
        );
        found.map_err(|error| error.fault())
    };
    let identity = verify("https://login.example/a/v2.0", "a").unwrap();
    assert_eq!(identity.issuer().as_str(), "https://login.example/a/v2.0");
    assert_eq!(verify("https://login.example/a/v2.0", "b").unwrap_err(), ClaimFault::Issuer);
    assert_eq!(
        verify("https://login.example/blocked/v2.0", "blocked").unwrap_err(),
        ClaimFault::Issuer
    );
    assert_eq!(verify(configured, "a").unwrap_err(), ClaimFault::Issuer);
}

#[test]
fn b13_a_shared_secret_and_several_audiences() {
    let rules = rules().algorithm(Algorithm::Hs256).trusted_audience("other");
    let expected = by(rules);
    let secret = SharedSecret::new(ISSUER, SECRET);
    let verify = |secret: &SharedSecret, kid: &str, claims: &Value| {
        let header = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
        let text = tagged(Algorithm::Hs256, SECRET.as_bytes(), &header, &claims.to_string());
        let found = expected.verify_with_secret(&text, secret, from_token_endpoint(), NOW);
        found.map(drop).map_err(|error| error.fault())
    };
    assert_eq!(verify(&secret, "whatever", &claims()), Ok(()), "the kid means nothing");
    let two = but("aud", json!([CLIENT_ID, "other"]));
    assert_eq!(verify(&secret, "1", &two), Err(ClaimFault::SeveralAudiences));
    let other = SharedSecret::new("https://other.example", SECRET);
    assert_eq!(verify(&other, "1", &claims()), Err(ClaimFault::KeyIssuer));
}

#[test]
fn f12_a_logout_token_is_no_id_token() {
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    assert_eq!(fault(&expected(), &but("events", event)), ClaimFault::Event);
    assert!(check(&expected(), &but("events", json!({"https://example.com/e": {}}))).is_ok());
}

/// The bad input of the issue, each with its own error, and none of them quiet about what to do.
#[test]
fn every_refusal_says_which_rule_and_what_to_do() {
    let said = |fault: Result<IdToken, ClaimsError>| fault.unwrap_err().to_string();
    let verify = |expected: &ExpectedIdToken, text: &str| {
        said(expected.verify(text, &keys(), &LocalVerifier::new(), from_token_endpoint(), NOW))
    };
    let text = verify(&expected(), &signed(&but("exp", json!("1311281970"))));
    assert_eq!(
        text,
        "the ID token has a malformed `exp` (OpenID Connect Core section 3.1.3.7); the issuer has to fix it"
    );
    let mut texts = vec![text];
    for (name, value) in [
        ("iss", json!("x")),
        ("aud", json!("x")),
        ("aud", json!([CLIENT_ID, "x"])),
        ("aud", json!(1)),
        ("azp", json!("x")),
        ("exp", json!(1)),
        ("nbf", json!(EXPIRES)),
        ("iat", json!(EXPIRES)),
        ("iat", Value::Null),
        ("sub", Value::Null),
        ("nonce", json!("x")),
        ("nonce", Value::Null),
        ("auth_time", json!(EXPIRES)),
        ("at_hash", json!("x")),
    ] {
        texts.push(verify(&expected(), &signed(&but(name, value))));
    }
    texts.push(verify(&ExpectedIdToken::new(&rules()), &signed(&claims())));
    texts.push(verify(&expected().essential_acr(["1"]), &signed(&but("acr", json!("2")))));
    texts.push(verify(&expected().max_age(Duration::ZERO), &signed(&but("auth_time", json!(1)))));
    texts.push(verify(&by(rules().encrypted()), &signed(&claims())));
    texts.push(verify(
        &by(rules().most_age(Duration::ZERO).clock_skew(Duration::ZERO)),
        &signed(&claims()),
    ));
    for text in &texts {
        assert!(text.starts_with("the ID token "), "{text}");
        assert!(
            text.contains(" (OpenID Connect Core section ") || text.contains(" (RFC "),
            "{text}"
        );
        assert!(text.contains("); "), "{text}");
        assert!(
            !text.contains(ISSUER) && !text.contains(CLIENT_ID) && !text.contains(NONCE),
            "{text}"
        );
    }
    let mut unique = texts.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), texts.len(), "each has its own text: {texts:#?}");
    let text = verify(&expected(), &"x".repeat(1024 * 1024));
    assert_eq!(
        text,
        "the ID token is not verified: the token is longer than 65536 bytes; it was not read"
    );
    let error = expected().open("").unwrap_err();
    assert_eq!(error.token(), TokenKind::IdToken);
}
