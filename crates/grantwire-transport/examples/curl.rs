//! The smallest whole program with `curl`: a token for the client itself, and its first use.
//!
//! ```sh
//! cargo run -p grantwire-transport --example curl
//! ```
//!
//! The server is embedded and on loopback. What a program of your own needs:
//!
//! ```toml
//! grantwire = { version = "0.1", features = ["getrandom"] }
//! grantwire-transport = { version = "0.1", features = ["curl"] }
//! http = "1"
//! ```

mod demo;

use std::error::Error;
use std::thread;

use demo::{Demo, PATIENCE, now, time_until};
use grantwire::flow::{AnswerBy, Driver, TokenFlow};
use grantwire::grant::ClientCredentials;
use grantwire::{Duties, Entropy};
use grantwire_transport::curl::Http;

fn main() -> Result<(), Box<dyn Error>> {
    let demo = Demo::start()?;
    let http = Http { patience: PATIENCE, trusted: None, identity: None };
    let mut driver = Driver::blocking(
        now,
        |until| thread::sleep(time_until(until)),
        |request, duties, answer_by| http.send(request, duties, answer_by),
    );

    // The token. The driver sends, and sends again only what may be sent again.
    let exchange = demo.client.token(ClientCredentials::new()).scope(demo.scope);
    let tokens = driver.run(&mut TokenFlow::new(exchange, Entropy::from_os()?))?;

    // Its first use, which needs no machine.
    let request = demo.ask(&tokens)?;
    let answer = http.send(request, Duties::default(), AnswerBy::new(now(), PATIENCE));
    demo.check(&answer.map_err(|failure| format!("no answer: {failure:?}"))?)
}
