//! Attestation-based client authentication, against the examples of
//! draft-ietf-oauth-attestation-based-client-auth, and its challenge endpoint.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use grantwire::client::{
    AssertionAudience, ClientAttestation, ClientAuthentication, ClientSecretBasic, Credentials,
    PrivateKeyJwt, PublicClient, SelfSignedTlsClientAuth,
};
use grantwire::dpop::DpopKey;
use grantwire::flow::{Dpop, Machine, TokenFlow};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::reply::{ErrorCode, FailureClass, Fault, Unusable};
use grantwire::{AuthorizationServer, BuildError, Client, Deviation, Resend};
use http::Request;
use serde_json::{Value, json};

use crate::given::*;
use crate::machines::{at, error, sent, to_sign, value};
use crate::{asked, fails, refused, unusable};

/// Section 4 of the draft.
const ATTESTATION: &str = "eyJ0eXAiOiJvYXV0aC1jbGllbnQtYXR0ZXN0YXRpb24rand0IiwiYWxnIjoiRVMyNTYiLCJraWQiOiIxMSJ9.eyJzdWIiOiJodHRwczovL2NsaWVudC5leGFtcGxlLmNvbSIsImlhdCI6MTc3MjQ4NzU5NSwiZXhwIjoyNTI5ODY2Mzk0LCJjbmYiOnsiandrIjp7Imt0eSI6IkVDIiwidXNlIjoic2lnIiwiY3J2IjoiUC0yNTYiLCJ4IjoiVmNLVk5CWjRJYUJBWVczanhNNHczVEpGVkE3bXllVUdReUd0LWdfeXZwUSIsInkiOiJmLUUtaFlFM1RBV0t3aFZ2OXBlajlOQUJzOVNYOVhzTk84MHg1N2pGVHlVIn19fQ._TS4d-LAnRlwdN97wiVnl4z7C9gvm45IWr-BvGTzeZaHtZtgNZ88gvzroU3LElUPbgF4kWi_DFORnKzsx5yu6A";
/// Section 5.1 of the draft.
const POP: &str = "eyJ0eXAiOiJvYXV0aC1jbGllbnQtYXR0ZXN0YXRpb24tcG9wK2p3dCIsImFsZyI6IkVTMjU2In0.eyJhdWQiOiJodHRwczovL2FzLmV4YW1wbGUuY29tIiwianRpIjoiZDI1ZDAwYWItNTUyYi00NmZjLWFlMTktOThmNDQwZjI1MDY0IiwiaWF0IjoxNzcyNDg3NTk1LCJjaGFsbGVuZ2UiOiI1YzFhOWUxMC0yOWZmLTRjMmItYWU3My01N2MwOTU3YzA5YzQifQ.M4Uc4rWVAqaLlmDDUXQKkKPbAQKj0JrTizLgWhZndmbkvM3VL8y-w_QJr7Z0HZlH94E64cLa8L5fSjJItYv0jg";

const CHALLENGE: &str = "AYjcyMzY3ZDhiNmJkNTZ";
const CHALLENGE_HEADER: &str = "oauth-client-attestation-challenge";
const TOKENS: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#;

fn bytes(segment: &str) -> Vec<u8> {
    base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, segment).expect("base64")
}

/// Header and claims of a JWT.
fn jwt(text: &str) -> (Value, Value) {
    let mut segments = text.split('.');
    let mut next = || serde_json::from_slice(&bytes(segments.next().unwrap())).expect("JSON");
    (next(), next())
}

fn instance() -> LocalKey {
    LocalKey::generate(Algorithm::Es256).unwrap()
}

fn server_of_the_draft() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://as.example.com")
        .token_endpoint("https://as.example.com/token")
        .challenge_endpoint("https://as.example.com/as/challenge")
}

fn wallet(method: impl ClientAuthentication + 'static) -> Client {
    Client::new(server_of_the_draft(), "https://client.example.com").auth(method)
}

