//! A hundred thousand sessions in one thread, of which only those that are due are polled.
//!
//! ```sh
//! cargo run --release --example fleet
//! ```
//!
//! Each session is a client's own token, good for an hour and refreshed ahead of its end, at a moment
//! that jitter spreads. [`Deadlines`] says whose turn it is. The clock is a number and the answers
//! are made in memory, so the program shows what the machines themselves cost. Without `--release`
//! the fleet is a tenth of that.

use std::error::Error;
use std::mem::size_of;
use std::sync::Arc;
use std::time::{Duration, Instant};

use grantwire::client::ClientSecretBasic;
use grantwire::flow::{Deadlines, Machine as _, SessionConfig, Step, TokenSource};
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
use http::Response;

const FLEET: usize = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
const HOURS: u64 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
    let client = Client::new(server, "s6BhdRkqt3").auth(ClientSecretBasic::new("secret"));
    let config = Arc::new(SessionConfig::new().refresh_ahead(Duration::from_secs(600)));

    let start = Timestamp::from_unix_seconds(1_800_000_000);
    let end = start + Duration::from_secs(HOURS * 3600);
    let mut sessions = Vec::with_capacity(FLEET);
    let mut deadlines = Deadlines::new();
    for number in 0..FLEET {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed)?;
        let entropy = Entropy::new(seed);
        sessions.push(TokenSource::client_credentials(&client, Arc::clone(&config), entropy));
        deadlines.set(number, start, start);
    }

    let began = Instant::now();
    let (mut answers, mut polled, mut rounds, mut busiest) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut clock = start;
    while let Some(now) = deadlines.next_deadline(clock).filter(|next| *next <= end) {
        clock = now;
        rounds += 1;
        let mut due = 0;
        while let Some(number) = deadlines.pop_due(now) {
            let session = &mut sessions[number];
            // A driver of many keeps what is outstanding; in here the answer comes at once.
            loop {
                match session.poll(now) {
                    Step::Send(..) => {
                        answers += 1;
                        session.handle_response(now, &answer(answers)?)?;
                    }
                    Step::Done(token) => {
                        token?;
                        break;
                    }
                    step => return Err(format!("not wanted here: {step:?}").into()),
                }
            }
            due += 1;
            let next = session.next_deadline().filter(|next| *next > now);
            deadlines.set(
                number,
                next.ok_or("a session has nothing to do, or at once again")?,
                now,
            );
        }
        polled += due;
        if now > start {
            busiest = busiest.max(due);
        }
    }
    let took = began.elapsed();

    let each = took.as_nanos() / u128::from(polled.max(1));
    println!("{FLEET} sessions, {HOURS} hours: {rounds} rounds, {polled} polls, {answers} answers");
    println!("after the start, at most {busiest} sessions were due in one round");
    println!("{took:.1?} of work in all, {each} ns for each poll");
    println!("an idle session is {} bytes, plus its tokens", size_of::<TokenSource>());

    // A token is asked for at the start, and then after forty to fifty minutes each time.
    let fleet = u64::try_from(FLEET)?;
    let expected = (4 * fleet)..=(5 * fleet);
    if polled == answers && expected.contains(&answers) && deadlines.len() == FLEET {
        Ok(())
    } else {
        Err("the fleet was polled too often, or not often enough".into())
    }
}

fn answer(number: u64) -> http::Result<Response<String>> {
    let body =
        format!(r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":3600}}"#);
    Response::builder().header("content-type", "application/json").body(body)
}
