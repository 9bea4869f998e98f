//! Replies with the canary in every position, and all that is made of them.

use grantwire::grant::{AuthorizationCode, ClientCredentials};
use grantwire::provider::agekey::{AgeKey, Host};
use grantwire::provider::dressipi::{Dressipi, NewProfileError, Profile};
use grantwire::provider::pingone::PlatformError;
use grantwire::reply::{Challenge, RawReply, Refusal, Reply, ReplyErrorKind};
use grantwire::{
    AuthorizationServer, Client, Entropy, Error, Quirks, ReplyError, Timestamp, TokenResponse,
    resource,
};
use http::{HeaderValue, Response};

use crate::needle::CANARY;
use crate::watch::Watch;

/// Status, header, body; `@` stands for the canary.
const REPLIES: &[(u16, &str, &str)] = &[
    // Tokens, some of them with members that make no sense.
    (200, "", r#"{"access_token":"@","token_type":"Bearer","refresh_token":"@","id_token":"@"}"#),
    (200, "", r#"{"access_token":"@","token_type":"bearer","expires_in":"@","x":"@"}"#),
    (201, "", r#"{"access_token":"@","token_type":"DPoP","refresh_token_expires_in":["@"]}"#),
    (200, "", r#"{"access_token":"t","token_type":"N_A","scope":{"@":"@"},"id_token":["@"]}"#),
    (200, "", r#"{"access_token":"t","token_type":"Bearer","refresh_token":{"@":1},"@":"@"}"#),
    (200, "", "access_token=@&token_type=bearer&refresh_token=@"),
    (200, "content-type: text/@", r#"{"access_token":"@","token_type":"Bearer"}"#),
    (200, "", r#"{"data":{"access_token":"@","token_type":"Bearer"},"x":"@"}"#),
    // Bodies that cannot be used.
    (200, "", "@"),
    (200, "", "\"@\""),
    (200, "", r#"["@"]"#),
    (200, "", r#"{"access_token":"@""#),
    (200, "", r#"{"access_token":"@"}"#),
    (200, "", r#"{"access_token":["@"],"token_type":"Bearer"}"#),
    (200, "", r#"{"access_token":"@ @","token_type":"Bearer"}"#),
    (200, "", r#"{"access_token":"t","token_type":{"@":"@"}}"#),
    (200, "", r#"{"access_token":"@","access_token":"@","token_type":"Bearer"}"#),
    (200, "", r#"{"access_token":"@","error":"@"}"#),
    (200, "", r#"{"access_token":"@" "@"}"#),
    (200, "", r#"{"@":"\u@"}"#),
    (200, "", "<html>@</html>"),
    (200, "", r#"{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["@"]]"#),
    // Refusals.
    (400, "", r#"{"error":"invalid_grant","error_description":"@","error_uri":"https://@"}"#),
    (400, "", r#"{"error":"@","x":"@"}"#),
    (400, "", r#"{"error":{"@":"@"},"error_description":["@"]}"#),
    (400, "", r#"{"error":"@@@@@@@@@@@@@@@@@@@@@@","message":"@"}"#),
    (200, "", r#"{"error":"invalid_client","error_description":"@"}"#),
    (200, "", r#"{"ok":false,"error":"@"}"#),
    (200, "", r#"{"errcode":"@","errmsg":"@"}"#),
    (401, "www-authenticate: Bearer error=\"@\", error_description=\"@\", scope=\"@\"", ""),
    (403, "www-authenticate: Bearer error=\"insufficient_scope\", scope=\"@\"", "@"),
    (401, "www-authenticate: Basic \"@", "@"),
    (401, "www-authenticate: DPoP error=insufficient_user_authentication acr_values=\"@\"", ""),
    (400, "www-authenticate: DPoP error=\"invalid_dpop_proof\", error_description=\"@", ""),
    (404, "", "<html>@</html>"),
    // Neither.
    (302, "location: https://elsewhere.example/?code=@", "@"),
    (307, "location: @", ""),
    (429, "retry-after: @", "@"),
    (500, "x-debug: @", r#"{"error":"server_error","error_description":"@"}"#),
    (503, "set-cookie: session=@", "@"),
    (504, "", "@"),
    // The shapes of the three providers.
    (
        400,
        "",
        r#"{"id":"@","code":"@","message":"@","target":"@","details":[{"code":"@","target":"@","message":"@","innererror":{"@":"@"}}]}"#,
    ),
    (400, "", r#"{"error":"invalid_request","error_description":"x (Correlation ID: @)"}"#),
    (200, "", r#"{"code":"@","state":"@"}"#),
    (200, "", r#"{"code":["@"],"result":{"state":"@"}}"#),
    (200, "", r#"{"result":{"code":"@\u0000"}}"#),
    (200, "", r#"{"result":{"code":"@"}}"#),
];

fn reply((status, header, body): &(u16, &str, &str)) -> Response<Vec<u8>> {
    let header = header.replace('@', CANARY);
    let mut response = Response::builder().status(*status);
    if let Some((name, value)) = header.split_once(": ") {
        response = response.header(name, HeaderValue::from_str(value).unwrap());
    }
    if !header.starts_with("content-type") {
        response = response.header("content-type", "application/json");
    }
    response.body(body.replace('@', CANARY).into_bytes()).unwrap()
}

fn quirks() -> Vec<Quirks> {
    vec![
        Quirks::new(),
        Quirks::new().assume_bearer().ignore_content_type().ok_false_is_error(),
        Quirks::new().form_encoded_response().error_at("/errcode", "/errmsg"),
        Quirks::new().token_at("/data").zero_means_no_expiry(),
    ]
}

pub fn show(watch: &mut Watch) {
    let (mut tokens, mut errors) = (0, 0);
    for row in REPLIES {
        let response = reply(row);
        watch.debug(&Reply::from(&response));
        for quirks in quirks() {
            for limit in [16, 64 * 1024] {
                match read(&response, &quirks, limit) {
                    Ok(read) => {
                        tokens += 1;
                        show_tokens(watch, &read);
                    }
                    Err(error) => {
                        errors += 1;
                        show_error(watch, error);
                    }
                }
            }
        }
        show_elsewhere(watch, &response);
    }
    assert!(tokens > 15 && errors > 200, "{tokens} {errors}");
}

fn read(
    response: &Response<Vec<u8>>,
    quirks: &Quirks,
    limit: usize,
) -> Result<TokenResponse, ReplyError> {
    let server = AuthorizationServer::new().quirks(quirks.clone()).body_limit(limit);
    let client = Client::new(server, "c");
    let once = client.token(AuthorizationCode::unchecked(CANARY)).read(response);
    if once.is_ok() { once } else { client.token(ClientCredentials::new()).read(response) }
}

fn show_tokens(watch: &mut Watch, tokens: &TokenResponse) {
    watch.debug(tokens);
    watch.debug(tokens.access_token());
    watch.debug(tokens.lifetime());
    watch.debug(tokens.refresh_token_lifetime());
    watch.debug(tokens.scope());
    if let grantwire::GrantedScope::Malformed(malformed) = tokens.scope() {
        assert!(malformed.raw().contains(CANARY));
        watch.debug(malformed);
    }
    if let Some(profile) = Profile::from_response(tokens, Timestamp::EPOCH) {
        watch.debug(&profile);
    }
}

fn show_error(watch: &mut Watch, error: ReplyError) {
    watch.error(&error);
    watch.debug::<RawReply>(error.raw());
    watch.debug::<ReplyErrorKind>(error.kind());
    if let Some(refusal) = error.refusal() {
        watch.display::<Refusal>(refusal);
        watch.display(refusal.code());
        for text in [refusal.description(), refusal.uri()].into_iter().flatten() {
            watch.debug(text);
        }
    }
    watch.error(&Error::from(error));
}

/// The same reply at the other doors.
fn show_elsewhere(watch: &mut Watch, response: &Response<Vec<u8>>) {
    if let Err(denied) = resource::check(response) {
        watch.error(&denied);
        if let Some(details) = denied.details() {
            watch.debug(details);
        }
        watch.error(&Error::from(denied));
    }
    match Challenge::from_headers(response.headers()) {
        Ok(challenges) => challenges.iter().for_each(|challenge| watch.debug(challenge)),
        Err(error) => watch.error(&error),
    }
    if let Some(error) = PlatformError::read(response) {
        watch.error(&error);
        error.details().iter().for_each(|detail| watch.debug(detail));
    }
    let agekey = AgeKey::new(Host::Test, "ak_test_1", CANARY);
    if let Err(error) = agekey.read_upgrade(response) {
        watch.error(&error);
    }
    let dressipi = Dressipi::new("https://partner.example", "c", CANARY);
    let started = dressipi.create_profile(&mut Entropy::new([7; 32])).unwrap();
    match started.pending.read(response) {
        Ok(code) => watch.debug(&code),
        Err(error) => {
            watch.error(&error);
            if let NewProfileError::Callback(error) = &error {
                watch.error(error);
            }
        }
    }
}
