//! What a server calls back with in ping mode (OpenID CIBA section 10.2). The waiting is in `flow_ciba`.

use grantwire::Secret;
use grantwire::backchannel::{Ping, PingError};
use grantwire::reply::Unusable;
use http::{HeaderValue, Request};
use proptest::prelude::*;

use crate::text::bytes;

const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";
const BODY: &str = r#"{"auth_req_id":"1c266114-a1be-4252-8ad1-04986c5b9ac1"}"#;

fn call(authorization: &[&str], body: &str) -> Result<Ping, PingError> {
    let mut request = Request::post("https://client.example.com/cb");
    for value in authorization {
        request = request.header("authorization", *value);
    }
    Ping::read(&request.body(body.to_owned()).unwrap())
}

fn body(text: &str) -> PingError {
    call(&[&format!("Bearer {TOKEN}")], text).expect_err(text)
}

#[test]
fn the_specifications_own_example() {
    let ping = call(&[&format!("Bearer {TOKEN}")], BODY).expect("a ping");
    assert_eq!(ping.auth_req_id(), "1c266114-a1be-4252-8ad1-04986c5b9ac1");
    assert_eq!(ping.verify(&Secret::new(TOKEN)), Ok(()));
    assert_eq!(format!("{ping:?}"), "Ping(..)");
}

#[test]
fn another_token_is_none() {
    let ping = call(&[&format!("bearer  {TOKEN}")], BODY).expect("a ping, in other dress");
    assert_eq!(ping.verify(&Secret::new(TOKEN)), Ok(()));
    let upper = TOKEN.to_uppercase();
    for other in ["", "x", &TOKEN[1..], &upper, &format!("{TOKEN} "), &format!("{TOKEN}0")] {
        let error = ping.verify(&Secret::new(other)).expect_err(other);
        assert_eq!((error.status().as_u16(), error), (401, PingError::Token));
    }
    // Nothing was sent with the request, so nothing can be shown.
    let empty = call(&["Bearer ="], BODY).expect("a ping");
    assert_eq!(empty.verify(&Secret::new("")), Err(PingError::Token));
}

#[test]
fn without_one_bearer_token_nothing_is_read() {
    let good = format!("Bearer {TOKEN}");
    let strange: &[&[&str]] = &[
        &[],
        &[""],
        &["Bearer"],
        &["Bearer "],
        &["Bearer   "],
        &[TOKEN],
        &["Basic dDp0"],
        &["DPoP t"],
        &["Bearer\tt"],
        &["BearerX t"],
        &[&good, &good],
        &[&good, "Basic dDp0"],
        &["Bearer caf\u{e9}"],
    ];
    for values in strange {
        // The token comes first: a body says nothing to somebody who has none.
        for text in [BODY, "<html>"] {
            assert_eq!(call(values, text).expect_err("no token"), PingError::Token, "{values:?}");
        }
    }
}

#[test]
fn bodies_that_are_no_ping() {
    const NAME: &str = "auth_req_id";
    let long = format!(r#"{{"auth_req_id":"i","x":"{}"}}"#, "x".repeat(64 * 1024));
    for (text, why) in [
        ("", Unusable::Empty),
        ("auth_req_id=i", Unusable::NotJson { line: 1, column: 1 }),
        ("[\"i\"]", Unusable::NotAnObject),
        ("{\"auth_req_id\":\"i\"", Unusable::Truncated),
        ("{}", Unusable::MemberMissing(NAME)),
        (r#"{"auth_req_id":null}"#, Unusable::MemberMissing(NAME)),
        (r#"{"auth_req_id":""}"#, Unusable::MemberMalformed(NAME)),
        (r#"{"auth_req_id":7}"#, Unusable::MemberMalformed(NAME)),
        (r#"{"auth_req_id":"a","auth_req_id":"b"}"#, Unusable::DuplicateMember(NAME)),
        (&long, Unusable::BodyTooLarge { limit: 64 * 1024 }),
    ] {
        let error = body(text);
        assert_eq!((error.status().as_u16(), error), (400, PingError::Body(why)));
    }
    let deep = format!(r#"{{"x":{}{},"auth_req_id":"i"}}"#, "[".repeat(99), "]".repeat(99));
    assert_eq!(call(&["Bearer t"], &deep).expect("a ping").auth_req_id(), "i");
    // What else is in it, such as a push's tokens, is not looked at.
    let more = r#"{"access_token":"t","expires_in":"x","auth_req_id":"i\u0041"}"#;
    assert_eq!(call(&["Bearer t"], more).expect("a ping").auth_req_id(), "iA");
}

proptest! {
    /// Whatever comes, it is read or refused, and what is read is what another reader finds.
    #[test]
    fn any_call(
        header in prop_oneof![bytes(&["Bearer t", "Basic dDp0"]), Just(b"Bearer t".to_vec())],
        body in bytes(&[BODY, r#"{"auth_req_id":"i","urn":[1,{}]}"#]),
    ) {
        let Ok(value) = HeaderValue::from_bytes(&header) else { return Ok(()) };
        let mut request = Request::new(body.clone());
        request.headers_mut().insert("authorization", value);
        match Ping::read(&request) {
            Ok(ping) => {
                if let Ok(other) = serde_json::from_slice::<serde_json::Value>(&body) {
                    prop_assert_eq!(&other["auth_req_id"], ping.auth_req_id());
                }
                let text = String::from_utf8(header).unwrap();
                let token = text[6..].trim_start_matches(' ');
                prop_assert_eq!(ping.verify(&Secret::new(token)), Ok(()));
            }
            Err(error) => prop_assert!(matches!(error.status().as_u16(), 400 | 401)),
        }
    }

    /// Any identifier and any token that a request may carry come back, and only they.
    #[test]
    fn there_and_back(id in ".{1,40}", token in "[A-Za-z0-9._~+/-]{1,40}=?", other in "[a-z=]{0,9}") {
        let body = serde_json::json!({ "auth_req_id": id }).to_string();
        let ping = call(&[&format!("Bearer {token}")], &body).unwrap();
        prop_assert_eq!(ping.auth_req_id(), id);
        prop_assert_eq!(ping.verify(&Secret::new(token.clone())), Ok(()));
        let verdict = ping.verify(&Secret::new(other.clone()));
        prop_assert_eq!(verdict.is_ok(), other == token);
    }
}
