//! A `WWW-Authenticate` value follows its grammar or is refused, never a panic. The challenges of two
//! values with a comma between them are those of the first and then those of the second, and a value
//! in a header reads as the same text does.
//!
//! A NUL in the input stands between two values.

#![no_main]

use grantwire::message::Challenge;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let (first, second) = text.split_once('\0').unwrap_or((&text, ""));
    let (one, two) = (Challenge::from_value(first), Challenge::from_value(second));
    for challenge in one.iter().chain(&two).flatten() {
        let scheme = challenge.scheme();
        assert!(!scheme.is_empty() && scheme.is_ascii() && challenge.is(scheme));
        let _ = format!("{challenge:?}");
        let _ = (challenge.param("error"), challenge.param("scope"), challenge.token68());
    }
    if let Ok(value) = HeaderValue::from_str(first) {
        let mut headers = HeaderMap::new();
        headers.append("www-authenticate", value);
        assert_eq!(Challenge::from_headers(&headers), one);
    }
    if let (Ok(one), Ok(two)) = (one, two)
        && first.len() + second.len() < 16_000
    {
        let both = Challenge::from_value(&format!("{first}, {second}"));
        assert_eq!(both, Ok([one, two].concat()));
    }
});
