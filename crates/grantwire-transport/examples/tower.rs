//! The smallest whole program with a `tower` service, here around a `hyper-util` client: a token for the client itself, and its first use.
//!
//! ```sh
//! cargo run -p grantwire-transport --example tower
//! ```
//!
//! The server is embedded and on loopback. What a program of your own needs:
//!
//! ```toml
//! grantwire = { version = "0.1", features = ["getrandom"] }
//! grantwire-transport = { version = "0.1", features = ["tower"] }
//! http = "1"
//! hyper-util = { version = "0.1", features = ["client-legacy", "http1", "tokio"] }
//! tokio = { version = "1", features = ["macros", "rt", "time"] }
//! tower = { version = "0.5", features = ["util"] }
//! ```

mod demo;

use std::error::Error;

use demo::{Demo, PATIENCE, now, time_until};
use grantwire::flow::{AnswerBy, Driver, TokenFlow};
use grantwire::grant::ClientCredentials;
use grantwire::{Duties, Entropy};
use grantwire_transport::tower::Dutiful;
use http::Request;
use hyper_util::client::legacy::{Client, Error as LegacyError};
use hyper_util::rt::TokioExecutor;
use tower::layer::layer_fn;
use tower::{ServiceBuilder, ServiceExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let demo = Demo::start()?;
    // Neither a pool nor a retry of its own.
    let mut inner = Client::builder(TokioExecutor::new());
    let inner = inner.pool_max_idle_per_host(0).retry_canceled_requests(false).build_http();
    let service = ServiceBuilder::new()
        .layer(layer_fn(|inner| Dutiful {
            inner,
            patience: PATIENCE,
            certified: false,
            is_connect: LegacyError::is_connect,
        }))
        .service(inner);
    let send = |mut request: Request<Vec<u8>>, duties: Duties, answer_by: AnswerBy| {
        request.extensions_mut().insert(duties);
        request.extensions_mut().insert(answer_by);
        service.clone().oneshot(request)
    };
    let mut driver = Driver::new(now, |until| tokio::time::sleep(time_until(until)), send);

    // The token. The driver sends, and sends again only what may be sent again.
    let exchange = demo.client.token(ClientCredentials::new()).scope(demo.scope);
    let tokens = driver.run(&mut TokenFlow::new(exchange, Entropy::from_os()?)).await?;

    // Its first use, which needs no machine.
    let request = demo.ask(&tokens)?;
    let answer = send(request, Duties::default(), AnswerBy::new(now(), PATIENCE)).await;
    demo.check(&answer.map_err(|failure| format!("no answer: {failure:?}"))?)
}
