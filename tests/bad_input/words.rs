//! The words of the errors about signatures, keys, stored values and single providers.

use std::error::Error as _;

use grantwire::authorization::PendingError;
use grantwire::backchannel::PingError;
use grantwire::jose::{Algorithm, JwkError, KeyError, KeyType, SignatureError, Signer};
use grantwire::pkce::VerifierError;
use grantwire::registration::{
    ClientMetadata, RegistrationRequest, StoredRegistrationError as Stored,
};
use grantwire::reply::{ChallengeError, Unusable};
use grantwire::resource::Denied;
use grantwire::{Deviation, Error};

use crate::given::*;
use crate::{says, well_formed};

#[test]
fn signature_error() {
    for (error, text) in [
        (SignatureError::Encoding, "the signature is neither r||s nor DER for this curve"),
        (
            SignatureError::Length { expected: 64, got: 3 },
            "the signature has 3 bytes where 64 are expected",
        ),
        (SignatureError::NotAsked, "no signature is waited for"),
        (SignatureError::Ticket, "the signature was made for another input"),
    ] {
        says(&error, text);
        says(&Error::from(error), text);
    }
    // Each can be reached.
    let unsigned =
        |alg| grantwire::jose::Jwt::new().claim("a", 1).unsigned(&Signer::remote(alg)).unwrap();
    let (ecdsa, eddsa) = (unsigned(Algorithm::Es256), unsigned(Algorithm::EdDsa));
    let finish = |signature: &[u8]| eddsa.finish(&eddsa.signed(signature)).unwrap_err();
    assert_eq!(ecdsa.finish(&ecdsa.signed("x")).unwrap_err(), SignatureError::Encoding);
    assert_eq!(finish(b"abc"), SignatureError::Length { expected: 64, got: 3 });
    assert_eq!(eddsa.finish(&ecdsa.signed(vec![1; 64])).unwrap_err(), SignatureError::Ticket);
    let mut draft = own_token(&client()).draft(now(), &mut entropy()).unwrap();
    assert_eq!(draft.sign(&ecdsa.signed(vec![1; 64])), Err(SignatureError::NotAsked));
}

#[test]
fn key_and_jwk_errors() {
    let (es256, ps256) = (Algorithm::Es256, Algorithm::Ps256);
    for (error, text) in [
        (
            KeyError::Algorithm { key: Some(es256), asked: ps256 },
            "the key is for ES256, but was asked for PS256",
        ),
        (
            KeyError::Algorithm { key: None, asked: ps256 },
            "the key is for an algorithm not known here, but was asked for PS256",
        ),
        (
            KeyError::Der,
            "the key is not RSA, Ed25519, P-256, P-384 or P-521 in PKCS#8, PKCS#1 or SEC1, or is damaged",
        ),
        (KeyError::Encrypted, "the key is encrypted: decrypt it first"),
        (KeyError::Generate, "no key could be generated"),
        (KeyError::Jwk(JwkError::Json), "the private JWK cannot be read"),
        (
            KeyError::Mismatch { key: KeyType::Rsa, algorithm: es256 },
            "the key is RSA, but ES256 takes EC P-256",
        ),
        (KeyError::Numbers, "the numbers of the JWK do not belong to one key"),
        (KeyError::Pem, "the PEM document holds no private key, or is damaged"),
        (KeyError::RsaSize, "the RSA key has fewer than 2048 or more than 8192 bits"),
        (
            KeyError::SharedSecret(Algorithm::Hs256),
            "HS256 takes a shared secret, not a private key: use client_secret_jwt",
        ),
        (KeyError::Sign, "the key could not sign"),
    ] {
        says(&error, text);
        says(&Error::from(error), text);
    }
    for (error, text) in [
        (JwkError::Json, "the key is not one JSON object"),
        (JwkError::TooLarge, "the key is larger than 64 KiB"),
        (JwkError::Member("x"), "the key's `x` is absent or not base64url"),
        (JwkError::Length("x"), "the key's `x` has the wrong length"),
        (JwkError::Private, "the key holds private members, where a public key is wanted"),
        (JwkError::Unsupported, "the key's `kty` or `crv` is not supported"),
    ] {
        says(&error, text);
        says(&Error::from(error), text);
    }
}

