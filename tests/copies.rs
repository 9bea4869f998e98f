//! What is large or good once is not copied: neither a request that may not be sent twice, nor what a machine has
//! ended with.
//!
//! A test binary of its own, because counting replaces the allocator.

mod given;

use allocation_counter::measure;
use grantwire::TokenRequest;
use grantwire::flow::{Driver, Machine as _, Step, TokenFlow};
use http::Response;

use given::{client, code_exchange, entropy, json, now, own_token};

const LARGE: usize = 200_000;

fn answer() -> Response<Vec<u8>> {
    json(200, r#"{"access_token":"a","token_type":"Bearer"}"#)
}

/// How many bytes a driver allocates in all for this request, with a large parameter in it.
fn driven(exchange: TokenRequest) -> u64 {
    let mut flow = TokenFlow::new(exchange.parameter("x", "x".repeat(LARGE)), entropy());
    let answer = answer();
    let mut answers = Some(answer);
    let mut driver =
        Driver::blocking(now, |_| {}, |_, _, _| Ok(answers.take().expect("it is sent once")));
    let info = measure(|| drop(driver.run(&mut flow).expect("tokens")));
    info.bytes_total
}

#[test]
fn a_request_is_copied_only_where_it_may_be_sent_twice() {
    let (once, twice) = (driven(code_exchange(&client())), driven(own_token(&client())));
    let large = LARGE as u64;
    assert!(once < 2 * large, "{once} bytes for a body of {large}");
    assert!(twice > once + large / 2, "{twice} and {once}: a copy is not seen here");
}

#[test]
fn what_came_of_it_is_handed_over() {
    let mut flow = TokenFlow::new(own_token(&client()), entropy());
    let Step::Send(..) = flow.poll(now()) else { panic!("it sends first") };
    let body = format!(
        r#"{{"access_token":"{}","token_type":"Bearer","extra":"{}"}}"#,
        "a".repeat(2000),
        "e".repeat(20_000)
    );
    flow.handle_response(now(), &json(200, body)).unwrap();
    let mut step = None;
    let info = measure(|| step = Some(flow.poll(now())));
    let Some(Step::Done(Ok(tokens))) = step else { panic!("{step:?}") };
    assert_eq!(tokens.access_token().expose().len(), 2000);
    assert_eq!(info.count_total, 0, "{} bytes were copied", info.bytes_total);
}
