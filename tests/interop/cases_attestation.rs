//! Attestation-based client authentication: instances of a client, and an attester that vouches for
//! them.

use std::time::Duration;

use grantwire::authorization::Callback;
use grantwire::client::{ClientAttestation, PrivateKeyJwt};
use grantwire::flow::{CodeFlow, Dpop, DriveError, ExchangeFlow, TokenFlow};
use grantwire::grant::{ClientCredentials, RefreshToken};
use grantwire::jose::{Algorithm, Jwt, LocalKey, Signer};
use grantwire::metadata::{Announced, MetadataRequest, WellKnown};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::{Client, Timestamp, TokenRequest, TokenResponse, TokenType};
use serde_json::{Value, json};

use crate::browser;
use crate::case::{Answer, Case, key};
use crate::expect;

fn generated() -> LocalKey {
    LocalKey::generate(Algorithm::Es256).expect("a key")
}

/// A server that believes one attester, and that attester.
struct World {
    case: Case,
    attester: LocalKey,
}

/// What an attester says of an instance.
struct Statement {
    client: &'static str,
    expires: Timestamp,
}

impl World {
    fn new(signal: Value) -> Self {
        let attester = generated();
        let row = |name: &str, method: &str| {
            json!({
                "client_id": name,
                "token_endpoint_auth_method": method,
                "redirect_uris": ["https://client.example/callback"],
                "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            })
        };
        let jwk: Value = serde_json::from_str(&attester.public_jwk().to_json()).expect("a JWK");
        let case = Case::start_with(&json!({
            "attestation": { "attester": jwk, "signal": signal },
            "clients": [
                row("wallet", "attest_jwt_client_auth"),
                row("wallet-dpop", "attest_jwt_client_auth_dpop"),
            ],
        }));
        Self { case, attester }
    }

    /// The attester vouches for the holder of this key.
    fn attest(&self, by: &LocalKey, instance: &LocalKey, statement: &Statement) -> String {
        let jwk: Value = serde_json::from_str(&instance.public_jwk().to_json()).expect("a JWK");
        let jwt = Jwt::new()
            .typ("oauth-client-attestation+jwt")
            .claim("sub", statement.client)
            .claim("iat", Case::now().as_unix_seconds())
            .claim("exp", statement.expires.as_unix_seconds())
            .claim("cnf", json!({ "jwk": jwk }));
        let unsigned = jwt.unsigned(&Signer::from(by.clone())).expect("claims");
        let signature = by.sign(&unsigned).expect("a signature");
        unsigned.finish(&signature).expect("it fits").expose().to_owned()
    }

    fn good(&self, client: &'static str, instance: &LocalKey) -> String {
        let expires = Case::now().saturating_add(Duration::from_secs(3600));
        self.attest(&self.attester, instance, &Statement { client, expires })
    }

    fn wallet(&self, attestation: String, instance: &LocalKey) -> Client {
        let method = ClientAttestation::new(attestation, instance.clone());
        Client::new(self.case.known(), "wallet").auth(method)
    }

    fn wallet_of(&self, instance: &LocalKey) -> Client {
        self.wallet(self.good("wallet", instance), instance)
    }

    fn drive(&self, request: TokenRequest) -> (Result<TokenResponse, DriveError>, usize) {
        self.case.drive(&mut TokenFlow::new(request, Case::new_entropy()))
    }
}

fn credentials(client: &Client) -> TokenRequest {
    client.token(ClientCredentials::new()).scope("api:read")
}

#[track_caller]
fn not_taken(answer: Answer, status: u16, code: &ErrorCode) {
    let error = answer.expect_err("the server refuses");
    expect::refusal(&error, status, code, Fault::Client, FailureClass::Definitive);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn the_challenge_is_learned_from_the_first_refusal() {
    let world = World::new(json!(false));
    let (tokens, sent) = world.drive(credentials(&world.wallet_of(&generated())));
    expect::issued(&tokens.expect("tokens"), &TokenType::Bearer, "api:read", 300);
    assert_eq!(sent, 2);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn the_challenge_is_carried_on_or_fetched_beforehand() {
    let world = World::new(json!(false));
    let client = world.wallet_of(&generated());
    let fetched = world.case.exchange(&client.attestation_challenge()).expect("a challenge");
    assert_eq!(fetched.deviations(), []);
    let request =
        credentials(&client).attestation_challenge(fetched.challenge().expect("one is given"));
    let mut flow = TokenFlow::new(request, Case::new_entropy());
    let (tokens, sent) = world.case.drive(&mut flow);
    expect::issued(&tokens.expect("tokens"), &TokenType::Bearer, "api:read", 300);
    assert_eq!(sent, 1);

    let mut flow = TokenFlow::new(credentials(&client), Case::new_entropy());
    assert!(world.case.drive(&mut flow).0.is_ok());
    let learned = flow.learned_challenge().expect("one was asked for").to_owned();
    let (tokens, sent) = world.drive(credentials(&client).attestation_challenge(learned));
    assert!(tokens.is_ok());
    assert_eq!(sent, 1);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn is_announced() {
    let world = World::new(json!(false));
    let request = MetadataRequest::new(world.case.server.issuer(), WellKnown::OAuth);
    let metadata = world.case.exchange(&request).expect("metadata");
    assert_eq!(metadata.unusable_endpoints(), []);
    for method in ["attest_jwt_client_auth", "attest_jwt_client_auth_dpop"] {
        assert_eq!(metadata.auth_method(method), Announced::Yes);
    }
    let challenge: Option<String> = metadata.extra("challenge_endpoint");
    assert!(challenge.is_some_and(|url| url.starts_with(world.case.server.issuer())));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn what_the_attester_did_not_say_is_not_taken() {
    let world = World::new(json!(false));
    let instance = generated();
    let later = Case::now().saturating_add(Duration::from_secs(3600));
    let says = |by, client, expires| world.attest(by, &instance, &Statement { client, expires });
    let past = Case::now().saturating_sub(Duration::from_secs(60));
    let stranger = generated();
    let mine = || world.good("wallet", &instance);
    for client in [
        // Of another attester, of the past, for another client, held by another.
        world.wallet(says(&stranger, "wallet", later), &instance),
        world.wallet(says(&world.attester, "wallet", past), &instance),
        world.wallet(says(&world.attester, "wallet-dpop", later), &instance),
        world.wallet(mine(), &stranger),
    ] {
        let error = world.drive(credentials(&client)).0.expect_err("a no");
        let error = error.reply().expect("the server's answer");
        assert_eq!(error.fault(), Fault::Client);
        assert!(!error.credential_is_dead());
        let code = error.refusal().expect("a refusal").code();
        let known = [ErrorCode::InvalidClient, ErrorCode::InvalidRequest];
        assert!(known.contains(code), "{error:?}");
    }
    assert!(world.drive(credentials(&world.wallet(mine(), &instance))).0.is_ok());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_replayed_proof() {
    let world = World::new(json!(false));
    let client = world.wallet_of(&generated());
    let fetched = world.case.exchange(&client.attestation_challenge()).expect("a challenge");
    let request =
        credentials(&client).attestation_challenge(fetched.challenge().expect("one is given"));
    let sent = world.case.build(&request);
    let again = sent.clone();
    expect::granted(request.read(&world.case.server.send(sent)), "api:read", 300);
    let answer = request.read(&world.case.server.send(again));
    not_taken(answer, 401, &ErrorCode::InvalidClient);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_whole_trip_with_a_push_and_a_refresh_that_is_bound_to_the_instance() {
    let world = World::new(json!(false));
    let (case, instance) = (&world.case, generated());
    let client = world.wallet_of(&instance);
    let request = case.authorization(&client, "openid");
    let started = case.entropy(|entropy| request.push(entropy)).expect("a push");
    let mut flow = ExchangeFlow::new(started.exchange, Case::new_entropy());
    let (pushed, sent) = case.drive(&mut flow);
    assert_eq!(sent, 2);
    let url = flow.into_parts().0.url(&pushed.expect("pushed")).expect("a URL");
    let callback = Callback::from_url(&browser::approve(&url));
    let flow = CodeFlow::resume(&client, started.pending, callback, Case::new_entropy());
    let tokens = case.drive(&mut flow.expect("a code")).0.expect("tokens");
    assert_eq!(case.userinfo(tokens.access_token()).expect("claims")["sub"], "alice");

    let refresh = |client: &Client| {
        let token = expect::refresh_token(&tokens);
        world.drive(client.token(RefreshToken::new(token))).0
    };
    let error = refresh(&world.wallet_of(&generated())).expect_err("another instance");
    let class = FailureClass::Definitive;
    let code = ErrorCode::InvalidGrant;
    expect::refusal(
        error.reply().expect("the server's answer"),
        400,
        &code,
        Fault::Credential,
        class,
    );
    expect::issued(&refresh(&client).expect("tokens"), &TokenType::Bearer, "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_dpop_proof_is_the_proof_of_possession() {
    let world = World::new(json!(false));
    let instance = generated();
    let method = ClientAttestation::dpop_combined(world.good("wallet-dpop", &instance));
    let client = Client::new(world.case.known(), "wallet-dpop").auth(method);
    let ask = |key: LocalKey| {
        let flow = TokenFlow::new(credentials(&client), Case::new_entropy());
        world.case.drive(&mut flow.dpop(Dpop::new(key)))
    };
    let (tokens, sent) = ask(instance);
    expect::issued(&tokens.expect("tokens"), &TokenType::Dpop, "api:read", 300);
    assert_eq!(sent, 2, "its nonce takes the challenge's place");
    let error = ask(generated()).0.expect_err("another key");
    let class = FailureClass::Definitive;
    expect::refusal(
        error.reply().expect("the server's answer"),
        401,
        &ErrorCode::InvalidClient,
        Fault::Client,
        class,
    );
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn beside_another_method_it_is_one_more_thing_to_be_right() {
    let world = World::new(json!("required"));
    let instance = generated();
    let with = |attestation: String, holder: &LocalKey| {
        let method = ClientAttestation::new(attestation, holder.clone());
        world.case.named("key-es256").auth(method.beside(PrivateKeyJwt::new(key("key-es256"))))
    };
    let good = world.good("key-es256", &instance);
    let (tokens, sent) = world.drive(credentials(&with(good.clone(), &instance)));
    expect::issued(&tokens.expect("tokens"), &TokenType::Bearer, "api:read", 300);
    assert_eq!(sent, 2, "with a new assertion each time");

    let refused = |client: &Client| {
        let error = world.drive(credentials(client)).0.expect_err("a no");
        let error = error.reply().expect("the server's answer");
        let class = FailureClass::Definitive;
        let code = ErrorCode::InvalidClientAttestation;
        let refusal = error.refusal().expect("a refusal");
        assert_eq!((refusal.code(), error.fault(), error.class()), (&code, Fault::Client, class));
    };
    refused(&with(good, &generated()));
    // None at all, where the server asks every client for one.
    refused(&world.case.client("key-es256"));
}
