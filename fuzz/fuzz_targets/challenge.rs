//! A `WWW-Authenticate` value follows its grammar or is refused, never a panic. The challenges of two
//! values with a comma between them are those of the first and then those of the second, and a value
//! in a header reads as the same text does. Where a refusal is read, a fault in the grammar ends nothing,
//! and what has none reads as it does here.
//!
//! A NUL in the input stands between two values.

#![no_main]

use grantwire::reply::Challenge;
use grantwire::resource;
use http::{HeaderMap, HeaderValue, Response};
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
        refusal(headers, one.as_deref().ok());
    }
    if let (Ok(one), Ok(two)) = (one, two)
        && first.len() + second.len() < 16_000
    {
        let both = Challenge::from_value(&format!("{first}, {second}"));
        assert_eq!(both, Ok([one, two].concat()));
    }
});

/// The same headers as a refusal, and what of them follows the grammar.
fn refusal(headers: HeaderMap, strict: Option<&[Challenge]>) {
    let mut response = Response::new("");
    *response.status_mut() = http::StatusCode::UNAUTHORIZED;
    *response.headers_mut() = headers;
    let denied = resource::check(&response).expect_err("401");
    let details = denied.details().expect("a 401 has them");
    let Some(strict) = strict else { return };
    let ours = || strict.iter().filter(|one| one.is("Bearer") || one.is("DPoP"));
    let telling = ours().find(|one| one.param("error").is_some());
    let param = |name| telling.into_iter().chain(ours()).find_map(|one| one.param(name));
    assert_eq!(details.code().map(|code| code.as_str()), param("error"));
    assert_eq!(details.scope(), param("scope"));
    assert_eq!(details.acr_values(), param("acr_values"));
    assert_eq!(details.description().map(|text| text.raw()), param("error_description"));
}