fn pop_of(request: &Request<Vec<u8>>) -> (Value, Value) {
    jwt(request.headers()["oauth-client-attestation-pop"].to_str().unwrap())
}

/// The published proof is signed by the attested key, so the example is whole.
#[test]
fn the_example_of_the_draft_is_whole() {
    let key = &jwt(ATTESTATION).1["cnf"]["jwk"];
    let coordinate = |name: &str| bytes(key[name].as_str().unwrap());
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let (input, signature) = POP.rsplit_once('.').unwrap();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    key.verify(input.as_bytes(), &bytes(signature)).expect("the draft's own signature");
}

/// Sections 5.1 and 7.5: what is made here has the members of the example, and no other.
#[test]
fn a_request_has_both_headers() {
    let method = ClientAttestation::new(ATTESTATION, instance()).challenge("5c1a9e10");
    let client = wallet(method);
    let request = built(&own_token(&client));
    assert_eq!(request.headers()["oauth-client-attestation"], ATTESTATION);
    assert!(request.headers()["oauth-client-attestation"].is_sensitive());
    assert!(request.headers()["oauth-client-attestation-pop"].is_sensitive());
    assert_eq!(names_of(&request), ["grant_type", "client_id"]);
    assert!(!request.headers().contains_key("authorization"));
    let (header, claims) = pop_of(&request);
    let (their_header, theirs) = jwt(POP);
    assert_eq!(header, their_header);
    let names = |claims: &Value| claims.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&claims), names(&theirs));
    assert_eq!(claims["aud"], theirs["aud"], "the issuer, as a single string");
    assert_eq!(claims["iat"], json!(now().as_unix_seconds()));
    assert_eq!(claims["challenge"], "5c1a9e10");
    // Without a challenge there is none, and no proof is used twice.
    let client = wallet(ClientAttestation::new(ATTESTATION, instance()));
    let mut entropy = entropy();
    let mut proof = || pop_of(&own_token(&client).request(now(), &mut entropy).unwrap()).1;
    let (first, second) = (proof(), proof());
    assert!(first.get("challenge").is_none());
    assert_ne!(first["jti"], second["jti"]);
    let draft = own_token(&client).draft(now(), &mut entropy).unwrap();
    assert_eq!(draft.duties().resend, Resend::OnlyIfNotSent);
}

#[test]
fn the_instance_key_may_be_elsewhere() {
    let signer = Signer::remote(Algorithm::Es256).key_id("enclave");
    let client = wallet(ClientAttestation::new(ATTESTATION, signer));
    let mut draft = own_token(&client).draft(now(), &mut entropy()).unwrap();
    let unsigned = draft.unsigned().unwrap().clone();
    assert_eq!(unsigned.key_id(), Some("enclave"), "for the signer");
    draft.sign(&unsigned.signed([1; 64])).unwrap();
    let request = draft.finish().unwrap();
    let (header, _) = pop_of(&request);
    assert!(header.get("kid").is_none(), "the server has the key in the attestation");
    // Three signatures in one request, each to its place.
    let method = ClientAttestation::new(ATTESTATION, Signer::remote(Algorithm::Es256))
        .beside(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256)));
    let public = instance().public_jwk();
    let key = DpopKey::new(Signer::remote(Algorithm::Es256), &public).unwrap();
    let mut flow = TokenFlow::new(own_token(&wallet(method)), entropy()).dpop(Dpop::new(key));
    for signature in [1, 2, 3] {
        let unsigned = to_sign(flow.poll(at(0)));
        flow.handle_signature(&unsigned.signed([signature; 64])).unwrap();
    }
    let request = sent(flow.poll(at(0)));
    assert!(body_of(&request).contains("client_assertion="));
    assert_eq!(pop_of(&request).0["typ"], "oauth-client-attestation-pop+jwt");
    assert_eq!(jwt(request.headers()["dpop"].to_str().unwrap()).0["typ"], "dpop+jwt");
}

