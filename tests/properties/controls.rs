//! Control characters: wherever one is put, the request is not built and the reason has a type.

use grantwire::client::{ClientSecretBasic, ClientSecretPost, PrivateKeyJwt};
use grantwire::grant::{AuthorizationCode, ClientCredentials, Extension, Grant, RefreshToken};
use grantwire::jose::{Algorithm, Signer};
use grantwire::pkce::{CodeVerifier, VerifierError};
use grantwire::provider::agekey::{AgeKey, Host, UseClaims};
use grantwire::provider::dressipi::Dressipi;
use grantwire::provider::pingone::{Environment, Region};
use grantwire::{
    AccessToken, AuthorizationServer, BuildError, Client, EndpointError, Entropy, Quirks,
    Timestamp, TokenRequest, TokenType,
};
use http::HeaderMap;
use proptest::prelude::*;

use crate::text::control;

type Built = Result<(), BuildError>;

fn entropy() -> Entropy {
    Entropy::new([7; 32])
}

fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://as.example")
        .authorization_endpoint("https://as.example/authorize")
        .token_endpoint("https://as.example/token")
}

fn client() -> Client {
    Client::new(server(), "c")
}

fn send(request: TokenRequest) -> Built {
    request.draft(Timestamp::EPOCH, &mut entropy()).map(drop)
}

fn ask(grant: impl Into<Grant>) -> Built {
    send(client().token(grant))
}

fn plain() -> TokenRequest {
    client().token(ClientCredentials::new())
}

fn start(request: grantwire::authorization::AuthorizationRequest) -> Built {
    request.start(&mut entropy()).map(drop)
}

fn assertion(server: AuthorizationServer) -> Built {
    let signer = Signer::remote(Algorithm::Es256);
    send(Client::new(server, "c").auth(PrivateKeyJwt::new(signer)).token(ClientCredentials::new()))
}

/// Its name, a good text for it, and what builds a request with a text there.
type Place = (&'static str, &'static str, fn(String) -> Built);

