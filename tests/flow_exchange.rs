//! [`TokenFlow`], one scenario for each row of its table, and what it does not take.
//!
//! DPoP's own rules are in `flow_dpop`; here its nonce is only a row of the table.

mod given;
mod machines;

use grantwire::client::{ClientAttestation, PrivateKeyJwt};
use grantwire::dpop::DpopKey;
use grantwire::flow::{Dpop, FlowError, Machine, Misuse, Persisted, Step, TokenFlow, Transition};
use grantwire::grant::{ClientCredentials, JwtAssertion};
use grantwire::jose::{Algorithm, LocalKey, SignatureError, Signer};
use grantwire::reply::{ErrorCode, FailureClass};
use grantwire::{AuthorizationServer, BuildError, Client, Resend};
use machines::*;

use given::{CLIENT_ID, answer, body_of, client, entropy, json, own_token, server};

const TOKENS: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"DPoP"}"#;
const BEARER: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#;
const REFUSED: &str = r#"{"error":"invalid_scope"}"#;
const NONCE_WANTED: &str = r#"{"error":"use_dpop_nonce"}"#;
const CHALLENGE_WANTED: &str = r#"{"error":"use_attestation_challenge"}"#;

fn remote() -> Signer {
    Signer::remote(Algorithm::Es256).key_id("k")
}

/// A client whose key is elsewhere.
fn remote_client() -> Client {
    Client::new(server(), CLIENT_ID).auth(PrivateKeyJwt::new(remote()))
}

/// A DPoP key that is elsewhere.
fn remote_dpop() -> Dpop {
    let public = LocalKey::generate(Algorithm::Es256).unwrap().public_jwk();
    Dpop::new(DpopKey::new(remote(), &public).unwrap())
}

fn plain() -> Walk<TokenFlow> {
    Walk::new(TokenFlow::new(own_token(&client()), entropy()))
}

fn sent_plain() -> Walk<TokenFlow> {
    let mut walk = plain();
    walk.goes("Ready", &["Complete", "Sent"], "AwaitReply", |flow| sent(flow.poll(at(0))));
    walk
}

fn complete_sent_and_answered() -> Vec<Transition> {
    let mut walk = sent_plain();
    walk.stays(|flow| assert_outstanding(flow.poll(at(1))));
    walk.goes("AwaitReply", &["Answered"], "Done", |flow| {
        flow.handle_response(at(2), &json(200, BEARER)).unwrap();
    });
    for _ in 0..3 {
        let tokens = walk.stays(|flow| value(flow.poll(at(3))));
        assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    }
    walk.rows()
}

fn not_built() -> Vec<Transition> {
    let nowhere = Client::new(AuthorizationServer::new(), CLIENT_ID);
    let mut walk = Walk::new(TokenFlow::new(own_token(&nowhere), entropy()));
    let end = walk.goes("Ready", &["NotBuilt"], "Failed", |flow| error(flow.poll(at(0))));
    let missing = BuildError::EndpointMissing { endpoint: "token_endpoint" };
    assert!(matches!(&end, FlowError::Build(error) if *error == missing));
    assert!(matches!(error(walk.machine.poll(at(1))), FlowError::Build(_)), "it stays there");
    walk.rows()
}

fn one_signature() -> Vec<Transition> {
    let mut walk = Walk::new(TokenFlow::new(own_token(&remote_client()), entropy()));
    let events = &["NeedsSignature", "SignatureAsked"];
    let unsigned = walk.goes("Ready", events, "AwaitSignature", |flow| to_sign(flow.poll(at(0))));
    assert_eq!(unsigned.key_id(), Some("k"));
    walk.stays(|flow| assert_outstanding(flow.poll(at(0))));
    walk.goes("AwaitSignature", &["Signed"], "ToSend", |flow| {
        flow.handle_signature(&unsigned.signed([1; 64])).unwrap();
    });
    let request = walk.goes("ToSend", &["Sent"], "AwaitReply", |flow| sent(flow.poll(at(0))));
    assert!(body_of(&request).contains("client_assertion="));
    walk.rows()
}

