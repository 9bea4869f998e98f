//! A driver with its machine inside a task of `tokio`'s, which any of the runtime's threads may go on with.

mod given;

use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use given::{CLIENT_ID, entropy, now};
use grantwire::client::PrivateKeyJwt;
use grantwire::flow::{
    DeviceFlow, Driver, Persisted, SecretSnapshot, Session, SessionConfig, TransportFailure,
};
use grantwire::jose::{Algorithm, LocalKey, Signer, Unsigned};
use grantwire::{AuthorizationServer, Client};
use http::Response;

const TOKENS: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600,"refresh_token":"r1"}"#;

fn json(body: &str) -> Response<Vec<u8>> {
    Response::builder()
        .header("content-type", "application/json")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://as.example")
        .token_endpoint("https://as.example/token")
        .device_authorization_endpoint("https://as.example/device")
}

fn device_flow() -> DeviceFlow {
    let client = Client::new(server(), CLIENT_ID);
    let body = r#"{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","expires_in":1800}"#;
    let authorization = client.device_authorization().read(&json(body)).unwrap();
    DeviceFlow::new(&client, &authorization, now(), entropy())
}

/// Each closure waits in its own way, so the task is laid aside at every step.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_flow_that_waits_and_loses_an_answer() {
    let clock = Arc::new(Mutex::new(now()));
    let (at, sleeping) = (Arc::clone(&clock), Arc::clone(&clock));
    let task = tokio::spawn(async move {
        let mut asked = 0;
        let mut driver = Driver::new(
            move || *at.lock().unwrap(),
            move |until| {
                let clock = Arc::clone(&sleeping);
                async move {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    *clock.lock().unwrap() = until;
                }
            },
            move |_request, _duties, _answer_by| {
                asked += 1;
                let answer =
                    if asked == 1 { Err(TransportFailure::UNKNOWN) } else { Ok(json(TOKENS)) };
                async move {
                    tokio::task::yield_now().await;
                    answer
                }
            },
        );
        driver.run(&mut device_flow()).await
    });
    let tokens = task.await.unwrap().unwrap();
    assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(*clock.lock().unwrap(), now() + Duration::from_secs(5 + 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_with_a_signer_and_a_store() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let task = tokio::spawn(async move {
        let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256));
        let client = Client::new(server(), CLIENT_ID).auth(method);
        let mut session =
            Session::from_refresh_token(&client, "r0", SessionConfig::new(), entropy());
        let mut driver = Driver::new(now, |_| ready(()), |_, _, _| ready(Ok(json(TOKENS))))
            .sign(move |unsigned: Unsigned| {
                let key = key.clone();
                async move {
                    tokio::task::yield_now().await;
                    key.sign(&unsigned).ok()
                }
            })
            .persist(|_: SecretSnapshot| async {
                tokio::task::yield_now().await;
                Persisted::Stored
            });
        driver.run(&mut session).await
    });
    assert_eq!(task.await.unwrap().unwrap().expose(), "2YotnFZFEjr1zCsicMWpAA");
}