/// Every place a caller's text can go that ends in a header, a URL or a body, with good text for it.
const PLACES: &[Place] = &[
    ("client id", "c", |t| send(Client::new(server(), t).token(ClientCredentials::new()))),
    ("client id in URL", "c", |t| start(Client::new(server(), t).authorization())),
    ("basic secret", "s", |t| send(plain().auth(ClientSecretBasic::new(t)))),
    ("basic secret, form", "s", |t| send(plain().auth(ClientSecretBasic::new(t).form_encoded()))),
    ("basic secret, raw", "s", |t| send(plain().auth(ClientSecretBasic::new(t).raw()))),
    ("post secret", "s", |t| send(plain().auth(ClientSecretPost::new(t)))),
    ("issuer", "https://as.example", |t| assertion(server().issuer(t))),
    ("token endpoint", "https://as.example/t", |t| {
        send(Client::new(server().token_endpoint(&t), "c").token(ClientCredentials::new()))
    }),
    ("authorization endpoint", "https://as.example/a?b", |t| {
        start(Client::new(server().authorization_endpoint(&t), "c").authorization())
    }),
    ("client id parameter", "client_key", |t| {
        let server = server().quirks(Quirks::new().client_id_parameter(&t));
        send(Client::new(server, "c").token(ClientCredentials::new()))
    }),
    ("code", "c", |t| ask(AuthorizationCode::unchecked(t))),
    ("redirect URI", "https://client.example/", |t| {
        ask(AuthorizationCode::unchecked("c").redirect_uri(t))
    }),
    ("refresh token", "r", |t| ask(RefreshToken::new(t))),
    ("grant type", "urn:example:x", |t| ask(Extension::new(t))),
    ("grant parameter name", "n", |t| ask(Extension::new("x").parameter(t, "v"))),
    ("grant parameter", "v", |t| ask(Extension::new("x").parameter("n", t))),
    ("grant secret", "v", |t| ask(Extension::new("x").secret("n", t))),
    ("scope", "a b", |t| send(plain().scope(t))),
    ("resource", "https://api.example/", |t| send(plain().resource(t))),
    ("audience", "api", |t| send(plain().audience(t))),
    ("extra name", "n", |t| send(plain().parameter(t, "v"))),
    ("extra", "v", |t| send(plain().parameter("n", t))),
    ("header name", "x-n", |t| send(plain().header(&t, "v"))),
    ("header", "v", |t| send(plain().header("x-n", &t))),
    ("secret header", "v", |t| send(plain().secret_header("x-n", t))),
    ("client header", "v", |t| send(client().header("x-n", &t).token(ClientCredentials::new()))),
    ("client secret header", "v", |t| {
        send(client().secret_header("x-n", t).token(ClientCredentials::new()))
    }),
    ("response type", "code", |t| start(client().authorization().response_type(t))),
    ("redirect URI in URL", "app:/cb", |t| start(client().authorization().redirect_uri(t))),
    ("scope in URL", "a b", |t| start(client().authorization().scope(t))),
    ("state", "s", |t| start(client().authorization().state(t))),
    ("nonce", "n", |t| start(client().authorization().nonce(t))),
    ("response mode", "query", |t| start(client().authorization().response_mode(t))),
    ("claims", "{}", |t| start(client().authorization().claims(t))),
    ("resource in URL", "https://a/", |t| start(client().authorization().resource(t))),
    ("extra name in URL", "n", |t| start(client().authorization().parameter(t, "v"))),
    ("extra in URL", "v", |t| start(client().authorization().parameter("n", t))),
    ("bearer token", "t", |t| {
        AccessToken::new(t, TokenType::Bearer).present(&mut HeaderMap::new())
    }),
    ("AgeKey host", "https://agekey.example", |t| {
        AgeKey::new(Host::At(t), "ak_test_1", "s").use_agekey(&UseClaims::new([18])).and_then(start)
    }),
    ("Dressipi base", "https://partner.example", |t| {
        Dressipi::new(&t, "c", "k").create_profile(&mut entropy()).map(drop)
    }),
    ("Dressipi key", "k", |t| {
        Dressipi::new("https://p.example", "c", t).create_profile(&mut entropy()).map(drop)
    }),
    ("Dressipi key, presented", "k", |t| {
        let token = AccessToken::new("t", TokenType::Bearer);
        Dressipi::new("https://p.example", "c", t).present(&token, &mut HeaderMap::new())
    }),
    ("PingOne environment", "e", |t| Environment::new(Region::Europe, &t).map(drop)),
    ("PingOne domain", "d.example", |t| Environment::custom_domain(&t).map(drop)),
];

/// Values in which a tab is let through, since some parameters may hold one; it is escaped there.
const MAY_HOLD_A_TAB: &[&str] = &[
    "audience",
    "claims",
    "client header",
    "client secret header",
    "code",
    // A header's value may hold one by RFC 9110 section 5.5, and the key is a header's.
    "Dressipi key",
    "extra",
    "extra in URL",
    "grant parameter",
    "grant secret",
    "grant type",
    "header",
    "nonce",
    "refresh token",
    "resource",
    "resource in URL",
    "response mode",
    "response type",
    "secret header",
    "state",
];

fn is_about_characters(error: &BuildError) -> bool {
    matches!(
        error,
        BuildError::Character { .. }
            | BuildError::Endpoint { error: EndpointError::Character, .. }
            | BuildError::HeaderMalformed { .. }
            | BuildError::Invalid { .. }
            | BuildError::Scope
    )
}

#[test]
fn without_one_every_place_builds() {
    for (place, good, build) in PLACES {
        assert_eq!(build((*good).to_owned()), Ok(()), "{place}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_control_character_is_a_typed_error(
        (place, good, build) in prop::sample::select(PLACES),
        control in control(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut text = good.to_owned();
        text.insert(at.index(good.len() + 1), control);
        match build(text) {
            Err(error) => {
                prop_assert!(is_about_characters(&error), "{}: {:?}", place, error);
                let said = format!("{error}");
                prop_assert!(!said.contains(char::is_control), "{}: {:?}", place, said);
            }
            Ok(()) => prop_assert!(control == '\t' && MAY_HOLD_A_TAB.contains(&place), "{}", place),
        }
    }

    #[test]
    fn a_verifier_has_no_control_characters(control in control(), at in 0..43_usize) {
        let mut text = "v".repeat(60);
        text.insert(at, control);
        prop_assert_eq!(CodeVerifier::from_text(text), Err(VerifierError::Character));
    }
}