fn no_signature() -> Vec<Transition> {
    let mut walk = Walk::new(TokenFlow::new(own_token(&remote_client()), entropy()));
    let events = &["NeedsSignature", "SignatureAsked"];
    walk.goes("Ready", events, "AwaitSignature", |flow| to_sign(flow.poll(at(0))));
    walk.goes("AwaitSignature", &["Lost"], "Failed", |flow| {
        flow.handle_failure(at(1), NOT_SENT).unwrap();
    });
    assert!(matches!(error(walk.machine.poll(at(2))), FlowError::Transport(NOT_SENT)));
    walk.rows()
}

fn two_signatures() -> Vec<Transition> {
    let flow = TokenFlow::new(own_token(&remote_client()), entropy()).dpop(remote_dpop());
    let mut walk = Walk::new(flow);
    let events = &["NeedsSignature", "SignatureAsked"];
    let assertion = walk.goes("Ready", events, "AwaitSignature", |flow| to_sign(flow.poll(at(0))));
    walk.goes("AwaitSignature", &["SignedMoreToSign"], "ToSign", |flow| {
        flow.handle_signature(&assertion.signed([1; 64])).unwrap();
    });
    let proof = walk
        .goes("ToSign", &["SignatureAsked"], "AwaitSignature", |flow| to_sign(flow.poll(at(0))));
    assert_ne!(assertion.input(), proof.input());
    walk.goes("AwaitSignature", &["Signed"], "ToSend", |flow| {
        flow.handle_signature(&proof.signed([2; 64])).unwrap();
    });
    let request = walk.goes("ToSend", &["Sent"], "AwaitReply", |flow| sent(flow.poll(at(0))));
    assert!(request.headers().contains_key("dpop"));
    walk.rows()
}

fn a_nonce_is_asked_for() -> Vec<Transition> {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let mut walk = Walk::new(TokenFlow::new(own_token(&client()), entropy()).dpop(Dpop::new(key)));
    walk.goes("Ready", &["Complete", "Sent"], "AwaitReply", |flow| sent(flow.poll(at(0))));
    let challenge =
        answer(400, &[("content-type", "application/json"), ("dpop-nonce", "n1")], NONCE_WANTED);
    walk.goes("AwaitReply", &["NonceAsked"], "Ready", |flow| {
        flow.handle_response(at(1), &challenge).unwrap();
    });
    walk.goes("Ready", &["Complete", "Sent"], "AwaitReply", |flow| sent(flow.poll(at(1))));
    walk.goes("AwaitReply", &["Answered"], "Done", |flow| {
        flow.handle_response(at(2), &json(200, TOKENS)).unwrap();
    });
    walk.rows()
}

/// An attested client, whose proof has to hold what the server gives.
fn a_challenge_is_asked_for() -> Vec<Transition> {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let client = client().auth(ClientAttestation::new("e30.e30.c2ln", key));
    let mut walk = Walk::new(TokenFlow::new(own_token(&client), entropy()));
    walk.goes("Ready", &["Complete", "Sent"], "AwaitReply", |flow| sent(flow.poll(at(0))));
    let given = ("oauth-client-attestation-challenge", "c1");
    let reply = answer(400, &[("content-type", "application/json"), given], CHALLENGE_WANTED);
    walk.goes("AwaitReply", &["ChallengeAsked"], "Ready", |flow| {
        flow.handle_response(at(1), &reply).unwrap();
    });
    assert_eq!(walk.machine.learned_challenge(), Some("c1"));
    walk.goes("Ready", &["Complete", "Sent"], "AwaitReply", |flow| sent(flow.poll(at(1))));
    // Once, and not with the same challenge for ever.
    walk.goes("AwaitReply", &["Refused"], "Failed", |flow| {
        flow.handle_response(at(2), &reply).unwrap();
    });
    walk.rows()
}

