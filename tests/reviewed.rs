//! Faults that a review of the crate found, each by the name of what went wrong.
//!
//! One or two claims each, so that none of them comes back. The whole behaviour around them is in the
//! other tests.

#[path = "given/mod.rs"]
mod given;
#[path = "machines/mod.rs"]
mod machines;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use given::*;
use grantwire::authorization::{Callback, CallbackErrorKind, PendingAuthorization};
use grantwire::client::{ClientAuthentication, ClientSecretBasic, Credentials};
use grantwire::flow::{CodeFlow, Dpop, FlowError, Machine, ResourceFlow, TokenFlow};
use grantwire::grant::{
    AuthorizationCode, Ciba, DeviceCode, Grant, TokenExchange, TokenTypeIdentifier,
};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::provider::agekey::{AgeKey, Host};
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind, Unusable};
use grantwire::resource::ResourceRequest;
use grantwire::{
    AccessToken, AuthorizationServer, BuildError, Client, Deviation, EndpointError, EndpointUri,
    Quirks, Resend, Secret, TokenResponse, TokenType,
};
use http::{Request, Response};
use machines::{at, error, sent};
use serde_json::Value;

const ANSWER: &str = "code=SplxlOBeZQQYbYS6WxSbIA&state=xyz";

/// Another client of the same server, and the same identifier at another server.
fn strangers() -> [Client; 2] {
    let elsewhere = AuthorizationServer::new()
        .issuer("https://other.example")
        .token_endpoint("https://other.example/token");
    [Client::new(server(), "another"), Client::new(elsewhere, CLIENT_ID)]
}

#[test]
fn a_checked_code_was_sent_for_whichever_client_asked() {
    for stranger in strangers() {
        let code = checked(pending(&client()), ANSWER);
        let exchange = stranger.token(AuthorizationCode::new(code));
        assert_eq!(build(&exchange).err(), Some(BuildError::OtherOwner));
    }
    let code = checked(pending(&client()), ANSWER);
    assert!(build(&client().token(code)).is_ok(), "its own client may send it");
}

#[test]
fn a_code_flow_sent_another_clients_code() {
    for stranger in strangers() {
        let callback = Callback::from_query(ANSWER);
        let mut flow =
            CodeFlow::resume(&stranger, pending(&client()), callback, entropy()).unwrap();
        let end = error(flow.poll(at(0)));
        assert!(matches!(end, FlowError::Build(BuildError::OtherOwner)), "{end:?}");
    }
}

fn key() -> LocalKey {
    LocalKey::generate(Algorithm::Es256).expect("a key")
}

fn with_nonce(mut reply: Response<Vec<u8>>) -> Response<Vec<u8>> {
    reply.headers_mut().insert("dpop-nonce", "n1".parse().unwrap());
    reply
}

