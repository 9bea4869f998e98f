//! Machines, with the canary in what they hold, hand out, are told and end with.

use std::fmt::Debug;

use grantwire::dpop::{DpopKey, Nonces};
use grantwire::flow::{
    CodeFlow, DeviceFlow, Dpop, DriveError, Driver, FlowError, Loaded, Machine, Misuse, Persisted,
    SecretSnapshot, Session, SessionConfig, Step, Steps, TokenFlow, TokenSource, TransportFailure,
};
use grantwire::grant::{DeviceCode, RefreshToken};
use grantwire::jose::{Algorithm, PublicJwk, Signer, Unsigned};
use grantwire::resource::ResourceRequest;
use grantwire::{
    AccessToken, Client, Entropy, Timestamp, TokenType, authorization::Callback,
    client::ClientSecretPost,
};
use http::{HeaderMap, Request, Response};

use crate::needle::CANARY;
use crate::parties::server;
use crate::watch::Watch;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_752_702_206);

fn entropy() -> Entropy {
    Entropy::new(CANARY.as_bytes()[..32].try_into().unwrap())
}

fn client() -> Client {
    let server = server().device_authorization_endpoint("https://as.example/device");
    Client::new(server, "c").auth(ClientSecretPost::new(CANARY))
}

fn answer(status: u16, body: &str) -> Response<Vec<u8>> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    let response = response.header("dpop-nonce", CANARY);
    response.body(body.replace('@', CANARY).into_bytes()).unwrap()
}

const TOKENS: &str = r#"{"access_token":"@","token_type":"Bearer","expires_in":60,"refresh_token":"@","id_token":"@"}"#;
const REFUSAL: &str = r#"{"error":"invalid_grant","error_description":"@"}"#;

/// The key of RFC 7515 Appendix A.3.
fn key() -> DpopKey {
    let public = PublicJwk::from_json(
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    );
    DpopKey::new(Signer::remote(Algorithm::Es256), &public.unwrap()).unwrap()
}

/// Drives a machine with these answers and prints it, each wish, and the end.
fn drive<M>(watch: &mut Watch, mut machine: M, mut answers: Vec<Response<Vec<u8>>>)
where
    M: Machine<Steps: Steps<Output: Debug, Snapshot: Debug>> + Debug,
{
    for at in 0..40 {
        watch.debug(&machine);
        let now = NOW + std::time::Duration::from_secs(10 * at);
        let step = machine.poll(now);
        watch.debug(&step);
        match step {
            Step::Send(request, ..) => {
                assert!(String::from_utf8_lossy(request.body()).contains(CANARY));
                match answers.pop() {
                    Some(answer) => machine.handle_response(now, &answer).unwrap(),
                    None => machine.handle_failure(now, TransportFailure::UNKNOWN).unwrap(),
                }
            }
            Step::Sign(unsigned) => {
                let other = Unsigned::new(unsigned.algorithm(), None, b"", CANARY.as_bytes());
                watch.failure(machine.handle_signature(&other.signed([1; 64])));
                machine.handle_signature(&unsigned.signed([1; 64])).unwrap();
            }
            Step::Persist(snapshot) => {
                watch.debug(&snapshot);
                let conflict = Persisted::Conflict(snapshot);
                watch.debug(&conflict);
                if let Persisted::Conflict(snapshot) = conflict {
                    watch.debug(&Loaded::Found(snapshot));
                }
                machine.handle_persisted(now, Persisted::Stored).unwrap();
            }
            Step::Wait(_) => {}
            Step::Done(result) => {
                if let Err(error) = result {
                    watch.error(&error);
                    watch.error(&DriveError::Flow(error));
                }
                break;
            }
            _ => panic!("nothing else is wanted"),
        }
    }
    let misuse = machine.handle_failure(NOW, TransportFailure::NOT_SENT).unwrap_err();
    watch.error(&misuse);
    watch.error(&DriveError::Misuse(misuse));
}

fn tokens() -> TokenFlow {
    TokenFlow::new(client().token(RefreshToken::new(CANARY)), entropy())
}

pub fn show(watch: &mut Watch) {
    let dpop = || Dpop::new(key());
    watch.debug(&key());
    watch.debug(&dpop());
    let mut nonces = Nonces::new();
    assert!(nonces.learn("https://as.example/token", &key(), answer(200, "").headers()));
    watch.debug(&nonces);
    watch.debug(&dpop().with_nonces(nonces));

    drive(watch, tokens(), vec![answer(200, TOKENS)]);
    drive(watch, tokens(), vec![answer(400, REFUSAL)]);
    drive(watch, tokens(), vec![answer(200, "@")]);
    drive(watch, tokens(), vec![]);
    drive(watch, tokens().dpop(dpop()), vec![answer(200, TOKENS)]);

    let started = client().authorization().state(CANARY).start(&mut entropy()).unwrap();
    let callback = Callback::from_query(&format!("code={CANARY}&state={CANARY}"));
    let flow = CodeFlow::resume(&client(), started.pending, callback, entropy()).unwrap();
    drive(watch, flow, vec![answer(200, TOKENS)]);

    show_sessions(watch);
    show_devices(watch);
    show_resources(watch);
    show_drivers(watch);
}