fn refused() -> Vec<Transition> {
    let mut walk = sent_plain();
    walk.goes("AwaitReply", &["Refused"], "Failed", |flow| {
        flow.handle_response(at(1), &json(400, REFUSED)).unwrap();
    });
    let end = error(walk.machine.poll(at(2)));
    let reply = end.reply().expect("the server's answer");
    assert_eq!(reply.refusal().unwrap().code(), &ErrorCode::InvalidScope);
    assert_eq!(reply.class(), FailureClass::Definitive);
    walk.rows()
}

fn lost() -> Vec<Transition> {
    for failure in [NOT_SENT, NO_ANSWER] {
        let mut walk = sent_plain();
        walk.goes("AwaitReply", &["Lost"], "Failed", |flow| {
            flow.handle_failure(at(1), failure).unwrap();
        });
        let end = error(walk.machine.poll(at(2)));
        assert!(matches!(end, FlowError::Transport(told) if told == failure));
    }
    let mut walk = sent_plain();
    walk.goes("AwaitReply", &["Lost"], "Failed", |flow| flow.handle_failure(at(1), NOT_SENT))
        .unwrap();
    walk.rows()
}

scenarios! {
    TokenFlow::TRANSITIONS;
    complete_sent_and_answered, not_built, one_signature, no_signature,
        two_signatures, a_nonce_is_asked_for, a_challenge_is_asked_for,
    refused, lost,
}

/// Every event, told to a machine that has not asked for it.
fn assert_takes_nothing(walk: &mut Walk<TokenFlow>) {
    let stray =
        grantwire::jose::Unsigned::new(Algorithm::Es256, None, b"{}", b"{}").signed([0; 64]);
    let answer = json(200, BEARER);
    walk.stays(|flow| {
        assert_eq!(flow.handle_response(at(9), &answer), Err(Misuse::NotSending));
        assert_eq!(flow.handle_failure(at(9), NO_ANSWER), Err(Misuse::NotSending));
        assert_eq!(flow.handle_signature(&stray), Err(Misuse::NotSigning));
    });
}

#[test]
fn an_event_that_does_not_fit_changes_nothing() {
    let mut walk = plain();
    assert_takes_nothing(&mut walk);
    sent(walk.machine.poll(at(0)));
    let stray =
        grantwire::jose::Unsigned::new(Algorithm::Es256, None, b"{}", b"{}").signed([0; 64]);
    let misuse = walk.stays(|flow| flow.handle_signature(&stray));
    assert_eq!(misuse, Err(Misuse::NotSigning));
    walk.machine.handle_response(at(1), &json(200, BEARER)).unwrap();
    assert_takes_nothing(&mut walk);
    // A second answer to the one request changes nothing about the first.
    value(walk.machine.poll(at(9)));

    let mut failed = sent_plain();
    failed.machine.handle_failure(at(1), NO_ANSWER).unwrap();
    assert_takes_nothing(&mut failed);
    assert!(matches!(error(failed.machine.poll(at(9))), FlowError::Transport(_)));
}

#[test]
fn an_answer_while_a_signature_is_outstanding_is_not_taken() {
    let mut walk = Walk::new(TokenFlow::new(own_token(&remote_client()), entropy()));
    let unsigned = to_sign(walk.machine.poll(at(0)));
    walk.stays(|flow| {
        assert_eq!(flow.handle_response(at(0), &json(200, BEARER)), Err(Misuse::NotSending));
        assert_eq!(flow.handle_failure(at(0), NO_ANSWER), Err(Misuse::NotSending));
    });
    walk.machine.handle_signature(&unsigned.signed([1; 64])).unwrap();
    sent(walk.machine.poll(at(0)));
}