/// Section 7.6: as a signal beside another method.
#[test]
fn beside_another_method() {
    let method =
        ClientAttestation::new(ATTESTATION, instance()).beside(ClientSecretBasic::new("s"));
    assert_eq!(method.name(), "client_secret_basic");
    let request = built(&own_token(&wallet(method)));
    assert!(request.headers().contains_key("authorization"));
    assert!(request.headers().contains_key("oauth-client-attestation-pop"));
    assert_eq!(names_of(&request), ["grant_type"]);
    let method =
        ClientAttestation::new(ATTESTATION, instance()).beside(SelfSignedTlsClientAuth::new());
    assert!(method.presents_certificate());
    let draft = own_token(&wallet(method)).draft(now(), &mut entropy()).unwrap();
    assert!(draft.duties().client_certificate);
}

/// Section 5.2: one proof for both, by the same key.
#[test]
fn dpop_as_the_proof() {
    let method = ClientAttestation::dpop_combined(ATTESTATION);
    assert_eq!(method.name(), "attest_jwt_client_auth_dpop");
    let client = wallet(method);
    let mut flow = TokenFlow::new(own_token(&client), entropy()).dpop(Dpop::new(instance()));
    let request = sent(flow.poll(at(0)));
    assert_eq!(request.headers()["oauth-client-attestation"], ATTESTATION);
    assert!(!request.headers().contains_key("oauth-client-attestation-pop"));
    assert!(request.headers().contains_key("dpop"));
    // Draft 10 section 7.3: a challenge, if there is one, is the proof's nonce.
    flow.handle_response(at(1), &challenged(&[CHALLENGE])).unwrap();
    let proof = |request: &Request<Vec<u8>>| jwt(request.headers()["dpop"].to_str().unwrap()).1;
    assert_eq!(proof(&sent(flow.poll(at(1))))["nonce"], CHALLENGE);
    let fetched = own_token(&client).attestation_challenge("fetched");
    let mut flow = TokenFlow::new(fetched, entropy()).dpop(Dpop::new(instance()));
    assert_eq!(proof(&sent(flow.poll(at(0))))["nonce"], "fetched");
    // A nonce that is one goes first, and without an attestation a challenge is no nonce.
    let nonce = [("content-type", "application/json"), ("dpop-nonce", "n-1")];
    let body = r#"{"error":"use_dpop_nonce"}"#;
    flow.handle_response(at(1), &answer(400, &nonce, body)).unwrap();
    assert_eq!(proof(&sent(flow.poll(at(1))))["nonce"], "n-1");
    let plain = own_token(&wallet(PublicClient::new())).attestation_challenge("fetched");
    let mut flow = TokenFlow::new(plain, entropy()).dpop(Dpop::new(instance()));
    assert_eq!(proof(&sent(flow.poll(at(0)))).get("nonce"), None);
    // Without a proof it would be no authentication at all.
    let why = build(&own_token(&client)).unwrap_err();
    assert_eq!(why, BuildError::NeedsProof);
    assert!(why.to_string().contains("bind the flow"));
    let mut unbound = TokenFlow::new(own_token(&client), entropy());
    assert_eq!(error(unbound.poll(at(0))).to_string(), why.to_string());
}

#[test]
fn what_cannot_be_sent_is_said() {
    let why = |method: ClientAttestation| build(&own_token(&wallet(method))).unwrap_err();
    let empty = BuildError::Empty { parameter: "oauth-client-attestation".into() };
    assert_eq!(why(ClientAttestation::new("", instance())), empty);
    let malformed = BuildError::HeaderMalformed { header: "oauth-client-attestation".into() };
    assert_eq!(why(ClientAttestation::new("a\r\nx: y", instance())), malformed);
    let symmetric = ClientAttestation::new(ATTESTATION, Signer::remote(Algorithm::Hs256));
    assert!(matches!(why(symmetric), BuildError::Invalid { .. }));
    let nowhere = AuthorizationServer::new().token_endpoint(TOKEN);
    let method = ClientAttestation::new(ATTESTATION, instance());
    let client = Client::new(nowhere, "c").auth(method.clone());
    assert_eq!(build(&own_token(&client)).unwrap_err(), BuildError::IssuerMissing);
    let value = AssertionAudience::Value("https://as.example".into());
    assert!(build(&own_token(&client.auth(method.clone().audience(value)))).is_ok());
    // Nobody else writes these headers.
    for name in ["oauth-client-attestation", "OAuth-Client-Attestation-PoP"] {
        let client = wallet(method.clone()).header(name, "x");
        assert!(matches!(build(&own_token(&client)), Err(BuildError::HeaderManaged { .. })));
    }
}

