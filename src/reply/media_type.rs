//! [`MediaType`]: what a body is announced as. It does not look at the body.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

/// Whether a body is announced as this, whatever its parameters.
pub(crate) fn is_essence(headers: &HeaderMap, name: &str) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| essence(value).eq_ignore_ascii_case(name))
}

fn essence(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

#[derive(PartialEq, Eq)]
pub(crate) enum MediaType {
    Json,
    Jwt,
    Absent,
    Other,
}

impl MediaType {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Self::Absent };
        if let Some(b"" | [b';', ..]) = value.as_bytes().strip_prefix(b"application/json") {
            return Self::Json;
        }
        let essence = essence(value);
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        let ends = |suffix: &str| {
            let tail = essence.len().checked_sub(suffix.len()).filter(|at| *at > 0);
            tail.and_then(|at| essence.get(at..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
        };
        match () {
            () if is("application/json") || ends("+json") => Self::Json,
            () if is("") => Self::Absent,
            () if is("application/jwt") || ends("+jwt") => Self::Jwt,
            () => Self::Other,
        }
    }
}