#[test]
fn a_wrong_signature_is_refused_and_the_right_one_still_taken() {
    let mut walk = Walk::new(TokenFlow::new(own_token(&remote_client()), entropy()));
    let unsigned = to_sign(walk.machine.poll(at(0)));
    // Another flow of the same client asks for another signature.
    let mut other = TokenFlow::new(own_token(&remote_client()), grantwire::Entropy::new([8; 32]));
    let others = to_sign(other.poll(at(0)));
    for (signature, error) in [
        (others.signed([1; 64]), SignatureError::Ticket),
        (unsigned.signed([1; 63]), SignatureError::Encoding),
        (unsigned.signed([]), SignatureError::Encoding),
        (unsigned.signed([0x30; 70]), SignatureError::Encoding),
    ] {
        let misuse = walk.stays(|flow| flow.handle_signature(&signature));
        assert_eq!(misuse, Err(Misuse::Signature(error)));
        walk.stays(|flow| assert_outstanding(flow.poll(at(1))));
    }
    walk.machine.handle_signature(&unsigned.signed([1; 64])).unwrap();
    let again = walk.stays(|flow| flow.handle_signature(&unsigned.signed([1; 64])));
    assert_eq!(again, Err(Misuse::NotSigning), "it was taken once");
    sent(walk.machine.poll(at(2)));
}

#[test]
fn an_rsa_or_ed25519_signature_has_its_length() {
    for (algorithm, expected, got) in [(Algorithm::EdDsa, 64, 65), (Algorithm::Rs256, 256, 255)] {
        let client =
            Client::new(server(), CLIENT_ID).auth(PrivateKeyJwt::new(Signer::remote(algorithm)));
        let mut flow = TokenFlow::new(client.token(ClientCredentials::new()), entropy());
        let unsigned = to_sign(flow.poll(at(0)));
        let misuse = flow.handle_signature(&unsigned.signed(vec![1; got]));
        let wanted = SignatureError::Length { expected, got };
        assert_eq!(misuse, Err(Misuse::Signature(wanted)));
        flow.handle_signature(&unsigned.signed(vec![1; expected])).unwrap();
    }
}

#[test]
fn the_second_signature_does_not_do_for_the_first() {
    let flow = TokenFlow::new(own_token(&remote_client()), entropy()).dpop(remote_dpop());
    let mut walk = Walk::new(flow);
    let assertion = to_sign(walk.machine.poll(at(0)));
    walk.machine.handle_signature(&assertion.signed([1; 64])).unwrap();
    let _proof = to_sign(walk.machine.poll(at(0)));
    let misuse = walk.stays(|flow| flow.handle_signature(&assertion.signed([1; 64])));
    assert_eq!(misuse, Err(Misuse::Signature(SignatureError::Ticket)));
}

/// A machine without a store cannot even be told `Stored`: there is a value of its snapshot type for
/// nothing but that, and it is not taken.
#[test]
fn nothing_was_stored() {
    let mut walk = sent_plain();
    let misuse = walk.stays(|flow| flow.handle_persisted(at(0), Persisted::Stored));
    assert_eq!(misuse, Err(Misuse::NotPersisting));
}

#[test]
fn a_clock_that_runs_backwards_is_no_error() {
    let mut flow = TokenFlow::new(own_token(&client()), entropy());
    sent(flow.poll(at(100)));
    assert_outstanding(flow.poll(at(0)));
    flow.handle_response(at(50), &json(200, BEARER)).unwrap();
    value(flow.poll(at(0)));
}

/// What is over says so for ever, and nothing is sent again.
#[test]
fn done_repeats() {
    let mut flow = TokenFlow::new(own_token(&client()), entropy());
    sent(flow.poll(at(0)));
    flow.handle_response(at(0), &json(500, "")).unwrap();
    for second in 0..5 {
        assert!(matches!(flow.poll(at(second)), Step::Done(Err(FlowError::Reply(_)))));
    }
}

/// After a request that was not sent, the exchange can be driven anew, with fresh assertions.
#[test]
fn the_parts_start_again() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let client = Client::new(server(), CLIENT_ID).auth(PrivateKeyJwt::new(key));
    let mut flow = TokenFlow::new(own_token(&client), entropy());
    let first = sent(flow.poll(at(0)));
    flow.handle_failure(at(0), NOT_SENT).unwrap();
    let (exchange, entropy, dpop) = flow.into_parts();
    assert!(dpop.is_none());
    let second = sent(TokenFlow::new(exchange, entropy).poll(at(0)));
    assert_ne!(first.body(), second.body(), "another assertion");
}

