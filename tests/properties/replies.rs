//! Made-up replies: any status, headers that mean something, bodies that nearly do.

use grantwire::Quirks;
use http::{HeaderValue, Response, StatusCode};
use proptest::prelude::*;

use crate::text::*;

/// Bodies that every endpoint might get, to be damaged.
pub const BODIES: &[&str] = &[
    r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","scope":"openid profile","id_token":"a.b.c"}"#,
    r#"{"access_token":"t","token_type":"bearer","expires_in":"3600.0","scope":["a","b"],"error":null}"#,
    r#"{"error":"invalid_grant","error_description":"expired\n","error_uri":"https://as.example/e"}"#,
    r#"{"ok":false,"error":{"code":1},"authed_user":{"access_token":"t","token_type":"Bearer"}}"#,
    r#"{"errcode":40029,"errmsg":"invalid code","data":{"token":{"access_token":"t"}}}"#,
    r#"{"id":"1","code":"INVALID_DATA","message":"m","details":[{"code":"x","target":"t","innererror":{"a":[1]}}]}"#,
    r#"{"result":{"code":"c","state":"s"},"code":"c2"}"#,
    r#"{"error":"insufficient_scope","message":"no"}"#,
    r#"{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://as.example/d","expires_in":1800,"interval":5}"#,
    r#"{"active":true,"scope":"a","aud":["a","b"],"exp":1419356238,"cnf":{"jkt":"x"}}"#,
    r#"{"request_uri":"urn:example:bwc4JK-ESC0w8acc191e-Y1LTC2","expires_in":60}"#,
    r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/t","mtls_endpoint_aliases":{"token_endpoint":"x"},"grant_types_supported":["a"]}"#,
    "access_token=t&token_type=bearer&expires_in=5&scope=a%2Cb",
    "<html><title>502 Bad Gateway</title></html>",
    "\u{feff}{\"access_token\":\"t\",\"token_type\":\"Bearer\"}",
    "[{\"access_token\":\"t\"}]",
    "",
];

const CHALLENGES: &[&str] = &[
    r#"Bearer error="invalid_token", error_description="a \"b\"", scope="a b""#,
    r#"Basic realm="x", DPoP algs="ES256", error=use_dpop_nonce, Negotiate abc=="#,
    "Bearer",
    ",,  Bearer  a = b ,, c",
];

const OTHERS: &[(&str, &str)] = &[
    ("content-type", "application/json"),
    ("content-type", "application/problem+json; charset=utf-8"),
    ("content-type", "text/html"),
    ("retry-after", "120"),
    ("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"),
    ("retry-after", "99999999999999999999"),
    ("location", "https://elsewhere.example/"),
];

pub fn header() -> impl Strategy<Value = (&'static str, HeaderValue)> {
    let challenge = (Just("www-authenticate"), bytes(CHALLENGES));
    let other = (prop::sample::select(OTHERS), edits())
        .prop_map(|((name, value), edits)| (name, edited(value.as_bytes(), edits)));
    prop_oneof![challenge, other].prop_filter_map("fit for a header", |(name, value)| {
        Some((name, HeaderValue::from_bytes(&value).ok()?))
    })
}

pub fn response() -> impl Strategy<Value = Response<Vec<u8>>> {
    let status = prop_oneof![
        3 => prop::sample::select(vec![200_u16, 201, 302, 400, 401, 403, 404, 429, 500, 503, 504]),
        1 => 100..1000_u16,
    ];
    (status, prop::collection::vec(header(), 0..4), bytes(BODIES)).prop_map(
        |(status, headers, body)| {
            let mut response = Response::new(body);
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            for (name, value) in headers {
                response.headers_mut().append(name, value);
            }
            response
        },
    )
}

/// Any set of tolerances.
pub fn quirks() -> impl Strategy<Value = Quirks> {
    type Tolerance = fn(Quirks) -> Quirks;
    const ALL: &[Tolerance] = &[
        Quirks::assume_bearer,
        Quirks::assume_requested_token_type,
        Quirks::comma_separated_scope,
        Quirks::expires_alias,
        Quirks::expires_in_millis,
        Quirks::form_encoded_response,
        Quirks::ignore_content_type,
        Quirks::ok_false_is_error,
        Quirks::wordless_refusals,
        Quirks::zero_means_no_expiry,
        |quirks| quirks.code_means("invalid_request", grantwire::Meaning::Dead),
        |quirks| quirks.code_means("own_code", grantwire::Meaning::Later),
        |quirks| quirks.status_means(403, grantwire::Meaning::NeedsPerson),
        Quirks::unavailable_means_untouched,
        |quirks| quirks.error_at("/errcode", "/errmsg"),
        |quirks| quirks.token_at("/data/token"),
        |quirks| quirks.token_at("/authed_user"),
        |quirks| quirks.token_at("//"),
    ];
    prop::sample::subsequence(ALL, 0..=ALL.len())
        .prop_map(|chosen| chosen.iter().fold(Quirks::new(), |quirks, add| add(quirks)))
}
