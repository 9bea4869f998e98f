//! The userinfo endpoint (OpenID Connect Core section 5.3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::Exchange;
use grantwire::client::{ClientSecretBasic, TlsClientAuth};
use grantwire::flow::{Dpop, ExchangeFlow, Machine};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::userinfo::{Userinfo, UserinfoRequest};
use grantwire::{AccessToken, BuildError, Client, Deviation, Endpoint, Resend, TokenType};
use http::{Request, Response};
use proptest::prelude::*;
use serde_json::Value;

use crate::given::*;
use crate::machines::*;
use crate::replies::response;
use crate::text::bytes;
use crate::{asked, fails, refused, unusable};

const DOOR: &str = "https://as.example/userinfo?v=2";
/// RFC 9449 section 7.1: a token and its `ath`.
const BOUND: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const ATH: &str = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";
const JANE: &str = r#"{
    "sub": "248289761001",
    "name": "Jane Doe",
    "email_verified": true,
    "updated_at": 1311280970,
    "address": {"country": "US"},
    "groups": ["a", "b"],
    "nickname": null
}"#;

fn client() -> Client {
    Client::new(server().userinfo_endpoint(DOOR), CLIENT_ID).auth(ClientSecretBasic::new("s"))
}

fn bearer() -> AccessToken {
    AccessToken::new("SlAV32hkKG", TokenType::Bearer)
}

fn door() -> UserinfoRequest {
    client().userinfo(&bearer()).expect("a door")
}

fn told(body: &str) -> Userinfo {
    door().read(&json(200, body)).expect(body)
}

#[test]
fn section_5_3_1_the_request() {
    let request = asked(&door());
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri(), DOOR, "its own query is kept");
    let wanted = [("accept", "application/json"), ("authorization", "Bearer SlAV32hkKG")];
    assert_eq!(headers_of(&request), as_pairs(&wanted), "the client's secret has no place here");
    assert!(request.headers()["authorization"].is_sensitive());
    assert!(request.body().is_empty());
    assert!(!format!("{:?}", door()).contains("SlAV32hkKG"));
}

#[test]
fn the_clients_headers_are_sent() {
    let client = client().header("x-trace", "1");
    let request = asked(&client.userinfo(&bearer()).unwrap());
    assert_eq!(request.headers()["x-trace"], "1");
}

#[test]
fn what_cannot_be_asked() {
    let error = |client: Client, token| client.userinfo(&token).map(|_| ()).unwrap_err();
    let missing = BuildError::EndpointMissing { endpoint: "userinfo_endpoint" };
    assert_eq!(error(Client::new(server(), CLIENT_ID), bearer()), missing);
    let other = AccessToken::new("t", TokenType::Other("mac".into()));
    assert_eq!(error(client(), other), BuildError::TokenType);
    let split = client().userinfo(&AccessToken::new("a\r\nb", TokenType::Bearer)).unwrap();
    assert!(matches!(refused(&split), BuildError::HeaderMalformed { .. }));
}

/// Section 5.3.2: `sub` is always there, and any claim may be.
#[test]
fn claims_are_read_as_any_type() {
    let jane = told(JANE);
    assert_eq!(jane.subject(), "248289761001");
    assert_eq!(jane.claim::<String>("sub").as_deref(), Some("248289761001"));
    assert_eq!(jane.claim::<String>("name").as_deref(), Some("Jane Doe"));
    assert_eq!(jane.claim::<bool>("email_verified"), Some(true));
    assert_eq!(jane.claim::<u64>("updated_at"), Some(1_311_280_970));
    assert_eq!(jane.claim::<Value>("address").unwrap()["country"], "US");
    assert_eq!(jane.claim::<Vec<String>>("groups").unwrap(), ["a", "b"]);
    assert_eq!(jane.claim::<String>("nickname"), None);
    assert_eq!(jane.claim::<String>("phone_number"), None);
    assert_eq!(jane.claim::<u64>("name"), None, "of another type");
    assert_eq!(jane.deviations(), []);
    assert_eq!(format!("{jane:?}"), "Userinfo(..)");
}

