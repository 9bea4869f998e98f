//! What cannot be sent is refused before anything is.

use std::borrow::Cow;

use grantwire::client::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt};
use grantwire::grant::{AuthorizationCode, Extension, RefreshToken};
use grantwire::jose::{Algorithm, JwkError, KeyError, KeyType, LocalKey, Signer};
use grantwire::pkce::{CodeVerifier, VerifierError};
use grantwire::{
    AccessToken, AuthorizationServer, BuildError, Client, EndpointError, EndpointUri, TokenRequest,
    TokenType,
};

use crate::given::*;

fn fault(exchange: &TokenRequest) -> BuildError {
    build(exchange).expect_err("nothing to send")
}

fn character(parameter: &'static str) -> BuildError {
    BuildError::Character { parameter: Cow::Borrowed(parameter) }
}

fn empty(parameter: &'static str) -> BuildError {
    BuildError::Empty { parameter: Cow::Borrowed(parameter) }
}

#[test]
fn control_characters() {
    for bad in ["a\0b", "a\nb", "a\rb", "a\u{8}b", "a\u{7f}b"] {
        for (exchange, expected) in [
            (own_token(&Client::new(server(), bad)), character("client_id")),
            (own_token(&client().auth(ClientSecretBasic::new(bad))), character("client_secret")),
            (own_token(&client().auth(ClientSecretPost::new(bad))), character("client_secret")),
            (client().token(AuthorizationCode::unchecked(bad)), character("code")),
            (client().token(RefreshToken::new(bad)), character("refresh_token")),
            (own_token(&client()).resource(bad), character("resource")),
            (own_token(&client()).audience(bad), character("audience")),
            (own_token(&client()).parameter("x", bad), character("x")),
            (own_token(&client()).scope(bad), BuildError::Scope),
            (
                own_token(&client()).header("x-a", bad),
                BuildError::HeaderMalformed { header: "x-a".into() },
            ),
        ] {
            assert_eq!(fault(&exchange), expected, "{bad:?}");
        }
        let request = |error| assert_eq!(error, Some(character("state")));
        request(client().authorization().state(bad).start(&mut entropy()).err());
    }
}

/// RFC 6749 appendix A.15 and A.16: a tab is legal in a user name and a password, and nowhere else does
/// it reach a header or a URL unescaped.
#[test]
fn a_tab_is_data() {
    let grant = Extension::new("urn:example:grant").secret("word", "a\tb");
    let request = built(&client().token(grant));
    assert!(body_of(&request).contains("&word=a%09b&"));
}

#[test]
fn a_non_https_endpoint_off_loopback() {
    let at = |url: &str| {
        let server = AuthorizationServer::new().token_endpoint(url);
        build(&own_token(&Client::new(server, CLIENT_ID))).err()
    };
    let because = |error| Some(BuildError::Endpoint { endpoint: "token_endpoint", error });
    assert_eq!(at("http://as.example/token"), because(EndpointError::Insecure));
    assert_eq!(at("ws://as.example/token"), because(EndpointError::Insecure));
    assert_eq!(at("http://localhost/token"), None);
    assert_eq!(at("http://127.0.0.1:1/token"), None);
}

#[test]
fn a_fragment_in_an_endpoint() {
    for url in ["https://as.example/token#", "https://as.example/token#a", "https://as.example#/t"]
    {
        assert_eq!(EndpointUri::parse(url).err(), Some(EndpointError::Fragment), "{url}");
    }
    let request = client().authorization().redirect_uri("https://client.example/cb#a");
    let fragment =
        BuildError::Endpoint { endpoint: "redirect_uri", error: EndpointError::Fragment };
    assert_eq!(request.start(&mut entropy()).err(), Some(fragment));
}

#[test]
fn a_user_name_in_an_endpoint() {
    for url in ["https://a@as.example/", "https://a:b@as.example/", "https://@as.example/"] {
        assert_eq!(EndpointUri::parse(url).err(), Some(EndpointError::UserInformation), "{url}");
    }
    assert!(
        EndpointUri::parse("https://as.example/a@b?c@d").is_ok(),
        "elsewhere it is only a sign"
    );
}

#[test]
fn an_endpoint_that_is_not_configured() {
    let client = Client::new(AuthorizationServer::new(), CLIENT_ID);
    let missing = BuildError::EndpointMissing { endpoint: "token_endpoint" };
    assert_eq!(fault(&own_token(&client)), missing);
    let missing = BuildError::EndpointMissing { endpoint: "authorization_endpoint" };
    assert_eq!(client.authorization().start(&mut entropy()).err(), Some(missing));
}

#[test]
fn an_extra_that_collides_with_a_managed_parameter() {
    let managed = BuildError::ParameterManaged { parameter: "client_id".into() };
    assert_eq!(fault(&own_token(&client()).parameter("client_id", "x")), managed);
    let repeated = BuildError::ParameterRepeated { parameter: "x".into() };
    assert_eq!(fault(&own_token(&client()).parameter("x", "1").parameter("x", "2")), repeated);
    assert_eq!(fault(&own_token(&client()).parameter("", "1")), empty("parameter name"));
    let header = BuildError::HeaderManaged { header: "dpop" };
    assert_eq!(fault(&own_token(&client()).header("DPoP", "x")), header);
}

