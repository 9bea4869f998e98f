//! [`MediaType`]: what a body is announced as. It does not look at the body.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

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
        let essence =
            value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        let ends = |suffix: &str| {
            let tail = essence.len().checked_sub(suffix.len()).filter(|at| *at > 0);
            tail.and_then(|at| essence.get(at..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
        };
        match () {
            () if is("application/json") || ends("+json") => Self::Json,
            () if is("application/jwt") || ends("+jwt") => Self::Jwt,
            () => Self::Other,
        }
    }
}