#[test]
fn a_subject_must_be_there() {
    for (body, why) in [
        (r#"{"name":"Jane"}"#, Unusable::MemberMissing("sub")),
        (r#"{"sub":null}"#, Unusable::MemberMissing("sub")),
        (r#"{"sub":""}"#, Unusable::MemberMalformed("sub")),
        (r#"{"sub":248289761001}"#, Unusable::MemberMalformed("sub")),
        (r#"{"sub":"a","sub":"b"}"#, Unusable::DuplicateMember("sub")),
        (r#"{"sub":"a","error":"invalid_token"}"#, Unusable::Ambiguous),
        (r#"["sub"]"#, Unusable::NotAnObject),
        ("", Unusable::Empty),
    ] {
        assert_eq!(unusable(&door(), &json(200, body)), why, "{body}");
    }
}

#[test]
fn another_2xx_is_reported() {
    let about = door().read(&json(203, JANE)).unwrap();
    assert_eq!(about.deviations(), [Deviation::Status(203)]);
}

/// Section 5.3.2: claims about another user must not be used.
#[test]
fn another_user_is_refused() {
    let reply = json(200, JANE);
    let same = door().expect_subject("248289761001").read(&reply).unwrap();
    assert_eq!(same.subject(), "248289761001");
    for other in ["248289761002", "24828976100", "", "248289761001 "] {
        assert_eq!(unusable(&door().expect_subject(other), &reply), Unusable::SubjectMismatch);
    }
    let cased = json(200, r#"{"sub":"Jane"}"#);
    assert_eq!(unusable(&door().expect_subject("jane"), &cased), Unusable::SubjectMismatch);
}

/// Section 5.3.3: an error as RFC 6750 has it, in the challenge or in the body.
#[test]
fn a_401_is_typed() {
    let challenge = r#"Bearer error="invalid_token", error_description="The Access Token expired""#;
    let in_header = answer(401, &[("www-authenticate", challenge)], "");
    let in_body = json(401, r#"{"error":"invalid_token","error_description":"expired"}"#);
    for reply in [in_header, in_body] {
        let error = fails(&door(), &reply);
        assert_eq!(*error.refusal().expect("a refusal").code(), ErrorCode::InvalidToken);
        assert_eq!(error.raw().status().as_u16(), 401);
    }
    let scope = r#"Bearer error="insufficient_scope", scope="openid""#;
    let error = fails(&door(), &answer(403, &[("www-authenticate", scope)], ""));
    assert_eq!(*error.refusal().expect("a refusal").code(), ErrorCode::InsufficientScope);
    // The token was presented, so a 401 is about the token, with or without words.
    for wordless in [
        answer(401, &[], ""),
        answer(401, &[("www-authenticate", "Bearer")], ""),
        answer(401, &[], "<html>no</html>"),
        json(401, "{}"),
    ] {
        let error = fails(&door(), &wordless);
        assert_eq!(*error.refusal().expect("a refusal").code(), ErrorCode::InvalidToken);
        assert_eq!((error.class(), error.fault()), (FailureClass::Definitive, Fault::Credential));
        assert_eq!(error.raw().expose_body(), wordless.body());
    }
    let own = fails(&door(), &json(401, r#"{"error":"token_too_old"}"#));
    assert_eq!(own.refusal().expect("a refusal").code().as_str(), "token_too_old", "kept as said");
    assert_eq!(unusable(&door(), &answer(400, &[], "")), Unusable::Empty);
    assert_eq!(*fails(&door(), &answer(503, &[], "")).kind(), ReplyErrorKind::Unavailable);
    let moved = answer(302, &[("location", "https://elsewhere.example/")], "");
    assert_eq!(*fails(&door(), &moved).kind(), ReplyErrorKind::Redirected);
}

/// RFC 9470 section 3: what would do stands in the challenge, which is kept.
#[test]
fn a_step_up_is_asked_for_by_what_is_kept() {
    let challenge =
        r#"Bearer error="insufficient_user_authentication", acr_values="gold", max_age=5"#;
    let error = fails(&door(), &answer(401, &[("www-authenticate", challenge)], ""));
    let code = error.refusal().expect("a refusal").code();
    assert_eq!(*code, ErrorCode::InsufficientUserAuthentication);
    let denied = grantwire::resource::check(error.raw()).expect_err("it is denied");
    let details = denied.details().expect("a challenge");
    let url = details.step_up(client().authorization()).start(&mut entropy()).unwrap().url;
    assert_eq!(query(&url, "acr_values").as_deref(), Some("gold"));
    assert_eq!(query(&url, "max_age").as_deref(), Some("5"));
}

#[test]
fn a_signed_answer_is_refused() {
    let signed = |body: &str| answer(200, &[("content-type", "application/jwt")], body);
    let error = fails(&door(), &signed("e30.e30.c2ln"));
    assert!(matches!(error.kind(), ReplyErrorKind::Unusable(_)), "{error:?}");
    assert_eq!(error.raw().expose_body(), b"e30.e30.c2ln", "it is kept for whoever verifies it");
    assert_eq!(unusable(&door(), &signed(JANE)), Unusable::ContentType);
    let untyped = door().read(&answer(200, &[], JANE)).unwrap();
    assert_eq!(untyped.deviations(), [Deviation::ContentTypeAbsent]);
}

fn bound() -> UserinfoRequest {
    client().userinfo(&AccessToken::new(BOUND, TokenType::Dpop)).expect("a door")
}

/// The claims of the one proof of a request. That proofs verify is shown in `flow_dpop`.
fn proof(request: &Request<Vec<u8>>) -> Value {
    let mut all = request.headers().get_all("dpop").iter();
    let jwt = all.next().expect("a proof").to_str().expect("ASCII");
    assert!(all.next().is_none(), "at most one");
    let claims = jwt.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64url")).expect("JSON")
}

fn nonce(nonce: &str) -> Response<Vec<u8>> {
    let challenge = ("www-authenticate", r#"DPoP error="use_dpop_nonce""#);
    answer(401, &[challenge, ("dpop-nonce", nonce)], "")
}

#[test]
fn a_bound_token_does_not_go_without_a_proof() {
    assert_eq!(refused(&bound()), BuildError::TokenType);
    assert_eq!(bound().request(now(), &mut entropy()).unwrap_err(), BuildError::TokenType);
    let mut flow = ExchangeFlow::new(bound(), entropy());
    let end = error(flow.poll(at(0)));
    assert!(matches!(end, grantwire::flow::FlowError::Build(BuildError::TokenType)), "{end:?}");
}

#[test]
fn a_bound_token_goes_with_a_proof_and_one_nonce() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let mut flow = ExchangeFlow::new(bound(), entropy()).dpop(Dpop::new(key));
    let (request, duties) = sent_with(flow.poll(at(0)));
    assert_eq!(request.headers()["authorization"], format!("DPoP {BOUND}"));
    assert_eq!(duties.resend, Resend::OnlyIfNotSent);
    let first = proof(&request);
    assert_eq!(first["ath"], ATH);
    assert_eq!(first["htm"], "GET");
    assert_eq!(first["htu"], "https://as.example/userinfo", "without the query");
    assert!(first.get("nonce").is_none());
    flow.handle_response(at(1), &nonce("n1")).unwrap();
    let second = proof(&sent(flow.poll(at(1))));
    assert_eq!((&second["ath"], &second["nonce"]), (&ATH.into(), &"n1".into()));
    assert_ne!(first["jti"], second["jti"]);
    flow.handle_response(at(2), &json(200, JANE)).unwrap();
    assert_eq!(value(flow.poll(at(2))).subject(), "248289761001");
}

#[test]
fn a_second_challenge_is_the_answer() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let mut flow = ExchangeFlow::new(bound(), entropy()).dpop(Dpop::new(key));
    sent(flow.poll(at(0)));
    flow.handle_response(at(1), &nonce("n1")).unwrap();
    sent(flow.poll(at(1)));
    flow.handle_response(at(2), &nonce("n2")).unwrap();
    let end = error(flow.poll(at(2)));
    let refusal = end.reply().and_then(|reply| reply.refusal()).expect("the challenge");
    assert_eq!(*refusal.code(), ErrorCode::UseDpopNonce);
    let dpop = flow.into_dpop().unwrap();
    assert_eq!(dpop.nonces().get(DOOR, dpop.key()), Some("n2"), "kept for later");
}

#[test]
fn a_certificate_is_a_duty_of_its_client_alone() {
    let alias = "https://mtls.as.example/userinfo";
    let server = server().userinfo_endpoint(DOOR).mtls_endpoint_alias(Endpoint::Userinfo, alias);
    let plain = Client::new(server, CLIENT_ID);
    let bound = plain.clone().auth(TlsClientAuth::new());
    for (client, certificate, place) in [(plain, false, DOOR), (bound, true, alias)] {
        let door = client.userinfo(&bearer()).unwrap();
        let draft = door.draft(now(), &mut entropy()).unwrap();
        assert_eq!(draft.duties().client_certificate, certificate);
        assert_eq!(draft.finish().unwrap().uri(), place);
    }
}

#[test]
fn the_servers_limit_holds() {
    let server = server().userinfo_endpoint(DOOR).body_limit(40);
    let door = Client::new(server, CLIENT_ID).userinfo(&bearer()).unwrap();
    assert_eq!(door.draft(now(), &mut entropy()).unwrap().duties().body_limit, 40);
    assert_eq!(unusable(&door, &json(200, JANE)), Unusable::BodyTooLarge { limit: 40 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// No reply makes it panic, and what it cannot use it keeps.
    #[test]
    fn any_reply(reply in prop_oneof![bytes(&[JANE]).prop_map(|body| json(200, body)), response()]) {
        match door().read(&reply) {
            Ok(told) => {
                prop_assert!(reply.status().is_success() && !told.subject().is_empty());
                let _ = (told.claim::<Value>("address"), format!("{told:?}"));
                let other = door().expect_subject(format!("{}x", told.subject())).read(&reply);
                prop_assert!(other.is_err());
            }
            Err(error) => {
                let _ = format!("{error} {error:?}");
                prop_assert_eq!(error.raw().expose_body(), reply.body());
            }
        }
    }
}