/// The nonce in a request's proof.
fn nonce_of(request: &Request<Vec<u8>>) -> Option<String> {
    let proof = request.headers()["dpop"].to_str().unwrap();
    let claims = URL_SAFE_NO_PAD.decode(proof.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims.get("nonce").map(|nonce| nonce.as_str().unwrap().to_owned())
}

#[test]
fn a_nonce_challenge_was_answered_whatever_its_status() {
    for (status, retried) in [(400, true), (401, true), (200, false), (500, false), (503, false)] {
        let mut flow = TokenFlow::new(own_token(&client()), entropy()).dpop(Dpop::new(key()));
        sent(flow.poll(at(0)));
        let reply = with_nonce(json(status, r#"{"error":"use_dpop_nonce"}"#));
        flow.handle_response(at(0), &reply).unwrap();
        if retried {
            assert_eq!(nonce_of(&sent(flow.poll(at(0)))).as_deref(), Some("n1"), "{status}");
        } else {
            assert!(matches!(error(flow.poll(at(0))), FlowError::Reply(_)), "{status}");
        }
    }
}

#[test]
fn a_nonce_went_to_another_origin() {
    let mut flow = TokenFlow::new(own_token(&client()), entropy()).dpop(Dpop::new(key()));
    sent(flow.poll(at(0)));
    let bound = r#"{"access_token":"t","token_type":"DPoP"}"#;
    flow.handle_response(at(0), &with_nonce(json(200, bound))).unwrap();
    let dpop = flow.into_dpop().unwrap();
    let token = AccessToken::new("t", TokenType::Dpop);
    for (url, nonce) in
        [("https://api.example/a", None), ("https://as.example/userinfo", Some("n1"))]
    {
        let request = ResourceRequest::new(Request::get(url).body(vec![]).unwrap(), &token);
        let mut flow = ResourceFlow::new(request.unwrap(), entropy()).dpop(dpop.clone());
        assert_eq!(nonce_of(&sent(flow.poll(at(0)))).as_deref(), nonce, "{url}");
    }
}

#[test]
fn a_bound_token_went_to_a_resource_without_a_proof() {
    let token = AccessToken::new("t", TokenType::Dpop);
    let request = Request::get("https://api.example/").body(Vec::new()).unwrap();
    let request = ResourceRequest::new(request, &token).unwrap();
    let end = error(ResourceFlow::new(request, entropy()).poll(at(0)));
    assert!(matches!(end, FlowError::Build(BuildError::TokenType)), "{end:?}");
}

/// A method of the caller's own.
struct Own(for<'a> fn(&mut Credentials<'_, 'a>) -> Result<(), BuildError>);

impl ClientAuthentication for Own {
    fn name(&self) -> &str {
        "own"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        (self.0)(to)
    }
}

fn resend(client: &Client, grant: impl Into<Grant>) -> Resend {
    client.token(grant).draft(now(), &mut entropy()).expect("a draft").duties().resend
}

#[test]
fn an_assertion_written_by_hand_could_be_sent_twice() {
    let of = |write| {
        let client = client().auth(Own(write));
        own_token(&client).draft(now(), &mut entropy()).unwrap().duties().resend
    };
    assert_eq!(of(|to| to.send_client_id()), Resend::Always);
    assert_eq!(of(|to| to.parameter("client_assertion", "a.b.c")), Resend::OnlyIfNotSent);
    let once = of(|to| {
        to.single_use();
        to.secret_header("x-one-time", "1")
    });
    assert_eq!(once, Resend::OnlyIfNotSent);
}

#[test]
fn a_poll_built_by_hand_could_be_sent_twice() {
    assert_eq!(resend(&client(), DeviceCode::new("d")), Resend::OnlyIfNotSent);
    assert_eq!(resend(&client(), Ciba::new("c")), Resend::OnlyIfNotSent);
}

#[test]
fn a_subject_token_could_not_be_spent() {
    let grant = || TokenExchange::new("s", TokenTypeIdentifier::REFRESH_TOKEN);
    assert_eq!(resend(&client(), grant()), Resend::Always);
    assert_eq!(resend(&client(), grant().single_use()), Resend::OnlyIfNotSent);
    let class = |grant: TokenExchange| {
        client().token(grant).read(&json(500, "")).expect_err("a failure").class()
    };
    assert_eq!(class(grant()), FailureClass::Transient);
    assert_eq!(class(grant().single_use()), FailureClass::Indeterminate);
}

#[test]
fn a_damaged_refresh_token_was_kept() {
    let before = br#"{"access_token":"t","token_type":"Bearer","refresh_token":"a"#;
    for damage in [&br"\u0000"[..], br"\ufffd", "\u{FFFD}".as_bytes(), b"\xFF"] {
        let body = [before, damage, br#"b"}"#].concat();
        let tokens = code_exchange(&client()).read(&json(200, body)).unwrap();
        assert!(tokens.refresh_token().is_none(), "{damage:?}");
        let reported = Deviation::MalformedMember("refresh_token");
        assert!(tokens.deviations().contains(&reported), "{damage:?}");
    }
}

fn enveloped(path: &str, body: &str) -> Result<TokenResponse, ReplyErrorKind> {
    let client = lenient(Quirks::new().token_at(path));
    let read = code_exchange(&client).read(&json(200, body));
    read.map_err(|error| error.kind().clone())
}

const ENVELOPE: &str =
    r#"{"request_id":"r1","data":{"access_token":"t","token_type":"Bearer","open_id":"o1"}}"#;

#[test]
fn an_error_beside_an_envelope_with_a_token_hid_the_token() {
    let body = ENVELOPE.replacen('{', r#"{"error":"invalid_grant","#, 1);
    let ambiguous = ReplyErrorKind::Unusable(Unusable::Ambiguous);
    assert_eq!(enveloped("/data", &body).err(), Some(ambiguous));
}

#[test]
fn an_error_inside_an_envelope_was_not_seen() {
    let refused = r#"{"data":{"error":"invalid_grant","error_description":"spent"}}"#;
    let client = lenient(Quirks::new().token_at("/data"));
    let error = code_exchange(&client).read(&json(400, refused)).unwrap_err();
    assert!(error.credential_is_dead());
    assert_eq!(error.refusal().unwrap().description().unwrap().raw(), "spent");
    let both = ENVELOPE.replacen(r#""data":{"#, r#""data":{"error":"invalid_grant","#, 1);
    let ambiguous = ReplyErrorKind::Unusable(Unusable::Ambiguous);
    assert_eq!(enveloped("/data", &both).err(), Some(ambiguous));
}

#[test]
fn members_outside_an_envelope_were_out_of_reach() {
    let tokens = enveloped("/data", ENVELOPE).unwrap();
    assert_eq!(tokens.extra("request_id"), Some("r1".to_owned()));
    assert_eq!(tokens.extra("open_id"), Some("o1".to_owned()));
}

#[test]
fn an_envelope_named_without_a_slash_was_not_found() {
    assert_eq!(enveloped("data", ENVELOPE).unwrap().access_token().expose(), "t");
}

#[test]
fn brackets_that_hold_no_address_were_a_host() {
    for wrong in ["https://a[b]c/", "https://[foo]/", "https://[::1/", "https://[]/"] {
        assert_eq!(EndpointUri::parse(wrong).err(), Some(EndpointError::Malformed), "{wrong}");
    }
    assert!(EndpointUri::parse("https://[2001:db8::1]:8443/token").is_ok());
}

/// Right-to-left override, zero-width space and joiner, byte order mark.
const HIDDEN: [char; 4] = ['\u{202E}', '\u{200B}', '\u{200D}', '\u{FEFF}'];

#[test]
fn characters_that_reorder_or_hide_text_were_shown() {
    let text = format!("ab{}", String::from_iter(HIDDEN));
    let body = serde_json::json!({"error": "invalid_grant", "error_description": text}).to_string();
    let failure = failure(&json(400, body));
    let description = failure.refusal().and_then(|refusal| refusal.description()).unwrap();
    assert_eq!(description.escaped(), r"ab\u{202e}\u{200b}\u{200d}\u{feff}");

    let client =
        Client::new(server().device_authorization_endpoint("https://as.example/d"), CLIENT_ID);
    let body = serde_json::json!({
        "device_code": "d", "user_code": text, "verification_uri": "https://as.example/v",
        "expires_in": 60,
    });
    let device = client.device_authorization().read(&json(200, body.to_string())).unwrap();
    assert_eq!(device.user_code(), text, "as the server wrote it");
    assert!(!device.prompt().contains(HIDDEN), "{}", device.prompt());
}

/// A server that always says who it is, and a response of this type without `iss`.
fn without_iss(response_type: &'static str, issuer: &str) -> Result<(), CallbackErrorKind> {
    let client = Client::new(server().announces_iss(), CLIENT_ID);
    let request = client
        .authorization()
        .redirect_uri(CALLBACK)
        .state(Secret::new("xyz"))
        .response_type(response_type)
        .with_nonce();
    let pending: PendingAuthorization = request.start(&mut entropy()).unwrap().pending;
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"iss":"{issuer}"}}"#));
    let callback = format!("{ANSWER}&id_token=e30.{claims}.c2ln");
    let read = pending.response(Callback::from_fragment(&callback));
    read.map(drop).map_err(|error| error.kind().clone())
}

#[test]
fn an_issuer_named_in_the_id_token_did_not_count() {
    assert_eq!(without_iss("code id_token", ISSUER), Ok(()));
    let mismatch = Err(CallbackErrorKind::IssuerMismatch);
    assert_eq!(without_iss("code id_token", "https://other.example"), mismatch);
}

#[test]
fn an_id_token_nobody_asked_for_stood_in_for_iss() {
    assert_eq!(without_iss("code", ISSUER), Err(CallbackErrorKind::IssuerMissing));
}

#[test]
fn an_upgrade_with_an_error_in_a_200_was_done() {
    let agekey = AgeKey::new(Host::Test, "ak_test_1", "sk_test_1");
    let refused = agekey.read_upgrade(&json(200, r#"{"error":"invalid_request"}"#));
    assert_eq!(refused.expect_err("an error").code(), Some(&ErrorCode::InvalidRequest));
    assert_eq!(agekey.read_upgrade(&json(200, "{}")), Ok(()));
}

#[test]
fn an_empty_secret_could_not_be_sent_at_all() {
    let by = |method: ClientSecretBasic| build(&own_token(&client().auth(method)));
    let empty = BuildError::Empty { parameter: "client_secret".into() };
    assert_eq!(by(ClientSecretBasic::new("")).err(), Some(empty));
    let request = by(ClientSecretBasic::new("").allow_empty_secret()).unwrap();
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:")));
    assert_eq!(request.headers()["authorization"], expected);
}

#[test]
fn a_servers_text_stood_in_debug() {
    let tokens =
        tokens(r#"{"access_token":"t","token_type":"needle-1","scope":"needle-2 needle-3"}"#);
    let shown = format!("{tokens:?} {:?} {:#?}", tokens.access_token(), tokens.scope());
    assert!(!shown.contains("needle"), "{shown}");
    assert!(shown.contains("Other(..)") && shown.contains("2 tokens"), "{shown}");
    let odd = given::tokens(r#"{"access_token":"t","token_type":"Bearer","scope":{"needle":1}}"#);
    assert!(!format!("{:?}", odd.scope()).contains("needle"));
}

/// RFC 9110 section 15: a status that no class knows is processed as if it were a server's error.
#[test]
fn a_status_beyond_all_classes_decided_about_a_credential() {
    let error = code_exchange(&client()).read(&json(972, r#"{"error":"invalid_grant"}"#));
    let error = error.unwrap_err();
    assert!(!error.credential_is_dead());
    assert_eq!(error.class(), FailureClass::Indeterminate);
}
