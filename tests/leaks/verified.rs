//! What is verified: tokens whose every part holds the canary, key sets with private keys in them, and
//! whatever is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::authorization::Callback;
use grantwire::claims::{ExpectedIdToken, IssuedWith, LogoutToken, TokenRules};
use grantwire::jose::{
    Algorithm, Jwe, Jws, KeySet, LocalKey, LocalVerifier, PublicJwk, SharedSecret, Unsigned,
    Validity, VerificationKey, Verify as _, VerifyError,
};
use grantwire::logout::{FrontChannelLogout, LogoutRequest};
use grantwire::{AccessToken, Client, Entropy, Error, Timestamp, TokenType};
use http::{Request, Response};

use crate::needle::CANARY;
use crate::parties::server;
use crate::watch::Watch;

const ISSUER: &str = "https://as.example";

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub fn show(watch: &mut Watch) {
    show_tokens(watch);
    show_secrets(watch);
    show_sets(watch);
    show_claims(watch);
    show_responses(watch);
}

fn show_tokens(watch: &mut Watch) {
    let key = LocalKey::generate(Algorithm::EdDsa).unwrap();
    let public = VerificationKey::new(ISSUER, key.public_jwk()).unwrap();
    watch.debug(&public);
    let header = format!(r#"{{"alg":"EdDSA","kid":"{CANARY}","typ":"{CANARY}"}}"#);
    let payload = format!(r#"{{"sub":"{CANARY}","{CANARY}":1}}"#);
    let unsigned = Unsigned::new(Algorithm::EdDsa, None, header.as_bytes(), payload.as_bytes());
    let signed = unsigned.finish(&key.sign(&unsigned).unwrap()).unwrap();
    let jws = Jws::parse(signed.expose()).unwrap();
    watch.debug(&jws);
    watch.debug(&jws.unverified_claims());
    assert_eq!(jws.unverified_claims().claim::<String>("sub").as_deref(), Some(CANARY));
    watch.failure(jws.clone().with_key(&[Algorithm::Es256], &public));
    let unverified = jws.with_key(&[Algorithm::EdDsa], &public).unwrap();
    watch.debug(&unverified);
    for validity in [Validity::Invalid, Validity::Unsupported, Validity::Valid] {
        let verdict = unverified.verdict(validity);
        watch.debug(&verdict);
        if let Err(error) = unverified.accept(&verdict) {
            watch.error(&error);
            watch.error(&Error::from(error));
        }
    }
    let (input, signature) = (unverified.signing_input(), unverified.signature());
    let local = LocalVerifier::new();
    assert_eq!(local.verify(&public, Algorithm::EdDsa, input, signature), Validity::Valid);
    let verified = unverified.verify_with(&local).unwrap();
    watch.debug(&verified);

    let e = encode(&format!(r#"{{"alg":"{CANARY}"}}"#));
    let c = encode(&format!(r#"{{"alg":"ES256","crit":["{CANARY}"]}}"#));
    let d = encode(&format!(r#"{{"{CANARY}":1,"{CANARY}":2}}"#));
    let n = encode(&format!(r#"{{"alg":["{CANARY}"]}}"#));
    for text in [
        CANARY.to_owned(),
        format!("{CANARY}.{CANARY}.{CANARY}"),
        format!("{CANARY}.{CANARY}.{CANARY}.{CANARY}.{CANARY}"),
        format!("{CANARY}!.e30.AA"),
        format!("{c}.e30.AA"),
        format!("{d}.e30.AA"),
        format!("{n}.e30.AA"),
        format!("eyJhbGciOiJFUzI1NiJ9.{d}.AA"),
        format!("eyJhbGciOiJFUzI1NiJ9.{}.AA", encode(CANARY)),
        CANARY.repeat(10_000),
    ] {
        let error = Jws::parse(&text).unwrap_err();
        watch.error(&error);
        watch.error(&VerifyError::from(error));
        watch.error(&Error::from(error));
    }
    let unknown = Jws::parse(&format!("{e}.e30.AA")).unwrap();
    watch.debug(&unknown);
    watch.failure(unknown.with_key(Algorithm::ALL, &public));
}

fn show_secrets(watch: &mut Watch) {
    let jws = || Jws::parse("eyJhbGciOiJIUzI1NiJ9.e30.AA").unwrap();
    for secret in [
        SharedSecret::new(ISSUER, CANARY),
        SharedSecret::from_bytes(ISSUER, CANARY.as_bytes()).allow_short(),
    ] {
        watch.debug(&secret);
        watch.failure(secret.verify(jws(), &[Algorithm::Hs256]));
        watch.failure(secret.verify(jws(), &[]));
    }
}

fn show_sets(watch: &mut Watch) {
    let private = format!(r#"{{"kty":"EC","crv":"P-256","kid":"k","d":"{CANARY}"}}"#);
    let secret = format!(r#"{{"kty":"oct","k":"{CANARY}"}}"#);
    let odd = format!(r#"{{"kty":"{CANARY}","use":["{CANARY}"]}}"#);
    let keys =
        KeySet::read(ISSUER, &format!(r#"{{"keys":[{private},{secret},{odd},"{CANARY}"]}}"#));
    let keys = keys.unwrap();
    watch.debug(&keys);
    for skipped in keys.skipped() {
        watch.debug(skipped);
        watch.error(&skipped.why());
    }
    assert_eq!(keys.skipped().len(), 4);
    let jws = Jws::parse("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.e30.AA").unwrap();
    watch.failure(keys.choose_one(&jws, Algorithm::Es256));
    for text in [CANARY.to_owned(), format!("[\"{CANARY}\"]"), format!(r#"{{"keys":"{CANARY}"}}"#)]
    {
        let error = KeySet::read(ISSUER, &text).unwrap_err();
        watch.error(&error);
        watch.error(&Error::from(error));
        watch.failure(KeySet::from_bytes(text.as_bytes()));
    }
    let weak =
        PublicJwk::from_json(&format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, encode(CANARY)));
    watch.failure(VerificationKey::new(ISSUER, weak.unwrap()));
}

fn show_claims(watch: &mut Watch) {
    let key = LocalKey::generate(Algorithm::EdDsa).unwrap();
    let keys = KeySet::of(ISSUER, [VerificationKey::new(ISSUER, key.public_jwk()).unwrap()]);
    let local = LocalVerifier::new();
    let now = Timestamp::from_unix_seconds(1_311_280_980);
    let sign = |claims: &str| {
        let claims = claims.replace('@', CANARY);
        let header = br#"{"alg":"EdDSA"}"#;
        let unsigned = Unsigned::new(Algorithm::EdDsa, None, header, claims.as_bytes());
        unsigned.finish(&key.sign(&unsigned).unwrap()).unwrap().expose().to_owned()
    };
    let rules = TokenRules::new(ISSUER, "c").algorithm(Algorithm::EdDsa).trusted_audience(CANARY);
    let rules = rules.accept_typ(CANARY).issuer_checked_by(|iss| {
        assert!(!format!("{iss:?}").contains(CANARY));
        iss.as_str() == ISSUER
    });
    watch.debug(&rules);
    let good = r#"{"iss":"https://as.example","sub":"@","aud":["c","@"],"exp":1311281970,"iat":1311280970,
        "nonce":"@","acr":"@","sid":"@","name":"@","address":{"formatted":"@"}}"#;
    let expected = ExpectedIdToken::new(&rules).nonce(CANARY).essential_acr([CANARY]);
    watch.debug(&expected);
    let with = IssuedWith::token_endpoint(CANARY).code(CANARY).state(CANARY);
    watch.debug(&with);
    let identity = expected.verify(&sign(good), &keys, &local, with, now).unwrap();
    assert_eq!(identity.subject(), CANARY);
    watch.debug(&identity);
    watch.debug(&identity.standard_claims());
    watch.debug(&identity.standard_claims().address().unwrap());
    watch.debug(&identity.original());
    watch.debug(&ExpectedIdToken::new(&rules).refreshes(identity.original()));
    for (from, to) in [
        (r#""iss":"https://as.example""#, r#""iss":"@""#),
        (r#""sub":"@""#, r#""sub":["@"]"#),
        (r#""sub":"@""#, r#""azp":"@","sub":"@""#),
        (r#"["c","@"]"#, r#"["@"]"#),
        (r#"["c","@"]"#, r#"["c","@","x@"]"#),
        ("1311281970", r#""@""#),
        (r#""nonce":"@""#, r#""nonce":"x@""#),
        (r#""acr":"@""#, r#""acr":"x@""#),
        (r#""sid":"@""#, r#""at_hash":"@""#),
        (r#""sid":"@""#, r#""c_hash":"@""#),
    ] {
        let text = sign(&good.replacen(from, to, 1));
        let error = expected.verify(&text, &keys, &local, with, now).unwrap_err();
        watch.error(&error);
        watch.error(&Error::from(error));
    }
    watch.failure(expected.open(CANARY));

    let logout = r#"{"iss":"https://as.example","sub":"@","sid":"@","jti":"@","aud":"c","exp":1311281970,
        "iat":1311280970,"events":{"http://schemas.openid.net/event/backchannel-logout":{"@":1}}}"#;
    let token = LogoutToken::verify(&rules, &sign(logout), &keys, &local, now).unwrap();
    assert_eq!((token.session_id(), token.jti()), (Some(CANARY), CANARY));
    watch.debug(&token);
    for (from, to) in [
        (r#""sid":"@""#, r#""sid":["@"]"#),
        (r#""jti":"@""#, r#""jti":["@"]"#),
        (r#""jti":"@""#, r#""jti":"@","nonce":"@""#),
        ("logout\":", "logout@\":"),
    ] {
        let text = sign(&logout.replacen(from, to, 1));
        watch.failure(LogoutToken::verify(&rules, &text, &keys, &local, now));
    }
}

fn answer(media_type: &str, body: &str) -> Response<Vec<u8>> {
    let response = Response::builder().header("content-type", media_type);
    response.body(body.as_bytes().to_vec()).unwrap()
}

fn show_responses(watch: &mut Watch) {
    let key = LocalKey::generate(Algorithm::EdDsa).unwrap();
    let keys = KeySet::of(ISSUER, [VerificationKey::new(ISSUER, key.public_jwk()).unwrap()]);
    let local = LocalVerifier::new();
    let now = Timestamp::from_unix_seconds(1_311_280_980);
    let rules = TokenRules::new(ISSUER, "c").algorithm(Algorithm::EdDsa);
    let sign = |typ: &str, claims: &str| {
        let header = format!(r#"{{"alg":"EdDSA","typ":"{typ}"}}"#);
        let claims =
            format!(r#"{{"iss":"{ISSUER}","aud":"c","exp":1311281970,"iat":1311280970,{claims}}}"#);
        let claims = claims.replace('@', CANARY);
        let unsigned = Unsigned::new(Algorithm::EdDsa, None, header.as_bytes(), claims.as_bytes());
        unsigned.finish(&key.sign(&unsigned).unwrap()).unwrap().expose().to_owned()
    };
    let jwe = format!(
        "{}.AA.AA.AA.AA",
        encode(&format!(r#"{{"alg":"{CANARY}","enc":"x","kid":"{CANARY}"}}"#))
    );
    let jwe = Jwe::parse(&jwe).unwrap();
    watch.debug(&jwe);
    watch.failure(jwe.decrypted(CANARY.as_bytes()));

    let server = server()
        .introspection_endpoint("https://as.example/i")
        .userinfo_endpoint("https://as.example/u");
    let client = Client::new(server, "c");
    let exchange = client.introspect(CANARY).signed();
    watch.debug(&exchange);
    let media_type = "application/token-introspection+jwt";
    for (inner, fine) in [
        (r#"{"active":true,"sub":"@","scope":"@"}"#, true),
        (r#"{"active":"@"}"#, false),
        (r#""@""#, false),
    ] {
        let text = sign("token-introspection+jwt", &format!(r#""token_introspection":{inner}"#));
        let signed = exchange.read(&answer(media_type, &text)).unwrap();
        watch.debug(&signed);
        match signed.verify(&rules, &keys, &local, now) {
            Ok(told) => watch.debug(&told),
            Err(error) => watch.error(&error),
        }
        assert_eq!(signed.verify(&rules, &keys, &local, now).is_ok(), fine);
    }
    watch.failure(
        exchange.read(&answer("application/json", &format!(r#"{{"active":"{CANARY}"}}"#))),
    );
    let garbage = exchange.read(&answer(media_type, CANARY)).unwrap();
    watch.failure(garbage.open(&rules));

    let token = AccessToken::new(CANARY, TokenType::Bearer);
    let exchange = client.userinfo(&token).unwrap().expect_subject(CANARY).signed();
    watch.debug(&exchange);
    for subject in [r#""@""#, r#""x@""#, r#"["@"]"#] {
        let text = sign("JWT", &format!(r#""sub":{subject},"name":"@""#));
        let signed = exchange.read(&answer("application/jwt", &text)).unwrap();
        watch.debug(&signed);
        match signed.verify(&rules, &keys, &local, now) {
            Ok(told) => watch.debug(&told),
            Err(error) => watch.error(&error),
        }
    }

    let pending = || {
        let asked =
            Client::new(self::server(), "c").authorization().state(CANARY).response_mode("jwt");
        asked.start(&mut Entropy::new([7; 32])).unwrap().pending
    };
    for claims in [r#""state":"@","code":"@""#, r#""state":"x@""#, r#""state":"@","error":"@""#] {
        let text = sign("JWT", claims);
        let callback = Callback::from_query(&format!("response={text}"));
        watch.debug(&callback);
        match pending().verify_response(&callback, &rules, &keys, &local, now) {
            Ok(response) => watch.debug(&response),
            Err(error) => {
                watch.error(&error);
                watch.error(&Error::from(error));
            }
        }
    }
    for query in [
        format!("response={CANARY}"),
        format!("response=x&code={CANARY}"),
        format!("code={CANARY}"),
    ] {
        let callback = Callback::from_query(&query);
        watch.failure(pending().verify_response(&callback, &rules, &keys, &local, now));
        watch.failure(pending().response(callback));
    }

    let posted = |body: String| Request::post("https://c.example/logout").body(body).unwrap();
    let request = LogoutRequest::read(&posted(format!("logout_token={CANARY}"))).unwrap();
    watch.debug(&request);
    let error = request.verify(&rules, &keys, &local, now).unwrap_err();
    watch.error(&error);
    watch.text(format!("{:?}", error.response()));
    watch.text(String::from_utf8_lossy(error.response().body()).into_owned());
    watch.error(&Error::from(error));
    watch.failure(LogoutRequest::read(&posted(CANARY.to_owned())));
    let page = FrontChannelLogout::from_query(&format!("iss={CANARY}&sid={CANARY}")).unwrap();
    watch.debug(&page);
    watch.failure(FrontChannelLogout::from_query(&format!("sid={CANARY}")));
}
