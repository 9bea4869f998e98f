//! The two backends agree: what one signs the other verifies, and what one refuses the other refuses too.

use ed25519_dalek::SigningKey;
use grantwire::jose::{
    Algorithm, Jws, Jwt, KeyType, LocalKey, LocalVerifier, PublicJwk, Signer, Validity,
    VerificationKey, VerifyError,
};
use grantwire_rustcrypto::{Ed25519, P256, RustCrypto};

const ISSUER: &str = "https://as.example";

/// What this backend can do.
const SUPPORTED: &[Algorithm] = &[
    Algorithm::Es256,
    Algorithm::EdDsa,
    Algorithm::Ed25519,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
];

fn token(signer: &Signer) -> String {
    let server = grantwire::AuthorizationServer::new()
        .issuer(ISSUER)
        .token_endpoint("https://as.example/token");
    let method = grantwire::client::PrivateKeyJwt::new(signer.clone());
    let client = grantwire::Client::new(server, "s6BhdRkqt3").auth(method);
    let exchange = client.token(grantwire::grant::ClientCredentials::new());
    let mut entropy = grantwire::Entropy::new([7; 32]);
    let request = exchange.request(grantwire::Timestamp::EPOCH, &mut entropy).expect("signed here");
    let body = String::from_utf8(request.into_body()).expect("a form");
    let assertion = body.split('&').find_map(|pair| pair.strip_prefix("client_assertion="));
    assertion.expect("an assertion").to_owned()
}

fn public(jwk: &str) -> VerificationKey {
    VerificationKey::new(ISSUER, PublicJwk::from_json(jwk).unwrap()).unwrap()
}

/// The verdicts of both, which must be one.
fn verdict(algorithm: Algorithm, key: &VerificationKey, text: &str) -> Result<(), VerifyError> {
    let unverified = Jws::parse(text).unwrap().with_key(&[algorithm], key)?;
    let local = unverified.clone().verify_with(&LocalVerifier::new()).map(drop);
    let pure = unverified.verify_with(&RustCrypto).map(drop);
    assert_eq!(local, pure, "{algorithm}");
    pure
}

#[test]
fn what_the_other_signs_is_verified_and_what_is_changed_is_not() {
    for algorithm in SUPPORTED {
        let own = LocalKey::generate(*algorithm).unwrap();
        let text = token(&Signer::from(own.clone()));
        let key = public(&own.public_jwk().to_json());
        assert_eq!(verdict(*algorithm, &key, &text), Ok(()));
        let (input, signature) = text.rsplit_once('.').unwrap();
        let other = LocalKey::generate(*algorithm).unwrap();
        let stranger = public(&other.public_jwk().to_json());
        assert_eq!(verdict(*algorithm, &stranger, &text), Err(VerifyError::Signature));
        for at in [0, signature.len() / 2, signature.len() - 2] {
            let mut damaged = signature.to_owned().into_bytes();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            let damaged = format!("{input}.{}", String::from_utf8(damaged).unwrap());
            assert_eq!(verdict(*algorithm, &key, &damaged), Err(VerifyError::Signature), "{at}");
        }
    }
}

#[test]
fn what_is_signed_here_the_other_verifies() {
    let ed25519 = || Ed25519::new(SigningKey::from_bytes(&[7; 32]));
    let p256 = || P256::new(p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap());
    for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
        let text = token(&Signer::with_backend(algorithm, ed25519()));
        assert_eq!(verdict(algorithm, &public(&ed25519().public_jwk()), &text), Ok(()));
    }
    let text = token(&Signer::with_backend(Algorithm::Es256, p256()));
    assert_eq!(verdict(Algorithm::Es256, &public(&p256().public_jwk()), &text), Ok(()));
    assert!(!format!("{:?} {:?}", ed25519(), p256()).contains('7'), "no key is shown");
}

#[test]
fn what_is_not_supported_is_said() {
    for algorithm in Algorithm::ALL {
        if SUPPORTED.contains(algorithm) || algorithm.key_type() == KeyType::Symmetric {
            continue;
        }
        let own = LocalKey::generate(*algorithm).unwrap();
        let text = token(&Signer::from(own.clone()));
        let key = public(&own.public_jwk().to_json());
        let unverified = Jws::parse(&text).unwrap().with_key(&[*algorithm], &key).unwrap();
        let error = unverified.verify_with(&RustCrypto).unwrap_err();
        assert_eq!(error, VerifyError::Unsupported(*algorithm));
    }
}

/// Whoever verifies may be far away: the question goes there, the verdict comes back.
#[test]
fn a_verifier_in_another_thread() {
    use std::sync::mpsc::channel;

    let own = LocalKey::generate(Algorithm::Es256).unwrap();
    let unsigned = Jwt::new().claim("sub", "1").unsigned(&Signer::from(own.clone())).unwrap();
    let text = unsigned.finish(&own.sign(&unsigned).unwrap()).unwrap();
    let key = public(&own.public_jwk().to_json());
    let unverified =
        Jws::parse(text.expose()).unwrap().with_key(&[Algorithm::Es256], &key).unwrap();

    let (ask, questions) = channel::<grantwire::jose::Unverified>();
    let (answer, answers) = channel();
    let verifier = std::thread::spawn(move || {
        for question in questions {
            let validity = match question.clone().verify_with(&RustCrypto) {
                Ok(_) => Validity::Valid,
                Err(_) => Validity::Invalid,
            };
            answer.send(question.verdict(validity)).unwrap();
        }
    });
    ask.send(unverified.clone()).unwrap();
    let verified = unverified.accept(&answers.recv().unwrap()).unwrap();
    assert_eq!(verified.claim::<String>("sub").as_deref(), Some("1"));
    drop(ask);
    verifier.join().unwrap();
}