fn challenged(challenges: &[&str]) -> http::Response<Vec<u8>> {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(challenges.iter().map(|challenge| (CHALLENGE_HEADER, *challenge)));
    let body = r#"{"error":"use_attestation_challenge","error_description":"Authorization Server requires a fresh challenge"}"#;
    answer(400, &headers, body)
}

/// Section 6.1: one more try, with the challenge that came and a new proof.
#[test]
fn a_flow_answers_a_challenge_once() {
    let client = wallet(ClientAttestation::new(ATTESTATION, instance()).challenge("old"));
    let mut flow = TokenFlow::new(own_token(&client), entropy());
    let (_, first) = pop_of(&sent(flow.poll(at(0))));
    assert_eq!(first["challenge"], "old");
    flow.handle_response(at(1), &challenged(&[CHALLENGE])).unwrap();
    let (_, second) = pop_of(&sent(flow.poll(at(1))));
    assert_eq!(second["challenge"], CHALLENGE);
    assert_ne!(first["jti"], second["jti"]);
    flow.handle_response(at(2), &challenged(&["another"])).unwrap();
    let end = error(flow.poll(at(2)));
    let reply = end.reply().unwrap();
    assert_eq!(reply.refusal().unwrap().code(), &ErrorCode::UseAttestationChallenge);
    assert_eq!(reply.class(), FailureClass::Transient, "with the next challenge it may do");
    assert_eq!(flow.learned_challenge(), Some("another"));
}

/// Section 6.2: any response may bring the next one.
#[test]
fn a_challenge_may_come_with_success() {
    let client = wallet(ClientAttestation::new(ATTESTATION, instance()));
    let mut flow = TokenFlow::new(own_token(&client), entropy());
    sent(flow.poll(at(0)));
    let headers = [("content-type", "application/json"), (CHALLENGE_HEADER, CHALLENGE)];
    flow.handle_response(at(1), &answer(200, &headers, TOKENS)).unwrap();
    value(flow.poll(at(1)));
    let next = own_token(&client).attestation_challenge(flow.learned_challenge().unwrap());
    assert_eq!(pop_of(&built(&next)).1["challenge"], CHALLENGE);
}

/// A client that presents no attestation has no proof to put a challenge into, so nothing is sent again.
#[test]
fn a_challenge_to_somebody_else_is_not_answered() {
    for client in [wallet(ClientSecretBasic::new("s")), Client::new(server_of_the_draft(), "c")] {
        let mut flow = TokenFlow::new(own_token(&client), entropy());
        sent(flow.poll(at(0)));
        flow.handle_response(at(1), &challenged(&[CHALLENGE])).unwrap();
        error(flow.poll(at(1)));
        assert_eq!(flow.learned_challenge(), None);
    }
    let boxed: Box<dyn ClientAuthentication> =
        Box::new(ClientAttestation::new(ATTESTATION, instance()));
    let mut flow = TokenFlow::new(own_token(&wallet(boxed)), entropy());
    sent(flow.poll(at(0)));
    flow.handle_response(at(1), &challenged(&[CHALLENGE])).unwrap();
    assert_eq!(pop_of(&sent(flow.poll(at(1)))).1["challenge"], CHALLENGE);
}

