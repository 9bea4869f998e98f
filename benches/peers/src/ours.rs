//! This crate: the operations that its own budgets are held against, and the drop of the responses, which
//! its peers take over and drop themselves.

use http::Response;

use super::Entry;
use super::work::Work;
use super::{inputs, operations};

pub const WORK: &[Entry] = &[
    ("build", operations::build),
    ("read", || dropping(operations::read_tokens(), [tokens()])),
    ("read 400", || dropping(operations::read_invalid_grant(), [refusal(inputs::INVALID_GRANT)])),
    ("exchange", || dropping(operations::exchange(), [tokens()])),
    ("refresh", || dropping(operations::refresh(), [tokens()])),
    ("url", operations::authorization_url),
    ("device", || dropping(operations::device(), asked_four_times())),
    ("es256", operations::es256_assertion),
    ("eddsa", operations::eddsa_assertion),
];

/// A response that can be given away.
pub fn response(status: u16, body: &str) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in inputs::HEADERS {
        response = response.header(name, http::HeaderValue::from_static(value));
    }
    response.body(body.into()).expect("the headers are well formed")
}

pub fn tokens() -> Response<Vec<u8>> {
    response(200, inputs::TOKENS)
}

pub fn refusal(body: &str) -> Response<Vec<u8>> {
    response(400, body)
}

/// What the device hears, the last first.
pub fn asked_four_times() -> [Response<Vec<u8>>; 4] {
    let pending = || refusal(inputs::PENDING);
    [tokens(), pending(), pending(), pending()]
}

/// The same, and responses that are dropped at its end.
pub fn dropping<const N: usize>(mut work: Work, responses: [Response<Vec<u8>>; N]) -> Work {
    let run = move || {
        work.once();
        drop(responses);
    };
    Work::new(run, |()| ())
}
