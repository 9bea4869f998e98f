//! A member that could not be read costs nothing but itself.

use grantwire::grant::ClientCredentials;
use grantwire::{AuthorizationServer, Client, TokenRequest};
use http::Response;
use proptest::prelude::*;

use crate::text::json;

const ACCESS: &str = "2YotnFZFEjr1zCsicMWpAA";
const REFRESH: &str = "tGzv3JOkF0XG5Qx2TlKWIA";

/// Members that are no part of a token response, among them those of other answers.
const UNKNOWN: &[&str] = &[
    "active",
    "data",
    "error_description",
    "error_uri",
    "expires",
    "interval",
    "message",
    "ok",
    "request_uri",
    "status",
    "x",
    "\\ud800",
    "",
];

fn exchange() -> TokenRequest {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
    Client::new(server, "c").token(ClientCredentials::new())
}

fn reply(members: &[(String, String)]) -> Response<Vec<u8>> {
    let members: Vec<_> = members.iter().map(|(n, v)| format!("\"{n}\":{v}")).collect();
    let body = format!("{{{}}}", members.join(","));
    let response = Response::builder().header("content-type", "application/json");
    response.body(body.into_bytes()).unwrap()
}

fn whole() -> Vec<(String, String)> {
    [
        ("access_token", format!("\"{ACCESS}\"")),
        ("token_type", "\"Bearer\"".to_owned()),
        ("expires_in", "3600".to_owned()),
        ("refresh_token", format!("\"{REFRESH}\"")),
        ("refresh_token_expires_in", "86400".to_owned()),
        ("scope", "\"openid profile\"".to_owned()),
        ("id_token", "\"a.b.c\"".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_corrupted_optional_member_never_loses_a_token(
        place in prop::sample::select(vec![2_usize, 3, 4, 5, 6]),
        junk in json(),
    ) {
        let mut members = whole();
        members[place].1 = junk.clone();
        let response = reply(&members);
        let tokens = exchange().read(&response).unwrap();
        prop_assert_eq!(tokens.access_token().expose(), ACCESS);
        if members[place].0 != "refresh_token" {
            prop_assert_eq!(tokens.refresh_token().unwrap().expose(), REFRESH);
        }
        // What was sent is still there for whoever wants it.
        if let Ok(sent) = serde_json::from_str::<serde_json::Value>(&junk) {
            prop_assert_eq!(tokens.extra(&members[place].0), Some(sent));
        }
    }

    #[test]
    fn unknown_members_never_lose_a_token(
        unknown in prop::collection::vec((prop::sample::select(UNKNOWN), json()), 0..3),
        at in any::<prop::sample::Index>(),
    ) {
        let mut members = whole();
        let at = at.index(members.len());
        // Twice each: nobody reads them, so it does not matter.
        for (name, value) in unknown.iter().chain(&unknown) {
            members.insert(at, ((*name).to_owned(), value.clone()));
        }
        let tokens = exchange().read(&reply(&members)).unwrap();
        prop_assert_eq!(tokens.access_token().expose(), ACCESS);
        prop_assert_eq!(tokens.refresh_token().unwrap().expose(), REFRESH);
        prop_assert_eq!(tokens.lifetime().known().unwrap().as_secs(), 3600);
    }

    #[test]
    fn what_cannot_be_used_can_still_be_looked_at(members in prop::sample::subsequence(whole(), 0..=7), junk in json()) {
        let mut members = members;
        members.push(("token_type".to_owned(), junk));
        let response = reply(&members);
        if let Err(error) = exchange().read(&response) {
            prop_assert!(error.raw().expose_body() == response.body());
            let kept = members.iter().find(|(name, _)| name == "access_token");
            prop_assert_eq!(error.extra::<String>("access_token").is_some(), kept.is_some());
        }
    }
}