#[test]
fn a_challenge_that_is_none_is_not_answered() {
    for challenges in [&[][..], &["a", "b"], &[""], &["a b"], &[&*"x".repeat(5000)]] {
        let client = wallet(ClientAttestation::new(ATTESTATION, instance()));
        let mut flow = TokenFlow::new(own_token(&client), entropy());
        sent(flow.poll(at(0)));
        flow.handle_response(at(1), &challenged(challenges)).unwrap();
        error(flow.poll(at(1)));
        assert_eq!(flow.learned_challenge(), None);
    }
    // The one that was sent would not do a second time.
    let client = wallet(ClientAttestation::new(ATTESTATION, instance()));
    let exchange = own_token(&client).attestation_challenge(CHALLENGE);
    let mut flow = TokenFlow::new(exchange, entropy());
    sent(flow.poll(at(0)));
    flow.handle_response(at(1), &challenged(&[CHALLENGE])).unwrap();
    error(flow.poll(at(1)));
    // Another failure is not repeated, whatever else comes with it.
    let client = wallet(ClientAttestation::new(ATTESTATION, instance()));
    for (code, fault) in [
        ("use_fresh_attestation", Fault::Client),
        ("invalid_client_attestation", Fault::Client),
        ("invalid_client", Fault::Client),
    ] {
        let mut flow = TokenFlow::new(own_token(&client), entropy());
        sent(flow.poll(at(0)));
        let headers = [("content-type", "application/json"), (CHALLENGE_HEADER, CHALLENGE)];
        let body = format!(r#"{{"error":"{code}"}}"#);
        flow.handle_response(at(1), &answer(401, &headers, body)).unwrap();
        assert_eq!(error(flow.poll(at(1))).reply().unwrap().fault(), fault, "{code}");
    }
}

/// Section 6.3, its example.
#[test]
fn the_challenge_endpoint() {
    let exchange = wallet(ClientAttestation::new(ATTESTATION, instance())).attestation_challenge();
    let request = exchange.request().unwrap();
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/as/challenge"));
    assert_eq!(request.headers()["accept"], "application/json");
    assert!(request.body().is_empty() && request.headers().len() == 1, "nobody authenticates");
    assert_eq!(asked(&exchange).uri(), request.uri());
    let body = format!(r#"{{"attestation_challenge":"{CHALLENGE}"}}"#);
    let read = exchange.read(&json(200, body.clone())).unwrap();
    assert_eq!((read.challenge(), read.deviations()), (Some(CHALLENGE), &[][..]));
    let read = exchange.read(&json(201, body)).unwrap();
    assert_eq!(read.deviations(), [Deviation::Status(201)]);
    // The door may be there for DPoP nonces alone.
    for body in ["{}", r#"{"attestation_challenge":null}"#] {
        assert_eq!(exchange.read(&json(200, body)).unwrap().challenge(), None);
    }
    let malformed = Unusable::MemberMalformed("attestation_challenge");
    for (body, why) in [
        (r#"{"attestation_challenge":""}"#, malformed),
        (r#"{"attestation_challenge":["x"]}"#, malformed),
        (
            r#"{"attestation_challenge":"a","attestation_challenge":"b"}"#,
            Unusable::DuplicateMember("attestation_challenge"),
        ),
    ] {
        assert_eq!(unusable(&exchange, &json(200, body)), why, "{body}");
    }
    assert_eq!(fails(&exchange, &answer(503, &[], "")).class(), FailureClass::Transient);
    let nowhere = client().attestation_challenge();
    let expected = BuildError::EndpointMissing { endpoint: "challenge_endpoint" };
    assert_eq!(refused(&nowhere), expected);
}

/// It counts as a method wherever it is written, so another beside it has to be said by name.
#[test]
fn one_method_and_no_more() {
    struct Both(ClientAttestation);
    impl ClientAuthentication for Both {
        fn name(&self) -> &str {
            "both"
        }

        fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
            self.0.write(to)?;
            to.parameter("client_secret", "s")
        }
    }
    let both = wallet(Both(ClientAttestation::new(ATTESTATION, instance())));
    let two = BuildError::TwoAuthenticationMethods;
    assert_eq!(build(&own_token(&both)).unwrap_err(), two);
}
