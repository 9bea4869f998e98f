//! What the fuzz targets share: inputs that a person can read and write.
//!
//! A response is written as it would be on the wire, with the tolerances after the status:
//!
//! ```text
//! 200 bearer,form
//! content-type: application/json
//!
//! {"access_token":"t"}
//! ```

pub mod machines;

use grantwire::{AuthorizationServer, Client, Quirks, ReplyError};
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// A client of a server with these tolerances.
pub fn client(quirks: Quirks) -> Client {
    let server = AuthorizationServer::new()
        .issuer("https://as.example")
        .authorization_endpoint("https://as.example/authorize?tenant=1")
        .token_endpoint("https://as.example/token")
        .device_authorization_endpoint("https://as.example/device")
        .backchannel_authentication_endpoint("https://as.example/bc-authorize")
        .challenge_endpoint("https://as.example/challenge")
        .quirks(quirks);
    Client::new(server, "s6BhdRkqt3")
}

/// A response and the tolerances to read it with; `None` when the input is not of that form.
pub fn response(input: &[u8]) -> Option<(Response<Vec<u8>>, Quirks)> {
    let (mut line, mut rest) = split(input);
    let first = std::str::from_utf8(line).ok()?;
    let (status, names) = first.split_once(' ').unwrap_or((first, ""));
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::from_bytes(status.as_bytes()).ok()?;
    loop {
        (line, rest) = split(rest);
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|&byte| byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        response.headers_mut().append(name, value);
    }
    *response.body_mut() = rest.to_vec();
    Some((response, quirks(names)))
}

/// What gave no value is kept as it came, and can be printed.
pub fn kept(error: &ReplyError, response: &Response<Vec<u8>>) {
    let _ = (format!("{error} {error:?}"), error.retry_after(), error.location());
    let _ = error.extra::<serde_json::Value>("error");
    let body = error.raw().expose_body();
    assert!(response.body().starts_with(body));
    assert_eq!(error.raw().is_within_limit(), body.len() == response.body().len());
    assert_eq!(error.raw().headers(), response.headers());
    assert_eq!(error.raw().status(), response.status());
}

/// One line and what follows it.
fn split(input: &[u8]) -> (&[u8], &[u8]) {
    match input.iter().position(|&byte| byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, &[]),
    }
}

fn quirks(names: &str) -> Quirks {
    names.split(',').fold(Quirks::new(), |quirks, name| match name {
        "alias" => quirks.expires_alias(),
        "any-type" => quirks.ignore_content_type(),
        "bearer" => quirks.assume_bearer(),
        "commas" => quirks.comma_separated_scope(),
        "data" => quirks.token_at("/data/token"),
        "errcode" => quirks.error_at("/errcode", "/errmsg"),
        "exchanged" => quirks.assume_requested_token_type(),
        "form" => quirks.form_encoded_response(),
        "millis" => quirks.expires_in_millis(),
        "ok" => quirks.ok_false_is_error(),
        "user" => quirks.token_at("/authed_user"),
        "wordless" => {
            quirks.wordless_refusals().code_means("invalid_request", grantwire::Meaning::Dead)
        }
        "zero" => quirks.zero_means_no_expiry(),
        _ => quirks,
    })
}
