//! Status phrases: what a framework or a gateway writes into `error`, where an authorization server writes
//! a code.
//!
//! Only recognised here. What follows from it is decided in `class`.

use http::StatusCode;

/// The reason phrases of [RFC 9110 §15](https://www.rfc-editor.org/rfc/rfc9110#section-15) and RFC 6585, and their
/// older forms: in lower case, without spaces, and without the `HTTP` that one of them begins with.
const PHRASES: &[&str] = &[
    "accepted",
    "badgateway",
    "badrequest",
    "conflict",
    "contenttoolarge",
    "continue",
    "created",
    "earlyhints",
    "expectationfailed",
    "forbidden",
    "found",
    "gatewaytimeout",
    "gone",
    "internalservererror",
    "lengthrequired",
    "methodnotallowed",
    "misdirectedrequest",
    "movedpermanently",
    "movedtemporarily",
    "multiplechoices",
    "networkauthenticationrequired",
    "nocontent",
    "nonauthoritativeinformation",
    "notacceptable",
    "notfound",
    "notimplemented",
    "notmodified",
    "ok",
    "partialcontent",
    "payloadtoolarge",
    "paymentrequired",
    "permanentredirect",
    "preconditionfailed",
    "preconditionrequired",
    "proxyauthenticationrequired",
    "rangenotsatisfiable",
    "requestedrangenotsatisfiable",
    "requestentitytoolarge",
    "requestheaderfieldstoolarge",
    "requesttimeout",
    "requesturitoolarge",
    "requesturitoolong",
    "resetcontent",
    "seeother",
    "serviceunavailable",
    "switchingprotocols",
    "temporaryredirect",
    "tooearly",
    "toomanyrequests",
    "unauthorized",
    "unprocessablecontent",
    "unprocessableentity",
    "unsupportedmediatype",
    "upgraderequired",
    "uritoolong",
    "useproxy",
    "versionnotsupported",
];

/// What a server says of a failure of its own, in whatever spelling.
const OWN_FAILURES: &[&str] = &[
    "internalerror",
    "internalfailure",
    "internalservererror",
    "servererror",
    "unexpectederror",
    "unknownerror",
];

/// The most bytes of a text that can be a phrase.
const LONGEST: usize = 64;

/// The text in lower case, without spaces, `_`, `-`, and a leading `HTTP` (with its version) and status
/// number; and that number. `None` when it is too long to be a phrase.
fn plain(text: &str) -> Option<(String, Option<&str>)> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let mut rest = text;
    if let Some(after) = rest.get(4..).filter(|_| starts_with_http(rest)) {
        let version = after
            .strip_prefix('/')
            .map(|version| version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'));
        rest = version.unwrap_or(after).trim_start_matches(is_between);
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, words) = rest.split_at_checked(digits).filter(|_| digits == 3).unzip();
    let words = words.unwrap_or(rest).chars().filter(|c| !is_between(*c));
    Some((words.map(|c| c.to_ascii_lowercase()).collect(), number))
}

fn starts_with_http(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"))
}

const fn is_between(c: char) -> bool {
    matches!(c, ' ' | '\t' | '_' | '-' | ':')
}

/// Whether a text in `error` is a status phrase, or the number of the status it came with, and no code.
pub(super) fn is_status_phrase(text: &str, status: StatusCode) -> bool {
    match plain(text) {
        Some((words, number)) if words.is_empty() => number == Some(status.as_str()),
        Some((words, _)) => PHRASES.binary_search(&words.as_str()).is_ok(),
        None => false,
    }
}

/// Whether a text in `error` says that the server itself failed.
pub(super) fn is_own_failure(text: &str) -> bool {
    plain(text).is_some_and(|(words, _)| OWN_FAILURES.contains(&words.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_in_every_spelling() {
        assert!(PHRASES.is_sorted());
        let phrase = |text| is_status_phrase(text, StatusCode::NOT_FOUND);
        for text in [
            "Not Found",
            "not_found",
            "NOT-FOUND",
            "NotFound",
            "404 Not Found",
            "404: not found",
            "HTTP 404 Not Found",
            "HTTP/1.1 404 Not Found",
            "http_404_not_found",
            "HTTP Version Not Supported",
            "Gateway Time-out",
            "unauthorized",
            "Request-URI Too Long",
            "404",
            "HTTP 404",
        ] {
            assert!(phrase(text), "{text}");
        }
        for text in [
            "device_not_found",
            "not_found_here",
            "resource not found",
            "invalid_grant",
            "access_denied",
            "40029",
            "9",
            "403",
            "",
            "HTTP",
            "invalid_unauthorized",
            "ünauthorized",
        ] {
            assert!(!phrase(text), "{text}");
        }
        assert!(!phrase(&"not found ".repeat(100)));
    }

    #[test]
    fn a_servers_own_failure() {
        for text in [
            "server_error",
            "Internal Server Error",
            "500 Internal Server Error",
            "UnexpectedError",
        ] {
            assert!(is_own_failure(text), "{text}");
        }
        for text in ["server_error_2", "invalid_server", "error", ""] {
            assert!(!is_own_failure(text), "{text}");
        }
    }
}