fn show_sessions(watch: &mut Watch) {
    let config = || SessionConfig::new().parameter("x", CANARY);
    watch.debug(&config());
    let session = || Session::from_refresh_token(&client(), CANARY, config(), entropy());
    drive(watch, session(), vec![answer(200, TOKENS)]);
    drive(watch, session(), vec![answer(400, REFUSAL)]);
    drive(watch, session(), vec![answer(503, "@")]);
    drive(watch, session(), vec![]);

    let source = || TokenSource::client_credentials(&client(), config(), entropy());
    drive(watch, source(), vec![answer(200, TOKENS)]);
    drive(watch, source(), vec![answer(400, REFUSAL)]);

    watch.debug(session().snapshot());
    let whole = String::from_utf8(session().snapshot().to_bytes().to_vec()).unwrap();
    assert!(whole.contains(CANARY));
    for damaged in [
        &whole[..whole.len() - 1],
        &whole.replacen("\"generation\":0", &format!("\"generation\":\"{CANARY}\""), 1),
        &whole.replacen("_session\":2", "_session\":1", 1),
        &whole.replacen('}', &format!(",\"access_token\":\"{CANARY}\"}}"), 1),
        CANARY,
    ] {
        watch.failure(SecretSnapshot::from_bytes(damaged.as_bytes()));
    }
    let other = Client::new(server(), CANARY);
    let snapshot = SecretSnapshot::from_bytes(whole.as_bytes()).unwrap();
    watch.failure(Session::resume(&other, snapshot, config(), NOW, entropy()));
}

fn show_devices(watch: &mut Watch) {
    let request = client().device_authorization().parameter("x", CANARY).header("y", CANARY);
    watch.debug(&request);
    let good = r#"{"device_code":"@","user_code":"@","verification_uri":"https://as.example/@","verification_uri_complete":"https://as.example/?c=@","expires_in":"@","interval":"@"}"#;
    let read = request.read(&answer(200, good)).unwrap();
    assert_eq!(read.user_code(), CANARY);
    watch.debug(&read);
    watch.debug(read.lifetime());
    for bad in ["@", r#"{"device_code":"@"}"#, r#"{"error":"@","device_code":"@"}"#] {
        watch.failure(request.read(&answer(200, bad)));
    }
    watch.debug(&DeviceCode::new(CANARY));
    let flow = DeviceFlow::new(&client(), &read, NOW, entropy());
    let pending = r#"{"error":"authorization_pending","error_description":"@"}"#;
    drive(watch, flow, vec![answer(200, TOKENS), answer(400, pending)]);
}

fn show_resources(watch: &mut Watch) {
    let request = || {
        let request = Request::builder().uri(format!("https://api.example/?key={CANARY}"));
        request.header("x-key", CANARY).body(CANARY.into()).unwrap()
    };
    let token = AccessToken::new(CANARY, TokenType::Dpop);
    let exchange = ResourceRequest::new(request(), &token).unwrap();
    watch.debug(&exchange);
    let flow = grantwire::flow::ResourceFlow::new(exchange, entropy()).dpop(Dpop::new(key()));
    drive(watch, flow, vec![answer(200, "@")]);
    let other = AccessToken::new(CANARY, TokenType::Other("x".into()));
    watch.failure(ResourceRequest::new(request(), &other));
    let _: HeaderMap = request().into_parts().0.headers;
}

fn show_drivers(watch: &mut Watch) {
    let send = |_, _, _| Ok(answer(400, REFUSAL));
    let mut driver = Driver::blocking(|| NOW, |_| {}, send);
    watch.failure(driver.run(&mut tokens()));
    watch.failure(driver.run(&mut tokens().dpop(Dpop::new(key()))));
    watch.error(&FlowError::Transport(TransportFailure::UNKNOWN));
    show_transport(watch);
    watch.error(&Misuse::NotNow);
}

/// An HTTP client's error says where it was going, query and all. It is the source of ours and in no text of ours.
fn show_transport(watch: &mut Watch) {
    let failure =
        || TransportFailure::unknown(format!("error sending to https://as/?code={CANARY}"));
    let send = |_, _, _| Err::<Response<Vec<u8>>, _>(failure());
    let ended = Driver::blocking(|| NOW, |_| {}, send).run(&mut tokens()).unwrap_err();
    let mut source = std::error::Error::source(&ended);
    assert!(source.expect("the client's").to_string().contains(CANARY), "it is there for who asks");
    for text in [format!("{ended} {ended:?} {ended:#?}"), format!("{0} {0:?} {0:#?}", failure())] {
        assert!(!text.contains(CANARY), "{text}");
    }
    // The chain is the client's from there on, so only our own links are watched.
    watch.debug(&failure());
    watch.debug(&ended);
    source = std::error::Error::source(source.expect("the client's"));
    assert!(source.is_none());
}