/// Whatever a server asks for and however often it changes its mind: one nonce, one challenge.
#[test]
fn a_nonce_and_a_challenge_by_turns_come_to_an_end() {
    let key = || LocalKey::generate(Algorithm::Es256).unwrap();
    let attested = client().auth(ClientAttestation::new("e30.e30.c2ln", key()));
    let mut flow = TokenFlow::new(own_token(&attested), entropy()).dpop(Dpop::new(key()));
    let mut requests = 0;
    while let Step::Send(..) = flow.poll(at(requests)) {
        requests += 1;
        assert!(requests < 10, "without end");
        let fresh = requests.to_string();
        let given = [
            ("content-type", "application/json"),
            ("dpop-nonce", &fresh),
            ("oauth-client-attestation-challenge", &fresh),
        ];
        let wanted = if requests % 2 == 0 { NONCE_WANTED } else { CHALLENGE_WANTED };
        flow.handle_response(at(requests), &answer(401, &given, wanted)).unwrap();
    }
    assert_eq!(requests, 3);
    assert!(matches!(error(flow.poll(at(9))), FlowError::Reply(_)));
}

/// A gateway's status says that something else is the matter, and nobody knows what was done by then.
#[test]
fn a_challenge_under_another_status_is_not_answered() {
    let key = || LocalKey::generate(Algorithm::Es256).unwrap();
    let attested = client().auth(ClientAttestation::new("e30.e30.c2ln", key()));
    for (status, wanted) in [200, 403, 429, 500, 503]
        .into_iter()
        .flat_map(|s| [(s, NONCE_WANTED), (s, CHALLENGE_WANTED)])
    {
        let mut flow = TokenFlow::new(own_token(&attested), entropy()).dpop(Dpop::new(key()));
        sent(flow.poll(at(0)));
        let given = [
            ("content-type", "application/json"),
            ("dpop-nonce", "n"),
            ("oauth-client-attestation-challenge", "c"),
        ];
        flow.handle_response(at(1), &answer(status, &given, wanted)).unwrap();
        assert!(matches!(error(flow.poll(at(2))), FlowError::Reply(_)), "{status} {wanted}");
    }
}

/// A grant, a client, an attestation and a proof, each with a key elsewhere: each signature in its place.
#[test]
fn four_signatures_go_to_their_places() {
    let method = PrivateKeyJwt::new(remote());
    let client = client().auth(ClientAttestation::new("e30.e30.c2ln", remote()).beside(method));
    let grant = JwtAssertion::new("issuer", remote()).claim("x", "assertion=&client_assertion=");
    let exchange = client.token(grant).scope("a b").parameter("after", "1&assertion=2");
    let mut flow = TokenFlow::new(exchange, entropy()).dpop(remote_dpop());
    let mut signed = Vec::new();
    let request = loop {
        match flow.poll(at(0)) {
            Step::Sign(unsigned) => {
                let last = u8::try_from(signed.len()).unwrap();
                let signature = unsigned.signed([last + 1; 64]);
                signed.push(unsigned.finish(&signature).unwrap().expose().to_owned());
                flow.handle_signature(&signature).unwrap();
            }
            Step::Send(request, duties) => {
                assert_eq!(duties.resend, Resend::OnlyIfNotSent);
                break request;
            }
            other => panic!("{other:?}"),
        }
    };
    let [grant, client, attestation, proof] = signed.try_into().expect("four");
    let body = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={grant}&scope=a+b&after=1%26assertion%3D2&client_assertion={client}&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    );
    assert_eq!(body_of(&request), body);
    assert_eq!(request.headers()["oauth-client-attestation-pop"], attestation.as_str());
    assert_eq!(request.headers()["dpop"], proof.as_str());
}