#[test]
fn the_smaller_errors() {
    says(&VerifierError::Character, "the code verifier holds a character outside its grammar");
    says(&VerifierError::Length(3), "the code verifier has 3 bytes where 43 to 128 are allowed");
    says(&PendingError::Malformed, "the stored authorization is malformed; start again");
    says(&PendingError::Version, "the stored authorization is of another version; start again");
    says(&PendingError::Inconsistent, "the stored authorization is inconsistent; start again");
    says(&ChallengeError::Malformed, "the challenge does not follow its grammar");
    says(&ChallengeError::TooLong, "the challenge is longer than 16 KiB");
    says(
        &PingError::Token,
        "the caller did not show the notification token that belongs to this request; answer 401",
    );
    says(&Error::from(PingError::Token), &PingError::Token.to_string());
    says(
        &PingError::Body(Unusable::Empty),
        "the ping cannot be read: there is no body; answer 400",
    );
    says(&Denied::Unavailable(None), "the resource is busy; try later");
    says(&Denied::Other(500), "the resource failed with status 500");
    let denied = |status| grantwire::resource::check(&answer(status, &[], "")).unwrap_err();
    says(&denied(401), "the resource did not take the token; get a new one");
    says(&denied(403), "the resource refused with status 403; its answer may say why");
    let refused = |code: &str| {
        let header = format!("DPoP error={code}");
        grantwire::resource::check(&answer(401, &[("www-authenticate", &header)], "")).unwrap_err()
    };
    for (code, text) in [
        ("invalid_token", "the resource did not take the token; get a new one"),
        ("insufficient_scope", "the token's scope does not reach; ask for more"),
        (
            "insufficient_user_authentication",
            "the user's sign-in is too weak or too old; send the user to sign in again, as the challenge asks",
        ),
        ("invalid_request", "the resource did not take the request; correct it and keep the token"),
        (
            "invalid_dpop_proof",
            "the resource did not take the DPoP proof; check its key, the address and the clock",
        ),
        (
            "use_dpop_nonce",
            "the resource wants its nonce in the DPoP proof; send the request again with it",
        ),
    ] {
        says(&refused(code), text);
    }
}

#[test]
fn the_errors_of_registration() {
    for (error, text) in [
        (Stored::Malformed, "the stored registration is malformed; restore it, or register again"),
        (
            Stored::Version,
            "the stored registration is of another version; read it with the one that wrote it",
        ),
        (
            Stored::Inconsistent,
            "the stored registration is inconsistent; restore it, or register again",
        ),
    ] {
        says(&error, text);
        says(&Error::from(error), text);
    }
    let server = server().registration_endpoint("https://as.example/register");
    let exchange = RegistrationRequest::new(&server, ClientMetadata::new());
    for (code, what_to_do) in [
        ("invalid_redirect_uri", "register with another redirect URI"),
        (
            "invalid_client_metadata",
            "register with other client metadata; the description may say which member",
        ),
        ("invalid_software_statement", "get a new software statement from whoever signed it"),
        ("unapproved_software_statement", "use a software statement that this server approves of"),
    ] {
        let error = exchange.read(&json(400, format!(r#"{{"error":"{code}"}}"#))).unwrap_err();
        says(&error, &format!("the server refused with {code}: {what_to_do} (status 400)"));
    }
    let registered = exchange.read(&json(201, r#"{"client_id":"c","client_secret":"s"}"#)).unwrap();
    let missing = registered.configuration(&server).unwrap_err();
    says(
        &missing,
        "`registration_client_uri`: the server gave none that can be used, so this registration cannot be managed",
    );
    let lost = exchange.read(&json(201, r#"{"client_id":"c"}"#)).unwrap_err();
    says(
        &lost,
        "the reply cannot be used: the member `client_secret` is missing; the server may have acted all the same: see the raw reply (status 201)",
    );
    well_formed(&grantwire::reply::Unusable::ClientMismatch.to_string());
}

#[test]
fn the_providers_errors() {
    use grantwire::provider::agekey::{AgeKey, Host};
    use grantwire::provider::dressipi::Dressipi;
    use grantwire::provider::pingone::PlatformError;

    let agekey = AgeKey::new(Host::Live, "id", "secret");
    let upgrade = |body: &str| agekey.read_upgrade(&json(403, body)).unwrap_err();
    says(&upgrade("{}"), "the upgrade was refused (status 403)");
    says(
        &upgrade(r#"{"error":"invalid_request"}"#),
        "the upgrade was refused with invalid_request (status 403)",
    );
    let cause = upgrade("{}").source().map(ToString::to_string);
    assert_eq!(cause.as_deref(), Some("the token's scope does not reach; ask for more"));

    let started = Dressipi::new("https://p.example/api", "c", "k").create_profile(&mut entropy());
    let error = started.unwrap().pending.read(&json(200, "{}")).unwrap_err();
    says(&error, "the authorize call gave no code (status 200)");

    let platform = PlatformError::read(&json(404, r#"{"id":"i","code":"NOT_FOUND"}"#)).unwrap();
    says(&platform, "the platform refused with NOT_FOUND");
}

#[test]
fn deviations_are_worded_like_errors() {
    for deviation in [
        Deviation::ByteOrderMark,
        Deviation::CommaSeparatedScope,
        Deviation::ContentType,
        Deviation::ContentTypeAbsent,
        Deviation::Envelope,
        Deviation::ExpiresAlias,
        Deviation::ExpiresInMillis,
        Deviation::FormEncoded,
        Deviation::LifetimeFloat,
        Deviation::LifetimeString,
        Deviation::LifetimeZero,
        Deviation::MalformedElement("scope"),
        Deviation::MalformedMember("scope"),
        Deviation::NotUtf8,
        Deviation::ScopeArray,
        Deviation::SecretExpiryAbsent,
        Deviation::Status(201),
        Deviation::TokenTypeAbsent,
        Deviation::TokenTypeCase,
    ] {
        well_formed(&deviation.to_string());
    }
}