/// RFC 6749 section 3.3: NQCHAR, and one space between each two.
#[test]
fn a_scope_token_outside_its_grammar() {
    for scope in ["a\"b", "a\\b", "a  b", " a", "a ", "é", "a\tb", "a\u{a0}b", " "] {
        assert_eq!(fault(&own_token(&client()).scope(scope)), BuildError::Scope, "{scope:?}");
        let request = client().authorization().scope(scope);
        assert_eq!(request.start(&mut entropy()).err(), Some(BuildError::Scope), "{scope:?}");
    }
    for scope in ["a", "a b", "!#$%&'()*+,-./:;<=>?@[]^_`{|}~", "https://x.example/a.read"] {
        assert!(build(&own_token(&client()).scope(scope)).is_ok(), "{scope}");
    }
    let request = built(&own_token(&client()).scope(""));
    assert_eq!(names_of(&request), ["grant_type", "client_id"], "empty is absent");
}

#[test]
fn a_verifier_of_the_wrong_length() {
    for length in [0, 1, 42, 129, 100_000] {
        let text = "a".repeat(length);
        assert_eq!(CodeVerifier::from_text(text.as_str()), Err(VerifierError::Length(length)));
    }
    for length in [43, 128] {
        assert!(CodeVerifier::from_text("a".repeat(length).as_str()).is_ok());
    }
    let spaced = format!("{} ", "a".repeat(42));
    assert_eq!(CodeVerifier::from_text(spaced.as_str()), Err(VerifierError::Character));
}

#[test]
fn a_credential_that_is_empty() {
    assert_eq!(fault(&client().token(AuthorizationCode::unchecked(""))), empty("code"));
    assert_eq!(fault(&client().token(RefreshToken::new(""))), empty("refresh_token"));
    assert_eq!(fault(&client().token(Extension::new(""))), empty("grant_type"));
    assert_eq!(fault(&client().token(Extension::new("urn:x").secret("word", ""))), empty("word"));
    assert_eq!(fault(&own_token(&Client::new(server(), ""))), empty("client_id"));
    assert_eq!(
        fault(&own_token(&client().auth(ClientSecretBasic::new("")))),
        empty("client_secret")
    );
    assert_eq!(
        fault(&own_token(&client().auth(ClientSecretPost::new("")))),
        empty("client_secret")
    );
    let method = ClientSecretJwt::new(Algorithm::Hs256, "");
    assert_eq!(fault(&own_token(&client().auth(method))), empty("client_secret"));
    assert_eq!(
        client().authorization().state("").start(&mut entropy()).err(),
        Some(empty("state"))
    );
    let request = client().authorization().response_type("");
    assert_eq!(request.start(&mut entropy()).err(), Some(empty("response_type")));
}

/// RFC 7518 section 3.2: an HMAC key is at least as long as the hash.
#[test]
fn an_algorithm_that_does_not_fit_its_key() {
    let invalid = |method: ClientSecretJwt, named: &str| {
        let BuildError::Invalid { parameter, .. } = fault(&own_token(&client().auth(method)))
        else {
            panic!("{named} was let through");
        };
        assert_eq!(parameter, named);
    };
    invalid(ClientSecretJwt::new(Algorithm::Hs256, "x".repeat(31)), "client_secret");
    invalid(ClientSecretJwt::new(Algorithm::Hs512, "x".repeat(63)), "client_secret");
    invalid(ClientSecretJwt::new(Algorithm::Es256, "x".repeat(64)), "alg");
    let short = ClientSecretJwt::new(Algorithm::Hs256, "short").allow_short_secret();
    assert!(build(&own_token(&client().auth(short))).is_ok(), "allowed by name");

    let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Hs256));
    let BuildError::Invalid { parameter, .. } = fault(&own_token(&client().auth(method))) else {
        panic!("a shared secret was taken for a private key");
    };
    assert_eq!(parameter, "alg");

    // A key that does not fit is refused when it is loaded, by both names.
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    let error = LocalKey::from_pem(Algorithm::Es256, pem).unwrap_err();
    assert_eq!(error, KeyError::Mismatch { key: KeyType::Ed25519, algorithm: Algorithm::Es256 });
    let text = error.to_string();
    assert!(text.contains("Ed25519") && text.contains("ES256"), "{text}");
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}"#;
    let error = LocalKey::from_jwk(Algorithm::Es256, jwk).unwrap_err();
    assert_eq!(error, KeyError::Jwk(JwkError::Length("x")));
}

#[test]
fn a_signature_that_is_elsewhere() {
    let client = client().auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256)));
    assert_eq!(fault(&own_token(&client)), BuildError::NeedsSignature);
    let draft = own_token(&client).draft(now(), &mut entropy()).unwrap();
    assert_eq!(draft.finish().err(), Some(BuildError::NeedsSignature), "nor unsigned by accident");
}

#[test]
fn a_token_that_cannot_be_presented() {
    let mut headers = http::HeaderMap::new();
    let present =
        |token: &str, token_type| AccessToken::new(token, token_type).present(&mut headers);
    let mut present = present;
    assert_eq!(present("at", TokenType::Other("mac".into())), Err(BuildError::TokenType));
    let malformed = BuildError::HeaderMalformed { header: "authorization".into() };
    assert_eq!(present("a b", TokenType::Bearer), Err(malformed));
    assert!(headers.is_empty());
}

/// A request that failed to build can be built once its cause is mended: nothing was used up.
#[test]
fn nothing_is_used_up_by_a_failure() {
    let exchange =
        code_exchange(&client().auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256))));
    assert_eq!(build(&exchange).err(), Some(BuildError::NeedsSignature));
    let mut draft = exchange.draft(now(), &mut entropy()).unwrap();
    let unsigned = draft.unsigned().unwrap().clone();
    assert!(draft.sign(&unsigned.signed(vec![1; 63])).is_err());
    draft.sign(&unsigned.signed(vec![1; 64])).unwrap();
    assert!(draft.finish().is_ok());
}
